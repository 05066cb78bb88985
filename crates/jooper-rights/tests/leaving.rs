//! A tenant that leaves: nothing of its people is left but who wants no mail.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod support;

use jooper_consent::{PersonalAct, StopScope, not_sendable};
use jooper_core::{
    EventKind, KeyedIndex, LeadState, Sealed, StopReason, StopSource, WorkspaceState,
};
use jooper_rights::{RightsError, replay};
use jooper_storage::tables::{
    CONTACT_FENCE, ContactFenceRow, LEAD, LeadRow, SCOPE_STOP, SUPPRESSION, ScopeStopRow,
    SuppressionRow, WorkspaceRow,
};
use jooper_storage::{
    Batch, Column, LogCursor, LogRecord, Scan, Storage, StorageExt, StoreError, Versioned, Witness,
};
use jooper_vault::VaultError;
use support::grep::{dump, telling};
use support::person::Person;
use support::{World, crash_after, lead, start, ws};

async fn world() -> World {
    let world = World::new().await;
    let row = WorkspaceRow {
        id: ws(),
        state: WorkspaceState::Active,
        identity: Some(Sealed::from_envelope(vec![1])),
        created_at: start(),
    };
    world.commit(Batch::new(ws()).put(&row)).await;
    world
}

async fn listed(world: &World) -> Vec<SuppressionRow> {
    let scan = Scan::table(&SUPPRESSION);
    let rows = world.store.collect::<SuppressionRow>(ws(), scan).await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

async fn leads(world: &World) -> Vec<LeadRow> {
    let rows = world.store.collect::<LeadRow>(ws(), Scan::table(&LEAD));
    let rows = rows.await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn state(world: &World) -> WorkspaceState {
    let row: Option<Versioned<WorkspaceRow>> =
        world.store.find(ws(), vec![ws().to_value()]).await.unwrap();
    row.unwrap().record.state
}

async fn assert_gone(world: &World, person: &Person) {
    let ours = world.vault.workspace(ws()).await.unwrap();
    let key = ours.subject(person.lead).await;
    assert!(matches!(key, Err(VaultError::NoKey { .. })));
}

#[tokio::test]
async fn a_tenant_that_leaves_takes_its_people_s_data_and_leaves_both_lists() {
    let world = world().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let eve = world.plant(lead(2), "eve@example.com").await;
    let ours = world.vault.workspace(ws()).await.unwrap();
    let scope = StopScope::person(
        ours.contact_index(&ada.address),
        ours.variant_indexes(&ada.address),
    );
    let stop = world
        .stops
        .stop(ws(), scope, StopReason::Objected, StopSource::Person);
    stop.await.unwrap();
    let platform = world.vault.platform().await.unwrap();
    let everywhere = platform.variant_indexes(&eve.address);
    let act = PersonalAct {
        proof: jooper_core::ActProof::PreferencePage {
            mail: jooper_core::SendKey::Service {
                request: jooper_core::RequestId::from_uuid(uuid::Uuid::from_u128(1)),
                kind: 0,
            },
        },
        at: start(),
    };
    let stop = world
        .stops
        .do_not_contact(&everywhere, StopReason::Objected, act);
    stop.await.unwrap();
    let before = listed(&world).await;
    assert!(!before.is_empty());
    // Somebody whose lead was deleted earlier.
    let known = ContactFenceRow {
        earlier: Some("which mails they had".to_owned()),
        ..ContactFenceRow::of(KeyedIndex::from_bytes([9; 32]))
    };
    world.commit(Batch::new(ws()).put(&known)).await;

    let left = world.rights.leave(ws()).await.unwrap();
    assert_eq!((left.leads, left.held), (2, 0));
    assert_eq!(state(&world).await, WorkspaceState::Leaving);
    assert_eq!(listed(&world).await, before, "who objected stays listed");
    let answers = not_sendable(&world.store, &[everywhere]).await.unwrap();
    assert_eq!(answers, [true], "the platform's list stays");
    for person in [&ada, &eve] {
        assert_gone(&world, person).await;
    }
    let stops = world
        .store
        .collect::<ScopeStopRow>(ws(), Scan::table(&SCOPE_STOP))
        .await
        .unwrap();
    assert!(stops.iter().any(|row| row.record.id == ws().uuid()));
    let fences = Scan::table(&CONTACT_FENCE);
    let fences = world.store.collect::<ContactFenceRow>(ws(), fences).await;
    let earlier = |row: &Versioned<ContactFenceRow>| row.record.earlier.is_none();
    assert!(fences.unwrap().iter().all(earlier));
    let words = dump(&world.store).await;
    for word in ada.canaries.iter().chain(&eve.canaries) {
        assert_eq!(telling(&words, word), Vec::<String>::new(), "{word}");
    }
    // Whoever checks the chain is told why their words are not there.
    let log = world
        .store
        .read_log(ws(), LogCursor::start())
        .await
        .unwrap();
    let erased = |record: &LogRecord| {
        let entry = &record.entry;
        (entry.kind == EventKind::Erased).then_some(entry.lead)?
    };
    let erased: Vec<_> = log.records.iter().filter_map(erased).collect();
    assert_eq!(erased, [ada.lead, eve.lead]);
    // Once more is the same.
    let again = world.rights.leave(ws()).await.unwrap();
    assert_eq!((again.leads, listed(&world).await), (0, before));
}

#[tokio::test]
async fn who_is_held_for_a_claim_stays_until_the_hold_ends() {
    let world = world().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    world.plant(lead(2), "eve@example.com").await;
    let held = async |state| {
        let row = leads(&world).await;
        let row = row.into_iter().find(|row| row.id == ada.lead).unwrap();
        let batch = Batch::new(ws()).put(&LeadRow { state, ..row });
        world.commit(batch).await;
    };
    held(LeadState::Held).await;
    let left = world.rights.leave(ws()).await.unwrap();
    assert_eq!((left.leads, left.held), (1, 1));
    assert_eq!(leads(&world).await.len(), 1);
    held(LeadState::Restricted).await;
    let left = world.rights.leave(ws()).await.unwrap();
    assert_eq!((left.leads, left.held), (1, 0));
    assert_gone(&world, &ada).await;
}

#[tokio::test]
async fn a_leaving_that_was_killed_anywhere_is_finished_by_the_next_call() {
    let mut killed = 0;
    for polls in 1.. {
        let world = world().await;
        let ada = world.plant(lead(1), "ada@example.com").await;
        let backup = world.store.snapshot();
        let done = crash_after(polls, world.rights.leave(ws()));
        let next = world.restarted();
        next.rights.leave(ws()).await.unwrap();
        assert_gone(&next, &ada).await;
        assert_eq!(state(&next).await, WorkspaceState::Leaving);
        // A backup that is put back forgets them as well.
        let records = world.witness.read(0, 1000).await.unwrap();
        replay(&backup, &records).await.unwrap();
        let rows = backup.collect::<LeadRow>(ws(), Scan::table(&LEAD)).await;
        assert!(rows.unwrap().is_empty());
        if done.is_some() {
            break;
        }
        killed += 1;
    }
    assert!(killed > 10, "{killed}");
}

#[tokio::test]
async fn a_workspace_that_does_not_exist_cannot_leave() {
    let world = World::new().await;
    let left = world.rights.leave(ws()).await;
    let invalid = matches!(left, Err(RightsError::Store(StoreError::Invalid(_))));
    assert!(invalid && world.store.now().await.is_ok());
}
