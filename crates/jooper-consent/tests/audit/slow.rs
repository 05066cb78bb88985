//! A stop whose process stands still while a mail goes that it does not forbid.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{Acquired, Stops};
use jooper_core::{Clock, ManualClock, StopReason, StopSource, WorkspaceId};
use jooper_storage::tables::PERMIT;
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError, Write,
};

use crate::Audited;
use crate::clocks::told;
use crate::support::Passing;

/// A store in which a sender begins, ends and gives its permit back just before somebody looks for permits.
#[derive(Debug)]
struct Overtaken {
    inner: Arc<dyn Storage>,
    clock: Arc<ManualClock>,
    workspace: WorkspaceId,
    permit: Write,
    done: AtomicBool,
}

#[async_trait]
impl Storage for Overtaken {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        if scan.table == &PERMIT && !self.done.swap(true, Ordering::SeqCst) {
            self.clock.advance_millis(400);
            let back = Batch::new(self.workspace).write(self.permit.clone());
            self.inner.commit(back).await?;
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

#[tokio::test]
async fn a_mail_that_went_while_its_stop_stood_still_accuses_nobody() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let intent = world.intent(3);
    let acquired = world.gate.acquire(world.ws, &intent, world.batch());
    let Acquired::Permit(permit, _) = acquired.await.unwrap() else {
        panic!("refused");
    };
    let store = Arc::new(Overtaken {
        inner: world.store.clone(),
        clock: world.clock.clone(),
        workspace: world.ws,
        permit: jooper_consent::Gate::release_write(permit.give_up()),
        done: AtomicBool::new(false),
    });
    let asked = world.clock.now();
    let stops = Stops::new(
        store,
        world.witness.clone(),
        world.clock.clone(),
        world.lease.clone(),
        Arc::new(Passing(vec![world.clock.clone()])),
    );
    let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
    let stop = stops.stop(world.ws, world.person(3), reason, source);
    stop.await.unwrap();
    // It began while the process that stops stood still.
    let began = asked + jiff::SignedDuration::from_millis(20);
    told(&audited, began, Some(began)).await;
    audited.writer.seal(world.ws).await.unwrap();
    assert_eq!(audited.verify().await.findings, []);
}
