//! A campaign before its mails: when, from where, to whom, and what does not go.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use jooper::core::{CampaignId, CampaignState, LeadId};
use jooper::sequence::{CampaignSummary, Forecast, ForecastRequest, ForecastSkip, Rates};
use serde::Deserialize;

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::forecast::{ForecastPage, Left, Mail, Mailbox, Reason, Start};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;

/// How many mails a page lists, and how many leads that get none or wait.
const SHOWN: usize = 200;
/// How long the pages of one forecast go on from the same instant.
const SAME: SignedDuration = SignedDuration::from_hours(1);
/// No list is longer than so many pages.
const PAGES: usize = 1_000_000;

/// What may stand behind the address: numbers only.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Without one, the campaign's own: what its start would do.
    seed: Option<u64>,
    /// Answers in a hundred mails.
    replies: u8,
    /// First mails in a hundred that come back.
    bounces: u8,
    /// Mails in a hundred that meet an absence notice.
    absences: u8,
    /// Mails in a hundred after which somebody asks for no more.
    unsubscribes: u8,
    /// Mails in a hundred of which a link is followed.
    clicks: u8,
    /// After how many hours a task is done; 0: never.
    tasks: u16,
    /// When the first page was made, in milliseconds.
    at: Option<i64>,
    /// Which page of the mails, and of whoever gets none, from 0.
    page: usize,
    left: usize,
}

impl Asked {
    /// From when it is foreseen: further pages and files are of the same forecast as the first page.
    fn start(&self, now: Timestamp) -> Timestamp {
        let at = self.at.and_then(|at| Timestamp::from_millisecond(at).ok());
        at.filter(|at| *at <= now && now.duration_since(*at) < SAME)
            .unwrap_or(now)
    }

    fn rates(&self) -> Rates {
        let share = |percent: u8| f64::from(percent.min(100)) / 100.0;
        Rates {
            replies: share(self.replies),
            bounces: share(self.bounces),
            absences: share(self.absences),
            unsubscribes: share(self.unsubscribes),
            clicks: share(self.clicks),
            task_hours: (self.tasks > 0).then_some(self.tasks),
            ..Rates::default()
        }
    }

    /// The same forecast in an address; which page of it stands behind that.
    fn query(&self, forecast: &Forecast) -> String {
        format!(
            "seed={}&replies={}&bounces={}&absences={}&unsubscribes={}&clicks={}&tasks={}&at={}",
            forecast.seed,
            self.replies,
            self.bounces,
            self.absences,
            self.unsubscribes,
            self.clicks,
            self.tasks,
            forecast.start.as_millisecond()
        )
    }
}

async fn foresee(
    app: &App,
    campaign: &str,
    asked: &Asked,
) -> Result<(CampaignSummary, Forecast), PageError> {
    let campaign: CampaignId = id(campaign, "campaign")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let summary = campaigns.get(campaign).await?;
    let request = ForecastRequest::new(asked.seed.unwrap_or(summary.seed))
        .start(asked.start(app.now()))
        .population(asked.rates());
    let forecast = campaigns.simulate(campaign, &request).await?;
    Ok((summary, forecast))
}

/// `GET /campaigns/{id}/forecast`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (summary, forecast) = foresee(&app, &campaign, &asked).await?;
    let (mails_page, left_page) = (asked.page.min(PAGES), asked.left.min(PAGES));
    let left: Vec<(&str, &ForecastSkip)> = forecast
        .skipped
        .iter()
        .map(|skip| ("not sent", skip))
        .chain(forecast.waiting.iter().map(|skip| ("waits", skip)))
        .collect();
    let mails = forecast.mails.iter();
    let mails: Vec<_> = mails.skip(mails_page * SHOWN).take(SHOWN).collect();
    let listed = left.iter().skip(left_page * SHOWN).take(SHOWN);
    let listed: Vec<_> = listed.collect();
    let leads = mails.iter().map(|mail| mail.lead);
    let names = names(&app, leads.chain(listed.iter().map(|(_, skip)| skip.lead))).await?;
    let name = |lead: LeadId| names.get(&lead).cloned().unwrap_or_default();
    let addresses: BTreeMap<_, _> = forecast
        .mailboxes
        .iter()
        .map(|mailbox| (mailbox.id, mailbox.address.clone()))
        .collect();
    let query = asked.query(&forecast);
    let page = |mails: usize, left: usize| format!("?{query}&page={mails}&left={left}");
    let has = |page: usize, all: usize| (page + 1) * SHOWN < all;
    let draft = summary.state == CampaignState::Draft;
    let seen = forecast.seen();
    respond(&ForecastPage {
        layout: Layout::new(&app, &visitor, Section::Dashboard, "Forecast".to_owned()),
        href: format!("/campaigns/{}", summary.id),
        name: summary.settings.name.clone(),
        seed: forecast.seed,
        may_choose: summary.activated_at.is_none(),
        start: (draft && !forecast.leads.is_empty()).then_some(Start {
            settings: seen.plan.settings,
            sequence: seen.plan.sequence,
            audience: seen.audience,
        }),
        replies: asked.replies,
        bounces: asked.bounces,
        absences: asked.absences,
        unsubscribes: asked.unsubscribes,
        clicks: asked.clicks,
        tasks: asked.tasks,
        warnings: forecast.warnings.iter().map(ToString::to_string).collect(),
        total: forecast.mails.len(),
        people: forecast.reached(),
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
        mails_from: mails_page * SHOWN + 1,
        mails_next: has(mails_page, forecast.mails.len()).then(|| page(mails_page + 1, left_page)),
        mails: mails
            .into_iter()
            .map(|mail| Mail {
                at: app.zone.moment(mail.at),
                href: format!("/leads/{}", mail.lead),
                name: name(mail.lead),
                number: mail.step,
                variant: char::from(b'A' + mail.variant.min(25)),
                mailbox: addresses.get(&mail.mailbox).cloned().unwrap_or_default(),
                subject: mail.subject.to_string(),
            })
            .collect(),
        left_total: left.len(),
        left_from: left_page * SHOWN + 1,
        left_next: has(left_page, left.len()).then(|| page(mails_page, left_page + 1)),
        left: listed
            .into_iter()
            .map(|(what, skip)| Left {
                what,
                href: format!("/leads/{}", skip.lead),
                name: name(skip.lead),
                number: skip.step,
                why: skip.why.to_string(),
            })
            .collect(),
        query,
    })
}

/// `GET /campaigns/{id}/forecast.json`
pub(crate) async fn json(
    State(app): State<Arc<App>>,
    _: Visitor,
    Path(campaign): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (_, forecast) = foresee(&app, &campaign, &asked).await?;
    let text = serde_json::to_string(&forecast);
    let text = text.map_err(|error| PageError::Internal(Box::new(error)))?;
    Ok(file("application/json", "forecast.json", text))
}

/// `GET /campaigns/{id}/forecast.csv`
pub(crate) async fn csv(
    State(app): State<Arc<App>>,
    _: Visitor,
    Path(campaign): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (_, forecast) = foresee(&app, &campaign, &asked).await?;
    let names = names(&app, forecast.leads_of_table(usize::MAX)).await?;
    let text = forecast.to_csv(&names);
    Ok(file("text/csv; charset=utf-8", "forecast.csv", text))
}

fn file(kind: &'static str, name: &str, text: String) -> Response {
    let attachment = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, attachment),
    ];
    (headers, text).into_response()
}

async fn names(
    app: &App,
    leads: impl IntoIterator<Item = LeadId>,
) -> Result<BTreeMap<LeadId, String>, PageError> {
    let found = people::find(app, leads).await?;
    let found = found.into_iter();
    Ok(found.map(|(lead, person)| (lead, person.name())).collect())
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
