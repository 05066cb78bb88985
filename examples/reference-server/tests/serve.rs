//! `serve` with Google's simulator beside it: who may sign in, and how it stops.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::future_not_send,
    reason = "a test"
)]

#[path = "support/browsing.rs"]
mod browsing;
mod support;

use std::path::Path;
use std::time::Duration;

use browsing::Pages;
use jooper::core::SendState;
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    LANE, LaneRow, SEND, SendRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use jooper::storage::{Scan, Scope, Storage, StorageExt};
use reqwest::{StatusCode, header};
use serde_json::json;
use support::{Google, Program, client, free_port};

const PATIENCE: Duration = Duration::from_secs(60);
const ADA: &str = "ada.winter@northwind.example";
const BEN: &str = "ben.sommer@northwind.example";

/// Starts `serve` against a simulator, with further lines in its config file.
fn serve(dir: &Path, google: &Google, login: &str) -> (Program, Pages) {
    let root = format!("http://127.0.0.1:{}", free_port());
    let listen = root.trim_start_matches("http://");
    let at = google.url.trim_end_matches('/');
    let client = |callback: &str| {
        format!(
            "id = \"demo.apps.googleusercontent.com\"\nsecret = \"demo-secret\"\n\
             redirect_uri = \"{root}{callback}\"\n"
        )
    };
    let (mailbox, sign_in) = (client("/oauth/callback"), client("/login/callback"));
    let text = format!(
        r#"
        directory = "{}"
        listen = "{listen}"
        public_url = "{root}/"
        [login]
        {login}
        [identity]
        name = "Example"
        legal_name = "Example GmbH"
        postal_address = "Hauptstr. 1, 10115 Berlin"
        privacy_url = "https://example.com/privacy"
        [google.mailbox]
        {mailbox}
        [google.sign_in]
        {sign_in}
        [google.endpoints]
        authorize = "{at}/o/oauth2/v2/auth"
        token = "{at}/token"
        revoke = "{at}/revoke"
        jwks = "{at}/oauth2/v3/certs"
        userinfo = "{at}/v1/userinfo"
        gmail = "{at}/gmail/v1/"
        "#,
        dir.join("home").display()
    );
    let config = dir.join("jooper.toml");
    std::fs::write(&config, text).unwrap();
    let arguments = ["serve", "--config", config.to_str().unwrap()];
    let passphrase = [("JOOPER_PASSPHRASE", "a passphrase for tests")];
    let program = Program::start_with(&arguments, "jooper_sequence=debug", &passphrase);
    program.says("Serving", PATIENCE);
    (program, Pages::new(&root))
}

/// Follows a form to Google, chooses an account there, and comes back.
async fn through_google(pages: &mut Pages, form: &str, page: &str, who: &str) -> reqwest::Response {
    let (token, root) = (pages.token(page).await, pages.root.clone());
    let away = pages.post(form, &root, &[("csrf", &token)]).await;
    assert_eq!(away.status(), StatusCode::SEE_OTHER, "{form}");
    let there = away.headers()[header::LOCATION].to_str().unwrap();
    let chosen = format!("{there}&login_hint={who}");
    let back = client().get(chosen).send().await.unwrap();
    let back = back.headers()[header::LOCATION].to_str().unwrap();
    let path = back.strip_prefix(&root).unwrap().to_owned();
    pages.get(&path).await
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

/// Presses "Send now" as soon as the page has it; in Berlin's office hours the mail may go by itself.
async fn send_now(pages: &mut Pages, lead: &str, csrf: &str) {
    let root = pages.root.clone();
    for _ in 0..200 {
        let html = pages.get(lead).await.text().await.unwrap();
        if let Some((_, rest)) = html.split_once("name=\"enrollment\" value=\"") {
            let enrollment = rest.split('"').next().unwrap();
            let now = [("csrf", csrf), ("enrollment", enrollment), ("do", "now")];
            pages.post(&format!("{lead}/step"), &root, &now).await;
            return;
        }
        if html.contains("was sent") {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nothing can be sent");
}

#[tokio::test]
async fn what_is_under_way_settles_before_serve_ends() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let (mut server, mut pages) = serve(dir.path(), &google, "");
    let root = pages.root.clone();
    let answer = through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    assert_eq!(answer.headers()[header::LOCATION], "/mailboxes");
    let token = pages.token("/leads").await;
    let csv = "Email,Country,Legal basis,Consent source,Consent date,Consent proof,Notice version\n\
        eve@people.example,DE,consent,form,2026-10-01,row 1,v1\n";
    let (status, html) = pages.upload(&token, csv).await;
    assert_eq!(status, StatusCode::OK, "{html}");

    // Google accepts at once and takes its time to say so.
    let rule = json!({
        "path": "*/messages/send", "when": "always", "fault": { "commit_then_pause": 3_000 },
    });
    google.post("/_sim/faults", rule).await;
    let html = pages.get("/campaigns/new").await.text().await.unwrap();
    let value = |name: &str| {
        let (_, rest) = html
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let sequence =
        "name = \"One\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"Hello\"\n";
    let (csrf, mailbox) = (value("csrf"), value("mailbox"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "One"),
        ("mailbox", &mailbox),
        ("zone", "UTC"),
        ("daily_cap", "40"),
        ("sequence", sequence),
    ];
    let draft = pages.post("/campaigns/new", &root, &fields).await;
    let draft = draft.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let started = pages
        .post(&format!("{draft}/start"), &root, &[("csrf", &csrf)])
        .await;
    assert!(!started.status().is_server_error() && !started.status().is_client_error());
    // Whatever hour it is in Berlin.
    let leads = pages.get("/leads").await.text().await.unwrap();
    let (_, rest) = leads.split_once("href=\"/leads/lead_").unwrap();
    let lead = format!("/leads/lead_{}", rest.split('"').next().unwrap());
    send_now(&mut pages, &lead, &csrf).await;

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
