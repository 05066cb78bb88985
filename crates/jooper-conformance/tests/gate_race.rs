//! The gate's race on databases: no send starts behind an acknowledged stop (law L4).
//!
//! The same senders and objectors as over the memory store, with real threads and real time.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

#[path = "../../jooper-consent/tests/support/mod.rs"]
mod support;

use std::sync::Arc;

use jooper_storage_sqlite::SqliteStorage;
use support::World;
use support::race::{Design, Outcome, populate, race};

/// Seeds of a quick run; `JOOPER_RACE_SEEDS=20` makes the full one.
const SEEDS: u64 = 5;
const PEOPLE: usize = 2_000;

fn all(design: Design, seeds: u64) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut sum = Outcome::default();
        for seed in 1..=seeds {
            let dir = tempfile::tempdir().unwrap();
            let store = SqliteStorage::open(dir.path().join("jooper.db")).await;
            let world = World::in_real_time(Arc::new(store.unwrap())).await;
            populate(&world, PEOPLE as u128).await;
            let one = race(&world, PEOPLE, design, seed).await;
            sum.sends += one.sends;
            sum.objections += one.objections;
            sum.late += one.late;
        }
        println!("{design:?}: {sum:?}");
        sum
    })
}

#[test]
fn on_sqlite_no_send_starts_behind_an_acknowledged_stop() {
    let seeds = std::env::var("JOOPER_RACE_SEEDS").ok();
    let seeds = seeds.and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let sum = all(Design::Permit, seeds);
    assert_eq!(sum.late, 0, "{sum:?}");
    assert!(
        sum.sends > 500 * seeds && sum.objections > 50 * seeds,
        "{sum:?}"
    );
}

#[test]
fn on_sqlite_looking_before_sending_is_not_enough() {
    let sum = all(Design::CheckThenSend, 3);
    assert!(sum.late > 0, "{sum:?}");
}
