//! A small world for tests of rights: a store, its vault, stops, a witness, people with data.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]
#![allow(clippy::future_not_send, reason = "driven on one thread")]

pub(crate) mod grep;
pub(crate) mod person;
pub(crate) mod stubborn;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::Stops;
use jooper_core::{
    LeadId, LeaseClock, LeaseInstant, ManualClock, RequestId, Sleeper, WorkspaceId, to_millis,
};
use jooper_rights::{ErasureRequest, Rights, RightsSettings};
use jooper_storage::tables::InstallationRow;
use jooper_storage::{Batch, MemoryStore, MemoryWitness, Scope, Storage};
use jooper_vault::{Kms, MemoryKms, Vault};
use uuid::Uuid;

/// The store's clock as a lease clock.
#[derive(Debug)]
struct LeaseOf(Arc<ManualClock>);

impl LeaseClock for LeaseOf {
    fn now(&self) -> LeaseInstant {
        let millis = to_millis(jooper_core::Clock::now(&*self.0));
        LeaseInstant::from_elapsed(Duration::from_millis(millis.unsigned_abs()))
    }
}

/// Passes time by moving the clock.
#[derive(Debug)]
struct Passing(Arc<ManualClock>);

#[async_trait]
impl Sleeper for Passing {
    async fn sleep(&self, duration: Duration) {
        self.0
            .advance_millis(i64::try_from(duration.as_millis()).unwrap());
        tokio::task::yield_now().await;
    }
}

/// Everything that survives a crash, and a process over it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) witness: MemoryWitness,
    pub(crate) kms: Arc<dyn Kms>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) vault: Vault,
    pub(crate) rights: Rights,
    pub(crate) stops: Stops,
}

pub(crate) fn start() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

pub(crate) fn ws() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(1 << 64))
}

pub(crate) fn lead(n: u128) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn request(n: u128) -> ErasureRequest {
    ErasureRequest {
        id: RequestId::from_uuid(Uuid::from_u128(900 + n)),
        received_at: start(),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let store = MemoryStore::with_clock(clock.clone());
        let row = InstallationRow {
            mark: 1,
            id: 1,
            installation: Uuid::from_u128(1),
            epoch: 1,
            witness_position: 0,
        };
        let batch = Batch::new(Scope::Platform).put(&row);
        store.commit(batch).await.unwrap();
        let kms = Arc::new(MemoryKms::from_seed(1));
        Self::over(store, MemoryWitness::new(), kms, clock)
    }

    /// A new process over what survived.
    pub(crate) fn over(
        store: MemoryStore,
        witness: MemoryWitness,
        kms: Arc<dyn Kms>,
        clock: Arc<ManualClock>,
    ) -> Self {
        let storage: Arc<dyn Storage> = Arc::new(store.clone());
        Self::through(storage, store, witness, kms, clock)
    }

    /// A new process that reaches what survived through a storage of the test's choice.
    pub(crate) fn through(
        storage: Arc<dyn Storage>,
        store: MemoryStore,
        witness: MemoryWitness,
        kms: Arc<dyn Kms>,
        clock: Arc<ManualClock>,
    ) -> Self {
        let vault = Vault::new(Arc::clone(&storage), Arc::clone(&kms));
        let stops = Stops::new(
            Arc::clone(&storage),
            Arc::new(witness.clone()),
            clock.clone(),
            Arc::new(LeaseOf(clock.clone())),
            Arc::new(Passing(clock.clone())),
        );
        let rights = Rights::new(
            storage,
            vault.clone(),
            stops.clone(),
            Arc::new(witness.clone()),
            clock.clone(),
            RightsSettings::default(),
        );
        Self {
            store,
            witness,
            kms,
            clock,
            vault,
            rights,
            stops,
        }
    }

    pub(crate) fn restarted(&self) -> Self {
        Self::over(
            self.store.clone(),
            self.witness.clone(),
            Arc::clone(&self.kms),
            Arc::clone(&self.clock),
        )
    }

    pub(crate) async fn commit(&self, batch: Batch) {
        self.store.commit(batch).await.unwrap();
    }
}

/// Polls a future at most so many times, then drops it, as a process that dies there.
pub(crate) fn crash_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}
