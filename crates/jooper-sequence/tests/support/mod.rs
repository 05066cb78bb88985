//! A small world for tests of the engine: one workspace, one mailbox, some leads, hand-moved time.

#![allow(dead_code, reason = "each test target uses its own part")]
#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "only tests use this module"
)]

pub mod arrivals;
mod clock;
pub mod foreseen;
pub mod house;
pub mod links;
pub mod office;
pub mod people;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jooper_consent::{Gate, PolicySet, Stops};
use jooper_core::{
    BasisKind, CampaignId, Clock, EmailAddress, LeadId, LeadState, LeaseClock, MailboxId,
    MailboxState, ManualClock, Origin, Purpose, SeededIds, Sleeper, UserId, WorkspaceId,
};
use jooper_message::inbound::intent::{Intent, IntentVerdict};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::planner::Recent;
use jooper_sequence::{
    Authority, ConnectMailbox, Engine, EngineParts, EngineSettings, NewCampaign, PhraseClassifier,
    ReplyClassifier, Runner, VaultCredentials,
};
use jooper_storage::tables::{
    AddressText, BASIS, BasisEvidence, BasisRow, LANE, LEAD, LEAD_ADDRESS, LaneRow, LeadAddressRow,
    LeadProfile, LeadRow, WorkspaceIdentity,
};
use jooper_storage::{
    Batch, BulkBatches, Capabilities, Claim, Claimed, Column, Erase, Erased, Key, LogCursor,
    LogPage, MemoryStore, MemoryWitness, Page, Record, Row, Scan, Scope, Storage, StorageExt,
    StoreError,
};
use jooper_transport::{
    Arrived, Credentials, Cursor, Delta, Dispatcher, Inbox, MailboxRef, RecordingTransport,
    Transport, TransportError,
};
use jooper_vault::{MemoryKms, Place, Vault, WorkspaceVault};
use uuid::Uuid;

pub use clock::{LeaseOf, Passing};
use links::Links;

pub const SEQUENCE: &str = r#"
    name = "Three mails"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
    [[step]]
    wait = "4 working days"
    [[step.variant]]
    body = "Third."
"#;

/// An inbox that a test fills by hand.
#[derive(Debug, Default)]
pub struct HandInbox(pub Mutex<Vec<(Arrived, Vec<u8>)>>, pub AtomicBool);

#[async_trait]
impl Inbox for HandInbox {
    async fn baseline(&self, _: MailboxRef) -> Result<Cursor, TransportError> {
        Ok(Cursor(self.0.lock().unwrap().len().to_string()))
    }

    async fn changes(
        &self,
        _: MailboxRef,
        cursor: &Cursor,
        _: Timestamp,
    ) -> Result<Delta, TransportError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(TransportError::Unavailable);
        }
        let mails = self.0.lock().unwrap();
        let from: usize = cursor.0.parse().unwrap();
        Ok(Delta {
            arrived: mails[from..]
                .iter()
                .map(|(arrived, _)| arrived.clone())
                .collect(),
            next: Cursor(mails.len().to_string()),
            more: false,
            resynced: false,
        })
    }

    async fn fetch(&self, _: MailboxRef, provider_id: &str) -> Result<Vec<u8>, TransportError> {
        let mails = self.0.lock().unwrap();
        let found = mails
            .iter()
            .find(|(arrived, _)| arrived.provider_id == provider_id);
        match found {
            // Without a text: the provider has it, and cannot give it.
            Some((_, raw)) if raw.is_empty() => Err(TransportError::Unavailable),
            Some((_, raw)) => Ok(raw.clone()),
            None => Err(TransportError::Gone),
        }
    }
}

/// Picks a batch out of those that are committed.
pub type Picks = fn(&Batch) -> bool;

/// Picks a row out of those that are read.
type Reads = fn(&Key) -> bool;

/// When somebody else does something: right before such a commit, or such a scan.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    Commit(Picks),
    Scan(fn(&Scan) -> bool),
}

/// Before a reading, or behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    Behind,
}

/// Which scans take time, by which clock, and how many milliseconds.
type Slow = (fn(&Scan) -> bool, Arc<ManualClock>, i64);

/// A process's way to a store, which a test cuts: to the store that is a crash of the process.
#[derive(Debug)]
pub struct Mortal {
    inner: Arc<dyn Storage>,
    /// The process dies with the commit of such a batch, which still takes effect.
    last: Mutex<Option<Picks>>,
    dead: AtomicBool,
    /// The process stands still behind such a commit until it is thawed.
    still: Mutex<Option<Picks>>,
    /// The process stands still once before such a commit takes effect.
    before: Mutex<Option<Picks>>,
    /// What others commit in between, each once.
    beside: Mutex<Vec<(Moment, Batch)>>,
    /// Such scans take so many milliseconds by this clock.
    slow: Mutex<Option<Slow>>,
    /// The process stands still once when it reads such rows: before that, or behind it.
    reading: Mutex<Option<(Reads, Side)>>,
    frozen: AtomicBool,
    /// Every lane that the process was given, with its token.
    pub claims: Mutex<Vec<(MailboxId, i64)>>,
}

impl Mortal {
    pub fn new(inner: Arc<dyn Storage>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            last: Mutex::default(),
            dead: AtomicBool::new(false),
            still: Mutex::default(),
            before: Mutex::default(),
            beside: Mutex::default(),
            slow: Mutex::default(),
            reading: Mutex::default(),
            frozen: AtomicBool::new(false),
            claims: Mutex::default(),
        })
    }

    pub fn freeze_with(&self, batch: fn(&Batch) -> bool) {
        *self.still.lock().unwrap() = Some(batch);
    }

    pub fn freeze_before(&self, batch: Picks) {
        *self.before.lock().unwrap() = Some(batch);
    }

    pub fn slip_in(&self, moment: Moment, batch: Batch) {
        self.beside.lock().unwrap().push((moment, batch));
    }

    /// Whether everything that was to slip in did.
    pub fn slipped(&self) -> bool {
        self.beside.lock().unwrap().is_empty()
    }

    pub fn slow_down(&self, scans: fn(&Scan) -> bool, clock: Arc<ManualClock>, millis: i64) {
        *self.slow.lock().unwrap() = Some((scans, clock, millis));
    }

    fn slips(&self, now: impl Fn(Moment) -> bool) -> Option<Batch> {
        let mut beside = self.beside.lock().unwrap();
        let at = beside.iter().position(|(moment, _)| now(*moment))?;
        Some(beside.remove(at).1)
    }

    pub fn freeze_reading(&self, key: Reads, side: Side) {
        *self.reading.lock().unwrap() = Some((key, side));
    }

    async fn stand_still(&self, keys: &[Key], side: Side) {
        {
            let mut reading = self.reading.lock().unwrap();
            if reading.is_some_and(|(key, at)| at == side && keys.iter().any(key)) {
                *reading = None;
                self.frozen.store(true, Ordering::SeqCst);
            }
        }
        while self.is_frozen() {
            tokio::task::yield_now().await;
        }
    }

    pub fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::SeqCst)
    }

    pub fn thaw(&self) {
        *self.still.lock().unwrap() = None;
        self.frozen.store(false, Ordering::SeqCst);
    }

    pub fn die_with(&self, batch: fn(&Batch) -> bool) {
        *self.last.lock().unwrap() = Some(batch);
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// The next process begins.
    pub fn revive(&self) {
        *self.last.lock().unwrap() = None;
        self.dead.store(false, Ordering::SeqCst);
    }

    fn alive(&self) -> Result<(), StoreError> {
        match self.is_dead() {
            true => Err(StoreError::Unavailable(None)),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Storage for Mortal {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.alive()?;
        let last = self.last.lock().unwrap().is_some_and(|last| last(&batch));
        let still = self
            .still
            .lock()
            .unwrap()
            .is_some_and(|still| still(&batch));
        {
            let mut before = self.before.lock().unwrap();
            if before.is_some_and(|before| before(&batch)) {
                *before = None;
                self.frozen.store(true, Ordering::SeqCst);
            }
        }
        while self.is_frozen() {
            tokio::task::yield_now().await;
        }
        let meets = |moment| matches!(moment, Moment::Commit(picks) if picks(&batch));
        let others = self.slips(meets);
        if let Some(others) = others {
            self.inner.commit(others).await?;
        }
        self.inner.commit(batch).await?;
        if still {
            self.frozen.store(true, Ordering::SeqCst);
        }
        while self.is_frozen() {
            tokio::task::yield_now().await;
        }
        if last {
            self.dead.store(true, Ordering::SeqCst);
        }
        self.alive()
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.alive()?;
        self.stand_still(keys, Side::Before).await;
        let rows = self.inner.get(scope, keys).await;
        self.stand_still(keys, Side::Behind).await;
        rows
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.alive()?;
        let meets = |moment| matches!(moment, Moment::Scan(picks) if picks(&scan));
        let others = self.slips(meets);
        if let Some(others) = others {
            self.inner.commit(others).await?;
        }
        let slow = self.slow.lock().unwrap().clone();
        if let Some((_, clock, millis)) = slow.filter(|(picks, ..)| picks(&scan)) {
            clock.advance_millis(millis);
        }
        self.inner.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.alive()?;
        let claimed = self.inner.claim(claim).await?;
        for row in &claimed {
            let lane = LaneRow::from_values(row.row.values.clone()).unwrap();
            let token = (lane.mailbox, lane.fence);
            self.claims.lock().unwrap().push(token);
        }
        Ok(claimed)
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.alive()?;
        self.inner.read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.alive()?;
        self.inner.erase(erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}

/// What one process is made of; all of them have the same keys.
pub struct Process {
    pub store: Arc<dyn Storage>,
    pub clock: Arc<ManualClock>,
    pub lease: Arc<dyn LeaseClock>,
    pub sleeper: Arc<dyn Sleeper>,
    pub transport: Arc<dyn Transport>,
    pub inbox: Arc<dyn Inbox>,
    pub settings: EngineSettings,
    /// No two processes have the same: their ids come from it.
    pub number: u64,
}

impl Process {
    pub fn engine(self) -> Engine {
        let (store, clock, lease) = (self.store, self.clock, self.lease);
        let vault = Vault::new(store.clone(), Arc::new(MemoryKms::from_seed(7)));
        let ids = Arc::new(SeededIds::new(self.number));
        let installation = vault.installation();
        Engine::new(
            EngineParts {
                storage: store.clone(),
                vault,
                gate: Gate::new(
                    store.clone(),
                    installation,
                    clock.clone(),
                    lease.clone(),
                    ids.clone(),
                    PolicySet::shipped(),
                ),
                stops: Stops::new(
                    store,
                    Arc::new(MemoryWitness::new()),
                    clock.clone(),
                    lease.clone(),
                    self.sleeper.clone(),
                ),
                dispatcher: Dispatcher::new(installation, lease.clone(), self.transport),
                inbox: self.inbox,
                replies: Arc::new(OwnJudge),
                authority: Authority::default(),
                links: Arc::new(Links),
                clock,
                lease,
                ids,
                sleeper: self.sleeper,
            },
            self.settings,
        )
    }
}

pub struct World {
    pub store: Arc<dyn Storage>,
    pub vault: Vault,
    pub engine: Engine,
    pub clock: Arc<ManualClock>,
    pub transport: Arc<RecordingTransport>,
    pub inbox: Arc<HandInbox>,
    pub workspace: WorkspaceId,
    pub mailbox: MailboxId,
    /// Those that campaigns send from; where empty, the one.
    pub senders: Vec<MailboxId>,
    pub leads: Vec<LeadId>,
    pub lease: Arc<ManualClock>,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Vault and engine of one process.
fn engine(
    store: &Arc<dyn Storage>,
    clock: &Arc<ManualClock>,
    lease: &Arc<ManualClock>,
    transport: &Arc<RecordingTransport>,
    inbox: &Arc<HandInbox>,
    settings: EngineSettings,
) -> (Vault, Engine) {
    let vault = Vault::new(store.clone(), Arc::new(MemoryKms::from_seed(7)));
    let ids = Arc::new(SeededIds::new(7));
    let lease_clock = Arc::new(LeaseOf(lease.clone()));
    let installation = vault.installation();
    let engine = Engine::new(
        EngineParts {
            storage: store.clone(),
            vault: vault.clone(),
            gate: Gate::new(
                store.clone(),
                installation,
                clock.clone(),
                lease_clock.clone(),
                ids.clone(),
                PolicySet::shipped(),
            ),
            stops: Stops::new(
                store.clone(),
                Arc::new(MemoryWitness::new()),
                clock.clone(),
                lease_clock.clone(),
                Arc::new(Passing(lease.clone())),
            ),
            dispatcher: Dispatcher::new(installation, lease_clock.clone(), transport.clone()),
            inbox: inbox.clone(),
            replies: Arc::new(OwnJudge),
            authority: Authority::default(),
            links: Arc::new(Links),
            clock: clock.clone(),
            lease: lease_clock,
            ids,
            sleeper: Arc::new(Passing(lease.clone())),
        },
        settings,
    );
    (vault, engine)
}

impl World {
    /// A Monday morning with `leads` leads who consented.
    pub async fn new(leads: usize) -> Self {
        Self::on(Arc::new(MemoryStore::new()), leads).await
    }

    pub async fn on(store: Arc<dyn Storage>, leads: usize) -> Self {
        Self::paced(store, leads, EngineSettings::default()).await
    }

    pub async fn paced(store: Arc<dyn Storage>, leads: usize, settings: EngineSettings) -> Self {
        let clock = Arc::new(ManualClock::new(at("2026-11-23T09:00:00Z")));
        let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
        let transport = Arc::new(RecordingTransport::new());
        let inbox = Arc::new(HandInbox::default());
        let (vault, engine) = engine(&store, &clock, &lease, &transport, &inbox, settings);
        let identity = WorkspaceIdentity {
            name: "Sender".to_owned(),
            legal_name: "Sender GmbH".to_owned(),
            postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
            privacy_url: "https://sender.example/privacy".to_owned(),
            ..WorkspaceIdentity::default()
        };
        let workspace = engine.create_workspace(&identity).await.unwrap();
        let mut world = Self {
            store,
            vault,
            engine,
            clock,
            transport,
            inbox,
            workspace,
            mailbox: MailboxId::from_uuid(Uuid::nil()),
            senders: Vec::new(),
            leads: Vec::new(),
            lease,
        };
        world.mailbox = world.connect(1).await;
        for n in 0..leads {
            world.add_lead(n, true).await;
        }
        world
    }

    /// Connects an account, or connects it again.
    pub async fn connect(&self, number: u128) -> MailboxId {
        self.connect_at(number, "sender.example").await
    }

    pub async fn connect_at(&self, number: u128, domain: &str) -> MailboxId {
        let (store, vault) = (self.store.clone(), self.vault.clone());
        let credentials = VaultCredentials::new(store, vault, self.clock.clone());
        let new = ConnectMailbox {
            owner: UserId::from_uuid(Uuid::from_u128(number)),
            sub: format!("sub-{number}"),
            email: EmailAddress::parse(&format!("ada{number}@{domain}")).unwrap(),
            display_name: "Ada".to_owned(),
            aliases: vec!["ada.alias@other.example".to_owned()],
            state: MailboxState::Connected,
            credentials: Credentials {
                refresh_token: "r".into(),
                access_token: None,
                scopes: Vec::new(),
            },
        };
        let mailboxes = self.engine.mailboxes(self.workspace);
        let mailbox = mailboxes.connect(&credentials, new).await.unwrap();
        self.season(mailbox).await;
        mailbox
    }

    /// As if nobody had declared any of its mailboxes to be old.
    pub async fn begin_slowly(&self) {
        let all = Scan::table(&LANE);
        let lanes = self.store.collect::<LaneRow>(self.workspace, all);
        for found in lanes.await.unwrap() {
            let next = LaneRow {
                recent: None,
                ..found.record
            };
            let batch = Batch::new(self.workspace).update(&next, found.version);
            self.store.commit(batch).await.unwrap();
        }
    }

    /// As if somebody had declared long ago that it is not new: most tests send more than a new
    /// mailbox may. One that has sent stays as it is.
    async fn season(&self, mailbox: MailboxId) {
        let key = vec![mailbox.to_value()];
        let found = self.store.find::<LaneRow>(self.workspace, key);
        let found = found.await.unwrap().unwrap();
        if found.record.recent.is_some() {
            return;
        }
        let next = LaneRow {
            recent: Some(Recent::default().seasoned().to_bytes()),
            ..found.record
        };
        let batch = Batch::new(self.workspace).update(&next, found.version);
        self.store.commit(batch).await.unwrap();
    }

    pub async fn add_lead(&mut self, n: usize, consented: bool) -> LeadId {
        let vault = self.vault.workspace(self.workspace).await.unwrap();
        let (id, batch) = self.lead(&vault, n, consented, Batch::new(self.workspace));
        self.store.commit(batch).await.unwrap();
        self.leads.push(id);
        id
    }

    /// Somebody who consented, with another address and name than usual.
    pub async fn add_person(&mut self, n: usize, email: &str, first_name: &str) -> LeadId {
        let vault = self.vault.workspace(self.workspace).await.unwrap();
        let batch = Batch::new(self.workspace);
        let (id, batch) = self.person(&vault, n, [email, first_name], true, batch);
        self.store.commit(batch).await.unwrap();
        self.leads.push(id);
        id
    }

    /// Leads by the batch: for benches.
    pub async fn add_leads(&mut self, numbers: std::ops::Range<usize>) {
        let vault = self.vault.workspace(self.workspace).await.unwrap();
        let mut batches = BulkBatches::new(Batch::new(self.workspace));
        for n in numbers {
            let (id, part) = self.lead(&vault, n, true, Batch::new(self.workspace));
            self.leads.push(id);
            if let Some(full) = batches.add(part) {
                self.store.commit(full).await.unwrap();
            }
        }
        if let Some(rest) = batches.finish() {
            self.store.commit(rest).await.unwrap();
        }
    }

    fn lead(
        &self,
        vault: &WorkspaceVault,
        n: usize,
        consented: bool,
        batch: Batch,
    ) -> (LeadId, Batch) {
        let email = format!("lead{n}@person{n}.example");
        self.person(vault, n, [&email, &format!("Jo{n}")], consented, batch)
    }

    fn person(
        &self,
        vault: &WorkspaceVault,
        n: usize,
        [email, first_name]: [&str; 2],
        consented: bool,
        batch: Batch,
    ) -> (LeadId, Batch) {
        let now = self.clock.now();
        let id = LeadId::from_uuid(Uuid::from_u128(0x1000 + n as u128));
        let address = EmailAddress::parse(email).unwrap();
        let (subject, key) = vault.new_subject(id).unwrap();
        let profile = LeadProfile {
            email: address.to_string(),
            first_name: Some(first_name.to_owned()),
            source: "a test".to_owned(),
            ..LeadProfile::default()
        };
        let place = Place::new(&LEAD, "profile", &[id.to_value()]);
        let lead = LeadRow {
            id,
            state: LeadState::Active,
            country: "US".parse().ok(),
            zone: None,
            company: None,
            contact_index: vault.contact_index(&address),
            domain_index: vault.domain_index(address.domain()),
            created_at: now,
            profile: subject.seal(&place, Origin::Customer, &profile).unwrap(),
        };
        let email_index = vault.email_index(&address);
        let place = Place::new(&LEAD_ADDRESS, "address", &[email_index.to_value()]);
        let text = AddressText(address.to_string());
        let row = LeadAddressRow {
            email_index,
            lead: id,
            contact_index: lead.contact_index,
            domain_index: lead.domain_index,
            address: subject.seal(&place, Origin::Customer, &text).unwrap(),
        };
        let mut batch = key.add_to(batch).insert(&lead).insert(&row);
        if consented {
            let key = [
                id.to_value(),
                Purpose::Outreach.to_value(),
                BasisKind::Consent.to_value(),
            ];
            let place = Place::new(&BASIS, "evidence", &key);
            let evidence = BasisEvidence {
                source: "a form".to_owned(),
                ..Default::default()
            };
            batch = batch.insert(&BasisRow {
                lead: id,
                purpose: Purpose::Outreach,
                kind: BasisKind::Consent,
                country: lead.country,
                obtained_at: now,
                expires_at: None,
                withdrawn_at: None,
                stated: None,
                evidence: subject.seal(&place, Origin::Customer, &evidence).unwrap(),
            });
        }
        (id, batch)
    }

    /// The same installation in a new process, over the same data.
    pub fn restarted(&self, store: Arc<dyn Storage>, settings: EngineSettings) -> Self {
        let (clock, lease) = (self.clock.clone(), self.lease.clone());
        let (transport, inbox) = (self.transport.clone(), self.inbox.clone());
        let (vault, engine) = engine(&store, &clock, &lease, &transport, &inbox, settings);
        Self {
            store,
            vault,
            engine,
            clock,
            transport,
            inbox,
            lease,
            workspace: self.workspace,
            mailbox: self.mailbox,
            senders: Vec::new(),
            leads: self.leads.clone(),
        }
    }

    /// Stops over the same store and clocks.
    pub fn stops(&self) -> Stops {
        Stops::new(
            self.store.clone(),
            Arc::new(MemoryWitness::new()),
            self.clock.clone(),
            Arc::new(LeaseOf(self.lease.clone())),
            Arc::new(Passing(self.lease.clone())),
        )
    }

    pub async fn campaign(&self) -> CampaignId {
        self.campaign_of(SEQUENCE, Schedule::default()).await
    }

    pub async fn campaign_of(&self, sequence: &str, schedule: Schedule) -> CampaignId {
        let new = NewCampaign {
            settings: CampaignSettings {
                name: "Test".to_owned(),
                mailboxes: match self.senders.is_empty() {
                    true => vec![self.mailbox],
                    false => self.senders.clone(),
                },
                schedule,
            },
            sequence: Sequence::from_toml(sequence).unwrap(),
            seed: 7,
        };
        let campaigns = self.engine.campaigns(self.workspace);
        let id = campaigns.create(&new).await.unwrap();
        let report = campaigns.activate(id, &self.leads).await.unwrap();
        assert_eq!(report.enrolled, self.leads.len(), "{report:?}");
        id
    }

    /// Lets time pass in steps of ten minutes, working whatever becomes due.
    pub async fn run_for(&self, hours: i64) {
        let runner = Runner::new(self.engine.clone());
        let end = self
            .clock
            .now()
            .checked_add(SignedDuration::from_hours(hours))
            .unwrap();
        while self.clock.now() < end {
            while runner.turn().await.unwrap() > 0 {}
            self.clock.advance_millis(10 * 60 * 1000);
        }
    }
}

/// A mail as the mailbox shows it, from its raw text.
pub fn arrival(
    id: &str,
    thread: &str,
    at: Timestamp,
    outgoing: bool,
    raw: &str,
) -> (Arrived, Vec<u8>) {
    let head = raw.split("\r\n\r\n").next().unwrap_or_default();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers = unfolded
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let arrived = Arrived {
        provider_id: id.to_owned(),
        thread: thread.to_owned(),
        at,
        outgoing,
        headers,
    };
    (arrived, raw.as_bytes().to_vec())
}

/// An embedder's judge of replies: it knows a word that the embedded one does not.
#[derive(Debug)]
pub struct OwnJudge;

impl ReplyClassifier for OwnJudge {
    fn intent(&self, reply: &str) -> IntentVerdict {
        let mut verdict = PhraseClassifier::new().intent(reply);
        if reply.contains("xyzzy") {
            verdict.intent = Some(Intent::Meeting);
        }
        verdict
    }
}
