//! `campaign` on the command line while the server is stopped: release, test, queue, change. Each
//! refuses what cannot be, and the server that starts next does the rest.

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
use std::time::Duration;

use browsing::Pages;
use jooper::core::{EnrollmentId, MailboxId, WorkspaceId};
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{ENROLLMENT, LANE, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow};
use jooper::storage::{
    Batch, Column, ColumnOp, Key, Scan, Scope, Storage, StorageExt, TableDef, Value, Write,
};
use serde_json::json;
use serving::{ADA, PATIENCE, send_one, serve, start_campaign, through_google};
use support::{Google, Program, SERVER, client};

/// An id of the right form that nothing has.
const NOBODY: &str = "00000000-0000-7000-8000-000000000404";

fn campaign(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let config = dir.join("jooper.toml");
    let output = Command::new(SERVER)
        .args(["campaign", "--config", config.to_str().unwrap()])
        .args(arguments)
        .env_remove("JOOPER_STORAGE")
        .env("JOOPER_PASSPHRASE", "a passphrase for tests")
        .env("RUST_LOG", "error")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[track_caller]
fn does(dir: &Path, arguments: &[&str], parts: &[&str]) -> String {
    let (done, text) = campaign(dir, arguments);
    assert!(done, "{arguments:?}: {text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in: {text}");
    }
    text
}

#[track_caller]
fn refuses(dir: &Path, arguments: &[&str], parts: &[&str]) {
    let (done, text) = campaign(dir, arguments);
    assert!(!done, "{arguments:?}: {text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
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

/// An id of the same kind that nothing has.
fn nobody(like: &str) -> String {
    let (kind, _) = like.split_once('_').unwrap();
    format!("{kind}_{NOBODY}")
}

fn google(dir: &Path) -> Google {
    Google::start(dir, 1)
}

async fn set_clock(google: &Google) {
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
}

async fn accepted(google: &Google) -> u64 {
    let summary = google.get("/_sim/summary").await;
    summary["accepted"].as_u64().unwrap()
}

fn stop(mut server: Program) {
    server.interrupt();
    assert_eq!(server.wait(PATIENCE), Some(0));
}

/// Sets a time to one long ago, in the data of a stopped server.
async fn set_back(dir: &Path, table: &'static TableDef, id: Value, column: &'static str) {
    let store = SqliteStorage::open(dir.join("home/data/jooper.db")).await;
    let store = store.unwrap();
    let scan = Scan::table(&WORKSPACE_DIRECTORY);
    let all = store.collect::<WorkspaceDirectoryRow>(Scope::Platform, scan);
    let workspace: WorkspaceId = all.await.unwrap().remove(0).record.id;
    let long_ago = jooper::core::from_millis(1_767_225_600_000).to_value();
    let columns = vec![(column, ColumnOp::Set(long_ago))];
    let write = Write::Patch(Key::new(table, vec![id]), columns);
    let batch = Batch::new(workspace).write(write);
    store.commit(batch).await.unwrap();
    store.close();
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

#[tokio::test]
async fn a_mail_of_unknown_fate_is_released_once_by_a_command_and_goes() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let google = google(dir);
    set_clock(&google).await;
    let (server, mut pages) = serve(dir, &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    // Somebody on the way says no: it may have gone.
    let fault = json!({ "answer": { "html": 404 } });
    let rule = json!({ "path": "*/messages/send", "when": "always", "fault": fault });
    google.post("/_sim/faults", rule).await;
    let lead = send_one(&mut pages).await;
    until_it_says(&mut pages, &lead, "gave no answer for mail 1").await;
    let home = pages.get("/").await.text().await.unwrap();
    let page = format!("/campaigns/{}", id(&home, "cmp_"));
    let html = pages.get(&page).await.text().await.unwrap();
    let enrollment = id(&html, "enr_");
    stop(server);
    assert_eq!(accepted(&google).await, 0);

    refuses(dir, &["release", &enrollment, "2"], &["there is no mail"]);
    refuses(dir, &["release", &enrollment, "0"], &["there is no mail"]);
    let stranger = nobody(&enrollment);
    refuses(
        dir,
        &["release", &stranger, "1"],
        &["there is no enrollment"],
    );
    refuses(dir, &["release", "eve", "1"], &["eve"]);
    does(dir, &["release", &enrollment, "1"], &["Noted"]);
    // The pause behind the first attempt is over.
    let mailbox = id(&does(dir, &["list"], &[]), "mbx_");
    let lane: MailboxId = mailbox.parse().unwrap();
    set_back(dir, &LANE, lane.to_value(), "next_slot").await;

    let url = format!("{}/faults", google.control.trim_end_matches('/'));
    client().delete(url).send().await.unwrap();
    let (server, mut pages) = serve(dir, &google, "");
    until_it_says(&mut pages, &lead, "Mail 1 was sent.").await;
    stop(server);
    assert_eq!(accepted(&google).await, 1, "once");
    let gone = "not unknown any more";
    refuses(dir, &["release", &enrollment, "1"], &[gone]);
}

#[tokio::test]
async fn settings_a_test_and_the_queue_are_commands_too() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let google = google(dir);
    set_clock(&google).await;
    let (server, mut pages) = serve(dir, &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let sequence = "name = \"One\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\n\
                    subject = \"Hello\"\nbody = \"Hello\"\n";
    let (page, _) = start_campaign(&mut pages, sequence).await;
    let html = until_it_says(&mut pages, &page, "Mail 1 goes at").await;
    let enrollment = id(&html, "enr_");
    let lead = id(&page, "lead_");
    stop(server);
    let list = does(dir, &["list"], &["active"]);
    let (id_of, mailbox) = (id(&list, "cmp_"), id(&list, "mbx_"));

    // What cannot be, with what to mend; and nothing is changed by it.
    let file = dir.join("change.toml");
    let path = file.to_str().unwrap();
    let change = |more: &[&'static str]| -> Vec<String> {
        let all = ["change", &id_of, "--file", path];
        all.iter()
            .chain(more)
            .map(|part| (*part).to_owned())
            .collect()
    };
    let asked = |more: &[&'static str], wrong: Option<&[&str]>, says: &[&str]| {
        let arguments = change(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match wrong {
            Some(parts) => refuses(dir, &arguments, parts),
            None => {
                does(dir, &arguments, says);
            }
        }
    };
    asked(&["--apply"], Some(&["change", path]), &[]);
    std::fs::write(&file, "dayly_cap = 3\n").unwrap();
    asked(&["--apply"], Some(&["dayly_cap", path]), &[]);
    std::fs::write(&file, "daily_cap = 0\n").unwrap();
    asked(&["--apply"], Some(&["the change"]), &[]);
    let only = ["change", &id_of, "--remove-mailbox", &mailbox, "--apply"];
    refuses(dir, &only, &["mailbox"]);
    let nights =
        (1..=7).map(|day| format!("{{ weekday = {day}, from = \"02:00:00\", to = \"02:30:00\" }}"));
    let nights = nights.collect::<Vec<_>>().join(", ");
    std::fs::write(&file, format!("daily_cap = 7\nwindows = [{nights}]\n")).unwrap();
    let says = ["Changes: windows, daily_cap", "1 leads are planned anew"];
    asked(&[], None, &says);
    asked(&[], None, &["Nothing was changed; add --apply"]);
    asked(&["--apply"], None, &["Noted"]);
    asked(&["--apply"], None, &["It is so already"]);

    let test = |mail: &'static str, variant: &'static str| {
        let (mail, variant) = (["--mail", mail], ["--variant", variant]);
        let first = ["test", &id_of, &mailbox, &lead].map(str::to_owned);
        let all = first.into_iter();
        all.chain(mail.map(str::to_owned))
            .chain(variant.map(str::to_owned))
            .collect::<Vec<_>>()
    };
    for (mail, variant) in [("2", "1"), ("0", "1"), ("1", "0")] {
        let wrong = test(mail, variant);
        let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
        refuses(dir, &wrong, &["there is no mail"]);
    }
    let right = test("1", "1");
    let right: Vec<&str> = right.iter().map(String::as_str).collect();
    let noted = does(dir, &right, &["Noted as test", "start it"]);
    let (_, tested) = noted.split_once("campaign tested ").unwrap();
    let tested = tested.split('`').next().unwrap();
    does(dir, &["tested", tested], &["start it"]);

    let (server, mut pages) = serve(dir, &google, "");
    until_it_says(&mut pages, &page, "settings were changed").await;
    for _ in 0..600 {
        if accepted(&google).await > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    stop(server);
    assert_eq!(accepted(&google).await, 1, "to its owner");
    does(dir, &["tested", tested], &["Sent: "]);

    let stranger = nobody(&mailbox);
    refuses(dir, &["queue", &stranger], &["there is no mailbox"]);
    refuses(dir, &["queue", "ada"], &["ada"]);
    does(dir, &["queue", &mailbox], &["0 today"]);
    let due: EnrollmentId = enrollment.parse().unwrap();
    set_back(dir, &ENROLLMENT, due.to_value(), "due_at").await;
    let says = ["1 today", "mail 1", &enrollment, &lead];
    does(dir, &["queue", &mailbox], &says);
}
