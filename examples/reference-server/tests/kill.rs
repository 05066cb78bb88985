//! Kills the real server at the worst moments and starts it again: nothing is sent twice, nothing
//! is lost, every step is accounted for after every kill.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that watches real processes in real time"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use jooper::analytics::Analytics;
use jooper::core::SendState;
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    CAMPAIGN, CampaignRow, SEND, SendRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use jooper::storage::{Scan, Scope, Storage, StorageExt};
use support::{Google, Program};

/// Where in a send a kill landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Reserved, not yet Posting.
    Reserve,
    /// Posting, and the provider has not accepted.
    Posting,
    /// The provider has accepted, the answer has not come.
    Waiting,
    /// The answer has come, the ledger does not say so yet.
    Settle,
    /// Between two sends.
    Between,
}

const PLACES: [Place; 4] = [
    Place::Reserve,
    Place::Posting,
    Place::Waiting,
    Place::Settle,
];

fn kills_wanted() -> usize {
    std::env::var("JOOPER_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(60)
}

/// The phase of a send that the server's log tells.
fn phase(line: &str) -> Option<&str> {
    line.split("phase=\"").nth(1)?.split('"').next()
}

/// Waits for a phase to come up `skip` more times, or for the server to end.
fn wait_for(program: &mut Program, wanted: &str, skip: usize) -> bool {
    let until = Instant::now() + Duration::from_secs(25);
    let mut seen = 0;
    while Instant::now() < until {
        match program.stderr.recv_timeout(Duration::from_millis(200)) {
            Ok(line) if phase(&line) == Some(wanted) => {
                seen += 1;
                if seen > skip {
                    return true;
                }
            }
            Ok(_) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return false,
            Err(_) => {}
        }
    }
    true
}

struct Check {
    rows: Vec<SendRow>,
}

/// Opens what the killed server left and checks the balance, from rows and from the log.
async fn check(dir: &Path) -> Check {
    let store: std::sync::Arc<dyn Storage> = std::sync::Arc::new(
        SqliteStorage::open(dir.join("data/jooper.db"))
            .await
            .unwrap(),
    );
    let analytics = Analytics::new(store.clone());
    let mut rows = Vec::new();
    let scan = Scan::table(&WORKSPACE_DIRECTORY);
    for workspace in store
        .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
        .await
        .unwrap()
    {
        let id = workspace.record.id;
        for campaign in store
            .collect::<CampaignRow>(id, Scan::table(&CAMPAIGN))
            .await
            .unwrap()
        {
            let campaign = campaign.record.id;
            let by_rows = analytics.balance_from_rows(id, campaign).await.unwrap();
            let by_log = analytics.balance_from_log(id, campaign).await.unwrap();
            assert!(by_rows.balances(), "law L3, from rows: {by_rows:?}");
            assert_eq!(by_rows.differences(&by_log), Vec::<String>::new(), "law L3");
        }
        let sends = store
            .collect::<SendRow>(id, Scan::table(&SEND))
            .await
            .unwrap();
        rows.extend(sends.into_iter().map(|row| row.record));
    }
    Check { rows }
}

fn count(rows: &[SendRow], state: SendState) -> usize {
    rows.iter().filter(|row| row.state == state).count()
}

/// Where the kill landed, from what the ledger and the simulator say afterwards.
fn place_of(rows: &[SendRow], accepted: &[serde_json::Value]) -> Place {
    let extra = accepted.len().saturating_sub(count(rows, SendState::Sent));
    if count(rows, SendState::Posting) > 0 {
        // Accepted mails whose row is Posting: the newest ones.
        let unanswered = accepted
            .iter()
            .rev()
            .take(4)
            .any(|mail| mail["answered"] == serde_json::json!(false));
        return match (extra, unanswered) {
            (0, _) => Place::Posting,
            (_, true) => Place::Waiting,
            (_, false) => Place::Settle,
        };
    }
    if count(rows, SendState::Reserved) > 0 {
        Place::Reserve
    } else {
        Place::Between
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_anywhere_sends_nothing_twice_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 3600);
    // Google takes a moment to answer, so that a kill can fall between acceptance and answer.
    google
        .post(
            "/_sim/faults",
            serde_json::json!({
                "path": "*/messages/send", "when": "Always", "fault": { "CommitThenPause": 40 },
            }),
        )
        .await;
    let demo = dir.path().join("demo");
    let mut program = google.demo(&demo, "jooper_sequence=debug");
    program.says("Started", Duration::from_secs(60));

    let wanted = kills_wanted();
    let mut landed: BTreeMap<Place, usize> = BTreeMap::new();
    let mut kills = 0;
    let enough = |landed: &BTreeMap<Place, usize>, kills: usize| {
        kills >= wanted
            && PLACES
                .iter()
                .all(|place| landed.get(place).copied().unwrap_or(0) * 10 >= wanted)
    };
    let mut unknown_before = 0;
    while !enough(&landed, kills) {
        assert!(kills < wanted * 4, "the kills do not spread: {landed:?}");
        // Aim at the place with the fewest hits so far.
        let aim = PLACES
            .into_iter()
            .min_by_key(|place| landed.get(place).copied().unwrap_or(0))
            .unwrap();
        let (line, delay) = match aim {
            Place::Reserve => ("reserved", 0),
            Place::Posting => ("posting", 0),
            Place::Waiting => ("posting", 25),
            _ => ("answered", 0),
        };
        if !wait_for(&mut program, line, kills % 3) {
            break;
        }
        std::thread::sleep(Duration::from_millis(delay));
        program.kill();
        kills += 1;
        let ledger = google.get("/_sim/ledger").await;
        let accepted = ledger["accepted"].as_array().unwrap();
        let state = check(&demo).await;
        let place = place_of(&state.rows, accepted);
        *landed.entry(place).or_default() += 1;
        unknown_before = unknown_before.max(count(&state.rows, SendState::Unknown));
        program = google.demo(&demo, "jooper_sequence=debug");
    }
    println!("kills: {kills}; they landed in {landed:?}");
    assert!(
        kills >= wanted,
        "the campaign ended after {kills} kills: {landed:?}"
    );

    // Healed: the rest of the campaign runs without kills.
    program.says("The campaign has ended", Duration::from_secs(240));
    program.wait(Duration::from_secs(20));
    let ledger = google.get("/_sim/ledger").await;
    let accepted = ledger["accepted"].as_array().unwrap();
    let mut tokens: BTreeMap<String, usize> = BTreeMap::new();
    for mail in accepted {
        let references = mail["references"].as_array().unwrap();
        let token = references.last().unwrap().as_str().unwrap();
        // The attempt is part of the token: the send itself is everything before it.
        let token = token.trim_start_matches('<').trim_start_matches("jp.");
        *tokens.entry(token[..38].to_owned()).or_default() += 1;
    }
    let twice: Vec<_> = tokens.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "accepted more than once: {twice:?}");
    let state = check(&demo).await;
    assert_eq!(
        count(&state.rows, SendState::Sent),
        accepted.len(),
        "every accepted mail is known, and nothing else"
    );
    println!(
        "accepted {}, unknown in the end {} (parked, in sight of a person)",
        accepted.len(),
        count(&state.rows, SendState::Unknown)
    );
}
