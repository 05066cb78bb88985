//! What an answer that is no success means.

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;

use super::retry_after;

/// The meaning of an error answer (Gmail API, "Resolve errors"; usage limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The access token was refused.
    Unauthorized,
    /// The grant lacks the scope.
    Scope,
    /// An administrator forbids it.
    Policy,
    /// Somebody on the way forbids it, and does not speak as Google does: a proxy, perhaps.
    Foreign,
    /// The account has no mailbox.
    NoMailService,
    /// The request, or the mail, is not valid.
    Invalid,
    /// The thing is not there.
    NotFound,
    /// The mail is too large.
    TooLarge,
    /// Too fast. Not before this time, if it was said.
    RateLimited(Option<Timestamp>),
    /// Too many requests of this account at the same time.
    Crowded,
    /// The account has sent too much. Not before this time, if it was said.
    SendingLimit(Option<Timestamp>),
    /// The project has used its day.
    ProjectDay,
    /// The server failed; what it did is not known.
    Server,
    /// An answer that no server of Google's should give.
    Odd,
}

/// The envelope of Google's errors. A foreign body reads as an empty one.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    message: String,
    status: String,
    errors: Vec<Entry>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    reason: String,
    message: String,
}

/// Judges an answer by its status first and by its body only where that says more, since a body
/// may be a proxy's page, another vendor's JSON, or nothing.
pub(crate) fn classify(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Failure {
    let envelope: Envelope = serde_json::from_slice(body).unwrap_or_default();
    let error = envelope.error;
    let reason = error
        .errors
        .first()
        .map_or("", |entry| entry.reason.as_str());
    let text = || {
        let parts = error.errors.iter().map(|entry| entry.message.as_str());
        parts.chain([error.message.as_str()])
    };
    let says = |words: &str| text().any(|part| part.contains(words));
    let retry = || retry_after::find(headers, text(), now);
    match status.as_u16() {
        400 if reason == "failedPrecondition" && says("Mail service not enabled") => {
            Failure::NoMailService
        }
        400 => Failure::Invalid,
        401 => Failure::Unauthorized,
        403 => match reason {
            "rateLimitExceeded" | "userRateLimitExceeded" if says("(Mail sending)") => {
                Failure::SendingLimit(retry())
            }
            "rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded" => {
                Failure::RateLimited(retry())
            }
            "dailyLimitExceeded" => Failure::ProjectDay,
            "insufficientPermissions" => Failure::Scope,
            "domainPolicy" | "accessNotConfigured" => Failure::Policy,
            _ if says("insufficient authentication scopes") => Failure::Scope,
            _ if says("rate limit exceeded") || error.status == "RESOURCE_EXHAUSTED" => {
                Failure::RateLimited(retry())
            }
            "" if error.status.is_empty() && error.message.is_empty() => Failure::Foreign,
            _ => Failure::Policy,
        },
        404 | 410 => Failure::NotFound,
        413 => Failure::TooLarge,
        429 if says("(Mail sending)") => Failure::SendingLimit(retry()),
        429 if says("concurrent requests") => Failure::Crowded,
        429 => Failure::RateLimited(retry()),
        // 408 and 5xx can follow acceptance; so can a redirect that a proxy made of the answer.
        408 | 500..=599 => Failure::Server,
        405..=499 => Failure::Invalid,
        _ => Failure::Odd,
    }
}

#[cfg(test)]
mod tests;
