//! Whatever becomes of first mails, in whatever order: the places in a campaign's first sample are those
//! of the mails that hold one, each once.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jooper_core::{
    EnrollmentId, EnrollmentState, ManualClock, NotSentReason, SendKey, SendState, StepIndex,
    SubjectId, UserId,
};
use jooper_sequence::model::Schedule;
use jooper_sequence::{EngineSettings, Runner};
use jooper_storage::tables::{COUNTER, CounterRow, ENROLLMENT, EnrollmentRow, SEND, SendRow};
use jooper_storage::{Batch, Erase, MemoryStore, Record, Scan, Storage, StorageExt, Write};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError, UnknownCause,
};
use proptest::prelude::*;
use support::{LeaseOf, Mortal, Passing, Process, World, at};
use uuid::Uuid;

const PEOPLE: usize = 4;

/// What becomes of the next mail that is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Accepted,
    NotSent,
    /// Nobody ever learns whether it went.
    Lost,
}

#[derive(Debug)]
struct Fates {
    inner: RecordingTransport,
    next: Mutex<VecDeque<Fate>>,
}

#[async_trait]
impl Transport for Fates {
    fn capabilities(&self) -> TransportCapabilities {
        self.inner.capabilities()
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        self.inner.evidence_base(mailbox).await
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        let fate = self.next.lock().unwrap().pop_front();
        match fate.unwrap_or(Fate::Accepted) {
            Fate::Accepted => self.inner.send(cleared).await,
            Fate::NotSent => Outcome::NotSent {
                reason: NotSentReason::Unreachable,
                retry_at: None,
            },
            Fate::Lost => Outcome::Unknown(UnknownCause::Timeout),
        }
    }

    async fn read_back(&self, mailbox: MailboxRef, id: &str) -> Result<Receipt, TransportError> {
        self.inner.read_back(mailbox, id).await
    }

    async fn reconcile(&self, _: &Attempt) -> Result<Reconciliation, TransportError> {
        Ok(Reconciliation::NotFound { complete: false })
    }
}

#[derive(Debug, Clone, Copy)]
enum Act {
    End(usize),
    Abandon(usize, u16),
    Release(usize, u16),
    Pause(usize),
    Resume(usize),
    Skip(usize),
    Now(usize),
    /// As the deletion of a lead that no campaign writes to.
    Delete(usize),
    Crash(u8),
    Wait,
}

fn act() -> impl Strategy<Value = Act> {
    let who = 0..PEOPLE;
    prop_oneof![
        1 => who.clone().prop_map(Act::End),
        3 => (who.clone(), 0..2_u16).prop_map(|(who, step)| Act::Abandon(who, step)),
        3 => (who.clone(), 0..2_u16).prop_map(|(who, step)| Act::Release(who, step)),
        1 => who.clone().prop_map(Act::Pause),
        1 => who.clone().prop_map(Act::Resume),
        1 => who.clone().prop_map(Act::Skip),
        1 => who.clone().prop_map(Act::Now),
        1 => who.prop_map(Act::Delete),
        2 => (0..3_u8).prop_map(Act::Crash),
        6 => Just(Act::Wait),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        2 => Just(Fate::Accepted),
        2 => Just(Fate::NotSent),
        3 => Just(Fate::Lost),
    ]
}

fn writes_send(batch: &Batch, state: SendState) -> bool {
    batch.writes.iter().any(|write| match write {
        Write::Put(key, values) if key.table().name == SEND.name => {
            SendRow::from_values(values.clone()).is_ok_and(|row| row.state == state)
        }
        _ => false,
    })
}

struct Case {
    world: World,
    process: Arc<Mortal>,
    store: Arc<MemoryStore>,
    /// By which the lease of a lane ends.
    clock: Arc<ManualClock>,
    enrollments: Vec<EnrollmentId>,
}

impl Case {
    async fn new(fates: &[Fate]) -> Self {
        let clock = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
        let store = Arc::new(MemoryStore::with_clock(clock.clone()));
        let process = Mortal::new(store.clone());
        let mut world = World::on(process.clone(), PEOPLE).await;
        let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
        world.engine = Process {
            store: process.clone(),
            clock: world.clock.clone(),
            lease: Arc::new(LeaseOf(lease.clone())),
            sleeper: Arc::new(Passing(lease)),
            transport: Arc::new(Fates {
                inner: RecordingTransport::new(),
                next: Mutex::new(fates.iter().copied().collect()),
            }),
            inbox: world.inbox.clone(),
            settings: EngineSettings::default(),
            number: 8,
        }
        .engine();
        let schedule = Schedule {
            gap_seconds_min: 0,
            gap_seconds_max: 60,
            ..Schedule::default()
        };
        world.campaign_of(support::SEQUENCE, schedule).await;
        let mut case = Self {
            world,
            process,
            store,
            clock,
            enrollments: Vec::new(),
        };
        // They are enrolled by the lane.
        case.work().await;
        let rows = case.all::<EnrollmentRow>(Scan::table(&ENROLLMENT)).await;
        case.enrollments = rows.iter().map(|row| row.id).collect();
        assert_eq!(case.enrollments.len(), PEOPLE);
        case
    }

    async fn all<R: Record>(&self, scan: Scan) -> Vec<R> {
        let rows = self.store.collect::<R>(self.world.workspace, scan).await;
        rows.unwrap().into_iter().map(|row| row.record).collect()
    }

    async fn work(&self) {
        let runner = Runner::new(self.world.engine.clone());
        while runner.turn().await.is_ok_and(|lanes| lanes > 0) {}
        if self.process.is_dead() {
            self.clock.advance_millis(120_000);
            self.process.revive();
        }
    }

    async fn act(&self, act: Act) {
        let campaigns = self.world.engine.campaigns(self.world.workspace);
        let by = UserId::from_uuid(Uuid::from_u128(9));
        let id = |who: usize| self.enrollments[who];
        // What cannot be done at the moment is refused.
        let _ = match act {
            Act::End(who) => campaigns.end_enrollment(id(who)).await,
            Act::Abandon(who, step) => campaigns.abandon(id(who), StepIndex(step)).await,
            Act::Release(who, step) => campaigns.release(id(who), StepIndex(step), by).await,
            Act::Pause(who) => campaigns.pause_enrollment(id(who)).await,
            Act::Resume(who) => campaigns.resume_enrollment(id(who), by).await,
            Act::Skip(who) => campaigns.skip(id(who)).await,
            Act::Now(who) => campaigns.send_now(id(who)).await,
            Act::Delete(who) => return self.delete(id(who)).await,
            Act::Crash(when) => return self.process.die_with(WHEN[usize::from(when)]),
            Act::Wait => Ok(()),
        };
    }

    async fn delete(&self, id: EnrollmentId) {
        let rows = self.all::<EnrollmentRow>(Scan::table(&ENROLLMENT)).await;
        let ended = rows
            .into_iter()
            .find(|row| row.id == id && row.state == EnrollmentState::Finished);
        if let Some(row) = ended {
            let (workspace, subject) = (self.world.workspace, SubjectId::from(row.lead));
            let erase = Erase { workspace, subject };
            self.store.erase(erase).await.unwrap();
        }
    }

    /// The mails that hold a place, by what the ledger and the enrollments say.
    async fn expected(&self) -> BTreeSet<SendKey> {
        let open: BTreeMap<_, _> = self
            .all::<EnrollmentRow>(Scan::table(&ENROLLMENT))
            .await
            .into_iter()
            .map(|row| (row.id, row.state != EnrollmentState::Finished))
            .collect();
        let mut sends = self.all::<SendRow>(Scan::table(&SEND)).await;
        sends.sort_by_key(|row| row.step);
        let mut first = BTreeSet::new();
        let mut held = BTreeSet::new();
        for row in sends {
            let SendKey::Step { enrollment, .. } = row.key else {
                continue;
            };
            let waited_for = open.get(&enrollment) == Some(&true);
            let holds = match row.state {
                SendState::Reserved | SendState::Posting | SendState::Sent => true,
                SendState::Unknown => waited_for,
                _ => false,
            };
            // What goes behind a mail that was accepted is a follow-up.
            if holds && !first.contains(&enrollment) {
                held.insert(row.key);
            }
            if row.state == SendState::Sent {
                first.insert(enrollment);
            }
        }
        held
    }

    async fn check(&self, told: &str) {
        let counters = self.all::<CounterRow>(Scan::table(&COUNTER)).await;
        let counted = counters
            .iter()
            .find(|row| row.key.starts_with(b"consent.sample."))
            .map_or(0, |row| row.count);
        let held: BTreeSet<_> = counters.iter().filter_map(place).collect();
        let expected = self.expected().await;
        assert_eq!(held, expected, "{told}");
        assert_eq!(usize::try_from(counted).unwrap(), held.len(), "{told}");
    }
}

/// The mail that holds a place, where a counter is one.
fn place(row: &CounterRow) -> Option<SendKey> {
    let ids = row.key.strip_prefix(b"consent.sampled/")?;
    let (campaign_and_enrollment, step) = ids.split_last_chunk()?;
    let enrollment = Uuid::from_slice(&campaign_and_enrollment[16..]).unwrap();
    Some(SendKey::Step {
        enrollment: EnrollmentId::from_uuid(enrollment),
        step: StepIndex(u16::from_be_bytes(*step)),
    })
}

/// The commits with which a process may die.
const WHEN: [fn(&Batch) -> bool; 3] = [
    |batch| writes_send(batch, SendState::Reserved),
    |batch| writes_send(batch, SendState::Posting),
    |batch| {
        writes_send(batch, SendState::NotSent)
            || writes_send(batch, SendState::Unknown)
            || writes_send(batch, SendState::Abandoned)
    },
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn places_are_those_of_the_mails_that_hold_one(
        fates in prop::collection::vec(fate(), 0..24),
        acts in prop::collection::vec(act(), 20..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let case = Case::new(&fates).await;
            for (at, act) in acts.iter().enumerate() {
                case.act(*act).await;
                case.work().await;
                // Whoever takes over from a dead process finds what it left.
                case.work().await;
                case.check(&format!("behind {at}: {act:?}")).await;
                case.world.clock.advance_millis(4 * 3_600_000);
            }
        });
    }
}
