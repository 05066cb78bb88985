//! Gated send cycles (reserve, Posting, settle, each durable) of 64 lanes on SQLite, beside a
//! program that writes the same rows in as few transactions.

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Time;
use jooper_consent::{Breakers, Ceilings};
use jooper_core::{LeaseClock, UserId, WorkspaceId};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence, Window};
use jooper_sequence::{EngineSettings, NewCampaign, Runner};
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError,
};
use jooper_storage_sqlite::{SqliteOptions, SqliteStorage};
use uuid::Uuid;

use crate::sends_floor::rows;
use crate::support::World;

/// Lanes that send at a time.
const LANES: u128 = 64;
/// How often ours and the floor take turns.
const ROUNDS: usize = 3;
/// What of the floor's speed is left at least.
const LEAST: f64 = 0.5;

const ONE: &str = r#"
    name = "One mail"
    [[step]]
    wait = "1 days"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Hello, {{ first_name }}."
"#;

/// What came of one write.
pub(crate) enum Made {
    Commit(Batch),
    Claim(Vec<Claimed>),
    /// It was refused: a row had changed.
    Nothing,
}

/// What a run wrote, in order, and how much of it shared each commit.
#[derive(Default)]
pub(crate) struct Tape {
    pub(crate) made: Vec<Made>,
    pub(crate) groups: Vec<usize>,
}

/// Hands everything on and keeps what was written. Answers come back in the order of the commits, and
/// one thread hears them all.
struct Kept(SqliteStorage, Arc<Mutex<Tape>>);

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Kept").field(&self.0).finish()
    }
}

impl Kept {
    async fn open(file: &Path) -> Self {
        let tape = Arc::new(Mutex::new(Tape::default()));
        let groups = Arc::clone(&tape);
        let options = SqliteOptions::new(file).watch_groups(move |size| {
            groups.lock().unwrap().groups.push(size);
        });
        Self(options.open().await.unwrap(), tape)
    }

    fn keep(&self, made: Made) {
        self.1.lock().unwrap().made.push(made);
    }

    fn take(&self) -> Tape {
        std::mem::take(&mut self.1.lock().unwrap())
    }
}

#[async_trait]
impl Storage for Kept {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let kept = batch.clone();
        let done = self.0.commit(batch).await;
        self.keep(match done {
            Ok(()) => Made::Commit(kept),
            Err(_) => Made::Nothing,
        });
        done
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.0.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.0.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        let claimed = self.0.claim(claim).await?;
        self.keep(Made::Claim(claimed.clone()));
        Ok(claimed)
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.0.read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        panic!("a cycle of sends erases nothing: {erase:?}")
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.0.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

pub(crate) fn always() -> Schedule {
    let windows = (1..=7).map(|weekday| Window {
        weekday,
        from: Time::MIN,
        to: Time::MAX,
    });
    Schedule {
        windows: windows.collect(),
        gap_seconds_min: 0,
        gap_seconds_max: 0,
        daily_cap: 1_000_000,
        ..Schedule::default()
    }
}

pub(crate) fn settings() -> EngineSettings {
    EngineSettings {
        claim_limit: 64,
        lanes_at_once: 64,
        ..EngineSettings::default()
    }
}

async fn open(file: &Path) -> SqliteStorage {
    SqliteStorage::open(file).await.unwrap()
}

/// Everybody is enrolled, and due at once.
async fn prepared(file: &Path, each: usize) -> World {
    let store = open(file).await;
    let mut world = World::paced(Arc::new(store.clone()), 0, settings()).await;
    let mut mailboxes = vec![world.mailbox];
    for number in 2..=LANES {
        mailboxes.push(world.connect(number).await);
    }
    world.add_leads(0..each * LANES as usize).await;
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Sends".to_owned(),
            mailboxes,
            schedule: always(),
        },
        sequence: Sequence::from_toml(ONE).unwrap(),
        seed: 1,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns.create(&new).await.unwrap();
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!(report.enrolled, world.leads.len());
    let parts = (world.store.clone(), world.clock.clone());
    let breakers = Breakers::new(parts.0, world.stops(), parts.1, Ceilings::new());
    let by = UserId::from_uuid(Uuid::from_u128(1));
    breakers
        .clear_sample(world.workspace, id, by)
        .await
        .unwrap();
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
    world.clock.advance_millis(25 * 3_600_000);
    store.close();
    world
}

/// Sends until nothing is due; returns the seconds that it took.
async fn send(world: &World, store: Arc<dyn Storage>, mails: usize, clock: &dyn LeaseClock) -> f64 {
    let before = world.transport.accepted().len();
    let runner = Runner::new(world.restarted(store, settings()).engine);
    let began = clock.now();
    while world.transport.accepted().len() < before + mails {
        assert!(runner.turn().await.unwrap() > 0, "nothing is due any more");
    }
    clock.now().since(began).as_secs_f64()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Measures on the disk below `dir`; returns whether the bound was kept. Each round replays what it
/// wrote itself; what keeping that costs is part of our time.
pub(crate) async fn run(dir: &Path, each: usize, clock: &dyn LeaseClock) -> bool {
    let file = |name: &str| dir.join(format!("{name}.db"));
    let world = prepared(&file("from"), each).await;
    let mails = each * LANES as usize;
    let copy = |name: &str| {
        std::fs::copy(file("from"), file(name)).unwrap();
    };
    let fsync = || {
        let rate = crate::floors::fsync_rate(dir, clock);
        println!("  fsync of 4 KiB: {rate:.0}/s");
    };
    fsync();
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (own, raw) = (format!("ours-{round}"), format!("floor-{round}"));
        copy(&own);
        copy(&raw);
        let store = Arc::new(Kept::open(&file(&own)).await);
        ours.push(send(&world, store.clone(), mails, clock).await);
        store.0.close();
        let tape = store.take();
        let writes = tape.made.len();
        assert_eq!(tape.groups.iter().sum::<usize>(), writes, "all were heard");
        floor.push(crate::sends_floor::replay(&file(&raw), &tape, clock));
        let (ours, floor) = (rows(&file(&own)), rows(&file(&raw)));
        assert_eq!(ours["send"], floor["send"], "the same sends");
        let sizes = sorted(&tape.groups);
        println!(
            "  round {round}: {writes} writes of {mails} mails in {} commits, {:.1} of them each, {} in the \
             middle, {} at most; {} rows behind ours, {} behind the floor",
            sizes.len(),
            writes as f64 / sizes.len() as f64,
            sizes[sizes.len() / 2],
            sizes[sizes.len() - 1],
            ours.values().sum::<i64>(),
            floor.values().sum::<i64>(),
        );
    }
    fsync();
    let (ours, floor) = (median(ours), median(floor));
    let ratio = floor / ours;
    let sign = if ratio >= LEAST { ' ' } else { '!' };
    println!(
        "{sign} {LANES} lanes on SQLite: {:.0} gated sends/s, floor {:.0}/s, ratio {ratio:.2} (at least \
         {LEAST})",
        mails as f64 / ours,
        mails as f64 / floor,
    );
    ratio >= LEAST
}

fn sorted(sizes: &[usize]) -> Vec<usize> {
    let mut sizes = sizes.to_vec();
    sizes.sort_unstable();
    sizes
}
