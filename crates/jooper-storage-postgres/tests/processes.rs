//! The suite through several stores over one schema, which is what several processes are: what one
//! process keeps in order by itself, the database must keep in order between them.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::WorkspaceId;
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError,
};
use jooper_storage_postgres::PostgresStorage;

mod common;

/// Gives each call to the next of three stores.
#[derive(Debug)]
struct Processes(Vec<PostgresStorage>, AtomicUsize);

impl Processes {
    fn next(&self) -> &PostgresStorage {
        let call = self.1.fetch_add(1, Ordering::Relaxed);
        &self.0[call % self.0.len()]
    }
}

#[async_trait]
impl Storage for Processes {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.next().commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.next().get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.next().scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.next().claim(claim).await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.next().read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.next().erase(erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.next().now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.next().capabilities()
    }
}

jooper_conformance::storage_suite!(several_processes, || async {
    let (schema, first) = common::fresh().await;
    let mut stores = vec![first];
    for _ in 0..2 {
        stores.push(schema.options().connections(4).open().await.unwrap());
    }
    (schema, Processes(stores, AtomicUsize::new(0)))
});
