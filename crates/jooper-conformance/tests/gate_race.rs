//! The gate's race on databases: no send starts behind an acknowledged stop (law L4).
//!
//! The same senders and objectors as over the memory store, with the store's real threads and
//! real time; senders and objectors take turns on one thread. Leases last their ten seconds, so only
//! a few senders of a race crash, freeze or dawdle with a permit in hand, where over the memory store
//! many do. The full size is `cargo xtask long gate-race`.

mod race_on;

use race_on::{Database, Design, holds, run, search_late};

#[test]
fn on_sqlite_no_send_starts_behind_an_acknowledged_stop() {
    let sum = run(Database::Sqlite, Design::Permit, [1], 2_000);
    holds(&sum);
    assert!(sum.sends > 1_000 && sum.objections > 100, "{sum:?}");
}

#[test]
fn on_sqlite_looking_before_sending_is_not_enough() {
    let sum = search_late(Database::Sqlite, 2_000);
    assert!(sum.late > 0, "{sum:?}");
}

#[test]
fn on_postgres_no_send_starts_behind_an_acknowledged_stop() {
    let sum = run(Database::Postgres, Design::Permit, 1..=2, 300);
    holds(&sum);
    assert!(sum.sends > 150 && sum.objections > 15, "{sum:?}");
}

#[test]
fn on_postgres_looking_before_sending_is_not_enough() {
    let sum = search_late(Database::Postgres, 300);
    assert!(sum.late > 0, "{sum:?}");
}
