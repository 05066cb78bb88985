//! A copy of the data, and its restriction.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{EventKind, LeadId, LeadState, StopReason, UserId, WorkspaceId};
use jooper_rights::{Rights, RightsError, RightsSettings, Use, may_use, replay};
use jooper_storage::tables::{LEAD, LeadRow, SCOPE_STOP, ScopeStopRow};
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Column, Erase, Erased, Key, LogCursor, LogPage,
    MemoryStore, MemoryWitness, Page, Row, Scan, Scope, Storage, StorageExt, StoreError, Versioned,
    Witness, WitnessEntry, WitnessError, WitnessRecord,
};
use jooper_vault::AnswerRightsRequest;
use serde_json::Value as Json;
use support::person::tables_of_leads;
use support::{World, lead, request, ws};
use uuid::Uuid;

#[tokio::test]
async fn a_copy_holds_everything_about_the_person_and_nothing_about_others() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let bob = world.plant(lead(2), "bob@example.org").await;
    let id = request(1).id;
    let export = world.rights.export_lead(ws(), ada.lead, id).await.unwrap();
    let text = export.to_json();
    for word in &ada.canaries {
        assert!(text.contains(word.as_str()), "{word} is missing");
    }
    for word in &bob.canaries {
        assert!(!text.contains(word.as_str()), "{word} is not hers");
    }
    assert!(!format!("{export:?}").contains("ada"));

    let purpose = AnswerRightsRequest { request: id };
    let document: &Json = export.document().lend(&purpose);
    let data = document["data"].as_object().unwrap();
    for table in tables_of_leads() {
        assert!(data.contains_key(table.name), "no row of {}", table.name);
    }
    assert_eq!(data["lead"][0]["state"], "active");
    assert_eq!(data["lead"][0]["country"], "DE");
    assert_eq!(data["send"][0]["state"], "planned");
    assert_eq!(document["sources"].as_array().unwrap().len(), 1);
    assert_eq!(document["recipients"][0]["name"], "Google");
    let kinds: Vec<_> = document["processing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["data"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["profile", "address", "basis", "decision", "message"]
    );
}

#[tokio::test]
async fn a_copy_holds_no_key_and_no_keyed_index() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let id = request(1).id;
    let export = world.rights.export_lead(ws(), ada.lead, id).await.unwrap();
    let purpose = AnswerRightsRequest { request: id };
    let data = &export.document().lend(&purpose)["data"];
    let key = data["subject_key"][0].as_object().unwrap();
    assert!(!key.contains_key("wrapped") && !key.contains_key("check_value"));
    assert!(data["lead"][0].get("contact_index").is_none());
}

#[tokio::test]
async fn a_copy_is_noted_in_the_log_and_shows_later_stops() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let ours = world.vault.workspace(ws()).await.unwrap();
    let contact_index = ours.contact_index(&ada.address);
    let scope = jooper_consent::StopScope::person(contact_index, vec![contact_index]);
    let source = jooper_core::StopSource::Person;
    let stop = world.stops.stop(ws(), scope, StopReason::Objected, source);
    stop.await.unwrap();

    let export = world
        .rights
        .export_lead(ws(), ada.lead, request(1).id)
        .await;
    let document: Json = serde_json::from_str(&export.unwrap().to_json()).unwrap();
    assert_eq!(document["stops"][0]["reason"], "objected");
    assert_eq!(document["stops"][0]["caused_by"], "person");
    assert_eq!(document["history"][0]["event"], "replied");

    let log = world
        .store
        .read_log(ws(), LogCursor::start())
        .await
        .unwrap();
    let last = &log.records.last().unwrap().entry;
    assert_eq!(
        (last.kind, last.lead),
        (EventKind::Exported, Some(ada.lead))
    );
    let error = world.rights.export_lead(ws(), lead(9), request(1).id).await;
    assert!(matches!(error, Err(RightsError::NoLead { .. })));
}

#[tokio::test]
async fn a_restricted_lead_is_stopped_readable_for_rights_and_can_be_released() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    world.rights.restrict_lead(ws(), ada.lead).await.unwrap();
    world.rights.restrict_lead(ws(), ada.lead).await.unwrap();
    let state = || async {
        let key = vec![ada.lead.to_value()];
        let row: Option<Versioned<LeadRow>> = world.store.find(ws(), key).await.unwrap();
        row.unwrap().record.state
    };
    let stops = || async {
        let scan = Scan::table(&SCOPE_STOP);
        let rows = world
            .store
            .collect::<ScopeStopRow>(ws(), scan)
            .await
            .unwrap();
        rows.iter().map(|row| row.record.reason).collect::<Vec<_>>()
    };
    assert_eq!(state().await, LeadState::Restricted);
    assert_eq!(stops().await, [StopReason::Restricted]);
    let export = world
        .rights
        .export_lead(ws(), ada.lead, request(1).id)
        .await;
    assert!(export.unwrap().to_json().contains(&ada.canaries[1]));

    let by = UserId::from_uuid(Uuid::from_u128(77));
    world
        .rights
        .end_restriction(ws(), ada.lead, by)
        .await
        .unwrap();
    assert_eq!(state().await, LeadState::Active);
    assert!(stops().await.is_empty());
    let error = world.rights.restrict_lead(ws(), lead(9)).await;
    assert!(matches!(error, Err(RightsError::NoLead { .. })));

    // What a law holds is held, whoever restricts it and ends that.
    let key = vec![ada.lead.to_value()];
    let row: Option<Versioned<LeadRow>> = world.store.find(ws(), key).await.unwrap();
    let Versioned { record, version } = row.unwrap();
    let held = LeadRow {
        state: LeadState::Held,
        ..record
    };
    let batch = Batch::new(ws()).update(&held, version);
    world.store.commit(batch).await.unwrap();
    world.rights.restrict_lead(ws(), ada.lead).await.unwrap();
    assert_eq!(stops().await, [StopReason::Restricted]);
    assert_eq!(state().await, LeadState::Held);
    let ended = world.rights.end_restriction(ws(), ada.lead, by).await;
    ended.unwrap();
    assert_eq!(state().await, LeadState::Held);
    assert!(stops().await.is_empty());
}

/// A backup knows nothing of a restriction from behind it, nor of its end.
#[tokio::test]
async fn a_restored_backup_restricts_again_until_the_restriction_ended() {
    let world = World::new().await;
    let (ada, bob) = (lead(1), lead(2));
    world.plant(ada, "ada@example.com").await;
    world.plant(bob, "bob@example.com").await;
    let backup = world.store.snapshot();
    let by = UserId::from_uuid(Uuid::from_u128(77));
    for lead in [ada, bob] {
        world.rights.restrict_lead(ws(), lead).await.unwrap();
    }
    let rights = &world.rights;
    rights.end_restriction(ws(), bob, by).await.unwrap();
    let records = world.witness.read(0, 100).await.unwrap();
    for _ in 0..2 {
        replay(&backup, &records).await.unwrap();
        for (lead, expected) in [(ada, LeadState::Restricted), (bob, LeadState::Active)] {
            let key = vec![lead.to_value()];
            let row: Option<Versioned<LeadRow>> = backup.find(ws(), key).await.unwrap();
            assert_eq!(row.unwrap().record.state, expected);
        }
    }
    let (kms, clock) = (Arc::clone(&world.kms), Arc::clone(&world.clock));
    let restored = World::over(backup, world.witness.clone(), kms, clock);
    let ended = restored.rights.end_restriction(ws(), ada, by).await;
    ended.unwrap();
    let key = vec![ada.to_value()];
    let row: Option<Versioned<LeadRow>> = restored.store.find(ws(), key).await.unwrap();
    assert_eq!(row.unwrap().record.state, LeadState::Active);
}

/// What another process does in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    /// It restricts the lead, before an end is told to the witness.
    RestrictsBeforeAnEnd,
    /// It ends a restriction, behind what a new one told the witness.
    EndsBehindARestriction,
    /// It ends a restriction, behind the stop of a new one.
    EndsBehindAStop,
}

/// A store at which another process ends the restriction, before the lead is read for the second time.
#[derive(Debug)]
struct Late {
    inner: MemoryStore,
    looks: AtomicUsize,
    process: Rights,
    lead: LeadId,
}

#[async_trait]
impl Storage for Late {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        let of_lead = keys.iter().any(|key| key.table().name == LEAD.name);
        if of_lead && self.looks.fetch_add(1, Ordering::SeqCst) == 1 {
            let by = UserId::from_uuid(Uuid::from_u128(77));
            let ended = self.process.end_restriction(ws(), self.lead, by).await;
            ended.unwrap();
        }
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
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

/// A witness at which another process comes in between, once.
#[derive(Debug)]
struct Between {
    inner: MemoryWitness,
    other: Mutex<Option<Other>>,
    process: Rights,
    lead: LeadId,
}

impl Between {
    fn takes(&self, other: Other) -> bool {
        let mut waits = self.other.lock().unwrap();
        let now = *waits == Some(other);
        if now {
            *waits = None;
        }
        now
    }
}

#[async_trait]
impl Witness for Between {
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError> {
        let ends = matches!(entries, [WitnessEntry::Unrestricted { .. }]);
        let begins = matches!(entries, [WitnessEntry::Restricted { .. }]);
        if ends && self.takes(Other::RestrictsBeforeAnEnd) {
            let restricted = self.process.restrict_lead(ws(), self.lead).await;
            restricted.unwrap();
        }
        let position = self.inner.append(at, entries).await?;
        if begins && self.takes(Other::EndsBehindARestriction) {
            let by = UserId::from_uuid(Uuid::from_u128(77));
            let ended = self.process.end_restriction(ws(), self.lead, by).await;
            ended.unwrap();
        }
        Ok(position)
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        self.inner.read(after, limit).await
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        self.inner.position().await
    }
}

/// Whatever order two processes tell it in: the witness says last what the data says, and the stop
/// stands with the restriction.
#[tokio::test]
async fn a_restriction_beside_the_end_of_another_stands_also_after_a_restore() {
    let all = [
        Other::RestrictsBeforeAnEnd,
        Other::EndsBehindARestriction,
        Other::EndsBehindAStop,
    ];
    for other in all {
        let world = World::new().await;
        let ada = lead(1);
        world.plant(ada, "ada@example.com").await;
        let backup = world.store.snapshot();
        world.rights.restrict_lead(ws(), ada).await.unwrap();
        let witness = Between {
            inner: world.witness.clone(),
            other: Mutex::new(Some(other)),
            process: world.rights.clone(),
            lead: ada,
        };
        let late = Late {
            inner: world.store.clone(),
            looks: AtomicUsize::new(0),
            process: world.rights.clone(),
            lead: ada,
        };
        let storage: Arc<dyn Storage> = match other {
            Other::EndsBehindAStop => Arc::new(late),
            _ => Arc::new(world.store.clone()),
        };
        let rights = Rights::new(
            storage,
            world.vault.clone(),
            world.stops.clone(),
            Arc::new(witness),
            world.clock.clone(),
            RightsSettings::default(),
        );
        let by = UserId::from_uuid(Uuid::from_u128(77));
        match other {
            Other::RestrictsBeforeAnEnd => {
                rights.end_restriction(ws(), ada, by).await.unwrap();
            }
            Other::EndsBehindARestriction | Other::EndsBehindAStop => {
                rights.restrict_lead(ws(), ada).await.unwrap();
            }
        }
        let records = world.witness.read(0, 100).await.unwrap();
        replay(&backup, &records).await.unwrap();
        for store in [&world.store, &backup] {
            let key = vec![ada.to_value()];
            let row: Option<Versioned<LeadRow>> = store.find(ws(), key).await.unwrap();
            assert_eq!(
                row.unwrap().record.state,
                LeadState::Restricted,
                "{other:?}"
            );
        }
        let scan = Scan::table(&SCOPE_STOP);
        let stops = world.store.collect::<ScopeStopRow>(ws(), scan).await;
        assert_eq!(stops.unwrap().len(), 1, "{other:?}");
        // Its end, with nobody beside it, is an end.
        rights.end_restriction(ws(), ada, by).await.unwrap();
        let records = world.witness.read(0, 100).await.unwrap();
        replay(&backup, &records).await.unwrap();
        let key = vec![ada.to_value()];
        let row: Option<Versioned<LeadRow>> = backup.find(ws(), key).await.unwrap();
        assert_eq!(row.unwrap().record.state, LeadState::Active, "{other:?}");
    }
}

#[test]
fn only_some_uses_are_left_for_restricted_and_held_data() {
    let uses = [
        Use::Product,
        Use::Rights,
        Use::Legal,
        Use::Security,
        Use::Storage,
    ];
    let left = |state| uses.map(|wanted| may_use(state, wanted));
    assert_eq!(left(LeadState::Active), [true; 5]);
    assert_eq!(left(LeadState::Restricted), [false, true, true, true, true]);
    assert_eq!(left(LeadState::Held), [false, false, true, false, true]);
}
