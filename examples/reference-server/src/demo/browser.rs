//! Connects a mailbox as its owner's browser would: the same requests, the same cookies.

use reqwest::{StatusCode, header};
use url::Url;

use crate::error::{Context, ServerError};

/// Presses "connect" for an account and follows Google's redirects back.
pub(super) async fn connect(public_url: &Url, email: &str) -> Result<(), ServerError> {
    let failed = || format!("connecting {email}");
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .context(failed())?;
    let page = browser
        .get(public_url.join("mailboxes").context(failed())?)
        .send()
        .await
        .context(failed())?;
    let cookie = cookie_of(&page);
    let html = page.text().await.context(failed())?;
    let token = html
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", &token)
        .append_pair("login_hint", email)
        .finish();
    let answer = browser
        .post(public_url.join("mailboxes/connect").context(failed())?)
        .header(header::COOKIE, &cookie)
        .header(header::ORIGIN, public_url.origin().ascii_serialization())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .context(failed())?;
    let consent = location(&answer, public_url)?;
    let answer = browser.get(consent).send().await.context(failed())?;
    let back = location(&answer, public_url)?;
    let answer = browser
        .get(back)
        .header(header::COOKIE, &cookie)
        .send()
        .await
        .context(failed())?;
    if answer.status() == StatusCode::SEE_OTHER {
        return Ok(());
    }
    Err(ServerError::Usage(format!(
        "connecting {email}: the server answered {}",
        answer.status()
    )))
}

fn cookie_of(answer: &reqwest::Response) -> String {
    answer
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned))
        .collect::<Vec<_>>()
        .join("; ")
}

fn location(answer: &reqwest::Response, base: &Url) -> Result<Url, ServerError> {
    answer
        .headers()
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| base.join(value).ok())
        .ok_or_else(|| ServerError::Usage(format!("expected a redirect, got {}", answer.status())))
}
