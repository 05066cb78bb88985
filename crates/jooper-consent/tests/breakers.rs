//! Breakers trip at their lines, and a campaign waits behind its first sample.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{
    Acquired, BreakerScope, Breakers, Ceilings, Gate, Line, Note, RefusalReason, Stops, Verdict,
};
use jooper_core::{
    Clock, Dimensions, EventId, EventKind, ScopeKind, StepIndex, StopReason, UserId,
};
use jooper_storage::tables::{COUNTER, CounterRow, SETTING, SettingRow};
use jooper_storage::{
    Batch, LogEntry, Scan, Storage, StorageExt, StoreError, Witness, WitnessEntry, WitnessError,
    WitnessRecord,
};
use support::{MemoryWitness, Passing, World, id};

fn breakers(world: &World) -> Breakers {
    Breakers::new(
        world.store.clone(),
        world.stops.clone(),
        world.clock.clone(),
        Ceilings::new(),
    )
}

async fn log(world: &World, kind: EventKind, reason: Option<StopReason>) {
    world.clock.advance_millis(1000);
    let at = world.clock.now();
    let entry = LogEntry {
        id: EventId::from_source(kind, &[&at.as_millisecond().to_be_bytes()]),
        at,
        kind,
        dimensions: Dimensions {
            campaign: Some(world.campaign),
            step: Some(StepIndex(0)),
            mailbox: Some(world.mailbox),
            reason: reason.map(StopReason::code),
            ..Dimensions::default()
        },
        lead: None,
        subject: None,
        payload: None,
        rollups: Vec::new(),
    };
    world.commit(Batch::new(world.ws).append(entry)).await;
}

/// A mail of a campaign to this lead, as the ledger tells of it.
async fn sent(world: &World, n: u128, step: u16) {
    world.clock.advance_millis(1000);
    let send_key = world.step(n, step).key;
    let dimensions = Dimensions {
        campaign: Some(world.campaign),
        step: Some(StepIndex(step)),
        mailbox: Some(world.mailbox),
        ..Dimensions::default()
    };
    let key = send_key.to_bytes();
    let entry = LogEntry::new(EventKind::Sent, world.clock.now(), &[&key], dimensions);
    let mut entry = entry.about(world.recipient(n).lead.unwrap());
    let began = None;
    entry.payload = Some(Note::Send { send_key, began }.to_payload());
    world.commit(Batch::new(world.ws).append(entry)).await;
}

async fn give_back(world: &World, n: u128, batch: Batch) -> Batch {
    let key = world.intent(n).key;
    let given = world
        .gate
        .give_place_back(world.ws, world.campaign, key, batch);
    given.await.unwrap()
}

/// Sends to this lead, as far as the gate lets it.
async fn send(world: &World, n: u128) -> Verdict {
    let acquired = world
        .gate
        .acquire(world.ws, &world.intent(n), world.batch())
        .await
        .unwrap();
    let verdict = acquired.verdict().clone();
    if let Acquired::Permit(permit, _) = acquired {
        world.gate.release(permit).await.unwrap();
        sent(world, n, 0).await;
    }
    verdict
}

#[tokio::test]
async fn bounces_over_the_line_stop_the_mailbox_until_a_person_resets_it() {
    let world = World::new().await;
    world.consented(1).await;
    let breakers = breakers(&world);
    for _ in 0..60 {
        log(&world, EventKind::Sent, None).await;
    }
    log(&world, EventKind::Bounced, None).await;
    log(&world, EventKind::Bounced, None).await;
    assert_eq!(breakers.follow(world.ws).await.unwrap(), []);
    log(&world, EventKind::Bounced, None).await;
    let tripped = breakers.follow(world.ws).await.unwrap();
    let [one] = &tripped[..] else {
        panic!("{tripped:?}");
    };
    let mailbox = BreakerScope::Mailbox(world.mailbox);
    assert_eq!((one.scope, one.line), (mailbox, Line::Bounces));
    assert_eq!((one.figures.recent, one.figures.bounced), (60, 3));
    let stopped = RefusalReason::Stopped {
        scope: ScopeKind::Mailbox,
        reason: StopReason::Breaker,
    };
    let said = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    assert_eq!(said.verdict.reason(), Some(&stopped));
    let by = UserId::from_uuid(id(9));
    breakers.reset(world.ws, mailbox, by).await.unwrap();
    let said = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    assert!(said.verdict.is_allow());
    let figures = breakers.figures(world.ws, mailbox).await.unwrap();
    assert_eq!(figures.bounced, 0);
}

/// Behind a long page, as after a time in which nobody counted, later mails have pushed the bounces out of sight.
#[tokio::test]
async fn bounces_in_the_midst_of_a_long_page_stop_the_mailbox() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for kind in [EventKind::Sent, EventKind::Bounced, EventKind::Sent] {
        for _ in 0..if kind == EventKind::Sent { 200 } else { 30 } {
            log(&world, kind, None).await;
        }
    }
    let tripped = breakers.follow(world.ws).await.unwrap();
    let mailbox = BreakerScope::Mailbox(world.mailbox);
    assert!(
        tripped.iter().any(|one| one.scope == mailbox),
        "{tripped:?}"
    );
    assert!(breakers.stopped(world.ws).await.unwrap().contains(&mailbox));
}

/// A witness on a disk that is full, until it is not.
#[derive(Debug)]
struct Full {
    inner: Arc<MemoryWitness>,
    full: AtomicBool,
}

#[async_trait]
impl Witness for Full {
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(WitnessError::Unavailable("no space left".into()));
        }
        self.inner.append(at, entries).await
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        self.inner.read(after, limit).await
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        self.inner.position().await
    }
}

/// What a breaker stops needs nobody's word: it stands at once, and the witness hears of it later.
#[tokio::test]
async fn a_breaker_stops_though_the_witness_cannot_be_written() {
    let world = World::new().await;
    world.consented(1).await;
    let witness = Arc::new(Full {
        inner: world.witness.clone(),
        full: AtomicBool::new(true),
    });
    let sleeper = Arc::new(Passing(vec![world.clock.clone()]));
    let (store, clock) = (world.store.clone(), world.clock.clone());
    let stops = Stops::new(
        store.clone(),
        witness.clone(),
        clock.clone(),
        world.lease.clone(),
        sleeper,
    );
    let breakers = Breakers::new(store, stops, clock, Ceilings::new());
    for kind in [EventKind::Sent, EventKind::Bounced] {
        for _ in 0..10 {
            log(&world, kind, None).await;
        }
    }
    breakers.follow(world.ws).await.unwrap_err();
    let both = [
        BreakerScope::Mailbox(world.mailbox),
        BreakerScope::Campaign(world.campaign),
    ];
    assert_eq!(breakers.stopped(world.ws).await.unwrap(), both.into());
    let heard = || world.witness.0.lock().unwrap().len();
    assert_eq!(heard(), 0);
    witness.full.store(false, Ordering::SeqCst);
    assert!(!breakers.follow(world.ws).await.unwrap().is_empty());
    assert!(heard() > 0);
}

/// Whoever counts writes only what changed since it was read: over figures that were forgotten
/// meanwhile, one complaint of no mails would trip again what a person has just reset.
#[tokio::test]
async fn who_counts_while_figures_are_forgotten_reads_again() {
    let world = World::new().await;
    let breakers = breakers(&world);
    log(&world, EventKind::Sent, None).await;
    breakers.follow(world.ws).await.unwrap();
    let cursor = || async {
        let rows = world
            .store
            .collect::<SettingRow>(world.ws, Scan::table(&SETTING));
        let rows = rows.await.unwrap();
        let mut rows = rows.into_iter().filter(|row| row.record.number > 0);
        rows.next().unwrap()
    };
    let before = cursor().await;
    let (scope, by) = (
        BreakerScope::Mailbox(world.mailbox),
        UserId::from_uuid(id(9)),
    );
    breakers.reset(world.ws, scope, by).await.unwrap();
    assert_eq!(
        cursor().await.record,
        before.record,
        "it stands where it stood"
    );
    let counted = Batch::new(world.ws).update(&before.record, before.version);
    let counted = world.store.commit(counted).await;
    assert!(matches!(counted, Err(StoreError::Conflict { .. })));
}

#[tokio::test]
async fn replies_that_ask_to_stop_count_and_unsubscribing_by_link_does_not() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for _ in 0..100 {
        log(&world, EventKind::Sent, None).await;
    }
    for _ in 0..3 {
        let link = Some(StopReason::Unsubscribed);
        log(&world, EventKind::Unsubscribed, link).await;
    }
    assert_eq!(breakers.follow(world.ws).await.unwrap(), []);
    for _ in 0..3 {
        let reply = Some(StopReason::StopWords);
        log(&world, EventKind::Unsubscribed, reply).await;
    }
    let tripped = breakers.follow(world.ws).await.unwrap();
    assert_eq!(tripped.len(), 2, "mailbox and campaign: {tripped:?}");
    assert!(tripped.iter().all(|one| one.line == Line::Complaints));
}

#[tokio::test]
async fn each_event_counts_once_however_many_follow() {
    let world = World::new().await;
    let (one, two) = (breakers(&world), breakers(&world));
    for round in 1..=20 {
        log(&world, EventKind::Sent, None).await;
        let (a, b) = futures_util::future::join(one.follow(world.ws), two.follow(world.ws)).await;
        a.unwrap();
        b.unwrap();
        let mailbox = BreakerScope::Mailbox(world.mailbox);
        let figures = one.figures(world.ws, mailbox).await.unwrap();
        assert_eq!(figures.recent, round);
    }
}

#[tokio::test]
async fn the_rest_of_a_campaign_waits_behind_its_first_fifty() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for n in 1..=52 {
        world.consented(n).await;
    }
    for n in 1..=50 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    let waits = send(&world, 51).await;
    assert_eq!(waits.reason(), Some(&RefusalReason::SampleRunning));
    breakers.follow(world.ws).await.unwrap();
    let waits = send(&world, 51).await;
    assert!(!waits.is_allow(), "the bounces are not in yet");
    world.clock.advance_millis(3_600_000);
    breakers.follow(world.ws).await.unwrap();
    for n in 51..=52 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
}

#[tokio::test]
async fn a_sample_that_comes_back_keeps_the_rest_waiting() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for n in 1..=102 {
        world.consented(n).await;
    }
    for n in 1..=50 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    for _ in 0..4 {
        log(&world, EventKind::Bounced, None).await;
    }
    world.clock.advance_millis(3_600_000);
    let tripped = breakers.follow(world.ws).await.unwrap();
    assert_eq!(tripped.len(), 2);
    let by = UserId::from_uuid(id(9));
    for scope in [
        BreakerScope::Mailbox(world.mailbox),
        BreakerScope::Campaign(world.campaign),
    ] {
        breakers.reset(world.ws, scope, by).await.unwrap();
    }
    // Somebody looked, and lets it go on: with a sample once more, not with the rest.
    breakers.follow(world.ws).await.unwrap();
    for n in 51..=100 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    let waits = send(&world, 101).await;
    assert_eq!(waits.reason(), Some(&RefusalReason::SampleRunning));
    // A reset of what nothing has stopped is no way to one more.
    let scope = BreakerScope::Campaign(world.campaign);
    breakers.reset(world.ws, scope, by).await.unwrap();
    breakers.follow(world.ws).await.unwrap();
    let waits = send(&world, 101).await;
    assert_eq!(waits.reason(), Some(&RefusalReason::SampleRunning));
    let size = breakers.sample(world.ws, world.campaign).await.unwrap();
    assert_eq!(size, Some(50));
    breakers
        .clear_sample(world.ws, world.campaign, by)
        .await
        .unwrap();
    assert!(send(&world, 101).await.is_allow());
}

/// No bounce can be seen where nobody reads: that is no clean sample.
#[tokio::test]
async fn a_sample_whose_mailbox_is_not_read_lets_nobody_go_until_it_is_or_a_person_does() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for n in 1..=51 {
        world.consented(n).await;
    }
    let read = async |at| {
        let row = world.mailbox_row(at);
        world.commit(Batch::new(world.ws).put(&row)).await;
    };
    // As one that may only send is: never.
    read(None).await;
    for n in 1..=50 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    breakers.follow(world.ws).await.unwrap();
    let last = world.clock.now();
    let hour = jiff::SignedDuration::from_hours(1);
    let moment = jiff::SignedDuration::from_millis(1);
    for stale in [None, Some(last), Some(last + hour - moment)] {
        read(stale).await;
        world.clock.advance_millis(86_400_000);
        breakers.follow(world.ws).await.unwrap();
        let waits = send(&world, 51).await;
        assert_eq!(waits.reason(), Some(&RefusalReason::SampleRunning));
        let unread = breakers.sample_unread(world.ws, world.campaign).await;
        assert_eq!(unread.unwrap(), [world.mailbox]);
    }
    read(Some(last + hour)).await;
    assert_eq!(
        breakers
            .sample_unread(world.ws, world.campaign)
            .await
            .unwrap(),
        []
    );
    breakers.follow(world.ws).await.unwrap();
    assert!(send(&world, 51).await.is_allow());
}

/// What was stopped behind its sample begins one again, and waits for what comes of it.
#[tokio::test]
async fn a_campaign_that_was_stopped_behind_its_sample_begins_another_one() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for n in 1..=120 {
        world.consented(n).await;
    }
    for n in 1..=50 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    breakers.follow(world.ws).await.unwrap();
    world.clock.advance_millis(3_600_000);
    breakers.follow(world.ws).await.unwrap();
    for n in 51..=60 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    for _ in 0..4 {
        log(&world, EventKind::Bounced, None).await;
    }
    assert_eq!(breakers.follow(world.ws).await.unwrap().len(), 2);
    let by = UserId::from_uuid(id(9));
    for scope in [
        BreakerScope::Mailbox(world.mailbox),
        BreakerScope::Campaign(world.campaign),
    ] {
        // Killed half-way, it is done again.
        for _ in 0..2 {
            breakers.reset(world.ws, scope, by).await.unwrap();
        }
    }
    for n in 61..=109 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    // Whoever was written to before is followed up on: no first mail.
    for n in 1..=20 {
        sent(&world, n, 1).await;
    }
    breakers.follow(world.ws).await.unwrap();
    world.clock.advance_millis(3_600_000);
    breakers.follow(world.ws).await.unwrap();
    assert!(send(&world, 110).await.is_allow());
    let waits = send(&world, 111).await;
    assert_eq!(waits.reason(), Some(&RefusalReason::SampleRunning));
    breakers.follow(world.ws).await.unwrap();
    world.clock.advance_millis(3_600_000);
    breakers.follow(world.ws).await.unwrap();
    assert!(send(&world, 111).await.is_allow());
    // What is known of the sample is not kept longer than it is asked for.
    let rows = world
        .store
        .collect::<CounterRow>(world.ws, Scan::table(&COUNTER));
    let rows = rows.await.unwrap();
    let kept = rows
        .iter()
        .filter(|row| row.record.key.starts_with(b"consent.sampled"));
    assert_eq!(kept.count(), 0);
}

#[tokio::test]
async fn follow_ups_are_no_first_mails_whose_result_is_known() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for n in 1..=51 {
        world.consented(n).await;
    }
    for n in 1..=3 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    // Of 47 nobody knows whether they went.
    for n in 4..=50 {
        let intent = world.intent(n);
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("{n} was refused");
        };
        world.gate.release(permit).await.unwrap();
    }
    // The three are written to again and again meanwhile.
    for step in 1..=20 {
        for n in 1..=3 {
            sent(&world, n, step).await;
        }
        breakers.follow(world.ws).await.unwrap();
    }
    world.clock.advance_millis(3_600_000);
    breakers.follow(world.ws).await.unwrap();
    let waits = send(&world, 51).await;
    assert_eq!(waits.reason(), Some(&RefusalReason::SampleRunning));
    for n in 4..=50 {
        sent(&world, n, 0).await;
    }
    breakers.follow(world.ws).await.unwrap();
    world.clock.advance_millis(3_600_000 - 1000);
    // Nor does a follow-up keep the others waiting.
    sent(&world, 1, 21).await;
    breakers.follow(world.ws).await.unwrap();
    assert!(send(&world, 51).await.is_allow());
}

#[tokio::test]
async fn attempts_that_fail_use_up_no_sample() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for n in 1..=51 {
        world.consented(n).await;
    }
    let attempt = async |n| {
        let intent = world.intent(n);
        world.gate.acquire(world.ws, &intent, world.batch()).await
    };
    // A provider that is down takes none of 60 attempts, and every place is given back.
    for n in (1..=50).chain(1..=10) {
        let Acquired::Permit(permit, _) = attempt(n).await.unwrap() else {
            panic!("{n} was refused");
        };
        let back = Batch::new(world.ws).write(Gate::release_write(permit.give_up()));
        let back = give_back(&world, n, back).await;
        world.commit(back).await;
    }
    assert_eq!(
        breakers.sample(world.ws, world.campaign).await.unwrap(),
        Some(0)
    );
    // Three go, and of 47 nobody knows: nobody else goes on the evidence of three.
    for n in 1..=3 {
        assert!(send(&world, n).await.is_allow(), "{n}");
    }
    for n in 4..=50 {
        let acquired = attempt(n).await.unwrap();
        let Acquired::Permit(permit, _) = acquired else {
            panic!("{n} was refused");
        };
        world.gate.release(permit).await.unwrap();
    }
    breakers.follow(world.ws).await.unwrap();
    world.clock.advance_millis(3_600_000);
    breakers.follow(world.ws).await.unwrap();
    let waits = send(&world, 51).await;
    assert_eq!(waits.reason(), Some(&RefusalReason::SampleRunning));
    // What was unknown is found to have gone.
    for n in 4..=50 {
        sent(&world, n, 0).await;
    }
    breakers.follow(world.ws).await.unwrap();
    world.clock.advance_millis(3_600_000);
    breakers.follow(world.ws).await.unwrap();
    assert!(send(&world, 51).await.is_allow());
    // Once it is looked at, a place that comes back late changes nothing.
    let late = give_back(&world, 4, Batch::new(world.ws)).await;
    assert!(late.writes.is_empty());
    assert_eq!(
        breakers.sample(world.ws, world.campaign).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn answers_and_tests_do_not_hide_what_comes_of_a_campaign() {
    let world = World::new().await;
    let breakers = breakers(&world);
    for _ in 0..60 {
        log(&world, EventKind::Sent, None).await;
    }
    for _ in 0..30 {
        world.clock.advance_millis(1000);
        let at = world.clock.now();
        let dimensions = Dimensions {
            mailbox: Some(world.mailbox),
            ..Dimensions::default()
        };
        let source: &[&[u8]] = &[&at.as_millisecond().to_be_bytes()];
        let entry = LogEntry::new(EventKind::Sent, at, source, dimensions);
        world.commit(Batch::new(world.ws).append(entry)).await;
    }
    breakers.follow(world.ws).await.unwrap();
    let mailbox = BreakerScope::Mailbox(world.mailbox);
    let figures = breakers.figures(world.ws, mailbox).await.unwrap();
    assert_eq!((figures.recent, figures.longer), (60, 60));
}

#[tokio::test]
async fn the_sample_holds_when_many_send_at_once() {
    let world = World::new().await;
    for n in 1..=60 {
        world.consented(n).await;
    }
    let sends = (1..=60).map(|n| {
        let world = &world;
        async move {
            let intent = world.intent(n);
            let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
            acquired.is_ok_and(|acquired| acquired.verdict().is_allow())
        }
    });
    let out = futures_util::future::join_all(sends).await;
    assert_eq!(out.iter().filter(|sent| **sent).count(), 50);
}
