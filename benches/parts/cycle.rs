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

use crate::floors::fill::{self, LANES, id, mailbox, per_mailbox};
use crate::rows::workspace;
use crate::{Report, median};

/// What the many are compared with.
const FEW: u64 = 10_000;
/// How often the lanes take turns before the clock counts: then both stores have turned the same
/// number of lanes and rows, what they touch is cached in both, and a server's log has had the pages.
const WARM: u64 = 10;
/// How often they do while it counts.
const COUNTED: u64 = 4;
/// When a lane wakes that takes no turns here.
const ASLEEP: i64 = 1 << 60;

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

/// A lane for every mailbox. The same number of them takes turns in every store: they lie all over it,
/// and which is woken next jumps all over them. The others sleep.
async fn lanes(store: &dyn Storage, rows: u64) {
    let lanes = rows.div_ceil(per_mailbox(rows));
    let apart = lanes / LANES;
    assert!(apart > 0, "at least {FEW} rows");
    for first in (0..lanes).step_by(5_000) {
        let last = (first + 5_000).min(lanes);
        let batch = (first..last).fold(Batch::new(workspace()), |batch, n| {
            let spread = (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34) as i64;
            let awake = n % apart == 0 && n / apart < LANES;
            let wake_at = if awake { spread } else { ASLEEP + spread };
            let set = [
                ("mailbox", Value::Id(mailbox(n))),
                ("wake_at", Value::Int(wake_at)),
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

/// The store of few and that of many, and the server behind them, if it is one.
struct Pair<'a> {
    few: &'a dyn Storage,
    many: &'a dyn Storage,
    rows: u64,
    server: Option<&'a fill::Server>,
}

/// The turns of one store, and how much of a server's log they made.
#[derive(Default)]
struct Turns {
    took: Vec<[f64; 5]>,
    logged: i64,
}

impl Turns {
    async fn one(&mut self, report: &Report, pair: &Pair<'_>, store: &dyn Storage, n: u64) {
        let logged = async || match pair.server {
            Some(server) => server.logged().await,
            None => 0,
        };
        let before = logged().await;
        self.took.push(turn(report, store, n).await);
        self.logged += logged().await - before;
    }

    fn tell(&self, pair: &Pair<'_>, what: &str) {
        let ((parts, whole), count) = (middle(&self.took), self.took.len());
        let parts: Vec<String> = TURN
            .iter()
            .zip(parts)
            .map(|(part, took)| format!("{part} {took:.0}"))
            .collect();
        println!("  {what}: {whole:.0} µs ({})", parts.join(", "));
        if pair.server.is_some() {
            let each = self.logged as f64 / count as f64 / 1024.0;
            println!("  {what}: {each:.1} KiB of the server's log each");
        }
    }
}

/// Takes turns on the one store and on the other: what disturbs the machine disturbs both.
async fn compare(report: &mut Report, what: &str, pair: &Pair<'_>) {
    let Pair {
        few, many, rows, ..
    } = *pair;
    if let Some(server) = pair.server {
        println!("  {what}: {}", server.settings().await);
        server.checkpoint().await;
    }
    // A number of a send that no earlier run over the same data has used.
    let start = report.unix_millis() as u64 % (1 << 31);
    let mut next = start..;
    for (passes, counts) in [(1, false), (WARM - 1, false), (COUNTED, true)] {
        let (mut small, mut large) = (Turns::default(), Turns::default());
        for n in next.by_ref().take((passes * LANES) as usize) {
            small.one(report, pair, few, n).await;
            large.one(report, pair, many, n).await;
        }
        let when = match (passes, counts) {
            (1, _) => "each lane's first turn",
            (_, false) => "warm-up",
            (_, true) => "a turn",
        };
        small.tell(pair, &format!("{what}: {when} over {FEW}"));
        large.tell(pair, &format!("{what}: {when} over {rows}"));
        let ratio = middle(&large.took).1 / middle(&small.took).1;
        let line = format!("{what}: {when} over {rows} beside one over {FEW}");
        if counts {
            report.most(&line, ratio, 1.5);
        } else {
            println!("  {line}: {ratio:.2}");
        }
    }
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
    let file = dir.join(format!("turns-{rows}.db"));
    let filled = dir.join(format!("turns-{rows}.filled"));
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
    let schema = format!("bench_turns_{rows}");
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
        fill::Server::connect(address).await.analyze(&schema).await;
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
        let (few, many) = (&*few, &*many);
        let pair = Pair {
            few,
            many,
            rows,
            server: None,
        };
        compare(report, "sqlite", &pair).await;
    }
    if parts.scans {
        scan(report, "sqlite", &*many, rows).await;
    }
    drop((few, many));
    let Some(address) = address else { return };
    let (small, few) = on_postgres(dir, address, FEW).await;
    let (large, many) = on_postgres(dir, address, rows).await;
    if parts.turns {
        let (few, many) = (&*few, &*many);
        let server = fill::Server::connect(address).await;
        let server = Some(&server);
        let pair = Pair {
            few,
            many,
            rows,
            server,
        };
        compare(report, "postgres", &pair).await;
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
