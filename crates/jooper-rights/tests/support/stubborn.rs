//! A store with a long reader, and a writer that is late by a moment.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::WorkspaceId;
use jooper_storage::{
    Batch, Bytes, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage,
    MemoryStore, Page, Row, Scan, Scope, Storage, StoreError,
};

/// Keeps old pages for some calls of `erase`, and lets a batch slip in behind the first.
#[derive(Debug)]
pub(crate) struct Stubborn {
    pub(crate) inner: MemoryStore,
    pub(crate) held: AtomicUsize,
    pub(crate) late: std::sync::Mutex<Option<Batch>>,
}

#[async_trait]
impl Storage for Stubborn {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.inner.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.inner.claim(claim).await
    }

    async fn read_log(&self, ws: WorkspaceId, cursor: LogCursor) -> Result<LogPage, StoreError> {
        self.inner.read_log(ws, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        let done = self.inner.erase(erase).await?;
        let late = self.late.lock().unwrap().take();
        if let Some(batch) = late {
            self.inner.commit(batch).await?;
        }
        let held = self.held.load(Ordering::SeqCst);
        self.held.store(held.saturating_sub(1), Ordering::SeqCst);
        Ok(Erased {
            bytes: if held == 0 { Bytes::Gone } else { Bytes::Held },
            ..done
        })
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}
