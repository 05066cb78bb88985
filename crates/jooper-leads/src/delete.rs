//! Deleting a lead.
//!
//! It takes nobody off a list (law L5): entries are kept under the person's keyed indexes, not under
//! the lead. Erasure, which also puts the person on the list and proves itself, is a right of the
//! person and not done here.

use jooper_core::{EnrollmentState, LeadId, LeadState, SubjectId, WorkspaceId};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LeadRow};
use jooper_storage::{
    Batch, Check, Column, Erase, Record, Scan, Storage, StorageExt, StoreError, Versioned, Write,
};

use crate::error::LeadsError;
use crate::leads::Leads;

/// How often to look for rows that a late writer added.
const LOOKS: usize = 16;

impl Leads {
    /// Deletes a lead that no campaign is writing to: its profile, addresses, bases and
    /// conversations, and their key. Sends that were made stay as counts. Idempotent: after an error
    /// or a crash, call again.
    ///
    /// Whoever is on a list stays there. Whoever is not may be imported again: a person who asks to
    /// be forgotten is erased instead.
    ///
    /// # Errors
    /// [`LeadsError::Restricted`], [`LeadsError::Enrolled`]: nothing was deleted.
    pub async fn delete(&self, ws: WorkspaceId, lead: LeadId) -> Result<(), LeadsError> {
        if let Some(row) = self.row(ws, lead).await? {
            usable(&row)?;
            self.idle(ws, lead).await?;
            // The row goes first, as it was looked at: whoever restricts meanwhile wins.
            let key = row.record.key();
            let batch = Batch::new(ws)
                .check(Check::Version(key.clone(), row.version))
                .write(Write::Delete(key));
            self.storage.commit(batch).await?;
        }
        self.remove_rest(ws, lead).await
    }

    pub(crate) async fn row(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
    ) -> Result<Option<Versioned<LeadRow>>, LeadsError> {
        Ok(self.storage.find(ws, vec![lead.to_value()]).await?)
    }

    async fn idle(&self, ws: WorkspaceId, lead: LeadId) -> Result<(), LeadsError> {
        let rows = self
            .storage
            .collect::<EnrollmentRow>(ws, enrollments(lead))
            .await?;
        let busy = rows
            .iter()
            .any(|row| row.record.state != EnrollmentState::Finished);
        if busy {
            return Err(LeadsError::Enrolled { lead });
        }
        Ok(())
    }

    /// Whatever still belongs to a lead whose row is gone, its key included.
    pub(crate) async fn remove_rest(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<(), LeadsError> {
        let subject = SubjectId::from(lead);
        // A writer that was late by a moment is found by the second look.
        for _ in 0..LOOKS {
            let done = self.storage.erase(Erase { workspace, subject }).await?;
            if done.deleted + done.scrubbed + done.payloads == 0 {
                return Ok(());
            }
        }
        Err(StoreError::Busy(None).into())
    }
}

pub(crate) fn enrollments(lead: LeadId) -> Scan {
    Scan::table(&ENROLLMENT)
        .by("by_lead")
        .prefix(vec![lead.to_value()])
}

/// What is restricted or held is stored and nothing else (GDPR Art. 18).
pub(crate) fn usable(row: &Versioned<LeadRow>) -> Result<(), LeadsError> {
    if row.record.state == LeadState::Active {
        return Ok(());
    }
    Err(LeadsError::Restricted {
        lead: row.record.id,
    })
}
