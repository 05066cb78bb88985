//! A campaign before its mails: when, from where, to whom, and what does not go.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use jooper::core::{CampaignId, LeadId};
use jooper::sequence::{Forecast, ForecastRequest, ForecastSkip, Rates};
use serde::Deserialize;

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::forecast::{ForecastPage, Mail, Mailbox, Reason};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;

/// How many mails the page lists.
const SHOWN: usize = 200;

/// What may stand behind the address: numbers only.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    seed: u64,
    /// Answers in a hundred mails.
    replies: u8,
    /// First mails in a hundred that come back.
    bounces: u8,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            seed: 1,
            replies: 0,
            bounces: 0,
        }
    }
}

/// `GET /campaigns/{id}/forecast`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let campaign: CampaignId = id(&campaign, "campaign")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let summary = campaigns.get(campaign).await?;
    let share = |percent: u8| f64::from(percent.min(100)) / 100.0;
    let request = ForecastRequest::new(asked.seed)
        .start(app.now())
        .population(Rates {
            replies: share(asked.replies),
            bounces: share(asked.bounces),
            ..Rates::default()
        });
    let forecast = campaigns.simulate(campaign, &request).await?;
    let addresses: BTreeMap<_, _> = forecast
        .mailboxes
        .iter()
        .map(|mailbox| (mailbox.id, mailbox.address.clone()))
        .collect();
    let mut names: BTreeMap<LeadId, String> = BTreeMap::new();
    let mut mails = Vec::new();
    for mail in forecast.mails.iter().take(SHOWN) {
        if let std::collections::btree_map::Entry::Vacant(vacant) = names.entry(mail.lead) {
            let leads = app.jooper.workspace(app.workspace);
            let found = leads.leads().get(app.workspace, mail.lead).await?;
            let name = found.map(|lead| people::name(&lead.profile));
            vacant.insert(name.unwrap_or_default());
        }
        mails.push(Mail {
            at: app.zone.moment(mail.at),
            href: format!("/leads/{}", mail.lead),
            name: names.get(&mail.lead).cloned().unwrap_or_default(),
            number: mail.step,
            variant: char::from(b'A' + mail.variant.min(25)),
            mailbox: addresses.get(&mail.mailbox).cloned().unwrap_or_default(),
            subject: mail.subject.to_string(),
        });
    }
    respond(&ForecastPage {
        layout: Layout::new(&app, &visitor, Section::Dashboard, "Forecast".to_owned()),
        href: format!("/campaigns/{campaign}"),
        name: summary.settings.name,
        seed: asked.seed,
        replies: asked.replies,
        bounces: asked.bounces,
        warnings: forecast.warnings.iter().map(ToString::to_string).collect(),
        total: forecast.mails.len(),
        people: reached(&forecast),
        working_days: forecast.capacity.working_days,
        last: forecast.capacity.last_mail.map(|at| app.zone.moment(at)),
        picture: forecast.to_svg(),
        mailboxes: forecast
            .mailboxes
            .iter()
            .map(|mailbox| Mailbox {
                address: mailbox.address.clone(),
                mails: mailbox.mails,
                days: mailbox.days,
                most_a_day: mailbox.most_a_day,
            })
            .collect(),
        skipped: reasons(&forecast.skipped),
        waiting: reasons(&forecast.waiting),
        more: forecast.mails.len().saturating_sub(mails.len()),
        mails,
    })
}

fn reached(forecast: &Forecast) -> usize {
    let leads: std::collections::BTreeSet<_> =
        forecast.mails.iter().map(|mail| mail.lead).collect();
    leads.len()
}

/// The same reason once, with how many people it is about; the most frequent first.
fn reasons(skipped: &[ForecastSkip]) -> Vec<Reason> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for skip in skipped {
        *counts.entry(&skip.why).or_default() += 1;
    }
    let reason = |(why, people): (&str, usize)| Reason {
        people,
        why: why.to_owned(),
    };
    let mut reasons: Vec<Reason> = counts.into_iter().map(reason).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.people));
    reasons
}
