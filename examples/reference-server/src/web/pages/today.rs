//! What one mailbox has before it today, and what a person does about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::{CampaignId, EnrollmentId, MailboxId};
use jooper::sequence::{Queued, QueuedStep};

use super::{id, place, pressed};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::standing::Standing;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::views::today::{Entry, TodayPage};
use crate::web::words;

/// How many the page shows.
const SHOWN: usize = 100;

/// `GET /mailboxes/{id}/today`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(mailbox): Path<String>,
) -> Result<Response, PageError> {
    let mailbox: MailboxId = id(&mailbox, "mailbox")?;
    let workspace = app.jooper.workspace(app.workspace);
    let known = workspace.mailboxes().list().await?;
    let (row, profile) = known
        .into_iter()
        .find(|(row, _)| row.id == mailbox)
        .ok_or(PageError::NotFound("mailbox"))?;
    let mut queue = workspace.campaigns().today(mailbox).await?;
    let more = queue.len().saturating_sub(SHOWN);
    queue.truncate(SHOWN);
    let (_, stopped) = Standing::read(&app).await?.mailbox(&row);
    respond(&TodayPage {
        layout: Layout::new(&app, &visitor, Section::Mailboxes, "Today"),
        id: mailbox.to_string(),
        email: profile.email,
        now: app.zone.moment(app.now()),
        queue: entries(&app, queue).await?,
        more,
        stopped,
    })
}

async fn entries(app: &App, queue: Vec<Queued>) -> Result<Vec<Entry>, PageError> {
    let people = people::find(app, queue.iter().map(|queued| queued.lead)).await?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let mut names: BTreeMap<CampaignId, String> = BTreeMap::new();
    let mut entries = Vec::with_capacity(queue.len());
    for queued in queue {
        let campaign_name = match names.get(&queued.campaign) {
            Some(name) => name.clone(),
            None => {
                let name = campaigns.get(queued.campaign).await?.settings.name;
                names.insert(queued.campaign, name.clone());
                name
            }
        };
        let who = people.get(&queued.lead);
        entries.push(Entry {
            enrollment: queued.enrollment.to_string(),
            version: queued.place.version,
            node: queued.place.node,
            who: who.map_or_else(|| "Erased".to_owned(), people::Person::name),
            lead: queued.lead.to_string(),
            campaign: queued.campaign.to_string(),
            campaign_name,
            is_mail: matches!(queued.next, QueuedStep::Mail(_)),
            next: match queued.next {
                QueuedStep::Mail(place) => format!("Mail {place}"),
                QueuedStep::Step(id) => format!("Step {id}"),
                _ => "A step".to_owned(),
            },
            due: app.zone.moment(queued.due_at),
        });
    }
    Ok(entries)
}

/// `POST /mailboxes/{id}/today`: skips what comes next for one person, or sends it at once.
pub(crate) async fn step(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(mailbox): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let mailbox: MailboxId = id(&mailbox, "mailbox")?;
    let enrollment: EnrollmentId = fields.id("enrollment")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let place = place(&fields)?;
    let (tone, told) = match fields.text("do") {
        "skip" => words::skipping(campaigns.skip_at(enrollment, place).await?),
        "now" => pressed(
            campaigns.send_now_at(enrollment, place).await,
            "It goes before all others, as soon as the mailbox may send.",
        )?,
        _ => return Err(PageError::BadRequest("the button is not known".to_owned())),
    };
    app.sessions.tell(&visitor.key, tone, told);
    Ok(Redirect::to(&format!("/mailboxes/{mailbox}/today")).into_response())
}
