//! The list only grows (law L5) under what an installation really does: imports of people and lists,
//! stops, restrictions, erasures, leads deleted and merged, new names, a tenant that leaves, moves to
//! another store, backups put back, and clones.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper::consent::{Listed, PersonalAct, StopScope, not_sendable};
use jooper::core::{
    Clock, EmailAddress, KeyedIndex, LeadId, LeadState, ManualClock, RequestId, Sleeper,
    StopReason, StopSource, UserId, WorkspaceId,
};
use jooper::leads::{LeadsError, Mapping};
use jooper::rights::ErasureRequest;
use jooper::storage::tables::{LEAD, LeadRow, SUPPRESSION, SuppressionRow, WorkspaceIdentity};
use jooper::storage::{
    MemoryStore, MemoryWitness, Scan, StorageExt, export_workspace, import_workspace,
};
use jooper::vault::{FileKms, FileKmsSettings};
use jooper::{Jooper, Transports};
use jooper_transport::{Cursor, Delta, Inbox, MailboxRef, RecordingTransport, TransportError};
use proptest::prelude::*;
use uuid::Uuid;

/// Something that happens to an installation. Numbers name people.
#[derive(Debug, Clone, Copy)]
enum Event {
    Import(u8, u8),
    ImportList(u8, u8, u8),
    Stop(u8, u8),
    StopDomain(u8),
    StopEverywhere(u8),
    Unsubscribe(u8),
    Restrict(u8),
    EndRestriction(u8),
    Erase(u8),
    Delete(u8),
    Merge(u8, u8),
    Leave,
    Rename,
    Move,
    BackUp,
    PutBack,
    Clone,
}

const PEOPLE: u8 = 5;
/// In how many ways an address is written.
const SPELLINGS: u8 = 5;
const REASONS: [StopReason; 5] = [
    StopReason::Replied,
    StopReason::Bounced,
    StopReason::Unsubscribed,
    StopReason::Objected,
    StopReason::Listed,
];

fn event() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    prop_oneof![
        (who.clone(), 0..SPELLINGS).prop_map(|(n, how)| Event::Import(n, how)),
        (who.clone(), 0..SPELLINGS, 0..5_u8)
            .prop_map(|(n, how, why)| Event::ImportList(n, how, why)),
        (who.clone(), 0..5_u8).prop_map(|(n, why)| Event::Stop(n, why)),
        who.clone().prop_map(Event::StopDomain),
        who.clone().prop_map(Event::StopEverywhere),
        who.clone().prop_map(Event::Unsubscribe),
        who.clone().prop_map(Event::Restrict),
        who.clone().prop_map(Event::EndRestriction),
        who.clone().prop_map(Event::Erase),
        who.clone().prop_map(Event::Delete),
        (who.clone(), who).prop_map(|(keep, other)| Event::Merge(keep, other)),
        Just(Event::Leave),
        Just(Event::Rename),
        Just(Event::Move),
        Just(Event::BackUp),
        Just(Event::PutBack),
        Just(Event::Clone),
    ]
}

/// Nothing arrives.
#[derive(Debug)]
struct Silence;

#[async_trait]
impl Inbox for Silence {
    async fn baseline(&self, _: MailboxRef) -> Result<Cursor, TransportError> {
        Ok(Cursor(String::new()))
    }

    async fn changes(
        &self,
        _: MailboxRef,
        cursor: &Cursor,
        _: Timestamp,
    ) -> Result<Delta, TransportError> {
        Ok(Delta {
            arrived: Vec::new(),
            next: cursor.clone(),
            more: false,
            resynced: false,
        })
    }

    async fn fetch(&self, _: MailboxRef, _: &str) -> Result<Vec<u8>, TransportError> {
        Err(TransportError::Gone)
    }
}

#[derive(Debug, Clone)]
struct Time(Arc<ManualClock>);

impl Clock for Time {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// Time passes by moving the clock.
#[async_trait]
impl Sleeper for Time {
    async fn sleep(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.advance_millis(millis.max(1));
        tokio::task::yield_now().await;
    }
}

struct Living {
    keys: tempfile::TempDir,
    witness: MemoryWitness,
    time: Time,
    store: MemoryStore,
    backup: MemoryStore,
    jooper: Jooper,
    workspace: WorkspaceId,
    opened: u32,
}

fn identity(name: &str) -> WorkspaceIdentity {
    WorkspaceIdentity {
        name: name.to_owned(),
        legal_name: "Sender GmbH".to_owned(),
        postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
        privacy_url: "https://sender.example/privacy".to_owned(),
        ..WorkspaceIdentity::default()
    }
}

fn email(n: u8) -> EmailAddress {
    EmailAddress::parse(&spelled(n, 0)).unwrap()
}

/// The same mailbox as others write it: in capitals, with another tag or none, and, where the provider
/// does not look at dots, without them.
fn spelled(n: u8, how: u8) -> String {
    let (google, firm) = (n.is_multiple_of(3), format!("firm{}.example", n % 3));
    let domain = if google { "gmail.com" } else { &firm };
    match how {
        1 => format!("P.{n}+X@{}", domain.to_uppercase()),
        2 => format!("p.{n}@{domain}"),
        3 => format!("p.{n}+other@{domain}"),
        4 if google => format!("p{n}+y@googlemail.com"),
        _ => format!("p.{n}+x@{domain}"),
    }
}

/// Another process over this data, with the same keys and witness.
fn open(
    keys: &tempfile::TempDir,
    witness: &MemoryWitness,
    time: &Time,
    store: &MemoryStore,
    n: u32,
) -> Jooper {
    // A key store belongs to one process: each has its own copy.
    let file = keys.path().join(format!("keys{n}"));
    if n > 0 {
        std::fs::copy(keys.path().join(format!("keys{}", n - 1)), &file).unwrap();
    }
    let cheap = FileKmsSettings::cheap();
    let kms = FileKms::open_or_create_with(file, "a passphrase", cheap).unwrap();
    Jooper::builder(store.clone(), kms)
        .transport(Transports {
            transport: Arc::new(RecordingTransport::new()),
            inbox: Arc::new(Silence),
        })
        .tracking("http://127.0.0.1:9/".parse().unwrap())
        .witness(witness.clone())
        .clock(time.clone())
        .sleeper(time.clone())
        .build()
        .unwrap()
}

impl Living {
    async fn new() -> Self {
        let clock = ManualClock::new("2026-11-23T08:00:00Z".parse().unwrap());
        let time = Time(Arc::new(clock));
        let store = MemoryStore::with_clock(Arc::new(time.clone()));
        let (keys, witness) = (tempfile::tempdir().unwrap(), MemoryWitness::new());
        let jooper = open(&keys, &witness, &time, &store, 0);
        jooper.remember().await.unwrap();
        let workspace = jooper.create_workspace(&identity("Sender")).await.unwrap();
        Self {
            keys,
            witness,
            time,
            backup: store.snapshot(),
            store,
            jooper,
            workspace,
            opened: 0,
        }
    }

    /// Starts over other data, as a process does: it remembers before anything else.
    async fn start_over(&mut self, store: MemoryStore) {
        self.opened += 1;
        self.jooper = open(&self.keys, &self.witness, &self.time, &store, self.opened);
        self.store = store;
        self.jooper.remember().await.unwrap();
    }

    async fn leads(&self) -> Vec<LeadRow> {
        let scan = Scan::table(&LEAD);
        let rows = self.store.collect::<LeadRow>(self.workspace, scan).await;
        rows.unwrap().into_iter().map(|row| row.record).collect()
    }

    /// The lead of the `n`th person, if it stands in the data.
    async fn lead(&self, n: u8) -> Option<LeadId> {
        let workspace = self.jooper.workspace(self.workspace);
        let leads = workspace.leads();
        leads
            .find_by_email(self.workspace, &email(n))
            .await
            .unwrap()
    }

    async fn listed(&self) -> BTreeMap<KeyedIndex, SuppressionRow> {
        let scan = Scan::table(&SUPPRESSION);
        let rows = self
            .store
            .collect::<SuppressionRow>(self.workspace, scan)
            .await;
        let rows = rows.unwrap().into_iter().map(|row| row.record);
        rows.map(|row| (row.index, row)).collect()
    }

    /// Who is on the platform's list.
    async fn nobodies(&self) -> BTreeSet<u8> {
        let platform = self.jooper.vault().platform().await.unwrap();
        let all: Vec<_> = (0..PEOPLE)
            .map(|n| platform.variant_indexes(&email(n)))
            .collect();
        let answers = not_sendable(&self.store, &all).await.unwrap();
        (0..PEOPLE)
            .zip(answers)
            .filter(|(_, is)| *is)
            .map(|(n, _)| n)
            .collect()
    }

    async fn happen(&mut self, event: Event) {
        self.time.0.advance_millis(60_000);
        let (ws, at) = (self.workspace, self.time.now());
        let vault = self.jooper.vault().workspace(ws).await.unwrap();
        let workspace = self.jooper.workspace(ws);
        let stops = self.jooper.stops();
        match event {
            Event::Import(n, how) => {
                let listed = self.listed().await;
                let known = listed.contains_key(&vault.contact_index(&email(n)));
                let before = self.leads().await.len();
                let csv = format!("Email,Country\n{},DE\n", spelled(n, how));
                let leads = workspace.leads();
                let mapping = Mapping::guess();
                let done = leads.import_csv(ws, csv.as_bytes(), &mapping, "a.csv");
                done.await.unwrap();
                let now = self.leads().await.len();
                assert!(
                    !known || now == before,
                    "{n} came back as {}",
                    spelled(n, how)
                );
            }
            Event::ImportList(n, how, why) => {
                let address = EmailAddress::parse(&spelled(n, how)).unwrap();
                let line = Listed {
                    contact_index: vault.contact_index(&address),
                    variants: vault.variant_indexes(&address),
                    whole_domain: false,
                    reason: REASONS[usize::from(why)],
                };
                stops
                    .import(
                        ws,
                        &[line],
                        jooper::core::UserId::from_uuid(Uuid::from_u128(9)),
                    )
                    .await
                    .unwrap();
            }
            Event::Stop(n, why) => {
                let scope = StopScope::Person {
                    contact_index: vault.contact_index(&email(n)),
                    variants: vault.variant_indexes(&email(n)),
                    lead: self.lead(n).await,
                };
                let reason = REASONS[usize::from(why)];
                stops
                    .stop(ws, scope, reason, StopSource::Person)
                    .await
                    .unwrap();
            }
            Event::StopDomain(n) => {
                let scope = StopScope::Domain(vault.domain_index(email(n).domain()));
                let stop = stops.stop(ws, scope, StopReason::Listed, StopSource::User);
                stop.await.unwrap();
            }
            Event::StopEverywhere(n) => {
                let platform = self.jooper.vault().platform().await.unwrap();
                let variants = platform.variant_indexes(&email(n));
                let act = PersonalAct {
                    proof: jooper::core::ActProof::PreferencePage {
                        mail: jooper::core::SendKey::Service {
                            request: jooper::core::RequestId::from_uuid(uuid::Uuid::from_u128(1)),
                            kind: 0,
                        },
                    },
                    at,
                };
                let stop = stops.do_not_contact(&variants, StopReason::Objected, act);
                stop.await.unwrap();
            }
            Event::Unsubscribe(n) => {
                let lead = self.lead(n).await;
                let scope = StopScope::Person {
                    contact_index: vault.contact_index(&email(n)),
                    variants: vault.variant_indexes(&email(n)),
                    lead,
                };
                let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
                let stop = stops.stop_person(ws, scope, reason, source);
                stop.await.unwrap();
                // Under whatever address the person is known, also after a merge.
                let listed = self.listed().await;
                for other in (0..PEOPLE).filter(|_| lead.is_some()) {
                    let contact = vault.contact_index(&email(other));
                    let theirs = self.lead(other).await == lead;
                    assert!(!theirs || listed.contains_key(&contact), "{other}");
                }
            }
            Event::Restrict(n) => {
                if let Some(lead) = self.lead(n).await {
                    workspace.rights().restrict_lead(ws, lead).await.unwrap();
                }
            }
            Event::EndRestriction(n) => {
                let lead = self.lead(n).await;
                let restricted = |row: &&LeadRow| row.state == LeadState::Restricted;
                let leads = self.leads().await;
                let lead = leads
                    .iter()
                    .filter(restricted)
                    .find(|row| Some(row.id) == lead);
                if let Some(lead) = lead {
                    let by = UserId::from_uuid(Uuid::from_u128(9));
                    let ended = workspace.rights().end_restriction(ws, lead.id, by);
                    ended.await.unwrap();
                }
            }
            Event::Erase(n) => {
                if let Some(lead) = self.lead(n).await {
                    let request = ErasureRequest {
                        id: RequestId::from_uuid(Uuid::from_u128(77)),
                        received_at: at,
                    };
                    workspace
                        .rights()
                        .erase_lead(ws, lead, request)
                        .await
                        .unwrap();
                    // The widest form is among the variants of every spelling: the gate finds all by it.
                    let contact = vault.contact_index(&email(n));
                    assert!(self.listed().await.contains_key(&contact));
                }
            }
            Event::Delete(n) => {
                if let Some(lead) = self.lead(n).await {
                    match workspace.leads().delete(ws, lead).await {
                        Ok(()) => assert_eq!(self.lead(n).await, None),
                        Err(LeadsError::Restricted { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
            Event::Merge(keep, other) => {
                if let (Some(keep), Some(gone)) = (self.lead(keep).await, self.lead(other).await) {
                    match workspace.leads().merge(ws, stops, keep, gone).await {
                        Ok(()) => assert_eq!(self.lead(other).await, Some(keep)),
                        Err(LeadsError::Restricted { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
            Event::Leave => {
                workspace.rights().leave(ws).await.unwrap();
                let held = |row: &LeadRow| row.state == LeadState::Held;
                assert!(self.leads().await.iter().all(held));
            }
            Event::Rename => {
                let engine = self.jooper.engine();
                engine.set_identity(ws, &identity("Other")).await.unwrap();
            }
            Event::Move => {
                let mut lines = Vec::new();
                let written = export_workspace(&self.store, ws, &[], |bytes| {
                    lines.extend_from_slice(bytes);
                    Ok(())
                });
                written.await.unwrap();
                let text = String::from_utf8(lines).unwrap();
                let there = MemoryStore::with_clock(Arc::new(self.time.clone()));
                let lines = text.lines().map(|line| Ok(line.to_owned()));
                import_workspace(&there, lines.collect::<Vec<_>>())
                    .await
                    .unwrap();
                self.start_over(there).await;
            }
            Event::BackUp => self.backup = self.store.snapshot(),
            Event::PutBack => {
                let old = self.backup.snapshot();
                self.start_over(old).await;
            }
            Event::Clone => {
                let same = self.store.snapshot();
                self.start_over(same).await;
            }
        }
    }
}

/// Whether an entry keeps back what it did before, for a reason that weighs as much.
fn keeps(still: &SuppressionRow, was: &SuppressionRow) -> bool {
    let says = |row: &SuppressionRow, what: fn(StopReason) -> bool| {
        let said = [Some(row.reason), row.beside];
        said.into_iter().flatten().any(what)
    };
    let whole_domain = |reason| reason == StopReason::WholeDomain;
    !was.reason.outranks(still.reason)
        && (was.provisional || !still.provisional)
        && (says(still, StopReason::is_of_the_address) || !says(was, StopReason::is_of_the_address))
        && (says(still, whole_domain) || !says(was, whole_domain))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_that_an_installation_does_takes_anybody_off_the_list(
        events in prop::collection::vec(event(), 1..16)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut living = Living::new().await;
            let (mut before, mut nobodies) = (BTreeMap::new(), BTreeSet::new());
            for event in events {
                living.happen(event).await;
                let now = living.listed().await;
                for (index, row) in &before {
                    let still = now.get(index).unwrap_or_else(|| panic!("{event:?} lifted {row:?}"));
                    let kept = keeps(still, row);
                    assert!(kept, "{event:?}: {row:?} became {:?}", now.get(index));
                }
                before = now;
                let now = living.nobodies().await;
                assert!(now.is_superset(&nobodies), "{event:?}: {nobodies:?} became {now:?}");
                nobodies = now;
            }
        });
    }
}
