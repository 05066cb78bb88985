//! What the page and the command say of a campaign before its mails, and what it does then.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::future_not_send,
    reason = "a test"
)]

#[path = "support/browsing.rs"]
mod browsing;
#[path = "support/people.rs"]
mod people;
#[path = "support/serving.rs"]
mod serving;
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use browsing::Pages;
use jooper::core::WorkspaceId;
use jooper::sequence::{Forecast, Seen};
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    ENROLLMENT, EnrollmentRow, SEND, SendRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use jooper::storage::{Record, Scan, Scope, StorageExt};
use reqwest::{StatusCode, header};
use serde_json::json;
use serving::{ADA, PATIENCE, serve, through_google};
use support::{Google, Program, SERVER};

const BEN: &str = "ben.sommer@northwind.example";
const SEQUENCE: &str = r#"
name = "Two ways to say it"
[[step]]
[[step.variant]]
subject = "Hello {{ first_name }}"
body = "First."
[[step.variant]]
subject = "A question, {{ first_name }}"
body = "First, said otherwise."
[[step]]
wait = "3 working days"
[[step.variant]]
body = "Second."
"#;

/// When, to whom, which mail in which variant, from where.
type Line = (String, String, String, String);

/// A draft for ten people, from two mailboxes.
async fn draft(pages: &mut Pages) -> String {
    for account in [ADA, BEN] {
        through_google(pages, "/mailboxes/connect", "/mailboxes", account).await;
    }
    let root = pages.root.clone();
    let token = pages.token("/leads").await;
    let (status, html) = pages
        .upload(&token, &people::csv(&people::invented(10)))
        .await;
    assert_eq!(status, StatusCode::OK, "{html}");
    let html = pages.get("/campaigns/new").await.text().await.unwrap();
    let chosen = html.split("name=\"mailbox\" value=\"").skip(1);
    let chosen: Vec<_> = chosen.map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(chosen.len(), 2, "{html}");
    let fields = [
        ("csrf", token.as_str()),
        ("name", "Foreseen"),
        ("mailbox", chosen[0]),
        ("mailbox", chosen[1]),
        ("zone", "Europe/Berlin"),
        ("daily_cap", "40"),
        ("sequence", SEQUENCE),
    ];
    let draft = pages.post("/campaigns/new", &root, &fields).await;
    let draft = draft.headers()[header::LOCATION].to_str().unwrap();
    draft.to_owned()
}

async fn data(pages: &mut Pages, path: &str) -> Forecast {
    let text = pages.get(path).await.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The values of the hidden fields of the form that starts it.
fn hidden(html: &str) -> BTreeMap<String, String> {
    let (_, form) = html.split_once("/start\">").expect("a form that starts it");
    let (form, _) = form.split_once("</form>").unwrap();
    let fields = form.split("<input type=\"hidden\" name=\"").skip(1);
    let quoted = |text: &str| text.split('"').next().unwrap().to_owned();
    let field = |text: &str| {
        let (_, value) = text.split_once("value=\"").unwrap();
        (quoted(text), quoted(value))
    };
    fields.map(field).collect()
}

/// What the page lists: each mail to the second.
fn listed(html: &str) -> Vec<Line> {
    let (_, table) = html.split_once("id=\"mails-title\"").unwrap();
    let rows = table.split("<tr><td data-label=\"When\">").skip(1);
    let part = |row: &str, from: &str, to: &str| {
        let (_, rest) = row
            .split_once(from)
            .unwrap_or_else(|| panic!("{from}: {row}"));
        rest.split(to).next().unwrap().to_owned()
    };
    rows.map(|row| {
        (
            part(row, "datetime=\"", "\""),
            part(row, "/leads/", "\""),
            part(row, "data-label=\"Mail\">", "<"),
            part(row, "data-label=\"From\">", "<"),
        )
    })
    .collect()
}

/// The same of the data.
fn lines(forecast: &Forecast, time: fn(jiff::Timestamp) -> String) -> Vec<Line> {
    let addresses: BTreeMap<_, _> = forecast
        .mailboxes
        .iter()
        .map(|mailbox| (mailbox.id, mailbox.address.clone()))
        .collect();
    let mails = forecast.mails.iter();
    mails
        .map(|mail| {
            let mark = format!("{}{}", mail.step, char::from(b'A' + mail.variant));
            let from = addresses[&mail.mailbox].clone();
            (time(mail.at), mail.lead.to_string(), mark, from)
        })
        .collect()
}

fn command(dir: &Path, more: &[&str]) -> String {
    let config = dir.join("jooper.toml");
    let output = Command::new(SERVER)
        .args(["forecast", "--config", config.to_str().unwrap()])
        .args(more)
        .env_remove("JOOPER_STORAGE")
        .env("JOOPER_PASSPHRASE", "a passphrase for tests")
        .env("RUST_LOG", "error")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{more:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn stop(mut server: Program) {
    server.interrupt();
    assert_eq!(server.wait(PATIENCE), Some(0));
}

async fn rows<R: Record>(dir: &Path, scan: Scan) -> Vec<R> {
    let store = SqliteStorage::open(dir.join("home/data/jooper.db")).await;
    let store = store.unwrap();
    let all = Scan::table(&WORKSPACE_DIRECTORY);
    let all = store.collect::<WorkspaceDirectoryRow>(Scope::Platform, all);
    let workspace: WorkspaceId = all.await.unwrap().remove(0).record.id;
    let rows = store.collect::<R>(workspace, scan).await.unwrap();
    store.close();
    rows.into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn page_file_and_command_foresee_the_same_and_the_start_does_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let google = Google::start(dir, 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (server, mut pages) = serve(dir, &google, "");
    let draft = draft(&mut pages).await;

    // The draft's own seed, whatever it is, on the page, in the files and on the command line.
    let html = pages.get(&format!("{draft}/forecast")).await;
    let html = html.text().await.unwrap();
    let (_, rest) = html.split_once("/forecast.json?").unwrap();
    let query = rest.split('"').next().unwrap().replace("&#38;", "&");
    let query = query.replace("&amp;", "&");
    let own = data(&mut pages, &format!("{draft}/forecast.json?{query}")).await;
    assert_eq!(own.mails.len(), 20, "{:?}", own.warnings);
    assert!(own.mails.iter().any(|mail| mail.variant == 1));
    assert!(own.mailboxes.iter().all(|mailbox| mailbox.mails > 0));
    assert!(html.contains(&format!("Seed {}.", own.seed)), "{html}");
    assert_eq!(listed(&html).len(), 20);
    let csv = pages.get(&format!("{draft}/forecast.csv?{query}")).await;
    let csv = csv.text().await.unwrap();
    assert_eq!(csv.lines().count(), 21, "{csv}");
    for mail in &own.mails {
        let begins = format!("mail,{},{},", mail.at, mail.lead);
        assert!(csv.lines().any(|line| line.starts_with(&begins)), "{csv}");
    }
    // The page shows whole minutes or seconds of the same instants.
    let page: Vec<Line> = listed(&html);
    for (shown, line) in page.iter().zip(lines(&own, |at| at.to_string())) {
        let at: jiff::Timestamp = shown.0.parse().unwrap();
        let exact: jiff::Timestamp = line.0.parse().unwrap();
        assert!(exact.duration_since(at).abs().as_secs() < 60, "{shown:?}");
        assert_eq!((&shown.1, &shown.2, &shown.3), (&line.1, &line.2, &line.3));
    }

    // Another seed, chosen on the page.
    let chosen = format!("{draft}/forecast?seed=77");
    let html = pages.get(&chosen).await.text().await.unwrap();
    let form = hidden(&html);
    let other = data(&mut pages, &format!("{draft}/forecast.json?seed=77")).await;
    assert_ne!(
        lines(&own, |_| String::new()),
        lines(&other, |_| String::new())
    );
    let Seen { seed, audience, .. } = other.seen();
    assert_eq!((form["seed"].as_str(), seed), ("77", 77));
    assert_eq!(form["audience"], audience.to_string());
    stop(server);

    let start = own.start.to_string();
    let told = command(dir, &["Foreseen", "--json", "--start", &start]);
    let told: Forecast = serde_json::from_str(&told).unwrap();
    assert!(told == own, "the command foresees what the page does");
    let table = command(dir, &["Foreseen", "--start", &start]);
    let named = people::invented(10);
    assert!(table.contains(&named[3].email), "who: {table}");
    assert!(table.contains(&format!("seed {}", own.seed)), "{table}");

    // What was shown is what starts: the seed of the page, its mailboxes, its variants.
    let (server, mut pages) = serve(dir, &google, "");
    let root = pages.root.clone();
    let token = pages.token(&chosen).await;
    let mut fields: Vec<(&str, &str)> = vec![("csrf", &token)];
    let others = form.iter().filter(|(name, _)| *name != "csrf");
    fields.extend(others.map(|(name, value)| (name.as_str(), value.as_str())));
    let wrong: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, if *name == "audience" { "1" } else { value }))
        .collect();
    let refused = pages.post(&format!("{draft}/start"), &root, &wrong).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let started = pages.post(&format!("{draft}/start"), &root, &fields).await;
    assert_eq!(started.status(), StatusCode::OK);
    let first = &other.mails[0];
    let lead = format!("/leads/{}", first.lead);
    serving::send_now(&mut pages, &lead, &token).await;
    let sent = async |pages: &mut Pages| {
        let html = pages.get(&lead).await.text().await.unwrap();
        html.contains("Mail 1 was sent")
    };
    for _ in 0..600 {
        if sent(&mut pages).await {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let html = pages.get(&chosen).await.text().await.unwrap();
    assert!(
        !html.contains("id=\"seed\""),
        "it keeps the seed that it has"
    );
    assert!(!html.contains("/start\">"), "it has started");
    stop(server);
    let enrollments: Vec<EnrollmentRow> = rows(dir, Scan::table(&ENROLLMENT)).await;
    assert_eq!(enrollments.len(), 10);
    for mail in other.mails.iter().filter(|mail| mail.step == 1) {
        let mut all = enrollments.iter();
        let row = all
            .find(|row| row.id == mail.enrollment)
            .expect("the same id");
        assert_eq!((row.lead, row.mailbox), (mail.lead, mail.mailbox));
    }
    let sends: Vec<SendRow> = rows(dir, Scan::table(&SEND)).await;
    assert!(!sends.is_empty());
    for send in &sends {
        let step = send.step.unwrap().0 + 1;
        let mut mails = other.mails.iter();
        let of = |mail: &&jooper::sequence::ForecastMail| {
            Some(mail.enrollment) == send.enrollment && mail.step == step
        };
        let mail = mails.find(of).expect("a mail that was foreseen");
        assert_eq!((send.mailbox, send.variant), (mail.mailbox, mail.variant));
    }
}
