//! A request in, a response out. Mounted by any framework.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use jooper_core::EmailAddress;

use crate::error::TrackingError;
use crate::page;
use crate::request::Wish;
use crate::token::{Purpose, Ticket};
use crate::tracking::Tracking;

/// The longest body that is read: both forms are far shorter.
const MAX_BODY: usize = 4096;

impl Tracking {
    /// Answers a request below [`Tracking::path`].
    ///
    /// GET shows a page and changes nothing; HEAD and OPTIONS are inert; POST acts when its body is
    /// `List-Unsubscribe=One-Click` (RFC 8058 section 3.1) or the page's own form. Everything that
    /// is not a live link gets the same page with status 404, whatever is wrong with it.
    pub async fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut response = match self.answer(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(%error, "a link could not be followed");
                html(StatusCode::SERVICE_UNAVAILABLE, &page::later())
            }
        };
        if request.method() == Method::HEAD {
            // RFC 9110 section 9.3.2.
            *response.body_mut() = Bytes::new();
        }
        response
    }

    async fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TrackingError> {
        let below = request
            .uri()
            .path()
            .strip_prefix(self.path())
            .unwrap_or_default();
        let Some((kind, token)) = below.split_once('/') else {
            return Ok(unknown());
        };
        let acts = match *request.method() {
            Method::GET | Method::HEAD => false,
            Method::POST => true,
            _ => return Ok(not_allowed()),
        };
        // Before anything is opened: what is too long is nobody's.
        if request.body().len() > MAX_BODY {
            return Ok(html(StatusCode::PAYLOAD_TOO_LARGE, &page::nothing_done()));
        }
        let body = acts.then(|| &request.body()[..]);
        match kind {
            "s" => return self.sign_up_door(token, body).await,
            "c" => return self.confirm_door(token, body).await,
            _ => {}
        }
        let Some(purpose) = Purpose::from_path(kind) else {
            return Ok(unknown());
        };
        let Some(ticket) = self.ticket(token, purpose).await? else {
            return Ok(unknown());
        };
        if !acts {
            let page = match purpose {
                Purpose::Unsubscribe => page::unsubscribe(),
                Purpose::Preferences => page::preferences(),
            };
            return Ok(html(StatusCode::OK, &page));
        }
        self.act(&ticket, purpose, request.body()).await
    }

    /// The page on which people ask for mail.
    async fn sign_up_door(
        &self,
        token: &str,
        body: Option<&[u8]>,
    ) -> Result<Response<Bytes>, TrackingError> {
        let Some(workspace) = self.sign_up(token).await? else {
            return Ok(unknown());
        };
        let sender = self.sender(workspace).await?.legal_name;
        let Some(body) = body else {
            return Ok(html(StatusCode::OK, &page::sign_up(&sender, false)));
        };
        let typed = form_value(body, "email").unwrap_or_default();
        let Ok(address) = EmailAddress::parse(typed.trim()) else {
            return Ok(html(StatusCode::BAD_REQUEST, &page::sign_up(&sender, true)));
        };
        self.ask_opt_in(workspace, &address).await?;
        Ok(html(StatusCode::OK, &page::look_into_your_mailbox()))
    }

    /// The page on which the address itself confirms.
    async fn confirm_door(
        &self,
        token: &str,
        body: Option<&[u8]>,
    ) -> Result<Response<Bytes>, TrackingError> {
        let Some((workspace, id)) = self.confirmation(token).await? else {
            return Ok(unknown());
        };
        let Some(request) = self.opt_in_request(workspace, id).await? else {
            return Ok(unknown());
        };
        let Some(body) = body else {
            let page = self.opt_in_page(workspace).await?;
            return Ok(html(StatusCode::OK, &page));
        };
        let page = match form_value(body, "choice").as_deref() {
            Some("yes") => {
                let receipt = self.confirm(workspace, &request).await?;
                page::confirmed(&receipt)
            }
            Some("no") => {
                self.decline(workspace, &request).await?;
                page::declined()
            }
            _ => return Ok(html(StatusCode::BAD_REQUEST, &page::nothing_done())),
        };
        Ok(html(StatusCode::OK, &page))
    }

    async fn act(
        &self,
        ticket: &Ticket,
        purpose: Purpose,
        body: &[u8],
    ) -> Result<Response<Bytes>, TrackingError> {
        let choice = form_value(body, "List-Unsubscribe")
            .filter(|value| value == "One-Click")
            .map(|_| "stop".to_owned())
            .or_else(|| form_value(body, "choice"));
        let page = match (purpose, choice.as_deref()) {
            (_, Some("stop")) => {
                self.stop(ticket).await?;
                let preferences = self.link(ticket, Purpose::Preferences).await?;
                page::stopped(preferences.path())
            }
            (Purpose::Preferences, Some("everyone")) => {
                self.stop_everywhere(ticket).await?;
                page::stopped_everywhere()
            }
            (Purpose::Preferences, Some("see")) => {
                self.request(ticket, Wish::See).await?;
                page::requested()
            }
            (Purpose::Preferences, Some("erase")) => {
                self.request(ticket, Wish::Erase).await?;
                page::requested()
            }
            _ => return Ok(html(StatusCode::BAD_REQUEST, &page::nothing_done())),
        };
        Ok(html(StatusCode::OK, &page))
    }
}

/// A field of an `application/x-www-form-urlencoded` or `multipart/form-data` body. RFC 8058
/// section 3.1 allows both for the one click.
fn form_value(body: &[u8], name: &str) -> Option<String> {
    let plain = url::form_urlencoded::parse(body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned());
    plain.or_else(|| {
        let text = std::str::from_utf8(body).ok()?;
        let (_, part) = text.split_once(&format!("name=\"{name}\""))?;
        let (_, value) = part.split_once("\r\n\r\n")?;
        value.split("\r\n").next().map(str::to_owned)
    })
}

fn unknown() -> Response<Bytes> {
    html(StatusCode::NOT_FOUND, &page::unknown())
}

fn not_allowed() -> Response<Bytes> {
    let mut response = html(StatusCode::METHOD_NOT_ALLOWED, "");
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

fn html(status: StatusCode, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    let policy = page::content_security_policy();
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
