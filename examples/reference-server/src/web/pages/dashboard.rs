//! How everything stands.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jooper::core::{
    CampaignId, CampaignState, EnrollmentState, EventKind, MailboxState, SendState, day_of,
};
use jooper::sequence::CampaignSummary;
use jooper::storage::tables::{ENROLLMENT, SEND};
use jooper::storage::{Column, Scan};

use super::{inbox, requests};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::standing::Standing;
use crate::web::views::charts::{Days, percent, thousandths};
use crate::web::views::dashboard::{
    Attention, CampaignCard, Dashboard, DashboardFragment, DashboardPage, Sender,
};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::words;

/// How many days the chart shows.
const DAYS: i32 = 14;
/// How many answers are shown.
const ANSWERS: usize = 5;
/// How many mailboxes are shown.
const SENDERS: usize = 5;
/// Counts of things to look at stop here.
const COUNTED: usize = 1000;

/// `GET /`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let layout = Layout::new(&app, &visitor, Section::Dashboard, "Dashboard");
    respond(&DashboardPage {
        layout,
        live: part(&app).await?,
    })
}

/// `GET /live/dashboard`
pub(crate) async fn live(State(app): State<Arc<App>>, _: Visitor) -> Result<Response, PageError> {
    respond(&DashboardFragment {
        live: part(&app).await?,
    })
}

async fn part(app: &App) -> Result<Dashboard, PageError> {
    let workspace = app.jooper.workspace(app.workspace);
    let mut campaigns = workspace.campaigns().list().await?;
    campaigns.reverse();
    let mailboxes = workspace.mailboxes().list().await?;
    let standing = Standing::read(app).await?;
    let mut attention = Vec::new();
    for (row, profile) in &mailboxes {
        let (badge, advice) = standing.mailbox(row);
        if advice.is_empty() || row.state == MailboxState::Disconnected {
            continue;
        }
        attention.push(Attention {
            tone: if badge.tone == "bad" { "bad" } else { "warn" },
            text: format!("{}: {advice}", profile.email),
            href: "/mailboxes".to_owned(),
            action: "Look at the mailboxes",
        });
    }
    let now = app.now();
    attention.extend(asked(app, now).await?);
    let today = day_of(now);
    let mut days = vec![(0, 0); DAYS as usize];
    let mut cards = Vec::with_capacity(campaigns.len());
    for campaign in &campaigns {
        attention.extend(attention_of(app, &standing, campaign).await?);
        cards.push(card(app, &standing, campaign).await?);
        let sent = by_day(app, campaign.id, EventKind::Sent, today).await?;
        let replied = by_day(app, campaign.id, EventKind::Replied, today).await?;
        for (day, (sent, replied)) in days.iter_mut().zip(sent.into_iter().zip(replied)) {
            *day = (day.0 + sent, day.1 + replied);
        }
    }
    let total = |of: fn(&CampaignCard) -> u64| cards.iter().map(of).sum::<u64>();
    let (sent, replies) = (total(|card| card.sent), total(|card| card.replies));
    let (sent_today, replies_today) = days.last().copied().unwrap_or_default();
    let (leads, _) = people::page(app, None, 1).await?;
    let (answers, _) = inbox::newest(app, None, false, ANSWERS).await?;
    Ok(Dashboard {
        now: app.zone.moment(now),
        sent_today,
        replies_today,
        sent,
        replies,
        reply_rate: percent(replies, sent),
        bounces: total(|card| card.bounces),
        days: Days::draw(&labeled(now, &days)),
        attention,
        campaigns: cards,
        answers: answers.into_iter().take(ANSWERS).collect(),
        has_mailboxes: !mailboxes.is_empty(),
        senders: mailboxes
            .into_iter()
            .take(SENDERS)
            .map(|(row, profile)| Sender {
                name: profile.display_name,
                email: profile.email,
                badge: standing.mailbox(&row).0,
            })
            .collect(),
        has_leads: !leads.is_empty(),
    })
}

/// What people asked for and wait for.
async fn asked(app: &App, now: Timestamp) -> Result<Option<Attention>, PageError> {
    let open = requests::open(app).await?;
    let Some(first) = open.iter().min_by_key(|request| request.answer_by) else {
        return Ok(None);
    };
    let by = app.zone.sentence(&first.answer_by.to_string());
    let text = match open.len() {
        1 => format!("One person asks for their data or to be erased; answer by {by}."),
        n => format!("{n} people ask for their data or to be erased; answer the first by {by}."),
    };
    Ok(Some(Attention {
        tone: if first.answer_by < now { "bad" } else { "warn" },
        text,
        href: "/requests".to_owned(),
        action: "Look at the requests",
    }))
}

async fn by_day(
    app: &App,
    campaign: CampaignId,
    kind: EventKind,
    today: i32,
) -> Result<Vec<u64>, PageError> {
    let workspace = app.jooper.workspace(app.workspace);
    let days = today - DAYS + 1..today + 1;
    let counts = workspace
        .analytics()
        .by_day(app.workspace, campaign, kind, days)
        .await?;
    Ok(counts
        .into_iter()
        .map(|(_, count)| count.unsigned_abs())
        .collect())
}

/// The counts with the names of their days; the last one is today. Days are UTC days, as counted.
fn labeled(now: Timestamp, days: &[(u64, u64)]) -> Vec<(String, u64, u64)> {
    let last = days.len() as i64 - 1;
    let named = (0..).zip(days).map(|(at, (sent, replied))| {
        let ago = SignedDuration::from_hours(24 * (last - at));
        let day = now
            .checked_sub(ago)
            .unwrap_or(now)
            .to_zoned_datetime(TimeZone::UTC);
        (day.strftime("%-d %b").to_string(), *sent, *replied)
    });
    named.collect()
}

async fn card(
    app: &App,
    standing: &Standing,
    campaign: &CampaignSummary,
) -> Result<CampaignCard, PageError> {
    let workspace = app.jooper.workspace(app.workspace);
    let funnel = workspace
        .analytics()
        .funnel(app.workspace, campaign.id)
        .await?;
    let (enrolled, finished) = (
        funnel.enrolled.unsigned_abs(),
        funnel.finished.unsigned_abs(),
    );
    Ok(CampaignCard {
        href: format!("/campaigns/{}", campaign.id),
        name: campaign.settings.name.clone(),
        badge: words::campaign(standing.campaign(campaign)),
        enrolled,
        finished,
        done: thousandths(finished, enrolled).min(1000),
        sent: funnel.sent.unsigned_abs(),
        replies: funnel.replies.unsigned_abs(),
        bounces: funnel.bounces.unsigned_abs(),
        unsubscribes: funnel.unsubscribes.unsigned_abs(),
    })
}

async fn attention_of(
    app: &App,
    standing: &Standing,
    campaign: &CampaignSummary,
) -> Result<Vec<Attention>, PageError> {
    let name = &campaign.settings.name;
    let look = |tone, text| Attention {
        tone,
        text,
        href: format!("/campaigns/{}", campaign.id),
        action: "Look at the campaign",
    };
    let mut found = Vec::new();
    if standing.campaign(campaign) == CampaignState::Tripped {
        found.push(Attention {
            tone: "bad",
            text: format!(
                "{name} stopped by itself: too many mails came back or were complained about."
            ),
            href: "/safety".to_owned(),
            action: "Look at the figures",
        });
    }
    let key = |state| vec![campaign.id.to_value(), state];
    let scan = Scan::table(&SEND)
        .by("by_campaign")
        .prefix(key(SendState::Unknown.to_value()));
    let unknown = count(app, scan).await?;
    if unknown > 0 {
        found.push(look(
            "warn",
            format!("{name}: of {unknown} mails it is not known whether they arrived."),
        ));
    }
    let prefix = key(EnrollmentState::Parked.to_value());
    let parked = count(
        app,
        Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix),
    )
    .await?;
    if parked > unknown {
        found.push(look(
            "warn",
            format!("{name}: {parked} people wait for you to decide."),
        ));
    }
    Ok(found)
}

async fn count(app: &App, scan: Scan) -> Result<usize, PageError> {
    let page = app
        .jooper
        .storage()
        .scan(app.workspace.into(), scan.limit(COUNTED))
        .await?;
    Ok(page.rows.len())
}
