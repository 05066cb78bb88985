//! Making a campaign and starting it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::{CampaignId, CampaignState, MailboxId, MailboxState};
use jooper::sequence::model::{
    CampaignSettings, InvalidCampaign, InvalidSchedule, Schedule, Sequence,
};
use jooper::sequence::{ActivationReport, EngineError, LeadRefusal, NewCampaign, Plan, Seen};

use super::every_lead;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::people;
use crate::web::random;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::new_campaign::{Choice, NewCampaignPage, StartedPage};
use crate::web::views::{respond, respond_with};

const EXAMPLE: &str = include_str!("../../../templates/example.toml");
/// How many people who were not enrolled the answer lists.
const SHOWN: usize = 200;

/// `GET /campaigns/new`
pub(crate) async fn form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    respond(&empty(&app, &visitor).await?)
}

async fn empty(app: &App, visitor: &Visitor) -> Result<NewCampaignPage, PageError> {
    let known = app
        .jooper
        .workspace(app.workspace)
        .mailboxes()
        .list()
        .await?;
    let schedule = Schedule::default();
    Ok(NewCampaignPage {
        layout: Layout::new(app, visitor, Section::Dashboard, "New campaign").narrow(),
        name: String::new(),
        name_error: String::new(),
        sequence: EXAMPLE.to_owned(),
        sequence_error: String::new(),
        zone: app.zone.name().to_owned(),
        zone_error: String::new(),
        daily_cap: schedule.daily_cap.to_string(),
        daily_cap_error: String::new(),
        mailboxes: known
            .into_iter()
            .filter(|(row, _)| row.state != MailboxState::Disconnected)
            .map(|(row, profile)| Choice {
                id: row.id.to_string(),
                label: format!("{} ({})", profile.display_name, profile.email),
                chosen: true,
            })
            .collect(),
        mailboxes_error: String::new(),
        fields: fields(app).await?.into_iter().collect(),
        leads: every_lead(app)
            .await
            .map_err(|error| PageError::Internal(Box::new(error)))?
            .len(),
        error: String::new(),
    })
}

async fn fields(app: &App) -> Result<BTreeSet<String>, PageError> {
    Ok(app
        .jooper
        .workspace(app.workspace)
        .leads()
        .fields(app.workspace)
        .await?)
}

/// `POST /campaigns/new`: a draft that is wrong comes back with the reason beside the field.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    given: Fields,
) -> Result<Response, PageError> {
    let mut page = empty(&app, &visitor).await?;
    page.name = given.text("name").to_owned();
    page.zone = given.text("zone").to_owned();
    page.daily_cap = given.text("daily_cap").to_owned();
    page.sequence = given.text("sequence").replace("\r\n", "\n");
    for choice in &mut page.mailboxes {
        choice.chosen = given.all("mailbox").any(|id| id == choice.id);
    }
    let Some(new) = read(&app, &mut page).await? else {
        return respond_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    match campaigns.create(&new).await {
        Ok(id) => {
            let told = "The draft is saved. Nothing is sent before you start it.";
            app.sessions.tell(&visitor.key, "good", told);
            Ok(Redirect::to(&format!("/campaigns/{id}")).into_response())
        }
        Err(error) => refuse(page, error),
    }
}

/// `POST /campaigns/{id}/start`: enrolls every lead, and begins; from the page of a forecast, as
/// that was shown.
pub(crate) async fn start(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    given: Fields,
) -> Result<Response, PageError> {
    let id: CampaignId = super::id(&campaign, "campaign")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    if campaigns.get(id).await?.state != CampaignState::Draft {
        return Err(PageError::Conflict(
            "this campaign has started already".to_owned(),
        ));
    }
    let leads = campaigns.audience(id).await?;
    if leads.is_empty() {
        return Err(PageError::Conflict(
            "there are no leads yet; import some first".to_owned(),
        ));
    }
    let activated = match shown(&given)? {
        Some(seen) => match campaigns.approve(id, seen).await {
            Ok(approved) => campaigns.launch(approved).await,
            Err(error) => Err(error),
        },
        None => campaigns.activate(id, &leads).await,
    };
    let mut report = match activated {
        Ok(report) => report,
        Err(EngineError::State(why)) => return Err(PageError::Conflict(why.to_owned())),
        Err(EngineError::Sequence(error)) => {
            return Err(PageError::Conflict(format!(
                "the mails do not fit the leads: {error}"
            )));
        }
        Err(error) => return Err(error.into()),
    };
    // The campaign was begun without them; whoever started it looks for them here.
    report.refused.extend(campaigns.left_out().await?);
    let layout = Layout::new(
        &app,
        &visitor,
        Section::Dashboard,
        "The campaign has started",
    );
    respond(&started(&app, layout.narrow(), format!("/campaigns/{id}"), report).await?)
}

/// What the page of a forecast told of it; `None` where the form stood on another page.
fn shown(given: &Fields) -> Result<Option<Seen>, PageError> {
    if given.text("audience").is_empty() {
        return Ok(None);
    }
    let wrong = |_| PageError::BadRequest("this is no forecast's form".to_owned());
    let plan = Plan {
        settings: given.text("settings").parse().map_err(wrong)?,
        sequence: given.text("plan").parse().map_err(wrong)?,
    };
    Ok(Some(Seen {
        seed: given.text("seed").parse().map_err(wrong)?,
        plan,
        audience: given.text("audience").parse().map_err(wrong)?,
    }))
}

/// Reads the form; notes beside each field what is wrong with it.
async fn read(app: &App, page: &mut NewCampaignPage) -> Result<Option<NewCampaign>, PageError> {
    let sequence = match Sequence::from_toml(&page.sequence) {
        Ok(sequence) => sequence
            .check_fields(&fields(app).await?)
            .and_then(|()| app.jooper.engine().check_follow_ups(&sequence))
            .map(|()| sequence)
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let schedule = Schedule {
        zone: page.zone.clone(),
        daily_cap: match page.daily_cap.parse() {
            Ok(cap) => cap,
            Err(_) => {
                page.daily_cap_error = "Write a whole number, such as 40.".to_owned();
                1
            }
        },
        ..Schedule::default()
    };
    match schedule.check() {
        Err(error @ InvalidSchedule::Cap) => page.daily_cap_error = error.to_string(),
        Err(error) => page.zone_error = error.to_string(),
        Ok(()) => {}
    }
    let chosen = page.mailboxes.iter().filter(|choice| choice.chosen);
    let mailboxes: Vec<MailboxId> = chosen.filter_map(|choice| choice.id.parse().ok()).collect();
    if mailboxes.is_empty() {
        page.mailboxes_error = "Choose at least one mailbox.".to_owned();
    }
    if page.name.is_empty() {
        page.name_error = "Give it a name.".to_owned();
    }
    if page.leads == 0 {
        page.error = "There are no leads yet; import some first.".to_owned();
    }
    let sequence = match sequence {
        Ok(sequence) => sequence,
        Err(error) => {
            page.sequence_error = error;
            return Ok(None);
        }
    };
    let complaints = [
        &page.daily_cap_error,
        &page.zone_error,
        &page.mailboxes_error,
        &page.name_error,
        &page.error,
    ];
    if complaints
        .into_iter()
        .any(|complaint| !complaint.is_empty())
    {
        return Ok(None);
    }
    // Half of a hash of a random token: any number will do, and a new one for each campaign.
    let seed = random::hash(&random::token()?);
    let mut number = [0; 8];
    number.copy_from_slice(&seed[..8]);
    Ok(Some(NewCampaign {
        settings: CampaignSettings {
            name: page.name.clone(),
            mailboxes,
            schedule,
        },
        sequence,
        seed: u64::from_be_bytes(number),
    }))
}

fn refuse(mut page: NewCampaignPage, error: EngineError) -> Result<Response, PageError> {
    match error {
        EngineError::Sequence(error) => page.sequence_error = error.to_string(),
        EngineError::Campaign(InvalidCampaign::NoName) => {
            page.name_error = InvalidCampaign::NoName.to_string();
        }
        EngineError::Campaign(error) => page.error = error.to_string(),
        error => return Err(error.into()),
    }
    respond_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn started(
    app: &App,
    layout: Layout,
    href: String,
    report: ActivationReport,
) -> Result<StartedPage, PageError> {
    let (refused_in_all, unlawful_in_all) = (report.refused.len(), report.unlawful.len());
    Ok(StartedPage {
        layout,
        href,
        enrolled: report.enrolled,
        refused: named(app, report.refused).await?,
        refused_in_all,
        unlawful: named(app, report.unlawful).await?,
        unlawful_in_all,
    })
}

/// The first of them: where each is found, who it is, and why.
async fn named(
    app: &App,
    refusals: Vec<LeadRefusal>,
) -> Result<Vec<(String, String, String)>, PageError> {
    let shown: Vec<_> = refusals.into_iter().take(SHOWN).collect();
    let people = people::find(app, shown.iter().map(|refusal| refusal.lead)).await?;
    let named = shown.into_iter().map(|refusal| {
        let who = people
            .get(&refusal.lead)
            .map_or("Erased".to_owned(), people::Person::name);
        (format!("/leads/{}", refusal.lead), who, refusal.reason)
    });
    Ok(named.collect())
}
