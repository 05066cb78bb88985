//! What the fullest bulk batch of each kind takes, and how long something urgent waits beside it.

use std::path::Path;
use std::sync::Arc;

use jooper_storage::{
    Batch, ColumnKind, Key, LogEntry, Storage, TableDef, TableScope, Value, Write, tables,
};
use jooper_storage_postgres::PostgresOptions;
use jooper_storage_sqlite::SqliteStorage;
use tokio::task::JoinSet;

use crate::rows::{Facts, workspace};
use crate::{Report, median};

/// What something urgent may wait, in milliseconds: 20 for the bulk batch, and its own commit.
const MOST: f64 = 25.0;
/// Batches before the clock counts, so that there is something in the tables, and behind it.
const WARM: u64 = 3;
const ROUNDS: u64 = 5;

/// Spreads numbers over an index, the same way in every run.
const fn spread(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (n ^ (n >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn cell(kind: ColumnKind, n: u64) -> Value {
    let n = spread(n);
    match kind {
        ColumnKind::Int => Value::Int((n >> 1) as i64),
        ColumnKind::Id => Value::Id(uuid::Uuid::from_u64_pair(n, n)),
        ColumnKind::Text => Value::Text(format!("{n:032x}")),
        _ => Value::Bytes(n.to_be_bytes().repeat(4)),
    }
}

/// A row in which no cell is empty: `key` chooses the row, `rest` what it says.
fn row(table: &'static TableDef, key: u64, rest: u64) -> Write {
    let columns = table.columns.iter().enumerate();
    let values: Vec<Value> = columns
        .map(|(at, column)| {
            let n = if at < table.key_len { key } else { rest };
            cell(column.kind, n * 64 + at as u64)
        })
        .collect();
    Write::Put(Key::new(table, values[..table.key_len].to_vec()), values)
}

/// How many rows of a table a full batch holds.
fn most(table: &TableDef) -> u64 {
    Batch::most_rows(&[table]) as u64
}

fn full(table: &TableDef, mut write: impl FnMut(u64) -> Write) -> Batch {
    (0..most(table)).fold(Batch::new(workspace()).bulk(), |batch, n| {
        batch.write(write(n))
    })
}

/// The time of one commit in the middle of all rounds, in milliseconds.
async fn held(report: &Report, store: &dyn Storage, batches: impl Fn(u64) -> Batch) -> f64 {
    let mut times = Vec::new();
    for round in 0..WARM + ROUNDS {
        let batch = batches(round);
        let (took, done) = report.timed(store.commit(batch)).await;
        done.unwrap();
        if round >= WARM {
            times.push(took.as_secs_f64() * 1e3);
        }
    }
    median(times)
}

fn logged(facts: Vec<LogEntry>) -> Batch {
    facts
        .into_iter()
        .fold(Batch::new(workspace()).bulk(), Batch::append)
}

/// How long a write of one row takes at most while a full batch of the costliest rows is on its way,
/// in milliseconds. One write follows the other until the batch is done, so it is at work during one
/// of them, wherever it begins.
async fn waited(report: &Report, store: &Arc<dyn Storage>) -> f64 {
    let most = most(&tables::SEND);
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let bulk = full(&tables::SEND, |n| {
            row(&tables::SEND, n, (round + 500) * most + n)
        });
        let (working, mut tasks) = (Arc::clone(store), JoinSet::new());
        tasks.spawn(async move { working.commit(bulk).await.unwrap() });
        let mut longest: f64 = 0.0;
        while tasks.try_join_next().is_none() {
            let urgent = Batch::new(workspace()).write(row(&tables::COUNTER, round, 1));
            let (took, done) = report.timed(store.commit(urgent)).await;
            done.unwrap();
            longest = longest.max(took.as_secs_f64() * 1e3);
        }
        times.push(longest);
    }
    median(times)
}

async fn fullest(report: &Report, what: &str, store: &dyn Storage) {
    let mut found: Vec<(f64, String)> = Vec::new();
    for table in tables::all() {
        if table.scope == TableScope::Platform {
            continue;
        }
        let most = most(table);
        let fresh = |round: u64| full(table, |n| row(table, round * most + n, round * most + n));
        let took = held(report, store, fresh).await;
        found.push((took, format!("new rows of {}", table.name)));
        // The same rows again, with every cell and so every index entry another one.
        let changed = |round: u64| full(table, |n| row(table, n, (round + 100) * most + n));
        let took = held(report, store, changed).await;
        found.push((took, format!("changed rows of {}", table.name)));
    }
    let facts = std::sync::Mutex::new(Facts::new(3));
    let one = logged(facts.lock().unwrap().take(1)).size().0;
    let log = |_| logged(facts.lock().unwrap().take(Batch::MAX_BULK / one));
    found.push((held(report, store, log).await, "facts".to_owned()));
    // As many bytes as may be, in few rows.
    let wide = |round: u64| {
        let size = Batch::MAX_BULK_BYTES / 5;
        (0..4).fold(Batch::new(workspace()).bulk(), |batch, n| {
            let Write::Put(key, mut values) = row(&tables::NAME, round * 4 + n, n) else {
                return batch;
            };
            values[tables::NAME.position("name").unwrap()] = Value::Bytes(vec![n as u8; size]);
            batch.write(Write::Put(key, values))
        })
    };
    let took = held(report, store, wide).await;
    found.push((took, "few rows of many bytes".to_owned()));
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (took, which) in found.iter().take(6) {
        println!("  {what}: a full bulk batch of {which}: {took:.1} ms");
    }
}

/// Fills tables of its own.
pub(crate) async fn run(report: &mut Report, dir: &Path, address: Option<&str>) {
    let own = tempfile::tempdir_in(dir).unwrap();
    let store = SqliteStorage::open(own.path().join("bulk.db"))
        .await
        .unwrap();
    let store: Arc<dyn Storage> = Arc::new(store);
    fullest(report, "sqlite", &*store).await;
    let took = waited(report, &store).await;
    report.most("sqlite: ms of a write beside a full bulk batch", took, MOST);
    let Some(address) = address else { return };
    let schema = format!("bench_{}_bulk", std::process::id());
    let options = PostgresOptions::new(address).unwrap().schema(&schema);
    let store: Arc<dyn Storage> = Arc::new(options.open().await.unwrap());
    fullest(report, "postgres", &*store).await;
    // One workspace has one writer at a time there; those of others wait for nothing.
    let took = waited(report, &store).await;
    println!("  postgres: a write of its workspace beside a full bulk batch: {took:.1} ms");
    drop(store);
    crate::floors::postgres::drop_schema(address, &schema).await;
}
