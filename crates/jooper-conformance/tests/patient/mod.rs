//! A caller who does what every error asks for: tries again where nothing happened, and reads
//! before deciding where nobody knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Code, KeyedIndex, Retry, StopReason, WorkspaceId, from_millis};
use jooper_storage::tables::{DO_NOT_CONTACT, DoNotContactRow, SETTING, SettingRow};
use jooper_storage::{
    Batch, Capabilities, ChaosStore, Claim, Claimed, Column, Erase, Erased, Faults, Key, LogCursor,
    LogPage, MemoryStore, Page, Record, Row, Scan, Scope, Storage, StoreError, Write,
};

/// A store in memory whose calls fail in three of ten, and the patience that hides it.
///
/// A commit may go unheard; each carries a row of its own, its receipt, by which the caller finds
/// out. A claim or an erasure that went unheard cannot be hidden (its rows are held, its counts are
/// lost), so those only fail before they happen.
#[derive(Debug)]
pub(crate) struct Patient {
    commits: ChaosStore<Arc<MemoryStore>>,
    others: ChaosStore<Arc<MemoryStore>>,
    receipts: AtomicU64,
    pub(crate) failed: Arc<AtomicU64>,
}

/// Calls until the error asks for anything else than patience.
macro_rules! again {
    ($patient:ident, $call:expr) => {
        loop {
            match $call.await {
                Err(error) if error.retry() == Retry::Backoff => {
                    $patient.failed.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
                other => break other,
            }
        }
    };
}

impl Patient {
    pub(crate) fn new(seed: u64) -> Self {
        let store = Arc::new(MemoryStore::new());
        let before = Faults::NONE.busy(150).unavailable(150);
        Self {
            commits: ChaosStore::new(Arc::clone(&store), seed, before.unheard(150)),
            others: ChaosStore::new(store, seed + 1, before),
            receipts: AtomicU64::new(0),
            failed: Arc::default(),
        }
    }

    /// The write that tells a commit from all others.
    fn receipt(&self, scope: Scope) -> Write {
        let number = self.receipts.fetch_add(1, Ordering::Relaxed);
        match scope {
            Scope::Workspace(_) => {
                let row = SettingRow {
                    name: format!("receipt {number}"),
                    number: 0,
                    value: None,
                };
                Write::Put(row.key(), row.to_values())
            }
            Scope::Platform => {
                let mut bytes = [0xee; 32];
                bytes[..8].copy_from_slice(&number.to_be_bytes());
                let row = DoNotContactRow {
                    index: KeyedIndex::from_bytes(bytes),
                    reason: StopReason::all()[0],
                    since: from_millis(0),
                };
                Write::Put(row.key(), row.to_values())
            }
        }
    }
}

#[async_trait]
impl Storage for Patient {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let scope = batch.scope;
        let receipt = self.receipt(scope);
        let key = receipt.key().clone();
        // The size of what the caller sent is judged, not that of the receipt.
        batch.validate()?;
        let mut carried = batch.clone().write(receipt);
        carried.bulk = false;
        let result = loop {
            match again!(self, self.commits.commit(carried.clone())) {
                Err(error) if error.retry() == Retry::Unknown => {
                    self.failed.fetch_add(1, Ordering::Relaxed);
                    let keys = [key.clone()];
                    let found = again!(self, self.others.get(scope, &keys))?;
                    if found[0].is_some() {
                        break Ok(());
                    }
                }
                other => break other,
            }
        };
        if result.is_ok() {
            let gone = Batch::new(scope).write(Write::Delete(key));
            again!(self, self.others.commit(gone.clone()))?;
        }
        result
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        again!(self, self.others.get(scope, keys))
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        again!(self, self.others.scan(scope, scan.clone()))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        again!(self, self.others.claim(claim.clone()))
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        again!(self, self.others.read_log(workspace, cursor))
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        again!(self, self.others.erase(erase))
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        again!(self, self.others.now())
    }

    fn capabilities(&self) -> Capabilities {
        self.others.capabilities()
    }
}

/// Its patience is needed: calls do fail, and commits do go unheard.
#[tokio::test]
async fn calls_fail_and_commits_go_unheard() {
    let store = Patient::new(1);
    let scope = Scope::Workspace(WorkspaceId::from_uuid(uuid::Uuid::from_u128(1)));
    for n in 0..100 {
        let row = SettingRow {
            name: n.to_string(),
            number: n,
            value: None,
        };
        store.commit(Batch::new(scope).insert(&row)).await.unwrap();
    }
    assert!(store.failed.load(Ordering::Relaxed) > 50);
    let page = store.scan(scope, Scan::table(&SETTING)).await.unwrap();
    assert_eq!(page.rows.len(), 100, "no receipt stays");
    let keys = [Key::new(&SETTING, vec!["7".to_owned().to_value()])];
    assert!(store.get(scope, &keys).await.unwrap()[0].is_some());
    let platform = Scan::table(&DO_NOT_CONTACT);
    assert!(
        store
            .scan(Scope::Platform, platform)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}
