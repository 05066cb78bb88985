//! What a full reserve costs beside a program that does nothing but its reads and writes.
//!
//! One million suppressions; each reserve is of another person. The gate runs first over a copy of
//! the data that writes down every row it reads and every row it writes; the floor then repeats
//! exactly these over another copy, with prepared statements and the store's own pragmas, in one
//! transaction each. `cargo bench --bench gate`, with `-- --suppressions N` for another size; once
//! in memory (no sync of a disk) and once on the disk.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark tells and ends, and uses its part of the floors"
)]

#[path = "floors/gate.rs"]
mod floor;
mod floors;
#[path = "parts/people.rs"]
mod people;
#[path = "parts/rows.rs"]
mod rows;
#[path = "parts/tape.rs"]
mod tape;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jooper::consent::{Acquired, Gate, PolicySet};
use jooper_core::{
    InstallationId, LeaseClock, ManualClock, SeededIds, SystemLeaseClock, from_millis,
};
use jooper_storage::Storage;
use jooper_storage_sqlite::SqliteStorage;
use uuid::Uuid;

use floor::Floor;
use people::{fill, intent, reserve};
use tape::Recorder;

/// As the reference server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often ours and the floor take turns; the median of each counts.
const ROUNDS: u64 = 9;
/// Reserves of one turn.
const EACH: u64 = 200;
/// What a reserve may cost beside its floor.
const MOST: f64 = 1.5;

fn gate(store: Arc<dyn Storage>, seed: u64) -> Gate {
    let clock = Arc::new(ManualClock::new(from_millis(people::NOW)));
    let installation = InstallationId::from_uuid(Uuid::from_u128(1));
    let ids = Arc::new(SeededIds::new(seed));
    let lease = Arc::new(SystemLeaseClock::new());
    Gate::new(store, installation, clock, lease, ids, PolicySet::shipped())
}

async fn acquire(gate: &Gate, turn: std::ops::Range<u64>, clock: &dyn LeaseClock) -> Duration {
    let work: Vec<_> = turn.map(|n| (intent(n), reserve(n))).collect();
    let began = clock.now();
    for (intent, reserve) in work {
        let acquired = gate.acquire(rows::workspace(), &intent, reserve).await;
        assert!(matches!(acquired.unwrap(), Acquired::Permit(..)));
    }
    clock.now().since(began)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The data, closed, in as many copies as are asked for.
fn copies(from: &Path, dir: &Path, names: &[&str]) -> Vec<PathBuf> {
    let copy = |name: &&str| {
        let to = dir.join(format!("{name}.db"));
        std::fs::copy(from, &to).unwrap();
        to
    };
    names.iter().map(copy).collect()
}

/// Measures in one directory; returns the ratio.
async fn measure(what: &str, from: &Path, dir: &Path) -> f64 {
    let clock = SystemLeaseClock::new();
    let files = copies(from, dir, &["tape", "ours", "floor"]);
    let most = ROUNDS * EACH + EACH;
    let recorder = Arc::new(Recorder::new(SqliteStorage::open(&files[0]).await.unwrap()));
    let first = gate(recorder.clone(), 1);
    // Once for each process and workspace: no part of a reserve.
    first.record_policies(rows::workspace()).await.unwrap();
    recorder.take();
    acquire(&first, 0..most, &clock).await;
    let tapes = recorder.take();
    println!(
        "  {what}: {} reads and {} writes a reserve",
        tapes[0].reads(),
        tapes[0].writes()
    );
    let ours = gate(Arc::new(SqliteStorage::open(&files[1]).await.unwrap()), 2);
    let mut floor = Floor::open(&files[2]);
    let fsync = |when: &str| {
        let rate = floors::fsync_rate(dir, &clock);
        println!("  {what}: fsync of 4 KiB, {when}: {rate:.0}/s");
    };
    fsync("before");
    let (mut of_ours, mut of_floor) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let turn = round * EACH..(round + 1) * EACH;
        let took = acquire(&ours, turn.clone(), &clock).await;
        let began = clock.now();
        for n in turn {
            floor.run(&tapes[usize::try_from(n).unwrap()]);
        }
        let base = clock.now().since(began);
        // The first round warms caches and prepares statements.
        if round > 0 {
            of_ours.push(took.as_secs_f64() * 1e6 / EACH as f64);
            of_floor.push(base.as_secs_f64() * 1e6 / EACH as f64);
        }
    }
    fsync("after");
    let (ours, base) = (median(of_ours), median(of_floor));
    let ratio = ours / base;
    let sign = if ratio <= MOST { ' ' } else { '!' };
    println!(
        "{sign} {what}: reserve {ours:.0} µs, floor {base:.0} µs, ratio {ratio:.2} (at most {MOST})"
    );
    ratio
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|word| word == "--suppressions");
    let suppressions = at.map_or(1_000_000, |at| arguments[at + 1].parse().unwrap());
    // A file system in memory: the same work without a sync of the disk.
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let disk = tempfile::tempdir_in(std::env::var("CARGO_TARGET_TMPDIR").unwrap_or_else(|_| {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        target.to_string_lossy().into_owned()
    }))
    .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let held = runtime.block_on(async {
        let from = memory.path().join("from.db");
        SqliteStorage::open(&from).await.unwrap().close();
        fill(&from, suppressions, (ROUNDS + 1) * EACH);
        println!("  {suppressions} suppressions");
        let without = measure("without fsync", &from, memory.path()).await;
        let with = measure("with fsync", &from, disk.path()).await;
        without <= MOST && with <= MOST
    });
    assert!(held, "a line with ! is beyond its bound");
}
