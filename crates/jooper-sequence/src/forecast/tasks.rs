//! Tasks that are open when a forecast begins.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jooper_core::{Clock, EnrollmentState, WaitReason};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt};

use super::Tasked;
use super::run::Run;
use crate::campaigns::CampaignSummary;
use crate::daily::StepPlace;
use crate::error::EngineError;
use crate::explain::place;

impl Run<'_> {
    /// Asks for them once more: how long each has been open already is nowhere kept.
    pub(super) async fn ask_for_open_tasks(
        &self,
        campaign: &CampaignSummary,
    ) -> Result<(), EngineError> {
        let prefix = vec![campaign.id.to_value(), EnrollmentState::Parked.to_value()];
        let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
        let workspace = self.campaigns.workspace;
        let rows = self.fork.collect::<EnrollmentRow>(workspace, scan).await?;
        let rows = rows.into_iter().map(|row| row.record);
        let mut sequences = BTreeMap::new();
        for row in rows.filter(|row| row.wait == Some(WaitReason::ManualTask)) {
            let version = row.sequence_version;
            if let Entry::Vacant(new) = sequences.entry(version) {
                new.insert(self.campaigns.sequence_of(campaign.id, version).await?);
            }
            let Some(sequence) = sequences.get(&version) else {
                continue;
            };
            let task = Tasked {
                lead: row.lead,
                enrollment: row.id,
                node: StepPlace::of(&row, sequence).node,
                at: self.clock.now(),
            };
            let behind = place(Some(sequence), row.step);
            self.recorder.lock().asked.push((task, behind));
        }
        Ok(())
    }
}
