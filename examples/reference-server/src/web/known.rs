//! Browsers that have signed in before. Their tries of the password count apart, so that strangers who
//! guess it lock out strangers only (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").

use aws_lc_rs::hmac;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;

use super::app::App;
use super::error::PageError;
use super::guard;
use super::random;

/// How long a browser stays known, in seconds: half a year.
const KEPT: u32 = 180 * 86_400;

/// A browser, by the name that it was given when it signed in; `None` for one that nobody knows.
pub(crate) type Browser = Option<String>;

/// Which browser asks.
pub(crate) struct Asking(pub(crate) Browser);

impl FromRequestParts<Arc<App>> for Asking {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        let cookie = guard::cookie(&parts.headers, &name(app));
        let secret = app.password_hash.as_deref();
        Ok(Self(
            cookie
                .zip(secret)
                .and_then(|(cookie, secret)| read(secret, cookie)),
        ))
    }
}

fn name(app: &App) -> String {
    format!("{}_known", app.cookie_name())
}

/// Lets the browser be known from now on.
pub(crate) fn remember(app: &App, response: &mut Response) -> Result<(), PageError> {
    let Some(secret) = &app.password_hash else {
        return Ok(());
    };
    let secure = if app.is_https() { "; Secure" } else { "" };
    let line = format!(
        "{}={}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Strict{secure}",
        name(app),
        write(secret, &random::token()?)
    );
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(())
}

/// Another password has another hash, and with it no browser is known.
fn key(password_hash: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, password_hash.as_bytes())
}

fn write(secret: &str, browser: &str) -> String {
    let tag = hmac::sign(&key(secret), browser.as_bytes());
    format!("{browser}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn read(secret: &str, cookie: &str) -> Browser {
    let (browser, tag) = cookie.split_once('.')?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    hmac::verify(&key(secret), browser.as_bytes(), &tag).ok()?;
    Some(browser.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_under_the_same_password_is_known() {
        let cookie = write("a hash", "browser");
        assert_eq!(read("a hash", &cookie).as_deref(), Some("browser"));
        assert_eq!(read("another hash", &cookie), None);
        assert_eq!(read("a hash", &cookie.replace("browser", "browsed")), None);
        assert_eq!(read("a hash", "browser"), None);
    }
}
