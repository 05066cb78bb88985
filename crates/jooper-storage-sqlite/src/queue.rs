//! What waits for a thread: reserve and settle before bulk work.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Two lines of waiting jobs. Full lines answer "busy" at once: memory stays flat.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    most: usize,
}

#[derive(Debug)]
struct State<T> {
    urgent: VecDeque<T>,
    bulk: VecDeque<T>,
    closed: bool,
    /// How many threads sleep that nobody has woken yet. Waking costs a system call, also where
    /// nobody sleeps.
    idle: usize,
}

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    /// A queue whose lines hold `most` jobs each.
    pub(crate) const fn new(most: usize) -> Self {
        Self {
            state: Mutex::new(State {
                urgent: VecDeque::new(),
                bulk: VecDeque::new(),
                closed: false,
                idle: 0,
            }),
            filled: Condvar::new(),
            most,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing between lock and unlock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, job: T, bulk: bool) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        let line = if bulk {
            &mut state.bulk
        } else {
            &mut state.urgent
        };
        if line.len() >= self.most {
            return Err(Refused::Full);
        }
        line.push_back(job);
        let wake = state.idle > 0;
        if wake {
            state.idle -= 1;
        }
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits for a job; `None` when the queue was closed and is empty.
    pub(crate) fn wait(&self) -> Option<T> {
        self.wait_until(|state| state.urgent.pop_front().or_else(|| state.bulk.pop_front()))
    }

    /// Waits until there is a job, which goes on waiting; `false` when the queue was closed and is
    /// empty. Only by whoever takes.
    pub(crate) fn wait_for_one(&self) -> bool {
        let there = |state: &mut State<T>| !(state.urgent.is_empty() && state.bulk.is_empty());
        self.wait_until(|state| there(state).then_some(()))
            .is_some()
    }

    fn wait_until<R>(&self, found: impl Fn(&mut State<T>) -> Option<R>) -> Option<R> {
        let mut state = self.lock();
        loop {
            if let Some(found) = found(&mut state) {
                return Some(found);
            }
            if state.closed {
                return None;
            }
            // One that wakes by itself is counted once more: somebody is then woken for nothing.
            state.idle += 1;
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes a job that waits already; a bulk job only when `room` is for it and nothing urgent
    /// waits.
    pub(crate) fn take(&self, room: impl FnOnce(&T) -> bool) -> Option<T> {
        let mut taken = VecDeque::new();
        self.take_into(&mut taken, 1, room);
        taken.pop_front()
    }

    /// Takes up to `most` urgent jobs that wait already, so that those who push meanwhile meet
    /// nobody at the lock; where none waits, a bulk job if `room` is for it.
    pub(crate) fn take_into(
        &self,
        taken: &mut VecDeque<T>,
        most: usize,
        room: impl FnOnce(&T) -> bool,
    ) {
        let mut state = self.lock();
        let count = state.urgent.len().min(most);
        taken.extend(state.urgent.drain(..count));
        if count == 0 && most > 0 && state.bulk.front().is_some_and(room) {
            taken.extend(state.bulk.pop_front());
        }
    }

    /// Whether something urgent waits.
    pub(crate) fn has_urgent(&self) -> bool {
        !self.lock().urgent.is_empty()
    }

    /// Whether bulk work waits.
    pub(crate) fn has_bulk(&self) -> bool {
        !self.lock().bulk.is_empty()
    }

    /// Gives a bulk job back that was taken: it is the next of its line. Only by whoever takes.
    pub(crate) fn give_back(&self, job: T) {
        self.lock().bulk.push_front(job);
    }

    /// Gives urgent jobs back that were taken: they are the next again, in their order. Only by
    /// whoever takes.
    pub(crate) fn give_back_urgent(&self, jobs: VecDeque<T>) {
        let mut state = self.lock();
        for job in jobs.into_iter().rev() {
            state.urgent.push_front(job);
        }
    }

    /// Takes no more jobs; those that wait are still done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgent_jobs_go_first_and_full_lines_refuse() {
        let queue = Queue::new(2);
        queue.push("import 1", true).unwrap();
        queue.push("import 2", true).unwrap();
        queue.push("reserve", false).unwrap();
        assert_eq!(queue.push("import 3", true), Err(Refused::Full));
        assert_eq!(queue.take(|_| false), Some("reserve"));
        assert_eq!(queue.take(|_| false), None);
        let mut taken = VecDeque::new();
        for late in ["settle 1", "settle 2"] {
            queue.push(late, false).unwrap();
        }
        queue.take_into(&mut taken, 0, |_| true);
        assert!(taken.is_empty());
        queue.take_into(&mut taken, 1, |_| true);
        assert_eq!(taken, ["settle 1"]);
        queue.take_into(&mut taken, 9, |_| true);
        assert_eq!(taken, ["settle 1", "settle 2"], "no bulk job behind them");
        queue.give_back_urgent(std::mem::take(&mut taken));
        queue.take_into(&mut taken, 9, |_| true);
        assert_eq!(taken, ["settle 1", "settle 2"], "in their order");
        assert_eq!(queue.take(|_| true), Some("import 1"));
        queue.close();
        assert_eq!(queue.push("late", false), Err(Refused::Closed));
        assert!(queue.wait_for_one() && queue.has_bulk());
        assert_eq!(queue.wait(), Some("import 2"));
        assert_eq!(queue.wait(), None);
        assert!(!queue.wait_for_one());
    }
}
