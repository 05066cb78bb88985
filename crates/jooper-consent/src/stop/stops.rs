//! Stopping.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    Clock, Dimensions, EventId, EventKind, KeyedIndex, LeaseClock, LeaseInstant, MailboxId,
    Sleeper, StopReason, StopSource, UserId, WorkspaceId, to_millis,
};
use jooper_storage::tables::{
    ContactFenceRow, DO_NOT_CONTACT, DoNotContactRow, SCOPE_STOP, ScopeStopRow, SuppressionRow,
};
use jooper_storage::{
    Batch, Check, Column, Key, LogEntry, Record, Scope, Storage, StorageExt, StoreError, Versioned,
    Witness, WitnessEntry, Write,
};

use super::error::StopError;
use super::lift::PersonalAct;
use super::scope::StopScope;
use super::wait::{Outlived, a_lease, until_quiet};
use crate::gate::PERMIT_LEASE;
use crate::gate::rows::{stop_key, suppression_key};
use crate::memory::forget_mails;
use crate::note::{Note, StopNote, StoppedScope};

/// How often a stop is committed anew because a row changed before its commit.
pub(super) const ATTEMPTS: usize = 32;

/// The one verb for every stop. One per process; shared by reference.
#[derive(Debug, Clone)]
pub struct Stops {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) witness: Arc<dyn Witness>,
    pub(crate) wall: Arc<dyn Clock>,
    lease: Arc<dyn LeaseClock>,
    sleeper: Arc<dyn Sleeper>,
    outlived: Arc<Outlived>,
}

/// The promise that no send in the scope starts any more (law L4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopAck {
    /// From when on the promise holds, by the store's clock.
    pub acknowledged_at: Timestamp,
    /// The same moment by the wall clock.
    pub at: Timestamp,
    /// How long it took from the call to the promise, by the lease clock.
    pub took: Duration,
}

pub(crate) fn lease() -> SignedDuration {
    SignedDuration::try_from(PERMIT_LEASE).unwrap_or(SignedDuration::MAX)
}

impl Stops {
    /// Stops over a store and its witness.
    pub fn new(
        storage: Arc<dyn Storage>,
        witness: Arc<dyn Witness>,
        wall: Arc<dyn Clock>,
        lease: Arc<dyn LeaseClock>,
        sleeper: Arc<dyn Sleeper>,
    ) -> Self {
        Self {
            storage,
            witness,
            wall,
            lease,
            sleeper,
            outlived: Arc::default(),
        }
    }

    /// Stops everything in a scope, and returns when no send in it starts any more.
    ///
    /// A person or a domain goes on the list for good (law L5): first in the witness, then, in
    /// one commit with the person's fence row, in the data. How much of the witness the data knows
    /// is not moved here: a stop that is witnessed before this one may not be committed yet. Anything
    /// else gets a standing stop, in the witness first as well, that a user can take away, one cause
    /// beside another: a person's pause and a breaker's stop of the same mailbox are two. Takes up to one lease (10 s) while a permit is out. Idempotent:
    /// after an error or a crash, call again. An entry that stands already keeps its time beside
    /// that of the renewal, and takes the weightier of two reasons; a bounce or a complaint stays
    /// beside it.
    ///
    /// # Errors
    /// [`StopError`]: not acknowledged; call again. [`StopError::Contended`] also where somebody took
    /// the stop away while this waited: nothing is promised then.
    pub async fn stop(
        &self,
        ws: WorkspaceId,
        scope: StopScope,
        reason: StopReason,
        source: StopSource,
    ) -> Result<StopAck, StopError> {
        let began = self.lease.now();
        let provisional = reason == StopReason::StopWords;
        self.witness_listed(ws, &scope, reason, source).await?;
        match scope.standing(ws) {
            Some((kind, id)) => self.commit_standing(ws, kind, id, reason, source).await?,
            None => {
                self.commit_listed(ws, &scope, reason, source, provisional)
                    .await?;
            }
        }
        // Where the store cannot show every permit at once, none can outlive a whole lease. A person
        // is exempt: gate and stop both write that person's fence row.
        let whole =
            !self.storage.capabilities().serializable && !matches!(scope, StopScope::Person { .. });
        let acknowledged_at = until_quiet(
            &*self.storage,
            &*self.sleeper,
            &*self.lease,
            (ws, &scope),
            &self.outlived,
            whole,
        )
        .await?;
        self.acknowledge(ws, &scope, reason, source, acknowledged_at, began)
            .await
    }

    /// Says that a stop holds, in one commit with a look at what it wrote: a lift or a resume may
    /// have come while it waited, and what is not there any more is not promised.
    async fn acknowledge(
        &self,
        ws: WorkspaceId,
        scope: &StopScope,
        reason: StopReason,
        source: StopSource,
        acknowledged_at: Timestamp,
        began: LeaseInstant,
    ) -> Result<StopAck, StopError> {
        for _ in 0..ATTEMPTS {
            let at = self.wall.now();
            let mut batch = Batch::new(ws);
            for check in self.still_stands(ws, scope, reason).await? {
                batch = batch.check(check);
            }
            let entry = entry(ws, scope, reason, source, at, acknowledged_at);
            match self.storage.commit(batch.append(entry)).await {
                // Renewed, or stopped for another reason as well: look again.
                Err(StoreError::Conflict { .. }) => {}
                other => {
                    other?;
                    return Ok(StopAck {
                        acknowledged_at,
                        at,
                        took: self.lease.now().since(began),
                    });
                }
            }
        }
        Err(StopError::Contended)
    }

    /// The rows of a stop as they stand now.
    async fn still_stands(
        &self,
        ws: WorkspaceId,
        scope: &StopScope,
        reason: StopReason,
    ) -> Result<Vec<Check>, StopError> {
        let keys: Vec<Key> = match scope.standing(ws) {
            Some((kind, id)) => vec![stop_key(kind, id)],
            None => scope.listed().into_iter().map(suppression_key).collect(),
        };
        let rows = self.storage.get(Scope::Workspace(ws), &keys).await?;
        let mut checks = Vec::with_capacity(keys.len());
        for (key, row) in keys.into_iter().zip(rows) {
            let row = row.ok_or(StopError::Contended)?;
            if key.table().name == SCOPE_STOP.name
                && !ScopeStopRow::from_values(row.values)?.stands_for(reason)?
            {
                return Err(StopError::Contended);
            }
            checks.push(Check::Version(key, row.version));
        }
        Ok(checks)
    }

    /// Puts a person on the platform's list: no workspace mails them any more.
    ///
    /// Only the person can: by what they did on their preference page or wrote, for a reason that a
    /// person gives. The entry stands since the act. Acknowledged one lease after its commit, since
    /// no fence row of a workspace can be taken from here.
    ///
    /// # Errors
    /// [`StopError::NotTheirAct`] when no person said so, or only in the future; nothing is listed.
    /// Any other: not acknowledged; call again.
    pub async fn do_not_contact(
        &self,
        platform_variants: &[KeyedIndex],
        reason: StopReason,
        act: PersonalAct,
    ) -> Result<StopAck, StopError> {
        let began = self.lease.now();
        let at = self.wall.now();
        if !act.objects(reason) || act.at > at {
            return Err(StopError::NotTheirAct(reason));
        }
        let entries: Vec<_> = platform_variants
            .iter()
            .map(|index| WitnessEntry::DoNotContact {
                index: *index,
                reason,
                proof: Some(act.proof),
            })
            .collect();
        self.witness.append(at, &entries).await?;
        let mut batch = Batch::new(Scope::Platform);
        for index in platform_variants {
            let row = DoNotContactRow {
                index: *index,
                reason,
                since: act.at,
            };
            let key = Key::new(&DO_NOT_CONTACT, vec![index.to_value()]);
            batch = batch.write(Write::Upsert(key, row.to_values(), Vec::new()));
        }
        self.storage.commit(batch).await?;
        let acknowledged_at = a_lease(&*self.storage, &*self.sleeper, &*self.lease).await?;
        Ok(StopAck {
            acknowledged_at,
            at: self.wall.now(),
            took: self.lease.now().since(began),
        })
    }

    async fn witness_listed(
        &self,
        ws: WorkspaceId,
        scope: &StopScope,
        reason: StopReason,
        source: StopSource,
    ) -> Result<(), StopError> {
        let beside = scope.kept_beside();
        let reasons = || [Some(reason), beside].into_iter().flatten();
        let listed = scope.listed().into_iter();
        let listed = listed.flat_map(|index| reasons().map(move |reason| (index, reason)));
        let entries: Vec<_> = listed
            .map(|(index, reason)| WitnessEntry::Suppressed {
                workspace: ws,
                index,
                reason,
                source,
            })
            .collect();
        if !entries.is_empty() {
            self.witness.append(self.wall.now(), &entries).await?;
        }
        Ok(())
    }

    async fn commit_listed(
        &self,
        ws: WorkspaceId,
        scope: &StopScope,
        reason: StopReason,
        source: StopSource,
        provisional: bool,
    ) -> Result<(), StopError> {
        let since = self.wall.now();
        for _ in 0..ATTEMPTS {
            let mut batch = Batch::new(ws);
            if let StopScope::Person { .. } = scope {
                // Of every form: a send to another address of the mailbox takes that one's row.
                for form in scope.listed() {
                    let fence = ContactFenceRow::of(form);
                    batch = batch.write(Write::Upsert(fence.key(), fence.to_values(), Vec::new()));
                }
                // Also of somebody whose lead was deleted before: nothing else would forget it.
                if reason == StopReason::Erased {
                    batch = scope.listed().into_iter().fold(batch, forget_mails);
                }
            }
            for index in scope.listed() {
                let row = SuppressionRow {
                    index,
                    reason,
                    source,
                    since,
                    provisional,
                    renewed_at: None,
                    beside: scope.kept_beside(),
                };
                batch = self.list(ws, batch, row).await?;
            }
            match self.storage.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return Ok(other?),
            }
        }
        Err(StopError::Contended)
    }

    /// Adds one entry to the list, or raises the one that stands there. Never lowers it.
    pub(super) async fn list(
        &self,
        ws: WorkspaceId,
        batch: Batch,
        row: SuppressionRow,
    ) -> Result<Batch, StopError> {
        let key = suppression_key(row.index);
        let standing = self
            .storage
            .find::<SuppressionRow>(ws, key.values().to_vec())
            .await?;
        let Some(Versioned { record, version }) = standing else {
            return Ok(batch.insert(&row));
        };
        let raised = record.raised_by(&row);
        if raised == record {
            return Ok(batch.check(Check::Version(key, version)));
        }
        Ok(batch.update(&raised, version))
    }
}

pub(super) fn dimensions(scope: &StopScope, reason: Option<StopReason>) -> Dimensions {
    let mut dimensions = Dimensions {
        reason: reason.map(StopReason::code),
        ..Dimensions::default()
    };
    match scope {
        StopScope::Campaign(id) => dimensions.campaign = Some(*id),
        StopScope::Mailbox(id) => dimensions.mailbox = Some(*id),
        StopScope::Domain(index) => dimensions.domain = Some(*index),
        _ => {}
    }
    dimensions
}

/// The fact that a stop was acknowledged.
fn entry(
    ws: WorkspaceId,
    scope: &StopScope,
    reason: StopReason,
    source: StopSource,
    at: Timestamp,
    acknowledged_at: Timestamp,
) -> LogEntry {
    let stopped = scope.stopped(ws);
    let note = Note::Stop(StopNote {
        scope: stopped,
        reason,
        source,
        acknowledged_at,
        recalled: false,
    });
    let mut parts: Vec<Vec<u8>> = vec![match stopped {
        StoppedScope::Contact(index)
        | StoppedScope::Domain(index)
        | StoppedScope::Listed(index) => index.as_bytes().to_vec(),
        StoppedScope::Id(_, id) => id.as_bytes().to_vec(),
    }];
    parts.push(reason.code().to_be_bytes().to_vec());
    parts.push(to_millis(at).to_be_bytes().to_vec());
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    LogEntry {
        id: EventId::from_source(EventKind::Stopped, &parts),
        at,
        kind: EventKind::Stopped,
        dimensions: dimensions(scope, Some(reason)),
        lead: scope.lead(),
        subject: scope.lead().map(Into::into),
        payload: Some(note.to_payload()),
        rollups: Vec::new(),
    }
}

impl Stops {
    /// Writes down where a restore does not reach that a person declared a mailbox not to be new. No stop:
    /// the witness is kept here.
    ///
    /// # Errors
    /// [`StopError::Witness`]: it holds here, and is not known in a backup that is restored; call again.
    pub async fn tell_seasoned(
        &self,
        workspace: WorkspaceId,
        mailbox: MailboxId,
    ) -> Result<(), StopError> {
        let entry = WitnessEntry::Seasoned { workspace, mailbox };
        self.witness.append(self.wall.now(), &[entry]).await?;
        Ok(())
    }
}

/// The fact that a user let a campaign go on behind its first sample: no stop was taken away.
pub(crate) fn sample_cleared(
    at: Timestamp,
    campaign: jooper_core::CampaignId,
    by: UserId,
) -> LogEntry {
    let scope = StopScope::Campaign(campaign);
    let note = Note::SampleCleared { campaign, by };
    LogEntry {
        id: EventId::from_source(
            EventKind::Resumed,
            &[campaign.uuid().as_bytes(), &to_millis(at).to_be_bytes()],
        ),
        at,
        kind: EventKind::Resumed,
        dimensions: dimensions(&scope, None),
        lead: None,
        subject: None,
        payload: Some(note.to_payload()),
        rollups: Vec::new(),
    }
}
