//! A store in memory: for tests, simulation and forecasts.
//!
//! It keeps every promise of [`Storage`] but durability. A commit takes effect at one point
//! between two suspension points, so a caller that is dropped ("crashes") before it has lost the
//! batch, and one that is dropped behind it has committed without hearing so: just what a process
//! kill does to a real store.

mod state;
mod witness;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Clock, SystemClock, WorkspaceId};

use crate::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError,
};
use state::State;

pub(crate) use state::scrubbed;

pub use witness::MemoryWitness;

/// A [`Storage`] in memory. Clones share their content.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
}

impl MemoryStore {
    /// An empty store whose leases end by the machine's clock.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store whose leases end by this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self {
            state: Arc::default(),
            clock,
        }
    }

    /// A copy of the content as it is now, as a backup or an overlay for a forecast.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let state = self.lock().clone();
        Self {
            state: Arc::new(Mutex::new(state)),
            clock: Arc::clone(&self.clock),
        }
    }

    /// Never poisoned in a harmful way: the state changes by whole values only.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Suspends once, so that a simulated crash can fall on either side of a commit.
struct Suspend(bool);

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

#[async_trait]
impl Storage for MemoryStore {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        Suspend(false).await;
        let result = self.lock().commit(&batch);
        Suspend(false).await;
        result
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        Suspend(false).await;
        self.lock().get(scope, keys)
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        Suspend(false).await;
        self.lock().scan(scope, &scan)
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        Suspend(false).await;
        let now = self.clock.now().as_millisecond();
        let result = self.lock().claim(&claim, now);
        Suspend(false).await;
        result
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        Suspend(false).await;
        self.lock().read_log(workspace, cursor)
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        Suspend(false).await;
        let result = self.lock().erase(erase);
        Suspend(false).await;
        Ok(result)
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.clock.now())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            durable: false,
            multi_process: false,
            serializable: true,
            snapshot_get: true,
        }
    }
}
