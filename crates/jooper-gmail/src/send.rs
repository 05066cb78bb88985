//! Handing one mail to Gmail, once.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use http::HeaderValue;
use jiff::Timestamp;
use jooper_core::NotSentReason;
use jooper_transport::{
    Cleared, HttpError, HttpRequest, LONGEST_LEAVE, Outcome, OutgoingMail, Receipt, TransportError,
    UnknownCause,
};
use serde_json::json;

use crate::api::{Failure, Message, Method, Refusal, Request, classify};
use crate::backoff::Patience;
use crate::budget::Use;
use crate::call::CROWDED;
use crate::gmail::Inner;
use crate::session::Session;
use crate::settings::Endpoints;
use crate::time;

/// Gmail's own limit for a mail (Gmail help, "Send attachments"); the API's `maxSize` of 35 MiB is
/// larger.
const MAX_BYTES: usize = 25 << 20;
/// From here on the upload endpoint is used: the JSON endpoint takes about 5 MB, and base64 adds a
/// third.
const UPLOAD_FROM: usize = 3_500_000;
/// More than either endpoint's body has around the mail.
const AROUND: usize = 1_024;
/// How long sending rests when Gmail says "too much" but not until when: it lasts for hours.
const UNSAID_PARKING: Duration = Duration::from_secs(3600);

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn not_sent(reason: NotSentReason, retry_at: Option<Timestamp>) -> Outcome {
    Outcome::NotSent { reason, retry_at }
}

/// The largest mail whose body has at most so many bytes, and that of each smaller mail, too.
const fn most_within(body: usize) -> usize {
    let body = body.saturating_sub(AROUND);
    let as_json = body / 4 * 3;
    let most = if as_json > UPLOAD_FROM { body } else { as_json };
    if most < MAX_BYTES { most } else { MAX_BYTES }
}

impl Inner {
    /// The largest mail that Gmail takes and that a permit, just given, leaves time for.
    pub(crate) fn max_bytes(&self) -> usize {
        most_within(self.http.most_upload(LONGEST_LEAVE))
    }

    /// Hands a mail over. Whatever is checked first is checked before anything is written.
    pub(crate) async fn send(&self, cleared: Cleared) -> Outcome {
        let mail = cleared.mail();
        if mail.raw().len() > self.max_bytes() {
            return not_sent(NotSentReason::TooLarge, None);
        }
        let session = match self.open(cleared.mailbox(), Patience::Short).await {
            Ok(session) => session,
            Err(error) => return self.before_post(&error),
        };
        if !session.grant.is_some_and(|grant| grant.sends()) {
            return not_sent(NotSentReason::Forbidden, None);
        }
        let now = self.clock.now();
        if let Some(until) = session.state.parked_until(now) {
            return not_sent(NotSentReason::SendingLimit, Some(until));
        }
        match self.may_send_as(&session, mail.from()).await {
            Ok(true) => {}
            Ok(false) => return not_sent(NotSentReason::Invalid, None),
            Err(error) => return self.before_post(&error),
        }
        let request = post(&self.settings.endpoints, mail);
        let units = u64::from(request.method.units(self.settings.quota.project));
        if let Err(error) = self.prepay(&session, units, Use::Sending) {
            return self.before_post(&error);
        }
        let Some(wire) = request.authorized(&session.token().access) else {
            return not_sent(NotSentReason::Unauthorized, None);
        };
        let answer = self
            .http
            .execute(HttpRequest {
                request: wire,
                last_byte_before: Some(cleared.last_byte_before()),
                timeout: self.settings.timeouts.send(),
            })
            .await;
        let outcome = match answer {
            Ok(answer) => self.after_post(&session, &answer, mail.thread().is_some()),
            Err(error) => unanswered(error),
        };
        tracing::debug!(
            method = request.method.name(),
            outcome = name(&outcome),
            "send"
        );
        outcome
    }

    /// A failure of what comes before the POST: nothing was sent, for sure.
    fn before_post(&self, error: &TransportError) -> Outcome {
        let now = self.clock.now();
        match error {
            TransportError::RateLimited { after } => not_sent(
                NotSentReason::RateLimited,
                after.map(|after| time::after(now, after)),
            ),
            TransportError::NeedsReauth | TransportError::Credentials(None) => {
                not_sent(NotSentReason::Unauthorized, None)
            }
            TransportError::Forbidden(_) | TransportError::Blocked(_) => {
                not_sent(NotSentReason::Forbidden, None)
            }
            _ => not_sent(NotSentReason::Unreachable, None),
        }
    }

    /// What an answer means for the mail (design: the classes of the send ledger).
    fn after_post(
        &self,
        session: &Session,
        answer: &http::Response<bytes::Bytes>,
        in_thread: bool,
    ) -> Outcome {
        let status = answer.status();
        let now = self.clock.now();
        if status != http::StatusCode::UNAUTHORIZED {
            session.state.forget_refused_send();
        }
        if status.is_success() {
            return match serde_json::from_slice::<Message>(answer.body()) {
                Ok(message) if !message.id.is_empty() => Outcome::Sent(Receipt {
                    provider_id: message.id,
                    thread: message.thread_id,
                    message_id: None,
                    at: None,
                }),
                _ => Outcome::Unknown(UnknownCause::Unreadable),
            };
        }
        let Refusal { failure, own } = classify(status, answer.headers(), answer.body(), now);
        match failure {
            Failure::Unauthorized => {
                // This attempt is over. The next one begins with a fresh token; where that is
                // refused as well, the grant is worth nothing.
                let token = session.token();
                session.state.mark_stale(token.version);
                if session.state.refuse_send(token.grant, token.version) {
                    session.state.mark_dead(token.grant);
                    tracing::warn!(mailbox = %session.mailbox.mailbox, "two tokens were refused; connect again");
                    return not_sent(NotSentReason::Unauthorized, None);
                }
                not_sent(NotSentReason::TokenRefused, None)
            }
            Failure::Scope | Failure::Policy => not_sent(NotSentReason::Forbidden, None),
            // Somebody on the way withheld the mail, or Google's answer to it: nobody can tell.
            Failure::Foreign | Failure::ForeignUnauthorized => {
                Outcome::Unknown(UnknownCause::Unreadable)
            }
            Failure::Invalid | Failure::NotFound if !own => {
                Outcome::Unknown(UnknownCause::Unreadable)
            }
            Failure::RateLimited(until) if !own => {
                if let Some(until) = until {
                    session.state.keep_quiet(Use::Sending, now, until);
                }
                Outcome::Unknown(UnknownCause::Unreadable)
            }
            Failure::NoMailService => not_sent(NotSentReason::NoMailService, None),
            // The owner deleted the conversation; which code says so is not verified. What is wrong
            // with the mail itself is said again without the thread.
            Failure::NotFound if in_thread => not_sent(NotSentReason::ThreadGone, None),
            Failure::Invalid if in_thread && status == http::StatusCode::BAD_REQUEST => {
                not_sent(NotSentReason::ThreadGone, None)
            }
            Failure::Invalid | Failure::NotFound => not_sent(NotSentReason::Invalid, None),
            Failure::TooLarge => not_sent(NotSentReason::TooLarge, None),
            Failure::RateLimited(until) => {
                if let Some(until) = until {
                    session.state.keep_quiet(Use::Sending, now, until);
                }
                not_sent(NotSentReason::RateLimited, until)
            }
            Failure::SendingLimit(until) => {
                let until = until.unwrap_or_else(|| time::after(now, UNSAID_PARKING));
                session.state.park(now, until);
                tracing::warn!(mailbox = %session.mailbox.mailbox, "sending limit reached");
                not_sent(NotSentReason::SendingLimit, Some(until))
            }
            Failure::Crowded => {
                session.state.crowd(time::after(now, CROWDED));
                not_sent(NotSentReason::RateLimited, None)
            }
            Failure::ProjectDay | Failure::ProjectOff => {
                let until = self.stop_project(failure);
                not_sent(NotSentReason::RateLimited, Some(until))
            }
            Failure::Server => Outcome::Unknown(UnknownCause::ServerError),
            Failure::Odd => Outcome::Unknown(UnknownCause::Unreadable),
        }
    }
}

/// No answer: only where no whole request can have arrived is it certain that nothing was sent.
fn unanswered(error: HttpError) -> Outcome {
    match error {
        HttpError::Withheld => not_sent(NotSentReason::LeaseExpired, None),
        error if error.never_arrived() => not_sent(NotSentReason::Unreachable, None),
        HttpError::Timeout => Outcome::Unknown(UnknownCause::Timeout),
        HttpError::Oversized => Outcome::Unknown(UnknownCause::Unreadable),
        _ => Outcome::Unknown(UnknownCause::ConnectionLost),
    }
}

const fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent(_) => "sent",
        Outcome::NotSent { .. } => "not sent",
        Outcome::Unknown(_) => "unknown",
    }
}

/// The request for a mail: JSON where it is small, upload where it is large
/// (`users.messages.send`, "Upload file data to a message").
fn post(endpoints: &Endpoints, mail: &OutgoingMail) -> Request {
    if mail.raw().len() > UPLOAD_FROM {
        return upload(endpoints, mail);
    }
    let raw = URL_SAFE.encode(mail.raw());
    let body = match mail.thread() {
        Some(thread) => json!({"raw": raw, "threadId": thread}),
        None => json!({"raw": raw}),
    };
    Request::new(endpoints, Method::Send, None).body(JSON, body.to_string())
}

fn upload(endpoints: &Endpoints, mail: &OutgoingMail) -> Request {
    let request = Request::new(endpoints, Method::UploadSend, None);
    let Some(thread) = mail.thread() else {
        return request.with("uploadType", "media").body(
            HeaderValue::from_static("message/rfc822"),
            mail.raw().to_vec(),
        );
    };
    let boundary = boundary(mail.raw());
    let metadata = json!({"threadId": thread});
    let mut body = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n\
         --{boundary}\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(mail.raw());
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let content_type = HeaderValue::from_str(&format!("multipart/related; boundary={boundary}"))
        .expect("a boundary is letters, digits and an underscore");
    request
        .with("uploadType", "multipart")
        .body(content_type, body)
}

/// A boundary that stands in no mail but one made to break SHA-256 (RFC 2046 section 5.1.1).
fn boundary(raw: &[u8]) -> String {
    let hash = digest(&SHA256, raw);
    let hex: String = hash
        .as_ref()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("jp_{hex}")
}

#[cfg(test)]
mod tests;
