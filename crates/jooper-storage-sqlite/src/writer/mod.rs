//! The one thread that writes: batches that wait at the same time share one sync of the disk.

mod apply;
mod claim;
mod erase;
mod heads;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jooper_core::LeaseClock;
use jooper_storage::{Batch, Bytes, Claim, Claimed, Erase, Erased, StoreError};
use tokio::sync::oneshot;

use crate::error::Failure;
use crate::queue::Queue;
use crate::session::Session;
use heads::Heads;

/// How long a group takes in bulk work before it commits.
const BULK: Duration = Duration::from_millis(20);

/// How many jobs share one commit at most.
const GROUP: usize = 512;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write.
#[derive(Debug)]
pub(crate) enum Job {
    Commit(Batch, Answer<()>),
    /// The time is the store's, read when the job is run.
    Claim(Claim, Answer<Vec<Claimed>>),
    Erase(Erase, Answer<Erased>),
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

/// How many batches shared how many syncs since the store was opened.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) groups: AtomicU64,
    pub(crate) jobs: AtomicU64,
}

/// The writer's state on its own thread.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) session: Session,
    pub(crate) now: Box<dyn Fn() -> i64 + Send>,
    pub(crate) lease_clock: Box<dyn LeaseClock>,
}

impl Writer {
    /// Works until the queue is closed and empty.
    pub(crate) fn run(&self, queue: &Queue<Job>) {
        while let Some(first) = queue.wait() {
            self.group(first, queue);
        }
        // So that a closed store is one file; whatever prevents it only leaves the log beside it.
        erase::truncate_log(&self.session);
    }

    fn group(&self, first: Job, queue: &Queue<Job>) {
        if let Err(error) = self.session.control("BEGIN IMMEDIATE") {
            let failure = Failure::new(&error);
            refuse(first, &failure);
            return;
        }
        let began = self.lease_clock.now();
        let mut ran = Vec::new();
        let mut next = Some(first);
        let mut lost = None;
        let mut heads = Heads::default();
        while let Some(job) = next {
            ran.push(self.run_one(job, &mut heads));
            if self.session.connection.is_autocommit() {
                // A full or failing disk made SQLite roll everything back.
                lost = Some(Failure::rolled_back());
                break;
            }
            let spent = self.lease_clock.now().since(began);
            next = (ran.len() < GROUP)
                .then(|| queue.take(spent < BULK))
                .flatten();
        }
        let committed = match lost {
            Some(failure) => Err(failure),
            None => self.end(&heads),
        };
        self.shared.groups.fetch_add(1, Ordering::Relaxed);
        self.shared
            .jobs
            .fetch_add(ran.len() as u64, Ordering::Relaxed);
        let erases = ran.iter().any(|job| matches!(job, Ran::Erase(_, Ok(_))));
        let gone = erases && committed.is_ok() && erase::truncate_log(&self.session);
        let bytes = if gone { Bytes::Gone } else { Bytes::Held };
        let lost = committed.err();
        let error = lost.as_ref().map(|failure| || failure.to_commit_error());
        for job in ran {
            job.settle(
                error.as_ref().map(|it| it as &dyn Fn() -> StoreError),
                bytes,
            );
        }
    }

    /// Commits the group.
    fn end(&self, heads: &Heads) -> Result<(), Failure> {
        let committed = heads
            .write(&self.session)
            .and_then(|()| self.session.control("COMMIT"));
        committed.map_err(|error| {
            let failure = Failure::new(&error);
            self.undo_group();
            failure
        })
    }

    fn undo_group(&self) {
        if !self.session.connection.is_autocommit() {
            let _ = self.session.control("ROLLBACK");
        }
    }

    fn run_one(&self, job: Job, heads: &mut Heads) -> Ran {
        match job {
            Job::Commit(batch, to) => {
                let alone = apply::is_one_statement(&batch);
                let mut write = || apply::apply(&self.session, heads, &batch);
                let result =
                    apply::check_before(&self.session, &batch).and_then(|()| match alone {
                        true => write(),
                        false => self.all_or_nothing(write),
                    });
                Ran::Commit(to, result)
            }
            Job::Claim(claim, to) => {
                let run = || claim::claim(&self.session, &claim, (self.now)());
                Ran::Claim(to, self.all_or_nothing(run))
            }
            Job::Erase(erase, to) => {
                let run = || erase::erase(&self.session, erase);
                Ran::Erase(to, self.all_or_nothing(run))
            }
        }
    }

    /// Runs one job in a savepoint of its own. Where even that fails, the whole group is undone: no
    /// job is ever kept in part.
    fn all_or_nothing<T>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let control = |sql| {
            self.session.control(sql).map_err(|error| {
                self.undo_group();
                Failure::new(&error).to_store_error()
            })
        };
        control("SAVEPOINT job")?;
        let result = work();
        if result.is_err() && !self.session.connection.is_autocommit() {
            control("ROLLBACK TO job")?;
        }
        if !self.session.connection.is_autocommit() {
            control("RELEASE job")?;
        }
        result
    }
}

fn refuse(job: Job, failure: &Failure) {
    match job {
        Job::Commit(_, to) => drop(to.send(Err(failure.to_store_error()))),
        Job::Claim(_, to) => drop(to.send(Err(failure.to_store_error()))),
        Job::Erase(_, to) => drop(to.send(Err(failure.to_store_error()))),
    }
}
