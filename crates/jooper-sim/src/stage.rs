//! What everything in one simulated world shares: time, trace, laws, counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jooper_core::{EnrollmentId, LeadId, MailboxId, SendKey};
use jooper_storage::MemoryStore;

use crate::chance::{Chance, Stream};
use crate::invariants::{Accepted, Change, Claimed, Invariant, Spoke, Violation};
use crate::office::Errand;
use crate::population::Said;
use crate::time::VirtualTime;
use crate::trace::Trace;

/// Where a send of a worker stands: what a crash interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Any other work of a lane.
    Work,
    /// Between the intent to reserve and the reservation.
    Reserve,
    /// From the reservation to the second commit.
    Posting,
    /// From the second commit to the provider's answer.
    Waiting,
    /// From the answer to its record.
    Settle,
}

impl Phase {
    /// Every one.
    pub(crate) const ALL: [Self; 5] = [
        Self::Work,
        Self::Reserve,
        Self::Posting,
        Self::Waiting,
        Self::Settle,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Reserve => "reserve",
            Self::Posting => "posting",
            Self::Waiting => "waiting",
            Self::Settle => "settle",
        }
    }
}

/// How often things happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) commits: u64,
    pub(crate) store_faults: u64,
    pub(crate) provider_faults: u64,
    pub(crate) held_back: u64,
    pub(crate) stops: u64,
    pub(crate) arrivals: u64,
}

/// The shared part of one world.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) time: Arc<VirtualTime>,
    /// The store without any wrapper: the judge's own view.
    pub(crate) store: MemoryStore,
    /// Which lead has which keyed index, so that stops can come while the gate looks at one.
    pub(crate) contacts: Mutex<BTreeMap<Vec<u8>, usize>>,
    chaos: AtomicBool,
    busy: AtomicUsize,
    left_out: Mutex<BTreeSet<LeadId>>,
    answers: Mutex<BTreeSet<EnrollmentId>>,
    laws: Mutex<Vec<Box<dyn Invariant>>>,
    broken: Mutex<Option<Violation>>,
    trace: Mutex<Trace>,
    counts: Mutex<Counts>,
    errands: Mutex<Vec<Errand>>,
    /// What somebody does later, by wall time that has passed.
    chores: Mutex<BTreeMap<(u64, u64), Errand>>,
    /// Workers that stand still from their next suspension on, and for how long.
    stills: Mutex<BTreeMap<usize, u64>>,
    /// Mails of which a receipt was kept back once.
    kept_back: Mutex<BTreeSet<SendKey>>,
    phases: Mutex<BTreeMap<(usize, MailboxId), Phase>>,
    store_chance: Mutex<Chance>,
    office_chance: Mutex<Chance>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While one of these lives, wall time passes no faster than lease time.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Stage>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Stage {
    pub(crate) fn new(
        seed: u64,
        time: Arc<VirtualTime>,
        store: MemoryStore,
        laws: Vec<Box<dyn Invariant>>,
        keep_lines: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            time,
            store,
            contacts: Mutex::default(),
            chaos: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            left_out: Mutex::default(),
            answers: Mutex::default(),
            laws: Mutex::new(laws),
            broken: Mutex::default(),
            trace: Mutex::new(Trace::keeping(keep_lines)),
            counts: Mutex::default(),
            errands: Mutex::default(),
            chores: Mutex::default(),
            stills: Mutex::default(),
            kept_back: Mutex::default(),
            phases: Mutex::default(),
            store_chance: Mutex::new(Chance::new(seed, Stream::Store)),
            office_chance: Mutex::new(Chance::new(seed, Stream::Office)),
        })
    }

    /// Whether faults happen.
    pub(crate) fn chaos(&self) -> bool {
        self.chaos.load(Ordering::SeqCst)
    }

    pub(crate) fn set_chaos(&self, on: bool) {
        self.chaos.store(on, Ordering::SeqCst);
    }

    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(self))
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn trace(&self) -> MutexGuard<'_, Trace> {
        lock(&self.trace)
    }

    pub(crate) fn counts(&self) -> MutexGuard<'_, Counts> {
        lock(&self.counts)
    }

    pub(crate) fn store_chance(&self) -> MutexGuard<'_, Chance> {
        lock(&self.store_chance)
    }

    pub(crate) fn office_chance(&self) -> MutexGuard<'_, Chance> {
        lock(&self.office_chance)
    }

    pub(crate) fn errand(&self, errand: Errand) {
        lock(&self.errands).push(errand);
    }

    /// Somebody does this when so many milliseconds of wall time have passed.
    pub(crate) fn errand_in(&self, millis: u64, errand: Errand) {
        let mut chores = lock(&self.chores);
        let number = chores.len() as u64;
        let mut at = (self.time.elapsed() + millis, number);
        while chores.contains_key(&at) {
            at.1 += 1;
        }
        chores.insert(at, errand);
    }

    /// What is to be done now; after the faults have ended, everything that was put off.
    pub(crate) fn take_errands(&self) -> Vec<Errand> {
        let mut due = std::mem::take(&mut *lock(&self.errands));
        let mut chores = lock(&self.chores);
        let elapsed = self.time.elapsed();
        while let Some(first) = chores.first_entry() {
            if first.key().0 > elapsed && self.chaos() {
                break;
            }
            due.push(first.remove());
        }
        due
    }

    /// Lets a worker stand still from its next suspension on.
    pub(crate) fn stand_still(&self, worker: usize, millis: u64) {
        lock(&self.stills).insert(worker, millis);
    }

    pub(crate) fn take_still(&self, worker: usize) -> Option<u64> {
        lock(&self.stills).remove(&worker)
    }

    /// Whether a late receipt of this mail is to be kept back: each mail's first one is.
    pub(crate) fn keep_back(&self, key: SendKey) -> bool {
        lock(&self.kept_back).insert(key)
    }

    pub(crate) fn set_phase(&self, worker: usize, mailbox: MailboxId, phase: Phase) {
        lock(&self.phases).insert((worker, mailbox), phase);
    }

    pub(crate) fn clear_phase(&self, worker: usize, mailbox: MailboxId) {
        lock(&self.phases).remove(&(worker, mailbox));
    }

    /// The most delicate phase that a worker is in; none when it holds nothing.
    pub(crate) fn phase(&self, worker: usize) -> Option<Phase> {
        let phases = lock(&self.phases);
        let own = phases.iter().filter(|((of, _), _)| *of == worker);
        own.map(|(_, phase)| *phase).max()
    }

    pub(crate) fn forget_phases(&self, worker: usize) {
        lock(&self.phases).retain(|(of, _), _| *of != worker);
    }

    /// The first law that was broken.
    pub(crate) fn broken(&self) -> Option<Violation> {
        lock(&self.broken).clone()
    }

    pub(crate) fn report(&self, violation: Violation) {
        let line = format!("violation: {violation}");
        self.trace().add(&line);
        lock(&self.broken).get_or_insert(violation);
    }

    /// One more law, which needed to know what was set up.
    pub(crate) fn add_law(&self, law: Box<dyn Invariant>) {
        lock(&self.laws).push(law);
    }

    fn judge(&self, mut each: impl FnMut(&mut dyn Invariant) -> Result<(), Violation>) {
        let mut found = Vec::new();
        for law in lock(&self.laws).iter_mut() {
            found.extend(each(law.as_mut()).err());
        }
        found
            .into_iter()
            .for_each(|violation| self.report(violation));
    }

    pub(crate) fn committed(&self, change: &Change) {
        self.judge(|law| law.committed(change));
    }

    pub(crate) fn claimed(&self, claimed: &Claimed) {
        self.judge(|law| law.claimed(claimed));
    }

    pub(crate) fn accepted(&self, accepted: &Accepted) {
        self.judge(|law| law.accepted(accepted));
    }

    pub(crate) fn spoke(&self, spoke: &Spoke) {
        if spoke.said == Said::Answer {
            lock(&self.answers).insert(spoke.enrollment);
        }
        self.tell(|law| law.spoke(spoke));
    }

    fn tell(&self, each: impl Fn(&mut dyn Invariant)) {
        lock(&self.laws)
            .iter_mut()
            .for_each(|law| each(law.as_mut()));
    }

    pub(crate) fn stop_asked(&self, lead: LeadId) {
        self.tell(|law| law.stop_asked(lead));
    }

    pub(crate) fn clicked(&self, key: SendKey) {
        self.tell(|law| law.clicked(key));
    }

    pub(crate) fn release_asked(&self, key: SendKey) {
        self.tell(|law| law.release_asked(key));
    }

    pub(crate) fn given_up(&self, key: SendKey) {
        self.tell(|law| law.given_up(key));
    }

    pub(crate) fn skip_asked(&self, enrollment: EnrollmentId) {
        self.tell(|law| law.skip_asked(enrollment));
    }

    pub(crate) fn now_asked(&self, enrollment: EnrollmentId) {
        self.tell(|law| law.now_asked(enrollment));
    }

    pub(crate) fn test_asked(&self, key: SendKey) {
        self.tell(|law| law.test_asked(key));
    }

    /// Whether an answer arrived from the lead of this enrollment.
    pub(crate) fn has_answered(&self, enrollment: EnrollmentId) -> bool {
        lock(&self.answers).contains(&enrollment)
    }

    /// A lead was never enrolled, and that is right.
    pub(crate) fn left_out(&self, lead: LeadId) {
        lock(&self.left_out).insert(lead);
    }

    /// Which leads were not taken in when somebody asked for it, rightly; a request before that one may
    /// have broken off and been heard all the same.
    pub(crate) fn leads_left_out(&self) -> BTreeSet<LeadId> {
        lock(&self.left_out).clone()
    }

    pub(crate) fn resumed(&self, enrollment: EnrollmentId) {
        self.tell(|law| law.resumed(enrollment));
    }
}
