//! What an answer that is no success means.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use super::retry_after;

/// The meaning of an error answer (Gmail API, "Resolve errors"; usage limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The access token was refused.
    Unauthorized,
    /// Somebody who does not speak as Google does wants another proof: a proxy, perhaps.
    ForeignUnauthorized,
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
    /// The Gmail API is not switched on for the project.
    ProjectOff,
    /// The server failed; what it did is not known.
    Server,
    /// An answer that no server of Google's should give.
    Odd,
}

/// What is known of an answer that is no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    /// Whether it speaks as Google does. What does not comes from somebody on the way, who may have
    /// withheld the request, or perhaps only the answer to it.
    pub(crate) own: bool,
}

/// The words in Google's envelope of errors, as far as there are any.
#[derive(Default)]
struct Words {
    /// `errors[].reason` of the first, and each `details[].reason`.
    reasons: Vec<String>,
    /// The first one's message, and the envelope's.
    texts: Vec<String>,
    status: String,
    code: Option<u64>,
}

impl Words {
    /// Takes what is there and passes over the rest: a body may be a proxy's page, another vendor's
    /// JSON, or nothing, and any field may be null.
    fn of(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let error = &body["error"];
        let first = &error["errors"][0];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let details = error["details"].as_array().into_iter().flatten();
        Self {
            reasons: text(&first["reason"])
                .into_iter()
                .chain(details.filter_map(|detail| text(&detail["reason"])))
                .collect(),
            texts: text(&first["message"])
                .into_iter()
                .chain(text(&error["message"]))
                .collect(),
            status: text(&error["status"]).unwrap_or_default(),
            code: error["code"].as_u64(),
        }
    }

    /// By a reason, by a status in words, or at least by the number of the answer itself.
    fn is_own(&self, status: StatusCode) -> bool {
        let numbered = self.code == Some(u64::from(status.as_u16()));
        !self.reasons.is_empty() || !self.status.is_empty() || numbered
    }

    fn has_reason(&self, any: &[&str]) -> bool {
        self.reasons.iter().any(|reason| any.contains(&&**reason))
    }

    /// In any letter case: Google itself writes both.
    fn says(&self, words: &str) -> bool {
        let words = words.to_ascii_lowercase();
        let mut texts = self.texts.iter();
        texts.any(|text| text.to_ascii_lowercase().contains(&words))
    }
}

/// Judges an answer by its status first, and by its body only where that says more and is Google's:
/// words alone, in whoever's JSON, make nothing certain.
pub(crate) fn classify(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Refusal {
    let words = Words::of(body);
    // RFC 6750 section 3: whoever refuses a bearer token says that it is about one.
    let challenge = headers.get_all(WWW_AUTHENTICATE).iter().any(|value| {
        let value = value.as_bytes();
        value.len() >= 6 && value[..6].eq_ignore_ascii_case(b"bearer")
    });
    let own = words.is_own(status) || (status == StatusCode::UNAUTHORIZED && challenge);
    let retry = || retry_after::find(headers, words.texts.iter().map(String::as_str), now);
    let failure = match status.as_u16() {
        400 if own && words.says("Mail service not enabled") => Failure::NoMailService,
        400 if own && (words.has_reason(&["uploadTooLarge"]) || words.says("Entity Too Large")) => {
            Failure::TooLarge
        }
        400 => Failure::Invalid,
        401 if own => Failure::Unauthorized,
        401 => Failure::ForeignUnauthorized,
        403 if !own => Failure::Foreign,
        403 => forbidden(&words, retry),
        404 | 410 => Failure::NotFound,
        413 => Failure::TooLarge,
        429 if own && words.says("(Mail sending)") => Failure::SendingLimit(retry()),
        429 if own && words.says("concurrent requests") => Failure::Crowded,
        429 => Failure::RateLimited(retry()),
        // 408 and 5xx can follow acceptance; so can a redirect that a proxy made of the answer.
        408 | 500..=599 => Failure::Server,
        405..=499 => Failure::Invalid,
        _ => Failure::Odd,
    };
    Refusal { failure, own }
}

/// A 403 of Google's: by its reasons, old (`errors`) or new (`details`), and else by its words.
fn forbidden(words: &Words, retry: impl Fn() -> Option<Timestamp>) -> Failure {
    const RATE: &[&str] = &[
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "quotaExceeded",
        "RATE_LIMIT_EXCEEDED",
        "RESOURCE_QUOTA_EXCEEDED",
    ];
    const SCOPE: &[&str] = &["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"];
    const OFF: &[&str] = &["accessNotConfigured", "SERVICE_DISABLED"];
    let rate = words.has_reason(RATE)
        || words.says("rate limit exceeded")
        || words.status == "RESOURCE_EXHAUSTED";
    if words.has_reason(&["dailyLimitExceeded"]) {
        Failure::ProjectDay
    } else if rate && words.says("(Mail sending)") {
        Failure::SendingLimit(retry())
    } else if rate {
        Failure::RateLimited(retry())
    } else if words.has_reason(OFF) {
        Failure::ProjectOff
    } else if words.has_reason(SCOPE) || words.says("insufficient authentication scopes") {
        Failure::Scope
    } else {
        Failure::Policy
    }
}

#[cfg(test)]
mod tests;
