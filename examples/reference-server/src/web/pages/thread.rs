//! One conversation: what was said, how it was judged, and what a person does about it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jooper::consent::StopError;
use jooper::core::{
    IdSource, InboundKind, MailboxState, MessageId, NotSentReason, Origin, SendKey, SendState,
    SystemIds, ThreadId,
};
use jooper::sequence::EngineError;
use jooper::storage::tables::{MESSAGE, MessageContent, MessageRow, SendRow, ThreadRow};
use jooper::storage::{Batch, Column, Record, Scan, StorageExt};
use jooper::vault::{Place, ShowToOwner};
use uuid::Uuid;

use super::verdict::{intent, is_provisional, lines};
use super::{id, lead};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::views::thread::{Answer, Judged, Message, ThreadPage, Trouble};
use crate::web::words;

/// A mail of a conversation, opened.
pub(super) struct Mail {
    pub(super) id: MessageId,
    pub(super) thread: ThreadId,
    pub(super) at: Timestamp,
    /// What it was judged to be; none for our own.
    pub(super) kind: Option<InboundKind>,
    pub(super) send: Option<SendKey>,
    pub(super) content: MessageContent,
}

/// What the browser may do with a mail's own formatting: nothing.
const SEALED: &str = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

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
        mails.push(Mail {
            id: row.id,
            thread: row.thread,
            at: row.at,
            kind: row.kind,
            send: row.send_key,
            content,
        });
    }
    Ok(mails)
}

async fn load(app: &App, thread: &str) -> Result<ThreadRow, PageError> {
    let thread: ThreadId = id(thread, "conversation")?;
    let found = app
        .jooper
        .storage()
        .find::<ThreadRow>(app.workspace, vec![thread.to_value()])
        .await?;
    Ok(found.ok_or(PageError::NotFound("conversation"))?.record)
}

/// `GET /inbox/{thread}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(thread): Path<String>,
) -> Result<Response, PageError> {
    let thread = load(&app, &thread).await?;
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
    // Before the mails are read: what arrives in between was not looked at.
    let conversations = app.jooper.workspace(app.workspace).conversations();
    let objection = match lead::has_provisional_stop(&app, thread.lead).await? {
        true => Some(conversations.objection(thread.id, app.owner).await?),
        false => None,
    };
    let mut mails = Vec::new();
    let parts = parts(&app, &thread).await?;
    let shown: Vec<_> = parts.iter().map(|part| part.id).collect();
    for part in parts {
        mark(&app, &part, false).await?;
        mails.extend(self::mails(&app, &part).await?);
    }
    mails.sort_by_key(|mail| mail.at);
    let subject = mails
        .first()
        .map(|mail| mail.content.subject.clone())
        .unwrap_or_default();
    // An answer goes into the thread that the person wrote in last, to where they wrote from.
    let answered = mails.iter().rev().find(|mail| is_from_a_person(mail));
    let answer = answered.map(|mail| Answer {
        thread: mail.thread.to_string(),
        to: mail.content.from.clone(),
    });
    let provisional = mails
        .iter()
        .any(|mail| is_provisional(&mail.content.verdict));
    let objection = objection.filter(|_| provisional);
    let mut messages = Vec::with_capacity(mails.len());
    let account = mailbox.as_ref().map(|(row, _)| row.state);
    for mail in mails {
        messages.push(message(&app, mail, account).await?);
    }
    respond(&ThreadPage {
        layout: Layout::new(&app, &visitor, Section::Inbox, "Conversation").narrow(),
        id: thread.id.to_string(),
        who: person.name(),
        lead: format!("/leads/{}", thread.lead),
        subject,
        mailbox: mailbox
            .map(|(_, profile)| profile.email)
            .unwrap_or_default(),
        messages,
        objection: objection.map(|objection| Judged {
            elsewhere: objection
                .elsewhere
                .into_iter()
                .filter(|thread| !shown.contains(thread))
                .map(|thread| format!("/inbox/{thread}"))
                .collect(),
            seen: objection.seen,
        }),
        answer,
        key: SystemIds.uuid(app.now()).to_string(),
    })
}

/// Remembers whether somebody has looked. Whoever writes to the conversation meanwhile wins: what
/// just arrived is unread.
async fn mark(app: &App, thread: &ThreadRow, unread: bool) -> Result<(), PageError> {
    let (workspace, storage) = (app.workspace, app.jooper.storage());
    let key = vec![thread.id.to_value()];
    let Some(found) = storage.find::<ThreadRow>(workspace, key).await? else {
        return Ok(());
    };
    if found.record.unread == unread || found.record.last_at != thread.last_at {
        return Ok(());
    }
    let next = ThreadRow {
        unread,
        ..found.record
    };
    let batch = Batch::new(workspace).update(&next, found.version);
    match storage.commit(batch).await {
        Err(error) if error.is_conflict() => Ok(()),
        result => Ok(result?),
    }
}

/// `POST /inbox/{thread}/unread`
pub(crate) async fn unread(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let thread = load(&app, &thread).await?;
    mark(&app, &thread, true).await?;
    app.sessions.tell(&visitor.key, "good", "Marked as unread.");
    Ok(Redirect::to("/inbox").into_response())
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

/// Whether a mail is the person's: what merely shares their company's domain is tied to no send.
const fn is_from_a_person(mail: &Mail) -> bool {
    mail.send.is_some()
        && matches!(
            mail.kind,
            Some(InboundKind::Reply | InboundKind::Unsubscribe | InboundKind::Calendar)
        )
}

async fn message(
    app: &App,
    mail: Mail,
    account: Option<MailboxState>,
) -> Result<Message, PageError> {
    let content = mail.content;
    let formatted = content
        .html
        .is_some()
        .then(|| format!("/inbox/{}/mail/{}", mail.thread, mail.id));
    Ok(Message {
        ours: mail.kind.is_none(),
        from: content.from,
        at: app.zone.moment(mail.at),
        badge: mail.kind.map(words::inbound),
        intent: intent(&content.verdict),
        text: content.text,
        attachments: content
            .attachments
            .into_iter()
            .map(|(name, bytes)| (name, bytes.div_ceil(1024)))
            .collect(),
        evidence: lines(&content.verdict),
        formatted,
        trouble: trouble(app, mail.send, account).await?,
    })
}

/// What keeps an answer that a person wrote from being sent; none once it is.
async fn trouble(
    app: &App,
    send: Option<SendKey>,
    account: Option<MailboxState>,
) -> Result<Option<Trouble>, PageError> {
    let Some(key @ SendKey::Reply { thread, key: form }) = send else {
        return Ok(None);
    };
    let found = app
        .jooper
        .storage()
        .find::<SendRow>(app.workspace, vec![key.to_value()])
        .await?;
    let Some(row) = found.map(|row| row.record) else {
        return Ok(None);
    };
    let (says, again) = match row.state {
        SendState::Sent => return Ok(None),
        SendState::NotSent => {
            let why = row.not_sent.map_or("not accepted", words::failed);
            // The same mail would be refused the same way, so the engine does not try it again.
            let lasts = row.not_sent.is_some_and(NotSentReason::is_final);
            let advice = row.not_sent.map_or("", words::advice);
            (format!("Not sent: {why}.{advice}"), !lasts)
        }
        SendState::Unknown => {
            let says =
                "Nobody knows yet whether this went. It is looked for, and never sent twice.";
            (says.to_owned(), false)
        }
        SendState::Skipped => (
            "Not sent: this person may not be written to.".to_owned(),
            false,
        ),
        _ => {
            let still = account.filter(|state| !state.sends());
            let why = still.map(|state| words::mailbox(state).0.label);
            let says = why.map_or_else(
                || "Waits to be sent.".to_owned(),
                |why| format!("Waits: the mailbox does not send now ({why})."),
            );
            (says, true)
        }
    };
    Ok(Some(Trouble {
        says,
        again: again.then(|| (format!("/inbox/{thread}/reply"), form.to_string())),
    }))
}

fn back(
    app: &App,
    visitor: &Visitor,
    thread: ThreadId,
    tone: &'static str,
    told: &str,
) -> Response {
    app.sessions.tell(&visitor.key, tone, told);
    Redirect::to(&format!("/inbox/{thread}")).into_response()
}

/// `POST /inbox/{thread}/reply`: the form's key makes pressing twice send once.
pub(crate) async fn reply(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let thread: ThreadId = id(&thread, "conversation")?;
    let key: Uuid = fields.id("key")?;
    let conversations = app.jooper.workspace(app.workspace).conversations();
    conversations
        .reply(thread, key, fields.text("text"), app.owner)
        .await?;
    let told = "Handed over. It goes out as soon as the mailbox is free.";
    Ok(back(&app, &visitor, thread, "good", told))
}

/// `POST /inbox/{thread}/objection`: a person judges words that look like an objection.
pub(crate) async fn objection(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let thread: ThreadId = id(&thread, "conversation")?;
    let conversations = app.jooper.workspace(app.workspace).conversations();
    let told = match fields.text("do") {
        "confirm" => {
            conversations.confirm_objection(thread, app.owner).await?;
            "Confirmed. This person gets no more mail."
        }
        "dismiss" => {
            let seen = fields.text("seen");
            match conversations
                .dismiss_objection(thread, app.owner, seen)
                .await
            {
                Err(EngineError::Stop(StopError::NotAsSeen)) => {
                    let told = "Nothing was taken back: they wrote again since this page was opened, or \
                                somebody has judged it. Please read it as it stands now.";
                    return Ok(back(&app, &visitor, thread, "warn", told));
                }
                taken => taken?,
            };
            "Taken back: this was no objection."
        }
        _ => return Err(PageError::BadRequest("the button is not known".to_owned())),
    };
    Ok(back(&app, &visitor, thread, "good", told))
}

/// `GET /inbox/{thread}/mail/{mail}`: a mail with its own formatting, cleaned, in a page that may
/// load and run nothing.
pub(crate) async fn formatted(
    State(app): State<Arc<App>>,
    _: Visitor,
    Path((thread, mail)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let thread = load(&app, &thread).await?;
    let wanted: MessageId = id(&mail, "mail")?;
    let mails = mails(&app, &thread).await?;
    let html = mails
        .into_iter()
        .find(|mail| mail.id == wanted)
        .and_then(|mail| mail.content.html)
        .ok_or(PageError::NotFound("mail"))?;
    let page = format!("<!doctype html><meta charset=\"utf-8\"><title>A mail</title>{html}");
    let policy = HeaderValue::from_static(SEALED);
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response())
}
