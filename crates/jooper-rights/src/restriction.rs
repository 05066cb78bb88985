//! Restriction: the data stays, its use stops (GDPR Art. 18).

use jooper_consent::{StopAck, StopScope};
use jooper_core::{LeadId, LeadState, StopReason, StopSource, UserId, WorkspaceId};
use jooper_storage::tables::LeadRow;
use jooper_storage::{Batch, Column, Storage, StorageExt, StoreError, Versioned, WitnessEntry};

use crate::error::RightsError;
use crate::rights::Rights;

/// How often a row that changed in between is read again.
const ATTEMPTS: usize = 16;

/// What somebody wants to do with a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Use {
    /// Mail, score, segment, show in lists, change.
    Product,
    /// Answer a request of the person.
    Rights,
    /// Establish, exercise or defend legal claims, or what a law demands.
    Legal,
    /// Find and end a security incident.
    Security,
    /// Store it and nothing else: backups, re-wrapping keys.
    Storage,
}

/// Whether a lead in this state may be used so (GDPR Art. 18(2) for restricted ones).
pub const fn may_use(state: LeadState, wanted: Use) -> bool {
    match state {
        LeadState::Active => true,
        LeadState::Restricted => !matches!(wanted, Use::Product),
        LeadState::Held => matches!(wanted, Use::Legal | Use::Storage),
        // A state of a newer version: the strictest.
        _ => matches!(wanted, Use::Storage),
    }
}

impl Rights {
    /// Restricts a lead: no send starts any more, the row says so. Idempotent.
    ///
    /// The witness comes first, so that a restored backup restricts the lead again; then the stop, so that a crash in between leaves more blocked, never less. A lead
    /// that a law holds stays held, which allows less still; its restriction is the stop alone.
    ///
    /// # Errors
    /// [`RightsError::NoLead`]; [`RightsError::Stop`] and [`RightsError::Store`]: call again.
    pub async fn restrict_lead(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
    ) -> Result<StopAck, RightsError> {
        self.lead(ws, lead).await?;
        let (workspace, subject) = (ws, lead.into());
        let entry = WitnessEntry::Restricted { workspace, subject };
        self.witness.append(self.clock.now(), &[entry]).await?;
        let ack = self
            .stops
            .stop(
                ws,
                StopScope::Lead(lead),
                StopReason::Restricted,
                StopSource::Person,
            )
            .await?;
        let (from, state) = (LeadState::Active, LeadState::Restricted);
        move_state(&*self.storage, ws, lead, from, state).await?;
        Ok(ack)
    }

    /// Ends a restriction, by a named user. The person must have been told (Art. 18(3)). What else
    /// stops the lead stands on. Listeners hear of it, so that what waited goes on at once; where
    /// nobody listens, mails go within an hour.
    ///
    /// # Errors
    /// As [`Rights::restrict_lead`]; [`RightsError::Listener`]: the restriction has ended, call again
    /// to tell the listeners.
    pub async fn end_restriction(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        by: UserId,
    ) -> Result<(), RightsError> {
        self.lead(ws, lead).await?;
        let (from, state) = (LeadState::Restricted, LeadState::Active);
        move_state(&*self.storage, ws, lead, from, state).await?;
        let (scope, reason) = (StopScope::Lead(lead), StopReason::Restricted);
        self.stops.resume_from(ws, scope, reason, by).await?;
        // Last: what a crash in between leaves is more blocked, never less.
        let (workspace, subject) = (ws, lead.into());
        let entry = WitnessEntry::Unrestricted { workspace, subject };
        self.witness.append(self.clock.now(), &[entry]).await?;
        for listener in &self.listeners {
            let told = listener.unrestricted(ws, lead).await;
            told.map_err(|source| RightsError::Listener { lead, source })?;
        }
        Ok(())
    }

    pub(crate) async fn lead(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
    ) -> Result<Versioned<LeadRow>, RightsError> {
        let row = self.storage.find(ws, vec![lead.to_value()]).await?;
        row.ok_or(RightsError::NoLead { lead })
    }
}

/// Any other state than `from` stands for a reason of its own. A lead that is not there has none.
pub(crate) async fn move_state(
    storage: &dyn Storage,
    ws: WorkspaceId,
    lead: LeadId,
    from: LeadState,
    state: LeadState,
) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let row = storage.find::<LeadRow>(ws, vec![lead.to_value()]).await?;
        let Some(Versioned { record, version }) = row.filter(|row| row.record.state == from) else {
            return Ok(());
        };
        let record = LeadRow { state, ..record };
        let batch = Batch::new(ws).update(&record, version);
        match storage.commit(batch).await {
            Err(error) if error.is_conflict() => {}
            other => return other,
        }
    }
    Err(StoreError::Busy(None))
}
