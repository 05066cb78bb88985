//! One campaign.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jooper::analytics::{Balance, Funnel, StepBalance as Counted};
use jooper::core::{
    CampaignId, CampaignState, EnrollmentId, EnrollmentState, SendKey, SendState, StepIndex,
    WaitReason,
};
use jooper::sequence::{CampaignSummary, words_of_search};
use jooper::storage::tables::{ENROLLMENT, EnrollmentRow, SEND, SendRow};
use jooper::storage::{Column, Scan, StorageExt};

use super::{id, refused, unlawful};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::standing::Standing;
use crate::web::views::campaign::{
    Campaign, CampaignFragment, CampaignPage, Draft, Stage, Step, StepBalance, UnknownSend, Variant,
};
use crate::web::views::charts::{percent, segments, thousandths};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::words;

/// How many people the page itself lists.
const SHOWN: usize = 10;
/// How many unknown sends are listed at once.
const UNKNOWN: usize = 50;

/// `GET /campaigns/{id}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
) -> Result<Response, PageError> {
    let campaign: CampaignId = id(&campaign, "campaign")?;
    let workspace = app.jooper.workspace(app.workspace);
    let summary = workspace.campaigns().get(campaign).await?;
    let known = workspace.mailboxes().list().await?;
    let mailboxes = known
        .into_iter()
        .filter(|(row, _)| summary.settings.mailboxes.contains(&row.id));
    let (refused, more) = refused::find(&app, campaign, None, SHOWN).await?;
    let (live, balance) = part(&app, &visitor, &summary).await?;
    respond(&CampaignPage {
        layout: Layout::new(
            &app,
            &visitor,
            Section::Dashboard,
            summary.settings.name.clone(),
        ),
        id: campaign.to_string(),
        name: summary.settings.name.clone(),
        created: app.zone.moment(summary.created_at),
        mailboxes: mailboxes.map(|(_, profile)| profile.email).collect(),
        draft: match summary.state {
            CampaignState::Draft => Some(draft(&app, &summary).await?),
            _ => None,
        },
        can_pause: summary.state == CampaignState::Active,
        can_resume: summary.state == CampaignState::Paused && !live.tripped,
        late: late(&app, campaign).await?,
        can_end: !matches!(
            summary.state,
            CampaignState::Finished | CampaignState::Stopped
        ),
        can_change: summary.state != CampaignState::Stopped,
        recount: recount(&app, campaign, &balance).await?,
        steps: steps(&app, &summary).await?,
        rules: super::safety::rules(&app),
        live,
        refused,
        more_refused: more.is_some(),
    })
}

/// How many leads a downtime or a restore made late, so that they wait for a person's word.
async fn late(app: &App, campaign: CampaignId) -> Result<usize, PageError> {
    let prefix = vec![campaign.to_value(), EnrollmentState::Parked.to_value()];
    let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
    let storage = app.jooper.storage();
    let rows = storage
        .collect::<EnrollmentRow>(app.workspace, scan)
        .await?;
    let late =
        |row: &EnrollmentRow| matches!(row.wait, Some(WaitReason::Overdue | WaitReason::Restored));
    Ok(rows.iter().filter(|row| late(&row.record)).count())
}

/// What a start would begin with.
async fn draft(app: &App, summary: &CampaignSummary) -> Result<Draft, PageError> {
    let lawful = unlawful::ask(app, summary.id).await?;
    let first = lawful.refused.len().min(SHOWN);
    let waits = lawful.waiting.len().min(SHOWN);
    let schedule = &summary.settings.schedule;
    let (mut from, mut to) = (None, None);
    for window in &schedule.windows {
        from = from.map_or(Some(window.from), |time| Some(window.from.min(time)));
        to = to.map_or(Some(window.to), |time| Some(window.to.max(time)));
    }
    let days: BTreeSet<i8> = schedule
        .windows
        .iter()
        .map(|window| window.weekday)
        .collect();
    let hours = match (from, to) {
        (Some(from), Some(to)) => format!(
            "between {} and {} o'clock in each person's own time",
            from.strftime("%H:%M"),
            to.strftime("%H:%M")
        ),
        _ => "never".to_owned(),
    };
    Ok(Draft {
        leads: lawful.people,
        refused: lawful.refused.len(),
        unlawful: unlawful::named(app, &lawful.refused[..first]).await?,
        may: lawful.may_go,
        wait: lawful.waiting.len(),
        waiting: unlawful::named(app, &lawful.waiting[..waits]).await?,
        schedule: format!(
            "on {} days a week, {hours}, at most {} mails a day and mailbox",
            days.len(),
            schedule.daily_cap
        ),
    })
}

/// `GET /live/campaigns/{id}`
pub(crate) async fn live(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
) -> Result<Response, PageError> {
    let campaign: CampaignId = id(&campaign, "campaign")?;
    let summary = app
        .jooper
        .workspace(app.workspace)
        .campaigns()
        .get(campaign)
        .await?;
    let (live, _) = part(&app, &visitor, &summary).await?;
    respond(&CampaignFragment { live })
}

async fn part(
    app: &App,
    visitor: &Visitor,
    summary: &CampaignSummary,
) -> Result<(Campaign, Balance), PageError> {
    let workspace = app.jooper.workspace(app.workspace);
    let analytics = workspace.analytics();
    let funnel = analytics.funnel(app.workspace, summary.id).await?;
    let balance = analytics
        .balance_from_rows(app.workspace, summary.id)
        .await?;
    let count = i64::unsigned_abs;
    let state = Standing::read(app).await?.campaign(summary);
    let live = Campaign {
        id: summary.id.to_string(),
        csrf: visitor.csrf.clone(),
        badge: words::campaign(state),
        tripped: state == CampaignState::Tripped,
        now: app.zone.moment(app.now()),
        enrolled: count(funnel.enrolled),
        finished: count(funnel.finished),
        sent: count(funnel.sent),
        replies: count(funnel.replies),
        reply_rate: percent(count(funnel.replies), count(funnel.sent)),
        bounces: count(funnel.bounces),
        unsubscribes: count(funnel.unsubscribes),
        funnel: stages(&funnel, &balance),
        balance: balance
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| account(at + 1, step))
            .collect(),
        balances: balance.balances(),
        unknown: unknown(app, summary.id).await?,
    };
    Ok((live, balance))
}

fn stages(funnel: &Funnel, balance: &Balance) -> Vec<Stage> {
    const MAILS: [&str; 7] = [
        "Got mail 1",
        "Got mail 2",
        "Got mail 3",
        "Got mail 4",
        "Got mail 5",
        "Got mail 6",
        "Got mail 7",
    ];
    let whole = funnel.enrolled.unsigned_abs();
    let stage = |label, count, class| Stage {
        label,
        count,
        share: percent(count, whole),
        width: thousandths(count, whole).min(1000),
        class,
    };
    let mut stages = vec![stage("People", whole, "c-skip")];
    let mails = MAILS.iter().zip(&balance.steps);
    stages.extend(mails.map(|(label, step)| stage(label, step.sent, "c-sent")));
    stages.push(stage("Answers", funnel.replies.unsigned_abs(), "c-good"));
    stages
}

fn account(number: usize, step: &Counted) -> StepBalance {
    let (skipped, failed) = (step.skipped_in_all(), step.failed_in_all());
    let parts = [
        ("c-sent", "Sent", step.sent),
        ("c-skip", "Skipped", skipped),
        ("c-fail", "Failed", failed),
        ("c-doubt", "Unknown", step.unknown),
        ("c-wait", "Still to come", step.pending),
    ];
    let parts = parts.map(|(class, label, count)| (class, label.to_owned(), count));
    StepBalance {
        number,
        audience: step.audience,
        sent: step.sent,
        skipped,
        skipped_why: step
            .skipped
            .iter()
            .map(|(why, n)| (words::skipped(*why), *n))
            .collect(),
        failed,
        failed_why: step
            .failed
            .iter()
            .map(|(why, n)| (words::failed(*why), *n))
            .collect(),
        pending: step.pending,
        unknown: step.unknown,
        segments: segments(parts.to_vec()),
        words: format!(
            "Mail {number}, {} people: {} sent, {skipped} skipped, {failed} failed, {} unknown, {} \
             still to come",
            step.audience, step.sent, step.unknown, step.pending
        ),
    }
}

/// Counts again from the log (law L3). `None` when mails moved between the counts.
async fn recount(
    app: &App,
    campaign: CampaignId,
    first: &Balance,
) -> Result<Option<bool>, PageError> {
    let workspace = app.jooper.workspace(app.workspace);
    let log = workspace
        .analytics()
        .balance_from_log(app.workspace, campaign)
        .await?;
    let again = workspace
        .analytics()
        .balance_from_rows(app.workspace, campaign)
        .await?;
    Ok((*first == again).then(|| log.differences(&again).is_empty()))
}

async fn unknown(app: &App, campaign: CampaignId) -> Result<Vec<UnknownSend>, PageError> {
    let prefix = vec![campaign.to_value(), SendState::Unknown.to_value()];
    let scan = Scan::table(&SEND)
        .by("by_campaign")
        .prefix(prefix)
        .limit(UNKNOWN);
    let rows = app
        .jooper
        .storage()
        .page::<SendRow>(app.workspace, scan)
        .await?
        .records;
    let rows: Vec<SendRow> = rows.into_iter().map(|row| row.record).collect();
    let people = people::find(app, rows.iter().filter_map(|row| row.lead)).await?;
    let listed = rows.into_iter().filter_map(|row| {
        let SendKey::Step { enrollment, step } = row.key else {
            return None;
        };
        let lead = row.lead?;
        Some(UnknownSend {
            enrollment: enrollment.to_string(),
            step: step.0,
            href: format!("/leads/{lead}"),
            who: people
                .get(&lead)
                .map_or("Erased".to_owned(), people::Person::name),
            since: row.posting_at.map(|at| app.zone.moment(at)),
            searched: words_of_search(row.searched),
            searched_at: row.searched_at.map(|at| app.zone.moment(at)),
        })
    });
    Ok(listed.collect())
}

async fn steps(app: &App, summary: &CampaignSummary) -> Result<Vec<Step>, PageError> {
    let workspace = app.jooper.workspace(app.workspace);
    let analytics = workspace.analytics();
    let mut steps = Vec::new();
    for (at, (index, step)) in summary.sequence.mails().enumerate() {
        let mut variants = Vec::new();
        for (which, (variant, letter)) in step.variants.iter().zip('A'..='Z').enumerate() {
            let counted = analytics
                .step(app.workspace, summary.id, index, Some(which as u8))
                .await?;
            variants.push(Variant {
                letter,
                subject: variant.subject.clone().unwrap_or_default(),
                body: variant.body.trim().to_owned(),
                sent: counted.sent.unsigned_abs(),
                replies: counted.replies.unsigned_abs(),
            });
        }
        let wait = String::from(step.wait);
        steps.push(Step {
            number: at + 1,
            wait: match (at, step.wait.amount) {
                (0, 0) => "When the campaign starts".to_owned(),
                (0, _) => format!("{wait} after the start"),
                _ => format!("{wait} after the mail before, unless they answer"),
            },
            variants,
        });
    }
    Ok(steps)
}

fn back(app: &App, visitor: &Visitor, campaign: CampaignId, told: &str) -> Response {
    app.sessions.tell(&visitor.key, "good", told);
    Redirect::to(&format!("/campaigns/{campaign}")).into_response()
}

/// `POST /campaigns/{id}/pause`
pub(crate) async fn pause(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let campaign = id(&campaign, "campaign")?;
    app.jooper
        .workspace(app.workspace)
        .campaigns()
        .pause(campaign)
        .await?;
    Ok(back(
        &app,
        &visitor,
        campaign,
        "Paused. No mail of this campaign starts any more.",
    ))
}

/// `POST /campaigns/{id}/resume`
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let campaign = id(&campaign, "campaign")?;
    app.jooper
        .workspace(app.workspace)
        .campaigns()
        .resume(campaign, app.owner)
        .await?;
    Ok(back(&app, &visitor, campaign, "It goes on."))
}

/// `POST /campaigns/{id}/overdue`: what a downtime or a restore made late goes on.
pub(crate) async fn resume_overdue(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let campaign = id(&campaign, "campaign")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    campaigns.resume_overdue(campaign).await?;
    Ok(back(&app, &visitor, campaign, "What was late goes on."))
}

/// `POST /campaigns/{id}/end`
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let campaign = id(&campaign, "campaign")?;
    app.jooper
        .workspace(app.workspace)
        .campaigns()
        .end(campaign)
        .await?;
    Ok(back(
        &app,
        &visitor,
        campaign,
        "Ended. What was not sent yet is skipped.",
    ))
}

/// `POST /campaigns/{id}/unknown`: a person decides about one unknown send (law L2).
pub(crate) async fn decide_unknown(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let campaign = id(&campaign, "campaign")?;
    let enrollment: EnrollmentId = fields.id("enrollment")?;
    let step = StepIndex(fields.id("step")?);
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let told = match fields.text("do") {
        "release" => {
            campaigns.release(enrollment, step, app.owner).await?;
            "Released for one further attempt."
        }
        "abandon" => {
            campaigns.abandon(enrollment, step).await?;
            "Given up. This mail is never sent again."
        }
        _ => return Err(PageError::BadRequest("the button is not known".to_owned())),
    };
    Ok(back(&app, &visitor, campaign, told))
}
