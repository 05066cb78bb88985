//! Why each mail went or did not, and what comes next, on the command line.

use clap::Args;
use jooper::consent::History;
use jooper::core::{EmailAddress, LeadId};
use jooper::sequence::decide::Explanation;

use super::ConfigOption;
use super::open::{Opened, open};
use crate::demo::say;
use crate::error::{Context, ServerError};
use crate::web::words;

/// Options of `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainOptions {
    #[command(flatten)]
    config: ConfigOption,
    /// The person: an e-mail address or a lead's id.
    lead: String,
    /// Names every rule that was looked at, its input and its verdict.
    #[arg(long)]
    rules: bool,
}

/// Explains a person's mails while the server is stopped; a running server does on its pages.
pub(crate) async fn explain(options: ExplainOptions) -> Result<(), ServerError> {
    let Opened {
        jooper, workspace, ..
    } = open(&options.config).await?;
    let of = jooper.workspace(workspace);
    let nobody = || ServerError::Usage("there is no such lead".to_owned());
    let lead = match options.lead.parse::<LeadId>() {
        Ok(id) => id,
        Err(_) => {
            let address = EmailAddress::parse(&options.lead).map_err(|_| nobody())?;
            let found = of.leads().find_by_email(workspace, &address).await;
            found.context("the lead")?.ok_or_else(nobody)?
        }
    };
    let views = of.explain(lead).await.context("the lead's decisions")?;
    if views.is_empty() {
        say("In no campaign: nothing was ever sent to this person.");
    }
    let kept = History::read(&**jooper.storage(), workspace, lead).await;
    let kept = kept.context("the log")?;
    for receipt in &kept.receipts {
        say(&format!(
            "{} recorded at {}, receipt {}",
            words::basis(receipt.kind),
            receipt.recorded_at.strftime("%F %H:%M UTC"),
            receipt.id
        ));
    }
    for lift in &kept.lifts {
        say(&format!("{} {lift}", lift.at.strftime("%F %H:%M UTC")));
    }
    for view in views {
        let campaign = of.campaigns().get(view.enrollment.campaign).await;
        say(&words::campaign_name(campaign).context("the campaign")?);
        for (at, why) in &view.decisions {
            tell(&at.strftime("%F %H:%M UTC").to_string(), why, options.rules);
        }
        if let Some(next) = &view.next {
            tell("next", next, options.rules);
        }
    }
    Ok(())
}

fn tell(when: &str, why: &Explanation, rules: bool) {
    say(&format!("  {when:<20} {}", why.summary));
    for line in why.lines.iter().filter(|_| rules) {
        say(&format!(
            "  {:<20}   {}: {} ({})",
            "", line.rule, line.input, line.verdict
        ));
    }
}
