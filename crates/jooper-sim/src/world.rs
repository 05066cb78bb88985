//! A world before anything happens: a workspace, mailboxes, leads, one campaign.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use jooper_consent::{Breakers, Ceilings, Gate, PolicySet, Stops};
use jooper_core::{
    BasisKind, CampaignId, Clock, CompanyId, Draw, DrawPurpose, EmailAddress, LeadId, LeadState,
    Origin, Purpose, SeededIds, SendKey, UserId, WorkspaceId,
};
use jooper_sequence::model::CampaignSettings;
use jooper_sequence::{
    Authority, Engine, EngineParts, EngineSettings, LinkError, NewCampaign, PhraseClassifier,
    UnsubscribeLinks, VaultCredentials,
};
use jooper_storage::tables::{
    AddressText, BASIS, BasisEvidence, BasisRow, LEAD, LEAD_ADDRESS, LeadAddressRow, LeadProfile,
    LeadRow, WorkspaceIdentity,
};
use jooper_storage::{Batch, Column, MemoryStore, MemoryWitness, Storage};
use jooper_transport::Dispatcher;
use jooper_vault::{MemoryKms, Place, Vault};
use uuid::Uuid;

use crate::executor::complete;
use crate::invariants::{
    AtMostOnce, Budgets, Causes, Colleagues, Delays, Invariant, Known, LaneLimits, NoSilentLoss,
    OwnerWrote, Pace, Senses, StopMeansStop, TestsAsked, Violation, Windows,
};
use crate::office::{Errand, Office, Person, account};
use crate::options::Options;
use crate::provider::{Provider, SimTransport};
use crate::shape::Shape;
use crate::stage::Stage;
use crate::store::WatchedStore;
use crate::time::{Lease, StoreClock, VirtualTime, Wall};

/// Six days before the clocks change in Europe, thirteen before they do in America.
const START: &str = "2026-10-19T05:00:00Z";

/// Zones of leads; the last have none.
const ZONES: [Option<&str>; 4] = [
    Some("Europe/Berlin"),
    Some("America/New_York"),
    Some("Europe/London"),
    None,
];

/// Where answers come late, no search finds a mail for so long: longer than a lease, so that its worker
/// hears of it first.
const HIDDEN: u64 = 120_000;

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

/// Everything that outlives a crash, and how to start a process over it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) stage: Arc<Stage>,
    pub(crate) provider: Arc<Mutex<Provider>>,
    /// At which domain each lead has its mail.
    domains: BTreeMap<LeadId, usize>,
    witness: MemoryWitness,
    kms: Arc<MemoryKms>,
    policies: PolicySet,
}

/// One process's engine with the parts that others need too.
pub(crate) struct Process {
    pub(crate) engine: Engine,
    pub(crate) stops: Stops,
    pub(crate) vault: Vault,
}

fn broken(error: impl std::fmt::Display) -> Violation {
    Violation::Broken(error.to_string())
}

fn lead_id(number: usize) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(0x1000 + number as u128))
}

fn company_id(number: usize) -> CompanyId {
    CompanyId::from_uuid(Uuid::from_u128(0x2000 + number as u128))
}

/// One in eight never consented.
const fn has_basis(number: usize) -> bool {
    number % 8 != 7
}

const fn has_title(number: usize) -> bool {
    !number.is_multiple_of(3)
}

impl World {
    /// An empty world.
    pub(crate) fn new(options: &Options) -> Result<Self, Violation> {
        let time = VirtualTime::new(START.parse::<Timestamp>().map_err(broken)?);
        let store = MemoryStore::with_clock(Arc::new(StoreClock(Arc::clone(&time))));
        let shape = options.shape();
        let schedule = shape.schedule(None);
        let pace = Pace {
            cap: schedule.daily_cap,
            least_gap: u64::from(schedule.gap_seconds_min) * 1000,
            zone: TimeZone::get(&schedule.zone).map_err(broken)?,
        };
        let mut zones = BTreeMap::new();
        let mut domains = BTreeMap::new();
        let mut colleagues = BTreeMap::new();
        let mut known = BTreeMap::new();
        for number in 0..options.leads {
            let zone = ZONES[number % ZONES.len()].unwrap_or(&schedule.zone);
            zones.insert(lead_id(number), TimeZone::get(zone).map_err(broken)?);
            domains.insert(lead_id(number), shape.company_of(number));
            let person = Known {
                basis: has_basis(number),
                titled: has_title(number),
                company: shape.company_of(number),
            };
            known.insert(lead_id(number), person);
            if shape.has_companies() {
                colleagues.insert(lead_id(number), shape.company_of(number));
            }
        }
        let mut laws: Vec<Box<dyn Invariant>> = vec![
            Box::new(AtMostOnce::default()),
            Box::new(NoSilentLoss::default()),
            Box::new(Causes::new(shape, known)),
            Box::new(StopMeansStop::new(shape.answers_end())),
            Box::new(OwnerWrote::default()),
            Box::new(Colleagues::new(colleagues)),
            Box::new(TestsAsked::default()),
            Box::new(LaneLimits::new(pace)),
            Box::new(Windows::new(shape.promises(), zones.clone())),
            Box::new(Delays::new(shape.promises(), zones)),
        ];
        if shape == Shape::Senses {
            laws.push(Box::new(Senses::default()));
        }
        let stage = Stage::new(options.seed, time, store, laws, options.keep_lines);
        let mut provider = Provider::new(options.seed, shape);
        if options.late_answers {
            provider.hides_for = HIDDEN;
        }
        Ok(Self {
            options: options.clone(),
            stage,
            provider: Arc::new(Mutex::new(provider)),
            domains,
            witness: MemoryWitness::new(),
            kms: Arc::new(MemoryKms::from_seed(options.seed)),
            policies: PolicySet::shipped(),
        })
    }

    /// Starts a process: a worker, the how-manieth it is, or the office.
    pub(crate) fn process(&self, worker: Option<usize>, life: u64) -> Process {
        let options = &self.options;
        let time = &self.stage.time;
        let storage: Arc<dyn Storage> = Arc::new(WatchedStore {
            stage: Arc::clone(&self.stage),
            worker,
            mutant: options.mutant,
            shape: options.shape(),
            late_answers: options.late_answers,
        });
        let transport = Arc::new(SimTransport {
            stage: Arc::clone(&self.stage),
            provider: Arc::clone(&self.provider),
            worker,
            mutant: options.mutant,
            late_answers: options.late_answers,
        });
        let clock = Arc::new(Wall(Arc::clone(time)));
        let lease = Arc::new(Lease(Arc::clone(time)));
        let who = worker.map_or(0, |worker| worker as u128 + 1);
        let subject = Uuid::from_u128((who << 64) | u128::from(life));
        let ids = Draw::new(options.seed).bits(subject, 1, DrawPurpose::Split);
        let ids = Arc::new(SeededIds::new(ids));
        let vault = Vault::new(Arc::clone(&storage), self.kms.clone());
        let installation = vault.installation();
        let stops = Stops::new(
            Arc::clone(&storage),
            Arc::new(self.witness.clone()),
            clock.clone(),
            lease.clone(),
            lease.clone(),
        );
        let engine = Engine::new(
            EngineParts {
                storage: Arc::clone(&storage),
                vault: vault.clone(),
                gate: Gate::new(
                    storage,
                    installation,
                    clock.clone(),
                    lease.clone(),
                    ids.clone(),
                    self.policies.clone(),
                ),
                stops: stops.clone(),
                dispatcher: Dispatcher::new(installation, lease.clone(), transport.clone()),
                inbox: transport,
                replies: Arc::new(PhraseClassifier::new()),
                authority: Authority::default(),
                links: Arc::new(Links),
                clock,
                lease: lease.clone(),
                ids,
                sleeper: lease,
            },
            EngineSettings {
                lease_millis: 30_000,
                poll_millis: 1_500,
                sync_seconds: 600,
                ..EngineSettings::default()
            },
        );
        Process {
            engine,
            stops,
            vault,
        }
    }

    /// Opens the office, connects mailboxes, adds leads and activates the campaign.
    pub(crate) fn open(&self) -> Result<Office, Violation> {
        let office = self.process(None, 0);
        complete(self.set_up(office)).map_err(broken)?
    }

    async fn set_up(&self, office: Process) -> Result<Office, Violation> {
        let engine = &office.engine;
        let identity = WorkspaceIdentity {
            name: "Sender".to_owned(),
            legal_name: "Sender GmbH".to_owned(),
            postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
            privacy_url: "https://sender.example/privacy".to_owned(),
            ..WorkspaceIdentity::default()
        };
        let workspace = engine.create_workspace(&identity).await.map_err(broken)?;
        let store: Arc<dyn Storage> = Arc::new(self.stage.store.clone());
        let clock = Arc::new(Wall(Arc::clone(&self.stage.time)));
        let credentials = VaultCredentials::new(store, office.vault.clone(), clock);
        let shape = self.options.shape();
        let mut mailboxes = Vec::new();
        for number in 0..self.options.mailboxes {
            let account = account(number, shape).map_err(broken)?;
            let all = engine.mailboxes(workspace);
            let connected = all.connect(&credentials, account).await;
            mailboxes.push(connected.map_err(broken)?);
        }
        let numbered = mailboxes.iter().enumerate();
        let senders = numbered.map(|(number, id)| (*id, shape.domain_of(number)));
        let senders = senders.collect();
        let budgets = Budgets::new(shape.promises(), self.domains.clone(), senders);
        self.stage.add_law(Box::new(budgets));
        let mut people = Vec::new();
        for number in 0..self.options.leads {
            people.push(self.add_lead(&office, workspace, number).await?);
        }
        let sequence = self.options.shape().sequence(self.options.mutant);
        let new = NewCampaign {
            settings: CampaignSettings {
                name: "Simulated".to_owned(),
                mailboxes: mailboxes.clone(),
                schedule: self.options.shape().schedule(self.options.mutant),
            },
            sequence: sequence.map_err(broken)?,
            seed: self.options.seed,
        };
        let campaigns = engine.campaigns(workspace);
        let campaign: CampaignId = campaigns.create(&new).await.map_err(broken)?;
        let numbered = people.iter().enumerate();
        let first = numbered.filter(|(number, _)| !shape.comes_later(*number));
        let leads: Vec<LeadId> = first.map(|(_, person)| person.id).collect();
        for number in (0..people.len()).filter(|number| shape.comes_later(*number)) {
            let hours = self.stage.office_chance().between(1, 8 * 24);
            self.stage
                .errand_in(hours * 3_600_000, Errand::Enroll(number));
        }
        let report = campaigns.activate(campaign, &leads).await.map_err(broken)?;
        // Nobody follows the log here: somebody has looked at the first mails.
        let breakers = Breakers::new(
            Arc::new(self.stage.store.clone()),
            office.stops.clone(),
            Arc::new(Wall(Arc::clone(&self.stage.time))),
            Ceilings::default(),
        );
        let by = UserId::from_uuid(Uuid::from_u128(1));
        let cleared = breakers.clear_sample(workspace, campaign, by).await;
        cleared.map_err(broken)?;
        if report.enrolled != leads.len() {
            return Err(Violation::Broken("not every lead was enrolled".to_owned()));
        }
        Ok(Office {
            stage: Arc::clone(&self.stage),
            engine: office.engine,
            stops: office.stops,
            vault: office.vault,
            workspace,
            campaign,
            people: Arc::new(people),
            mailboxes: Arc::new(mailboxes),
            credentials: Arc::new(credentials),
            provider: Arc::clone(&self.provider),
            shape,
            mutant: self.options.mutant,
        })
    }

    /// A lead, with a basis unless they never consented.
    async fn add_lead(
        &self,
        office: &Process,
        workspace: WorkspaceId,
        number: usize,
    ) -> Result<Person, Violation> {
        let now = Wall(Arc::clone(&self.stage.time)).now();
        let vault = office.vault.workspace(workspace).await.map_err(broken)?;
        let id = lead_id(number);
        let company = self.options.shape().company_of(number);
        let address = EmailAddress::parse(&format!("lead{number}@person{company}.example"));
        let address = address.map_err(broken)?;
        let (subject, key) = vault.new_subject(id).map_err(broken)?;
        let profile = LeadProfile {
            email: address.to_string(),
            first_name: Some(format!("Jo{number}")),
            title: has_title(number).then(|| "Dr.".to_owned()),
            source: "a form".to_owned(),
            ..LeadProfile::default()
        };
        let place = Place::new(&LEAD, "profile", &[id.to_value()]);
        let zone = ZONES[number % ZONES.len()];
        let lead = LeadRow {
            id,
            state: LeadState::Active,
            country: "US".parse().ok(),
            zone: zone.map(str::to_owned),
            company: self
                .options
                .shape()
                .has_companies()
                .then(|| company_id(company)),
            contact_index: vault.contact_index(&address),
            domain_index: vault.domain_index(address.domain()),
            created_at: now,
            profile: subject
                .seal(&place, Origin::Customer, &profile)
                .map_err(broken)?,
        };
        let email_index = vault.email_index(&address);
        let place = Place::new(&LEAD_ADDRESS, "address", &[email_index.to_value()]);
        let text = AddressText(address.to_string());
        let row = LeadAddressRow {
            email_index,
            lead: id,
            contact_index: lead.contact_index,
            domain_index: lead.domain_index,
            address: subject
                .seal(&place, Origin::Customer, &text)
                .map_err(broken)?,
        };
        let mut batch = key.add_to(Batch::new(workspace)).insert(&lead).insert(&row);
        if has_basis(number) {
            let kind = BasisKind::Consent;
            let key = [id.to_value(), Purpose::Outreach.to_value(), kind.to_value()];
            let place = Place::new(&BASIS, "evidence", &key);
            let evidence = BasisEvidence {
                source: "a form".to_owned(),
                ..BasisEvidence::default()
            };
            batch = batch.insert(&BasisRow {
                lead: id,
                purpose: Purpose::Outreach,
                kind,
                country: lead.country,
                obtained_at: now,
                expires_at: None,
                withdrawn_at: None,
                stated: None,
                evidence: subject
                    .seal(&place, Origin::Customer, &evidence)
                    .map_err(broken)?,
            });
        }
        self.stage.store.commit(batch).await.map_err(broken)?;
        if let Ok(mut contacts) = self.stage.contacts.lock() {
            contacts.insert(lead.contact_index.as_bytes().to_vec(), number);
        }
        Ok(Person { id, address })
    }
}
