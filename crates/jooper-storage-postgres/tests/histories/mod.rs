//! Random histories on three stores at once.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::sync::Arc;

use jooper_conformance::storage::model::{self, Subject};
use jooper_storage::MemoryStore;
use jooper_storage_sqlite::SqliteStorage;
use tokio::task::JoinSet;

/// How many histories run side by side. They share the stores and no row.
const ABREAST: usize = 4;

/// Plays the histories of `seeds` seeds and returns how many answers were compared.
pub async fn play(first: u64, seeds: u64) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    let sqlite = SqliteStorage::open(dir.path().join("jooper.db"))
        .await
        .unwrap();
    let (_schema, postgres) = crate::common::fresh().await;
    let stores: Arc<[Subject; 3]> = Arc::new([
        ("memory", Arc::new(MemoryStore::new())),
        ("sqlite", Arc::new(sqlite)),
        ("postgres", Arc::new(postgres)),
    ]);
    let (mut running, mut answers) = (JoinSet::new(), 0);
    for seed in first..first + seeds {
        if running.len() == ABREAST {
            answers += running.join_next().await.unwrap().unwrap();
        }
        let stores = Arc::clone(&stores);
        running.spawn(async move { model::play_together(seed, &*stores).await });
    }
    answers + running.join_all().await.into_iter().sum::<u64>()
}
