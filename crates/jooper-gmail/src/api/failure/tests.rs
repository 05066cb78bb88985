use super::*;

fn now() -> Timestamp {
    "2026-09-11T19:00:00Z".parse().unwrap()
}

fn refusal(status: u16, body: &str) -> Refusal {
    classify(
        StatusCode::from_u16(status).unwrap(),
        &HeaderMap::new(),
        body.as_bytes(),
        now(),
    )
}

fn judged(status: u16, body: &str) -> Failure {
    refusal(status, body).failure
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
        assert_eq!(judged(401, body), Failure::ForeignUnauthorized, "{body}");
        assert_eq!(judged(403, body), Failure::Foreign, "{body}");
        assert_eq!(judged(404, body), Failure::NotFound, "{body}");
        assert_eq!(judged(429, body), Failure::RateLimited(None), "{body}");
        assert_eq!(judged(400, body), Failure::Invalid, "{body}");
        assert_eq!(judged(408, body), Failure::Server, "{body}");
        assert_eq!(judged(302, body), Failure::Odd, "{body}");
        assert!(!refusal(404, body).own, "{body}");
    }
}

#[test]
fn google_s_words_in_a_gateway_s_mouth_say_no_more_than_the_status() {
    let gateway = |message: &str| serde_json::json!({"error": {"message": message}}).to_string();
    for (status, words, meaning) in [
        (400, "Mail service not enabled", Failure::Invalid),
        (400, "Request Entity Too Large", Failure::Invalid),
        (
            429,
            "Too many concurrent requests",
            Failure::RateLimited(None),
        ),
        (
            429,
            "limit exceeded (Mail sending)",
            Failure::RateLimited(None),
        ),
        (
            403,
            "Request had insufficient authentication scopes",
            Failure::Foreign,
        ),
    ] {
        let said = refusal(status, &gateway(words));
        assert_eq!((said.failure, said.own), (meaning, false), "{words}");
        // Google's envelope at least repeats the number of its answer.
        let own = serde_json::json!({"error": {"message": words, "code": status}}).to_string();
        assert_ne!(judged(status, &own), meaning, "{words}");
    }
}

#[test]
fn a_403_of_google_s_means_the_same_however_it_is_written() {
    for (error, meaning) in [
        (
            r#"{"message":"User Rate Limit Exceeded","errors":null,"status":"PERMISSION_DENIED"}"#,
            Failure::RateLimited(None),
        ),
        (
            r#"{"message":"x","details":[{"@type":"t"},{"reason":"RATE_LIMIT_EXCEEDED"}]}"#,
            Failure::RateLimited(None),
        ),
        (
            r#"{"message":null,"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}"#,
            Failure::Scope,
        ),
        (
            r#"{"message":"Request had INSUFFICIENT authentication scopes.","code":403}"#,
            Failure::Scope,
        ),
        (
            r#"{"message":"off","errors":[{"reason":"accessNotConfigured","message":null}]}"#,
            Failure::ProjectOff,
        ),
        (
            r#"{"message":"off","details":[{"reason":"SERVICE_DISABLED"}]}"#,
            Failure::ProjectOff,
        ),
        (
            r#"{"code":403,"status":"PERMISSION_DENIED","errors":{}}"#,
            Failure::Policy,
        ),
        (r#"{"message":"denied"}"#, Failure::Foreign),
        (r#"{"code":"403"}"#, Failure::Foreign),
    ] {
        assert_eq!(
            judged(403, &format!(r#"{{"error":{error}}}"#)),
            meaning,
            "{error}"
        );
    }
}

#[test]
fn a_refused_token_is_google_s_word_by_its_envelope_or_its_challenge() {
    let body = r#"{"error":{"code":401,"message":"Invalid Credentials"}}"#;
    assert_eq!(judged(401, body), Failure::Unauthorized);
    for (challenge, meaning) in [
        (
            "Bearer realm=\"x\", error=\"invalid_token\"",
            Failure::Unauthorized,
        ),
        ("bearer", Failure::Unauthorized),
        ("Basic realm=\"proxy\"", Failure::ForeignUnauthorized),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
        let refusal = classify(StatusCode::UNAUTHORIZED, &headers, b"", now());
        assert_eq!(refusal.failure, meaning, "{challenge}");
    }
}

#[test]
fn too_large_is_told_apart_whatever_the_status() {
    let body = envelope(400, "uploadTooLarge", "Request Entity Too Large");
    assert_eq!(judged(400, &body), Failure::TooLarge);
    assert_eq!(judged(413, ""), Failure::TooLarge);
}
