//! A copy of the data, and its restriction.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod support;

use std::sync::Arc;

use jooper_core::{EventKind, LeadState, StopReason, UserId};
use jooper_rights::{RightsError, Use, may_use, replay};
use jooper_storage::tables::{LeadRow, SCOPE_STOP, ScopeStopRow};
use jooper_storage::{Batch, Column, LogCursor, Scan, Storage, StorageExt, Versioned, Witness};
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
