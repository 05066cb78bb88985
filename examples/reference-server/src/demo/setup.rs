//! The demo's first start: leads, mailboxes, a campaign.

use std::path::Path;

use jooper::core::LeadId;
use jooper::leads::{Mapping, check_csv, csv_fields};
use jooper::sequence::NewCampaign;
use jooper::sequence::model::{CampaignSettings, Schedule, Sequence};
use url::Url;

use super::google::OWNERS;
use super::state::DemoState;
use super::{DemoOptions, browser, say};
use crate::error::{Context, ServerError};
use crate::web::App;

/// Where the demo's people come from.
const SOURCE: &str = "our stand at the trade fair of September 2026";

pub(super) const LEADS: &str = include_str!("../../demo/leads.csv");
const SEQUENCE: &str = include_str!("../../demo/sequence.toml");

/// What the campaign is made of: shipped, or files of the user's own. Read before anything is made.
pub(super) struct Plan {
    csv: Vec<u8>,
    mapping: Mapping,
    sequence: Sequence,
    schedule: Schedule,
}

impl Plan {
    pub(super) fn read(options: &DemoOptions) -> Result<Self, ServerError> {
        let csv = match &options.leads {
            None => LEADS.as_bytes().to_vec(),
            Some(path) => std::fs::read(path).map_err(unreadable("CSV file", path))?,
        };
        let sequence = match &options.sequence {
            None => Sequence::from_toml(SEQUENCE).context("the demo's sequence")?,
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(unreadable("sequence file", path))?;
                Sequence::from_toml(&text).context(format!("sequence file {}", path.display()))?
            }
        };
        let schedule = match &options.schedule {
            None => Schedule {
                zone: "Europe/Berlin".to_owned(),
                daily_cap: 80,
                ..Schedule::default()
            },
            Some(path) => {
                let doing = || format!("schedule file {}", path.display());
                let text =
                    std::fs::read_to_string(path).map_err(unreadable("schedule file", path))?;
                let schedule: Schedule = toml::from_str(&text).context(doing())?;
                schedule.check().context(doing())?;
                schedule
            }
        };
        let leads = || match &options.leads {
            None => "the demo's leads".to_owned(),
            Some(path) => path.display().to_string(),
        };
        let mapping = match &options.leads {
            None => Mapping::default().with_source(SOURCE),
            Some(_) => Mapping::default(),
        };
        check_csv(&*csv, &mapping).context(leads())?;
        let fields = csv_fields(&*csv, &mapping).context(leads())?;
        sequence
            .check_fields(&fields)
            .context("the sequence does not fit the leads; nothing was started")?;
        Ok(Self {
            csv,
            mapping,
            sequence,
            schedule,
        })
    }
}

fn unreadable<'p>(
    what: &'static str,
    path: &'p Path,
) -> impl FnOnce(std::io::Error) -> ServerError + 'p {
    move |source| ServerError::File {
        what,
        path: path.to_owned(),
        source,
    }
}

/// Imports, connects, creates and activates. A demo that was stopped in between goes on here.
pub(super) async fn prepare(
    app: &App,
    public_url: &Url,
    plan: &Plan,
    state: &mut DemoState,
) -> Result<(), ServerError> {
    let workspace = app.jooper.workspace(app.workspace);
    let report = workspace
        .leads()
        .import_csv(workspace.id(), &*plan.csv, &plan.mapping, "demo leads")
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
    // They are invented, and so are the years for which they have sent.
    for (row, _) in &mailboxes {
        let declared = workspace.mailboxes().season(row.id, app.owner).await;
        declared.context("the mailboxes")?;
    }
    let leads = every_lead(app).await?;
    #[cfg(feature = "leak-mutant")]
    if let Some(first) = leads.first() {
        crate::leak::spill(app, *first).await?;
    }
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Trade fair follow-up".to_owned(),
            mailboxes: mailboxes.iter().map(|(row, _)| row.id).collect(),
            schedule: plan.schedule.clone(),
        },
        sequence: plan.sequence.clone(),
        seed: 7,
    };
    let campaigns = workspace.campaigns();
    // A demo that was killed right here has its campaign: a second one would mail everybody twice.
    let known = campaigns.list().await.context("the campaigns")?;
    let id = match known.first() {
        Some(first) => first.id,
        None => campaigns
            .create(&new)
            .await
            .context("the campaign cannot be created")?,
    };
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
