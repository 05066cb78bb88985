use super::*;

fn now() -> Timestamp {
    "2026-09-11T19:00:00Z".parse().unwrap()
}

fn judged(status: u16, body: &str) -> Failure {
    classify(
        StatusCode::from_u16(status).unwrap(),
        &HeaderMap::new(),
        body.as_bytes(),
        now(),
    )
}

fn envelope(code: u16, reason: &str, message: &str) -> String {
    serde_json::json!({"error": {
        "code": code, "message": message, "status": "PERMISSION_DENIED",
        "errors": [{"domain": "usageLimits", "reason": reason, "message": message}],
        "details": [{"@type": "x", "reason": "y"}],
    }})
    .to_string()
}

#[test]
fn each_documented_error_has_its_meaning() {
    let eight: Timestamp = "2026-09-11T20:00:00Z".parse().unwrap();
    for (status, reason, message, meaning) in [
        (400, "badRequest", "Bad Request", Failure::Invalid),
        (
            400,
            "failedPrecondition",
            "Mail service not enabled",
            Failure::NoMailService,
        ),
        (
            401,
            "authError",
            "Invalid Credentials",
            Failure::Unauthorized,
        ),
        (
            403,
            "insufficientPermissions",
            "Insufficient Permission",
            Failure::Scope,
        ),
        (
            403,
            "domainPolicy",
            "The domain administrators have disabled Gmail apps.",
            Failure::Policy,
        ),
        (
            403,
            "userRateLimitExceeded",
            "User-rate limit exceeded.  Retry after 2026-09-11T20:00:00.000Z",
            Failure::RateLimited(Some(eight)),
        ),
        (
            403,
            "rateLimitExceeded",
            "Rate Limit Exceeded",
            Failure::RateLimited(None),
        ),
        (
            403,
            "dailyLimitExceeded",
            "Daily Limit Exceeded",
            Failure::ProjectDay,
        ),
        (
            429,
            "rateLimitExceeded",
            "Too many requests: User-rate limit exceeded (Mail sending).  Retry after 2026-09-11T20:00:00.000Z",
            Failure::SendingLimit(Some(eight)),
        ),
        (
            429,
            "rateLimitExceeded",
            "Too many concurrent requests for user",
            Failure::Crowded,
        ),
        (
            404,
            "notFound",
            "Requested entity was not found.",
            Failure::NotFound,
        ),
        (500, "backendError", "Backend Error", Failure::Server),
    ] {
        assert_eq!(
            judged(status, &envelope(status, reason, message)),
            meaning,
            "{status} {message}"
        );
    }
}

#[test]
fn a_foreign_body_is_judged_by_its_status() {
    for body in [
        "<html><title>Error 502</title></html>",
        "",
        r#"{"error":"denied"}"#,
        r#"{"error":{"code":"E17","errors":{"a":1}}}"#,
        r#"{"errors":["x"]}"#,
        "[1,2]",
        "\u{0}\u{1}",
    ] {
        assert_eq!(judged(502, body), Failure::Server, "{body}");
        assert_eq!(judged(503, body), Failure::Server, "{body}");
        assert_eq!(judged(401, body), Failure::Unauthorized, "{body}");
        assert_eq!(judged(404, body), Failure::NotFound, "{body}");
        assert_eq!(judged(429, body), Failure::RateLimited(None), "{body}");
        assert_eq!(judged(400, body), Failure::Invalid, "{body}");
        assert_eq!(judged(408, body), Failure::Server, "{body}");
        assert_eq!(judged(302, body), Failure::Odd, "{body}");
    }
}
