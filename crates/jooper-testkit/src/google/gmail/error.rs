//! Error envelopes as Google writes them.

use serde_json::{Value, json};

use super::super::http::SimResponse;

/// A refusal by Gmail; boxed, for most calls are not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError(Box<Refusal>);

/// HTTP status, the two reasons that Google gives, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    code: u16,
    /// Of the old style: `errors[].reason`.
    reason: &'static str,
    domain: &'static str,
    /// Of the new style: `status`.
    status: &'static str,
    message: String,
    short: Option<&'static str>,
    location: Option<(&'static str, &'static str)>,
    detail: Option<&'static str>,
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

fn refusal(code: u16, reason: &'static str, status: &'static str, message: &str) -> Refusal {
    Refusal {
        code,
        reason,
        domain: "global",
        status,
        message: message.to_owned(),
        short: None,
        location: None,
        detail: None,
    }
}

impl ApiError {
    /// 400 for a request that cannot be meant.
    pub(crate) fn bad_request(message: &str) -> Self {
        refusal(400, "invalidArgument", "INVALID_ARGUMENT", message).into()
    }

    /// 400 for an account without a mailbox.
    pub(crate) fn no_mail_service() -> Self {
        refusal(
            400,
            "failedPrecondition",
            "FAILED_PRECONDITION",
            "Mail service not enabled",
        )
        .into()
    }

    /// 401 for a token that is absent, unknown, expired or revoked.
    pub(crate) fn credentials() -> Self {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.";
        Refusal {
            short: Some("Invalid Credentials"),
            location: Some(("Authorization", "header")),
            detail: Some("ACCESS_TOKEN_TYPE_UNSUPPORTED"),
            ..refusal(401, "authError", "UNAUTHENTICATED", message)
        }
        .into()
    }

    /// 403 for a token without the scope that the method wants.
    pub(crate) fn scope() -> Self {
        Refusal {
            short: Some("Insufficient Permission"),
            detail: Some("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            ..refusal(
                403,
                "insufficientPermissions",
                "PERMISSION_DENIED",
                "Request had insufficient authentication scopes.",
            )
        }
        .into()
    }

    /// 403 for a mailbox that is not the token's own.
    pub(crate) fn delegation(email: &str) -> Self {
        refusal(
            403,
            "forbidden",
            "PERMISSION_DENIED",
            &format!("Delegation denied for {email}"),
        )
        .into()
    }

    /// 403 where an administrator switched Gmail apps off.
    pub(crate) fn domain_policy() -> Self {
        refusal(
            403,
            "domainPolicy",
            "PERMISSION_DENIED",
            "The domain administrators have disabled Gmail apps.",
        )
        .into()
    }

    /// 403 for the per-user rate, with the time that only its text carries.
    pub(crate) fn user_rate(retry_ms: Option<i64>) -> Self {
        let message = match retry_ms {
            Some(at) => format!("User-rate limit exceeded.  Retry after {}", instant(at)),
            None => "User-rate limit exceeded.".to_owned(),
        };
        Refusal {
            domain: "usageLimits",
            ..refusal(403, "userRateLimitExceeded", "PERMISSION_DENIED", &message)
        }
        .into()
    }

    /// 403 for the project's rate.
    pub(crate) fn project_rate() -> Self {
        Refusal {
            domain: "usageLimits",
            ..refusal(
                403,
                "rateLimitExceeded",
                "PERMISSION_DENIED",
                "Rate Limit Exceeded",
            )
        }
        .into()
    }

    /// 403 for the project's day.
    pub(crate) fn daily_limit() -> Self {
        Refusal {
            domain: "usageLimits",
            ..refusal(
                403,
                "dailyLimitExceeded",
                "PERMISSION_DENIED",
                "Daily Limit Exceeded",
            )
        }
        .into()
    }

    /// 429 for the daily sending limit.
    pub(crate) fn sending_limit(retry_ms: Option<i64>) -> Self {
        Self::too_many(
            "Too many requests: User-rate limit exceeded (Mail sending)",
            retry_ms,
        )
    }

    /// 429 for rate or bandwidth.
    pub(crate) fn too_many_requests(retry_ms: Option<i64>) -> Self {
        Self::too_many("Too many requests: User-rate limit exceeded", retry_ms)
    }

    /// 429 for parallel requests.
    pub(crate) fn concurrent() -> Self {
        Self::too_many("Too many concurrent requests for user", None)
    }

    fn too_many(text: &str, retry_ms: Option<i64>) -> Self {
        let message = retry_ms.map_or_else(
            || text.to_owned(),
            |at| format!("{text}.  Retry after {}", instant(at)),
        );
        Refusal {
            domain: "usageLimits",
            ..refusal(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", &message)
        }
        .into()
    }

    /// 404 for what is not there (any more).
    pub(crate) fn not_found() -> Self {
        refusal(
            404,
            "notFound",
            "NOT_FOUND",
            "Requested entity was not found.",
        )
        .into()
    }

    /// A message or body above the limit.
    pub(crate) fn too_large(status: u16) -> Self {
        Refusal {
            code: status,
            ..refusal(
                413,
                "uploadTooLarge",
                "INVALID_ARGUMENT",
                "Request Entity Too Large",
            )
        }
        .into()
    }

    /// 5xx of the back end.
    pub(crate) fn backend(code: u16) -> Self {
        let status = if code == 503 {
            "UNAVAILABLE"
        } else {
            "INTERNAL"
        };
        refusal(code, "backendError", status, "Backend Error").into()
    }

    /// 501 of the simulator itself: it was asked for what it does not know.
    pub(crate) fn unexpected(call: &str) -> Self {
        refusal(
            501,
            "simulatorUnexpectedCall",
            "UNIMPLEMENTED",
            &format!("the simulator does not expect {call}"),
        )
        .into()
    }

    /// The same refusal without its `details`.
    pub(crate) fn without_details(mut self) -> Self {
        self.0.detail = None;
        self
    }

    /// The envelope of an answer.
    pub(crate) fn response(&self) -> SimResponse {
        let answer = SimResponse::json(self.0.code, &envelope(&self.0));
        match self.0.code {
            401 => answer.header(
                "WWW-Authenticate",
                "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
            ),
            _ => answer,
        }
    }
}

/// The JSON of a refusal.
fn envelope(error: &Refusal) -> Value {
    let mut entry = json!({"message": error.short.unwrap_or(&error.message), "domain": error.domain, "reason": error.reason});
    if let Some((location, kind)) = error.location {
        entry["location"] = json!(location);
        entry["locationType"] = json!(kind);
    }
    let mut body = json!({"code": error.code, "message": error.message, "errors": [entry], "status": error.status});
    if let Some(reason) = error.detail {
        body["details"] = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]);
    }
    json!({"error": body})
}

fn instant(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_retry_time_is_in_the_text_only() {
        let error = ApiError::user_rate(Some(1_789_156_800_000));
        assert_eq!(
            error.0.message,
            "User-rate limit exceeded.  Retry after 2026-09-11T20:00:00.000Z"
        );
        assert!(
            error
                .response()
                .headers
                .iter()
                .all(|(name, _)| name != "Retry-After")
        );
    }
}
