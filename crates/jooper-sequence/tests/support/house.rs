//! An installation of several processes over one store, for tests of what they do to each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use jooper_core::{CampaignId, CampaignState, Clock, MailboxId, ManualClock, UserId};
use jooper_sequence::{Campaigns, Engine, EngineSettings, Runner};
use jooper_storage::tables::{CAMPAIGN, ENROLLMENT, EnrollmentRow, LANE, LaneRow};
use jooper_storage::{
    Batch, Claim, Claimed, MemoryStore, Record, Scan, Storage, StorageExt, TableDef, Write,
};
use uuid::Uuid;

use super::{LeaseOf, Mortal, Passing, Process, World, at};

pub fn by() -> UserId {
    UserId::from_uuid(Uuid::from_u128(9))
}

/// An installation whose store and processes go by one clock that a test moves.
pub struct House {
    pub world: World,
    pub store: Arc<dyn Storage>,
    pub time: Arc<ManualClock>,
}

impl House {
    pub async fn new(leads: usize) -> Self {
        let time = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
        let store: Arc<dyn Storage> = Arc::new(MemoryStore::with_clock(time.clone()));
        let world = World::on(store.clone(), leads).await;
        Self { world, store, time }
    }

    /// One more process, over the store or a way to it.
    pub fn process(&self, store: Arc<dyn Storage>, number: u64) -> Engine {
        let (clock, time) = (self.world.clock.clone(), self.time.clone());
        let process = Process {
            store,
            clock,
            lease: Arc::new(LeaseOf(time.clone())),
            sleeper: Arc::new(Passing(time)),
            transport: self.world.transport.clone(),
            inbox: self.world.inbox.clone(),
            settings: EngineSettings::default(),
            number,
        };
        process.engine()
    }

    /// One more process, on a host whose clock is so many hours ahead.
    pub fn ahead(&self, hours: i64, number: u64) -> Engine {
        let now = self.world.clock.now();
        let clock = now.checked_add(SignedDuration::from_hours(hours));
        let time = self.time.clone();
        let process = Process {
            store: self.store.clone(),
            clock: Arc::new(ManualClock::new(clock.unwrap())),
            lease: Arc::new(LeaseOf(time.clone())),
            sleeper: Arc::new(Passing(time)),
            transport: self.world.transport.clone(),
            inbox: self.world.inbox.clone(),
            settings: EngineSettings::default(),
            number,
        };
        process.engine()
    }

    /// A process that a test interferes with.
    pub fn mortal(&self, number: u64) -> (Arc<Mortal>, Engine) {
        let way = Mortal::new(self.store.clone());
        let engine = self.process(way.clone(), number);
        (way, engine)
    }

    pub fn campaigns(&self) -> Campaigns {
        self.world.engine.campaigns(self.world.workspace)
    }

    pub async fn enrollments(&self) -> Vec<EnrollmentRow> {
        let scan = Scan::table(&ENROLLMENT);
        let rows = self.store.collect(self.world.workspace, scan).await;
        rows.unwrap().into_iter().map(|row| row.record).collect()
    }

    pub async fn state(&self, id: CampaignId) -> CampaignState {
        self.campaigns().get(id).await.unwrap().state
    }

    pub fn accepted(&self) -> usize {
        self.world.transport.accepted().len()
    }

    /// Takes every lane that is due, as a worker does.
    pub async fn claim(&self) -> BTreeMap<MailboxId, Claimed> {
        let claim = Claim {
            table: &LANE,
            bucket: self.world.workspace.bucket(),
            due_before: self.world.clock.now().as_millisecond(),
            limit: 10,
            lease_millis: 60_000,
        };
        let claimed = self.store.claim(claim).await.unwrap().into_iter();
        let lanes = claimed.map(|claimed| {
            let lane = LaneRow::from_values(claimed.row.values.clone()).unwrap();
            (lane.mailbox, claimed)
        });
        lanes.collect()
    }
}

pub async fn turn(engine: &Engine) {
    let runner = Runner::new(engine.clone());
    while runner.turn().await.unwrap() > 0 {}
}

pub fn writes(batch: &Batch, table: &'static TableDef) -> bool {
    let named =
        |write: &Write| matches!(write, Write::Put(key, _) if key.table().name == table.name);
    batch.writes.iter().any(named)
}

pub fn finishes(batch: &Batch) -> bool {
    writes(batch, &CAMPAIGN)
}
