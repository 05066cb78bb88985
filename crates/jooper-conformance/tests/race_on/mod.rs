//! The gate's race over databases, for the tests and for the long campaign.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    dead_code,
    unreachable_pub,
    reason = "each target uses its own part"
)]

#[path = "../../../jooper-consent/tests/support/mod.rs"]
mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use jooper_storage::Storage;
use jooper_storage_postgres::PostgresOptions;
use jooper_storage_sqlite::SqliteStorage;
use support::World;
pub use support::race::{Design, Outcome};
use support::race::{populate, race};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A file of its own for each seed.
    Sqlite,
    /// A schema of its own for each seed, on the server for tests.
    Postgres,
}

/// The server for tests. Missing is a failure, never a reason to skip.
fn address() -> String {
    std::env::var("JOOPER_TEST_POSTGRES_URL").expect(
        "set JOOPER_TEST_POSTGRES_URL to a PostgreSQL server for tests, as `cargo xtask test` does",
    )
}

async fn drop_schema(schema: &str) {
    let (client, driver) = tokio_postgres::connect(&address(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(driver);
    client
        .batch_execute(&format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE"))
        .await
        .unwrap();
}

async fn one(store: Arc<dyn Storage>, people: usize, design: Design, seed: u64) -> Outcome {
    let world = World::in_real_time(store).await;
    populate(&world, people as u128).await;
    race(&world, people, design, seed).await
}

async fn over(database: Database, people: usize, design: Design, seed: u64) -> Outcome {
    match database {
        Database::Sqlite => {
            let dir = tempfile::tempdir().unwrap();
            let store = SqliteStorage::open(dir.path().join("jooper.db")).await;
            one(Arc::new(store.unwrap()), people, design, seed).await
        }
        Database::Postgres => {
            // No two of these run at once with the same process, design and seed.
            let schema = format!("race_{}_{design:?}_{seed}", std::process::id()).to_lowercase();
            drop_schema(&schema).await;
            let options = PostgresOptions::new(&address()).unwrap();
            let store = options.schema(&schema).connections(8).open().await.unwrap();
            let outcome = one(Arc::new(store.clone()), people, design, seed).await;
            store.close();
            drop_schema(&schema).await;
            outcome
        }
    }
}

/// Three senders and two objectors for each seed, taking turns on one thread while the store works on
/// its own; the sums.
pub fn run(
    database: Database,
    design: Design,
    seeds: impl IntoIterator<Item = u64>,
    people: usize,
) -> Outcome {
    let mut sum = Outcome::default();
    for seed in seeds {
        sum.add(on_one_thread(database, design, seed, people));
    }
    println!("{database:?} {design:?}: {sum:?}");
    sum
}

/// As [`run`], with several seeds side by side: each has a store and a thread of its own, and while one
/// waits for the disk another goes on.
pub fn run_abreast(
    database: Database,
    design: Design,
    seeds: impl IntoIterator<Item = u64>,
    people: usize,
    abreast: usize,
) -> Outcome {
    let seeds = Mutex::new(seeds.into_iter().collect::<VecDeque<_>>());
    let sum = Mutex::new(Outcome::default());
    let next = || seeds.lock().unwrap().pop_front();
    std::thread::scope(|scope| {
        for _ in 0..abreast {
            scope.spawn(|| {
                while let Some(seed) = next() {
                    let one = on_one_thread(database, design, seed, people);
                    println!("{database:?} {design:?}, seed {seed}: {one:?}");
                    sum.lock().unwrap().add(one);
                }
            });
        }
    });
    sum.into_inner().unwrap()
}

/// Looks before sending instead of asking the gate, seed by seed until a mail starts behind a stop:
/// on threads a single seed may hit no such moment, a working harness always finds one in thirty.
pub fn search_late(database: Database, people: usize) -> Outcome {
    let mut sum = Outcome::default();
    for seed in 1..=30 {
        sum.add(on_one_thread(database, Design::CheckThenSend, seed, people));
        if sum.late > 0 {
            break;
        }
    }
    println!("{database:?} {:?}: {sum:?}", Design::CheckThenSend);
    sum
}

/// What a race of permits must show.
pub fn holds(sum: &Outcome) {
    assert_eq!(sum.late, 0, "a send behind a stop: {sum:?}");
    assert_eq!(sum.hasty, 0, "a stop before a lease's end: {sum:?}");
    assert!(sum.waited > 0, "no stop waited for a lease: {sum:?}");
    assert!(sum.overslept > 0, "no sender came too late: {sum:?}");
}

fn on_one_thread(database: Database, design: Design, seed: u64, people: usize) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(over(database, people, design, seed))
}
