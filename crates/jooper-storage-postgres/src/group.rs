//! Batches of one workspace that wait at the same time share a transaction.
//!
//! Each workspace that somebody waits for has one runner: a task that takes what waits, runs it and
//! answers, until nothing waits. So nobody hands a turn on, the next group forms while one is on its
//! way, and a caller who gives up does not take the others' answers along.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jooper_storage::{Batch, Scope, StoreError};
use tokio::sync::oneshot;

use crate::error::Failure;

/// How many batches, how many writes and facts, and how many bytes of them share a transaction at
/// most: a statement's parameters end below 1 GiB, and a cell may have 16 MiB.
const BATCHES: usize = 128;
const WRITES: usize = 5_000;
const BYTES: usize = 16 << 20;

/// Behind how many groups of what is urgent a bulk batch waits at most.
const PASSED: u32 = 8;

/// A batch that waits, and where its answer goes.
pub(crate) type Waiting = (Batch, oneshot::Sender<Result<(), StoreError>>);

/// What waits for one workspace.
#[derive(Debug, Default)]
struct Line {
    urgent: VecDeque<Waiting>,
    bulk: VecDeque<Waiting>,
    /// How many groups went before the bulk batch that is next.
    passed: u32,
}

impl Line {
    /// Lets a batch wait; a full line refuses, so that memory stays flat.
    fn push(&mut self, waiting: Waiting, most: usize) -> Result<(), StoreError> {
        let line = if waiting.0.bulk {
            &mut self.bulk
        } else {
            &mut self.urgent
        };
        if line.len() >= most {
            let said = Failure::said("too many batches wait for this workspace");
            return Err(StoreError::Busy(Some(said.into())));
        }
        line.push_back(waiting);
        Ok(())
    }

    /// Takes the next group: what is urgent, or else one bulk batch, which is not put off for ever.
    /// A batch whose caller gave up while it waited is dropped: it must not overtake what the caller
    /// did instead.
    fn take(&mut self) -> Vec<Waiting> {
        self.urgent.retain(|(_, answer)| !answer.is_closed());
        self.bulk.retain(|(_, answer)| !answer.is_closed());
        let (mut group, mut writes, mut bytes) = (Vec::new(), 0, 0);
        if self.passed >= PASSED {
            group.extend(self.bulk.pop_front());
            if !group.is_empty() {
                self.passed = 0;
                return group;
            }
        }
        while group.len() < BATCHES
            && let Some((batch, _)) = self.urgent.front()
        {
            writes += batch.writes.len() + batch.log.len();
            bytes += batch.size().1;
            if (writes > WRITES || bytes > BYTES) && !group.is_empty() {
                break;
            }
            group.extend(self.urgent.pop_front());
        }
        if group.is_empty() {
            group.extend(self.bulk.pop_front());
            self.passed = 0;
        } else {
            self.passed = match self.bulk.is_empty() {
                true => 0,
                false => self.passed + 1,
            };
        }
        group
    }
}

/// The lines of all workspaces that somebody waits for. Each that is there has a runner.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<BTreeMap<Scope, Line>>);

impl Lines {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Scope, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a batch into its line, where at most `most` of a kind wait. `true`: the line is new, and
    /// the caller starts its runner.
    pub(crate) fn join(&self, waiting: Waiting, most: usize) -> Result<bool, StoreError> {
        let (scope, mut lines) = (waiting.0.scope, self.lock());
        if let Some(line) = lines.get_mut(&scope) {
            line.push(waiting, most)?;
            return Ok(false);
        }
        let mut line = Line::default();
        line.push(waiting, most)?;
        lines.insert(scope, line);
        Ok(true)
    }

    /// The next group of a line, for its runner; `None`: nobody waits, the line is gone and so is
    /// the runner.
    fn take(&self, scope: Scope) -> Option<Vec<Waiting>> {
        let mut lines = self.lock();
        let group = lines.get_mut(&scope).map(Line::take)?;
        if group.is_empty() {
            lines.remove(&scope);
            return None;
        }
        Some(group)
    }

    /// How many batches wait in a line that are not bulk work.
    pub(crate) fn urgent(&self, scope: Scope) -> usize {
        self.lock().get(&scope).map_or(0, |line| line.urgent.len())
    }

    /// A line whose runner has ended before its time: nothing of what waits was begun.
    fn give_up(&self, scope: Scope) {
        let line = self.lock().remove(&scope).unwrap_or_default();
        for (_, to) in line.urgent.into_iter().chain(line.bulk) {
            let _ = to.send(Err(StoreError::Busy(None)));
        }
    }
}

/// The one who runs a line.
#[derive(Debug)]
pub(crate) struct Runner<'a> {
    lines: &'a Lines,
    scope: Scope,
    done: bool,
}

impl<'a> Runner<'a> {
    pub(crate) const fn new(lines: &'a Lines, scope: Scope) -> Self {
        let done = false;
        Self { lines, scope, done }
    }

    /// The next group; behind `None` somebody else may run the line.
    pub(crate) fn next(&mut self) -> Option<Vec<Waiting>> {
        let group = self.lines.take(self.scope);
        self.done = group.is_none();
        group
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        // A group panicked, or its runtime ended.
        if !self.done {
            self.lines.give_up(self.scope);
        }
    }
}

#[cfg(test)]
mod tests {
    use jooper_storage::tables::COUNTER;
    use jooper_storage::{Key, Value, Write};

    use super::*;

    fn join(lines: &Lines, batch: Batch) -> (Result<bool, StoreError>, Answer) {
        let (to, answer) = oneshot::channel();
        (lines.join((batch, to), 2), answer)
    }

    type Answer = oneshot::Receiver<Result<(), StoreError>>;

    fn urgent() -> Batch {
        Batch::new(Scope::Platform)
    }

    #[test]
    fn a_batch_that_nobody_waits_for_is_not_run() {
        let lines = Lines::default();
        let (_, given_up) = join(&lines, urgent());
        let (_, _kept) = join(&lines, urgent());
        drop(given_up);
        assert_eq!(
            lines.take(Scope::Platform).map(|group| group.len()),
            Some(1)
        );
    }

    #[test]
    fn full_lines_refuse_and_bulk_batches_wait_in_their_own() {
        let (lines, mut answers) = (Lines::default(), Vec::new());
        let mut join = |batch: Batch| {
            let (joined, answer) = join(&lines, batch);
            answers.push(answer);
            joined
        };
        assert!(join(urgent()).unwrap(), "the first starts a runner");
        for batch in [urgent().bulk(), urgent(), urgent().bulk()] {
            assert!(!join(batch).unwrap());
        }
        for more in [urgent(), urgent().bulk()] {
            assert!(matches!(join(more), Err(StoreError::Busy(_))));
        }
        let mut runner = Runner::new(&lines, Scope::Platform);
        let mut next = || runner.next().map_or(0, |group| group.len());
        assert_eq!(next(), 2, "what is urgent");
        assert!(!join(urgent()).unwrap());
        assert_eq!(
            [next(), next(), next()],
            [1, 1, 1],
            "then a bulk batch at a time"
        );
        assert_eq!(next(), 0);
        assert!(join(urgent()).unwrap(), "and a runner again");
        drop(runner);
        assert!(
            !join(urgent()).unwrap(),
            "which the one before leaves alone"
        );
    }

    #[test]
    fn a_bulk_batch_has_its_turn_where_urgent_ones_never_end() {
        let (lines, mut answers) = (Lines::default(), Vec::new());
        let mut join = |batch: Batch| answers.push(join(&lines, batch).1);
        join(urgent().bulk());
        let mut groups = Vec::new();
        for _ in 0..2 * PASSED {
            join(urgent());
            let group = lines.take(Scope::Platform).unwrap();
            groups.push(group[0].0.bulk);
        }
        let turn = groups.iter().position(|bulk| *bulk);
        assert_eq!(turn, Some(usize::try_from(PASSED).unwrap()), "{groups:?}");
    }

    #[test]
    fn wide_batches_share_no_transaction() {
        let (lines, mut answers) = (Lines::default(), Vec::new());
        let mut join = |bytes: usize| {
            let key = Key::new(&COUNTER, vec![Value::Bytes(vec![0; bytes])]);
            answers.push(join(&lines, urgent().write(Write::Delete(key))).1);
        };
        let mut taken = |widths: [usize; 2]| {
            widths.into_iter().for_each(&mut join);
            let group = || lines.take(Scope::Platform).map_or(0, |group| group.len());
            [group(), group()]
        };
        assert_eq!(taken([BYTES / 2, BYTES / 2]), [2, 0]);
        assert_eq!(taken([BYTES / 2, BYTES / 2 + 1]), [1, 1]);
        assert_eq!(taken([2 * BYTES, 1]), [1, 1], "alone it may be wider");
    }

    #[test]
    fn a_runner_that_dies_lets_those_who_wait_try_again() {
        let lines = Lines::default();
        let (_, mut begun) = join(&lines, urgent());
        let mut runner = Runner::new(&lines, Scope::Platform);
        drop(runner.next());
        assert!(begun.try_recv().is_err(), "nobody knows");
        let (_, mut waits) = join(&lines, urgent());
        drop(runner);
        let told = waits.try_recv().unwrap();
        assert!(matches!(told, Err(StoreError::Busy(_))), "{told:?}");
        assert!(join(&lines, urgent()).0.unwrap(), "the line has no runner");
    }
}
