//! What people do day by day, on its pages: a test mail to oneself, and today's queue of a mailbox.
//! And a test by a command beside a server that runs.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::future_not_send,
    reason = "a test"
)]

#[path = "support/browsing.rs"]
mod browsing;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/serving.rs"]
mod serving;
mod support;

use std::process::Command;
use std::time::Duration;

use browsing::Pages;
use postgres::Schema;
use reqwest::{StatusCode, header};
use serde_json::json;
use serving::{ADA, EVE, serve, serve_with, start_campaign, through_google};
use support::{Google, SERVER, free_port};

const LATER: &str = "name = \"One\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\n\
                     subject = \"Hello\"\nbody = \"Hello\"\n";

async fn google(dir: &std::path::Path) -> Google {
    let google = Google::start(dir, 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    google
}

async fn accepted(google: &Google) -> u64 {
    let summary = google.get("/_sim/summary").await;
    summary["accepted"].as_u64().unwrap()
}

/// The first id of a kind in a text.
fn id(text: &str, begins: &str) -> String {
    let at = text
        .find(begins)
        .unwrap_or_else(|| panic!("{begins}: {text}"));
    let id = text[at..].chars();
    id.take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c))
        .collect()
}

/// What the page has in a field.
fn value(html: &str, field: &str) -> String {
    let name = format!("name=\"{field}\" value=\"");
    let (_, rest) = html.split_once(&name).expect(field);
    rest.split('"').next().unwrap().to_owned()
}

/// Reads a page until it says so.
async fn until_it_says(pages: &mut Pages, path: &str, words: &str) -> String {
    let mut html = String::new();
    for _ in 0..600 {
        html = pages.get(path).await.text().await.unwrap();
        if html.contains(words) {
            return html;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{path} never says {words}: {html}");
}

async fn post(pages: &mut Pages, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
    let root = pages.root.clone();
    pages.post(path, &root, fields).await
}

#[tokio::test]
async fn a_test_mail_goes_to_oneself_once_and_its_page_says_what_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let google = google(dir.path()).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    start_campaign(&mut pages, LATER).await;
    let home = pages.get("/").await.text().await.unwrap();
    let campaign = format!("/campaigns/{}", id(&home, "cmp_"));
    let form = format!("{campaign}/test");
    let html = pages.get(&campaign).await.text().await.unwrap();
    assert!(html.contains(&form), "{html}");

    let html = pages.get(&form).await.text().await.unwrap();
    assert!(
        html.contains(ADA) && html.contains("Mail 1: Hello"),
        "{html}"
    );
    let (csrf, key, mailbox) = (value(&html, "csrf"), value(&html, "key"), id(&html, "mbx_"));
    let with = |mail: &'static str, email: &'static str| {
        [
            ("csrf", csrf.as_str()),
            ("key", key.as_str()),
            ("mailbox", mailbox.as_str()),
            ("mail", mail),
            ("email", email),
        ]
    };
    let forged = post(&mut pages, &form, &with("1-1", EVE)[1..]).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    for (mail, email, status, says) in [
        (
            "1-1",
            "eve",
            StatusCode::UNPROCESSABLE_ENTITY,
            "That is not an e-mail address",
        ),
        (
            "1-1",
            "nobody@people.example",
            StatusCode::UNPROCESSABLE_ENTITY,
            "Nobody with this address",
        ),
        ("2-1", EVE, StatusCode::BAD_REQUEST, "no such mail"),
        ("1-0", EVE, StatusCode::BAD_REQUEST, "no such mail"),
    ] {
        let refused = post(&mut pages, &form, &with(mail, email)).await;
        assert_eq!(refused.status(), status, "{mail} {email}");
        let html = refused.text().await.unwrap();
        assert!(html.contains(says), "{says}: {html}");
    }
    let there = format!("{form}/{key}");
    for email in [EVE, ""] {
        let done = post(&mut pages, &form, &with("1-1", email)).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        assert_eq!(done.headers()[header::LOCATION], there.as_str());
    }
    let html = until_it_says(&mut pages, &there, ">Sent</span>").await;
    assert!(
        html.contains(&format!("data-live=\"/live{there}\"")),
        "{html}"
    );
    let live = pages.get(&format!("/live{there}")).await.text().await;
    assert!(live.unwrap().contains(">Sent</span>"));
    // Asked for a third time by the same form, it stays at the one.
    post(&mut pages, &form, &with("1-1", EVE)).await;
    until_it_says(&mut pages, &there, ">Sent</span>").await;
    assert_eq!(accepted(&google).await, 1);
}

/// Presses a button of a person's page as it was shown.
async fn press(pages: &mut Pages, lead: &str, html: &str, what: &str) -> reqwest::Response {
    let known = ["csrf", "enrollment", "version", "node"].map(|name| (name, value(html, name)));
    let mut fields: Vec<_> = known.iter().map(|(name, of)| (*name, &**of)).collect();
    fields.push(("do", what));
    post(pages, &format!("{lead}/step"), &fields).await
}

/// Two people, a campaign that has written to one of them, and the queue with the other.
async fn queued(pages: &mut Pages) -> (String, String) {
    let two = "name = \"Two\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\n\
               subject = \"Hello\"\nbody = \"Hello\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\nbody = \"Again\"\n";
    let token = pages.token("/leads").await;
    let csv = "Email,Country,Legal basis,Consent source,Consent date,Consent proof,Notice version\n\
        bob@other.example,DE,consent,form,2026-10-01,row 2,v1\n";
    let (status, html) = pages.upload(&token, csv).await;
    assert_eq!(status, StatusCode::OK, "{html}");
    start_campaign(pages, two).await;
    // Both go now, whatever hour it is, and the second waits for the pause behind the first.
    let leads = pages.get("/leads").await.text().await.unwrap();
    let links = leads.match_indices("href=\"/leads/lead_").map(|(at, _)| at);
    let people: Vec<String> = links
        .map(|at| format!("/leads/{}", id(&leads[at..], "lead_")))
        .collect();
    for lead in &people {
        let html = until_it_says(pages, lead, "name=\"enrollment\"").await;
        press(pages, lead, &html, "now").await;
    }
    let html = pages.get("/mailboxes").await.text().await.unwrap();
    let today = format!("/mailboxes/{}/today", id(&html, "mbx_"));
    assert!(html.contains(&today), "{html}");
    // While the lane has heard of one press only, the one to come is the one whose mail leaves first.
    for _ in 0..600 {
        let html = until_it_says(pages, &today, ">1 to come<").await;
        let waits = format!("/leads/{}", id(&html, "lead_"));
        let first = people.iter().find(|lead| **lead != waits).unwrap();
        let told = pages.get(first).await.text().await.unwrap();
        if told.contains("Mail 2 goes at") {
            return (today, html);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody waits behind the first");
}

#[tokio::test]
async fn what_waits_in_a_mailboxs_queue_is_skipped_once_however_often_it_is_pressed() {
    let dir = tempfile::tempdir().unwrap();
    let google = google(dir.path()).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let (today, html) = queued(&mut pages).await;
    assert!(html.contains("Mail 1") && html.contains(ADA), "{html}");
    let lead = format!("/leads/{}", id(&html, "lead_"));
    let known = ["csrf", "enrollment", "version", "node"].map(|name| (name, value(&html, name)));
    let with = |what: &'static str| {
        let mut fields: Vec<_> = known.iter().map(|(name, of)| (*name, &**of)).collect();
        fields.push(("do", what));
        fields
    };
    let forged = post(&mut pages, &today, &with("skip")[1..]).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let unknown = post(&mut pages, &today, &with("burn")).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    let now = post(&mut pages, &today, &with("now")).await;
    assert_eq!(now.headers()[header::LOCATION], today.as_str());
    let html = pages.get(&today).await.text().await.unwrap();
    assert!(html.contains("It goes before all others"), "{html}");
    for _ in 0..3 {
        let skipped = post(&mut pages, &today, &with("skip")).await;
        assert_eq!(skipped.headers()[header::LOCATION], today.as_str());
        let html = pages.get(&today).await.text().await.unwrap();
        let told = ["unless it goes before that", "Nothing was skipped"];
        assert!(told.iter().any(|told| html.contains(told)), "{html}");
    }
    until_it_says(&mut pages, &today, "Nothing more today").await;
    until_it_says(&mut pages, &lead, "Mail 2 goes at").await;
    assert_eq!(accepted(&google).await, 1, "to the other");
    // Whoever has the other's page open from before that mail is told that it has gone.
    let leads = pages.get("/leads").await.text().await.unwrap();
    let people = leads.match_indices("href=\"/leads/lead_").map(|(at, _)| at);
    let mut people = people.map(|at| format!("/leads/{}", id(&leads[at..], "lead_")));
    let other = people.find(|one| *one != lead).unwrap();
    let html = pages.get(&other).await.text().await.unwrap();
    let known = ["csrf", "enrollment", "version"].map(|name| (name, value(&html, name)));
    let mut skip: Vec<_> = known.iter().map(|(name, of)| (*name, &**of)).collect();
    skip.extend([("node", "0"), ("do", "skip")]);
    post(&mut pages, &format!("{other}/step"), &skip).await;
    let html = pages.get(&other).await.text().await.unwrap();
    assert!(html.contains("this mail had gone before"), "{html}");
    assert!(html.contains("Mail 2 goes at"), "{html}");
    let stranger = "/mailboxes/mbx_00000000000000000000000000000404/today";
    assert_eq!(pages.get(stranger).await.status(), StatusCode::NOT_FOUND);
}

const THREE: &str = "name = \"Three\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\n\
    subject = \"Hello\"\nbody = \"One\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\n\
    body = \"Two\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\nbody = \"Three\"\n";

#[tokio::test]
async fn a_button_of_a_persons_page_is_for_the_step_that_the_page_showed() {
    let dir = tempfile::tempdir().unwrap();
    let google = google(dir.path()).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let (lead, _) = start_campaign(&mut pages, THREE).await;
    let shown = until_it_says(&mut pages, &lead, "Mail 1 goes at").await;
    let skipped = press(&mut pages, &lead, &shown, "skip").await;
    assert_eq!(skipped.headers()[header::LOCATION], lead.as_str());
    until_it_says(&mut pages, &lead, "Mail 2 goes at").await;
    // The page of before is still open in another window.
    for what in ["skip", "now", "done"] {
        let late = press(&mut pages, &lead, &shown, what).await;
        assert_eq!(late.headers()[header::LOCATION], lead.as_str(), "{what}");
        let html = pages.get(&lead).await.text().await.unwrap();
        let told = match what {
            "skip" => "Nothing was skipped",
            _ => "That came too late",
        };
        assert!(html.contains(told), "{what}: {html}");
    }
    // The mailbox looks: whatever it was asked for has happened by then.
    let shown = until_it_says(&mut pages, &lead, "Mail 2 goes at").await;
    press(&mut pages, &lead, &shown, "skip").await;
    let html = until_it_says(&mut pages, &lead, "Mail 3 goes at").await;
    assert_eq!(html.matches("was skipped by hand").count(), 2, "{html}");
    assert_eq!(accepted(&google).await, 0);
}

#[tokio::test]
async fn a_test_by_a_command_beside_a_server_says_what_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let google = google(dir).await;
    let (data, witness) = (Schema::new(), Schema::new());
    let above = format!(
        "storage = \"{}\"\nwitness = \"{}\"",
        data.address(),
        witness.address()
    );
    let root = format!("http://127.0.0.1:{}", free_port());
    let (mut server, mut pages) = serve_with(&root, dir, &google, "", [above.as_str(), ""]);
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let (lead, _) = start_campaign(&mut pages, LATER).await;
    let home = pages.get("/").await.text().await.unwrap();
    let html = pages.get("/mailboxes").await.text().await.unwrap();
    let ids = [id(&home, "cmp_"), id(&html, "mbx_"), id(&lead, "lead_")];
    let test = |more: &[&str]| {
        let config = dir.join("jooper.toml");
        let output = Command::new(SERVER)
            .args(["campaign", "--config", config.to_str().unwrap(), "test"])
            .args(&ids)
            .args(more)
            .env_remove("JOOPER_STORAGE")
            .env("JOOPER_PASSPHRASE", "a passphrase for tests")
            .env("RUST_LOG", "error")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}{wrong}");
        said
    };
    let said = test(&["--wait", "60"]);
    assert!(said.contains("\nSent: "), "{said}");
    assert_eq!(accepted(&google).await, 1);
    server.interrupt();
    assert_eq!(server.wait(Duration::from_secs(60)), Some(0));
    let said = test(&["--wait", "1"]);
    assert!(
        said.contains("still under way") && said.contains("campaign tested"),
        "{said}"
    );
}
