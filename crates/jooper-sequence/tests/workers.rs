//! Several workers over one PostgreSQL. Each has a store, an engine and a lease clock of its own,
//! as a process has; the wall clock and the provider are everybody's.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test, whose workers run beside each other"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    Clock, EnrollmentState, MailboxId, ManualClock, NotSentReason, SendKey, SendState, StepIndex,
    SystemLeaseClock,
};
use jooper_sequence::model::{Limits, Schedule};
use jooper_sequence::{Engine, EngineSettings, Runner};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, SEND, SendRow};
use jooper_storage::{Batch, Record, Scan, StorageExt, Write};
use jooper_storage_postgres::{PostgresOptions, PostgresStorage};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation, Transport,
    TransportCapabilities, TransportError,
};
use support::{HandInbox, LeaseOf, Mortal, Passing, Process, SEQUENCE, World, at};

/// The most mails of a mailbox in a day, in these tests.
const CAP: u32 = 3;

/// The server for tests. Missing is a failure, never a reason to skip.
fn address() -> String {
    std::env::var("JOOPER_TEST_POSTGRES_URL").expect(
        "set JOOPER_TEST_POSTGRES_URL to a PostgreSQL server for tests, as `cargo xtask test` does",
    )
}

async fn drop_schema(schema: &str) {
    let (client, driver) = tokio_postgres::connect(&address(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(driver);
    let sql = format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE");
    client.batch_execute(&sql).await.unwrap();
}

async fn open(schema: &str) -> PostgresStorage {
    let options = PostgresOptions::new(&address()).unwrap();
    options.schema(schema).connections(3).open().await.unwrap()
}

/// A mail that the provider took.
#[derive(Debug, Clone)]
struct Accepted {
    worker: usize,
    mailbox: MailboxId,
    key: SendKey,
    at: Timestamp,
}

/// What the provider says to a mail, long after it has decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Late {
    Accepted,
    Refused,
}

/// What the provider saw.
#[derive(Debug, Default)]
struct Seen {
    accepted: Vec<Accepted>,
    sending: BTreeSet<MailboxId>,
    /// Mailboxes that two workers sent from at the same moment.
    twice: Vec<MailboxId>,
    /// The next mail is answered like this, late; and nobody finds any mail.
    late: Option<Late>,
    /// Whether that answer is on its way.
    on_its_way: bool,
    blind: bool,
}

/// A worker's connection to the provider.
#[derive(Debug)]
struct Post {
    seen: Arc<Mutex<Seen>>,
    clock: Arc<ManualClock>,
    worker: usize,
}

fn receipt(number: usize) -> Receipt {
    Receipt {
        provider_id: format!("m{number}"),
        thread: format!("t{number}"),
        message_id: Some(format!("<m{number}@provider.example>")),
        at: None,
    }
}

#[async_trait]
impl Transport for Post {
    fn capabilities(&self) -> TransportCapabilities {
        TransportCapabilities::new("recording", 25 << 20, true)
    }

    async fn evidence_base(&self, _: MailboxRef) -> Result<EvidenceBase, TransportError> {
        Ok(EvidenceBase("0".to_owned()))
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        let mailbox = cleared.mailbox().mailbox;
        if !self.seen.lock().unwrap().sending.insert(mailbox) {
            self.seen.lock().unwrap().twice.push(mailbox);
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let (outcome, late) = {
            let mut seen = self.seen.lock().unwrap();
            seen.sending.remove(&mailbox);
            let late = seen.late.take();
            seen.on_its_way = late.is_some();
            let refused = Outcome::NotSent {
                reason: NotSentReason::RateLimited,
                retry_at: None,
            };
            if late != Some(Late::Refused) {
                seen.accepted.push(Accepted {
                    worker: self.worker,
                    mailbox,
                    key: *cleared.send_key(),
                    at: self.clock.now(),
                });
            }
            match late {
                Some(Late::Refused) => (refused, late),
                _ => (Outcome::Sent(receipt(seen.accepted.len())), late),
            }
        };
        while late.is_some() && self.seen.lock().unwrap().on_its_way {
            tokio::task::yield_now().await;
        }
        outcome
    }

    async fn read_back(&self, _: MailboxRef, provider_id: &str) -> Result<Receipt, TransportError> {
        let number = provider_id.strip_prefix('m').and_then(|n| n.parse().ok());
        number.map(receipt).ok_or(TransportError::Gone)
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        let seen = self.seen.lock().unwrap();
        let key = attempt.send_key;
        let found = seen.accepted.iter().position(|mail| mail.key == key);
        let found = found.filter(|_| !seen.blind);
        Ok(
            found.map_or(Reconciliation::NotFound { complete: true }, |place| {
                Reconciliation::Found(receipt(place + 1))
            }),
        )
    }
}

struct Worker {
    process: Arc<Mortal>,
    engine: Engine,
    lease: Arc<ManualClock>,
}

/// Another process over the same database: with a real lease clock, or one that a test moves.
async fn worker(
    world: &World,
    schema: &str,
    seen: &Arc<Mutex<Seen>>,
    number: usize,
    lease_millis: u64,
) -> Worker {
    let process = Mortal::new(Arc::new(open(schema).await));
    let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let by_hand = lease_millis < 10_000;
    let engine = Process {
        store: process.clone(),
        clock: world.clock.clone(),
        lease: match by_hand {
            true => Arc::new(LeaseOf(lease.clone())),
            false => Arc::new(SystemLeaseClock::new()),
        },
        sleeper: Arc::new(Passing(lease.clone())),
        transport: Arc::new(Post {
            seen: seen.clone(),
            clock: world.clock.clone(),
            worker: number,
        }),
        inbox: Arc::new(HandInbox::default()),
        settings: EngineSettings {
            lease_millis,
            claim_limit: 1,
            sync_seconds: 3_600,
            ..EngineSettings::default()
        },
        number: 100 + number as u64,
    }
    .engine();
    Worker {
        process,
        engine,
        lease,
    }
}

fn schedule() -> Schedule {
    Schedule {
        daily_cap: CAP,
        ..Schedule::default()
    }
}

/// All work side by side for so many hours.
async fn work_for(world: &World, all: &[Worker], hours: i64) {
    let end = world.clock.now() + SignedDuration::from_hours(hours);
    while world.clock.now() < end {
        let mut working = tokio::task::JoinSet::new();
        for one in all {
            let runner = Runner::new(one.engine.clone());
            working.spawn(async move { while runner.turn().await.unwrap() > 0 {} });
        }
        working.join_all().await;
        // Office hours only: nothing is due at night.
        let hour = world
            .clock
            .now()
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .hour();
        let minutes = if hour < 17 { 12 } else { 16 * 60 };
        world.clock.advance_millis(minutes * 60_000);
    }
}

/// Works side by side through two days, and says what was seen.
async fn side_by_side(workers: usize, mailboxes: u128, leads: usize) {
    let schema = format!("workers_{}_{workers}", std::process::id());
    drop_schema(&schema).await;
    let mut world = World::on(Arc::new(open(&schema).await), leads).await;
    let mut senders = vec![world.mailbox];
    for number in 2..=mailboxes {
        senders.push(world.connect(number).await);
    }
    world.senders = senders;
    world.campaign_of(SEQUENCE, schedule()).await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let mut all = Vec::new();
    for number in 0..workers {
        all.push(worker(&world, &schema, &seen, number, 60_000).await);
    }
    work_for(&world, &all, 32).await;
    let sent = {
        let seen = seen.lock().unwrap();
        judge(&seen, workers);
        seen.accepted.len()
    };
    let mut claims: Vec<_> = Vec::new();
    for one in &all {
        claims.extend(one.process.claims.lock().unwrap().iter().copied());
    }
    let given: BTreeSet<_> = claims.iter().collect();
    assert_eq!(
        given.len(),
        claims.len(),
        "every claim has a token of its own"
    );
    assert!(sent as u128 > mailboxes * u128::from(CAP), "{sent} mails");
    drop(all);
    drop_schema(&schema).await;
}

fn judge(seen: &Seen, workers: usize) {
    assert_eq!(seen.twice, [], "no lane held twice");
    let mut keys = BTreeSet::new();
    let mut days: BTreeMap<_, u32> = BTreeMap::new();
    let mut last: BTreeMap<MailboxId, Timestamp> = BTreeMap::new();
    let mut shares = vec![0; workers];
    for mail in &seen.accepted {
        assert!(keys.insert(mail.key), "{:?} went twice", mail.key);
        let day = mail.at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        *days.entry((mail.mailbox, day)).or_default() += 1;
        if let Some(before) = last.insert(mail.mailbox, mail.at) {
            assert!(mail.at.duration_since(before) >= SignedDuration::from_secs(90));
        }
        shares[mail.worker] += 1;
    }
    let most = days.values().max().copied().unwrap_or(0);
    assert!(most <= CAP, "{most} in a day");
    println!(
        "figure: {workers} workers, {} mails, {most} a mailbox and day at most, each worker {shares:?}",
        seen.accepted.len()
    );
    let idle = shares.iter().filter(|share| **share == 0).count();
    assert_eq!(idle, 0, "work spreads: {shares:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_the_lanes_and_keep_every_limit() {
    side_by_side(2, 4, 26).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_workers_share_the_lanes_and_keep_every_limit() {
    side_by_side(8, 8, 52).await;
}

/// What each of two campaigns allows: of a mailbox, of the mailboxes of one domain, and of all.
fn limits() -> Limits {
    Limits {
        hourly: Some(2),
        rolling_day: Some(4),
        // Nine of two domains are five of one, however the lanes come: both are used to their ends.
        sender_domain: Some(5),
        workspace: Some(9),
        ..Limits::default()
    }
}

/// The most of these instants that lie within a span of this length.
fn most_within(times: &[Timestamp], span: SignedDuration) -> usize {
    let inside = |from: &Timestamp| {
        let within = times.iter().filter(|at| {
            let behind = at.duration_since(*from);
            !behind.is_negative() && behind < span
        });
        within.count()
    };
    times.iter().map(inside).max().unwrap_or(0)
}

/// Two campaigns on the same mailboxes of two domains: whatever lanes work at one instant, no budget
/// that they share is exceeded in any hour or 24 hours, and those of domain and workspace are used to
/// their ends.
async fn share_budgets(workers: usize, mailboxes: u128) {
    let schema = format!("budgets_{}_{workers}", std::process::id());
    drop_schema(&schema).await;
    let mut world = World::on(Arc::new(open(&schema).await), 30).await;
    let mut domains = BTreeMap::from([(world.mailbox, "sender.example")]);
    for number in 2..=mailboxes {
        let domain = match number % 2 {
            0 => "second.example",
            _ => "sender.example",
        };
        domains.insert(world.connect_at(number, domain).await, domain);
    }
    world.senders = domains.keys().copied().collect();
    let limits = limits();
    let schedule = || Schedule {
        daily_cap: 4,
        limits,
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule()).await;
    world.leads.clear();
    world.add_leads(30..60).await;
    world.campaign_of(SEQUENCE, schedule()).await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let mut all = Vec::new();
    for number in 0..workers {
        all.push(worker(&world, &schema, &seen, number, 60_000).await);
    }
    work_for(&world, &all, 32 + 48).await;
    let seen = seen.lock().unwrap().accepted.clone();
    let of = |mine: &dyn Fn(&Accepted) -> bool| -> Vec<Timestamp> {
        let mine = seen.iter().filter(|mail| mine(mail));
        mine.map(|mail| mail.at).collect()
    };
    let (hour, day) = (
        SignedDuration::from_hours(1),
        SignedDuration::from_hours(24),
    );
    let (mut hourly, mut rolling) = (0, 0);
    for mailbox in domains.keys() {
        let times = of(&|mail| mail.mailbox == *mailbox);
        hourly = hourly.max(most_within(&times, hour));
        rolling = rolling.max(most_within(&times, day));
    }
    let names = ["sender.example", "second.example"];
    let from = names.map(|name| most_within(&of(&|mail| domains[&mail.mailbox] == name), day));
    let from = from.into_iter().max();
    let everybody = most_within(&of(&|_| true), day);
    println!(
        "figure: {workers} workers, {} mails; at most {hourly} an hour and {rolling} in 24 hours of a \
         mailbox, {from:?} of a domain, {everybody} of all",
        seen.len()
    );
    let count = |most: Option<u32>| most.map(|most| most as usize);
    assert!(Some(hourly) <= count(limits.hourly), "{hourly}");
    assert!(Some(rolling) <= count(limits.rolling_day), "{rolling}");
    assert_eq!(from, count(limits.sender_domain));
    assert_eq!(Some(everybody), count(limits.workspace));
    let keys: BTreeSet<_> = seen.iter().map(|mail| mail.key).collect();
    assert_eq!(keys.len(), seen.len(), "none went twice");
    drop(all);
    drop_schema(&schema).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_keep_what_mailboxes_and_campaigns_share() {
    share_budgets(2, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_workers_keep_what_mailboxes_and_campaigns_share() {
    share_budgets(8, 8).await;
}

fn in_state(batch: &Batch, state: SendState) -> bool {
    batch.writes.iter().any(|write| {
        matches!(write, Write::Put(key, values) if key.table().name == SEND.name
            && SendRow::from_values(values.clone()).is_ok_and(|row| row.state == state))
    })
}

/// Where a worker stands still.
#[derive(Clone, Copy)]
enum Stands {
    /// Behind such a commit.
    Behind(fn(&Batch) -> bool),
    /// With the provider's answer on its way.
    Before(Late),
}

/// A worker stands still until another has its lane, then wakes. Returns the ledger's only row and who
/// sent what.
async fn frozen(name: &str, stands: Stands) -> (Vec<Accepted>, SendRow, EnrollmentRow) {
    let schema = format!("frozen_{}_{name}", std::process::id());
    drop_schema(&schema).await;
    let world = World::on(Arc::new(open(&schema).await), 1).await;
    world.campaign_of(SEQUENCE, schedule()).await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let first = worker(&world, &schema, &seen, 0, 1_500).await;
    let second = worker(&world, &schema, &seen, 1, 1_500).await;
    match stands {
        Stands::Behind(batch) => first.process.freeze_with(batch),
        Stands::Before(late) => {
            let mut seen = seen.lock().unwrap();
            (seen.late, seen.blind) = (Some(late), true);
        }
    }
    let runner = Runner::new(first.engine.clone());
    let clock = world.clock.clone();
    let process = first.process.clone();
    let working = tokio::spawn(async move {
        // Until the first mail is due; then it stands still in the middle of it.
        for _ in 0..20 {
            runner.turn().await.unwrap();
            clock.advance_millis(600_000);
        }
    });
    while !process.is_frozen() && !seen.lock().unwrap().on_its_way {
        assert!(!working.is_finished(), "it never came to stand still");
        tokio::task::yield_now().await;
    }
    let other = Runner::new(second.engine.clone());
    // Its lease ends by the server's clock; whoever asks then is given the lane.
    while other.turn().await.unwrap() == 0 {}
    while other.turn().await.unwrap() > 0 {}
    // By its own clock as well.
    first.lease.advance_millis(60_000);
    process.thaw();
    seen.lock().unwrap().on_its_way = false;
    working.await.unwrap();
    let accepted = seen.lock().unwrap().accepted.clone();
    let scan = Scan::table(&SEND);
    let sends = world.store.collect::<SendRow>(world.workspace, scan).await;
    let scan = Scan::table(&ENROLLMENT);
    let rows = world
        .store
        .collect::<EnrollmentRow>(world.workspace, scan)
        .await;
    let (send, row) = (sends.unwrap().remove(0), rows.unwrap().remove(0));
    drop((first, second));
    drop_schema(&schema).await;
    (accepted, send.record, row.record)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_wakes_behind_its_lease_with_a_reservation_sends_nothing() {
    let reserved = Stands::Behind(|batch| in_state(batch, SendState::Reserved));
    let (accepted, send, _) = frozen("reserved", reserved).await;
    let by: Vec<usize> = accepted.iter().map(|mail| mail.worker).collect();
    assert_eq!(by, [1], "the one who has the lane sends it, once");
    assert_eq!(send.state, SendState::Sent);
}

/// What it did not hand over it says, though another worker has taken its mail for unknown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_wakes_behind_its_lease_right_before_the_post_sends_nothing() {
    let posting = Stands::Behind(|batch| in_state(batch, SendState::Posting));
    let (accepted, send, row) = frozen("posting", posting).await;
    assert_eq!(accepted.len(), 1, "the next try, and no other");
    assert_eq!((send.state, send.attempt), (SendState::Sent, 2));
    assert_eq!(row.state, EnrollmentState::Active);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_comes_when_another_worker_has_the_lane_settles_the_mail() {
    let (accepted, send, row) = frozen("receipt", Stands::Before(Late::Accepted)).await;
    assert_eq!(accepted.len(), 1);
    assert_eq!((send.state, send.attempt), (SendState::Sent, 1));
    assert_eq!(send.provider_id.as_deref(), Some("m1"));
    assert_eq!((row.state, row.sent), (EnrollmentState::Active, 1));
    assert_eq!(row.step, StepIndex(1), "it goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_comes_when_another_worker_has_the_lane_is_no_mail_of_unknown_fate() {
    let (accepted, send, row) = frozen("refusal", Stands::Before(Late::Refused)).await;
    assert_eq!(accepted.len(), 1, "the next try");
    assert_eq!((send.state, send.attempt), (SendState::Sent, 2));
    assert_eq!((row.state, row.sent), (EnrollmentState::Active, 1));
}
