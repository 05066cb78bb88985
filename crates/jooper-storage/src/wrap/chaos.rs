//! A store that fails on purpose, the same way for the same seed.

#![deny(clippy::missing_trait_methods)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::WorkspaceId;

use crate::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError,
};

/// How often what goes wrong, in calls of a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Faults {
    /// A call is refused as busy; nothing happened.
    pub busy: u16,
    /// The store is unreachable; nothing happened.
    pub unavailable: u16,
    /// A write is done, and its answer is lost: [`StoreError::Unknown`] of a commit,
    /// [`StoreError::Unavailable`] of a claim or an erasure.
    pub unheard: u16,
}

impl Faults {
    /// None.
    pub const NONE: Self = Self {
        busy: 0,
        unavailable: 0,
        unheard: 0,
    };

    /// How often a call is refused as busy.
    #[must_use]
    pub const fn busy(mut self, per_mille: u16) -> Self {
        self.busy = per_mille;
        self
    }

    /// How often the store is unreachable.
    #[must_use]
    pub const fn unavailable(mut self, per_mille: u16) -> Self {
        self.unavailable = per_mille;
        self
    }

    /// How often a write's answer is lost.
    #[must_use]
    pub const fn unheard(mut self, per_mille: u16) -> Self {
        self.unheard = per_mille;
        self
    }
}

/// A [`Storage`] whose calls fail by a seed: the nth call of two runs fails the same way.
#[derive(Debug, Clone)]
pub struct ChaosStore<S> {
    store: S,
    seed: u64,
    faults: Faults,
    calls: Arc<AtomicU64>,
}

impl<S: Storage> ChaosStore<S> {
    /// Lets calls of `store` fail as `faults` says.
    pub fn new(store: S, seed: u64, faults: Faults) -> Self {
        Self {
            store,
            seed,
            faults,
            calls: Arc::default(),
        }
    }

    /// The store inside, which does not fail.
    pub const fn inner(&self) -> &S {
        &self.store
    }

    /// Fails before the call, or says whether the answer of a write is to be lost.
    fn meet(&self) -> Result<bool, StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let roll = u16::try_from(mixed(self.seed, call) % 1000).unwrap_or_default();
        let Faults {
            busy,
            unavailable,
            unheard,
        } = self.faults;
        let down = busy.saturating_add(unavailable);
        match roll {
            roll if roll < busy => Err(StoreError::Busy(None)),
            roll if roll < down => Err(StoreError::Unavailable(None)),
            roll => Ok(roll < down.saturating_add(unheard)),
        }
    }
}

/// One number for a pair (splitmix64's finalizer): keyed, never a stream.
const fn mixed(seed: u64, call: u64) -> u64 {
    let mut z = seed ^ call.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[async_trait]
impl<S: Storage> Storage for ChaosStore<S> {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let unheard = self.meet()?;
        let result = self.store.commit(batch).await;
        if unheard && result.is_ok() {
            return Err(StoreError::Unknown(None));
        }
        result
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.meet()?;
        self.store.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.meet()?;
        self.store.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        let unheard = self.meet()?;
        let result = self.store.claim(claim).await;
        if unheard && result.is_ok() {
            return Err(StoreError::Unavailable(None));
        }
        result
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.meet()?;
        self.store.read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        let unheard = self.meet()?;
        let result = self.store.erase(erase).await;
        if unheard && result.is_ok() {
            return Err(StoreError::Unavailable(None));
        }
        result
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.meet()?;
        self.store.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::tables::CounterRow;
    use crate::{MemoryStore, Record};

    #[tokio::test]
    async fn refused_writes_did_nothing_unheard_ones_did_and_the_seed_decides() {
        let workspace = WorkspaceId::from_uuid(Uuid::nil());
        let faults = Faults::NONE.busy(200).unavailable(200).unheard(200);
        let mut runs = Vec::new();
        for seed in [1, 1, 2] {
            let store = ChaosStore::new(MemoryStore::new(), seed, faults);
            let mut told = [0_u32; 4];
            let mut run = Vec::new();
            for n in 0..200 {
                let row = CounterRow {
                    key: vec![n],
                    count: 1,
                    expires_at: 1,
                };
                let result = store.commit(Batch::new(workspace).insert(&row)).await;
                let there = store
                    .inner()
                    .get(workspace.into(), &[row.key()])
                    .await
                    .unwrap();
                let (kind, expected) = match result {
                    Ok(()) => (0, true),
                    Err(StoreError::Busy(_)) => (1, false),
                    Err(StoreError::Unavailable(_)) => (2, false),
                    Err(StoreError::Unknown(_)) => (3, true),
                    Err(error) => panic!("{error}"),
                };
                assert_eq!(there[0].is_some(), expected);
                told[kind] += 1;
                run.push(kind);
            }
            assert!(told.iter().all(|count| *count > 15), "{told:?}");
            runs.push(run);
        }
        assert_eq!(runs[0], runs[1]);
        assert_ne!(runs[0], runs[2]);
    }
}
