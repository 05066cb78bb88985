//! A workspace over a store that can fail and lets others in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{StopScope, Stops};
use jooper_core::{
    EmailAddress, LeaseClock, LeaseInstant, ManualClock, SeededIds, Sleeper, StopReason,
    StopSource, WorkspaceId,
};
use jooper_leads::{ImportError, ImportReport, LeadPage, LeadSummary, Leads, Mapping};
use jooper_storage::tables::LEAD_ADDRESS;
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, MemoryStore,
    MemoryWitness, Page, Row, Scan, Scope, Storage, StoreError,
};
use jooper_vault::{MemoryKms, Vault};
use uuid::Uuid;

/// A memory store behind which every call yields, and whose commits fail after so many.
#[derive(Debug)]
pub(crate) struct Bumpy {
    inner: MemoryStore,
    commits_left: AtomicI64,
    pub(crate) conflicts: AtomicI64,
    /// How often known addresses were looked up.
    pub(crate) lookups: AtomicI64,
}

#[async_trait]
impl Storage for Bumpy {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        if batch.bulk && self.commits_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(StoreError::Full(None));
        }
        let done = self.inner.commit(batch).await;
        if done.as_ref().is_err_and(StoreError::is_conflict) {
            self.conflicts.fetch_add(1, Ordering::SeqCst);
        }
        done
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        tokio::task::yield_now().await;
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        tokio::task::yield_now().await;
        if scan.table.name == LEAD_ADDRESS.name {
            self.lookups.fetch_add(1, Ordering::SeqCst);
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

/// The store's clock: passes only while somebody sleeps.
#[derive(Debug)]
struct Passing(Arc<ManualClock>);

impl LeaseClock for Passing {
    fn now(&self) -> LeaseInstant {
        LeaseInstant::from_elapsed(Duration::ZERO)
    }
}

#[async_trait]
impl Sleeper for Passing {
    async fn sleep(&self, duration: Duration) {
        self.0
            .advance_millis(i64::try_from(duration.as_millis()).unwrap());
        tokio::task::yield_now().await;
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: Arc<Bumpy>,
    pub(crate) vault: Vault,
    pub(crate) leads: Leads,
    pub(crate) stops: Stops,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ws: WorkspaceId,
}

pub(crate) fn start() -> Timestamp {
    "2026-11-23T09:05:00Z".parse().unwrap()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        Self::that_commits(i64::MAX)
    }

    /// A world whose imports may commit so many batches.
    pub(crate) fn that_commits(batches: i64) -> Self {
        let passing = Arc::new(ManualClock::new(start()));
        let store = Arc::new(Bumpy {
            inner: MemoryStore::with_clock(passing.clone()),
            commits_left: AtomicI64::new(batches),
            conflicts: AtomicI64::new(0),
            lookups: AtomicI64::new(0),
        });
        let vault = Vault::new(store.clone(), Arc::new(MemoryKms::from_seed(7)));
        let clock = Arc::new(ManualClock::new(start()));
        let ids = Arc::new(SeededIds::new(1));
        Self {
            leads: Leads::new(store.clone(), vault.clone(), clock.clone(), ids),
            stops: Stops::new(
                store.clone(),
                Arc::new(MemoryWitness::new()),
                clock.clone(),
                Arc::new(Passing(passing.clone())),
                Arc::new(Passing(passing)),
            ),
            store,
            vault,
            clock,
            ws: WorkspaceId::from_uuid(Uuid::from_u128(5 << 64)),
        }
    }

    pub(crate) async fn try_import(&self, file: &[u8]) -> Result<ImportReport, ImportError> {
        self.leads
            .import_csv(self.ws, file, &Mapping::guess(), "fair.csv")
            .await
    }

    pub(crate) async fn import(&self, file: &str) -> ImportReport {
        let report = self.try_import(file.as_bytes()).await.unwrap();
        assert_eq!(report.accounted(), report.rows, "every row is counted once");
        report
    }

    pub(crate) async fn all(&self) -> Vec<LeadSummary> {
        let (mut all, mut page) = (Vec::new(), LeadPage::first(7));
        loop {
            let list = self.leads.list(self.ws, page).await.unwrap();
            all.extend(list.leads);
            match list.next {
                Some(next) => page = LeadPage::after(next, 7),
                None => return all,
            }
        }
    }

    pub(crate) async fn emails(&self) -> Vec<String> {
        let mut emails: Vec<_> = self
            .all()
            .await
            .into_iter()
            .map(|lead| lead.email)
            .collect();
        emails.sort();
        emails
    }

    pub(crate) async fn stop_person(&self, email: &str, reason: StopReason) {
        let vault = self.vault.workspace(self.ws).await.unwrap();
        let email = address(email);
        let scope = StopScope::person(vault.contact_index(&email), vault.variant_indexes(&email));
        self.stops
            .stop(self.ws, scope, reason, StopSource::Person)
            .await
            .unwrap();
    }

    /// Every row of a table of the workspace, as stored.
    pub(crate) async fn rows(&self, table: &'static jooper_storage::TableDef) -> Vec<Row> {
        let page = self
            .store
            .scan(self.ws.into(), Scan::table(table))
            .await
            .unwrap();
        assert!(page.next.is_none());
        page.rows
    }
}
