//! Connecting and disconnecting accounts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::{EventKind, MailboxId, MailboxState, RollupPart, day_of, rollup_key};
use jooper::sequence::{EngineError, mailboxes_ahead};
use jooper::storage::tables::{ROLLUP, RollupRow};
use jooper::storage::{Key, Record, Value};

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::sessions::{Pending, Visitor};
use crate::web::standing::Standing;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::mailboxes::{Mailbox, MailboxesPage, Undone, Unreadable};
use crate::web::views::respond;
use crate::web::words;

/// `GET /mailboxes`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let known = app
        .jooper
        .workspace(app.workspace)
        .mailboxes()
        .list()
        .await?;
    let now = app.now();
    let day = RollupPart::Day(day_of(now));
    let keys: Vec<Key> = known
        .iter()
        .map(|(row, _)| rollup_key(EventKind::Sent, &[RollupPart::Mailbox(row.id), day]))
        .map(|key| Key::new(&ROLLUP, vec![Value::Bytes(key)]))
        .collect();
    let counts = app
        .jooper
        .storage()
        .get(app.workspace.into(), &keys)
        .await?;
    let standing = Standing::read(&app).await?;
    let workspace = app.jooper.workspace(app.workspace);
    let senders = workspace.mailboxes().senders().await?;
    let rules = app.jooper.engine().sender_rules();
    let ahead = mailboxes_ahead(app.jooper.storage(), app.workspace, now).await?;
    let mut mailboxes = Vec::with_capacity(known.len());
    for ((row, profile), count) in known.into_iter().zip(counts) {
        let count = count
            .map(|row| RollupRow::from_values(row.values))
            .transpose()?;
        let parked = row.parked_until.filter(|until| *until > now);
        let (badge, advice) = standing.mailbox(&row);
        let (held, leaving) = (standing.held(row.id), standing.leaving(&row));
        let unchecked = held && rules.is_none();
        let advice = match unchecked && advice == words::HELD_MAILBOX.1 {
            true => words::UNCHECKED_MAILBOX,
            false => advice,
        };
        let domain = match senders.get(&row.id) {
            Some(verdict) => words::sender(&profile.email, verdict, rules),
            None if held && rules.is_some() => vec![words::NOT_ASKED.to_owned()],
            None => Vec::new(),
        };
        let new_today = match row.state {
            MailboxState::Disconnected => None,
            _ => workspace.mailboxes().new_today(row.id).await?,
        };
        mailboxes.push(Mailbox {
            id: row.id.to_string(),
            name: profile.display_name,
            email: profile.email,
            badge,
            advice,
            parked_until: parked.map(|at| app.zone.moment(at)),
            park_reason: words::parked(row.park_reason),
            connected: app.zone.moment(row.connected_at),
            read: row.synced_at.map(|at| app.zone.moment(at)),
            sent_today: count.map_or(0, |row| row.count.unsigned_abs()),
            new_today,
            ahead: ahead.get(&row.id).map(|seen| app.zone.moment(*seen)),
            can_disconnect: leaving
                || !matches!(
                    row.state,
                    MailboxState::Disconnected | MailboxState::NeedsReauth
                ),
            can_reconnect: leaving
                || !matches!(row.state, MailboxState::Connected | MailboxState::Paused),
            can_pause: row.state == MailboxState::Connected && !leaving,
            domain_checked: senders
                .get(&row.id)
                .map(|verdict| app.zone.moment(verdict.checked_at)),
            domain,
            can_release: unchecked && row.state != MailboxState::Disconnected,
            can_check: rules.is_some() && row.state != MailboxState::Disconnected,
            can_resume: row.state == MailboxState::Paused && !standing.tripped(row.id),
        });
    }
    let unread = workspace.mailboxes().unreadable().await?;
    let unreadable = unread.into_iter().map(|mail| {
        let mailbox = mail.mailbox.to_string();
        let known = mailboxes.iter().find(|known| known.id == mailbox);
        Unreadable {
            email: known.map_or_else(String::new, |known| known.email.clone()),
            mailbox,
            mail: mail.provider_id,
            at: app.zone.moment(mail.at),
        }
    });
    let unreadable = unreadable.collect();
    let undone = workspace.mailboxes().undone().await?;
    let undone = undone.into_iter().map(|undone| {
        let mailbox = undone.mailbox.to_string();
        let known = mailboxes.iter().find(|known| known.id == mailbox);
        Undone {
            email: known.map_or_else(String::new, |known| known.email.clone()),
            id: undone.id.to_string(),
            mailbox,
            command: undone.command.replace('_', " "),
            missing: words::missing(undone.missing),
            at: app.zone.moment(undone.at),
        }
    });
    let undone = undone.collect();
    let layout = Layout::new(&app, &visitor, Section::Mailboxes, "Mailboxes");
    respond(&MailboxesPage {
        layout,
        mailboxes,
        unreadable,
        undone,
    })
}

/// `POST /mailboxes/{id}/looked`: somebody looked at a mail that could not be read.
pub(crate) async fn looked(
    State(app): State<Arc<App>>,
    _: Visitor,
    Path(mailbox): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let mailbox: MailboxId = id(&mailbox, "mailbox")?;
    let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
    mailboxes.looked_at(mailbox, fields.text("mail")).await?;
    Ok(Redirect::to("/mailboxes").into_response())
}

/// `POST /mailboxes/{id}/undone`: somebody looked at what could not be done.
pub(crate) async fn undone(
    State(app): State<Arc<App>>,
    _: Visitor,
    Path(_): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
    mailboxes.looked_at_undone(fields.id("command")?).await?;
    Ok(Redirect::to("/mailboxes").into_response())
}

/// `POST /mailboxes/connect`: off to Google's consent screen.
///
/// `login_hint` is for scripts: the pages do not send an address, which would stand in the
/// browser's history.
pub(crate) async fn connect(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, PageError> {
    let hint = Some(fields.text("login_hint")).filter(|hint| !hint.is_empty());
    let (url, pending) = app.connect.begin(hint);
    app.sessions
        .set_pending(&visitor.key, Pending::Connect(pending));
    Ok(Redirect::to(url.as_str()).into_response())
}

/// `POST /mailboxes/{id}/reconnect`: off to Google's consent screen for this account alone. It is
/// named by Google's own id, so that no address stands in the browser's history.
pub(crate) async fn reconnect(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(mailbox): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let mailbox: MailboxId = id(&mailbox, "mailbox")?;
    let known = app
        .jooper
        .workspace(app.workspace)
        .mailboxes()
        .list()
        .await?;
    let (_, profile) = known
        .into_iter()
        .find(|(row, _)| row.id == mailbox)
        .ok_or(PageError::NotFound("mailbox"))?;
    let (url, pending) = app.connect.reconnect(&profile.sub);
    app.sessions
        .set_pending(&visitor.key, Pending::Connect(pending));
    Ok(Redirect::to(url.as_str()).into_response())
}

/// Where an account's owner takes back what they allowed.
const PERMISSIONS: (&str, &str) = (
    "https://myaccount.google.com/permissions",
    "the account's permissions at Google",
);

/// `POST /mailboxes/{id}/revoke`: disconnects, and takes the permission back at Google as well.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(mailbox): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let mailbox = id(&mailbox, "mailbox")?;
    let workspace = app.jooper.workspace(app.workspace);
    match workspace.revoke_and_disconnect(mailbox).await {
        Ok(()) => {
            let told = "Disconnected, and the permission is taken back at Google.";
            app.sessions.tell(&visitor.key, "good", told);
        }
        Err(EngineError::Transport(error)) => {
            tracing::warn!(%error, "a grant could not be revoked");
            let told = "No mail starts from it until it is connected again, but Google did not take \
                        the permission back. Try again, or remove the app yourself:";
            app.sessions.point(&visitor.key, "warn", told, PERMISSIONS);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Redirect::to("/mailboxes").into_response())
}

/// `POST /mailboxes/{id}/{verb}`: what is done and told in one sentence.
pub(crate) async fn act(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((mailbox, verb)): Path<(String, String)>,
    _: Fields,
) -> Result<Response, PageError> {
    let mailbox = id(&mailbox, "mailbox")?;
    let workspace = app.jooper.workspace(app.workspace);
    let mailboxes = workspace.mailboxes();
    let told = match &*verb {
        "pause" => {
            mailboxes.pause(mailbox).await?;
            "Paused. No mail starts from it any more; answers are still read."
        }
        "resume" => {
            mailboxes.resume(mailbox, app.owner).await?;
            "It goes on."
        }
        "release" => {
            mailboxes.release_unchecked(mailbox, app.owner).await?;
            "Noted in your name: it sends, and nobody checks its domain."
        }
        "season" => {
            mailboxes.season(mailbox, app.owner).await?;
            "Noted in your name: it is not new, and sends what its campaigns allow."
        }
        "clock" => {
            mailboxes.trust_clock(mailbox, app.owner).await?;
            "Noted in your name: its limits count from the clock as it is. It sends nothing for a day."
        }
        _ => return Err(PageError::NotFound("page")),
    };
    app.sessions.tell(&visitor.key, "good", told);
    Ok(Redirect::to("/mailboxes").into_response())
}

/// `POST /mailboxes/{id}/check`: asks the DNS now whether its domain proves its mail.
pub(crate) async fn check(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(mailbox): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let mailbox = id(&mailbox, "mailbox")?;
    let workspace = app.jooper.workspace(app.workspace);
    let (tone, told) = match workspace.mailboxes().check_sender(mailbox).await {
        Ok(verdict) if verdict.findings.hold() => ("warn", "Checked: something is missing still."),
        Ok(_) => ("good", "Checked: its domain proves its mail."),
        Err(EngineError::Dns(error)) => {
            tracing::warn!(%error, "the DNS could not be asked about a mailbox");
            (
                "warn",
                "The DNS did not answer. What it said last stands; try again later.",
            )
        }
        Err(error) => return Err(error.into()),
    };
    app.sessions.tell(&visitor.key, tone, told);
    Ok(Redirect::to("/mailboxes").into_response())
}

/// `POST /mailboxes/{id}/disconnect`
pub(crate) async fn disconnect(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(mailbox): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let mailbox = id(&mailbox, "mailbox")?;
    app.jooper
        .workspace(app.workspace)
        .disconnect(mailbox)
        .await?;
    let told = "Disconnected. No mail starts from it any more, and its tokens are deleted here. The \
                permission at Google stays until its owner removes it:";
    app.sessions.point(&visitor.key, "good", told, PERMISSIONS);
    Ok(Redirect::to("/mailboxes").into_response())
}
