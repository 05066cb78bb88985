//! Asking Gmail to tell when something changes, and ending a connection.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use jooper_core::from_millis;
use jooper_transport::{HttpRequest, MailboxRef, TransportError};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{Method, Request, Watching};
use crate::backoff::Patience;
use crate::call::Manner;
use crate::gmail::Gmail;
use crate::mailbox::GrantMark;
use crate::time;

/// How long a watch lasts where the answer does not say (Gmail push guide: seven days).
const UNSAID_LIFE: Duration = Duration::from_secs(7 * 86_400);
/// Google recommends to renew once a day.
const RENEW_AFTER: Duration = Duration::from_secs(86_400);
/// How long a watch is left alone that could not be begun, or was just now: polling goes on meanwhile.
const TRY_AGAIN: Duration = Duration::from_secs(600);

/// A watch that Gmail keeps on a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Watch {
    /// When it began, by this process's clock.
    pub began_at: Timestamp,
    /// When it ends by itself, by Google's.
    pub expires_at: Timestamp,
    /// When to renew it: a day after it began, and well before it ends, but not within ten minutes.
    pub renew_at: Timestamp,
}

impl Gmail {
    /// Begins or renews the watch of a mailbox; `None` where no push is set up.
    ///
    /// Call it at [`Watch::renew_at`]. Notifications are hints: they may be late, doubled or lost,
    /// at most one comes a second, and a watch may end without a word. So polling goes on beside
    /// them, and no label is filtered by: replies may skip the inbox.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn watch(&self, mailbox: MailboxRef) -> Result<Option<Watch>, TransportError> {
        let inner = &self.inner;
        let Some(push) = &inner.settings.push else {
            return Ok(None);
        };
        let session = inner.open(mailbox, Patience::Long).await?;
        let body = json!({"topicName": push.topic}).to_string();
        let request = Request::new(&inner.settings.endpoints, Method::Watch, None)
            .body(HeaderValue::from_static("application/json"), body);
        let watching: Watching = inner.call(&session, &request, Manner::READING).await?;
        let now = inner.clock.now();
        let expires_at = watching
            .expiration
            .map_or_else(|| time::after(now, UNSAID_LIFE), from_millis);
        let half = now.as_second() + (expires_at.as_second() - now.as_second()) / 2;
        let half = from_millis(half.saturating_mul(1000));
        // By a clock far ahead of Google's it has ended already: not again at each reading.
        let soonest = time::after(now, TRY_AGAIN);
        let renew_at = time::after(now, RENEW_AFTER).min(half.max(soonest));
        Ok(Some(Watch {
            began_at: now,
            expires_at,
            renew_at,
        }))
    }

    /// Disconnects a mailbox: ends its watch, deletes its tokens, forgets it.
    ///
    /// Nothing is revoked at Google: that would end every grant of the person to the whole
    /// project. The owner can do that at <https://myaccount.google.com/permissions>.
    ///
    /// # Errors
    /// [`TransportError::Credentials`] when the tokens could not be deleted. That the watch could
    /// not be ended is no error; it ends by itself.
    pub async fn disconnect(&self, mailbox: MailboxRef) -> Result<(), TransportError> {
        // First the watch: ending it needs the token.
        self.stop_watch(mailbox).await;
        self.inner
            .credentials
            .delete(mailbox)
            .await
            .map_err(|error| TransportError::Credentials(Some(Box::new(error))))?;
        self.inner.mailboxes.forget(mailbox);
        Ok(())
    }

    /// Revokes the grant at Google and disconnects: only on the owner's explicit wish.
    ///
    /// Google revokes per person and Cloud *project* (OAuth 2.0 guide, "Revoking a token"): every
    /// other mailbox row of this person is dead afterwards, and so is their sign-in, where it uses
    /// the same project.
    ///
    /// # Errors
    /// [`TransportError`]; where Google could not be reached, the tokens are still there, so that
    /// it can be tried again.
    pub async fn revoke_and_disconnect(&self, mailbox: MailboxRef) -> Result<(), TransportError> {
        self.stop_watch(mailbox).await;
        self.revoke_grant(mailbox).await?;
        self.disconnect(mailbox).await
    }

    /// Ends the grant at Google (RFC 7009); the tokens here are known as dead from then on.
    pub(crate) async fn revoke_grant(&self, mailbox: MailboxRef) -> Result<(), TransportError> {
        let inner = &self.inner;
        let stored = inner.credentials.load(mailbox).await;
        let stored = stored.map_err(|error| TransportError::Credentials(Some(Box::new(error))))?;
        let Some(stored) = stored else { return Ok(()) };
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", stored.credentials.refresh_token.expose_secret())
            .finish();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = http::Request::post(inner.settings.endpoints.revoke.url().as_str())
            .header(CONTENT_TYPE, form)
            .body(Bytes::from(body))
            .map_err(|_| TransportError::Protocol("the revocation endpoint is no URL"))?;
        let timeout = inner.settings.timeouts.oauth();
        let request = HttpRequest {
            request,
            last_byte_before: None,
            timeout,
        };
        let answer = inner
            .http
            .execute(request)
            .await
            .map_err(|_| TransportError::Unavailable)?;
        if !answer.status().is_success() && !is_dead_already(&answer) {
            return Err(TransportError::Unavailable);
        }
        let state = inner.mailboxes.get(mailbox);
        state.mark_dead(GrantMark::of(&stored.credentials));
        Ok(())
    }

    /// Begins or renews the watch where it is due. What is known of it lives in this process: after
    /// a restart it is asked for once more.
    pub(crate) async fn renew_watch(&self, mailbox: MailboxRef) {
        let inner = &self.inner;
        if inner.settings.push.is_none() {
            return;
        }
        let state = inner.mailboxes.get(mailbox);
        // Another process may have ended the watch with its grant, and connected the account again.
        let Ok(Some(stored)) = inner.credentials.load(mailbox).await else {
            return;
        };
        let grant = GrantMark::of(&stored.credentials);
        if !state.watch_is_due(grant, inner.clock.now()) {
            return;
        }
        match self.watch(mailbox).await {
            Ok(watch) => state.set_watch(watch.map(|watch| (grant, watch)), None),
            Err(error) => {
                tracing::warn!(mailbox = %mailbox.mailbox, %error, "the watch could not be renewed");
                let again = time::after(inner.clock.now(), TRY_AGAIN);
                state.set_watch(None, Some(again));
            }
        }
    }

    pub(crate) async fn stop_watch(&self, mailbox: MailboxRef) {
        let inner = &self.inner;
        if inner.settings.push.is_none() {
            return;
        }
        inner.mailboxes.get(mailbox).set_watch(None, None);
        let request = Request::new(&inner.settings.endpoints, Method::Stop, None);
        let stopped = match inner.open(mailbox, Patience::Short).await {
            Ok(session) => {
                inner
                    .call::<Value>(&session, &request, Manner::SENDING)
                    .await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = stopped {
            tracing::info!(mailbox = %mailbox.mailbox, %error, "the watch could not be ended");
        }
    }
}

impl Watch {
    /// Whether to call [`Gmail::watch`] now: also when the clock was set back behind its beginning,
    /// since nobody knows how much of it is left then.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.renew_at || now < self.began_at
    }
}

/// What Google answers for a token that ended before (RFC 7009 section 2.2.1 allows it). Any other
/// 400, such as a proxy's, is no word of Google's: nobody is told that their grant has ended.
fn is_dead_already(answer: &http::Response<Bytes>) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    answer.status() == http::StatusCode::BAD_REQUEST
        && serde_json::from_slice::<Refusal>(answer.body())
            .is_ok_and(|refusal| matches!(&*refusal.error, "invalid_token" | "invalid_grant"))
}
