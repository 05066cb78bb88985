//! Stops of what has an id: they stand until a user takes them away.

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    EventId, EventKind, ScopeKind, StopReason, StopSource, UserId, WorkspaceId, from_millis,
    to_millis,
};
use jooper_storage::tables::{ScopeStopRow, StopCause};
use jooper_storage::{
    Batch, Check, Column, LogEntry, StorageExt, StoreError, Value, Versioned, WitnessEntry, Write,
};
use uuid::Uuid;

use super::error::StopError;
use super::scope::StopScope;
use super::stops::{ATTEMPTS, Stops, dimensions};
use crate::gate::rows::stop_key;
use crate::note::{Note, StoppedScope};

impl Stops {
    /// Ends a person's pause. What else stops the scope stands on: a breaker's stop is reset, an
    /// account is connected again, a restriction is ended. People and domains are not resumed: see
    /// [`Stops::lift`].
    ///
    /// # Errors
    /// As [`Stops::resume_from`].
    pub async fn resume(
        &self,
        ws: WorkspaceId,
        scope: StopScope,
        by: UserId,
    ) -> Result<(), StopError> {
        self.resume_with(ws, scope, by, Batch::new(ws)).await
    }

    /// As [`Stops::resume`], in one commit with what else goes on by it: whoever sees the one sees the
    /// other. Where no pause stands, the batch is committed alone. With [`Stops::as_it_stands`] in it,
    /// nothing is taken away that was stopped, or stopped once more, since then.
    ///
    /// # Errors
    /// As [`Stops::resume_from`]; [`StopError::Contended`] also where a check of the batch did not hold.
    pub async fn resume_with(
        &self,
        ws: WorkspaceId,
        scope: StopScope,
        by: UserId,
        batch: Batch,
    ) -> Result<(), StopError> {
        self.take_away(ws, scope, StopReason::Paused, by, batch)
            .await
    }

    /// Takes a cause away that has ended by itself: nobody decided it. The log names the nil user.
    ///
    /// Only [`StopReason::Unauthenticated`] ends so, once the domain is mended. Every other cause is
    /// taken away by a person, who is named.
    ///
    /// # Errors
    /// [`StopError::NotResumable`] for every other cause; else as [`Stops::resume_from`].
    pub async fn ended(
        &self,
        ws: WorkspaceId,
        scope: StopScope,
        reason: StopReason,
    ) -> Result<(), StopError> {
        if reason != StopReason::Unauthenticated {
            return Err(StopError::NotResumable);
        }
        let nobody = UserId::from_uuid(Uuid::nil());
        self.resume_from(ws, scope, reason, nobody).await
    }

    /// Takes one cause of a standing stop away; the others stand on. Idempotent.
    ///
    /// # Errors
    /// [`StopError::NotResumable`] for people and domains, and of what was ended for good.
    /// [`StopError::Contended`]: call again. [`StopError::Witness`]: it is taken away here, and stands
    /// again in a backup that is restored.
    pub async fn resume_from(
        &self,
        ws: WorkspaceId,
        scope: StopScope,
        reason: StopReason,
        by: UserId,
    ) -> Result<(), StopError> {
        self.take_away(ws, scope, reason, by, Batch::new(ws)).await
    }

    async fn take_away(
        &self,
        ws: WorkspaceId,
        scope: StopScope,
        reason: StopReason,
        by: UserId,
        batch: Batch,
    ) -> Result<(), StopError> {
        if reason == StopReason::Ended {
            return Err(StopError::NotResumable);
        }
        let (kind, id) = scope.standing(ws).ok_or(StopError::NotResumable)?;
        let row = self
            .storage
            .find::<ScopeStopRow>(ws, vec![kind.to_value(), Value::Id(id)])
            .await?;
        let Some(Versioned { record, version }) = row else {
            return self.commit_beside(batch).await;
        };
        let causes = record.causes()?;
        let Some(cause) = causes.iter().find(|cause| cause.reason == reason) else {
            return self.commit_beside(batch).await;
        };
        let key = stop_key(kind, id);
        let batch = match record.without(reason)? {
            Some(rest) => batch.update(&rest, version),
            None => batch
                .check(Check::Version(key.clone(), version))
                .write(Write::Delete(key)),
        };
        let note = Note::Resume {
            scope: StoppedScope::Id(kind, id),
            by,
            reason: Some(reason),
        };
        let batch = batch.append(LogEntry {
            id: EventId::from_source(
                EventKind::Resumed,
                &[
                    &kind.code().to_be_bytes(),
                    id.as_bytes(),
                    &to_millis(cause.since).to_be_bytes(),
                    &version.to_be_bytes(),
                ],
            ),
            at: self.wall.now(),
            kind: EventKind::Resumed,
            dimensions: dimensions(&scope, Some(reason)),
            lead: scope.lead(),
            subject: scope.lead().map(Into::into),
            payload: Some(note.to_payload()),
            rollups: Vec::new(),
        });
        self.commit_beside(batch).await?;
        // Last: what a crash in between leaves is more stopped after a restore, never less.
        let resumed = WitnessEntry::Resumed {
            workspace: ws,
            scope: kind,
            id,
            reason,
            since: cause.since,
        };
        self.witness.append(self.wall.now(), &[resumed]).await?;
        Ok(())
    }

    async fn commit_beside(&self, batch: Batch) -> Result<(), StopError> {
        match self.storage.commit(batch).await {
            Err(StoreError::Conflict { .. }) => Err(StopError::Contended),
            other => Ok(other?),
        }
    }

    /// Everything that stops a scope at present, the weightiest cause first; empty when nothing does.
    /// Of a person or a domain: nothing, they are on the list.
    ///
    /// # Errors
    /// As [`jooper_storage::Storage::get`].
    pub async fn causes(
        &self,
        ws: WorkspaceId,
        scope: &StopScope,
    ) -> Result<Vec<StopCause>, StoreError> {
        let Some((kind, id)) = scope.standing(ws) else {
            return Ok(Vec::new());
        };
        let key = vec![kind.to_value(), Value::Id(id)];
        let row = self.storage.find::<ScopeStopRow>(ws, key).await?;
        row.map_or_else(|| Ok(Vec::new()), |row| row.record.causes())
    }

    /// A check that holds until anybody stops the scope, though it is stopped already, or takes a cause
    /// away.
    ///
    /// # Errors
    /// [`StopError::NotResumable`] for people and domains. [`StopError::Store`].
    pub async fn as_it_stands(
        &self,
        ws: WorkspaceId,
        scope: &StopScope,
    ) -> Result<Check, StopError> {
        let (kind, id) = scope.standing(ws).ok_or(StopError::NotResumable)?;
        let key = vec![kind.to_value(), Value::Id(id)];
        let row = self.storage.find::<ScopeStopRow>(ws, key).await?;
        let key = stop_key(kind, id);
        Ok(match row {
            Some(row) => Check::Version(key, row.version),
            None => Check::Absent(key),
        })
    }

    /// Has a cause stand, in the witness before it does in the data: a backup that is restored knows
    /// it then. Both know it since the same moment, by which a resume tells it from a later one. Where the
    /// witness cannot be written it stands in the data all the same, and the caller hears that it is not whole.
    pub(super) async fn commit_standing(
        &self,
        ws: WorkspaceId,
        scope: ScopeKind,
        id: Uuid,
        reason: StopReason,
        source: StopSource,
    ) -> Result<(), StopError> {
        // As finely as stores keep it.
        let now = from_millis(to_millis(self.wall.now()));
        let mut told: Option<Timestamp> = None;
        let mut unheard = None;
        for _ in 0..ATTEMPTS {
            let key = vec![scope.to_value(), Value::Id(id)];
            let found = self.storage.find::<ScopeStopRow>(ws, key).await?;
            let known = match &found {
                Some(row) => row.record.causes()?,
                None => Vec::new(),
            };
            let stands = known.into_iter().find(|cause| cause.reason == reason);
            let since = match (stands, told) {
                (Some(cause), _) => cause.since,
                // Later than one that went meanwhile: the word of its resume may come behind this one's.
                (None, Some(told)) => now.max(told + SignedDuration::from_millis(1)),
                (None, None) => now,
            };
            if told != Some(since) {
                let stopped = WitnessEntry::Stopped {
                    workspace: ws,
                    scope,
                    id,
                    reason,
                    source,
                    since,
                };
                unheard = self.witness.append(self.wall.now(), &[stopped]).await.err();
                told = Some(since);
            }
            let cause = StopCause {
                reason,
                source,
                since,
            };
            let batch = match found {
                // Said once more: a resume that began before sees that.
                Some(Versioned { record, version }) if stands.is_some() => {
                    Batch::new(ws).update(&record, version)
                }
                None => {
                    let row = ScopeStopRow::of(scope, id, vec![cause]);
                    row.iter().fold(Batch::new(ws), Batch::insert)
                }
                Some(Versioned { record, version }) => {
                    Batch::new(ws).update(&record.with(cause)?, version)
                }
            };
            match self.storage.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => {
                    other?;
                    return unheard.map_or(Ok(()), |error| Err(error.into()));
                }
            }
        }
        Err(StopError::Contended)
    }
}
