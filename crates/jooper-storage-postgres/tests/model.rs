//! The same random history on memory, SQLite and PostgreSQL: every answer must be the same.
//!
//! 200 histories with every run of the tests; `JOOPER_SEQUENCES=10000` plays that many, from the
//! seed `JOOPER_FIRST_SEED` on (default 1).
#![allow(clippy::unwrap_used, reason = "a failed test panics")]
#![allow(clippy::print_stdout, reason = "a long campaign reads the figure")]

use std::sync::Arc;

use jooper_conformance::storage::model::{self, Subject};
use jooper_storage::MemoryStore;
use jooper_storage_sqlite::SqliteStorage;

mod common;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_sqlite_and_postgres_answer_alike() {
    let (sequences, first) = (
        setting("JOOPER_SEQUENCES", 200),
        setting("JOOPER_FIRST_SEED", 1),
    );
    let dir = tempfile::tempdir().unwrap();
    let sqlite = SqliteStorage::open(dir.path().join("jooper.db"))
        .await
        .unwrap();
    let (_schema, postgres) = common::fresh().await;
    let stores: [Subject; 3] = [
        ("memory", Arc::new(MemoryStore::new())),
        ("sqlite", Arc::new(sqlite)),
        ("postgres", Arc::new(postgres)),
    ];
    for seed in first..first + sequences {
        model::play(seed, &stores).await;
    }
    println!(
        "figure: {sequences} random histories answered alike by memory, SQLite and PostgreSQL"
    );
}
