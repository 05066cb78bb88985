//! A small world for tests of the gate: a store, hand-moved clocks, a witness, people.

#![allow(dead_code, reason = "each test target uses its own part")]
#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "only tests use this module"
)]

pub mod mishap;
pub mod race;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{
    CapFacts, Gate, OwnDomains, PolicySet, Proof, Recipient, SendIntent, StopScope, Stops,
    TransportPolicy,
};
use jooper_core::{
    ActProof, BasisKind, Bucket, CampaignId, Clock, Country, EmailAddress, EnrollmentId,
    EnrollmentState, EventId, InstallationId, KeyedIndex, LeadId, LeadState, LeaseClock,
    LeaseInstant, MailboxId, MailboxState, ManualClock, Purpose, RequestId, Sealed, SeededIds,
    SendKey, Sleeper, StepIndex, SystemLeaseClock, UserId, WorkspaceId, WorkspaceState, to_millis,
};
use jooper_storage::tables::{
    BasisRow, EnrollmentRow, LeadAddressRow, LeadRow, MailboxRow, WorkspaceRow,
};
use jooper_storage::{
    Batch, MemoryStore, Storage, Witness, WitnessEntry, WitnessError, WitnessRecord,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A witness in memory.
#[derive(Debug, Default)]
pub struct MemoryWitness(pub Mutex<Vec<WitnessRecord>>);

#[async_trait]
impl Witness for MemoryWitness {
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError> {
        let mut records = self.0.lock().unwrap();
        for entry in entries {
            let position = records.len() as u64 + 1;
            records.push(WitnessRecord {
                position,
                at,
                entry: entry.clone(),
            });
        }
        Ok(records.len() as u64)
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        let records = self.0.lock().unwrap();
        let behind = records.iter().skip(after as usize);
        Ok(behind.take(limit).cloned().collect())
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        Ok(self.0.lock().unwrap().len() as u64)
    }
}

/// The store's clock as a lease clock.
#[derive(Debug)]
pub struct LeaseOf(pub Arc<ManualClock>);

impl LeaseClock for LeaseOf {
    fn now(&self) -> LeaseInstant {
        let millis = u64::try_from(to_millis(self.0.now())).unwrap_or(0);
        LeaseInstant::from_elapsed(Duration::from_millis(millis))
    }
}

/// Passes time by moving the clocks, and lets other tasks run.
#[derive(Debug)]
pub struct Passing(pub Vec<Arc<ManualClock>>);

#[async_trait]
impl Sleeper for Passing {
    async fn sleep(&self, duration: Duration) {
        for clock in &self.0 {
            clock.advance_millis(i64::try_from(duration.as_millis()).unwrap());
        }
        tokio::task::yield_now().await;
    }
}

pub fn start() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

pub fn index(text: &str) -> KeyedIndex {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&Sha256::digest(text.as_bytes()));
    KeyedIndex::from_bytes(bytes)
}

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn country(code: &str) -> Option<Country> {
    Some(code.parse().unwrap())
}

/// Waits in real time, a little at a time: for stores that have a clock of their own.
#[derive(Debug)]
pub struct Napping;

#[async_trait]
impl Sleeper for Napping {
    #[allow(clippy::disallowed_methods, reason = "this is the seam")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.min(Duration::from_millis(1))).await;
    }
}

/// A store with a workspace, a gate and stops over it.
#[derive(Debug)]
pub struct World {
    pub store: Arc<dyn Storage>,
    pub witness: Arc<MemoryWitness>,
    /// The wall clock; in the memory world also the store's and the lease clock.
    pub clock: Arc<ManualClock>,
    pub lease: Arc<dyn LeaseClock>,
    /// Whether time passes only when a test lets it pass.
    pub by_hand: bool,
    pub gate: Gate,
    pub stops: Stops,
    pub ws: WorkspaceId,
    pub campaign: CampaignId,
    pub mailbox: MailboxId,
}

impl World {
    pub async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let store = MemoryStore::with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        Self::over(Arc::new(store), clock).await
    }

    pub async fn over(store: Arc<dyn Storage>, clock: Arc<ManualClock>) -> Self {
        let world = Self::bare(store, clock);
        world.found().await;
        world
    }

    /// A world over a store with a clock of its own: leases last their ten seconds.
    pub async fn in_real_time(store: Arc<dyn Storage>) -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let witness = Arc::new(MemoryWitness::default());
        let lease = Arc::new(SystemLeaseClock::new());
        let mut world = Self::with(store, clock, witness, lease, Arc::new(Napping));
        world.by_hand = false;
        world.found().await;
        world
    }

    /// A world whose leases go by a clock of their own, as a machine's do.
    pub async fn timed(clock: Arc<ManualClock>, machine: Arc<ManualClock>) -> Self {
        let store = MemoryStore::with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let witness = Arc::new(MemoryWitness::default());
        let lease = Arc::new(LeaseOf(machine.clone()));
        let sleeper = Arc::new(Passing(vec![clock.clone(), machine]));
        let world = Self::with(Arc::new(store), clock, witness, lease, sleeper);
        world.found().await;
        world
    }

    async fn found(&self) {
        let row = WorkspaceRow {
            id: self.ws,
            state: WorkspaceState::Active,
            identity: Some(Sealed::from_envelope(vec![1])),
            created_at: start(),
        };
        let mailbox = self.mailbox_row(Some(Timestamp::MAX));
        self.commit(Batch::new(self.ws).put(&row).put(&mailbox))
            .await;
        // What the gate else does before its first permit.
        self.gate.record_policies(self.ws).await.unwrap();
    }

    /// The mailbox, read whole at that time.
    pub fn mailbox_row(&self, synced_at: Option<Timestamp>) -> MailboxRow {
        MailboxRow {
            id: self.mailbox,
            owner: UserId::from_uuid(id(9)),
            sub_index: index("sub"),
            domain_index: index("sender.example"),
            state: MailboxState::Connected,
            parked_until: None,
            park_reason: None,
            cursor: None,
            synced_at,
            connected_at: start(),
            profile: Sealed::from_envelope(vec![5]),
        }
    }

    pub fn bare(store: Arc<dyn Storage>, clock: Arc<ManualClock>) -> Self {
        Self::with_witness(store, clock, Arc::new(MemoryWitness::default()))
    }

    /// The same clock and witness over other data: what a restore leaves.
    pub fn with_store(&self, store: Arc<dyn Storage>) -> Self {
        Self::with_witness(store, self.clock.clone(), self.witness.clone())
    }

    fn with_witness(
        store: Arc<dyn Storage>,
        clock: Arc<ManualClock>,
        witness: Arc<MemoryWitness>,
    ) -> Self {
        let lease = Arc::new(LeaseOf(clock.clone()));
        let sleeper = Arc::new(Passing(vec![clock.clone()]));
        Self::with(store, clock, witness, lease, sleeper)
    }

    fn with(
        store: Arc<dyn Storage>,
        clock: Arc<ManualClock>,
        witness: Arc<MemoryWitness>,
        lease: Arc<dyn LeaseClock>,
        sleeper: Arc<dyn Sleeper>,
    ) -> Self {
        let gate = Gate::new(
            Arc::clone(&store),
            InstallationId::from_uuid(id(1)),
            clock.clone(),
            lease.clone(),
            Arc::new(SeededIds::new(7)),
            PolicySet::shipped(),
        );
        let stops = Stops::new(
            Arc::clone(&store),
            witness.clone(),
            clock.clone(),
            lease.clone(),
            sleeper,
        );
        Self {
            store,
            witness,
            clock,
            lease,
            by_hand: true,
            gate,
            stops,
            ws: WorkspaceId::in_bucket(id(0xAA_0000), Bucket::from_bits(3)),
            campaign: CampaignId::from_uuid(id(0xC1)),
            mailbox: MailboxId::from_uuid(id(0xB1)),
        }
    }

    pub async fn commit(&self, batch: Batch) {
        self.store.commit(batch).await.unwrap();
    }

    /// A lead with its address, in a country.
    pub async fn lead(&self, n: u128, country: Option<Country>) -> LeadId {
        let to = self.recipient(n);
        let lead = to.lead.unwrap();
        let row = LeadRow {
            id: lead,
            state: LeadState::Active,
            country,
            zone: None,
            company: None,
            contact_index: to.contact_index,
            domain_index: to.domain_index,
            created_at: start(),
            profile: Sealed::from_envelope(vec![2]),
        };
        let address = LeadAddressRow {
            email_index: to.email_index,
            lead,
            contact_index: to.contact_index,
            domain_index: to.domain_index,
            address: Sealed::from_envelope(vec![3]),
        };
        let enrolled = self.enrollment(n);
        self.commit(Batch::new(self.ws).put(&row).put(&address).put(&enrolled))
            .await;
        lead
    }

    /// A lead's place in the campaign, before its first mail.
    pub fn enrollment(&self, n: u128) -> EnrollmentRow {
        EnrollmentRow {
            id: EnrollmentId::from_uuid(id(0xE0_0000 + n)),
            campaign: self.campaign,
            lead: recipient(n).lead.unwrap(),
            mailbox: self.mailbox,
            sequence_version: 1,
            state: EnrollmentState::Active,
            step: StepIndex(0),
            sent: 0,
            due_at: None,
            wait: None,
            finish: None,
            thread: None,
            last_sent_at: None,
            memory: None,
            created_at: start(),
            settled: None,
        }
    }

    /// A basis that began a month ago.
    pub fn basis(&self, lead: LeadId, kind: BasisKind, country: Option<Country>) -> BasisRow {
        BasisRow {
            lead,
            purpose: Purpose::Outreach,
            kind,
            country,
            obtained_at: "2026-10-23T09:00:00Z".parse().unwrap(),
            expires_at: None,
            withdrawn_at: None,
            stated: None,
            evidence: Sealed::from_envelope(vec![4]),
        }
    }

    /// A lead in Germany that consented.
    pub async fn consented(&self, n: u128) -> LeadId {
        let lead = self.lead(n, country("DE")).await;
        let basis = self.basis(lead, BasisKind::Consent, country("DE"));
        self.commit(Batch::new(self.ws).put(&basis)).await;
        lead
    }

    pub fn recipient(&self, n: u128) -> Recipient {
        recipient(n)
    }

    pub fn intent(&self, n: u128) -> SendIntent {
        self.step(n, 0)
    }

    pub fn step(&self, n: u128, step: u16) -> SendIntent {
        SendIntent {
            key: SendKey::Step {
                enrollment: EnrollmentId::from_uuid(id(0xE0_0000 + n)),
                step: StepIndex(step),
            },
            recipient: recipient(n),
            mailbox: self.mailbox,
            campaign: Some(self.campaign),
            enrollment: Some(EnrollmentId::from_uuid(id(0xE0_0000 + n))),
            identity_complete: true,
            transport: TransportPolicy::named("gmail"),
            proof: Proof::None,
            caps: CapFacts {
                first_contact: step == 0,
                ..CapFacts::default()
            },
            content: None,
            own_domains: OwnDomains::default(),
        }
    }

    pub fn person(&self, n: u128) -> StopScope {
        let to = recipient(n);
        StopScope::Person {
            contact_index: to.contact_index,
            variants: to.variants,
            lead: to.lead,
        }
    }

    pub fn batch(&self) -> Batch {
        Batch::new(self.ws)
    }
}

pub fn recipient(n: u128) -> Recipient {
    let address = EmailAddress::parse(&format!("p.{n}+x@firm{}.example", n % 7)).unwrap();
    let variants: Vec<_> = address.variants();
    let ws = |text: &str| index(&format!("ws {text}"));
    let platform = |text: &str| index(&format!("platform {text}"));
    Recipient {
        lead: Some(LeadId::from_uuid(id(0x1EAD_0000 + n))),
        company: None,
        country: None,
        email_index: ws(address.as_str()),
        contact_index: ws(address.widest().as_str()),
        domain_index: ws(address.domain()),
        parent_domains: parents(&address),
        variants: variants.iter().map(|form| ws(form.as_str())).collect(),
        platform_variants: variants
            .iter()
            .map(|form| platform(form.as_str()))
            .collect(),
        address,
        role_address: false,
    }
}

/// The same lead under this address.
pub fn known_as(mut to: Recipient, text: &str) -> Recipient {
    let address = EmailAddress::parse(text).unwrap();
    let ws = |text: &str| index(&format!("ws {text}"));
    to.email_index = ws(address.as_str());
    to.contact_index = ws(address.widest().as_str());
    to.domain_index = ws(address.domain());
    let variants = address.variants();
    to.variants = variants.iter().map(|form| ws(form.as_str())).collect();
    let platform = |form: &EmailAddress| index(&format!("platform {}", form.as_str()));
    to.platform_variants = variants.iter().map(platform).collect();
    to.parent_domains = parents(&address);
    to.address = address;
    to
}

fn parents(address: &EmailAddress) -> Vec<KeyedIndex> {
    let above = jooper_consent::parent_domains(address.domain());
    above
        .into_iter()
        .map(|domain| index(&format!("ws {domain}")))
        .collect()
}

/// Confirmed from the address itself.
pub fn opted_in() -> ActProof {
    ActProof::ConfirmedOptIn {
        receipt: EventId::from_bytes([9; 16]),
    }
}

/// On the preference page that a mail links to.
pub fn on_their_page() -> ActProof {
    ActProof::PreferencePage {
        mail: SendKey::Service {
            request: RequestId::from_uuid(id(0xF0)),
            kind: 0,
        },
    }
}

/// In a letter that a user wrote down.
pub fn in_writing() -> ActProof {
    ActProof::WrittenRequest {
        request: RequestId::from_uuid(id(0xF1)),
        by: UserId::from_uuid(id(0xF2)),
    }
}
