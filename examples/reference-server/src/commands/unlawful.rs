//! Who would get nothing of a draft, and who would wait, on the command line.

use jooper::core::CampaignId;
use jooper::sequence::Campaigns;

use crate::demo::say;
use crate::error::{Context, ServerError};

/// Names each lead, the rule, the remedy and whether it only waits: a table with tabs between its columns.
pub(super) async fn tell(campaigns: &Campaigns, campaign: CampaignId) -> Result<(), ServerError> {
    let leads = campaigns.audience(campaign).await.context("the leads")?;
    let lawful = campaigns.lawful(campaign, &leads).await;
    let lawful = lawful.context("the gate")?;
    for (group, what) in [(&lawful.refused, "never"), (&lawful.waiting, "waits")] {
        for refusal in group {
            say(&format!(
                "{}\t{}\t{}\t{}\t{what}",
                refusal.lead, refusal.rule, refusal.why, refusal.remedy
            ));
        }
    }
    say(&format!(
        "mail may go to {}, {} wait, nothing may go to {} of {} people",
        lawful.may_go,
        lawful.waiting.len(),
        lawful.refused.len(),
        lawful.people
    ));
    Ok(())
}
