//! Who still waits when nothing moves any more, and for what.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use jooper_core::{CampaignState, EnrollmentId, EnrollmentState, LeadId, MailboxId};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt};

use super::ForecastSkip;
use super::run::Run;
use crate::campaigns::CampaignSummary;
use crate::error::EngineError;
use crate::explain::{place, wait};

/// By enrollment: who, before which mail, and why.
type Told = BTreeMap<EnrollmentId, (LeadId, u16, Arc<str>)>;

impl Run<'_> {
    /// What the lanes told of those that have not ended, and of everybody else who has not what their
    /// row says: they waited before, and nothing was decided about them here.
    pub(super) async fn waiting(
        &self,
        campaign: &CampaignSummary,
        mut told: Told,
    ) -> Result<Vec<ForecastSkip>, EngineError> {
        let workspace = self.campaigns.workspace;
        let mut sequences = BTreeMap::new();
        let mut words: BTreeMap<String, Arc<str>> = BTreeMap::new();
        for state in [
            EnrollmentState::Active,
            EnrollmentState::Paused,
            EnrollmentState::Parked,
        ] {
            let prefix = vec![campaign.id.to_value(), state.to_value()];
            let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
            for row in self.fork.collect::<EnrollmentRow>(workspace, scan).await? {
                let row = row.record;
                if told.contains_key(&row.id) {
                    continue;
                }
                let version = row.sequence_version;
                if let Entry::Vacant(new) = sequences.entry(version) {
                    new.insert(self.campaigns.sequence_of(campaign.id, version).await?);
                }
                let step = place(sequences.get(&version), row.step);
                let why = match state {
                    EnrollmentState::Active => self.not_yet(campaign.state, row.mailbox),
                    _ => wait(row.wait),
                };
                let why = words
                    .entry(why)
                    .or_insert_with_key(|why| why.as_str().into());
                told.insert(row.id, (row.lead, step, Arc::clone(why)));
            }
        }
        let waits: Arc<str> = "waits".into();
        let told = told.into_values().map(|(lead, step, why)| ForecastSkip {
            lead,
            step,
            at: None,
            reason: Arc::clone(&waits),
            why,
        });
        Ok(told.collect())
    }

    /// Why somebody whom nothing holds had no mail up to the end.
    fn not_yet(&self, state: CampaignState, mailbox: MailboxId) -> String {
        match state {
            CampaignState::Paused => "Waits: the campaign is paused.",
            _ if self.stopped.is_some() => "Waits: the campaign is stopped.",
            _ if self.tripped.contains_key(&mailbox) => "Waits: the mailbox is stopped.",
            _ if !self.over => "Goes on behind the days that were looked at.",
            _ => "Waits.",
        }
        .to_owned()
    }
}
