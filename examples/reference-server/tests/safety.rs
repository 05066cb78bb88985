//! What the gate says before anything starts, a workspace's own rules, and what is kept of a person:
//! on the pages, and by the commands.

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
use std::process::Command;

use browsing::Pages;
use reqwest::{StatusCode, header};
use serde_json::json;
use serving::{ADA, PATIENCE, serve, through_google};
use support::{Google, SERVER};

/// Whoever asked for it, whoever did not, and whoever nobody knows anything about.
const PEOPLE: &str = "Email,Country,Legal basis,Consent source,Consent date,Consent proof,Notice version\n\
     eve@people.example,DE,consent,form,2026-10-01,row 1,v1\n\
     max@people.example,DE,,,,,\n\
     kim@gmail.com,,consent,form,2026-10-01,row 3,v1\n";

/// Runs a command of the server beside its config file: whether it succeeds, and what it says.
fn run(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let config = dir.join("jooper.toml");
    let output = Command::new(SERVER)
        .args(&arguments[..1])
        .args(["--config", config.to_str().unwrap()])
        .args(&arguments[1..])
        .env_remove("JOOPER_STORAGE")
        .env("JOOPER_PASSPHRASE", "a passphrase for tests")
        .env("RUST_LOG", "error")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

async fn page(pages: &mut Pages, path: &str) -> String {
    let answer = pages.get(path).await;
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, StatusCode::OK, "{path}: {text}");
    text
}

async fn post(pages: &mut Pages, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let root = pages.root.clone();
    let answer = pages.post(path, &root, fields).await;
    (answer.status(), answer.text().await.unwrap())
}

fn value(html: &str, name: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("name=\"{name}\" value=\""))
        .expect(name);
    rest.split('"').next().unwrap().to_owned()
}

/// A draft that nobody starts; returns its address.
async fn draft(pages: &mut Pages) -> String {
    let html = page(pages, "/campaigns/new").await;
    let fields = [
        ("csrf", value(&html, "csrf")),
        ("name", "One".to_owned()),
        ("mailbox", value(&html, "mailbox")),
        ("zone", "UTC".to_owned()),
        ("daily_cap", "40".to_owned()),
        (
            "sequence",
            "name = \"One\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"Hello\"\n"
                .to_owned(),
        ),
    ];
    let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, &**text)).collect();
    let root = pages.root.clone();
    let made = pages.post("/campaigns/new", &root, &fields).await;
    let at = made.headers()[header::LOCATION].to_str().unwrap();
    at.to_owned()
}

/// The cells of the row of a table that begins with this name.
fn row(html: &str, name: &str) -> String {
    let rows = html.split("<tr>").filter(|row| row.contains(name));
    let row = rows.last().unwrap_or_else(|| panic!("{name}: {html}"));
    row.split("</tr>").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_gate_names_each_lead_before_the_start_and_a_workspace_only_tightens() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (mut server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let token = pages.token("/leads").await;
    let (status, html) = pages.upload(&token, PEOPLE).await;
    assert_eq!(status, StatusCode::OK, "{html}");

    // The draft names the one without a reason, the rule and the remedy, and nobody else.
    let draft = draft(&mut pages).await;
    let campaign = draft.rsplit('/').next().unwrap().to_owned();
    let html = page(&mut pages, &draft).await;
    let max = row(&html, "max@people.example");
    for part in [
        "the reason you may write",
        "Nothing is recorded that allows you to write to this person.",
        "Import the proof of a consent",
    ] {
        assert!(max.contains(part), "no {part}: {max}");
    }
    assert!(!html.contains("eve@people.example"), "{html}");
    let all = page(&mut pages, &format!("{draft}/unlawful")).await;
    let groups = "Of 3 people, mail may go to 2. Mail to 0 waits, and nothing may go to 1.";
    assert!(all.contains(groups), "{all}");
    assert!(
        row(&all, "max@people.example").contains("of countries 2026-"),
        "{all}"
    );
    assert!(row(&all, "max@people.example").contains("Import the proof"));

    // Receipts of a person, opened.
    let leads = page(&mut pages, "/leads").await;
    let (before, _) = leads.split_once("eve@people.example").unwrap();
    let (_, id) = before.rsplit_once("href=\"/leads/").unwrap();
    let eve = format!("/leads/{}", id.split('"').next().unwrap());
    assert!(
        page(&mut pages, &eve)
            .await
            .contains(&format!("{eve}/history"))
    );
    let kept = page(&mut pages, &format!("{eve}/history")).await;
    let receipt = row(&kept, "Consent");
    assert!(
        receipt.contains("row 1") && receipt.contains("v1"),
        "{receipt}"
    );
    assert!(kept.contains("They never did."), "{kept}");

    // The workspace relies on no consent any more, in every campaign, and cannot come back.
    let safety = page(&mut pages, "/safety").await;
    assert!(!safety.contains("(refused)"), "{safety}");
    let csrf = value(&safety, "csrf");
    let refuse = [("csrf", &*csrf), ("basis", "consent")];
    let (status, html) = post(&mut pages, "/safety/refuse", &refuse[..1]).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
    let safety = page(&mut pages, "/safety").await;
    assert!(safety.contains("Nothing new was ticked"), "{safety}");
    assert!(!safety.contains("(refused)"), "{safety}");
    // The button leads to a question, which changes nothing; its answer is the form that does.
    assert!(
        safety.contains("<form method=\"get\" action=\"/safety/refuse\""),
        "{safety}"
    );
    let unticked = pages.get("/safety/refuse").await;
    assert_eq!(unticked.status(), StatusCode::SEE_OTHER);
    let question = page(&mut pages, "/safety/refuse?basis=consent").await;
    for part in [
        "Refuse for good?",
        "because of: Consent.",
        "Of the reasons that the tables know, 8 are left.",
        "This cannot be undone",
        "<form method=\"post\" action=\"/safety/refuse\">",
        "name=\"basis\" value=\"consent\"",
    ] {
        assert!(question.contains(part), "no {part}: {question}");
    }
    assert!(!question.contains("prior_reply"), "{question}");
    let safety = page(&mut pages, "/safety").await;
    assert!(!safety.contains("(refused)"), "only asked: {safety}");
    let (status, html) = post(&mut pages, "/safety/refuse", &refuse).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
    let safety = page(&mut pages, "/safety").await;
    assert!(safety.contains("Consent (refused)"), "{safety}");
    // What is refused already goes with the next question.
    let question = page(&mut pages, "/safety/refuse?basis=prior_reply").await;
    for kind in ["consent", "prior_reply"] {
        let field = format!("name=\"basis\" value=\"{kind}\"");
        assert!(question.contains(&field), "{kind}: {question}");
    }
    assert!(
        question.contains("because of: Answered before."),
        "{question}"
    );
    let back = [("csrf", &*csrf), ("basis", "prior_reply")];
    let (status, html) = post(&mut pages, "/safety/refuse", &back).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(html.contains("can only refuse more"), "{html}");
    assert!(
        page(&mut pages, "/safety")
            .await
            .contains("Consent (refused)")
    );
    let (status, _) = post(&mut pages, "/safety/refuse", &refuse[1..]).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "without the token");
    let html = page(&mut pages, &draft).await;
    let why = "Your workspace does not rely on the consent.";
    assert!(row(&html, "eve@people.example").contains(why), "{html}");

    // Nobody at a domain on the list is said to get mail, nor at one below it.
    assert!(!page(&mut pages, &eve).await.contains("No mail goes to"));
    let list = "people.example\n";
    let (status, html) = pages.upload_to("/leads/listed", &csrf, list).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
    let listed = page(&mut pages, &eve).await;
    let told = "No mail goes to this person: their whole domain is on the do-not-mail list.";
    assert!(listed.contains(told), "{listed}");
    let html = page(&mut pages, &draft).await;
    let mine = "This person or their company is on your do-not-mail list.";
    assert!(row(&html, "eve@people.example").contains(mine), "{html}");

    server.interrupt();
    assert_eq!(server.wait(PATIENCE), Some(0));
    let dir = dir.path();
    let (done, text) = run(dir, &["campaign", "unlawful", &campaign]);
    assert!(
        done && text.contains("nothing may go to 3 of 3 people"),
        "{text}"
    );
    assert!(text.contains(&format!("\t{why}\t")), "{text}");
    let (done, text) = run(dir, &["policy"]);
    assert!(done && text.contains("refused     consent"), "{text}");
    assert!(!text.contains("stale"), "{text}");
    let (done, text) = run(dir, &["policy", "--refuse", "everything"]);
    assert!(!done && text.contains("a basis is one of"), "{text}");
    let (done, text) = run(dir, &["policy", "--refuse", "prior_reply"]);
    assert!(done && text.contains("refused     prior_reply"), "{text}");
    assert!(text.contains("refused     consent"), "{text}");
    let (done, text) = run(dir, &["explain", "eve@people.example"]);
    assert!(done && text.contains("Consent recorded at 20"), "{text}");
    assert!(text.contains(", receipt "), "{text}");
    another_table_is_in_force_under_whoever_answers_for_it(dir);
}

fn another_table_is_in_force_under_whoever_answers_for_it(dir: &Path) {
    let table = dir.join("transports.toml");
    let rows = "version = \"ours 1\"\nreviewer = \"Ada Byron, counsel\"\n[class]\nlists = [\"consent\"]\n\
                [[row]]\nname = \"gmail\"\nadmits = \"lists\"\nsource = \"read by us\"\n";
    let config = dir.join("jooper.toml");
    let before = std::fs::read_to_string(&config).unwrap();
    let named = "reviewer = \"Ada Byron, counsel\"\n";
    let with = |more: &str, rows: &str| {
        std::fs::write(&table, rows).unwrap();
        let policy = format!(
            "[policy]\ntransports = {:?}\n{more}",
            table.to_str().unwrap()
        );
        std::fs::write(&config, format!("{before}\n{policy}")).unwrap();
        run(dir, &["policy"])
    };
    let whole = format!("{rows}date = \"2026-11-23\"\n");
    let (done, text) = with("", &whole);
    assert!(
        !done && text.contains("a table needs its reviewer"),
        "{text}"
    );
    let (done, text) = with(named, rows);
    let names_it = text.contains("transports.toml") && text.contains("date");
    assert!(!done && names_it, "{text}");
    let (done, text) = with(named, &whole);
    let answers = "transports  version ours 1, installed under the reviewer Ada Byron, counsel (";
    assert!(done && text.contains(answers), "{text}");
    assert!(
        text.contains("countries   version") && text.contains("as shipped"),
        "{text}"
    );
    std::fs::write(&config, before).unwrap();
}
