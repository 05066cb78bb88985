//! L3: audience = sent + skipped + failed + pending + unknown; from rows, and again from the log.

use jooper_analytics::{Analytics, Balance, Tally};
use jooper_core::{CampaignId, WorkspaceId};

use super::Violation;

/// Counts both and compares.
#[derive(Debug)]
pub(crate) struct Conservation {
    analytics: Analytics,
    workspace: WorkspaceId,
    campaign: CampaignId,
    tally: Tally,
}

impl Conservation {
    pub(crate) const fn new(
        analytics: Analytics,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Self {
        Self {
            analytics,
            workspace,
            campaign,
            tally: Tally::new(workspace, campaign),
        }
    }

    /// Counts every row, and the log from where it was last read to its end. Nobody may be writing
    /// meanwhile.
    pub(crate) async fn check(&mut self) -> Result<(), Violation> {
        self.analytics
            .read_on(&mut self.tally)
            .await
            .map_err(broken)?;
        self.compare(&self.tally.balance()).await
    }

    /// Counts every row, and the whole log anew.
    pub(crate) async fn check_anew(&self) -> Result<(), Violation> {
        let log = self
            .analytics
            .balance_from_log(self.workspace, self.campaign)
            .await
            .map_err(broken)?;
        self.compare(&log).await
    }

    async fn compare(&self, log: &Balance) -> Result<(), Violation> {
        let rows = self
            .analytics
            .balance_from_rows(self.workspace, self.campaign)
            .await
            .map_err(broken)?;
        if rows.balances() && log.balances() && rows == *log {
            return Ok(());
        }
        let mut differences = rows.differences(log);
        if differences.is_empty() {
            differences.push(format!("rows and log do not add up: {rows:?}"));
        }
        Err(Violation::Imbalance(differences.join("; ")))
    }
}

fn broken(error: impl std::fmt::Display) -> Violation {
    Violation::Broken(error.to_string())
}
