//! Kills the real server at the worst moments and starts it again: nothing is sent twice, nothing
//! is lost, every step is accounted for after every kill. `cargo xtask long kills` does it for
//! longer.

#![allow(
    clippy::future_not_send,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that watches real processes in real time"
)]

#[path = "support/causes.rs"]
mod causes;
#[path = "support/causes_tests.rs"]
mod causes_tests;
#[path = "support/kills.rs"]
mod kills;
#[path = "support/people.rs"]
mod people;
#[path = "support/postgres.rs"]
mod postgres;
mod support;

use kills::{Store, kill};

/// Kills of each of two campaigns that run side by side.
const KILLS: usize = 25;

/// Two campaigns at once: most of the time a restarted server waits for leases.
fn fifty_kills(store: Store, seed: u64) {
    let (first, second) = (
        kill(store, seed, KILLS, KILLS),
        kill(store, seed + 100, KILLS, KILLS),
    );
    let mut tally = first.join().unwrap();
    tally.add(&second.join().unwrap());
    println!("{store:?}: {}", tally.told());
    assert_eq!(tally.kills, 2 * KILLS);
    assert!(tally.is_spread(), "the kills do not spread: {tally:?}");
}

#[test]
fn a_server_on_sqlite_that_is_killed_anywhere_sends_nothing_twice_and_loses_nothing() {
    fifty_kills(Store::Sqlite, 1);
}

#[test]
fn a_server_on_postgresql_that_is_killed_anywhere_sends_nothing_twice_and_loses_nothing() {
    fifty_kills(Store::Postgres, 11);
}
