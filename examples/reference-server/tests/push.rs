//! Google tells `serve` that a mailbox has changed: a reply is read long before the next poll, and
//! nobody but Google can cause that.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::future_not_send,
    reason = "a test"
)]

#[path = "support/browsing.rs"]
mod browsing;
#[path = "support/serving.rs"]
mod serving;
mod support;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use browsing::Pages;
use reqwest::StatusCode;
use serde_json::{Value, json};
use serving::{ADA, EVE, PATIENCE, send_one, serve, serve_at, through_google};
use support::{Google, client, free_port};

/// The simulator's project, which the topic must be in.
const PROJECT: &str = "demo-mailboxes";

const AUDIENCE: &str = "https://jooper.example/push";
const ACCOUNT: &str = "pusher@demo.iam.gserviceaccount.com";
const BEN: &str = "ben.sommer@northwind.example";

fn subscription() -> String {
    format!("projects/{PROJECT}/subscriptions/gmail")
}

/// The server's settings with push, and hardly any polling.
fn settings() -> String {
    let subscription = subscription();
    format!(
        "[google.push]\ntopic = \"projects/{PROJECT}/topics/gmail\"\n\
         subscription = \"{subscription}\"\naudience = \"{AUDIENCE}\"\n\
         service_account = \"{ACCOUNT}\"\n[engine]\nsync_seconds = 86400\n"
    )
}

/// Where the simulator's notifications go.
async fn push_to(google: &Google, endpoint: &str) {
    let target = json!({
        "endpoint": endpoint, "audience": AUDIENCE, "service_account": ACCOUNT,
        "subscription": subscription(),
    });
    let body = json!({ "project": PROJECT, "target": target });
    google.post("/_sim/push", body).await;
}

/// How many calls have met a fault.
async fn met(google: &Google) -> usize {
    let faults = google.get("/_sim/faults").await;
    faults["fired"].as_array().map_or(0, Vec::len)
}

async fn answer(google: &Google, text: &str) {
    let raw = format!(
        "From: Eve <{EVE}>\r\nTo: {ADA}\r\nSubject: Re: Hello\r\n\
         Message-ID: <{text}@people.example>\r\n\r\nMy answer is {text}.\r\n"
    );
    let raw = URL_SAFE_NO_PAD.encode(raw);
    let mail = json!({ "account": ADA, "raw": raw, "junk": false });
    assert!(google.post("/_sim/deliver", mail).await["id"].is_string());
}

/// Whether the lead's page tells of an answer by then.
async fn is_answered(pages: &mut Pages, within: Duration) -> bool {
    let until = Instant::now() + within;
    loop {
        let html = pages.get("/inbox").await.text().await.unwrap();
        if html.contains("My answer is") {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn wait_for(google: &Google, count: usize) {
    let until = Instant::now() + PATIENCE;
    while met(google).await < count {
        assert!(Instant::now() < until, "it never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_reply_is_read_when_google_tells_and_only_google_can_tell() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    // Its tokens must be of the time that the server's clock shows.
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let root = format!("http://127.0.0.1:{}", free_port());
    let endpoint = format!("{root}/push/gmail");
    push_to(&google, &endpoint).await;
    let (server, mut pages) = serve_at(&root, dir.path(), &google, "", &settings());
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let lead = send_one(&mut pages).await;
    let until = Instant::now() + PATIENCE;
    while !pages
        .get(&lead)
        .await
        .text()
        .await
        .unwrap()
        .contains("was sent")
    {
        assert!(Instant::now() < until, "nothing was sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // What the watch and the sent mail made Google tell is over.
    tokio::time::sleep(Duration::from_secs(2)).await;

    let forged = json!({ "method": "PUSH", "when": "always", "fault": { "push": "forged" } });
    google.post("/_sim/faults", forged).await;
    answer(&google, "first").await;
    wait_for(&google, 1).await;
    assert!(
        !is_answered(&mut pages, Duration::from_secs(3)).await,
        "a forged notification woke the lane, or it was polled"
    );
    let bare = client().post(&endpoint).body("{}").send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);

    let url = format!("{}/faults", google.control.trim_end_matches('/'));
    client().delete(url).send().await.unwrap();
    answer(&google, "second").await;
    let read = is_answered(&mut pages, Duration::from_secs(8)).await;
    let told: Vec<String> = server.stderr.try_iter().collect();
    assert!(read, "not read; the server says {told:#?}");
}

#[tokio::test]
async fn without_push_set_up_nothing_is_watched_and_nobody_listens() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    // A fault that changes nothing counts the calls.
    for path in ["*/watch", "*/history"] {
        let rule = json!({ "path": path, "when": "always", "fault": { "slow_to_accept": 1 } });
        let taken: Value = google.post("/_sim/faults", rule).await;
        assert!(taken.is_object(), "{taken}");
    }
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    wait_for(&google, 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let fired = google.get("/_sim/faults").await["fired"].to_string();
    assert!(
        fired.contains("history") && !fired.contains("watch"),
        "{fired}"
    );
    let closed = client().post(format!("{}/push/gmail", pages.root));
    let closed = closed.body("{}").send().await.unwrap();
    assert_eq!(closed.status(), StatusCode::NOT_FOUND);
}

/// An access token of an account that is not connected to the server.
async fn stranger(google: &Google, root: &str, who: &str) -> String {
    let at = google.url.trim_end_matches('/');
    let redirect = format!("{root}/oauth/callback");
    let scope = "openid email https://www.googleapis.com/auth/gmail.readonly";
    let ask = url::Url::parse_with_params(
        &format!("{at}/o/oauth2/v2/auth"),
        [
            ("client_id", "demo.apps.googleusercontent.com"),
            ("redirect_uri", &redirect),
            ("response_type", "code"),
            ("scope", scope),
            ("login_hint", who),
            ("state", "s"),
        ],
    );
    let back = client().get(ask.unwrap()).send().await.unwrap();
    let back = back.headers()[reqwest::header::LOCATION].to_str().unwrap();
    let back = url::Url::parse(back).unwrap();
    let (_, code) = back.query_pairs().find(|(name, _)| name == "code").unwrap();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("client_id", "demo.apps.googleusercontent.com")
        .append_pair("client_secret", "demo-secret")
        .append_pair("redirect_uri", &redirect)
        .finish();
    let answer = client()
        .post(format!("{at}/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = answer.send().await.unwrap().text().await.unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// One request as Pub/Sub makes it: its proof and its body.
type Notification = (String, Vec<u8>);

/// Takes notifications in the server's place.
async fn relay() -> (String, tokio::sync::mpsc::UnboundedReceiver<Notification>) {
    let (to, from) = tokio::sync::mpsc::unbounded_channel();
    let take = move |headers: axum::http::HeaderMap, body: axum::body::Bytes| async move {
        let proof = headers["authorization"].to_str().unwrap().to_owned();
        let _ = to.send((proof, body.to_vec()));
        axum::http::StatusCode::NO_CONTENT
    };
    let app = axum::Router::new().route("/", axum::routing::post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, from)
}

#[tokio::test]
async fn a_notification_for_nobody_here_is_taken_and_one_that_cannot_be_proven_now_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let root = format!("http://127.0.0.1:{}", free_port());
    let (endpoint, mut notifications) = relay().await;
    push_to(&google, &endpoint).await;
    let (_server, mut pages) = serve_at(&root, dir.path(), &google, "", &settings());

    // Ben is Google's account, and none of this server's.
    let token = stranger(&google, &root, BEN).await;
    let at = google.url.trim_end_matches('/');
    let topic = json!({ "topicName": format!("projects/{PROJECT}/topics/gmail") });
    let watch = client()
        .post(format!("{at}/gmail/v1/users/me/watch"))
        .bearer_auth(token)
        .json(&topic);
    assert_eq!(watch.send().await.unwrap().status(), StatusCode::OK);
    let came = tokio::time::timeout(PATIENCE, notifications.recv()).await;
    let (proof, body) = came.unwrap().unwrap();
    let told = String::from_utf8_lossy(&body).into_owned();
    let hand_on = || {
        let request = client().post(format!("{root}/push/gmail"));
        let request = request.header("authorization", &proof);
        request.body(told.clone()).send()
    };
    let away = json!({
        "path": "*/certs", "when": "always", "fault": { "answer": { "backend": 503 } },
    });
    google.post("/_sim/faults", away).await;
    let unproven = hand_on().await.unwrap();
    assert_eq!(unproven.status(), StatusCode::SERVICE_UNAVAILABLE);
    let url = format!("{}/faults", google.control.trim_end_matches('/'));
    client().delete(&url).send().await.unwrap();
    let until = Instant::now() + PATIENCE;
    let mut status = StatusCode::SERVICE_UNAVAILABLE;
    while status == StatusCode::SERVICE_UNAVAILABLE && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(500)).await;
        status = hand_on().await.unwrap().status();
    }
    assert_eq!(status, StatusCode::NO_CONTENT, "genuine, and nobody's here");

    // A mailbox that is connected is watched, and no longer once it is disconnected.
    for path in ["*/watch", "*/stop"] {
        let rule = json!({ "path": path, "when": "always", "fault": { "slow_to_accept": 1 } });
        google.post("/_sim/faults", rule).await;
    }
    let before = met(&google).await;
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    wait_for(&google, before + 1).await;
    let html = pages.get("/mailboxes").await.text().await.unwrap();
    let (_, rest) = html.split_once("action=\"/mailboxes/mbx_").unwrap();
    let account = rest.split('/').next().unwrap();
    let form = format!("/mailboxes/mbx_{account}/disconnect");
    let token = pages.token("/mailboxes").await;
    pages.post(&form, &root, &[("csrf", &token)]).await;
    let fired = google.get("/_sim/faults").await["fired"].to_string();
    assert_eq!(fired.matches("users/me/stop").count(), 1, "{fired}");
}
