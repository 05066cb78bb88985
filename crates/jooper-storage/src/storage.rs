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
/// What was under way may still end behind such a reading: a check in whatever is done instead, of a
/// version say, tells.
///
/// Each method says what it promises: what is atomic, whether it may be repeated, in which order
/// its answers come, how long answers continue, and its errors. Common to all of them:
/// [`StoreError::Invalid`] answers a call that breaks the contract (never retry: the call is
/// wrong), [`StoreError::Busy`] and [`StoreError::Unavailable`] a store that does not answer now
/// (nothing was changed; retry with backoff), [`StoreError::Corrupt`] and [`StoreError::Schema`]
/// data that does not read (never retry). [`StoreError::retry`] answers the class of any error.
#[async_trait]
pub trait Storage: Debug + Send + Sync + 'static {
    /// Commits a batch: all of it or nothing, durable when this returns `Ok`.
    ///
    /// - *Atomic*: no other batch comes between its checks and its writes, and no reader sees a
    ///   part of it.
    /// - *Idempotent*: no, except through its own checks, and through log entries: an entry whose
    ///   (time, id) is known is not appended again and adds nothing to rollups.
    /// - *Order*: batches that touch the same row are serialized; writes take effect in the order
    ///   given; log entries get ascending places in commit order. Other batches may overtake a
    ///   [bulk](Batch::bulk) one, and a bulk one is of at most [`Batch::MAX_BULK`] entries.
    /// - *Paging*: none.
    ///
    /// # Errors
    /// Nothing was changed, unless it says so:
    /// - [`StoreError::Conflict`] names the first check that did not hold: never retry the same
    ///   batch; read and decide again. [`StoreError::FenceLost`] a lost lane: never.
    /// - [`StoreError::Invalid`] as [`Batch::validate`] says: never.
    /// - [`StoreError::Busy`], [`StoreError::Unavailable`]: with backoff.
    ///   [`StoreError::Full`]: when there is space.
    /// - [`StoreError::Unknown`]: it may have been committed or not; read before deciding.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Reads rows by key; `None` where there is none.
    ///
    /// - *Atomic*: each row is one committed version; all of them are of one point in time when
    ///   [`Capabilities::snapshot_get`] says so. What this process committed before is always seen.
    /// - *Idempotent*: yes; it changes nothing.
    /// - *Order*: that of the keys; a key that is asked twice is answered twice.
    /// - *Paging*: none; ask for as many as the caller can hold.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when a key's table does not belong to the scope: never retry.
    /// [`StoreError::Busy`], [`StoreError::Unavailable`]: with backoff.
    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError>;

    /// Reads one page of a table.
    ///
    /// - *Atomic*: a page holds committed rows of one point in time; two pages may be of two.
    /// - *Idempotent*: yes; it changes nothing.
    /// - *Order*: the columns of the index, then of the key; `Null` first, texts and bytes by their
    ///   bytes.
    /// - *Paging*: at most [`Scan::limit`] rows; [`Page::next`] continues behind the last one. A
    ///   row that stays where it is in the order is on exactly one page, whoever writes meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] as [`Scan::order`] says: never retry.
    /// [`StoreError::Busy`], [`StoreError::Unavailable`]: with backoff, from the same position.
    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError>;

    /// Leases due rows to the caller: no row is held by two callers at once.
    ///
    /// - *Atomic*: each row is claimed wholly (lease, fence and version) or not at all.
    /// - *Idempotent*: no: a second claim gets other rows. One whose answer was lost costs nothing
    ///   but time: its rows come back when their lease ends, with a higher fence.
    /// - *Order*: longest due first.
    /// - *Paging*: at most [`Claim::limit`] rows, never more; claim again for the next ones.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the table is not claimable or the limit out of range: never
    /// retry. [`StoreError::Busy`], [`StoreError::Unavailable`]: with backoff; rows may be held
    /// until their lease ends. [`StoreError::Full`]: when there is space.
    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError>;

    /// Reads a workspace's log behind a cursor.
    ///
    /// - *Atomic*: a page holds committed facts; a batch's facts become visible together, so a page
    ///   ends inside of a batch only because of its limit.
    /// - *Idempotent*: yes; it changes nothing.
    /// - *Order*: places 1, 2, 3 ... without gaps, in the order of commits: a reader that has seen
    ///   place 7 never finds a new place 6.
    /// - *Paging*: at most [`LogCursor::limit`] records; [`LogPage::next`] continues. An empty page:
    ///   nothing new. Following it never misses and never repeats a record, also while others
    ///   append.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the limit is out of range: never retry.
    /// [`StoreError::Busy`], [`StoreError::Unavailable`]: with backoff, from the same cursor.
    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError>;

    /// Removes one subject's rows as each table declares ([`OnErase`](crate::OnErase)), its log
    /// payloads, and the bytes behind both.
    ///
    /// - *Atomic*: rows and payloads go together, or none of them; their bytes may follow later.
    /// - *Idempotent*: yes; what is gone is not counted again.
    /// - *Order*: behind every batch that was acknowledged before.
    /// - *Paging*: none.
    ///
    /// # Errors
    /// Any, of any class but [`StoreError::Conflict`] and [`StoreError::FenceLost`]; rows may be
    /// gone all the same. Call again until it returns `Ok` with other [bytes](Erased::bytes) than
    /// [`Bytes::Held`](crate::Bytes::Held).
    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError>;

    /// The store's own clock, by which leases end: one clock for all processes, never accelerated.
    ///
    /// *Order*: it never goes back. *Atomic*, *idempotent* and without pages: it only reads.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Unavailable`] when the store cannot be asked: retry with
    /// backoff.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// What this store promises beyond the minimum. The same for as long as the store is open; it
    /// asks nobody, so it cannot fail.
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
