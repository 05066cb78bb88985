//! The one thread that writes: batches that wait at the same time share one sync of the disk.

mod apply;
mod bulk;
mod claim;
mod erase;
mod heads;
mod here;
mod pace;

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jooper_core::LeaseClock;
use jooper_storage::{Batch, Bytes, Claim, Claimed, Erase, Erased, StoreError};
use tokio::sync::oneshot;

use crate::desk::{Desk, Place};
use crate::error::Failure;
use crate::queue::Queue;
use crate::session::Session;
use crate::spawn;
use bulk::{BulkWork, Patience};
use heads::Heads;
pub(crate) use here::commit_here;
use pace::Pace;

/// How many jobs share one commit at most.
const GROUP: usize = 512;

/// Behind how many groups bulk work waits that leave it no turn of its own; then it joins one.
const PASSED: u32 = 8;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write.
#[derive(Debug)]
pub(crate) enum Job {
    Commit(Batch, Answer<()>),
    /// A bulk batch that was undone so often to let others pass.
    Again(Batch, Answer<()>, u8),
    /// The time is the store's, read when the job is run.
    Claim(Claim, Answer<Vec<Claimed>>),
    Erase(Erase, Answer<Erased>),
}

impl Job {
    const fn bulk(&self) -> Option<&Batch> {
        match self {
            Self::Commit(batch, _) | Self::Again(batch, ..) if batch.bulk => Some(batch),
            _ => None,
        }
    }

    /// Whether nobody waits for it any more: it must not overtake what its caller did instead.
    fn is_given_up(&self) -> bool {
        match self {
            Self::Commit(_, to) | Self::Again(_, to, _) => to.is_closed(),
            Self::Claim(_, to) => to.is_closed(),
            Self::Erase(_, to) => to.is_closed(),
        }
    }
}

/// A job that ran and waits for the group's commit.
enum Ran {
    Commit(Answer<()>, Result<(), StoreError>),
    Claim(Answer<Vec<Claimed>>, Result<Vec<Claimed>, StoreError>),
    Erase(Answer<Erased>, Result<Erased, StoreError>),
}

impl Ran {
    /// Answers: as it ran, or with the failure that took the whole group.
    fn settle(self, lost: Option<&dyn Fn() -> StoreError>, bytes: Bytes) {
        fn answer<T>(
            to: Answer<T>,
            result: Result<T, StoreError>,
            lost: Option<&dyn Fn() -> StoreError>,
        ) {
            let result = match lost {
                Some(error) if result.is_ok() => Err(error()),
                _ => result,
            };
            // Whoever asked may have stopped waiting; the write stands all the same.
            let _ = to.send(result);
        }
        match self {
            Self::Commit(to, result) => answer(to, result, lost),
            Self::Claim(to, result) => answer(to, result, lost),
            Self::Erase(to, result) => {
                let result = result.map(|erased| Erased { bytes, ..erased });
                answer(to, result, lost);
            }
        }
    }
}

/// What became of a job.
enum Done {
    Ran(Ran),
    /// Nothing of it is left; it begins anew behind what is urgent.
    SetBack(Job),
}

/// What a group took and has not begun: goes back to where it waited when the group ends before its
/// time, undone by the disk or by a panic.
struct Waiting<'a> {
    queue: &'a Queue<Job>,
    jobs: VecDeque<Job>,
}

impl<'a> Waiting<'a> {
    const fn of(queue: &'a Queue<Job>) -> Self {
        let jobs = VecDeque::new();
        Self { queue, jobs }
    }

    /// The next job that somebody waits for: urgent ones, `most` of which are taken at once, or else
    /// a bulk one if `room` is for it.
    fn next(&mut self, most: usize, room: impl Fn(&Job) -> bool) -> Option<Job> {
        loop {
            if self.jobs.is_empty() {
                self.queue.take_into(&mut self.jobs, most, &room);
            }
            let job = self.jobs.pop_front()?;
            if !job.is_given_up() {
                return Some(job);
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.jobs.is_empty() {
            self.queue.give_back_urgent(std::mem::take(&mut self.jobs));
        }
    }
}

/// Whom the size of each group is told to.
#[derive(Clone, Default)]
pub(crate) struct Watch(Option<Arc<dyn Fn(usize) + Send + Sync>>);

impl Watch {
    pub(crate) fn new(watch: impl Fn(usize) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(watch)))
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watch").field(&self.0.is_some()).finish()
    }
}

/// What is known of the groups since the store was opened.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// How many syncs they took.
    pub(crate) groups: AtomicU64,
    /// How many batches shared these.
    pub(crate) jobs: AtomicU64,
    pace: Pace,
    watch: Watch,
}

impl Shared {
    pub(crate) fn watched_by(watch: Watch) -> Self {
        Self {
            watch,
            ..Self::default()
        }
    }

    /// A group of so many batches was committed or given up.
    fn count(&self, jobs: usize) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.jobs.fetch_add(jobs as u64, Ordering::Relaxed);
        self.pace.shared_by(jobs);
        if let Some(watch) = &self.watch.0 {
            watch(jobs);
        }
    }
}

/// The writer's state on its own thread.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) desk: Desk,
    pub(crate) now: Box<dyn Fn() -> i64 + Send>,
    pub(crate) lease_clock: Box<dyn LeaseClock>,
    /// How many groups without bulk work passed while some waited.
    pub(crate) passed: Cell<u32>,
}

impl Writer {
    /// Works until the queue is closed and empty.
    pub(crate) fn run(&self, queue: &Queue<Job>) {
        while queue.wait_for_one() {
            // Whoever is in a group that panics hears that nobody knows; those behind it are served,
            // who would otherwise wait for ever.
            if spawn::survives(|| self.group(queue)).is_none() {
                // Ends what it left open.
                drop(self.desk.take());
            }
        }
        // So that a closed store is one file; whatever prevents it only leaves the log beside it.
        if let Some(place) = self.desk.take().as_ref() {
            erase::truncate_log(&place.session);
        }
    }

    /// Commits what waits, once it has the place: so whoever finds the place free knows that what was
    /// there before is done, or still in the queue.
    fn group(&self, queue: &Queue<Job>) {
        let mut desk = self.desk.take();
        let mut waiting = Waiting::of(queue);
        let Some(first) = waiting.next(GROUP, |_| true) else {
            return;
        };
        // Only this thread closes the connection, behind its last group.
        let Some(place) = desk.as_mut() else { return };
        if let Err(error) = place.session.control("BEGIN IMMEDIATE") {
            let failure = Failure::new(&error);
            refuse(first, &failure);
            return;
        }
        place.versions.trust(&place.session);
        let before = place.session.connection.total_changes();
        let mut last = self.lease_clock.now();
        let mut bulk_work = BulkWork::default();
        let mut alone = true;
        let mut ran = Vec::new();
        let mut next = Some(first);
        let mut lost = None;
        let mut heads = Heads::default();
        while let Some(job) = next {
            let bulk = job.bulk().map(Batch::size);
            let urgent = || queue.has_urgent();
            let undo = match ran.is_empty() {
                true => Undo::Group,
                false => Undo::Job,
            };
            match self.run_one(place, job, &mut heads, undo, &bulk_work, &urgent) {
                Done::Ran(job) => ran.push(job),
                Done::SetBack(job) => {
                    queue.give_back(job);
                    break;
                }
            }
            if place.session.connection.is_autocommit() {
                // A full or failing disk made SQLite roll everything back.
                lost = Some(Failure::rolled_back());
                break;
            }
            let now = self.lease_clock.now();
            if let Some(size) = bulk {
                bulk_work.ran(size, now.since(last));
            }
            last = now;
            // Whoever is urgent in this group would wait for a bulk batch behind them.
            alone &= bulk.is_some();
            let joins = alone || self.passed.get() >= PASSED;
            let room =
                |job: &Job| joins && job.bulk().is_some_and(|batch| bulk_work.has_room(batch));
            next = waiting.next(GROUP - ran.len(), room);
        }
        let passed = match bulk_work.is_none() && queue.has_bulk() {
            true => self.passed.get() + 1,
            false => 0,
        };
        self.passed.set(passed);
        let committed = match lost {
            Some(failure) => Err(failure),
            None => {
                let clock = &*self.lease_clock;
                let wrote = place.session.connection.total_changes() > before;
                let end = || end(&place.session, &heads);
                self.shared.pace.of(clock, wrote, end)
            }
        };
        self.shared.count(ran.len());
        let erases = ran.iter().any(|job| matches!(job, Ran::Erase(_, Ok(_))));
        let gone = erases && committed.is_ok() && erase::truncate_log(&place.session);
        let bytes = if gone { Bytes::Gone } else { Bytes::Held };
        let lost = committed.err();
        let error = lost.as_ref().map(|failure| || failure.to_commit_error());
        // What goes back to the queue is there before the place is free: nobody overtakes it.
        drop(waiting);
        // Before the answers: whoever gets one finds the place free.
        drop(desk);
        for job in ran {
            job.settle(
                error.as_ref().map(|it| it as &dyn Fn() -> StoreError),
                bytes,
            );
        }
    }

    fn run_one(
        &self,
        place: &mut Place,
        job: Job,
        heads: &mut Heads,
        undo: Undo,
        work: &BulkWork,
        urgent: &dyn Fn() -> bool,
    ) -> Done {
        Done::Ran(match job {
            Job::Commit(batch, to) if batch.bulk => {
                return self.run_bulk(place, (batch, to, 0), heads, undo, work, urgent);
            }
            Job::Again(batch, to, set_back) => {
                return self.run_bulk(place, (batch, to, set_back), heads, undo, work, urgent);
            }
            Job::Commit(batch, to) => {
                let result = run_batch(place, &batch, heads, undo, None);
                Ran::Commit(to, result)
            }
            Job::Claim(claim, to) => {
                place.versions.forget_all();
                let run = || claim::claim(&place.session, &claim, (self.now)());
                Ran::Claim(to, undo.all_or_nothing(&place.session, run))
            }
            Job::Erase(erase, to) => {
                place.versions.forget_all();
                let run = || erase::erase(&place.session, erase);
                Ran::Erase(to, undo.all_or_nothing(&place.session, run))
            }
        })
    }

    fn run_bulk(
        &self,
        place: &mut Place,
        (batch, to, set_back): (Batch, Answer<()>, u8),
        heads: &mut Heads,
        undo: Undo,
        work: &BulkWork,
        urgent: &dyn Fn() -> bool,
    ) -> Done {
        let patience = Patience::with(work, set_back, &*self.lease_clock, urgent);
        let result = run_batch(place, &batch, heads, undo, patience.as_ref());
        let ended = patience.is_some_and(|patience| patience.ended());
        // Where the whole group was undone, it is answered with the group.
        if ended && !place.session.connection.is_autocommit() {
            return Done::SetBack(Job::Again(batch, to, set_back + 1));
        }
        Done::Ran(Ran::Commit(to, result))
    }
}

fn run_batch(
    place: &mut Place,
    batch: &Batch,
    heads: &mut Heads,
    undo: Undo,
    patience: Option<&Patience<'_>>,
) -> Result<(), StoreError> {
    let Place { session, versions } = place;
    apply::check_before(session, versions, batch)?;
    let mut write = || apply::apply(session, versions, heads, batch, patience);
    if apply::is_one_statement(batch) {
        write()
    } else {
        undo.all_or_nothing(session, write)
    }
}

/// Commits the group.
fn end(session: &Session, heads: &Heads) -> Result<(), Failure> {
    let committed = heads
        .write(session)
        .and_then(|()| session.control("COMMIT"));
    committed.map_err(|error| {
        let failure = Failure::new(&error);
        undo_group(session);
        failure
    })
}

fn undo_group(session: &Session) {
    if !session.connection.is_autocommit() {
        let _ = session.control("ROLLBACK");
    }
}

/// How a job that fails half-way is undone, so that no job is ever kept in part.
#[derive(Debug, Clone, Copy)]
enum Undo {
    /// With the transaction, which then begins anew: nothing else is in it yet. Neither are pages
    /// kept beside for a savepoint, nor is what was undone written to the disk at the commit.
    Group,
    /// By a savepoint: the group's other jobs stay.
    Job,
}

impl Undo {
    /// Runs one job. Where it cannot be undone alone, the whole group is.
    fn all_or_nothing<T>(
        self,
        session: &Session,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let control = |sql| {
            session.control(sql).map_err(|error| {
                undo_group(session);
                Failure::new(&error).to_store_error()
            })
        };
        let open = || !session.connection.is_autocommit();
        if matches!(self, Self::Group) {
            let result = work();
            if result.is_err() && open() {
                control("ROLLBACK")?;
                control("BEGIN IMMEDIATE")?;
            }
            return result;
        }
        control("SAVEPOINT job")?;
        let result = work();
        if result.is_err() && open() {
            control("ROLLBACK TO job")?;
        }
        if open() {
            control("RELEASE job")?;
        }
        result
    }
}

fn refuse(job: Job, failure: &Failure) {
    match job {
        Job::Commit(_, to) | Job::Again(_, to, _) => {
            drop(to.send(Err(failure.to_store_error())));
        }
        Job::Claim(_, to) => drop(to.send(Err(failure.to_store_error()))),
        Job::Erase(_, to) => drop(to.send(Err(failure.to_store_error()))),
    }
}

#[cfg(test)]
mod tests;
