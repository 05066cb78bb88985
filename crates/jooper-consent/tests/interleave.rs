//! The real gate and the real stop, polled in every order with few switches between them.
//!
//! The memory store suspends around each call, so that a schedule of polls is an interleaving of
//! storage calls. Schedules with at most four switches are played: every
//! length of the first two runs, a selection of lengths of the last two.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

mod support;

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{Acquired, StopScope};
use jooper_core::{
    AddressState, BasisKind, Clock, Dimensions, EventId, EventKind, LeadState, LeaseClock,
    ManualClock, StopReason, StopSource, WorkspaceId, WorkspaceState,
};
use jooper_storage::tables::{LEAD, LEAD_ADDRESS, WORKSPACE};
use jooper_storage::{
    Batch, Capabilities, Check, Claim, Claimed, Column, ColumnOp, Erase, Erased, Key, LogCursor,
    LogEntry, LogPage, MemoryStore, Page, Record, Row, Scan, Scope, Storage, StoreError, Value,
    Write,
};
use support::{LeaseOf, World};

/// A store that forgets what gate and stop rely on: checks about the person.
#[derive(Debug)]
struct Careless(MemoryStore);

#[async_trait]
impl Storage for Careless {
    async fn commit(&self, mut batch: Batch) -> Result<(), StoreError> {
        batch.checks.retain(|check| {
            let (Check::Absent(key)
            | Check::Version(key, _)
            | Check::Fence(key, _)
            | Check::AtMost(key, _, _)) = check
            else {
                return true;
            };
            !["suppression", "contact_fence", "scope_stop"].contains(&key.table().name)
        });
        self.0.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.0.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.0.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.0.claim(claim).await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.0.read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.0.erase(erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.0.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

/// Runs a future that nothing else waits for.
fn block<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// A task that is polled as a schedule says.
struct Task<'a>(Option<Pin<Box<dyn Future<Output = ()> + 'a>>>);

impl Task<'_> {
    /// Polls up to so many times; `false` when it was done before.
    fn poll(&mut self, times: usize) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..times {
            let Some(future) = self.0.as_mut() else {
                return false;
            };
            if future.as_mut().poll(&mut context).is_ready() {
                self.0 = None;
            }
        }
        self.0.is_some()
    }
}

/// Plays one schedule: run lengths of the two tasks in turn, then both to their end. Returns
/// whether the send started behind the acknowledgement.
fn play(
    store: impl Fn(MemoryStore) -> Arc<dyn Storage>,
    snapshot: &MemoryStore,
    clock: &Arc<ManualClock>,
    scope: &StopScope,
    runs: &[usize],
) -> bool {
    clock.set(support::start());
    let world = World::bare(store(snapshot.snapshot()), clock.clone());
    let order = Cell::new(0);
    let next = || {
        order.set(order.get() + 1);
        order.get()
    };
    let started = Cell::new(None);
    let acknowledged = Cell::new(None);
    let intent = world.intent(1);
    let send = async {
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        if let Acquired::Permit(permit, _) = acquired.unwrap() {
            tokio::task::yield_now().await;
            if LeaseOf(clock.clone()).now() < permit.deadline() {
                started.set(Some(next()));
            }
        }
    };
    let stop = async {
        let reason = StopReason::Objected;
        let stopped = world
            .stops
            .stop(world.ws, scope.clone(), reason, StopSource::Person)
            .await;
        stopped.unwrap();
        acknowledged.set(Some(next()));
    };
    let mut tasks = [Task(Some(Box::pin(send))), Task(Some(Box::pin(stop)))];
    for (turn, run) in runs.iter().enumerate() {
        tasks[turn % 2].poll(*run);
    }
    let (first, second) = (runs.len() % 2, (runs.len() + 1) % 2);
    while tasks[first].poll(1) {}
    while tasks[second].poll(1) {}
    matches!((started.get(), acknowledged.get()), (Some(s), Some(a)) if s > a)
}

/// Schedules with up to four switches: every length up to `longest` polls of the first two runs, some
/// lengths of the other two. The search that leaves nothing out is `tests/model.rs`.
fn late_schedules(
    store: impl Fn(MemoryStore) -> Arc<dyn Storage> + Copy,
    scope: impl Fn(&World) -> StopScope,
) -> (usize, usize) {
    let clock = Arc::new(ManualClock::new(support::start()));
    let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
    let world = block(World::over(Arc::new(memory.clone()), clock.clone()));
    block(world.consented(1));
    let scope = scope(&world);
    let (mut played, mut late) = (0, 0);
    let longest = 14;
    for a in 0..longest {
        for b in 0..longest {
            for c in [0, 1, 2, 3, 5, 8] {
                for d in [0, 1, 2, 4, 120] {
                    played += 1;
                    late += usize::from(play(store, &memory, &clock, &scope, &[a, b, c, d]));
                }
            }
        }
    }
    (played, late)
}

fn scopes(world: &World) -> [StopScope; 3] {
    [
        world.person(1),
        StopScope::Domain(world.recipient(1).domain_index),
        StopScope::Campaign(world.campaign),
    ]
}

#[test]
fn no_schedule_starts_a_send_behind_the_acknowledgement() {
    for at in 0..3 {
        let memory = |store: MemoryStore| -> Arc<dyn Storage> { Arc::new(store) };
        let (played, late) = late_schedules(memory, |world| scopes(world)[at].clone());
        println!("{played} schedules");
        assert_eq!(late, 0, "scope {at}");
    }
}

#[test]
fn a_store_that_forgets_the_checks_is_found_out() {
    for at in 0..3 {
        let careless = |store: MemoryStore| -> Arc<dyn Storage> { Arc::new(Careless(store)) };
        let (_, late) = late_schedules(careless, |world| scopes(world)[at].clone());
        println!("{late} bad schedules");
        assert!(late > 0, "scope {at}");
    }
}

/// Every row that carries the verdict, changed at every point of an acquire: no permit is
/// committed behind the change.
#[test]
fn no_permit_is_committed_behind_a_change_of_what_it_rests_on() {
    let clock = Arc::new(ManualClock::new(support::start()));
    let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
    let world = block(World::over(Arc::new(memory.clone()), clock.clone()));
    let lead = block(world.consented(1));
    let to = world.recipient(1);
    let set = |value: Value| ColumnOp::Set(value);
    let basis = world.basis(lead, BasisKind::Consent, None).key();
    let changes = [
        ("basis", basis, "withdrawn_at", Value::Int(1)),
        (
            "lead",
            Key::new(&LEAD, vec![lead.to_value()]),
            "state",
            LeadState::Restricted.to_value(),
        ),
        (
            "address",
            Key::new(&LEAD_ADDRESS, vec![to.email_index.to_value()]),
            "state",
            AddressState::Dead.to_value(),
        ),
        (
            "workspace",
            Key::new(&WORKSPACE, vec![world.ws.to_value()]),
            "state",
            WorkspaceState::Paused.to_value(),
        ),
    ];
    for (what, key, column, value) in changes {
        let mut permits = 0;
        for polls in 0..24 {
            let world = World::bare(Arc::new(memory.snapshot()), clock.clone());
            let intent = world.intent(1);
            let send = async {
                let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
                let _ = acquired.unwrap();
            };
            let mut task = Task(Some(Box::pin(send)));
            task.poll(polls);
            let change = Write::Patch(key.clone(), vec![(column, set(value.clone()))]);
            block(world.commit(world.batch().write(change).append(mark())));
            while task.poll(1) {}
            drop(task);
            let log = block(world.store.read_log(world.ws, LogCursor::start())).unwrap();
            let kinds = log.records.iter().map(|one| one.entry.kind);
            let kinds: Vec<_> = kinds
                .filter(|kind| *kind != EventKind::PolicyInstalled)
                .collect();
            match kinds[..] {
                [EventKind::Permitted, EventKind::CampaignChanged] => permits += 1,
                [EventKind::CampaignChanged] => {}
                _ => panic!("{what} after {polls} polls: {kinds:?}"),
            }
        }
        assert!((1..24).contains(&permits), "{what}: {permits}");
    }
}

/// A fact that marks where in the log a change was committed.
fn mark() -> LogEntry {
    LogEntry {
        id: EventId::from_source(EventKind::CampaignChanged, &[]),
        at: support::start(),
        kind: EventKind::CampaignChanged,
        dimensions: Dimensions::default(),
        lead: None,
        subject: None,
        payload: None,
        rollups: Vec::new(),
    }
}
