//! One conversation.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use jooper::core::{InboundKind, Origin, ThreadId};
use jooper::storage::tables::{MESSAGE, MessageContent, MessageRow, ThreadRow};
use jooper::storage::{Column, Record, Scan, StorageExt};
use jooper::vault::{Place, ShowToOwner};
use serde_json::Value as Json;

use super::{id, lead};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::views::thread::{Message, ThreadPage};
use crate::web::words;

/// A mail: when, what it was judged to be (nothing for our own), what it says.
pub(super) type Mail = (Timestamp, Option<InboundKind>, MessageContent);

/// The mails of a conversation, oldest first.
pub(super) async fn mails(app: &App, thread: &ThreadRow) -> Result<Vec<Mail>, PageError> {
    let vault = app.jooper.vault().workspace(app.workspace).await?;
    let theirs = vault.subject(thread.lead).await?;
    let scan = Scan::table(&MESSAGE)
        .by("by_thread")
        .prefix(vec![thread.id.to_value()]);
    let rows = app
        .jooper
        .storage()
        .collect::<MessageRow>(app.workspace, scan)
        .await?;
    let mut mails = Vec::with_capacity(rows.len());
    for row in rows.into_iter().map(|row| row.record) {
        let place = Place::of(&row.key(), "content");
        let content = if row.origin == Origin::Gmail {
            let show = ShowToOwner { user: app.owner };
            theirs.open_gmail(&place, &row.content)?.lend(&show).clone()
        } else {
            theirs.open(&place, &row.content)?
        };
        mails.push((row.at, row.kind, content));
    }
    Ok(mails)
}

/// `GET /inbox/{thread}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(thread): Path<String>,
) -> Result<Response, PageError> {
    let thread: ThreadId = id(&thread, "conversation")?;
    let key = vec![thread.to_value()];
    let found = app
        .jooper
        .storage()
        .find::<ThreadRow>(app.workspace, key)
        .await?;
    let thread = found.ok_or(PageError::NotFound("conversation"))?.record;
    let people = people::find(&app, [thread.lead]).await?;
    let person = people
        .get(&thread.lead)
        .ok_or(PageError::NotFound("conversation"))?;
    let mailboxes = app
        .jooper
        .workspace(app.workspace)
        .mailboxes()
        .list()
        .await?;
    let mailbox = mailboxes
        .into_iter()
        .find(|(row, _)| row.id == thread.mailbox);
    let mut mails = Vec::new();
    for part in parts(&app, &thread).await? {
        mails.extend(self::mails(&app, &part).await?);
    }
    mails.sort_by_key(|(at, ..)| *at);
    let subject = mails
        .first()
        .map(|(_, _, mail)| mail.subject.clone())
        .unwrap_or_default();
    respond(&ThreadPage {
        layout: Layout::new(&app, &visitor, Section::Inbox, "Conversation").narrow(),
        who: person.name(),
        lead: format!("/leads/{}", thread.lead),
        subject,
        mailbox: mailbox
            .map(|(_, profile)| profile.email)
            .unwrap_or_default(),
        messages: mails.into_iter().map(|mail| message(&app, mail)).collect(),
    })
}

/// Everything said with this person in the same campaign: somebody who answers with a new mail, or
/// from another program, begins a thread of their own at the provider.
async fn parts(app: &App, thread: &ThreadRow) -> Result<Vec<ThreadRow>, PageError> {
    if thread.enrollment.is_none() {
        return Ok(vec![thread.clone()]);
    }
    let mut all = lead::threads(app, thread.lead).await?;
    all.retain(|other| other.enrollment == thread.enrollment);
    Ok(all)
}

fn message(app: &App, (at, kind, content): Mail) -> Message {
    Message {
        ours: kind.is_none(),
        from: content.from,
        at: app.zone.moment(at),
        badge: kind.map(words::inbound),
        text: content.text,
        attachments: content
            .attachments
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
        evidence: evidence(&content.verdict),
    }
}

/// What the classifier wrote down, a line for each thing.
fn evidence(verdict: &Json) -> Vec<String> {
    let text = |value: &Json| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut lines = Vec::new();
    if let Some(by) = verdict.get("matched_by").filter(|by| !by.is_null()) {
        lines.push(format!(
            "It belongs to this conversation by: {}",
            text(by).replace('_', " ")
        ));
    }
    let all = verdict.get("evidence").and_then(Json::as_array);
    lines.extend(all.into_iter().flatten().map(text));
    lines
}
