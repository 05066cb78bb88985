//! A small world for tests of the engine: one workspace, one mailbox, some leads, hand-moved time.

#![allow(dead_code, reason = "each test target uses its own part")]
#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "only tests use this module"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jooper_consent::{Gate, PolicySet, Stops};
use jooper_core::{
    AddressState, BasisKind, CampaignId, Clock, EmailAddress, LeadId, LeadState, LeaseClock,
    LeaseInstant, MailboxId, MailboxState, ManualClock, Origin, Purpose, SeededIds, SendKey,
    Sleeper, UserId, WorkspaceId, to_millis,
};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::{
    ConnectMailbox, Engine, EngineParts, EngineSettings, LinkError, NewCampaign, Runner,
    UnsubscribeLinks, VaultCredentials,
};
use jooper_storage::tables::{
    AddressText, BASIS, BasisEvidence, BasisRow, LEAD, LEAD_ADDRESS, LeadAddressRow, LeadProfile,
    LeadRow, WorkspaceIdentity,
};
use jooper_storage::{Batch, Column, MemoryStore, MemoryWitness, Storage};
use jooper_transport::{
    Arrived, Credentials, Cursor, Delta, Dispatcher, Inbox, MailboxRef, RecordingTransport,
    TransportError,
};
use jooper_vault::{MemoryKms, Place, Vault};
use uuid::Uuid;

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
pub struct HandInbox(pub Mutex<Vec<(Arrived, Vec<u8>)>>);

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
        found
            .map(|(_, raw)| raw.clone())
            .ok_or(TransportError::Gone)
    }
}

#[derive(Debug)]
struct Links;

#[async_trait]
impl UnsubscribeLinks for Links {
    async fn unsubscribe_url(
        &self,
        _: WorkspaceId,
        _: &EmailAddress,
        _: LeadId,
        _: &SendKey,
    ) -> Result<String, LinkError> {
        Ok("https://t.example.com/u/abc".to_owned())
    }
}

#[derive(Debug)]
struct LeaseOf(Arc<ManualClock>);

impl LeaseClock for LeaseOf {
    fn now(&self) -> LeaseInstant {
        let millis = u64::try_from(to_millis(self.0.now())).unwrap_or(0);
        LeaseInstant::from_elapsed(Duration::from_millis(millis))
    }
}

#[derive(Debug)]
struct Passing(Arc<ManualClock>);

#[async_trait]
impl Sleeper for Passing {
    async fn sleep(&self, duration: Duration) {
        self.0.advance_millis(duration.as_millis() as i64);
        tokio::task::yield_now().await;
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
    pub leads: Vec<LeadId>,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl World {
    /// A Monday morning with `leads` leads who consented.
    pub async fn new(leads: usize) -> Self {
        Self::on(Arc::new(MemoryStore::new()), leads).await
    }

    pub async fn on(store: Arc<dyn Storage>, leads: usize) -> Self {
        let clock = Arc::new(ManualClock::new(at("2026-11-23T09:00:00Z")));
        let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
        let transport = Arc::new(RecordingTransport::new());
        let inbox = Arc::new(HandInbox::default());
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
                links: Arc::new(Links),
                clock: clock.clone(),
                lease: lease_clock,
                ids,
                sleeper: Arc::new(Passing(lease)),
            },
            EngineSettings::default(),
        );
        let identity = WorkspaceIdentity {
            name: "Sender".to_owned(),
            legal_name: "Sender GmbH".to_owned(),
            postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
            privacy_url: "https://sender.example/privacy".to_owned(),
        };
        let workspace = engine.create_workspace(&identity).await.unwrap();
        let credentials = VaultCredentials::new(store.clone(), vault.clone(), clock.clone());
        let mailbox = engine
            .mailboxes(workspace)
            .connect(
                &credentials,
                ConnectMailbox {
                    owner: UserId::from_uuid(Uuid::from_u128(1)),
                    sub: "sub-1".to_owned(),
                    email: EmailAddress::parse("ada@sender.example").unwrap(),
                    display_name: "Ada".to_owned(),
                    aliases: Vec::new(),
                    state: MailboxState::Connected,
                    credentials: Credentials {
                        refresh_token: "r".into(),
                        access_token: None,
                        scopes: Vec::new(),
                    },
                },
            )
            .await
            .unwrap();
        let mut world = Self {
            store,
            vault,
            engine,
            clock,
            transport,
            inbox,
            workspace,
            mailbox,
            leads: Vec::new(),
        };
        for n in 0..leads {
            world.add_lead(n, true).await;
        }
        world
    }

    pub async fn add_lead(&mut self, n: usize, consented: bool) -> LeadId {
        let now = self.clock.now();
        let vault = self.vault.workspace(self.workspace).await.unwrap();
        let id = LeadId::from_uuid(Uuid::from_u128(0x1000 + n as u128));
        let address = EmailAddress::parse(&format!("lead{n}@person{n}.example")).unwrap();
        let (subject, key) = vault.new_subject(id).unwrap();
        let profile = LeadProfile {
            email: address.to_string(),
            first_name: Some(format!("Jo{n}")),
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
            state: AddressState::Unknown,
            address: subject.seal(&place, Origin::Customer, &text).unwrap(),
        };
        let mut batch = key
            .add_to(Batch::new(self.workspace))
            .insert(&lead)
            .insert(&row);
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
                evidence: subject.seal(&place, Origin::Customer, &evidence).unwrap(),
            });
        }
        self.store.commit(batch).await.unwrap();
        self.leads.push(id);
        id
    }

    pub async fn campaign(&self) -> CampaignId {
        let new = NewCampaign {
            settings: CampaignSettings {
                name: "Test".to_owned(),
                mailboxes: vec![self.mailbox],
                schedule: Schedule::default(),
            },
            sequence: Sequence::from_toml(SEQUENCE).unwrap(),
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
