//! First samples of other campaigns on the same mailboxes: what they hold back goes beside the campaign
//! that is foreseen as soon as their mailboxes were read, and takes its share again.

use std::collections::BTreeSet;

use jooper_consent::Breakers;
use jooper_core::{CampaignId, CampaignState};
use jooper_storage::tables::{CAMPAIGN, CampaignRow};
use jooper_storage::{Scan, StorageExt};

use super::run::Run;
use crate::error::EngineError;

/// Samples beside the campaign's own.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Whose run.
    running: BTreeSet<CampaignId>,
    /// Whether one of them is out, and others wait for what comes of it.
    pub(super) waits: bool,
}

impl Run<'_> {
    pub(super) async fn other_samples(&self) -> Result<Beside, EngineError> {
        let mut beside = Beside::default();
        let Some(breakers) = &self.breakers else {
            return Ok(beside);
        };
        let workspace = self.campaigns.workspace;
        let all = self
            .fork
            .collect::<CampaignRow>(workspace, Scan::table(&CAMPAIGN));
        for row in all.await?.into_iter().map(|row| row.record) {
            let sends = row.id != self.campaign && row.state == CampaignState::Active;
            if sends && breakers.sample(workspace, row.id).await?.is_some() {
                beside.running.insert(row.id);
            }
        }
        Ok(beside)
    }

    /// Has mailboxes be read when the samples of other campaigns need it, and forgets those that are
    /// through.
    pub(super) async fn read_for_others(&mut self, breakers: &Breakers) -> Result<(), EngineError> {
        let workspace = self.campaigns.workspace;
        self.beside.waits = false;
        for campaign in self.beside.running.clone() {
            let Some(out) = breakers.sample(workspace, campaign).await? else {
                self.beside.running.remove(&campaign);
                continue;
            };
            if out < breakers.sample_size() {
                continue;
            }
            self.beside.waits = true;
            for (mailbox, last) in breakers.sample_senders(workspace, campaign).await? {
                if let Some(lane) = self.at.get(&mailbox) {
                    self.readings[*lane].went(last);
                }
            }
        }
        if self.beside.waits {
            (0..self.readings.len()).for_each(|lane| self.read_again(lane));
        }
        Ok(())
    }
}
