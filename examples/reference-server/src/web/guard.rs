//! Who asks, and whether they may: host, session, sign-in, origin.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::app::App;
use super::error::PageError;
use super::sessions::Visitor;

/// What somebody who has not signed in may open.
const OPEN: &[&str] = &[
    "/login",
    "/login/google",
    "/login/callback",
    "/oauth/callback",
];

/// Refuses names that are not ours; see [`App::is_own_host`].
pub(crate) async fn host(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let named = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if named.is_some_and(|host| app.is_own_host(host)) {
        return next.run(request).await;
    }
    PageError::Forbidden("this server is not known under that name").into_response()
}

/// Finds or begins the session, and lets nobody pass who may not.
pub(crate) async fn session(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let known =
        cookie(request.headers(), &app.cookie_name()).and_then(|cookie| app.sessions.find(cookie));
    let (fresh, visitor) = match known {
        Some(visitor) => (None, visitor),
        None => match app.sessions.begin(false) {
            Ok((cookie, visitor)) => (Some(cookie), visitor),
            Err(error) => return error.into_response(),
        },
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let locked = app.needs_sign_in() && !visitor.signed_in && !OPEN.contains(&request.uri().path());
    let mut response = if !reads && !comes_from_us(&app, request.headers()) {
        PageError::Forbidden("this form was not sent from one of this server's own pages")
            .into_response()
    } else if locked && reads {
        Redirect::to("/login").into_response()
    } else if locked {
        PageError::Forbidden("you are not signed in any more").into_response()
    } else {
        request.extensions_mut().insert(visitor);
        next.run(request).await
    };
    if let Some(cookie) = fresh
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        set_cookie(&app, &mut response, &cookie);
    }
    response
}

/// Whether a request that changes something was sent from our own pages. Browsers say so in
/// `Origin`; one that withholds it says at least whose page it was (Fetch Metadata).
fn comes_from_us(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("origin") {
        Some("null") | None => text("sec-fetch-site") == Some("same-origin"),
        Some(origin) => app.is_own_origin(origin),
    }
}

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Gives the browser its session.
pub(crate) fn set_cookie(app: &App, response: &mut Response, cookie: &str) {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let name = app.cookie_name();
    let line = format!("{name}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}");
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let visitor = parts.extensions.get::<Self>().cloned();
        visitor.ok_or(PageError::Forbidden("this page needs a session"))
    }
}

/// The query of the request, without the question mark; empty when there is none.
pub(crate) struct Query(pub(crate) String);

impl Query {
    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.0.as_bytes())
            .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }

    /// Every value of a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = String> {
        let pairs = url::form_urlencoded::parse(self.0.as_bytes());
        let named = pairs.filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.into_owned())
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; xjooper=no; jooper=yes=2"),
        );
        assert_eq!(cookie(&headers, "jooper"), Some("yes=2"));
        assert_eq!(cookie(&headers, "joope"), None);
    }
}
