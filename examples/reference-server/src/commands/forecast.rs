//! A campaign before its first mail, on the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jooper::core::CampaignId;
use jooper::sequence::{ForecastRequest, Rates, Senses};

use super::ConfigOption;
use super::open::{Opened, open};
use crate::demo::say;
use crate::error::{Context, ServerError};

/// Options of `forecast`.
#[derive(Debug, Args)]
pub(crate) struct ForecastOptions {
    #[command(flatten)]
    config: ConfigOption,
    /// The campaign: its id or its name.
    campaign: String,
    /// The seed; the same seed foresees the same. Without it, the campaign's own: what its start does.
    #[arg(long)]
    seed: Option<u64>,
    /// As if it were started at this time, such as 2026-11-30T08:00:00Z; without it, now.
    #[arg(long)]
    start: Option<Timestamp>,
    /// The share of mails that are answered, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    replies: f64,
    /// The share of first mails that come back, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    bounces: f64,
    /// The share of mails that meet an absence notice, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    absences: f64,
    /// The share of mails after which somebody asks for no more, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    unsubscribes: f64,
    /// The share of mails of which a link is followed, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    clicks: f64,
    /// The share of answers that show interest, 0 to 1; the rest is unclear.
    #[arg(long, default_value_t = 0.0)]
    interested: f64,
    /// How many hours after it is asked for a task of the sequence is done; without it, none is.
    #[arg(long)]
    task_hours: Option<u16>,
    /// How many mails to list, and how many leads of those that get none or wait.
    #[arg(long, default_value_t = 50)]
    mails: usize,
    /// Prints everything as JSON instead. It holds names: keep it where the data may be.
    #[arg(long)]
    json: bool,
    /// Prints every mail, and every lead without one, as comma-separated lines instead. It holds
    /// addresses, too.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Writes a picture of the days, without names, to this file.
    #[arg(long)]
    svg: Option<PathBuf>,
}

/// Foresees a campaign while the server is stopped; a running server shows it on its pages.
pub(crate) async fn forecast(options: ForecastOptions) -> Result<(), ServerError> {
    let Opened {
        jooper, workspace, ..
    } = open(&options.config).await?;
    let campaigns = jooper.workspace(workspace).campaigns();
    let id = match options.campaign.parse::<CampaignId>() {
        Ok(id) => id,
        Err(_) => {
            let all = campaigns.list().await.context("the campaigns")?;
            let named = |summary: &&jooper::sequence::CampaignSummary| {
                summary.settings.name == options.campaign
            };
            let found = all.iter().find(named);
            found.map(|summary| summary.id).ok_or_else(|| {
                let name = &options.campaign;
                ServerError::Usage(format!("there is no campaign `{name}`"))
            })?
        }
    };
    let summary = campaigns.get(id).await.context("the campaign")?;
    let seed = options.seed.unwrap_or(summary.seed);
    let request = ForecastRequest::new(seed).population(Rates {
        replies: options.replies,
        bounces: options.bounces,
        absences: options.absences,
        unsubscribes: options.unsubscribes,
        clicks: options.clicks,
        senses: Senses {
            interested: options.interested,
            ..Senses::default()
        },
        task_hours: options.task_hours,
    });
    let request = match options.start {
        Some(start) => request.start(start),
        None => request,
    };
    let forecast = campaigns.simulate(id, &request).await;
    let forecast = forecast.context("the forecast")?;
    if let Some(path) = &options.svg {
        std::fs::write(path, forecast.to_svg()).map_err(|source| ServerError::File {
            what: "picture",
            path: path.clone(),
            source,
        })?;
    }
    if options.json {
        say(&serde_json::to_string(&forecast).context("the forecast")?);
        return Ok(());
    }
    let most = if options.csv {
        usize::MAX
    } else {
        options.mails
    };
    let mut addresses = BTreeMap::new();
    let people = jooper.workspace(workspace);
    for lead in forecast.leads_of_table(most) {
        let found = people
            .leads()
            .get(workspace, lead)
            .await
            .context("a lead")?;
        addresses.extend(found.map(|found| (lead, found.profile.email)));
    }
    if options.csv {
        say(forecast.to_csv(&addresses).trim_end());
    } else {
        say(&forecast.to_table_naming(most, &addresses));
    }
    Ok(())
}
