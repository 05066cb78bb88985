//! The demo, and what it is given.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use super::support::{Google, Program, SERVER, client, free_port};
use super::{config, refused, run};

#[test]
fn a_taken_port_is_named_with_the_option_that_changes_it() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let demo = dir.path().join("demo");
    let output = run(
        &["demo", "--dir", demo.to_str().unwrap(), "--port", &port],
        None,
    );
    refused(&output, &[&port, "--port"]);
    assert!(!demo.exists(), "nothing was made");
}

#[test]
fn whoever_stops_listening_does_not_break_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text);
    let mut child = Command::new(SERVER)
        .args(["serve", "--config", &config])
        .env("JOOPER_PASSPHRASE", "correct horse battery")
        .env_remove("JOOPER_STORAGE")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    assert!(line.contains("Serving"), "{line}");
    drop(reader);
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_demo_in_the_same_directory_is_refused_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("demo");
    let start = || {
        let port = free_port().to_string();
        let arguments = ["demo", "--dir", home.to_str().unwrap(), "--port", &port];
        Program::start(&arguments, "error")
    };
    let mut first = start();
    first.says("Started", Duration::from_secs(120));
    let mut second = start();
    let told = second.refuses(Duration::from_secs(60));
    assert!(
        told.iter()
            .any(|line| line.contains("another demo runs in") && line.contains("--dir")),
        "{told:?}"
    );
    first.interrupt();
    assert_eq!(first.wait(Duration::from_secs(60)), Some(0));
}

#[test]
fn the_demo_refuses_a_file_that_is_no_csv_of_leads() {
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("mine.csv");
    std::fs::write(&csv, "no,name,here\n1,2,3\n").unwrap();
    let demo = dir.path().join("demo");
    let port = free_port().to_string();
    let mut program = Program::start(
        &[
            "demo",
            "--dir",
            demo.to_str().unwrap(),
            "--port",
            &port,
            "--leads",
            csv.to_str().unwrap(),
        ],
        "error",
    );
    let told = program.refuses(Duration::from_secs(60));
    assert!(told.iter().any(|line| line.contains("e-mail")), "{told:?}");
    assert!(!demo.exists(), "nothing was made");
}

#[test]
fn a_field_that_no_lead_has_is_named_with_a_suggestion_and_nothing_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let (sequence, demo) = (dir.path().join("mails.toml"), dir.path().join("demo"));
    let text = r#"
        name = "Wrong"
        [[step]]
        [[step.variant]]
        subject = "Hello"
        body = "Hello {{ first_nam }}"
    "#;
    std::fs::write(&sequence, text).unwrap();
    let port = free_port().to_string();
    let start = || {
        run(
            &[
                "demo",
                "--dir",
                demo.to_str().unwrap(),
                "--port",
                &port,
                "--sequence",
                sequence.to_str().unwrap(),
            ],
            None,
        )
    };
    let output = start();
    refused(&output, &["first_nam", "first_name", "nothing was started"]);
    assert!(!demo.exists(), "nothing was made");
    std::fs::write(&sequence, text.replace("[[step]]", "[[stap]]")).unwrap();
    refused(&start(), &["mails.toml", "stap"]);
    assert!(!demo.exists(), "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_has_run_out_is_told_on_the_page_and_by_the_doctor() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 7200);
    let home = dir.path().join("home");
    let mut demo = google.demo_with(&home, "error", &[]);
    let line = demo.says("The pages are at", Duration::from_secs(60));
    let root = line.rsplit(' ').next().unwrap().to_owned();
    demo.says("Started", Duration::from_secs(120));
    let ended = serde_json::json!({
        "account": "ada.winter@northwind.example", "cause": "grant_expired",
    });
    google.post("/_sim/grants/end", ended).await;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let page = client()
            .get(format!("{root}mailboxes"))
            .send()
            .await
            .unwrap();
        if page
            .text()
            .await
            .unwrap()
            .contains("Needs to be connected again")
        {
            break;
        }
        assert!(Instant::now() < until, "the page never says so");
    }
    demo.interrupt();
    assert_eq!(demo.wait(Duration::from_secs(60)), Some(0));

    let state = std::fs::read_to_string(home.join("demo.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let config = config(dir.path(), |text| text);
    let output = run(
        &["doctor", "--config", &config],
        state["passphrase"].as_str(),
    );
    refused(&output, &["mailbox", "needs reauth", "connects it again"]);
}
