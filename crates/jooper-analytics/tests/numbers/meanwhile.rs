//! Counting while the engine goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{FinishReason, SkipReason, WorkspaceId};
use jooper_storage::tables::SEND;
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, MemoryStore, Page,
    Row, Scan, Scope, Storage, StoreError,
};

use crate::world::{Fate, World};

/// A store in which something is committed just before the ledger is scanned.
#[derive(Debug)]
struct Between {
    inner: MemoryStore,
    waiting: Mutex<Vec<Batch>>,
    /// Whether scans of the ledger miss every row, as one that moves in their order may be missed.
    blind: AtomicBool,
}

#[async_trait]
impl Storage for Between {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        let next = match scan.table.name == SEND.name {
            true => self.waiting.lock().unwrap().pop(),
            false => None,
        };
        if let Some(batch) = next {
            self.inner.commit(batch).await?;
        }
        if scan.table.name == SEND.name && self.blind.load(Ordering::SeqCst) {
            return Ok(Page::default());
        }
        self.inner.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.inner.claim(claim).await
    }

    async fn read_log(&self, ws: WorkspaceId, cursor: LogCursor) -> Result<LogPage, StoreError> {
        self.inner.read_log(ws, cursor).await
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

/// A world in which person 1 was sent the first of two mails.
async fn world() -> (Arc<Between>, World) {
    let store = Arc::new(Between {
        inner: MemoryStore::new(),
        waiting: Mutex::default(),
        blind: AtomicBool::new(false),
    });
    let world = World::over(store.clone()).await;
    world.enroll(1, 2).await;
    world.settle(1, 0, Fate::Sent, 0).await;
    (store, world)
}

async fn ending(world: &World) -> Batch {
    let mut batch = world.finish_batch(1, FinishReason::Replied).await;
    let fate = Fate::Skipped(SkipReason::Ended);
    batch = batch.put(&world.send_row(1, 1, fate));
    batch.log.extend(world.fact(1, 1, fate, 5));
    batch
}

#[tokio::test]
async fn an_enrollment_that_ends_between_two_reads_is_counted_once() {
    let (store, world) = world().await;
    let batch = ending(&world).await;
    store.waiting.lock().unwrap().push(batch);
    let balance = world
        .analytics
        .balance_from_rows(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(balance.balances(), "{balance:?}");
    assert_eq!(balance.steps[1].skipped[&SkipReason::Ended], 1);
}

#[tokio::test]
async fn somebody_enrolled_between_two_reads_belongs_to_neither_side() {
    let (store, world) = world().await;
    let (other, later) = self::world().await;
    later.enroll(2, 2).await;
    later.settle(2, 0, Fate::Sent, 1).await;
    drop(other);
    let mut batch = Batch::new(world.ws).insert(&later.read(2).await);
    batch = batch.put(&world.send_row(2, 0, Fate::Sent));
    store.waiting.lock().unwrap().push(batch);
    let balance = world
        .analytics
        .balance_from_rows(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(balance.balances(), "{balance:?}");
    assert_eq!(balance.steps[0].audience, 1);
}

#[tokio::test]
async fn rows_and_log_are_compared_at_one_place() {
    let (store, world) = world().await;
    let batch = ending(&world).await;
    store.waiting.lock().unwrap().push(batch);
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(
        checked.quiet && checked.agrees(),
        "{:?}",
        checked.differences()
    );
    assert_eq!(checked.place, 4);
}

#[tokio::test]
async fn a_log_that_never_stands_still_is_told() {
    let (store, world) = world().await;
    for day in 0..20 {
        let mut batch = Batch::new(world.ws);
        batch.log.extend(world.fact(1, 0, Fate::Sent, 100 + day));
        store.waiting.lock().unwrap().push(batch);
    }
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(!checked.quiet);
}

#[tokio::test]
async fn a_ledger_row_that_slips_past_the_scan_is_looked_up() {
    let (store, world) = world().await;
    world.store.commit(ending(&world).await).await.unwrap();
    store.blind.store(true, Ordering::SeqCst);
    let balance = world
        .analytics
        .balance_from_rows(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(balance.balances(), "{balance:?}");
    assert_eq!(balance.steps[0].sent, 1);
}
