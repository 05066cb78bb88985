//! A store that tells of every call: which, how long, how many rows, how it ended. Never whose.

#![deny(clippy::missing_trait_methods)]

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{LeaseClock, Retry, WorkspaceId};

use crate::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError,
};

/// A method of [`Storage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StoreMethod {
    /// [`Storage::commit`].
    Commit,
    /// [`Storage::get`].
    Get,
    /// [`Storage::scan`].
    Scan,
    /// [`Storage::claim`].
    Claim,
    /// [`Storage::read_log`].
    ReadLog,
    /// [`Storage::erase`].
    Erase,
    /// [`Storage::now`].
    Now,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// As asked.
    Done,
    /// A check did not hold, or a lease was lost: the caller's world had changed.
    Declined,
    /// The store failed; the caller may do this next.
    Failed(Retry),
}

/// One call, without anything that names a tenant or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObservedCall {
    /// Which method.
    pub method: StoreMethod,
    /// How long it took.
    pub took: Duration,
    /// Rows and facts that were written or read.
    pub rows: usize,
    /// How it ended.
    pub outcome: Outcome,
}

/// Hears of calls, for metrics. Must be quick: the caller waits.
pub trait StoreObserver: Debug + Send + Sync + 'static {
    /// A call has ended.
    fn ended(&self, call: ObservedCall);
}

/// A [`Storage`] that tells an observer of every call.
#[derive(Debug, Clone)]
pub struct ObservedStore<S> {
    store: S,
    clock: Arc<dyn LeaseClock>,
    observer: Arc<dyn StoreObserver>,
}

impl<S: Storage> ObservedStore<S> {
    /// Tells `observer` of every call of `store`; `clock` measures.
    pub const fn new(
        store: S,
        clock: Arc<dyn LeaseClock>,
        observer: Arc<dyn StoreObserver>,
    ) -> Self {
        Self {
            store,
            clock,
            observer,
        }
    }

    async fn observe<T>(
        &self,
        method: StoreMethod,
        call: impl Future<Output = Result<T, StoreError>> + Send,
        rows: impl FnOnce(&T) -> usize + Send,
    ) -> Result<T, StoreError> {
        let began = self.clock.now();
        let result = call.await;
        let (rows, outcome) = match &result {
            Ok(value) => (rows(value), Outcome::Done),
            Err(StoreError::Conflict { .. } | StoreError::FenceLost) => (0, Outcome::Declined),
            Err(error) => (0, Outcome::Failed(error.retry())),
        };
        self.observer.ended(ObservedCall {
            method,
            took: self.clock.now().since(began),
            rows,
            outcome,
        });
        result
    }
}

#[async_trait]
impl<S: Storage> Storage for ObservedStore<S> {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let size = batch.writes.len() + batch.log.len();
        self.observe(StoreMethod::Commit, self.store.commit(batch), move |()| {
            size
        })
        .await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        let found = |rows: &Vec<Option<Row>>| rows.iter().flatten().count();
        self.observe(StoreMethod::Get, self.store.get(scope, keys), found)
            .await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        let found = |page: &Page| page.rows.len();
        self.observe(StoreMethod::Scan, self.store.scan(scope, scan), found)
            .await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.observe(StoreMethod::Claim, self.store.claim(claim), Vec::len)
            .await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        let call = self.store.read_log(workspace, cursor);
        self.observe(StoreMethod::ReadLog, call, |page| page.records.len())
            .await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        let rows = |done: &Erased| {
            usize::try_from(done.deleted + done.scrubbed + done.payloads).unwrap_or(usize::MAX)
        };
        self.observe(StoreMethod::Erase, self.store.erase(erase), rows)
            .await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.observe(StoreMethod::Now, self.store.now(), |_| 0)
            .await
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use jooper_core::SystemLeaseClock;
    use uuid::Uuid;

    use super::*;
    use crate::tables::CounterRow;
    use crate::{MemoryStore, Record};

    #[derive(Debug, Default)]
    struct Calls(Mutex<Vec<ObservedCall>>);

    impl StoreObserver for Calls {
        fn ended(&self, call: ObservedCall) {
            self.0.lock().unwrap().push(call);
        }
    }

    #[tokio::test]
    async fn every_call_is_told_with_its_rows_and_its_end() {
        let calls = Arc::new(Calls::default());
        let clock = Arc::new(SystemLeaseClock::new());
        let store = ObservedStore::new(MemoryStore::new(), clock, Arc::clone(&calls) as _);
        let workspace = WorkspaceId::from_uuid(Uuid::nil());
        let row = CounterRow {
            key: vec![1],
            count: 1,
            expires_at: 1,
        };
        let insert = || Batch::new(workspace).insert(&row);
        store.commit(insert()).await.unwrap();
        store.commit(insert()).await.unwrap_err();
        store.get(workspace.into(), &[row.key()]).await.unwrap();
        store.get(Scope::Platform, &[row.key()]).await.unwrap_err();
        let told: Vec<_> = calls
            .0
            .lock()
            .unwrap()
            .iter()
            .map(|it| (it.method, it.rows, it.outcome))
            .collect();
        assert_eq!(
            told,
            [
                (StoreMethod::Commit, 1, Outcome::Done),
                (StoreMethod::Commit, 0, Outcome::Declined),
                (StoreMethod::Get, 1, Outcome::Done),
                (StoreMethod::Get, 0, Outcome::Failed(Retry::Never)),
            ]
        );
    }
}
