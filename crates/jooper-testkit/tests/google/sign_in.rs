//! From the consent screen to tokens, and every way tokens end.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jooper_testkit::google::{
    ClientSpec, ConsentScript, DeathCause, GoogleSimulator, ProjectSpec, PublishingStatus, UserSpec,
};
use serde_json::Value;

use crate::support::{ANN, DAY, READ, SEND, client_with, http, world};

const CALLBACK: &str = "http://127.0.0.1:9/callback";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()))
}

/// Goes to the consent screen; answers the query of the redirect, or the status of a page.
async fn consent(
    sim: &GoogleSimulator,
    extra: &[(&str, &str)],
) -> Result<Vec<(String, String)>, u16> {
    let (id, _) = GoogleSimulator::default_client();
    let challenge = challenge();
    let scope = format!("openid email profile {SEND} {READ}");
    let mut query = vec![
        ("client_id", id),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", &scope),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("login_hint", ANN),
    ];
    query.retain(|(key, _)| !extra.iter().any(|(other, _)| other == key));
    query.extend(extra.iter().filter(|(_, value)| !value.is_empty()));
    let answer = http()
        .get(sim.authorize_url())
        .query(&query)
        .send()
        .await
        .unwrap();
    if answer.status() != 302 {
        return Err(answer.status().as_u16());
    }
    let target = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert!(target.as_str().starts_with(CALLBACK));
    Ok(target.query_pairs().into_owned().collect())
}

fn value<'a>(query: &'a [(String, String)], key: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(k, _)| k == key)
        .map(|(_, v)| v.as_str())
}

async fn token(sim: &GoogleSimulator, form: &[(&str, &str)]) -> (u16, Value) {
    let (id, secret) = GoogleSimulator::default_client();
    let mut all = vec![("client_id", id), ("client_secret", secret)];
    all.retain(|(key, _)| !form.iter().any(|(other, _)| other == key));
    all.extend(form);
    let answer = http()
        .post(sim.token_url())
        .form(&all)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn exchange(sim: &GoogleSimulator, code: &str) -> (u16, Value) {
    token(
        sim,
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ],
    )
    .await
}

async fn refresh(sim: &GoogleSimulator, refresh_token: &str) -> (u16, Value) {
    token(
        sim,
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ],
    )
    .await
}

#[tokio::test]
async fn a_code_becomes_tokens_once_and_only_with_its_verifier() {
    let sim = world().start().await.unwrap();
    let query = consent(&sim, &[]).await.unwrap();
    assert_eq!(value(&query, "state"), Some("s-1"));
    let code = value(&query, "code").unwrap();

    let wrong = token(
        &sim,
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", "another"),
        ],
    )
    .await;
    assert_eq!(
        (wrong.0, &wrong.1["error"]),
        (400, &Value::from("invalid_grant"))
    );
    let elsewhere = token(
        &sim,
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "http://127.0.0.1:9/x"),
            ("code_verifier", VERIFIER),
        ],
    )
    .await;
    assert_eq!(elsewhere.1["error"], "redirect_uri_mismatch");
    let stranger = token(
        &sim,
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_secret", "no"),
        ],
    )
    .await;
    assert_eq!(
        (stranger.0, &stranger.1["error"]),
        (401, &Value::from("invalid_client"))
    );

    let (status, tokens) = exchange(&sim, code).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["expires_in"], 3599);
    assert!(tokens["scope"].as_str().unwrap().contains("userinfo.email"));
    assert!(tokens["refresh_token"].is_string());
    assert_eq!(exchange(&sim, code).await.1["error"], "invalid_grant");
    assert!(sim.unexpected_calls().is_empty());
}

#[tokio::test]
async fn the_id_token_verifies_and_says_who() {
    let sim = world().start().await.unwrap();
    let query = consent(&sim, &[]).await.unwrap();
    let (_, tokens) = exchange(&sim, value(&query, "code").unwrap()).await;
    let jwt = tokens["id_token"].as_str().unwrap();
    let (input, signature) = jwt.rsplit_once('.').unwrap();
    let mut halves = input.split('.').map(|half| {
        serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(half).unwrap()).unwrap()
    });
    let (head, claims) = (halves.next().unwrap(), halves.next().unwrap());

    let answer = http().get(sim.certs_url()).send().await.unwrap();
    assert!(
        answer.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("max-age=23474")
    );
    let certs: Value = answer.json().await.unwrap();
    let key = certs["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == head["kid"])
        .unwrap();
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let public = RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    public
        .verify(
            &RSA_PKCS1_2048_8192_SHA256,
            input.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();

    assert_eq!(claims["aud"], GoogleSimulator::default_client().0);
    assert_eq!(
        (&claims["nonce"], &claims["email"], &claims["hd"]),
        (&"n-1".into(), &ANN.into(), &"firm.example".into())
    );
    let info: Value = http()
        .get(sim.userinfo_url())
        .bearer_auth(tokens["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(
        http()
            .get(sim.userinfo_url())
            .bearer_auth("nonsense")
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
}

#[tokio::test]
async fn the_owner_may_deny_untick_or_choose_another_account() {
    let sim = world()
        .user(UserSpec::new("bob@firm.example"))
        .start()
        .await
        .unwrap();
    sim.script_consent(ANN, ConsentScript::Deny).unwrap();
    sim.script_consent(ANN, ConsentScript::Untick(vec![READ.to_owned()]))
        .unwrap();
    sim.script_consent(
        ANN,
        ConsentScript::OtherAccount("bob@firm.example".to_owned()),
    )
    .unwrap();
    assert_eq!(
        value(&consent(&sim, &[]).await.unwrap(), "error"),
        Some("access_denied")
    );

    let unticked = consent(&sim, &[]).await.unwrap();
    let (_, tokens) = exchange(&sim, value(&unticked, "code").unwrap()).await;
    let scope = tokens["scope"].as_str().unwrap();
    assert!(
        scope.contains("gmail.send") && !scope.contains("gmail.readonly"),
        "{scope}"
    );

    let other = consent(&sim, &[]).await.unwrap();
    let (_, tokens) = exchange(&sim, value(&other, "code").unwrap()).await;
    let info: Value = http()
        .get(sim.userinfo_url())
        .bearer_auth(tokens["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(info["email"], "bob@firm.example");
    // With two accounts and nobody named there is a choice to make, and it is a page.
    assert_eq!(consent(&sim, &[("login_hint", "")]).await, Err(200));
}

#[tokio::test]
async fn a_refresh_token_comes_once_unless_consent_is_forced() {
    let sim = world().start().await.unwrap();
    let mut given = Vec::new();
    for prompt in ["", "", "consent"] {
        let query = consent(&sim, &[("prompt", prompt)]).await.unwrap();
        given.push(
            exchange(&sim, value(&query, "code").unwrap()).await.1["refresh_token"].is_string(),
        );
    }
    assert_eq!(given, [true, false, true]);
}

#[tokio::test]
async fn bad_requests_never_reach_the_redirect() {
    let sim = world().start().await.unwrap();
    assert_eq!(consent(&sim, &[("client_id", "unknown")]).await, Err(401));
    assert_eq!(
        consent(&sim, &[("redirect_uri", "https://elsewhere.example/")]).await,
        Err(400)
    );
    assert_eq!(
        consent(&sim, &[("scope", "https://mail.google.com/")]).await,
        Err(400)
    );
}

#[tokio::test]
async fn an_access_token_expires_and_a_refresh_renews_it() {
    let sim = world().start().await.unwrap();
    let query = consent(&sim, &[]).await.unwrap();
    let (_, tokens) = exchange(&sim, value(&query, "code").unwrap()).await;
    let profile = || async {
        let url = format!("{}/gmail/v1/users/me/profile", sim.gmail_url());
        http()
            .get(url)
            .bearer_auth(tokens["access_token"].as_str().unwrap())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(profile().await, 200);
    sim.advance(std::time::Duration::from_secs(3599)).await;
    assert_eq!(profile().await, 401);
    let (status, again) = refresh(&sim, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    assert!(again["refresh_token"].is_null() && again["id_token"].is_string());
}

#[tokio::test]
async fn every_death_of_a_refresh_token_looks_the_same() {
    let (client_id, _) = GoogleSimulator::default_client();
    let causes = [
        DeathCause::UserRevoked,
        DeathCause::PasswordChange,
        DeathCause::AdminPolicy,
        DeathCause::SessionControl,
        DeathCause::AccountDeleted,
    ];
    for cause in causes {
        let sim = world().start().await.unwrap();
        let tokens = sim.grant(ANN, client_id, &[SEND, READ]).unwrap();
        let identity = sim.grant(ANN, client_id, &["openid", "email"]).unwrap();
        sim.end_grants(ANN, cause).unwrap();
        let (status, body) = refresh(&sim, &tokens.refresh_token).await;
        assert_eq!(
            (status, &body["error"]),
            (400, &Value::from("invalid_grant"))
        );
        assert_eq!(
            body["error_subtype"] == "invalid_rapt",
            cause == DeathCause::SessionControl
        );
        // A password change ends only what holds Gmail scopes.
        assert_eq!(
            refresh(&sim, &identity.refresh_token).await.0 == 200,
            cause == DeathCause::PasswordChange
        );
    }
}

#[tokio::test]
async fn tokens_die_of_disuse_of_testing_of_time_and_of_number() {
    let (client_id, _) = GoogleSimulator::default_client();
    let sim = world().start().await.unwrap();
    let unused = sim.grant(ANN, client_id, &[READ]).unwrap();
    sim.advance(DAY * 182).await;
    assert_eq!(refresh(&sim, &unused.refresh_token).await.0, 200);
    sim.advance(DAY * 184).await;
    assert_eq!(
        refresh(&sim, &unused.refresh_token).await.1["error"],
        "invalid_grant"
    );

    sim.add_project(
        ProjectSpec::new(GoogleSimulator::default_project()).status(PublishingStatus::Testing),
    );
    let testing = sim.grant(ANN, client_id, &[READ]).unwrap();
    let identity = sim
        .grant(ANN, client_id, &["openid", "email", "profile"])
        .unwrap();
    sim.advance(DAY * 7).await;
    assert_eq!(refresh(&sim, &testing.refresh_token).await.0, 400);
    assert_eq!(refresh(&sim, &identity.refresh_token).await.0, 200);

    let mut limited = ProjectSpec::new(GoogleSimulator::default_project());
    limited.grant_days = Some(30);
    sim.add_project(limited);
    let query = consent(&sim, &[]).await.unwrap();
    let (_, tokens) = exchange(&sim, value(&query, "code").unwrap()).await;
    assert_eq!(tokens["refresh_token_expires_in"], 30 * 86_400);
    sim.advance(DAY * 30).await;
    assert_eq!(
        refresh(&sim, tokens["refresh_token"].as_str().unwrap())
            .await
            .0,
        400
    );

    sim.add_project(ProjectSpec::new(GoogleSimulator::default_project()));
    let first = sim.grant(ANN, client_id, &[READ]).unwrap();
    for _ in 0..99 {
        sim.grant(ANN, client_id, &[READ]).unwrap();
    }
    assert_eq!(refresh(&sim, &first.refresh_token).await.0, 200);
    sim.grant(ANN, client_id, &[READ]).unwrap();
    assert_eq!(refresh(&sim, &first.refresh_token).await.0, 400);
}

#[tokio::test]
async fn revocation_ends_the_whole_project_and_nothing_beyond_it() {
    let sim = world()
        .project(ProjectSpec::new("one"))
        .project(ProjectSpec::new("two"))
        .client(ClientSpec::loopback("one", "one-a", "x"))
        .client(ClientSpec::loopback("one", "one-b", "x"))
        .client(ClientSpec::loopback("two", "two-a", "x"))
        .start()
        .await
        .unwrap();
    let [a, b, c] =
        ["one-a", "one-b", "two-a"].map(|id| (id, sim.grant(ANN, id, &["openid", READ]).unwrap()));
    let answer = http()
        .post(sim.revoke_url())
        .form(&[("token", &a.1.refresh_token)])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let alive = |(id, tokens): (&'static str, jooper_testkit::google::Tokens)| {
        let sim = &sim;
        async move {
            token(
                sim,
                &[
                    ("client_id", id),
                    ("client_secret", "x"),
                    ("grant_type", "refresh_token"),
                    ("refresh_token", &tokens.refresh_token),
                ],
            )
            .await
            .0
        }
    };
    assert_eq!(
        (alive(a.clone()).await, alive(b).await, alive(c).await),
        (400, 400, 200)
    );
    let again = http()
        .post(sim.revoke_url())
        .form(&[("token", &a.1.refresh_token)])
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 400);
}

#[tokio::test]
async fn a_missing_scope_is_refused_and_says_so() {
    let sim = world().start().await.unwrap();
    let sender = client_with(&sim, ANN, &[SEND]);
    let (status, body) = sender.get("profile").await;
    assert_eq!(
        (status, &body["error"]["errors"][0]["reason"]),
        (403, &Value::from("insufficientPermissions"))
    );
    let reader = client_with(&sim, ANN, &[READ]);
    assert_eq!(
        reader
            .try_send("To: x@example.com\r\n\r\n", None)
            .await
            .unwrap()
            .0,
        403
    );
    assert_eq!(reader.post("messages/1/trash", &Value::Null).await.0, 403);
    assert_eq!(reader.get("nonsense").await.0, 501);
    assert_eq!(sim.unexpected_calls(), ["GET /gmail/v1/users/me/nonsense"]);
}

#[tokio::test]
async fn some_accounts_and_apps_never_get_to_consent() {
    let sim = world().start().await.unwrap();
    sim.change_user(ANN, |user| user.admin_policy_enforced = true)
        .unwrap();
    assert_eq!(
        value(&consent(&sim, &[]).await.unwrap(), "error"),
        Some("admin_policy_enforced")
    );
    sim.change_user(ANN, |user| user.admin_policy_enforced = false)
        .unwrap();

    let mut project =
        ProjectSpec::new(GoogleSimulator::default_project()).status(PublishingStatus::Internal);
    project.domain = Some("elsewhere.example".to_owned());
    sim.add_project(project.clone());
    assert_eq!(
        value(&consent(&sim, &[]).await.unwrap(), "error"),
        Some("org_internal")
    );
    project.domain = Some("firm.example".to_owned());
    sim.add_project(project.clone());
    assert!(value(&consent(&sim, &[]).await.unwrap(), "code").is_some());

    project.status = PublishingStatus::Testing;
    project.test_users = vec!["somebody@else.example".to_owned()];
    sim.add_project(project.clone());
    assert_eq!(consent(&sim, &[]).await, Err(403));

    let mut unverified = ProjectSpec::new(GoogleSimulator::default_project());
    unverified.user_cap = Some(1);
    sim.add_project(unverified);
    sim.add_user(UserSpec::new("late@firm.example"));
    assert!(consent(&sim, &[]).await.is_ok());
    assert_eq!(
        consent(&sim, &[("login_hint", "late@firm.example")]).await,
        Err(403)
    );

    // The cap is for the project's lifetime: revoking frees no place.
    let tokens = sim
        .grant(ANN, GoogleSimulator::default_client().0, &[READ])
        .unwrap();
    let revoked = http()
        .post(sim.revoke_url())
        .form(&[("token", &tokens.access_token)])
        .send()
        .await
        .unwrap();
    assert_eq!(revoked.status(), 200);
    assert_eq!(
        consent(&sim, &[("login_hint", "late@firm.example")]).await,
        Err(403)
    );
}

#[tokio::test]
async fn scopes_merge_only_when_asked_and_are_spelled_as_the_knob_says() {
    let sim = world().start().await.unwrap();
    let scope_of = async |extra: &[(&str, &str)]| {
        let query = consent(&sim, extra).await.unwrap();
        exchange(&sim, value(&query, "code").unwrap()).await.1["scope"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(scope_of(&[("scope", SEND)]).await, SEND);
    assert_eq!(scope_of(&[("scope", READ)]).await, READ);
    assert_eq!(
        scope_of(&[("scope", READ), ("include_granted_scopes", "true")]).await,
        format!("{READ} {SEND}")
    );
    sim.set_knobs(|knobs| knobs.expand_identity_scopes = false);
    assert_eq!(
        scope_of(&[("scope", "openid email profile")]).await,
        "openid email profile"
    );
}

#[tokio::test]
async fn a_client_may_name_itself_in_the_header_and_keys_rotate_away() {
    let sim = world().start().await.unwrap();
    let (id, secret) = GoogleSimulator::default_client();
    let tokens = sim.grant(ANN, id, &["openid", READ]).unwrap();
    sim.set_knobs(|knobs| knobs.issuer = jooper_testkit::google::IssuerForm::Bare);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token.as_str()),
    ];
    let answer = http()
        .post(sim.token_url())
        .basic_auth(id, Some(secret))
        .form(&form)
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    let jwt = body["id_token"].as_str().unwrap();
    let piece = |nth: usize| {
        serde_json::from_slice::<Value>(
            &URL_SAFE_NO_PAD
                .decode(jwt.split('.').nth(nth).unwrap())
                .unwrap(),
        )
        .unwrap()
    };
    assert_eq!(piece(1)["iss"], "accounts.google.com");
    let published = async || {
        let certs: Value = http()
            .get(sim.certs_url())
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        certs["keys"]
            .as_array()
            .unwrap()
            .iter()
            .any(|key| key["kid"] == piece(0)["kid"])
    };
    assert!(published().await);
    sim.rotate_keys().unwrap();
    assert!(published().await);
    sim.rotate_keys().unwrap();
    assert!(!published().await);
    let discovery: Value = http()
        .get(format!(
            "{}/.well-known/openid-configuration",
            sim.accounts_url()
        ))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&discovery["token_endpoint"], &discovery["jwks_uri"]),
        (&sim.token_url().into(), &sim.certs_url().into())
    );
}
