//! A store that writes down what is read and written.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::WorkspaceId;
use jooper_storage::{
    Batch, Capabilities, Check, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row,
    Scan, Scope, Storage, StoreError,
};

/// What one reserve read and wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape {
    pub(crate) keys: Vec<(Scope, Key)>,
    pub(crate) scans: Vec<(Scope, Scan)>,
    pub(crate) batch: Option<Batch>,
}

impl Tape {
    /// Rows and scans that the verdict is made of, the lane's fence, and the counters behind the
    /// writes. That rows are still as they were read is no read of its own: the floor reads inside
    /// its one transaction.
    pub(crate) fn reads(&self) -> usize {
        let counts = |check: &&Check| matches!(check, Check::AtMost(_, "count", _));
        let batch = self.batch.iter().flat_map(|batch| &batch.checks);
        self.keys.len() + self.scans.len() + 1 + batch.filter(counts).count()
    }

    /// Rows, log entries and the log's head.
    pub(crate) fn writes(&self) -> usize {
        let batch = self.batch.iter();
        batch
            .map(|batch| batch.writes.len() + batch.log.len() + 1)
            .sum()
    }
}

/// Hands everything on, and keeps one tape for each commit.
#[derive(Debug)]
pub(crate) struct Recorder<S> {
    inner: S,
    now: Mutex<Tape>,
    done: Mutex<Vec<Tape>>,
}

impl<S> Recorder<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self {
            inner,
            now: Mutex::default(),
            done: Mutex::default(),
        }
    }

    pub(crate) fn take(&self) -> Vec<Tape> {
        std::mem::take(&mut self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl<S: Storage> Storage for Recorder<S> {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut tape = std::mem::take(&mut *self.now.lock().unwrap());
        tape.batch = Some(batch.clone());
        self.done.lock().unwrap().push(tape);
        self.inner.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        let read = keys.iter().map(|key| (scope, key.clone()));
        self.now.lock().unwrap().keys.extend(read);
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.now.lock().unwrap().scans.push((scope, scan.clone()));
        self.inner.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.inner.claim(claim).await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.inner.read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.inner.erase(erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}
