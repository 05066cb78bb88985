//! PostgreSQL when clients are killed, servers restart and connections run out.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jooper_conformance::storage::crash;
use jooper_core::WorkspaceId;
use jooper_storage::tables::CounterRow;
use jooper_storage::{Batch, Storage, StorageExt, StoreError, Value};
use jooper_storage_postgres::{PostgresOptions, PostgresStorage};
use tokio::task::JoinSet;
use uuid::Uuid;

mod cluster;
mod common;

const KILLS: u64 = 200;

/// A real server takes real time to come back.
#[allow(clippy::disallowed_methods, reason = "no seam reaches into the server")]
async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn two_hundred_kills_of_a_client_lose_nothing_and_leave_no_batch_in_part() {
    if let (Ok(schema), Ok(run)) = (
        std::env::var("JOOPER_CRASH_SCHEMA"),
        std::env::var("JOOPER_CRASH_RUN"),
    ) {
        runtime().block_on(async {
            let options = PostgresOptions::new(&common::address())
                .unwrap()
                .schema(schema);
            let store = options.open().await.unwrap();
            crash::write_until_killed(Arc::new(store), run.parse().unwrap()).await;
        });
        return;
    }
    let (schema, store, runtime) = {
        let runtime = runtime();
        let (schema, store) = runtime.block_on(common::fresh());
        (schema, store, runtime)
    };
    let (mut log, mut unheard) = (0, 0);
    for run in 1..=KILLS {
        let number = run.to_string();
        let variables = [
            ("JOOPER_CRASH_SCHEMA", schema.0.as_str()),
            ("JOOPER_CRASH_RUN", &number),
        ];
        let test = "two_hundred_kills_of_a_client_lose_nothing_and_leave_no_batch_in_part";
        let acknowledged = crash::start_and_kill(test, &variables, run);
        unheard += runtime.block_on(crash::check(&store, run, &acknowledged, &mut log));
    }
    runtime.block_on(crash::check_indexes(&store));
    assert!(unheard > 0, "no kill fell between a commit and its answer");
}

fn workspace(n: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(n))
}

fn counter(task: u64, n: i64) -> CounterRow {
    CounterRow {
        key: format!("task {task}").into_bytes(),
        count: n,
        expires_at: n,
    }
}

/// Writes 1, 2, 3 ... into one row until told to stop; returns the last number it was told is
/// there. After an unknown outcome it reads, as any caller must.
async fn writer(store: PostgresStorage, task: u64, stop: Arc<AtomicBool>) -> (i64, u32) {
    let (mut last, mut errors) = (0, 0);
    let space = workspace(u128::from(task));
    while !stop.load(Ordering::SeqCst) {
        match store
            .commit(Batch::new(space).put(&counter(task, last + 1)))
            .await
        {
            Ok(()) => last += 1,
            Err(StoreError::Unknown(_)) => {
                errors += 1;
                let stored = loop {
                    match stored(&store, task).await {
                        Ok(stored) => break stored,
                        Err(StoreError::Unavailable(_) | StoreError::Busy(_)) => {
                            pause(20).await;
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                };
                assert!(
                    stored == last || stored == last + 1,
                    "{stored} after {last}"
                );
                last = stored;
            }
            Err(StoreError::Unavailable(_) | StoreError::Busy(_)) => {
                errors += 1;
                pause(20).await;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    (last, errors)
}

async fn stored(store: &PostgresStorage, task: u64) -> Result<i64, StoreError> {
    let key = vec![Value::Bytes(format!("task {task}").into_bytes())];
    let found = store
        .find::<CounterRow>(workspace(u128::from(task)), key)
        .await?;
    Ok(found.map_or(0, |found| found.record.count))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_and_restarted_server_loses_nothing_and_the_embedder_goes_on() {
    let cluster = cluster::Cluster::start();
    let options = PostgresOptions::new(&cluster.address()).unwrap();
    let store = options.wait(Duration::from_secs(2)).open().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for task in 1..=4 {
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        tasks.spawn(async move { (task, writer(store, task, stop).await) });
    }
    for _ in 0..3 {
        let before = stored(&store, 1).await.unwrap();
        while stored(&store, 1).await.unwrap_or(0) < before + 20 {
            pause(5).await;
        }
        cluster.kill();
        let down = store.now().await;
        assert!(matches!(down, Err(StoreError::Unavailable(_))), "{down:?}");
        cluster.again();
        while let Err(error) = store.now().await {
            assert!(
                matches!(error, StoreError::Unavailable(_) | StoreError::Busy(_)),
                "{error:?}"
            );
            pause(20).await;
        }
    }
    stop.store(true, Ordering::SeqCst);
    let mut errors = 0;
    for (task, (last, failed)) in tasks.join_all().await {
        assert_eq!(stored(&store, task).await.unwrap(), last, "task {task}");
        assert!(last >= 20, "task {task} wrote {last}");
        errors += failed;
    }
    assert!(errors > 0, "nobody noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminated_connections_are_replaced_and_nothing_is_lost() {
    let (schema, store) = common::fresh().await;
    drop(store);
    // Connections of this test and no other.
    let name = format!("app_{}", schema.0);
    let address = format!("{}?application_name={name}", common::address());
    let store = PostgresOptions::new(&address)
        .unwrap()
        .schema(&schema.0)
        .connections(4);
    let store = store.open().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for task in 1..=4 {
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        tasks.spawn(async move { (task, writer(store, task, stop).await) });
    }
    for _ in 0..40 {
        common::run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        ))
        .await;
        let before = stored(&store, 2).await.unwrap_or(0);
        while stored(&store, 2).await.unwrap_or(0) < before + 3 {
            tokio::task::yield_now().await;
        }
    }
    stop.store(true, Ordering::SeqCst);
    for (task, (last, _)) in tasks.join_all().await {
        assert_eq!(stored(&store, task).await.unwrap(), last, "task {task}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_starved_pool_and_a_held_lock_are_busy_and_recover() {
    let (schema, store) = common::fresh().await;
    let space = workspace(1);
    store
        .commit(Batch::new(space).put(&counter(1, 1)))
        .await
        .unwrap();
    let starved = schema
        .options()
        .connections(1)
        .wait(Duration::from_millis(100))
        .lock_timeout(Duration::from_millis(600));
    let starved = starved.open().await.unwrap();
    // Somebody else holds the workspace.
    let (client, driver) = tokio_postgres::connect(&common::address(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let mut driving = JoinSet::new();
    driving.spawn(driver);
    client
        .batch_execute(&format!(
            "BEGIN; UPDATE \"{}\".event_log_head SET seq = seq",
            schema.0
        ))
        .await
        .unwrap();
    let (commit, read) = tokio::join!(
        starved.commit(Batch::new(space).put(&counter(1, 2))),
        async {
            pause(100).await;
            stored(&starved, 1).await
        }
    );
    assert!(matches!(commit, Err(StoreError::Busy(_))), "{commit:?}");
    assert!(matches!(read, Err(StoreError::Busy(_))), "{read:?}");
    assert_eq!(stored(&store, 1).await.unwrap(), 1, "others read on");
    client.batch_execute("ROLLBACK").await.unwrap();
    starved
        .commit(Batch::new(space).put(&counter(1, 2)))
        .await
        .unwrap();
    assert_eq!(stored(&starved, 1).await.unwrap(), 2);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_busy() {
    let (schema, store) = common::fresh().await;
    store
        .commit(Batch::new(workspace(1)).put(&counter(1, 1)))
        .await
        .unwrap();
    let hasty = schema
        .options()
        .statement_timeout(Duration::from_millis(200))
        .open()
        .await
        .unwrap();
    let (client, driver) = tokio_postgres::connect(&common::address(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let mut driving = JoinSet::new();
    driving.spawn(driver);
    let hold = format!("BEGIN; LOCK TABLE \"{}\".counter", schema.0);
    client.batch_execute(&hold).await.unwrap();
    let read = stored(&hasty, 1).await;
    assert!(matches!(read, Err(StoreError::Busy(_))), "{read:?}");
    client.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(stored(&hasty, 1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_and_a_newer_schema_are_typed_errors() {
    let nobody = PostgresStorage::open("postgres://nobody@127.0.0.1:1/none").await;
    assert!(
        matches!(nobody, Err(StoreError::Unavailable(_))),
        "{nobody:?}"
    );
    let wrong = PostgresStorage::open("mysql://secret").await.unwrap_err();
    assert!(!wrong.to_string().contains("secret"));
    let (schema, store) = common::fresh().await;
    drop(store);
    common::run(&format!(
        "INSERT INTO \"{}\".schema_version VALUES (99)",
        schema.0
    ))
    .await;
    let newer = schema.options().open().await;
    assert!(
        matches!(newer, Err(StoreError::Schema { found: 99, .. })),
        "{newer:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_open_an_empty_schema_at_once_all_succeed() {
    let schema = common::Schema::new();
    let mut tasks = JoinSet::new();
    for _ in 0..6 {
        let options = schema.options().connections(2);
        tasks.spawn(options.open());
    }
    for store in tasks.join_all().await {
        store.unwrap().now().await.unwrap();
    }
}
