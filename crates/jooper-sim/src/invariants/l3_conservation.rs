//! L3: audience = sent + skipped + failed + pending + unknown; from rows, and again from the log.

use jooper_analytics::Analytics;
use jooper_core::{CampaignId, WorkspaceId};

use super::Violation;

/// Counts both and compares. Nobody may be writing meanwhile.
pub(crate) async fn check_conservation(
    analytics: &Analytics,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<(), Violation> {
    let checked = analytics
        .check(workspace, campaign)
        .await
        .map_err(|error| Violation::Broken(error.to_string()))?;
    if checked.agrees() {
        return Ok(());
    }
    Err(Violation::Imbalance(checked.differences().join("; ")))
}
