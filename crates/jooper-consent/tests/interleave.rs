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
use jooper_consent::{
    ACCESS_REQUESTED, Acquired, Ceilings, Proof, SendIntent, ServiceRequest, StopScope,
};
use jooper_core::{
    BasisKind, Clock, CompanyId, Dimensions, EventId, EventKind, InboundKind, KeyedIndex, LeadId,
    LeadState, LeaseClock, ManualClock, MessageId, Origin, ScopeKind, Sealed, SendKey, StopReason,
    StopSource, ThreadId, WorkspaceId, WorkspaceState,
};
use jooper_storage::tables::{
    ContactFenceRow, CounterRow, LEAD, LEAD_ADDRESS, MessageRow, PendingRow, ScopeStopRow,
    SettingRow, SuppressionRow, WORKSPACE,
};
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

/// A mail that may go, and something that changes what its permit rests on.
struct Case {
    what: &'static str,
    intent: SendIntent,
    /// What stands in the data before.
    before: Batch,
    change: Batch,
}

/// Every row that a verdict can rest on, there or not there.
fn cases(world: &World, lead: LeadId) -> Vec<Case> {
    let to = world.recipient(1);
    let step = world.intent(1);
    let patch = |key: Key, column, value| Write::Patch(key, vec![(column, ColumnOp::Set(value))]);
    let lead_key = Key::new(&LEAD, vec![lead.to_value()]);
    let case = |what, intent: &SendIntent, before, change| Case {
        what,
        intent: intent.clone(),
        before,
        change,
    };
    let empty = || world.batch();
    let basis = world.basis(lead, BasisKind::Consent, None).key();
    let withdrawn = patch(basis, "withdrawn_at", Value::Int(1));
    let restricted = LeadState::Restricted.to_value();
    let address = Key::new(&LEAD_ADDRESS, vec![to.email_index.to_value()]);
    let theirs = patch(address, "lead", Value::Id(support::id(0x0731)));
    let workspace = Key::new(&WORKSPACE, vec![world.ws.to_value()]);
    let paused = patch(workspace, "state", WorkspaceState::Paused.to_value());
    let mut all = vec![
        case("basis", &step, empty(), empty().write(withdrawn)),
        case(
            "lead",
            &step,
            empty(),
            empty().write(patch(lead_key.clone(), "state", restricted)),
        ),
        case(
            "no lead",
            &step,
            empty(),
            empty().write(Write::Delete(lead_key)),
        ),
        case("address", &step, empty(), empty().write(theirs)),
        case("workspace", &step, empty(), empty().write(paused)),
    ];
    // The list, at each index that is looked up. Written without the fence row, so that nothing but
    // the entry itself can hold the permit back.
    let listed = |index, reason| SuppressionRow {
        index,
        reason,
        source: StopSource::Import,
        since: support::start(),
        provisional: false,
        renewed_at: None,
        beside: None,
    };
    let mut indexes = to.variants.clone();
    indexes.extend([to.email_index, to.contact_index, to.domain_index]);
    for index in indexes {
        let row = listed(index, StopReason::Objected);
        all.push(case("listed", &step, empty(), empty().put(&row)));
    }
    let company = CompanyId::from_uuid(support::id(0xCC));
    for (scope, id) in [
        (ScopeKind::Workspace, world.ws.uuid()),
        (ScopeKind::Mailbox, world.mailbox.uuid()),
        (ScopeKind::Campaign, world.campaign.uuid()),
        (ScopeKind::Enrollment, step.enrollment().unwrap().uuid()),
        (ScopeKind::Person, lead.uuid()),
        (ScopeKind::Company, company.uuid()),
    ] {
        let row = ScopeStopRow {
            scope,
            id,
            reason: StopReason::Paused,
            source: StopSource::User,
            since: support::start(),
            beside: None,
        };
        let mut intent = step.clone();
        intent.recipient.company = Some(company);
        all.push(case("stop", &intent, empty(), empty().put(&row)));
    }
    let refuses = |kind: BasisKind| SettingRow {
        name: "consent.refused_bases".to_owned(),
        number: 1 << kind.code(),
        value: None,
    };
    let (consent, interest) = (BasisKind::Consent, BasisKind::LegitimateInterest);
    let refused = || empty().put(&refuses(consent));
    all.push(case("no setting", &step, empty(), refused()));
    let other = empty().put(&refuses(interest));
    all.push(case("setting", &step, other, refused()));
    all.extend(answers(world, lead, listed));
    all
}

/// A service mail rests on its request, a reply on the mail that it answers.
fn answers(
    world: &World,
    lead: LeadId,
    listed: impl Fn(KeyedIndex, StopReason) -> SuppressionRow,
) -> Vec<Case> {
    let kind = ACCESS_REQUESTED;
    let request = ServiceRequest::Rights { lead, kind }.id();
    let pending = PendingRow {
        id: request,
        kind,
        expires_at: Timestamp::MAX,
        content: None,
    };
    let mut service = world.intent(1);
    service.key = SendKey::Service { request, kind: 2 };
    let (thread, message) = (support::id(0x71), support::id(0x72));
    let mail = MessageRow {
        id: MessageId::from_uuid(message),
        thread: ThreadId::from_uuid(thread),
        mailbox: world.mailbox,
        lead,
        provider_id: "m1".to_owned(),
        at: support::start(),
        kind: Some(InboundKind::Reply),
        send_key: Some(world.intent(1).key),
        origin: Origin::Gmail,
        content: Sealed::from_envelope(vec![5]),
    };
    let mut reply = world.intent(1);
    reply.key = SendKey::Reply {
        thread: ThreadId::from_uuid(thread),
        key: support::id(0x73),
    };
    reply.proof = Proof::Inbound(mail.id);
    let contact = world.recipient(1).contact_index;
    let replied = listed(contact, StopReason::Replied);
    let objected = listed(contact, StopReason::Objected);
    let bounce = MessageRow {
        kind: Some(InboundKind::OutOfOffice),
        ..mail.clone()
    };
    let with_mail = || world.batch().put(&mail);
    let gone = |key| world.batch().write(Write::Delete(key));
    vec![
        Case {
            what: "request",
            intent: service,
            before: world.batch().put(&pending),
            change: gone(pending.key()),
        },
        Case {
            what: "message",
            intent: reply.clone(),
            before: with_mail(),
            change: world.batch().put(&bounce),
        },
        Case {
            what: "no message",
            intent: reply.clone(),
            before: with_mail(),
            change: gone(mail.key()),
        },
        Case {
            what: "an entry that was raised",
            intent: reply,
            before: with_mail().put(&replied),
            change: world.batch().put(&objected),
        },
    ]
}

/// Every row that carries the verdict, changed at every point of an acquire: no permit is
/// committed behind the change.
#[test]
fn no_permit_is_committed_behind_a_change_of_what_it_rests_on() {
    const POLLS: usize = 32;
    let clock = Arc::new(ManualClock::new(support::start()));
    let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
    let world = block(World::over(Arc::new(memory.clone()), clock.clone()));
    let lead = block(world.consented(1));
    for case in cases(&world, lead) {
        let what = case.what;
        let mut permits = 0;
        for polls in 0..POLLS {
            let world = World::bare(Arc::new(memory.snapshot()), clock.clone());
            if !case.before.writes.is_empty() {
                block(world.commit(case.before.clone()));
            }
            let send = async {
                let acquired = world
                    .gate
                    .acquire(world.ws, &case.intent, world.batch())
                    .await;
                let _ = acquired.unwrap();
            };
            let mut task = Task(Some(Box::pin(send)));
            task.poll(polls);
            block(world.commit(case.change.clone().append(mark())));
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
        assert!((1..POLLS).contains(&permits), "{what}: {permits}");
    }
}

/// Two mails to one person, the second at every point of the first: never two permits. The fence row,
/// which each acquire reads and writes, tells of the other one.
#[test]
fn no_two_permits_for_one_person_are_out_at_once() {
    let clock = Arc::new(ManualClock::new(support::start()));
    let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
    let world = block(World::over(Arc::new(memory.clone()), clock.clone()));
    block(world.consented(1));
    let mut firsts = 0;
    // With and without a fence row from an earlier mail.
    for again in [false, true] {
        for polls in 0..32 {
            let world = World::bare(Arc::new(memory.snapshot()), clock.clone());
            let acquire = async |step| {
                let intent = world.step(1, step);
                let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
                matches!(acquired.unwrap(), Acquired::Permit(..))
            };
            if again {
                let fence = ContactFenceRow::of(world.recipient(1).contact_index);
                block(world.commit(world.batch().put(&fence)));
            }
            let (first, second) = (Cell::new(false), Cell::new(false));
            let send = async { first.set(acquire(0).await) };
            let mut task = Task(Some(Box::pin(send)));
            task.poll(polls);
            second.set(block(acquire(1)));
            while task.poll(1) {}
            drop(task);
            let (first, second) = (first.get(), second.get());
            assert!(first != second, "{polls} polls: {first} {second}");
            firsts += usize::from(first);
        }
    }
    assert!((1..64).contains(&firsts), "{firsts}");
}

/// The last place of the first sample, wanted by two mails: the second at every point of the first.
#[test]
fn the_last_place_of_the_sample_is_given_once() {
    let clock = Arc::new(ManualClock::new(support::start()));
    let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
    let world = block(World::over(Arc::new(memory.clone()), clock.clone()));
    block(world.consented(1));
    block(world.consented(2));
    let out = CounterRow {
        key: [b"consent.sample.", &world.campaign.uuid().as_bytes()[..]].concat(),
        count: Ceilings::SAMPLE - 1,
        expires_at: i64::MAX,
    };
    block(world.commit(world.batch().put(&out)));
    let mut firsts = 0;
    for polls in 0..32 {
        let world = World::bare(Arc::new(memory.snapshot()), clock.clone());
        let acquire = async |n| {
            let intent = world.intent(n);
            let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
            matches!(acquired.unwrap(), Acquired::Permit(..))
        };
        let first = Cell::new(false);
        let send = async { first.set(acquire(1).await) };
        let mut task = Task(Some(Box::pin(send)));
        task.poll(polls);
        let second = block(acquire(2));
        while task.poll(1) {}
        drop(task);
        let first = first.get();
        assert!(first != second, "{polls} polls: {first} {second}");
        firsts += usize::from(first);
    }
    assert!((1..32).contains(&firsts), "{firsts}");
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
