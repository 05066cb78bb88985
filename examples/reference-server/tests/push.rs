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
    let (audience, account) = (
        "https://jooper.example/push",
        "pusher@demo.iam.gserviceaccount.com",
    );
    let subscription = format!("projects/{PROJECT}/subscriptions/gmail");
    let push = format!(
        "[google.push]\ntopic = \"projects/{PROJECT}/topics/gmail\"\n\
         subscription = \"{subscription}\"\naudience = \"{audience}\"\n\
         service_account = \"{account}\"\n[engine]\nsync_seconds = 86400\n"
    );
    let target = json!({
        "endpoint": endpoint, "audience": audience, "service_account": account,
        "subscription": subscription,
    });
    let body = json!({ "project": PROJECT, "target": target });
    google.post("/_sim/push", body).await;
    let (server, mut pages) = serve_at(&root, dir.path(), &google, "", &push);
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
