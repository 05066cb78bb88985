//! The state file: a killed simulator goes on as if nothing had been.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jooper_testkit::google::{Behavior, GoogleSimulator, Inbound, Mix, SimClock, UserSpec};
use serde_json::Value;

use crate::support::{ANN, HOUR, client, clock, http, mail, world};

#[tokio::test]
async fn a_restart_resumes_mail_tokens_history_and_what_was_planned() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("google.json");
    let sim = world().state_file(&path).start().await.unwrap();
    let ann = client(&sim, ANN);
    let start = ann.cursor().await;
    sim.set_behavior(
        "bob@other.example",
        Behavior::replies(HOUR / 6).and(Inbound::Complaint, 2, HOUR / 2),
    );
    ann.send(&mail("bob@other.example", "One", ""), None).await;
    sim.advance(Duration::from_secs(600)).await;
    ann.send(&mail("bob@other.example", "Two", ""), None).await;
    let cursor = ann.cursor().await;
    let (ledger, history) = (sim.ledger(), ann.history(&start).await);
    assert_eq!((history.len(), ledger.reactions().len()), (3, 1));
    let at = sim.clock().now();
    // No shutdown, and a write that was cut short: what an answer has shown is stored already.
    drop(sim);
    let journal = path.with_extension("json.journal");
    assert_eq!(
        std::fs::read_to_string(&journal).unwrap().lines().count(),
        3
    );
    OpenOptions::new()
        .append(true)
        .open(&journal)
        .unwrap()
        .write_all(b"{\"at\":17")
        .unwrap();

    let sim = GoogleSimulator::builder()
        .clock(clock())
        .mix(Mix::silent())
        .state_file(&path)
        .start()
        .await
        .unwrap();
    assert_eq!(sim.clock().now(), at);
    assert_eq!(sim.ledger(), ledger);
    let mut again = client(&sim, ANN);
    again.token = ann.token;
    assert_eq!(again.cursor().await, cursor);
    assert_eq!(again.history(&start).await, history);
    sim.advance(Duration::from_secs(1800)).await;
    assert_eq!(sim.ledger().reactions()[1].what, "complaint");
    let third = again
        .send(&mail("bob@other.example", "Three", ""), None)
        .await;
    assert!(
        ledger
            .accepted()
            .iter()
            .all(|send| third["id"] != send.message_id.as_str())
    );
    assert_eq!(sim.ledger().posted(0), ledger.posted(0));
}

#[tokio::test]
async fn a_state_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("google.json");
    std::fs::write(&path, "{\"form\": 0}").unwrap();
    let error = world().state_file(&path).start().await.unwrap_err();
    assert!(
        error.to_string().contains("cannot be understood"),
        "{error}"
    );
}

/// A simulator process that never outlives its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, which the state has to survive anyway.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(state: &Path) -> (Process, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_google-simulator"))
        .args([
            "--seed",
            "3",
            "--silent",
            "--user",
            ANN,
            "--start",
            "2026-11-23T08:00:00Z",
            "--factor",
            "60",
            "--state",
        ])
        .arg(state)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (Process(child), serde_json::from_str(&line).unwrap())
}

#[tokio::test]
async fn the_binary_survives_being_killed_after_every_send() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    for round in 0..4usize {
        let (process, urls) = spawn(&state);
        let control = urls["control"].as_str().unwrap();
        let get = async |url: String| {
            http()
                .get(url)
                .send()
                .await
                .unwrap()
                .json::<Value>()
                .await
                .unwrap()
        };
        let ledger = get(format!("{control}/ledger")).await;
        assert_eq!(ledger["accepted"].as_array().unwrap().len(), round);
        let code = consent_code(urls["authorize"].as_str().unwrap()).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "http://127.0.0.1:9/cb"),
            ("client_id", "sim-client.apps.googleusercontent.com"),
            ("client_secret", "sim-secret"),
        ];
        let tokens: Value = http()
            .post(urls["token"].as_str().unwrap())
            .form(&form)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let sender = crate::support::Client {
            http: http(),
            base: format!("{}/gmail/v1/users/me", urls["gmail"].as_str().unwrap()),
            token: tokens["access_token"].as_str().unwrap().to_owned(),
        };
        sender
            .send(
                &mail("bob@other.example", &format!("round {round}"), ""),
                None,
            )
            .await;
        drop(process);
    }
}

async fn consent_code(authorize: &str) -> String {
    let query = [
        ("client_id", "sim-client.apps.googleusercontent.com"),
        ("redirect_uri", "http://127.0.0.1:9/cb"),
        ("response_type", "code"),
        ("scope", "https://www.googleapis.com/auth/gmail.send"),
    ];
    let answer = http().get(authorize).query(&query).send().await.unwrap();
    let target = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    target
        .query_pairs()
        .find(|(key, _)| key == "code")
        .unwrap()
        .1
        .into_owned()
}

#[tokio::test]
async fn an_external_clock_is_not_moved_by_a_resumed_state() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("google.json");
    let first = GoogleSimulator::builder()
        .clock(clock())
        .user(UserSpec::new(ANN))
        .state_file(&path)
        .start()
        .await
        .unwrap();
    first.advance(Duration::from_secs(500)).await;
    client(&first, ANN).cursor().await;
    first.shutdown().await;
    let master = clock();
    let source = master.clone();
    let sim = GoogleSimulator::builder()
        .clock(SimClock::external(move || source.now()))
        .state_file(&path)
        .start()
        .await
        .unwrap();
    assert_eq!(sim.clock().now(), master.now());
}
