//! A single-threaded executor that runs futures in whatever order it is told, and drops them.
//!
//! Dropping a worker's future at a suspension point is a crash of its process there: stores and
//! provider keep what took effect, everything else is gone.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Whose future it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A worker process.
    Worker(usize),
    /// An errand of the office or of a recipient.
    Errand,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Task {
    owner: Owner,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    flag: Arc<Flag>,
    frozen_until: u64,
}

/// Futures and whether they can go on.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: BTreeMap<u64, Task>,
    spawned: u64,
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Executor({} tasks)", self.tasks.len())
    }
}

impl Executor {
    pub(crate) fn spawn(
        &mut self,
        owner: Owner,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> u64 {
        self.spawned += 1;
        let task = Task {
            owner,
            future: Box::pin(future),
            flag: Arc::new(Flag(AtomicBool::new(true))),
            frozen_until: 0,
        };
        self.tasks.insert(self.spawned, task);
        self.spawned
    }

    /// The tasks that can go on at this time of the lease clock.
    pub(crate) fn ready(&self, now: u64, into: &mut Vec<u64>) {
        into.clear();
        let able = self
            .tasks
            .iter()
            .filter(|(_, task)| task.frozen_until <= now && task.flag.0.load(Ordering::SeqCst));
        into.extend(able.map(|(id, _)| *id));
    }

    /// When the next frozen task thaws.
    pub(crate) fn next_thaw(&self, now: u64) -> Option<u64> {
        let frozen = self.tasks.values().map(|task| task.frozen_until);
        frozen.filter(|until| *until > now).min()
    }

    /// Runs a task to its next suspension point; returns whether it ended.
    pub(crate) fn poll(&mut self, id: u64) -> bool {
        let Some(task) = self.tasks.get_mut(&id) else {
            return true;
        };
        task.flag.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&task.flag));
        let mut context = Context::from_waker(&waker);
        match task.future.as_mut().poll(&mut context) {
            Poll::Ready(()) => {
                self.tasks.remove(&id);
                true
            }
            Poll::Pending => false,
        }
    }

    /// Lets a task stand still until this time of the lease clock.
    pub(crate) fn freeze(&mut self, id: u64, until: u64) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.frozen_until = until;
        }
    }

    /// Drops a task where it stands.
    pub(crate) fn drop_task(&mut self, id: u64) {
        self.tasks.remove(&id);
    }

    pub(crate) fn owner(&self, id: u64) -> Option<Owner> {
        self.tasks.get(&id).map(|task| task.owner)
    }
}

/// A future that suspended more often than anything finite does without others running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a future that should need nobody else did not end")]
pub(crate) struct Stuck;

/// Runs a future to its end while nothing else runs. For what waits for no clock and nobody.
pub(crate) fn complete<T>(future: impl Future<Output = T>) -> Result<T, Stuck> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..10_000_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Ok(value);
        }
    }
    Err(Stuck)
}

/// Suspends once, so that a crash can fall here.
pub(crate) struct Suspend(bool);

impl Suspend {
    pub(crate) const fn once() -> Self {
        Self(false)
    }
}

impl Future for Suspend {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
