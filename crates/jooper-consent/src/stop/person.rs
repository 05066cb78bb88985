//! Stopping a person, under whatever address they are known.

use jooper_core::{KeyedIndex, LeadId, StopReason, StopSource, WorkspaceId};
use jooper_storage::tables::{LEAD_ADDRESS, LeadAddressRow};
use jooper_storage::{Column, Scan, StorageExt};

use super::error::StopError;
use super::scope::StopScope;
use super::stops::{StopAck, Stops};

impl Stops {
    /// Stops a person under the address of this scope, and under every other address that their lead
    /// has: who objects in one mail objects for themselves, and may be imported anew under another
    /// address once the lead is deleted. A bounce speaks of one address only.
    ///
    /// # Errors
    /// As [`Stops::stop`]: not acknowledged for all of them; call again.
    pub async fn stop_person(
        &self,
        ws: WorkspaceId,
        scope: StopScope,
        reason: StopReason,
        source: StopSource,
    ) -> Result<StopAck, StopError> {
        let others = match &scope {
            StopScope::Person {
                contact_index,
                lead: Some(lead),
                ..
            } if reason != StopReason::Bounced => self.others(ws, *lead, *contact_index).await?,
            _ => Vec::new(),
        };
        let mut ack = self.stop(ws, scope, reason, source).await?;
        for other in others {
            let took = ack.took;
            ack = self.stop(ws, other, reason, source).await?;
            ack.took = ack.took.saturating_add(took);
        }
        Ok(ack)
    }

    pub(super) async fn others(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        but: KeyedIndex,
    ) -> Result<Vec<StopScope>, StopError> {
        let scan = Scan::table(&LEAD_ADDRESS)
            .by("by_lead")
            .prefix(vec![lead.to_value()]);
        let rows = self.storage.collect::<LeadAddressRow>(ws, scan).await?;
        let rows = rows.into_iter().map(|row| row.record);
        let others = rows.filter(|row| row.contact_index != but);
        // The widest form is among the variants of every form: listing it stops them all.
        let scope = |row: LeadAddressRow| StopScope::Person {
            contact_index: row.contact_index,
            variants: vec![row.email_index],
            lead: Some(lead),
        };
        Ok(others.map(scope).collect())
    }
}
