//! Deleting a lead.
//!
//! It takes nobody off a list (law L5): entries are kept under the person's keyed indexes, not under
//! the lead. So is when and how often the person was written to: whoever imports them anew writes no
//! sooner and no more often, as long as that counts. Erasure, which also puts the person on the list and proves itself, is a
//! right of the person and not done here.

use std::collections::{BTreeMap, BTreeSet};

use jooper_consent::{MailMemory, erased_fact};
use jooper_core::{
    CampaignId, EnrollmentState, KeyedIndex, LeadId, LeadState, SubjectId, WorkspaceId,
};
use jooper_storage::tables::{
    ENROLLMENT, EarlierMails, EnrollmentRow, LEAD_ADDRESS, LeadAddressRow, LeadRow,
};
use jooper_storage::{
    Batch, Check, Column, Erase, Record, Scan, Storage, StorageExt, StoreError, Versioned, Write,
};

use crate::error::LeadsError;
use crate::leads::Leads;

/// How often a deletion begins anew because rows changed under it.
const ATTEMPTS: usize = 16;

/// How often to look for rows that a late writer added.
const LOOKS: usize = 16;

impl Leads {
    /// Deletes a lead that no campaign is writing to: its profile, addresses, bases and
    /// conversations, and their key. Sends that were made stay as counts. Idempotent: after an error
    /// or a crash, call again.
    ///
    /// Whoever is on a list stays there. Whoever is not may be imported again: a person who asks to
    /// be forgotten is erased instead. What campaigns wrote to them, how many mails and when the last
    /// one, is kept with the fence row of each address for as long as it counts; of whoever was erased,
    /// objected or wants no more mail, nothing is.
    ///
    /// # Errors
    /// [`LeadsError::Restricted`], [`LeadsError::Enrolled`]: nothing was deleted.
    pub async fn delete(&self, ws: WorkspaceId, lead: LeadId) -> Result<(), LeadsError> {
        for _ in 0..ATTEMPTS {
            let Some(row) = self.row(ws, lead).await? else {
                return self.remove_rest(ws, lead).await;
            };
            usable(&row)?;
            // Read before the enrollments: a mail that is let out meanwhile moves one of them.
            let memories = self.memories(ws, &row.record).await?;
            let earlier = self.idle(ws, lead).await?;
            // The row goes first, as it was looked at: whoever restricts meanwhile wins.
            let key = row.record.key();
            let mut batch = Batch::new(ws)
                .check(Check::Version(key.clone(), row.version))
                .write(Write::Delete(key))
                .append(erased_fact(lead, self.clock.now()));
            for memory in memories {
                batch = memory.remember(&earlier, batch)?;
            }
            match self.storage.commit(batch).await {
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return self.remove_rest(ws, lead).await,
            }
        }
        Err(StoreError::Busy(None).into())
    }

    /// What is remembered under each of a lead's addresses.
    async fn memories(
        &self,
        ws: WorkspaceId,
        lead: &LeadRow,
    ) -> Result<Vec<MailMemory>, LeadsError> {
        let scan = Scan::table(&LEAD_ADDRESS)
            .by("by_lead")
            .prefix(vec![lead.id.to_value()]);
        let addresses = self.storage.collect::<LeadAddressRow>(ws, scan).await?;
        let addresses = addresses.iter().map(|row| row.record.contact_index);
        let contacts: BTreeSet<KeyedIndex> = addresses.chain([lead.contact_index]).collect();
        let mut memories = Vec::with_capacity(contacts.len());
        for contact in contacts {
            memories.push(MailMemory::read(&*self.storage, ws, contact).await?);
        }
        Ok(memories)
    }

    pub(crate) async fn row(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
    ) -> Result<Option<Versioned<LeadRow>>, LeadsError> {
        Ok(self.storage.find(ws, vec![lead.to_value()]).await?)
    }

    /// What campaigns wrote to a lead, if none of them is writing to it any more.
    async fn idle(&self, ws: WorkspaceId, lead: LeadId) -> Result<Vec<EarlierMails>, LeadsError> {
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
        let mut earlier: BTreeMap<CampaignId, EarlierMails> = BTreeMap::new();
        for row in rows.into_iter().map(|row| row.record) {
            let Some(last_at) = row.last_sent_at else {
                continue;
            };
            // A mail of unknown fate has a time, and is not counted as sent.
            let mails = row.sent.max(1);
            let campaign = row.campaign;
            let known = earlier.entry(campaign).or_insert(EarlierMails {
                campaign,
                mails: 0,
                last_at,
            });
            known.mails = known.mails.saturating_add(mails);
            known.last_at = known.last_at.max(last_at);
        }
        Ok(earlier.into_values().collect())
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
