//! Batches of one workspace that wait at the same time share a transaction.
//!
//! Whoever finds the workspace free takes all that waits and runs it; the others find their answer
//! there when it is their turn. What runs is a task of its own, so a caller who gives up does not
//! take the others' answers along.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use jooper_storage::{Batch, Scope, StoreError};
use tokio::sync::oneshot;

use crate::error::Failure;

/// How many batches, and how many writes and facts, share a transaction at most.
const BATCHES: usize = 128;
const WRITES: usize = 5_000;

/// A batch that waits, and where its answer goes.
pub(crate) type Waiting = (Batch, oneshot::Sender<Result<(), StoreError>>);

/// What waits for one workspace.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiting: Mutex<(VecDeque<Waiting>, VecDeque<Waiting>)>,
    /// Held by whoever runs a group.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

impl Line {
    /// Lets a batch wait; a full line refuses, so that memory stays flat.
    fn push(&self, waiting: Waiting, most: usize) -> Result<(), StoreError> {
        let mut lines = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let line = if waiting.0.bulk {
            &mut lines.1
        } else {
            &mut lines.0
        };
        if line.len() >= most {
            let said = Failure::said("too many batches wait for this workspace");
            return Err(StoreError::Busy(Some(said.into())));
        }
        line.push_back(waiting);
        Ok(())
    }

    /// Takes the next group: what is urgent, or else one bulk batch. A batch whose caller gave up
    /// while it waited is dropped: it must not overtake what the caller did instead.
    pub(crate) fn take(&self) -> Vec<Waiting> {
        let mut lines = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        lines.0.retain(|(_, answer)| !answer.is_closed());
        lines.1.retain(|(_, answer)| !answer.is_closed());
        let (mut group, mut size) = (Vec::new(), 0);
        while group.len() < BATCHES
            && let Some((batch, _)) = lines.0.front()
        {
            size += batch.writes.len() + batch.log.len();
            if size > WRITES && !group.is_empty() {
                break;
            }
            group.extend(lines.0.pop_front());
        }
        if group.is_empty() {
            group.extend(lines.1.pop_front());
        }
        group
    }
}

/// The lines of all workspaces that somebody waits for.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<BTreeMap<Scope, Arc<Line>>>);

impl Lines {
    /// Puts a batch into its line, where at most `most` of a kind wait.
    pub(crate) fn join(&self, waiting: Waiting, most: usize) -> Result<Arc<Line>, StoreError> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A line that refuses holds others, who remove it when they leave.
        let line = Arc::clone(lines.entry(waiting.0.scope).or_default());
        line.push(waiting, most)?;
        Ok(line)
    }

    /// Forgets a line that nobody holds any more.
    pub(crate) fn leave(&self, scope: Scope, line: Arc<Line>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(line);
        if lines
            .get(&scope)
            .is_some_and(|line| Arc::strong_count(line) == 1)
        {
            lines.remove(&scope);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_nobody_waits_for_is_not_run() {
        let (line, kept) = (Line::default(), oneshot::channel());
        let (given_up, _) = oneshot::channel();
        line.push((Batch::new(Scope::Platform), given_up), 2)
            .unwrap();
        line.push((Batch::new(Scope::Platform), kept.0), 2).unwrap();
        assert_eq!(line.take().len(), 1);
    }

    #[test]
    fn full_lines_refuse_and_bulk_batches_wait_in_their_own() {
        let (lines, mut answers) = (Lines::default(), Vec::new());
        let mut join = |batch: Batch| {
            let (to, answer) = oneshot::channel();
            answers.push(answer);
            lines.join((batch, to), 2)
        };
        let urgent = || Batch::new(Scope::Platform);
        for _ in 0..2 {
            join(urgent()).unwrap();
            join(urgent().bulk()).unwrap();
        }
        for more in [urgent(), urgent().bulk()] {
            assert!(matches!(join(more), Err(StoreError::Busy(_))));
        }
        let line = Arc::clone(&lines.0.lock().unwrap()[&Scope::Platform]);
        assert_eq!(line.take().len(), 2, "what is urgent");
        let line = join(urgent()).unwrap();
        assert_eq!(line.take().len(), 1);
        assert_eq!(line.take().len(), 1, "one bulk batch");
    }
}
