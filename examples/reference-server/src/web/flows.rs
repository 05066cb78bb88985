//! Where Google sends browsers back to.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::MailboxState;
use jooper::gmail::{Callback, ConnectError, Connected, Grant, PendingAuthorization};
use jooper::sequence::ConnectMailbox;

use super::app::App;
use super::error::PageError;
use super::guard::Query;
use super::login;
use super::sessions::{Pending, Visitor};
use super::standing::Standing;

/// `GET /oauth/callback`: ends whichever trip this browser's session began. The answer to a trip
/// of another session, or a second answer, finds nothing.
pub(super) async fn callback(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let callback =
        Callback::from_query(&query.0).map_err(|error| PageError::BadRequest(error.to_string()))?;
    match app.sessions.take_pending(&visitor.key, callback.state()) {
        Some(Pending::SignIn(pending)) => sign_in(&app, &visitor, callback, pending).await,
        Some(Pending::Connect(pending)) if visitor.signed_in || !app.needs_sign_in() => {
            connect(&app, &visitor, callback, pending).await
        }
        _ => Err(PageError::Forbidden(
            "this answer of Google's belongs to no open request of this browser; begin again",
        )),
    }
}

async fn sign_in(
    app: &App,
    visitor: &Visitor,
    callback: Callback,
    pending: PendingAuthorization,
) -> Result<Response, PageError> {
    let flow = app
        .sign_in
        .as_ref()
        .ok_or(PageError::NotFound("Google sign-in"))?;
    let who = flow.finish(callback, pending).await.map_err(refused)?;
    if !who.address_is_authoritative() || !app.google_accounts.contains(&who.email) {
        tracing::warn!("somebody signed in at Google whom [login] google_accounts does not name");
        return Err(PageError::Forbidden(
            "this Google account may not sign in here",
        ));
    }
    login::welcome(app, visitor)
}

async fn connect(
    app: &App,
    visitor: &Visitor,
    callback: Callback,
    pending: PendingAuthorization,
) -> Result<Response, PageError> {
    let connected = match app.connect.finish(callback, pending).await {
        Ok(connected) => connected,
        Err(error @ (ConnectError::Declined | ConnectError::NothingGranted)) => {
            app.sessions.tell(
                &visitor.key,
                "warn",
                format!("Nothing was connected: {error}."),
            );
            return Ok(Redirect::to("/mailboxes").into_response());
        }
        Err(error) => return Err(refused(error)),
    };
    let (tone, text) = match connected.grant {
        Grant::Full if connected.grant_is_named => ("good", "The mailbox is connected."),
        Grant::Full => (
            "warn",
            "The mailbox is connected. The server did not say what was allowed: should sending or \
             reading be refused, the list below will show it.",
        ),
        Grant::SendOnly => (
            "warn",
            "The mailbox is connected, but replies and bounces cannot be read: connect again and \
             tick both boxes.",
        ),
        _ => (
            "warn",
            "The mailbox is connected, but cannot send: connect again and tick both boxes.",
        ),
    };
    let workspace = app.jooper.workspace(app.workspace);
    let id = workspace.connect(mailbox(app, connected)).await?;
    app.sessions.tell(&visitor.key, tone, text);
    if Standing::read(app).await?.held(id) {
        let text = "The mailbox is connected, and held: its domain does not prove its mail yet. What to \
                    publish stands beside it.";
        app.sessions.tell(&visitor.key, "warn", text);
    }
    Ok(Redirect::to("/mailboxes").into_response())
}

fn mailbox(app: &App, connected: Connected) -> ConnectMailbox {
    ConnectMailbox {
        owner: app.owner,
        sub: connected.sub,
        display_name: connected
            .name
            .unwrap_or_else(|| connected.email.local().to_owned()),
        aliases: vec![connected.email.to_string()],
        email: connected.email,
        state: match connected.grant {
            Grant::Full => MailboxState::Connected,
            Grant::SendOnly => MailboxState::SendOnly,
            _ => MailboxState::ReadOnly,
        },
        credentials: connected.tokens.into_credentials(),
    }
}

fn refused(error: ConnectError) -> PageError {
    match error {
        ConnectError::State | ConnectError::Expired | ConnectError::Code => {
            PageError::BadRequest(error.to_string())
        }
        ConnectError::Unavailable => PageError::Internal(Box::new(error)),
        error => PageError::Conflict(error.to_string()),
    }
}
