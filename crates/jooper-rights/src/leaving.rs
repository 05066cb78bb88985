//! A tenant leaves: everything stops, the people's data goes, the lists stay.

use jooper_consent::{StopAck, StopScope, erased_fact, forget_mails};
use jooper_core::{LeadId, LeadState, StopReason, StopSource, WorkspaceId, WorkspaceState};
use jooper_storage::tables::{CONTACT_FENCE, ContactFenceRow, LEAD, LeadRow, WorkspaceRow};
use jooper_storage::{Batch, Column, Erase, Scan, StorageExt, StoreError, Versioned, WitnessEntry};

use crate::error::RightsError;
use crate::replay::erase_rows;
use crate::rights::Rights;

/// How often a row that changed in between is read again.
const ATTEMPTS: usize = 16;
/// How many leads one page names.
const PAGE: usize = 200;

/// What leaving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Left {
    /// From when on no send of the workspace starts.
    pub stopped: StopAck,
    /// How many leads were removed by this call.
    pub leads: u64,
    /// How many stay because their data is held for a legal claim.
    pub held: u64,
}

impl Rights {
    /// Ends a workspace: no send of it starts any more, and the data and keys of all its leads are
    /// removed. Idempotent and safe to stop anywhere: call again.
    ///
    /// The workspace's list and the platform's stay (law L5): under keyed indexes, so that nobody who
    /// objected is mailed if the tenant comes back, or by another tenant. So do the witness, the log
    /// without its contents, and the counts. Restricted leads go as well: their tenant has no use
    /// for them any more. Held ones stay until their hold ends: call again then. Export what the tenant takes along, and disconnect its mailboxes, before.
    ///
    /// # Errors
    /// [`RightsError`]: call again as [`RightsError::retry`] says. [`StoreError::Invalid`] for a
    /// workspace that does not exist.
    pub async fn leave(&self, ws: WorkspaceId) -> Result<Left, RightsError> {
        // First of all: the gate then lets nothing out, whatever becomes of the rest.
        self.set_leaving(ws).await?;
        let stopped = self
            .stops
            .stop(
                ws,
                StopScope::Workspace,
                StopReason::Disconnected,
                StopSource::User,
            )
            .await?;
        let (mut leads, mut held) = (0, 0);
        let mut after = None;
        loop {
            let scan = Scan::table(&LEAD).limit(PAGE).after(after);
            let page = self.storage.page::<LeadRow>(ws, scan).await?;
            for Versioned { record, .. } in page.records {
                if record.state == LeadState::Held {
                    held += 1;
                    continue;
                }
                self.remove_lead(ws, record.id).await?;
                leads += 1;
            }
            after = page.next;
            if after.is_none() {
                self.forget_deleted(ws).await?;
                return Ok(Left {
                    stopped,
                    leads,
                    held,
                });
            }
        }
    }

    async fn remove_lead(&self, workspace: WorkspaceId, lead: LeadId) -> Result<(), RightsError> {
        let subject = lead.into();
        // Before the rows go, so that a backup that is put back forgets the lead as well.
        let entry = WitnessEntry::Erased { workspace, subject };
        let now = self.clock.now();
        self.witness.append(now, &[entry]).await?;
        let said = Batch::new(workspace).append(erased_fact(lead, now));
        self.storage.commit(said).await?;
        erase_rows(&*self.storage, Erase { workspace, subject }).await?;
        Ok(())
    }

    /// Forgets which mails people had whose leads were deleted before.
    async fn forget_deleted(&self, ws: WorkspaceId) -> Result<(), RightsError> {
        let all = Scan::table(&CONTACT_FENCE).limit(PAGE);
        let mut after = None;
        loop {
            let scan = all.clone().after(after);
            let page = self.storage.page::<ContactFenceRow>(ws, scan).await?;
            let known = page.records.iter().map(|found| &found.record);
            let mut batch = Batch::new(ws).bulk();
            for row in known.filter(|row| row.earlier.is_some()) {
                batch = forget_mails(batch, row.contact_index);
            }
            if !batch.writes.is_empty() {
                self.storage.commit(batch).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn set_leaving(&self, ws: WorkspaceId) -> Result<(), RightsError> {
        for _ in 0..ATTEMPTS {
            let row = self.storage.find::<WorkspaceRow>(ws, vec![ws.to_value()]);
            let Some(Versioned { record, version }) = row.await? else {
                let said = "there is no such workspace".to_owned();
                return Err(StoreError::Invalid(said).into());
            };
            if record.state == WorkspaceState::Leaving {
                return Ok(());
            }
            let record = WorkspaceRow {
                state: WorkspaceState::Leaving,
                ..record
            };
            let batch = Batch::new(ws).update(&record, version);
            match self.storage.commit(batch).await {
                Err(error) if error.is_conflict() => {}
                other => return Ok(other?),
            }
        }
        Err(StoreError::Busy(None).into())
    }
}
