//! Signing in and out.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::app::App;
use super::error::PageError;
use super::forms::Fields;
use super::guard;
use super::known::{self, Asking};
use super::sessions::{Pending, Visitor};
use super::views::login::LoginPage;
use super::views::respond;
use crate::commands::password_matches;

fn form(app: &App, visitor: &Visitor, error: &'static str) -> Result<Response, PageError> {
    respond(&LoginPage {
        csrf: visitor.csrf.clone(),
        error,
        password: app.password_hash.is_some(),
        google: app.sign_in.is_some(),
    })
}

/// `GET /login`
pub(super) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    if visitor.signed_in || !app.needs_sign_in() {
        return Ok(Redirect::to("/").into_response());
    }
    form(&app, &visitor, "")
}

/// `POST /login`: the one password.
#[allow(clippy::disallowed_methods, reason = "the handle is awaited at once")]
pub(super) async fn password(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Asking(browser): Asking,
    fields: Fields,
) -> Result<Response, PageError> {
    let Some(hash) = app.password_hash.clone() else {
        return Err(PageError::NotFound("password sign-in"));
    };
    if !app.throttle.admit(&browser) {
        return form(
            &app,
            &visitor,
            "Too many tries. Wait a minute, then try again.",
        );
    }
    let given = fields.all("password").next().unwrap_or_default().to_owned();
    let one_at_a_time = app.one_password.lock().await;
    let right = tokio::task::spawn_blocking(move || password_matches(&given, &hash)).await;
    drop(one_at_a_time);
    if !right.map_err(|error| PageError::Internal(Box::new(error)))? {
        return form(&app, &visitor, "That is not the password.");
    }
    app.throttle.clear(&browser);
    let mut response = welcome(&app, &visitor)?;
    known::remember(&app, &mut response)?;
    Ok(response)
}

/// Replaces the session by one that has signed in: whoever planted the old cookie gains nothing.
pub(super) fn welcome(app: &App, visitor: &Visitor) -> Result<Response, PageError> {
    app.sessions.end(&visitor.key);
    let (cookie, _) = app.sessions.begin(true)?;
    let mut response = Redirect::to("/").into_response();
    guard::set_cookie(app, &mut response, &cookie);
    Ok(response)
}

/// `POST /login/google`: off to Google, to come back at the callback.
pub(super) async fn google(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: Fields,
) -> Result<Response, PageError> {
    let flow = app
        .sign_in
        .as_ref()
        .ok_or(PageError::NotFound("Google sign-in"))?;
    let (url, pending) = flow.begin();
    app.sessions
        .set_pending(&visitor.key, Pending::SignIn(pending));
    Ok(Redirect::to(url.as_str()).into_response())
}

/// `POST /logout`
pub(super) async fn out(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: Fields,
) -> Result<Response, PageError> {
    app.sessions.end(&visitor.key);
    Ok(Redirect::to("/login").into_response())
}
