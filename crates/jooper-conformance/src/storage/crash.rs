//! What a killed process leaves behind: every acknowledged batch, and none in part.
//!
//! A test starts itself again as a child that writes ([`write_until_killed`]) and tells on its
//! standard output what was acknowledged; it kills the child with SIGKILL, opens the store again
//! and looks ([`check`]).

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;

use jooper_core::EventId;
use jooper_storage::{Batch, Check, LogCursor, Scan, Storage, StoreError, tables::COUNTER};
use tokio::task::JoinSet;

use super::sample::{Dice, count, counter, fact, workspace};

/// Rows of one batch.
const ROWS: u64 = 6;

fn batch(run: u64, n: u64) -> Batch {
    let rows = (0..ROWS).map(|row| format!("{run} {n} {row}"));
    let batch = rows.fold(Batch::new(workspace(1)), |batch, name| {
        batch
            .check(Check::Absent(counter(&name)))
            .write(count(&name, n as i64))
    });
    batch.append(fact(run * 1_000_000 + n))
}

/// Writes batches from several tasks and prints the number of each that was acknowledged, until
/// the process is killed.
pub async fn write_until_killed(store: Arc<dyn Storage>, run: u64) {
    let mut tasks = JoinSet::new();
    for task in 0..4 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for n in (task..).step_by(4) {
                match store.commit(batch(run, n)).await {
                    Ok(()) => {
                        let mut out = std::io::stdout().lock();
                        writeln!(out, "ack {n}").and_then(|()| out.flush()).unwrap();
                    }
                    Err(StoreError::Busy(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
    tasks.join_all().await;
}

/// Starts this test again as a child with the given variables, kills it when it has told of some
/// acknowledged batches, and returns their numbers.
pub fn start_and_kill(test: &str, variables: &[(&str, &str)], seed: u64) -> Vec<u64> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]);
    command.envs(variables.iter().copied());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let enough = Dice::new(seed).roll(40) as usize + 1;
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    let mut read = |acknowledged: &mut Vec<u64>| {
        line.clear();
        let more = out.read_line(&mut line).unwrap() > 0;
        let number = line
            .split("ack ")
            .nth(1)
            .filter(|rest| rest.ends_with('\n'));
        acknowledged.extend(number.and_then(|rest| rest.trim().parse::<u64>().ok()));
        more
    };
    while acknowledged.len() < enough {
        assert!(
            read(&mut acknowledged),
            "the child ended before it was killed"
        );
    }
    child.kill().unwrap();
    // What it had told before it died counts, too.
    while read(&mut acknowledged) {}
    child.wait().unwrap();
    acknowledged
}

/// The facts behind `log`, which moves to the end; no number is missing among them.
async fn facts(store: &dyn Storage, log: &mut u64) -> BTreeSet<EventId> {
    let mut known = BTreeSet::new();
    loop {
        let page = store
            .read_log(workspace(1), LogCursor::after(*log))
            .await
            .unwrap();
        for record in &page.records {
            assert_eq!(record.seq, *log + 1, "the log has a gap");
            *log += 1;
            known.insert(record.entry.id);
        }
        if page.records.is_empty() {
            return known;
        }
    }
}

/// Finds every acknowledged batch of the run whole, and no batch in part; returns how many it
/// found. `log` is how far the log was read by the checks before.
pub async fn check(store: &dyn Storage, run: u64, acknowledged: &[u64], log: &mut u64) -> usize {
    // The server of a killed client may be about to finish its last transaction: what the log told
    // before the rows were read must be there, and what is there, the log must tell afterwards.
    let before = facts(store, log).await;
    let last = acknowledged.iter().max().copied().unwrap_or(0) + 32;
    let names = (0..last).flat_map(|n| (0..ROWS).map(move |row| format!("{run} {n} {row}")));
    let keys: Vec<_> = names.map(|name| counter(&name)).collect();
    let rows = store.get(workspace(1).into(), &keys).await.unwrap();
    let after = facts(store, log).await;
    let mut whole = 0;
    for (n, rows) in (0..last).zip(rows.chunks(ROWS as usize)) {
        let there = rows.iter().flatten().count() as u64;
        assert!(
            there == 0 || there == ROWS,
            "batch {n} of run {run} is there in part: {there}"
        );
        let id = fact(run * 1_000_000 + n).id;
        assert!(
            there == ROWS || !before.contains(&id),
            "batch {n} of run {run} left only its fact"
        );
        assert!(
            there == 0 || before.contains(&id) || after.contains(&id),
            "batch {n} of run {run} lost its fact"
        );
        assert!(
            there == ROWS || !acknowledged.contains(&n),
            "batch {n} of run {run} was acknowledged and is lost"
        );
        whole += usize::from(there == ROWS);
    }
    whole
}

/// Every row is where its index says, and the index knows no other.
pub async fn check_indexes(store: &dyn Storage) {
    let mut seen = [Vec::new(), Vec::new()];
    for (index, keys) in [None, Some("by_expiry")].into_iter().zip(&mut seen) {
        let mut scan = Scan::table(&COUNTER).limit(10_000);
        scan.index = index;
        loop {
            let page = store.scan(workspace(1).into(), scan.clone()).await.unwrap();
            keys.extend(page.rows.into_iter().map(|row| row.values[0].clone()));
            match page.next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
        keys.sort();
    }
    assert_eq!(seen[0], seen[1]);
}
