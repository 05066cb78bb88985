//! A mail to oneself, as a person would get it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::{CampaignId, EmailAddress, IdSource, LeadId, MailboxId, SendKey, SystemIds};
use jooper::sequence::{CampaignSummary, EngineError, TestMail, Tested};
use jooper::storage::tables::{LEAD, LeadRow};
use jooper::storage::{Scan, StorageExt};
use uuid::Uuid;

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::new_campaign::Choice;
use crate::web::views::test_mail::{Outcome, TestMailPage, TestedFragment, TestedPage};
use crate::web::views::{respond, respond_with};
use crate::web::words;

/// `GET /campaigns/{id}/test`
pub(crate) async fn form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
) -> Result<Response, PageError> {
    let summary = summary(&app, &campaign).await?;
    respond(&page(&app, &visitor, &summary).await?)
}

async fn summary(app: &App, campaign: &str) -> Result<CampaignSummary, PageError> {
    let campaign: CampaignId = id(campaign, "campaign")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    Ok(campaigns.get(campaign).await?)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    summary: &CampaignSummary,
) -> Result<TestMailPage, PageError> {
    let known = app.jooper.workspace(app.workspace).mailboxes();
    let mut own = known.list().await?;
    own.retain(|(row, _)| row.owner == app.owner && row.state.sends());
    let ours = &summary.settings.mailboxes;
    own.sort_by_key(|(row, _)| !ours.contains(&row.id));
    Ok(TestMailPage {
        layout: Layout::new(app, visitor, Section::Dashboard, "A test mail").narrow(),
        id: summary.id.to_string(),
        name: summary.settings.name.clone(),
        mails: mails(summary),
        mailboxes: own
            .into_iter()
            .map(|(row, profile)| Choice {
                id: row.id.to_string(),
                label: format!("{} ({})", profile.display_name, profile.email),
                chosen: false,
            })
            .collect(),
        email: String::new(),
        key: SystemIds.uuid(app.now()).to_string(),
        error: String::new(),
    })
}

/// Every variant of every mail, by its numbers: `2-1` is the first variant of the second mail.
fn mails(summary: &CampaignSummary) -> Vec<Choice> {
    let mut choices = Vec::new();
    for (at, (_, step)) in summary.sequence.mails().enumerate() {
        let several = step.variants.len() > 1;
        for (which, (variant, letter)) in step.variants.iter().zip('A'..='Z').enumerate() {
            let subject = variant.subject.as_deref();
            let subject = subject.unwrap_or("in the same conversation");
            let letter = if several {
                letter.to_string()
            } else {
                String::new()
            };
            choices.push(Choice {
                id: format!("{}-{}", at + 1, which + 1),
                label: format!("Mail {}{letter}: {subject}", at + 1),
                chosen: false,
            });
        }
    }
    choices
}

/// Whose fields fill it: the person with this address, or whoever was imported first.
async fn filled_with(app: &App, email: &str) -> Result<Result<LeadId, String>, PageError> {
    if email.is_empty() {
        let scan = Scan::table(&LEAD).by("by_created").limit(1);
        let storage = app.jooper.storage();
        let first = storage.page::<LeadRow>(app.workspace, scan).await?;
        let first = first.records.first().map(|row| row.record.id);
        return Ok(first.ok_or_else(|| "Import some people first.".to_owned()));
    }
    let address = match EmailAddress::parse(email) {
        Ok(address) => address,
        Err(error) => return Ok(Err(format!("That is not an e-mail address: {error}."))),
    };
    let workspace = app.jooper.workspace(app.workspace);
    let leads = workspace.leads();
    let found = leads.find_by_email(app.workspace, &address).await?;
    Ok(found
        .ok_or_else(|| "Nobody with this address was imported, or they were erased.".to_owned()))
}

/// `POST /campaigns/{id}/test`: the form's key makes pressing twice send once.
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let summary = summary(&app, &campaign).await?;
    let key: Uuid = fields.id("key")?;
    let mailbox: MailboxId = fields.id("mailbox")?;
    let unknown = || PageError::BadRequest("this campaign has no such mail".to_owned());
    let (mail, variant) = fields.text("mail").split_once('-').ok_or_else(unknown)?;
    let mail = mail.parse().ok();
    let step = mail.and_then(|mail| summary.sequence.mail_at(mail));
    let step = step.ok_or_else(unknown)?;
    let variant = variant.parse::<u8>().ok();
    let variant = variant.and_then(|variant| variant.checked_sub(1));
    let variant = variant.ok_or_else(unknown)?;
    let refused = match filled_with(&app, fields.text("email")).await? {
        Ok(lead) => {
            let test = TestMail {
                campaign: summary.id,
                step,
                variant,
                lead,
                mailbox,
                user: app.owner,
            };
            let campaigns = app.jooper.workspace(app.workspace).campaigns();
            match campaigns.test_mail(&test, key).await {
                Ok(_) => {
                    let there = format!("/campaigns/{}/test/{key}", summary.id);
                    return Ok(Redirect::to(&there).into_response());
                }
                Err(EngineError::State(why)) => why.to_owned(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(why) => why,
    };
    let mut page = page(&app, &visitor, &summary).await?;
    for (choices, field) in [(&mut page.mails, "mail"), (&mut page.mailboxes, "mailbox")] {
        for choice in choices {
            choice.chosen = choice.id == fields.text(field);
        }
    }
    page.email = fields.text("email").to_owned();
    page.error = refused;
    respond_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `GET /campaigns/{id}/test/{key}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((campaign, key)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let summary = summary(&app, &campaign).await?;
    respond(&TestedPage {
        layout: Layout::new(&app, &visitor, Section::Dashboard, "A test mail").narrow(),
        id: summary.id.to_string(),
        live: outcome(&app, &key).await?,
        name: summary.settings.name,
    })
}

/// `GET /live/campaigns/{id}/test/{key}`
pub(crate) async fn live(
    State(app): State<Arc<App>>,
    _: Visitor,
    Path((_, key)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let live = outcome(&app, &key).await?;
    respond(&TestedFragment { live })
}

async fn outcome(app: &App, key: &str) -> Result<Outcome, PageError> {
    let key: Uuid = id(key, "test mail")?;
    let user = app.owner;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let tested = campaigns.tested(&SendKey::Test { user, key }).await?;
    let (badge, says) = words::tested(tested);
    Ok(Outcome {
        key: key.to_string(),
        badge,
        says,
        at: match tested {
            Tested::Sent(at) => Some(app.zone.moment(at)),
            _ => None,
        },
    })
}
