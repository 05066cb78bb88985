//! A workspace with a lead, and the door that its links lead to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::Timestamp;
use jooper_consent::Stops;
use jooper_core::{
    CampaignId, Clock, EmailAddress, EnrollmentId, LeadId, LeaseClock, LeaseInstant, ManualClock,
    SendKey, Sleeper, StepIndex, WorkspaceId,
};
use jooper_storage::tables::{DO_NOT_CONTACT, SUPPRESSION};
use jooper_storage::{
    Batch, LogCursor, LogRecord, MemoryStore, MemoryWitness, Scan, Scope, Storage, TableDef,
    Witness, WitnessEntry, WitnessError, WitnessRecord,
};
use jooper_tracking::Tracking;
use jooper_vault::{MemoryKms, Vault};
use url::Url;
use uuid::Uuid;

/// The store's clock: passes while somebody sleeps.
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

/// A witness that can fail.
#[derive(Debug, Default)]
pub(crate) struct Fragile {
    inner: MemoryWitness,
    pub(crate) broken: AtomicBool,
}

#[async_trait]
impl Witness for Fragile {
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(WitnessError::Unavailable("gone".into()));
        }
        self.inner.append(at, entries).await
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        self.inner.read(after, limit).await
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        self.inner.position().await
    }
}

pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) vault: Vault,
    pub(crate) witness: Arc<Fragile>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tracking: Tracking,
    pub(crate) stops: Stops,
    pub(crate) ws: WorkspaceId,
    pub(crate) lead: LeadId,
}

pub(crate) const EMAIL: &str = "a.da+fair@gmail.com";
pub(crate) const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

pub(crate) fn address() -> EmailAddress {
    EmailAddress::parse(EMAIL).unwrap()
}

pub(crate) fn key(step: u16) -> SendKey {
    SendKey::Step {
        enrollment: EnrollmentId::from_uuid(Uuid::from_u128(11)),
        step: StepIndex(step),
    }
}

pub(crate) fn campaign() -> CampaignId {
    CampaignId::from_uuid(Uuid::from_u128(12))
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(ManualClock::new("2026-11-23T09:00:00Z".parse().unwrap()));
        let store = MemoryStore::with_clock(clock.clone());
        let shared: Arc<dyn Storage> = Arc::new(store.clone());
        let vault = Vault::new(shared.clone(), Arc::new(MemoryKms::from_seed(7)));
        let witness = Arc::new(Fragile::default());
        let stops = Stops::new(
            shared.clone(),
            witness.clone(),
            clock.clone(),
            Arc::new(Passing(clock.clone())),
            Arc::new(Passing(clock.clone())),
        );
        let base = Url::parse("https://t.example/links").unwrap();
        let ws = WorkspaceId::from_uuid(Uuid::from_u128(5 << 64));
        let lead = LeadId::from_uuid(Uuid::from_u128(9));
        let (_, new_key) = vault
            .workspace(ws)
            .await
            .unwrap()
            .new_subject(lead)
            .unwrap();
        shared.commit(new_key.add_to(Batch::new(ws))).await.unwrap();
        let door = Tracking::new(base, shared, vault.clone(), stops.clone(), clock.clone());
        Self {
            tracking: door.unwrap(),
            store,
            vault,
            witness,
            clock,
            stops,
            ws,
            lead,
        }
    }

    pub(crate) async fn link(&self) -> Url {
        self.link_of(0).await
    }

    pub(crate) async fn link_of(&self, step: u16) -> Url {
        self.link_in(self.ws, step).await
    }

    pub(crate) async fn link_in(&self, ws: WorkspaceId, step: u16) -> Url {
        let (address, key) = (address(), key(step));
        let link = self.tracking.unsubscribe_url(ws, &address, self.lead, &key);
        link.await.unwrap()
    }

    pub(crate) async fn preferences(&self) -> Url {
        let (address, key) = (address(), key(0));
        let link = self
            .tracking
            .preferences_url(self.ws, &address, self.lead, &key);
        link.await.unwrap()
    }

    pub(crate) async fn ask(&self, method: Method, url: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap();
        self.tracking.handle(&request).await
    }

    pub(crate) async fn get(&self, url: &Url) -> Response<Bytes> {
        self.ask(Method::GET, url.as_str(), "").await
    }

    pub(crate) async fn post(&self, url: &Url, body: &str) -> Response<Bytes> {
        self.ask(Method::POST, url.as_str(), body).await
    }

    pub(crate) async fn rows(&self, scope: Scope, table: &'static TableDef) -> usize {
        self.store
            .scan(scope, Scan::table(table))
            .await
            .unwrap()
            .rows
            .len()
    }

    /// How many entries are on the workspace's list and on the platform's.
    pub(crate) async fn listed(&self) -> (usize, usize) {
        let here = self.rows(self.ws.into(), &SUPPRESSION).await;
        (here, self.rows(Scope::Platform, &DO_NOT_CONTACT).await)
    }

    pub(crate) async fn is_stopped(&self, email: &str) -> bool {
        let vault = self.vault.workspace(self.ws).await.unwrap();
        let email = EmailAddress::parse(email).unwrap();
        let keys: Vec<_> = vault
            .variant_indexes(&email)
            .iter()
            .map(|index| {
                let value = jooper_storage::Column::to_value(index);
                jooper_storage::Key::new(&SUPPRESSION, vec![value])
            })
            .collect();
        let rows = self.store.get(self.ws.into(), &keys).await.unwrap();
        rows.iter().any(Option::is_some)
    }

    pub(crate) async fn log(&self) -> Vec<LogRecord> {
        self.store
            .read_log(self.ws, LogCursor::start())
            .await
            .unwrap()
            .records
    }

    pub(crate) fn tracking_url(&self, path: &str) -> Url {
        Url::parse("https://t.example").unwrap().join(path).unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}
