//! Who would get nothing of a draft, on the command line.

use jooper::core::CampaignId;
use jooper::sequence::Campaigns;

use crate::demo::say;
use crate::error::{Context, ServerError};

/// Names each lead, the rule and the remedy: a table with tabs between its columns.
pub(super) async fn tell(campaigns: &Campaigns, campaign: CampaignId) -> Result<(), ServerError> {
    let leads = campaigns.audience(campaign).await.context("the leads")?;
    let lawful = campaigns.lawful(campaign, &leads).await;
    let lawful = lawful.context("the gate")?;
    for refusal in &lawful.refused {
        say(&format!(
            "{}\t{}\t{}\t{}",
            refusal.lead, refusal.rule, refusal.why, refusal.remedy
        ));
    }
    say(&format!(
        "nothing may go to {} of {} people",
        lawful.refused.len(),
        lawful.people
    ));
    Ok(())
}
