//! Rows against log, at one place of the log.

use jooper_core::{CampaignId, WorkspaceId};
use jooper_storage::StoreError;

use crate::Analytics;
use crate::balance::Balance;

/// How often both are counted anew because facts arrived in between.
const ATTEMPTS: usize = 8;

/// Both counts of one campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// Counted from rows.
    pub rows: Balance,
    /// Counted from the log.
    pub log: Balance,
    /// Up to which place of the log both hold.
    pub place: u64,
    /// Whether the log stood still while both were counted. If it did not, differences may be
    /// mails that were sent in between.
    pub quiet: bool,
}

impl Checked {
    /// Whether both balance and are equal: law L3.
    pub fn agrees(&self) -> bool {
        self.rows.balances() && self.log.balances() && self.rows == self.log
    }

    /// What is wrong, in words. Empty: nothing.
    pub fn differences(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (name, balance) in [("rows", &self.rows), ("log", &self.log)] {
            for (at, step) in balance
                .steps
                .iter()
                .enumerate()
                .filter(|(_, s)| !s.balances())
            {
                let audience = step.audience;
                all.push(format!(
                    "step {}: the {name} do not add up to {audience}",
                    at + 1
                ));
            }
        }
        all.extend(self.rows.differences(&self.log));
        all
    }
}

impl Analytics {
    /// Counts a campaign from rows and from the log, at one place of the log if it stands still
    /// for as long as that takes.
    ///
    /// # Errors
    /// As the store.
    pub async fn check(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Checked, StoreError> {
        let mut attempt = 1;
        loop {
            let (log, place) = self.tell(workspace, campaign).await?;
            let rows = self.balance_from_rows(workspace, campaign).await?;
            let quiet = self.read_from(workspace, place, |_| {}).await? == place;
            if quiet || attempt == ATTEMPTS {
                return Ok(Checked {
                    rows,
                    log,
                    place,
                    quiet,
                });
            }
            attempt += 1;
        }
    }
}
