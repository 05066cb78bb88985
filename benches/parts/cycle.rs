//! One turn of a lane, over few and over many enrollments; and the memory of a long scan.

use std::path::Path;
use std::sync::Arc;

use jooper_core::LeaseClock;
use jooper_storage::tables::{ENROLLMENT, LANE, SEND};
use jooper_storage::{
    Batch, Check, Claim, ColumnKind, ColumnOp, Key, Scan, Storage, TableDef, Value, Write,
};
use jooper_storage_postgres::PostgresOptions;
use jooper_storage_sqlite::SqliteStorage;

use crate::floors::fill::{self, PER_MAILBOX, id, mailbox};
use crate::rows::workspace;
use crate::{Report, median};

/// What the many are compared with.
const FEW: u64 = 10_000;
const CYCLES: u64 = 400;
/// Turns before the clock counts: caches are warm in both, as they are in a process that runs.
const WARM: u64 = 100;

fn cell(kind: ColumnKind, n: u64) -> Value {
    match kind {
        ColumnKind::Int => Value::Int(n as i64),
        ColumnKind::Id => Value::Id(id(n)),
        ColumnKind::Text => Value::Text(format!("t{n}")),
        _ => Value::Bytes(n.to_be_bytes().to_vec()),
    }
}

fn row(table: &TableDef, n: u64, set: &[(&str, Value)]) -> Vec<Value> {
    let mut values: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            if column.nullable {
                Value::Null
            } else {
                cell(column.kind, n)
            }
        })
        .collect();
    for (name, value) in set {
        values[table.position(name).unwrap()] = value.clone();
    }
    values
}

fn put(table: &'static TableDef, values: Vec<Value>) -> Write {
    Write::Put(Key::new(table, values[..table.key_len].to_vec()), values)
}

/// A lane for every mailbox; which is woken next jumps all over them.
async fn lanes(store: &dyn Storage, rows: u64) {
    let lanes = rows.div_ceil(PER_MAILBOX);
    for first in (0..lanes).step_by(5_000) {
        let last = (first + 5_000).min(lanes);
        let batch = (first..last).fold(Batch::new(workspace()), |batch, n| {
            let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34;
            let set = [
                ("mailbox", Value::Id(mailbox(n))),
                ("wake_at", Value::Int(spread as i64)),
                ("lease_until", Value::Int(0)),
                ("fence", Value::Int(0)),
            ];
            batch.write(put(&LANE, row(&LANE, 0, &set)))
        });
        store.commit(batch).await.unwrap();
    }
}

/// The parts of a turn.
const TURN: [&str; 5] = ["claim", "scan", "reserve", "settle", "sleep"];

/// Wake a lane, find what is due, reserve it, settle it, go to sleep until later; tells when each
/// was done, in microseconds.
async fn turn(report: &Report, store: &dyn Storage, n: u64) -> [f64; 5] {
    let began = report.clock.now();
    let passed = || report.clock.now().since(began).as_secs_f64() * 1e6;
    let claim = Claim {
        table: &LANE,
        bucket: workspace().bucket(),
        due_before: i64::MAX - 1,
        limit: 1,
        lease_millis: 60_000,
    };
    let lane = store.claim(claim).await.unwrap().remove(0);
    let claimed = passed();
    let cell = |name: &str| lane.row.values[LANE.position(name).unwrap()].clone();
    let Value::Int(token) = cell("fence") else {
        panic!("a fence is a number")
    };
    let key = Key::new(&LANE, vec![cell("mailbox")]);
    let fence = || Check::Fence(key.clone(), token);
    let due = Scan::table(&ENROLLMENT)
        .by("by_due")
        .prefix(vec![cell("mailbox"), Value::Int(1)])
        .limit(1);
    let due = store.scan(workspace().into(), due).await.unwrap();
    let due = due.rows.into_iter().next().unwrap();
    let scanned = passed();
    let enrollment = Key::new(&ENROLLMENT, vec![due.values[0].clone()]);
    let send = row(&SEND, n, &[]);
    let send_key = Key::new(&SEND, vec![send[0].clone()]);
    let reserve = Batch::new(workspace())
        .check(fence())
        .check(Check::Version(enrollment.clone(), due.version))
        .check(Check::Absent(send_key.clone()))
        .write(Write::Put(send_key.clone(), send));
    store.commit(reserve).await.unwrap();
    let reserved = passed();
    let later = vec![
        ("due_at", ColumnOp::Add(1_000_000)),
        ("sent", ColumnOp::Add(1)),
    ];
    let settle = Batch::new(workspace())
        .check(fence())
        .write(Write::Patch(
            send_key,
            vec![("state", ColumnOp::Set(Value::Int(4)))],
        ))
        .write(Write::Patch(enrollment, later));
    store.commit(settle).await.unwrap();
    let settled = passed();
    let sleep = vec![
        ("wake_at", ColumnOp::Add(1 << 40)),
        ("lease_until", ColumnOp::Set(Value::Int(0))),
    ];
    let sleep = Batch::new(workspace())
        .check(fence())
        .write(Write::Patch(key, sleep));
    store.commit(sleep).await.unwrap();
    [claimed, scanned, reserved, settled, passed()]
}

/// What each part took in the middle, and the whole.
fn middle(turns: &[[f64; 5]]) -> ([f64; 5], f64) {
    let took = |turn: &[f64; 5], at: usize| turn[at] - at.checked_sub(1).map_or(0.0, |it| turn[it]);
    let parts = [0, 1, 2, 3, 4];
    let parts = parts.map(|at| median(turns.iter().map(|turn| took(turn, at)).collect()));
    (parts, median(turns.iter().map(|turn| turn[4]).collect()))
}

/// The most memory that this process has had, in MiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<f64>().unwrap() / 1024.0
}

/// Takes turns on the store of few and on the store of many, one after the other: what disturbs
/// the machine disturbs both.
async fn compare(
    report: &mut Report,
    what: &str,
    few: &dyn Storage,
    many: &dyn Storage,
    rows: u64,
) {
    // A number of a send that no earlier run over the same data has used.
    let start = report.unix_millis() as u64 % (1 << 31);
    let (mut small, mut large) = (Vec::new(), Vec::new());
    for n in 0..WARM + CYCLES {
        for (store, times) in [(few, &mut small), (many, &mut large)] {
            let took = turn(report, store, start + n).await;
            if n >= WARM {
                times.push(took);
            }
        }
    }
    let ((few_parts, small), (many_parts, large)) = (middle(&small), middle(&large));
    for (at, part) in TURN.iter().enumerate() {
        let (few, many) = (few_parts[at], many_parts[at]);
        println!("  {what}: {part} over {FEW}: {few:.0} µs; over {rows}: {many:.0} µs");
    }
    println!("  {what}: one turn of a lane over {FEW}: {small:.0} µs; over {rows}: {large:.0} µs");
    report.most(
        &format!("{what}: a turn over {rows} beside one over {FEW}"),
        large / small,
        1.5,
    );
}

async fn scan(report: &mut Report, what: &str, store: &dyn Storage, rows: u64) {
    let mut scan = Scan::table(&ENROLLMENT).limit(1_000);
    let (mut seen, mut before) = (0, 0.0);
    loop {
        let page = store.scan(workspace().into(), scan.clone()).await.unwrap();
        seen += page.rows.len() as u64;
        // The first pages fill the caches, which are as large as they were told to be.
        if seen <= rows / 20 + 1_000 {
            before = peak();
        }
        match page.next {
            Some(next) => scan.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, rows);
    report.most(
        &format!("{what}: MiB more at the peak of a scan of {rows}"),
        peak() - before,
        16.0,
    );
}

async fn on_sqlite(dir: &Path, rows: u64) -> Arc<dyn Storage> {
    let file = dir.join(format!("cycle-{rows}.db"));
    let filled = dir.join(format!("cycle-{rows}.filled"));
    if !filled.exists() {
        let _ = std::fs::remove_file(&file);
        SqliteStorage::open(&file).await.unwrap().close();
        fill::sqlite(&file, rows);
        let store = SqliteStorage::open(&file).await.unwrap();
        lanes(&store, rows).await;
        store.close();
        std::fs::write(filled, "").unwrap();
    }
    Arc::new(SqliteStorage::open(&file).await.unwrap())
}

async fn on_postgres(dir: &Path, address: &str, rows: u64) -> (String, Arc<dyn Storage>) {
    let schema = format!("bench_cycle_{rows}");
    let filled = dir.join(format!("{schema}.filled"));
    let options = || PostgresOptions::new(address).unwrap().schema(&schema);
    // The directory may be of a run over another server.
    if !filled.exists() || !options().exists().await.unwrap() {
        crate::floors::postgres::drop_schema(address, &schema).await;
        options().open().await.unwrap().close();
        fill::postgres(address, &schema, rows).await;
        let store = options().open().await.unwrap();
        lanes(&store, rows).await;
        store.close();
        fill::settle(address, &schema).await;
        std::fs::write(filled, "").unwrap();
    }
    let store = options().open().await.unwrap();
    (schema, Arc::new(store))
}

/// What to do of the whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) turns: bool,
    pub(crate) scans: bool,
    /// Leaves the data for the next run with the same directory.
    pub(crate) keep: bool,
}

pub(crate) async fn run(
    report: &mut Report,
    dir: &Path,
    address: Option<&str>,
    rows: u64,
    parts: Parts,
) {
    let few = on_sqlite(dir, FEW).await;
    let many = on_sqlite(dir, rows).await;
    if parts.turns {
        compare(report, "sqlite", &*few, &*many, rows).await;
    }
    if parts.scans {
        scan(report, "sqlite", &*many, rows).await;
    }
    drop((few, many));
    let Some(address) = address else { return };
    let (small, few) = on_postgres(dir, address, FEW).await;
    let (large, many) = on_postgres(dir, address, rows).await;
    if parts.turns {
        compare(report, "postgres", &*few, &*many, rows).await;
    }
    if parts.scans {
        scan(report, "postgres", &*many, rows).await;
    }
    if !parts.keep {
        for schema in [small, large] {
            crate::floors::postgres::drop_schema(address, &schema).await;
        }
    }
}
