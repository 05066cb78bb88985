//! `serve` with Google's simulator beside it: who may sign in, and how it stops.

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

use jooper::core::SendState;
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    LANE, LaneRow, SEND, SendRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use jooper::storage::{Scan, Scope, Storage, StorageExt};
use reqwest::{StatusCode, header};
use serde_json::json;
use serving::{ADA, PATIENCE, send_one, serve, through_google};
use support::Google;

const BEN: &str = "ben.sommer@northwind.example";

#[tokio::test]
async fn only_the_google_accounts_that_the_config_names_may_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let login = format!("google_accounts = [\"{ADA}\"]");
    let (_server, mut pages) = serve(dir.path(), &google, &login);
    let answer = pages.get("/leads").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "a door");

    let before = pages.cookie.clone();
    let answer = through_google(&mut pages, "/login/google", "/login", BEN).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(answer.text().await.unwrap().contains("may not sign in"));
    let answer = pages.get("/leads").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "still outside");

    let answer = through_google(&mut pages, "/login/google", "/login", ADA).await;
    assert_eq!(answer.headers()[header::LOCATION], "/");
    assert_ne!(pages.cookie, before, "the session changes at the door");
    assert_eq!(pages.get("/leads").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_under_way_settles_before_serve_ends() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let (mut server, mut pages) = serve(dir.path(), &google, "");
    let answer = through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    assert_eq!(answer.headers()[header::LOCATION], "/mailboxes");
    // Google accepts at once and takes its time to say so.
    let rule = json!({
        "path": "*/messages/send", "when": "always", "fault": { "commit_then_pause": 3_000 },
    });
    google.post("/_sim/faults", rule).await;
    send_one(&mut pages).await;

    let posting = std::iter::from_fn(|| server.stderr.recv_timeout(PATIENCE).ok())
        .find(|line| line.contains("phase=\"posting\""));
    assert!(posting.is_some(), "nothing was sent");
    server.interrupt();
    assert_eq!(server.wait(PATIENCE), Some(0));

    let data = dir.path().join("home/data/jooper.db");
    let store = SqliteStorage::open(data).await.unwrap();
    let scan = Scan::table(&WORKSPACE_DIRECTORY);
    let all = store.collect::<WorkspaceDirectoryRow>(Scope::Platform, scan);
    let workspace = all.await.unwrap()[0].record.id;
    let sends = store.collect::<SendRow>(workspace, Scan::table(&SEND));
    let sends: Vec<SendState> = sends
        .await
        .unwrap()
        .iter()
        .map(|row| row.record.state)
        .collect();
    assert_eq!(
        sends,
        [SendState::Sent],
        "settled, and not left for evidence"
    );
    let now = store.now().await.unwrap();
    let lanes = store.collect::<LaneRow>(workspace, Scan::table(&LANE));
    for lane in lanes.await.unwrap() {
        assert!(lane.record.lease_until <= now, "a lane was not given back");
    }
}
