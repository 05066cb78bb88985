//! A place in a first sample belongs to the mail that holds it: whatever happens in whatever order, the
//! counter that limits them counts the mails that hold one.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use jooper_consent::{Acquired, BreakerScope, Breakers, Ceilings, Gate, Note, StopScope};
use jooper_core::{
    Clock, Dimensions, EventKind, StepIndex, StopReason, StopSource, SubjectId, UserId, to_millis,
};
use jooper_storage::tables::{COUNTER, CounterRow, EnrollmentRow};
use jooper_storage::{Batch, Erase, LogEntry, Scan, StorageExt};
use proptest::prelude::*;
use support::{World, id, start};

const PEOPLE: u128 = 6;
const SIZE: i64 = 3;

#[derive(Debug, Clone, Copy)]
enum Act {
    /// A mail goes out, as far as the gate lets it.
    Out(u128),
    /// It did not go, was given up, or is released: its place goes back. Also of one that has none.
    Back(u128),
    /// The same by two who know of it, one behind the other.
    BackTwice(u128),
    /// It was accepted, and the log is read.
    Accepted(u128),
    /// A mail that never held a place was accepted.
    FollowUp(u128),
    /// Its person is erased.
    Erased(u128),
    /// A person lets the rest go.
    Cleared,
    /// A breaker stops the campaign, and a person resets it: another sample begins.
    Anew,
    /// Time passes, and the sample is looked at.
    Looked,
    /// So many people are added to the campaign.
    Added(usize),
    /// So many came behind the sample, as an earlier version counted them.
    Counted(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let who = 1..=PEOPLE;
    prop_oneof![
        6 => who.clone().prop_map(Act::Out),
        3 => who.clone().prop_map(Act::Back),
        1 => who.clone().prop_map(Act::BackTwice),
        3 => who.clone().prop_map(Act::Accepted),
        1 => who.clone().prop_map(Act::FollowUp),
        1 => who.prop_map(Act::Erased),
        1 => Just(Act::Cleared),
        1 => Just(Act::Anew),
        1 => Just(Act::Looked),
        2 => (0..6_usize).prop_map(Act::Added),
    ]
}

/// What is to be: who holds a place, and whose mail was accepted.
#[derive(Debug, Default)]
struct Model {
    out: BTreeSet<u128>,
    accepted: BTreeSet<u128>,
    erased: BTreeSet<u128>,
    cleared: bool,
    /// Whether a mail ever asked for a place, or somebody let the rest go.
    begun: bool,
    /// How many came when mails of a sample were out, or it was let go.
    behind: usize,
    /// When the first of them did, in milliseconds.
    came: Option<i64>,
    /// Since when those came of whom the sample is made.
    since: Option<i64>,
    /// When each came who was not there at first.
    enrolled: BTreeMap<u128, i64>,
}

impl Model {
    fn taken(&self) -> usize {
        self.out.len() + self.accepted.len()
    }

    /// By a person, who has everybody before them.
    fn clear(&mut self) {
        self.empty();
        self.cleared = true;
        self.begun = true;
        self.nobody_behind();
    }

    fn nobody_behind(&mut self) {
        (self.behind, self.came, self.since) = (0, None, None);
    }

    /// Whether somebody was there before those of whom the sample is made.
    fn is_of_before(&self, n: u128) -> bool {
        let first = to_millis(start());
        let enrolled = self.enrolled.get(&n).copied().unwrap_or(first);
        self.since.is_some_and(|since| since - enrolled > 60_000)
    }

    fn empty(&mut self) {
        self.out.clear();
        self.accepted.clear();
    }

    /// By what came of it.
    fn clean(&mut self) {
        self.empty();
        self.cleared = self.behind <= usize::try_from(SIZE).unwrap();
        if !self.cleared {
            self.begin();
        }
    }

    /// With those who came behind.
    fn begin(&mut self) {
        let first = self.came;
        self.nobody_behind();
        self.since = first;
        self.cleared = false;
    }

    fn add(&mut self, people: usize, now: i64) {
        let size = usize::try_from(SIZE).unwrap();
        if people == 0 {
            return;
        }
        // Some of them, so that there is somebody to write to.
        let half = (1..=PEOPLE).filter(|n| n % 2 == people as u128 % 2);
        self.enrolled.extend(half.map(|n| (n, now)));
        if !self.begun || !self.cleared && self.taken() == 0 {
            return;
        }
        if self.behind == 0 || self.came.is_some() {
            self.came = self.came.or(Some(now));
        }
        self.behind += people;
        if self.cleared && self.behind > size {
            self.begin();
        }
    }
}

struct Case {
    world: World,
    gate: Gate,
    breakers: Breakers,
    model: Model,
}

impl Case {
    async fn new() -> Self {
        let world = World::new().await;
        for n in 1..=PEOPLE {
            world.consented(n).await;
        }
        let ceilings = Ceilings::new().with_sample(SIZE);
        let gate = world.gate.clone().with_ceilings(ceilings);
        let breakers = Breakers::new(
            world.store.clone(),
            world.stops.clone(),
            world.clock.clone(),
            ceilings,
        );
        Self {
            world,
            gate,
            breakers,
            model: Model::default(),
        }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Out(n) => self.out(n).await,
            Act::Back(n) => self.back(n).await,
            Act::BackTwice(n) => {
                let (one, two) = (self.giving_back(n).await, self.giving_back(n).await);
                let writes = !one.writes.is_empty();
                self.world.commit(one).await;
                let second = self.world.store.commit(two).await;
                assert_eq!(second.is_err(), writes, "two give one place back");
                self.model.out.remove(&n);
            }
            Act::Accepted(n) => {
                self.sent(n, 0).await;
                if !self.model.out.remove(&n) {
                    return self.look().await;
                }
                self.model.accepted.insert(n);
                self.breakers.follow(self.world.ws).await.unwrap();
            }
            Act::FollowUp(n) => {
                self.sent(n, 1).await;
                self.look().await;
            }
            Act::Erased(n) => {
                let subject = SubjectId::from(self.world.recipient(n).lead.unwrap());
                let workspace = self.world.ws;
                let erase = Erase { workspace, subject };
                self.world.store.erase(erase).await.unwrap();
                self.model.erased.insert(n);
            }
            Act::Cleared => {
                let (ws, campaign) = (self.world.ws, self.world.campaign);
                let by = UserId::from_uuid(id(9));
                self.breakers.clear_sample(ws, campaign, by).await.unwrap();
                self.model.clear();
            }
            Act::Anew => {
                let (ws, campaign) = (self.world.ws, self.world.campaign);
                let (why, who) = (StopReason::Breaker, StopSource::System);
                let scope = StopScope::Campaign(campaign);
                self.world.stops.stop(ws, scope, why, who).await.unwrap();
                let by = UserId::from_uuid(id(9));
                let scope = BreakerScope::Campaign(campaign);
                self.breakers.reset(ws, scope, by).await.unwrap();
                self.model.accepted.clear();
                self.model.cleared = false;
                self.model.nobody_behind();
            }
            Act::Looked => self.look().await,
            Act::Counted(people) => {
                let campaign = self.world.campaign;
                let prefix = b"consent.sample-behind.";
                let row = CounterRow {
                    key: [&prefix[..], campaign.uuid().as_bytes()].concat(),
                    count: i64::try_from(people).unwrap(),
                    expires_at: i64::MAX,
                };
                self.world.commit(self.world.batch().put(&row)).await;
                self.model.behind = people;
            }
            Act::Added(people) => {
                let (ws, campaign) = (self.world.ws, self.world.campaign);
                let batch = self.world.batch();
                let batch = self.gate.people_added(ws, campaign, people, batch).await;
                self.world.commit(batch.unwrap()).await;
                let now = self.world.clock.now();
                self.model.add(people, to_millis(now));
                let came = self.model.enrolled.iter();
                let came = came.filter(|(_, at)| **at == to_millis(now));
                let batch = came.fold(self.world.batch(), |batch, (n, _)| {
                    let row = self.world.enrollment(*n);
                    batch.put(&EnrollmentRow {
                        created_at: now,
                        ..row
                    })
                });
                self.world.commit(batch).await;
            }
        }
    }

    async fn out(&mut self, n: u128) {
        let intent = self.world.intent(n);
        let batch = self.world.batch();
        let acquired = self.gate.acquire(self.world.ws, &intent, batch).await;
        let goes = match acquired.unwrap() {
            Acquired::Permit(permit, _) => {
                let released = self.gate.release(permit).await;
                released.unwrap();
                true
            }
            Acquired::Refused(_) => false,
        };
        let model = &mut self.model;
        let holds = model.out.contains(&n) || model.accepted.contains(&n);
        let before = model.is_of_before(n);
        let room = model.taken() < usize::try_from(SIZE).unwrap();
        let room = model.cleared || holds || before || room;
        assert_eq!(goes, room && !model.erased.contains(&n), "{n} {model:?}");
        if goes && !model.cleared && !holds && !before {
            model.out.insert(n);
        }
        model.begun |= goes;
    }

    async fn giving_back(&self, n: u128) -> Batch {
        let (ws, campaign) = (self.world.ws, self.world.campaign);
        let (key, batch) = (self.world.intent(n).key, self.world.batch());
        let given = self.gate.give_place_back(ws, campaign, key, batch).await;
        given.unwrap()
    }

    async fn back(&mut self, n: u128) {
        let batch = self.giving_back(n).await;
        self.world.commit(batch).await;
        self.model.out.remove(&n);
    }

    async fn sent(&self, n: u128, step: u16) {
        let world = &self.world;
        world.clock.advance_millis(1000);
        let send_key = world.step(n, step).key;
        let dimensions = Dimensions {
            campaign: Some(world.campaign),
            step: Some(StepIndex(step)),
            mailbox: Some(world.mailbox),
            ..Dimensions::default()
        };
        let at = world.clock.now();
        let source: &[&[u8]] = &[&send_key.to_bytes(), &at.as_millisecond().to_be_bytes()];
        let mut entry = LogEntry::new(EventKind::Sent, at, source, dimensions);
        let began = None;
        entry.payload = Some(Note::Send { send_key, began }.to_payload());
        world.commit(world.batch().append(entry)).await;
    }

    async fn look(&mut self) {
        self.world.clock.advance_millis(3_600_000);
        self.breakers.follow(self.world.ws).await.unwrap();
        let model = &mut self.model;
        if model.cleared || model.accepted.is_empty() {
            return;
        }
        if model.accepted.len() >= usize::try_from(SIZE).unwrap() {
            model.clean();
        }
    }

    async fn check(&self, told: &str) {
        let (ws, campaign) = (self.world.ws, self.world.campaign);
        let rows = self
            .world
            .store
            .collect::<CounterRow>(ws, Scan::table(&COUNTER));
        let rows = rows.await.unwrap();
        let places = rows
            .iter()
            .filter(|row| row.record.key.starts_with(b"consent.sampled/"));
        let counted = self.breakers.sample(ws, campaign).await.unwrap();
        let taken = self.model.taken();
        assert_eq!(places.count(), taken, "places, {told} {:?}", self.model);
        let begun = rows
            .iter()
            .any(|row| row.record.key.starts_with(b"consent.sample."));
        let expected = (!self.model.cleared).then(|| i64::try_from(taken).unwrap());
        assert_eq!(begun, self.model.begun, "begun, {told}");
        if begun {
            assert_eq!(counted, expected, "counted, {told}");
        }
        let behind = rows.iter().map(|row| &row.record);
        let mut behind = behind.filter(|row| row.key.starts_with(b"consent.sample-behind."));
        let behind = behind.next().map_or(0, |row| row.count);
        assert_eq!(usize::try_from(behind), Ok(self.model.behind), "{told}");
    }
}

fn run(acts: &[Act]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let mut case = Case::new().await;
        for (at, act) in acts.iter().enumerate() {
            case.act(*act).await;
            case.check(&format!("behind {at}: {act:?}")).await;
        }
        assert!(case.world.clock.now() >= start());
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_counter_counts_the_mails_that_hold_a_place(acts in prop::collection::vec(act(), 1..40)) {
        run(&acts);
    }
}

/// Two tries of one mail hold one place, and it is given back once.
#[test]
fn a_mail_that_is_tried_again_takes_no_second_place() {
    run(&[
        Act::Out(1),
        Act::Out(1),
        Act::Out(2),
        Act::Out(3),
        Act::Out(4),
        Act::Out(1),
        Act::BackTwice(1),
        Act::Out(4),
        Act::Back(1),
        Act::Out(5),
    ]);
}

/// Nobody is looked at in a sample whose places were taken before they came, or that was let go.
#[test]
fn whoever_comes_bit_by_bit_behind_a_sample_is_counted_until_another_begins() {
    let full = [Act::Out(1), Act::Out(2), Act::Out(3)];
    let clean = [Act::Accepted(1), Act::Accepted(2), Act::Accepted(3)];
    let two = [Act::Added(2), Act::Added(2)];
    let looked = [Act::Looked, Act::Out(4)];
    // While it runs with all its places taken, and when it was let go.
    run(&[&full[..], &two, &clean, &looked].concat());
    run(&[&full[..], &clean, &[Act::Looked], &two, &looked].concat());
    // One of them before it was let go, and the other behind.
    let (first, second) = (&two[..1], &two[1..]);
    run(&[&full[..], first, &clean, &[Act::Looked], second, &looked].concat());
    // A person has everybody before them, and lets go of what was counted.
    run(&[&full[..], &two, &[Act::Cleared], first, &looked].concat());
}

/// Another sample is made of those who came behind the last, and those before them wait for nothing.
#[test]
fn a_sample_that_begins_anew_is_made_of_whoever_came_since() {
    let full = [Act::Out(1), Act::Out(2), Act::Out(3)];
    let clean = [Act::Accepted(1), Act::Accepted(2), Act::Accepted(3)];
    // 2, 4 and 6 come anew; 1, 3 and 5 were there before.
    let second = [
        Act::Out(5),
        Act::Out(2),
        Act::Out(4),
        Act::Out(1),
        Act::Out(6),
        Act::Out(3),
    ];
    let come = [Act::Looked, Act::Added(4)];
    run(&[&full[..], &clean, &come, &second].concat());
    // While the first one runs, before all of its places are taken.
    let come = [Act::Looked, Act::Added(4), Act::Out(3)];
    run(&[&full[..2], &come, &clean, &[Act::Looked], &second].concat());
    // A person who lets go of it has everybody before them, and whoever is there next is in the next.
    run(&[&full[..], &clean, &come, &[Act::Anew], &second].concat());
}

/// An earlier version counted who came behind a sample, and did not say when: the next sample is made of
/// everybody, also where others came since.
#[test]
fn whoever_an_earlier_version_counted_is_in_the_next_sample() {
    let full = [Act::Out(1), Act::Out(2), Act::Out(3)];
    let clean = [Act::Accepted(1), Act::Accepted(2), Act::Accepted(3)];
    let come = [Act::Looked, Act::Counted(2), Act::Added(2)];
    let second = [Act::Out(5), Act::Out(1), Act::Out(2), Act::Out(4)];
    // Behind a sample that was let go, and while one runs.
    run(&[&full[..], &clean, &come, &second].concat());
    run(&[&full[..], &come, &clean, &[Act::Looked], &second].concat());
}
