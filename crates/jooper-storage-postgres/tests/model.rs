//! The same random history on memory, SQLite and PostgreSQL: every answer must be the same.
//!
//! 200 histories with every run of the tests; `cargo xtask long storage-histories` plays 10,000.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]
#![allow(unreachable_pub, reason = "shared with an example")]

mod common;
mod histories;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_sqlite_and_postgres_answer_alike() {
    let answers = histories::play(1, 200).await;
    assert!(answers > 200 * 20, "only {answers} answers were compared");
}
