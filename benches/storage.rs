//! What the stores cost beside the databases under them, in one run on one machine.
//!
//! Each figure stands beside its floor: the same rows, the same indexes and the same group sizes,
//! written with prepared statements by nothing but the database's client. Ratios are held, not
//! absolutes: a noisy machine is noisy for both. `cargo bench --bench storage`, with
//! `-- --rows 10000000` for the cycle over ten million enrollments; PostgreSQL is the server of
//! `JOOPER_TEST_POSTGRES_URL`. `Arguments` says what else there is.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark tells and ends"
)]

#[path = "parts/bulk.rs"]
mod bulk;
#[path = "parts/cycle.rs"]
mod cycle;
mod floors;
#[path = "parts/rows.rs"]
mod rows;

use std::sync::Arc;
use std::time::Duration;

use jooper_core::{LeaseClock, SystemLeaseClock};
use jooper_storage::{Batch, LogEntry, Storage};
use jooper_storage_postgres::PostgresOptions;
use jooper_storage_sqlite::SqliteStorage;
use tokio::task::JoinSet;

use floors::{postgres, sqlite};

/// How often ours and the floor take turns; the median of each counts.
const ROUNDS: usize = 7;

/// Measures, and remembers whether every ratio was held.
struct Report {
    clock: SystemLeaseClock,
    held: bool,
}

impl Report {
    fn time<T>(&self, work: impl FnOnce() -> T) -> (Duration, T) {
        let began = self.clock.now();
        let value = work();
        (self.clock.now().since(began), value)
    }

    /// A number that no earlier run has started with.
    fn unix_millis(&self) -> u128 {
        #[allow(clippy::disallowed_methods, reason = "a benchmark's own mark")]
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis()
    }

    async fn timed<T>(&self, work: impl Future<Output = T>) -> (Duration, T) {
        let began = self.clock.now();
        let value = work.await;
        (self.clock.now().since(began), value)
    }

    /// Tells a rate beside its floor, which it must reach by `least`.
    fn rate(&mut self, what: &str, ours: f64, floor: f64, least: f64) {
        let ratio = ours / floor;
        let held = ratio >= least;
        self.held &= held;
        let sign = if held { ' ' } else { '!' };
        println!(
            "{sign} {what:<52} {ours:>10.0}/s  floor {floor:>10.0}/s  {ratio:.2} (at least {least})"
        );
    }

    /// Tells a number that must not be above `most`.
    fn most(&mut self, what: &str, found: f64, most: f64) {
        let held = found <= most;
        self.held &= held;
        let sign = if held { ' ' } else { '!' };
        println!("{sign} {what:<52} {found:>10.2} (at most {most})");
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn appended(facts: Vec<LogEntry>) -> Batch {
    facts
        .into_iter()
        .fold(Batch::new(rows::workspace()), Batch::append)
}

/// Appends by batches of `size`, ours and the floor in turns; rows a second.
async fn batches(
    report: &Report,
    store: &dyn Storage,
    facts: &mut rows::Facts,
    size: usize,
    mut floor: impl AsyncFnMut(&[LogEntry]),
) -> (f64, f64) {
    let each = 4_000 / size;
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let work: Vec<_> = (0..each).map(|_| appended(facts.take(size))).collect();
        let run = async {
            for batch in work {
                store.commit(batch).await.unwrap();
            }
        };
        ours.push((each * size) as f64 / report.timed(run).await.0.as_secs_f64());
        let work: Vec<_> = (0..each).map(|_| facts.take(size)).collect();
        let run = async {
            for facts in &work {
                floor(facts).await;
            }
        };
        floors.push((each * size) as f64 / report.timed(run).await.0.as_secs_f64());
    }
    (median(ours), median(floors))
}

/// 64 callers that each append one fact at a time; rows a second.
async fn singles(report: &Report, store: Arc<dyn Storage>, facts: &mut rows::Facts) -> f64 {
    const EACH: usize = 60;
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let mut tasks = JoinSet::new();
        // Made before the clock runs, as the floor's are, and dealt out, so that what is written at
        // the same time bears the same times: so do a group of the floor, and callers of one moment.
        let mut work: Vec<Vec<LogEntry>> = vec![Vec::new(); 64];
        for _ in 0..EACH {
            let dealt = work.iter_mut().zip(facts.take(64));
            dealt.for_each(|(caller, fact)| caller.push(fact));
        }
        let (took, ()) = report
            .timed(async {
                for facts in work {
                    let store = Arc::clone(&store);
                    tasks.spawn(async move {
                        for fact in facts {
                            store.commit(appended(vec![fact])).await.unwrap();
                        }
                    });
                }
                while let Some(done) = tasks.join_next().await {
                    done.unwrap();
                }
            })
            .await;
        rates.push((64 * EACH) as f64 / took.as_secs_f64());
    }
    median(rates)
}

fn grouped(before: (u64, u64), after: (u64, u64)) -> usize {
    let (writes, groups) = (after.0 - before.0, after.1 - before.1);
    ((writes as f64 / groups.max(1) as f64).round() as usize).max(1)
}

async fn on_sqlite(report: &mut Report, dir: &std::path::Path) {
    let store = SqliteStorage::open(dir.join("ours.db")).await.unwrap();
    // The same tables, made by the same migrations.
    let floor_file = dir.join("floor.db");
    SqliteStorage::open(&floor_file).await.unwrap().close();
    let mut floor = sqlite::Floor::open(&floor_file);
    let mut facts = rows::Facts::new(1);
    for size in [100, 1_000] {
        let append = async |facts: &[LogEntry]| floor.append(facts);
        let (ours, base) = batches(report, &store, &mut facts, size, append).await;
        report.rate(
            &format!("sqlite: append by batches of {size}"),
            ours,
            base,
            0.7,
        );
    }
    let before = store.shared_syncs();
    let ours = singles(report, Arc::new(store.clone()), &mut facts).await;
    let group = grouped(before, store.shared_syncs());
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let work: Vec<_> = (0..3_840 / group).map(|_| facts.take(group)).collect();
        let count: usize = work.iter().map(Vec::len).sum();
        let (took, ()) = report.time(|| work.iter().for_each(|facts| floor.append(facts)));
        rates.push(count as f64 / took.as_secs_f64());
    }
    let what = format!("sqlite: 64 callers, one fact each, groups of {group}");
    report.rate(&what, ours, median(rates), 0.6);
}

async fn on_postgres(report: &mut Report, address: &str) {
    let schemas = [
        format!("bench_{}_ours", std::process::id()),
        format!("bench_{}_floor", std::process::id()),
    ];
    let options = |schema: &String| PostgresOptions::new(address).unwrap().schema(schema);
    let store = options(&schemas[0]).open().await.unwrap();
    options(&schemas[1]).open().await.unwrap().close();
    let floor = postgres::Floor::open(address, &schemas[1]).await;
    let mut facts = rows::Facts::new(2);
    for size in [100, 1_000] {
        let append = async |facts: &[LogEntry]| floor.append(facts).await;
        let (ours, base) = batches(report, &store, &mut facts, size, append).await;
        report.rate(
            &format!("postgres: append by batches of {size}"),
            ours,
            base,
            0.7,
        );
    }
    let before = store.shared_transactions();
    let ours = singles(report, Arc::new(store.clone()), &mut facts).await;
    let group = grouped(before, store.shared_transactions());
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let work: Vec<_> = (0..3_840 / group).map(|_| facts.take(group)).collect();
        let count: usize = work.iter().map(Vec::len).sum();
        let run = async {
            for facts in &work {
                floor.append(facts).await;
            }
        };
        rates.push(count as f64 / report.timed(run).await.0.as_secs_f64());
    }
    let what = format!("postgres: 64 callers, one fact each, groups of {group}");
    report.rate(&what, ours, median(rates), 0.6);
    for schema in schemas {
        floor.drop_schema(&schema).await;
    }
}

/// `--rows N` enrollments for the cycle; `--only PART` of append, bulk, cycle, scan, fill; `--data DIR`
/// keeps what was filled for the next run.
struct Arguments {
    rows: u64,
    only: Option<String>,
    data: Option<std::path::PathBuf>,
}

impl Arguments {
    fn read() -> Self {
        let words: Vec<String> = std::env::args().collect();
        let behind = |name: &str| {
            let at = words.iter().position(|word| word == name)?;
            words.get(at + 1).cloned()
        };
        Self {
            rows: behind("--rows").map_or(1_000_000, |rows| rows.parse().unwrap()),
            only: behind("--only"),
            data: behind("--data").map(Into::into),
        }
    }

    fn does(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == part)
    }
}

fn main() {
    let mut report = Report {
        clock: SystemLeaseClock::new(),
        held: true,
    };
    let arguments = Arguments::read();
    let temporary = tempfile::tempdir().unwrap();
    let dir = arguments.data.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(dir).unwrap();
    let fsync = |report: &Report, when: &str| {
        let rate = floors::fsync_rate(dir, &report.clock);
        println!("  fsync of 4 KiB, {when}: {rate:.0}/s");
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.unwrap();
    let address = std::env::var("JOOPER_TEST_POSTGRES_URL").ok();
    if address.is_none() {
        println!("  no JOOPER_TEST_POSTGRES_URL: PostgreSQL is not measured");
    }
    fsync(&report, "before");
    if arguments.does("append") {
        let own = tempfile::tempdir_in(dir).unwrap();
        runtime.block_on(on_sqlite(&mut report, own.path()));
        fsync(&report, "between");
        if let Some(address) = &address {
            runtime.block_on(on_postgres(&mut report, address));
        }
        fsync(&report, "between");
    }
    if arguments.does("bulk") {
        let address = address.as_deref();
        runtime.block_on(bulk::run(&mut report, dir, address));
        fsync(&report, "between");
    }
    let parts = cycle::Parts {
        turns: arguments.does("cycle"),
        scans: arguments.does("scan"),
        keep: arguments.data.is_some(),
    };
    if parts.turns || parts.scans || arguments.does("fill") {
        let (address, rows) = (address.as_deref(), arguments.rows);
        runtime.block_on(cycle::run(&mut report, dir, address, rows, parts));
    }
    fsync(&report, "after");
    assert!(report.held, "a line with ! is beyond its bound");
}
