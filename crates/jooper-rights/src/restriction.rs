//! Restriction: the data stays, its use stops (GDPR Art. 18).

use jooper_consent::{StopAck, StopScope};
use jooper_core::{LeadId, LeadState, StopReason, StopSource, UserId, WorkspaceId};
use jooper_storage::tables::LeadRow;
use jooper_storage::{Batch, Column, Storage, StorageExt, StoreError, Versioned, WitnessEntry};

use crate::error::RightsError;
use crate::rights::Rights;

/// How often a row that changed in between is read again.
const ATTEMPTS: usize = 16;

/// How many records of the witness are read at once.
const PAGE: usize = 1000;

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
    /// The witness comes first, so that a restored backup restricts the lead again; then the stop, so
    /// that a crash in between leaves more blocked, never less. A lead that a law holds stays held,
    /// which allows less still; its restriction is the stop alone. Beside the end of an earlier
    /// restriction the witness says in the end what the row says.
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
        let told = self.witness.append(self.clock.now(), &[entry]).await?;
        let ack = self.stop_restricted(ws, lead).await?;
        let (from, state) = (LeadState::Active, LeadState::Restricted);
        move_state(&*self.storage, ws, lead, from, state).await?;
        let again = self.agree(ws, lead, told).await?;
        Ok(again.unwrap_or(ack))
    }

    async fn stop_restricted(&self, ws: WorkspaceId, lead: LeadId) -> Result<StopAck, RightsError> {
        let (scope, reason) = (StopScope::Lead(lead), StopReason::Restricted);
        let stopped = self.stops.stop(ws, scope, reason, StopSource::Person);
        Ok(stopped.await?)
    }

    /// Has the witness say last what the row says: a restriction and the end of another, beside each
    /// other, may have told it in another order than they changed the row. Whoever changes the row
    /// looks behind their change, so that the last of them sees what all have told. `told`: where the
    /// caller's own entry stands. Returns the stop, where it had to be set once more.
    async fn agree(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        told: u64,
    ) -> Result<Option<StopAck>, RightsError> {
        let (workspace, subject) = (ws, lead.into());
        let restricted = WitnessEntry::Restricted { workspace, subject };
        let unrestricted = WitnessEntry::Unrestricted { workspace, subject };
        // The caller's own entry is among those that are read.
        let (mut after, mut last, mut ack) = (told.saturating_sub(1), None, None);
        for _ in 0..ATTEMPTS {
            let row = self.storage.find::<LeadRow>(ws, vec![lead.to_value()]);
            let entry = match row.await?.map(|row| row.record.state) {
                Some(LeadState::Restricted) => &restricted,
                Some(LeadState::Active) => &unrestricted,
                // What a law holds, or what is erased, is another reason's.
                _ => return Ok(ack),
            };
            loop {
                let records = self.witness.read(after, PAGE).await?;
                for record in &records {
                    after = record.position;
                    if [&restricted, &unrestricted].contains(&&record.entry) {
                        last = Some(record.entry.clone());
                    }
                }
                if records.len() < PAGE {
                    break;
                }
            }
            if last.as_ref() == Some(entry) {
                return Ok(ack);
            }
            let at = self.clock.now();
            self.witness.append(at, std::slice::from_ref(entry)).await?;
            if *entry == restricted {
                // The end of the other one may have taken the stop with it.
                ack = Some(self.stop_restricted(ws, lead).await?);
            }
        }
        Err(RightsError::Store(StoreError::Busy(None)))
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
        let told = self.witness.append(self.clock.now(), &[entry]).await?;
        self.agree(ws, lead, told).await?;
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
