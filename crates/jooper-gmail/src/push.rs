//! The door that Pub/Sub knocks at.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Request, Response, StatusCode};
use jooper_core::{Clock, EmailAddress};
use jooper_transport::HttpClient;
use serde::Deserialize;

use crate::api::opaque;
use crate::oauth::{Expected, IdTokenError, IdentityVerifier};
use crate::settings::{GmailSettings, PushSettings};

/// The longest notification that is read.
const MAX_BODY: usize = 64 * 1024;

/// A hint that a mailbox has changed. What changed must be read; nothing here is proof of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushHint {
    /// The account's address, in clear: look it up by its keyed index and drop it.
    pub address: EmailAddress,
    /// The mailbox's history id then. Opaque, and perhaps older than what was read already.
    pub history_id: String,
}

impl fmt::Debug for PushHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushHint")
            .field("history_id", &self.history_id)
            .finish_non_exhaustive()
    }
}

/// Takes push notifications: a function from request to response, for any HTTP framework.
///
/// Each must carry a token of the subscription's own service account for the configured audience
/// (Pub/Sub, "Authentication for push subscriptions"); the payload alone is believed by nobody.
#[derive(Debug, Clone)]
pub struct PushEndpoint {
    push: PushSettings,
    verifier: IdentityVerifier,
}

impl PushEndpoint {
    /// The endpoint of these settings; `None` where they set up no push.
    pub fn new(
        settings: Arc<GmailSettings>,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        let push = settings.push.clone()?;
        Some(Self {
            push,
            verifier: IdentityVerifier::new(settings, http, clock),
        })
    }

    /// Answers one notification.
    ///
    /// `wake` is called for a genuine one and says whether the hint was kept, for instance as an
    /// earlier wake-up of the mailbox's lane. Only then it is acknowledged; otherwise Pub/Sub
    /// brings it again.
    pub async fn handle<F, W>(&self, request: Request<Bytes>, wake: F) -> Response<Bytes>
    where
        F: FnOnce(PushHint) -> W,
        W: Future<Output = bool>,
    {
        let status = match self.read(&request).await {
            Ok(Some(hint)) => {
                let kept = wake(hint).await;
                if kept {
                    StatusCode::NO_CONTENT
                } else {
                    StatusCode::SERVICE_UNAVAILABLE
                }
            }
            // Genuine but not readable: it will not get better by coming again.
            Ok(None) => StatusCode::NO_CONTENT,
            Err(status) => status,
        };
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = status;
        response
    }

    async fn read(&self, request: &Request<Bytes>) -> Result<Option<PushHint>, StatusCode> {
        if request.method() != Method::POST {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        if request.body().len() > MAX_BODY {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let bearer = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|text| text.strip_prefix("Bearer "));
        let token = token.ok_or(StatusCode::UNAUTHORIZED)?;
        let expected = Expected {
            audience: &self.push.audience,
            nonce: None,
        };
        let identity = self
            .verifier
            .verify(token.trim(), &expected)
            .await
            .map_err(|error| match error {
                IdTokenError::Keys => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::UNAUTHORIZED,
            })?;
        let signer = identity.email.as_ref().map(EmailAddress::as_str);
        let ours = signer == Some(self.push.service_account.to_ascii_lowercase().as_str());
        if !ours || !identity.email_verified {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let Ok(envelope) = serde_json::from_slice::<Envelope>(request.body()) else {
            return Ok(None);
        };
        if envelope.subscription != self.push.subscription {
            return Err(StatusCode::FORBIDDEN);
        }
        Ok(hint(&envelope.message.data))
    }
}

/// The body of a push (Pub/Sub, "Receive push subscriptions").
#[derive(Deserialize)]
struct Envelope {
    message: Message,
    #[serde(default)]
    subscription: String,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    data: String,
}

fn hint(data: &str) -> Option<PushHint> {
    #[derive(Deserialize)]
    struct Data {
        #[serde(rename = "emailAddress")]
        address: String,
        #[serde(default, rename = "historyId", deserialize_with = "opaque")]
        history_id: String,
    }
    let bytes = URL_SAFE
        .decode(data)
        .or_else(|_| STANDARD.decode(data))
        .ok()?;
    let data: Data = serde_json::from_slice(&bytes).ok()?;
    let address = EmailAddress::parse(&data.address).ok()?;
    Some(PushHint {
        address,
        history_id: data.history_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_id_may_be_a_text_or_a_number() {
        for id in ["\"987\"", "987"] {
            let json = format!(r#"{{"emailAddress":"a@b.example","historyId":{id}}}"#);
            for data in [URL_SAFE.encode(&json), STANDARD.encode(&json)] {
                let hint = hint(&data).unwrap();
                assert_eq!(hint.history_id, "987");
                assert!(!format!("{hint:?}").contains("a@b.example"));
            }
        }
        assert_eq!(hint("?"), None);
        assert_eq!(hint(&STANDARD.encode("{}")), None);
    }
}
