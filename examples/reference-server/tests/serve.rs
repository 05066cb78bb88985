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

use std::path::Path;
use std::time::Duration;

use jooper::core::{MailboxState, ScopeKind, SendState, StopReason, StopSource, WorkspaceId};
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    CAMPAIGN, CampaignRow, CounterRow, LANE, LaneRow, MAILBOX, MailboxRow, SCOPE_STOP, SEND,
    ScopeStopRow, SendRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use jooper::storage::{Batch, Scan, Scope, Storage, StorageExt, Value};
use reqwest::{StatusCode, header};
use serde_json::json;
use serving::{ADA, PATIENCE, send_one, serve, start_campaign, through_google};
use support::Google;

const BEN: &str = "ben.sommer@northwind.example";

/// What a server that has ended left, and its workspace.
async fn data_of(dir: &Path) -> (SqliteStorage, WorkspaceId) {
    let data = dir.join("home/data/jooper.db");
    let store = SqliteStorage::open(data).await.unwrap();
    let scan = Scan::table(&WORKSPACE_DIRECTORY);
    let all = store.collect::<WorkspaceDirectoryRow>(Scope::Platform, scan);
    let workspace = all.await.unwrap()[0].record.id;
    (store, workspace)
}

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

    let (store, workspace) = data_of(dir.path()).await;
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

#[tokio::test]
async fn what_stopped_by_itself_goes_on_when_a_person_says_so_on_the_safety_page() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let (mut server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let sequence = "name = \"Two\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"Hello\"\n\
        [[step]]\nwait = \"3 working days\"\n[[step.variant]]\nbody = \"And?\"\n";
    start_campaign(&mut pages, sequence).await;
    server.interrupt();
    assert_eq!(server.wait(PATIENCE), Some(0));

    // Both breakers have tripped, and the sample waits for its result.
    let (store, ws) = data_of(dir.path()).await;
    let campaigns = store.collect::<CampaignRow>(ws, Scan::table(&CAMPAIGN));
    let campaign = campaigns.await.unwrap()[0].record.id;
    let mailboxes = store.collect::<MailboxRow>(ws, Scan::table(&MAILBOX));
    let mailbox = mailboxes.await.unwrap().remove(0);
    let (sends_only, version) = (
        MailboxRow {
            state: MailboxState::SendOnly,
            ..mailbox.record
        },
        mailbox.version,
    );
    let mailbox = sends_only.id;
    let stop = |scope, id| ScopeStopRow {
        scope,
        id,
        reason: StopReason::Breaker,
        source: StopSource::System,
        since: jiff::Timestamp::UNIX_EPOCH,
        beside: None,
    };
    let mut key = b"consent.sample.".to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    let sample = CounterRow {
        key: key.clone(),
        count: 50,
        expires_at: i64::MAX,
    };
    // Mails of it were accepted just now, and it was not read since.
    let sampled_by = CounterRow {
        key: [
            &b"consent.sampled-by/"[..],
            campaign.uuid().as_bytes(),
            mailbox.uuid().as_bytes(),
        ]
        .concat(),
        count: jiff::Timestamp::now().as_millisecond(),
        expires_at: i64::MAX,
    };
    let mut batch = Batch::new(ws)
        .put(&stop(ScopeKind::Campaign, campaign.uuid()))
        .put(&stop(ScopeKind::Mailbox, mailbox.uuid()))
        .update(&sends_only, version)
        .put(&sampled_by)
        .put(&sample);
    // Nobody knows yet of any of the fifty, so that a reset frees no place.
    for n in 0..50_u128 {
        let mut place = b"consent.sampled/".to_vec();
        place.extend_from_slice(campaign.uuid().as_bytes());
        place.extend_from_slice(&n.to_be_bytes());
        place.extend_from_slice(&0_u16.to_be_bytes());
        batch = batch.put(&CounterRow {
            key: place,
            count: 0,
            expires_at: i64::MAX,
        });
    }
    store.commit(batch).await.unwrap();
    store.close();

    let (mut server, mut pages) = serve(dir.path(), &google, "");
    let (root, csrf) = (pages.root.clone(), pages.token("/safety").await);
    let html = pages.get("/safety").await.text().await.unwrap();
    assert_eq!(html.matches("Stopped by itself").count(), 2, "{html}");
    assert!(html.contains("50 of the first 50 are out"), "{html}");
    let mut missing = vec![
        format!("What came back to {ADA} cannot be read, so that this does not go on by itself"),
        "1 people: 0 have private addresses of free providers, and the country of 0 is unknown"
            .to_owned(),
        "aria-label=\"Do not wait any longer with One\"".to_owned(),
        "aria-label=\"I have looked at One: let it go on\"".to_owned(),
        format!("aria-label=\"I have looked at {ADA}: let it go on\""),
    ];
    missing.retain(|said| !html.contains(said));
    assert!(missing.is_empty(), "{missing:#?}: {html}");
    assert!(!html.contains("Cannot be read"), "tripped says more");
    let ids = (campaign.to_string(), mailbox.to_string());
    for (kind, id, expected) in [
        ("workspace", &ids.0, StatusCode::BAD_REQUEST),
        ("campaign", &"nobody".to_owned(), StatusCode::BAD_REQUEST),
        ("campaign", &ids.0, StatusCode::SEE_OTHER),
        ("mailbox", &ids.1, StatusCode::SEE_OTHER),
    ] {
        let fields = [("csrf", csrf.as_str()), ("kind", kind), ("id", id)];
        let answer = pages.post("/safety/reset", &root, &fields).await;
        assert_eq!(answer.status(), expected, "{kind} {id}");
        if (kind, expected) == ("campaign", StatusCode::SEE_OTHER) {
            let html = pages.get("/safety").await.text().await.unwrap();
            let said = "It goes on with its first mails.";
            assert!(html.contains(said), "{html}");
        }
    }
    let html = pages.get("/safety").await.text().await.unwrap();
    assert!(html.contains("It goes on. The figures"), "{html}");
    assert!(html.contains("Cannot be read"), "{html}");
    assert!(!html.contains("Stopped by itself"), "{html}");
    assert!(html.contains("50 of the first 50 are out"), "{html}");
    let fields = [("csrf", csrf.as_str()), ("id", ids.0.as_str())];
    let answer = pages.post("/safety/sample", &root, &fields).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let html = pages.get("/safety").await.text().await.unwrap();
    assert!(html.contains("The rest of the campaign goes on."), "{html}");
    assert!(!html.contains("of the first 50 are out"), "{html}");
    server.interrupt();
    assert_eq!(server.wait(PATIENCE), Some(0));

    let (store, ws) = data_of(dir.path()).await;
    let stops = store.collect::<ScopeStopRow>(ws, Scan::table(&SCOPE_STOP));
    assert_eq!(stops.await.unwrap().len(), 0);
    let left = store.find::<CounterRow>(ws, vec![Value::Bytes(key)]).await;
    assert!(left.unwrap().unwrap().record.count < 0, "the rest is free");
}

/// Opening the key file takes 64 MiB of memory of its own, once.
#[tokio::test]
async fn a_server_that_is_left_alone_gives_back_what_opening_its_keys_took() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let (server, _pages) = serve(dir.path(), &google, "");
    let status = format!("/proc/{}/status", server.child.id());
    let own = || {
        let status = std::fs::read_to_string(&status).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let kib: u64 = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kib / 1024
    };
    let mut least = own();
    for _ in 0..40 {
        if least < 48 {
            return;
        }
        std::thread::sleep(Duration::from_millis(250));
        least = least.min(own());
    }
    panic!("it keeps {least} MiB");
}
