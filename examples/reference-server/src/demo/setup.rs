//! The demo's first start: leads, mailboxes, a campaign.

use std::path::Path;

use jooper::core::LeadId;
use jooper::leads::Mapping;
use jooper::sequence::NewCampaign;
use jooper::sequence::model::{CampaignSettings, Schedule, Sequence};
use url::Url;

use super::google::OWNERS;
use super::state::DemoState;
use super::{browser, say};
use crate::error::{Context, ServerError};
use crate::web::App;

const LEADS: &str = include_str!("../../demo/leads.csv");
const SEQUENCE: &str = include_str!("../../demo/sequence.toml");

/// The shipped leads, or a file of the user's own.
pub(super) fn leads_csv(path: Option<&Path>) -> Result<Vec<u8>, ServerError> {
    match path {
        None => Ok(LEADS.as_bytes().to_vec()),
        Some(path) => std::fs::read(path).map_err(|source| ServerError::File {
            what: "CSV file",
            path: path.to_owned(),
            source,
        }),
    }
}

/// Imports, connects, creates and activates. A demo that was stopped in between goes on here.
pub(super) async fn prepare(
    app: &App,
    public_url: &Url,
    csv: &[u8],
    state: &mut DemoState,
) -> Result<(), ServerError> {
    let workspace = app.jooper.workspace(app.workspace);
    let mapping = Mapping::default();
    let report = workspace
        .leads()
        .import_csv(workspace.id(), csv, &mapping, "demo leads")
        .await
        .context("the leads cannot be imported")?;
    say(&format!(
        "Imported {} leads; {} were there already, {} lines were rejected:",
        report.imported,
        report.duplicates,
        report.rejected.len()
    ));
    for reject in report.rejected.iter().take(8) {
        say(&format!("  {reject}"));
    }
    for (email, name) in OWNERS {
        browser::connect(public_url, email).await?;
        say(&format!("Connected the mailbox of {name} ({email})"));
    }
    let mailboxes = workspace
        .mailboxes()
        .list()
        .await
        .context("the mailboxes")?;
    let leads = every_lead(app).await?;
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Trade fair follow-up".to_owned(),
            mailboxes: mailboxes.iter().map(|(row, _)| row.id).collect(),
            schedule: Schedule {
                zone: "Europe/Berlin".to_owned(),
                daily_cap: 80,
                ..Schedule::default()
            },
        },
        sequence: Sequence::from_toml(SEQUENCE).context("the demo's sequence")?,
        seed: 7,
    };
    let campaigns = workspace.campaigns();
    let id = campaigns
        .create(&new)
        .await
        .context("the campaign cannot be created")?;
    let report = campaigns
        .activate(id, &leads)
        .await
        .context("the campaign cannot start")?;
    say(&format!(
        "Started \u{201c}{}\u{201d} for {} leads; {} could not be enrolled.",
        new.settings.name,
        report.enrolled,
        report.refused.len()
    ));
    state.campaign = Some(id);
    Ok(())
}

async fn every_lead(app: &App) -> Result<Vec<LeadId>, ServerError> {
    crate::web::pages::every_lead(app).await
}
