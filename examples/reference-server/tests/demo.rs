//! The demo as its user meets it: what it shows while it runs, what it keeps to itself, what it
//! forgets.

#![allow(
    clippy::future_not_send,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that watches real processes in real time"
)]

#[path = "demo/audited.rs"]
mod audited;
#[path = "support/browsing.rs"]
mod browsing;
#[path = "support/grep.rs"]
mod grep;
#[path = "support/leaks.rs"]
mod leaks;
#[path = "support/people.rs"]
mod people;
mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use browsing::Pages;
use jooper::core::LeadId;
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    LEAD, LeadProfile, LeadRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use jooper::storage::{Column, Scan, Scope, StorageExt};
use jooper::vault::{FileKms, Place, Vault, VaultError};
use leaks::Watched;
use people::{Fast, csv, invented};
use serde_json::Value;
use support::{Google, Program, SERVER};

const PATIENCE: Duration = Duration::from_secs(120);
/// Virtual seconds of a real one.
const SPEED: u32 = 14_400;

/// Audience, sent, skipped, failed, to come, unknown.
type Account = [u64; 6];

/// The accounts of the steps, as the page prints them.
fn accounts(html: &str) -> Vec<Account> {
    let (_, table) = html.split_once("The same in numbers").unwrap();
    let rows = table
        .split("<tr>")
        .filter(|row| row.contains("scope=\"row\""));
    rows.map(|row| {
        let cells = row.split("<td class=\"number\">").skip(1);
        let numbers: Vec<u64> = cells
            .map(|cell| cell.split('<').next().unwrap().parse().unwrap())
            .collect();
        numbers.try_into().unwrap()
    })
    .collect()
}

fn root_of(program: &Program) -> String {
    let line = program.says("The pages are at", PATIENCE);
    line.rsplit(' ')
        .next()
        .unwrap()
        .trim_end_matches('/')
        .to_owned()
}

async fn link(pages: &mut Pages, page: &str, begins: &str) -> String {
    let html = pages.get(page).await.text().await.unwrap();
    let (_, rest) = html.split_once(&format!("href=\"{begins}")).expect(begins);
    format!("{begins}{}", rest.split('"').next().unwrap())
}

/// How many mails Google has accepted, and for whom.
async fn accepted(google: &Google) -> Vec<(String, String)> {
    let ledger = google.get("/_sim/ledger").await;
    let mails = ledger["accepted"].as_array().unwrap().iter();
    mails
        .map(|mail| {
            let to = mail["deliveries"][0]["recipient"].as_str().unwrap();
            (to.to_owned(), mail["subject"].as_str().unwrap().to_owned())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_add_up_at_every_refresh_over_a_stop_and_end_as_google_counted() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), SPEED);
    let (leads, home) = (dir.path().join("leads.csv"), dir.path().join("demo"));
    std::fs::write(&leads, csv(&invented(40))).unwrap();
    let fast = Fast::write(dir.path());
    let mut more = vec!["--leads", leads.to_str().unwrap()];
    more.extend(fast.arguments());
    let mut demo = google.demo_with(&home, "error", &more);
    let mut pages = Pages::new(&root_of(&demo));
    demo.says("Started", PATIENCE);
    let campaign = link(&mut pages, "/", "/campaigns/cmp_").await;

    let (mut refreshes, mut agreed, mut stopped) = (0, 0, false);
    let mut last: Vec<Account> = Vec::new();
    let begun = Instant::now();
    loop {
        let ended = demo
            .stdout
            .try_iter()
            .any(|line| line.contains("The campaign has ended"));
        let html = pages.get(&format!("/live{campaign}")).await;
        let html = html.text().await.unwrap();
        let now = accounts(&html);
        for (step, [audience, parts @ ..]) in now.iter().enumerate() {
            let sum: u64 = parts.iter().sum();
            assert_eq!(*audience, sum, "law L3, mail {}: {now:?}", step + 1);
        }
        assert!(html.contains("Every step adds up"), "{html}");
        for (before, after) in last.iter().zip(&now) {
            assert!(
                before[1] <= after[1],
                "what was sent stays sent: {last:?} {now:?}"
            );
        }
        last = now;
        let page = pages.get(&campaign).await.text().await.unwrap();
        assert!(!page.contains("count differently"), "law L3, from the log");
        agreed += usize::from(page.contains("Both agree"));
        refreshes += 1;
        if ended {
            break;
        }
        let sent: u64 = last.iter().map(|account| account[1]).sum();
        if !stopped && sent >= 10 {
            stopped = true;
            demo.interrupt();
            assert_eq!(demo.wait(PATIENCE), Some(0), "Ctrl-C is a clean end");
            demo = google.demo_with(&home, "error", &more);
            pages = Pages::new(&root_of(&demo));
            demo.says("Going on where it stopped", PATIENCE);
        }
        assert!(begun.elapsed() < 2 * PATIENCE, "it never ended: {last:?}");
    }
    assert!(
        stopped && refreshes >= 10 && agreed > 0,
        "{refreshes} refreshes, {agreed} agreed"
    );
    let sent: u64 = last.iter().map(|account| account[1]).sum();
    assert_eq!(
        sent,
        accepted(&google).await.len() as u64,
        "Google's own count"
    );
    println!("{refreshes} refreshes, {agreed} of them counted twice; {sent} mails");
}

#[test]
fn nothing_personal_stands_in_data_or_log_while_the_demo_runs() {
    let dir = tempfile::tempdir().unwrap();
    let watched = Watched::start(SERVER, dir.path(), 24);
    let begun = Instant::now();
    let mut looks = 0;
    loop {
        let ended = watched.has_ended();
        let found = watched.leaks();
        assert!(
            found.is_empty(),
            "law L8: {:#?}",
            &found[..found.len().min(20)]
        );
        looks += 1;
        if ended {
            break;
        }
        assert!(begun.elapsed() < 2 * PATIENCE, "the campaign never ended");
        std::thread::sleep(Duration::from_millis(500));
    }
    println!("{looks} looks, {} bytes in the end", watched.bytes());
}

/// The row of a lead in a database of the demo, and its profile, or `sealed`, opened with the keys
/// that this database and the key file have.
async fn open(
    home: &Path,
    database: &Path,
    lead: LeadId,
    sealed: Option<&LeadRow>,
) -> (Option<LeadRow>, Result<LeadProfile, VaultError>) {
    let state: Value =
        serde_json::from_slice(&std::fs::read(home.join("demo.json")).unwrap()).unwrap();
    let passphrase = state["passphrase"].as_str().unwrap();
    let kms = FileKms::open(home.join("keys/jooper.keys"), passphrase).unwrap();
    let store = Arc::new(SqliteStorage::open(database).await.unwrap());
    let vault = Vault::new(store.clone(), Arc::new(kms));
    let scan = Scan::table(&WORKSPACE_DIRECTORY);
    let workspaces = store
        .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
        .await
        .unwrap();
    let workspace = workspaces[0].record.id;
    let key = vec![lead.to_value()];
    let row = store
        .find::<LeadRow>(workspace, key.clone())
        .await
        .unwrap()
        .map(|row| row.record);
    let sealed = sealed.or(row.as_ref()).expect("something to open");
    let opened = match vault
        .workspace(workspace)
        .await
        .unwrap()
        .subject(lead)
        .await
    {
        Ok(theirs) => theirs.open(&Place::new(&LEAD, "profile", &key), &sealed.profile),
        Err(error) => Err(error),
    };
    (row, opened)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_cannot_be_opened_and_is_not_mailed_after_a_second_import() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), SPEED);
    let (leads, home) = (dir.path().join("leads.csv"), dir.path().join("demo"));
    let file = csv(&invented(12));
    std::fs::write(&leads, &file).unwrap();
    let fast = Fast::write(dir.path());
    let mut more = vec!["--leads", leads.to_str().unwrap()];
    more.extend(fast.arguments());
    let mut demo = google.demo_with(&home, "error", &more);
    let mut pages = Pages::new(&root_of(&demo));
    demo.says("Started", PATIENCE);

    // Somebody who has had the first mail, and would get two more.
    let begun = Instant::now();
    let victim = loop {
        if let Some((to, _)) = accepted(&google).await.pop() {
            break to;
        }
        assert!(begun.elapsed() < PATIENCE, "no mail went");
    };
    let (root, token) = (pages.root.clone(), pages.token("/leads").await);
    let form = [("csrf", token.as_str()), ("email", victim.as_str())];
    let found = pages.post("/leads/search", &root, &form).await;
    let lead = found.headers()["location"].to_str().unwrap().to_owned();
    let before_erasure = dir.path().join("before.db");
    SqliteStorage::backup_file(home.join("data/jooper.db"), &before_erasure)
        .await
        .unwrap();
    let erased = pages
        .post(&format!("{lead}/erase"), &root, &form[..1])
        .await;
    assert!(
        erased.status().is_success(),
        "{}",
        erased.text().await.unwrap()
    );
    let had = |mails: &[(String, String)]| mails.iter().filter(|(to, _)| *to == victim).count();
    let before = had(&accepted(&google).await);

    // The same file again, and a second campaign for everybody.
    let (_, report) = pages.upload(&token, &file).await;
    // Everybody else is known, and the erased one is not taken for somebody new.
    assert!(report.contains("<dt>Imported</dt><dd>0"), "{report}");
    assert!(
        !report.contains("<dt>Must not be mailed</dt><dd>0"),
        "{report}"
    );
    let page = pages.get("/campaigns/new").await.text().await.unwrap();
    let (_, rest) = page.split_once("name=\"mailbox\" value=\"").unwrap();
    let mailbox = rest.split('"').next().unwrap();
    let second = people::SEQUENCE.replace("Your visit at our stand", "A second campaign");
    let form = [
        ("csrf", token.as_str()),
        ("name", "Second"),
        ("mailbox", mailbox),
        ("zone", "Europe/Berlin"),
        ("daily_cap", "400"),
        ("sequence", &second),
    ];
    let draft = pages.post("/campaigns/new", &root, &form).await;
    let draft = draft.headers()["location"].to_str().unwrap().to_owned();
    let page = pages.get(&draft).await.text().await.unwrap();
    assert!(page.contains("A draft: nothing is sent yet"), "{page}");
    let started = pages
        .post(&format!("{draft}/start"), &root, &form[..1])
        .await;
    assert!(
        started.status().is_success(),
        "{}",
        started.text().await.unwrap()
    );

    // Another person gets a mail of the second campaign; the erased one gets none of any.
    let begun = Instant::now();
    loop {
        let mails = accepted(&google).await;
        assert_eq!(had(&mails), before, "erased, and mailed all the same");
        if mails
            .iter()
            .any(|(_, subject)| subject == "A second campaign")
        {
            break;
        }
        assert!(
            begun.elapsed() < 2 * PATIENCE,
            "the second campaign sends nothing"
        );
    }
    demo.interrupt();
    assert_eq!(demo.wait(PATIENCE), Some(0));
    let after = had(&accepted(&google).await);
    assert_eq!(after, before);

    // What was sealed before the erasure opens with the data of then, and not with that of now.
    let lead: LeadId = lead.rsplit('/').next().unwrap().parse().unwrap();
    let (row, opened) = open(&home, &before_erasure, lead, None).await;
    assert_eq!(opened.unwrap().email, victim);
    let live = home.join("data/jooper.db");
    let (gone, opened) = open(&home, &live, lead, row.as_ref()).await;
    assert!(gone.is_none(), "the row is gone: {gone:?}");
    assert!(opened.is_err(), "nothing opens what was theirs");
}
