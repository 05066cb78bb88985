//! The waist itself.

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::WorkspaceId;

use crate::StoreError;
use crate::batch::Batch;
use crate::claim::{Claim, Claimed};
use crate::erase::{Erase, Erased};
use crate::log::{LogCursor, LogPage};
use crate::scan::{Page, Row, Scan, Scope};
use crate::table::Key;

/// A place that keeps rows and a log: the eight methods that a plugin author writes.
///
/// Shared by reference among tasks; every method may be called concurrently. Dropping a returned
/// future may or may not have taken effect, as with a lost connection: readers find out by reading.
#[async_trait]
pub trait Storage: Debug + Send + Sync + 'static {
    /// Commits a batch: all of it or nothing, durable when this returns `Ok`.
    ///
    /// *Atomic*: no other batch comes between its checks and its writes. *Not idempotent*, except
    /// through its own checks and through log identities. *Order*: batches that touch the same row
    /// are serialized; log entries get ascending places in commit order.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] names the first check that did not hold, [`StoreError::FenceLost`]
    /// a lost lane; nothing was changed then. [`StoreError::Unknown`]: read before deciding.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Reads rows by key, in the order asked; `None` where there is none.
    ///
    /// Reads committed data; what this process committed before is always seen. All keys are read
    /// at one point in time when [`Capabilities::snapshot_get`] says so.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when a key's table does not belong to the scope.
    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError>;

    /// Reads one page of a table in order.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] as [`Scan::order`] says.
    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError>;

    /// Leases due rows to the caller: no row is held by two callers at once.
    ///
    /// Never returns more than the limit. Longest due first.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the table is not claimable.
    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError>;

    /// Reads a workspace's log behind a cursor: never misses and never repeats a record, also
    /// while others append.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the limit is out of range.
    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError>;

    /// Removes one subject's rows as each table declares ([`OnErase`](crate::OnErase)), its log
    /// payloads, and the bytes behind both. Idempotent.
    ///
    /// # Errors
    /// Any; call again until it returns `Ok` with other [bytes](Erased::bytes) than
    /// [`Bytes::Held`](crate::Bytes::Held).
    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError>;

    /// The store's own clock, by which leases end: one clock for all processes, never accelerated.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store cannot be asked.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// What this store promises beyond the minimum.
    fn capabilities(&self) -> Capabilities;
}

/// What a store promises beyond the minimum. Read by suites and by the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Capabilities {
    /// Committed data survives the process.
    pub durable: bool,
    /// Several processes may use the store at once.
    pub multi_process: bool,
    /// Batches are serializable as a whole: reads of one batch see no later commit of another.
    pub serializable: bool,
    /// A `get` of several keys reads one point in time.
    pub snapshot_get: bool,
}

const _OBJECT_SAFE: Option<&dyn Storage> = None;

macro_rules! forward {
    ($($outer:ty),*) => {$(
        #[async_trait]
        impl<S: Storage + ?Sized> Storage for $outer {
            async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
                (**self).commit(batch).await
            }

            async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
                (**self).get(scope, keys).await
            }

            async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
                (**self).scan(scope, scan).await
            }

            async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
                (**self).claim(claim).await
            }

            async fn read_log(
                &self,
                workspace: WorkspaceId,
                cursor: LogCursor,
            ) -> Result<LogPage, StoreError> {
                (**self).read_log(workspace, cursor).await
            }

            async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
                (**self).erase(erase).await
            }

            async fn now(&self) -> Result<Timestamp, StoreError> {
                (**self).now().await
            }

            fn capabilities(&self) -> Capabilities {
                (**self).capabilities()
            }
        }
    )*};
}
forward!(Box<S>, std::sync::Arc<S>);
