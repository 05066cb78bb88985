//! Erasure as the person, the operator and an authority see it.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod support;

use std::error::Error;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jooper_core::{EnrollmentId, EventKind, LeadId, MailboxId, StopReason, WorkspaceId};
use jooper_rights::{OnErasure, RightsError, replay};
use jooper_storage::tables::{InstallationRow, PERMIT, PermitRow, SEND, SendRow, SuppressionRow};
use jooper_storage::{
    Batch, Column, Key, LogCursor, Scan, Scope, Storage, StorageExt, Versioned, Witness,
    WitnessEntry, Write,
};
use jooper_vault::VaultError;
use support::grep::{dump, holding, telling};
use support::person::{Person, lead_key};
use support::stubborn::Stubborn;
use support::{World, crash_after, lead, request, start, ws};

/// What must hold once a person is erased, however it came about.
async fn assert_erased(world: &World, person: &Person) {
    let ours = world.vault.workspace(ws()).await.unwrap();
    let key = ours.subject(person.lead).await;
    assert!(matches!(key, Err(VaultError::NoKey { .. })));
    let row = world.store.get(ws().into(), &[lead_key(person.lead)]).await;
    assert_eq!(row.unwrap(), [None]);
    for index in ours.variant_indexes(&person.address) {
        let listed: Option<Versioned<SuppressionRow>> = world
            .store
            .find(ws(), vec![index.to_value()])
            .await
            .unwrap();
        assert_eq!(listed.unwrap().record.reason, StopReason::Erased);
    }
}

async fn erased_events(world: &World) -> usize {
    let log = world.store.read_log(ws(), LogCursor::start()).await;
    let records = log.unwrap().records;
    let erased = |record: &&jooper_storage::LogRecord| record.entry.kind == EventKind::Erased;
    records.iter().filter(erased).count()
}

async fn is_in_witness(world: &World, person: &Person) -> bool {
    let records = world.witness.read(0, 1000).await.unwrap();
    records.iter().any(|record| {
        matches!(record.entry, WitnessEntry::Erased { subject, .. }
            if subject == person.lead.into())
    })
}

#[tokio::test]
async fn an_erased_person_is_gone_stays_suppressed_and_gets_a_proof() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "A.da+list@googlemail.com").await;
    let erasure = world.rights.erase_lead(ws(), ada.lead, request(1)).await;
    let erasure = erasure.unwrap();
    assert_erased(&world, &ada).await;
    assert_eq!(erased_events(&world).await, 1);

    // In the witness: first every form of the address, then the erasure.
    let records = world.witness.read(0, 100).await.unwrap();
    let kinds: Vec<_> = records
        .iter()
        .map(|record| match record.entry {
            WitnessEntry::Suppressed { reason, .. } => reason.name(),
            WitnessEntry::Erased { .. } => "the erasure itself",
            _ => "something else",
        })
        .collect();
    assert_eq!(kinds, ["erased", "erased", "erased", "the erasure itself"]);
    let known: Option<Versioned<InstallationRow>> = world
        .store
        .find(Scope::Platform, vec![1_i64.to_value()])
        .await
        .unwrap();
    assert_eq!(
        known.unwrap().record.witness_position,
        0,
        "only a start says how much of the witness the data knows"
    );

    // The ledger row stays, so that numbers agree, and points to nobody.
    let sends = world.store.collect::<SendRow>(ws(), Scan::table(&SEND));
    let sends = sends.await.unwrap();
    assert_eq!(sends.len(), 1);
    let send = &sends[0].record;
    let left = (send.email_index, send.domain_index, send.message_index);
    assert_eq!(left, (None, None, None));
    let permits = world.store.collect::<PermitRow>(ws(), Scan::table(&PERMIT));
    assert!(permits.await.unwrap().is_empty());

    let key = *erasure.certificate.public_key();
    let statement = erasure.certificate.verify(&key).unwrap();
    assert!(statement.is_about(&erasure.salt, &ada.address));
    assert_eq!(
        (statement.subject, statement.received_at),
        (ada.lead, start())
    );
    let days = statement
        .backups
        .unreadable_from
        .duration_since(statement.erased_at);
    assert_eq!(days.as_hours(), 14 * 24);
    let text = erasure.certificate.to_json();
    assert!(
        ada.canaries
            .iter()
            .all(|word| !text.contains(word.as_str()))
    );
}

#[tokio::test]
async fn nothing_that_was_planted_can_be_found_before_or_after() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada.zq7k@zq9m.example").await;
    let bob = world.plant(lead(2), "bob.zq7k@zq9m.example").await;
    assert!(ada.canaries.len() >= 8, "{:?}", ada.canaries);
    let before = dump(&world.store).await;
    for word in ada.canaries.iter().chain(&bob.canaries) {
        assert_eq!(telling(&before, word), [""; 0], "{word} in the clear");
    }
    let ours = world.vault.workspace(ws()).await.unwrap();
    let index = ours.email_index(&ada.address);
    assert!(holding(&before, index.as_bytes()).len() > 3);
    let wrapped = before
        .iter()
        .filter(|(place, bytes)| place == "subject_key.wrapped" && !bytes.is_empty())
        .count();
    let sealed_before: Vec<_> = before
        .iter()
        .filter(|(_, bytes)| bytes.starts_with(&[1, 1, 0, 1]))
        .collect();

    let request = request(1);
    world
        .rights
        .erase_lead(ws(), ada.lead, request)
        .await
        .unwrap();
    let after = dump(&world.store).await;
    for word in &ada.canaries {
        assert_eq!(telling(&after, word), [""; 0], "{word} left behind");
    }
    // Her keyed index is where it keeps her from being mailed, and nowhere else.
    let mut places = holding(&after, index.as_bytes());
    places.sort();
    assert_eq!(places, ["contact_fence.contact_index", "suppression.index"]);
    let left = after
        .iter()
        .filter(|(place, bytes)| place == "subject_key.wrapped" && !bytes.is_empty())
        .count();
    assert_eq!(left, wrapped - 1);
    // Not one of her envelopes is left; his all are, byte for byte.
    let bobs = sealed_before
        .iter()
        .filter(|cell| after.contains(cell))
        .count();
    assert_eq!(bobs * 2, sealed_before.len());
    let his = world.rights.export_lead(ws(), bob.lead, request.id).await;
    let his = his.unwrap().to_json();
    assert!(bob.canaries.iter().all(|word| his.contains(word.as_str())));
}

/// The search itself can fail: a word in the clear is found in every encoding.
#[test]
fn the_search_finds_what_it_is_looking_for() {
    for needle in support::grep::encodings("zq7kword@zq9m.example") {
        let mut cell = b"around ".to_vec();
        cell.extend_from_slice(&needle);
        let cells = [("somewhere".to_owned(), cell)];
        assert_eq!(telling(&cells, "zq7kword@zq9m.example"), ["somewhere"]);
    }
    use base64::Engine as _;
    for before in ["", "a", "ab"] {
        let text = format!("{before}zq7kword@zq9m.example and after");
        let hidden = base64::engine::general_purpose::STANDARD.encode(text);
        let cells = [("somewhere".to_owned(), hidden.into_bytes())];
        assert_eq!(telling(&cells, "zq7kword@zq9m.example"), ["somewhere"]);
    }
}

/// Killed at every suspension point; then a new process finishes by itself.
#[tokio::test]
async fn an_erasure_killed_anywhere_is_finished_at_the_next_start() {
    let mut kills = 0;
    for polls in 1.. {
        let world = World::new().await;
        let ada = world.plant(lead(1), "ada+x@example.com").await;
        let bob = world.plant(lead(2), "bob@example.com").await;
        let erase = world.rights.erase_lead(ws(), ada.lead, request(1));
        let finished = crash_after(polls, erase).is_some();

        let world = world.restarted();
        let before = world.witness.position().await.unwrap();
        let resumed = world.rights.resume(ws()).await.unwrap();
        if before > 0 && !finished && resumed.is_empty() {
            // It died between its last commit and its return.
            assert_eq!(erased_events(&world).await, 1, "{polls}");
        }
        let again = world.rights.erase_lead(ws(), ada.lead, request(2)).await;
        let proof = again.unwrap().certificate;
        assert_eq!(erased_events(&world).await, 1, "{polls}");
        assert_erased(&world, &ada).await;
        assert!(is_in_witness(&world, &ada).await);
        let statement = proof.verify(proof.public_key()).unwrap();
        assert!(statement.stopped_at <= statement.erased_at);
        assert_eq!(statement.addresses.len(), 1);
        let cells = dump(&world.store).await;
        assert!(
            ada.canaries
                .iter()
                .all(|word| telling(&cells, word).is_empty())
        );
        let his = world
            .rights
            .export_lead(ws(), bob.lead, request(3).id)
            .await;
        assert!(his.unwrap().to_json().contains(&bob.canaries[3]));
        if finished {
            break;
        }
        kills += 1;
    }
    assert!(kills > 35, "only {kills} places to die were tried");
}

/// At no suspension point are rows gone before the person is on the list and in the witness.
#[tokio::test]
async fn the_tombstone_always_comes_first() {
    for polls in 1.. {
        let world = World::new().await;
        let ada = world.plant(lead(1), "ada+x@example.com").await;
        let erase = world.rights.erase_lead(ws(), ada.lead, request(1));
        let finished = crash_after(polls, erase).is_some();
        let row = world.store.get(ws().into(), &[lead_key(ada.lead)]).await;
        if row.unwrap() == [None] {
            assert_erased(&world, &ada).await;
            assert!(is_in_witness(&world, &ada).await, "{polls}");
        }
        if finished {
            break;
        }
    }
}

#[tokio::test]
async fn two_processes_that_erase_at_once_agree() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let (one, other) = (world.restarted(), world.restarted());
    let (first, second) = tokio::join!(
        one.rights.erase_lead(ws(), ada.lead, request(1)),
        other.rights.erase_lead(ws(), ada.lead, request(2)),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.certificate, second.certificate);
    assert_eq!(first.salt, second.salt);
    assert_eq!(erased_events(&world).await, 1);
}

#[tokio::test]
async fn a_restored_backup_repeats_the_erasure_and_an_ended_epoch_closes_it_anyway() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let bob = world.plant(lead(2), "bob@example.com").await;
    let backup = world.store.snapshot();
    world
        .rights
        .erase_lead(ws(), ada.lead, request(1))
        .await
        .unwrap();

    let restored = World::over(
        backup.snapshot(),
        world.witness.clone(),
        Arc::clone(&world.kms),
        Arc::clone(&world.clock),
    );
    let ours = restored.vault.workspace(ws()).await.unwrap();
    ours.subject(ada.lead).await.expect("the backup has her");
    let records = world.witness.read(0, 100).await.unwrap();
    jooper_consent::replay(&restored.store, &records)
        .await
        .unwrap();
    assert_eq!(replay(&restored.store, &records).await.unwrap(), 1);
    assert_eq!(
        replay(&restored.store, &records).await.unwrap(),
        1,
        "idempotent"
    );
    assert_erased(&restored, &ada).await;
    // Whoever checks its chain is told why her words are not there.
    assert_eq!(erased_events(&restored).await, 1);
    ours.subject(bob.lead).await.expect("his data is his own");

    // Without any replay, after the epoch: nothing in the backup opens.
    world.vault.rotate_epoch().await.unwrap();
    let kms = Arc::clone(&world.kms);
    let stale = World::over(backup, world.witness.clone(), kms, Arc::clone(&world.clock));
    let error = stale.vault.workspace(ws()).await.err();
    assert!(matches!(error, Some(VaultError::DataOlder { epoch: 1 })));
}

#[tokio::test]
async fn an_erased_person_who_is_imported_again_is_still_on_the_list() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "a.da@gmail.com").await;
    world
        .rights
        .erase_lead(ws(), ada.lead, request(1))
        .await
        .unwrap();
    let again = world.plant(lead(7), "ADA+new@googlemail.com").await;
    let ours = world.vault.workspace(ws()).await.unwrap();
    let index = ours.contact_index(&again.address);
    let listed: Option<Versioned<SuppressionRow>> = world
        .store
        .find(ws(), vec![index.to_value()])
        .await
        .unwrap();
    assert_eq!(listed.unwrap().record.reason, StopReason::Erased);
    // And she can be erased under the new id as well.
    let second = world.rights.erase_lead(ws(), again.lead, request(2)).await;
    let second = second.unwrap();
    assert_erased(&world, &again).await;
    assert_eq!(second.also_recorded_as, [] as [LeadId; 0]);
}

#[tokio::test]
async fn whoever_else_is_recorded_under_the_address_is_named() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada+one@example.com").await;
    let twin = world.plant(lead(2), "ada+two@example.com").await;
    let erasure = world.rights.erase_lead(ws(), ada.lead, request(1)).await;
    assert_eq!(erasure.unwrap().also_recorded_as, [twin.lead]);
}

#[tokio::test]
async fn a_lead_whose_key_is_damaged_is_suppressed_and_erased_all_the_same() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let key = Key::new(
        &jooper_storage::tables::SUBJECT_KEY,
        vec![ada.lead.to_value()],
    );
    let batch = Batch::new(ws()).write(Write::Delete(key));
    world.commit(batch).await;
    let erasure = world.rights.erase_lead(ws(), ada.lead, request(1)).await;
    let certificate = erasure.unwrap().certificate;
    assert_erased(&world, &ada).await;
    let statement = certificate.verify(certificate.public_key()).unwrap();
    assert!(statement.addresses.is_empty(), "nobody could read them");
}

#[tokio::test]
async fn an_unknown_lead_is_refused_and_leaves_no_trace() {
    let world = World::new().await;
    let error = world.rights.erase_lead(ws(), lead(9), request(1)).await;
    assert!(matches!(error, Err(RightsError::NoLead { .. })));
    assert_eq!(world.witness.position().await.unwrap(), 0);
    assert!(world.rights.resume(ws()).await.unwrap().is_empty());
}

/// The same world behind a store that does not let go at once.
fn stubborn(world: &World, held: usize, late: Option<Batch>) -> World {
    let storage = Stubborn {
        inner: world.store.clone(),
        held: held.into(),
        late: Mutex::new(late),
    };
    World::through(
        Arc::new(storage),
        world.store.clone(),
        world.witness.clone(),
        Arc::clone(&world.kms),
        Arc::clone(&world.clock),
    )
}

#[tokio::test]
async fn an_erasure_is_not_proven_while_a_long_reader_holds_old_pages() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let held = stubborn(&world, 25, None);
    let error = held.rights.erase_lead(ws(), ada.lead, request(1)).await;
    assert!(matches!(error, Err(RightsError::StillHeld { .. })));
    assert_eq!(erased_events(&world).await, 0, "no proof yet");
    assert_erased(&world, &ada).await;
    assert_eq!(held.rights.resume(ws()).await.unwrap().len(), 1);
    assert_eq!(erased_events(&world).await, 1);
}

#[tokio::test]
async fn a_row_that_a_late_writer_brings_back_is_removed_too() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let row = world.store.get(ws().into(), &[lead_key(ada.lead)]).await;
    let values = row.unwrap().remove(0).unwrap().values;
    let late = Batch::new(ws()).write(Write::Put(lead_key(ada.lead), values));
    let late = stubborn(&world, 0, Some(late));
    late.rights
        .erase_lead(ws(), ada.lead, request(1))
        .await
        .unwrap();
    assert_erased(&world, &ada).await;
}

/// Remembers what it was told; fails the first time.
#[derive(Debug, Default)]
struct Listener(Mutex<Vec<(LeadId, usize)>>);

#[async_trait]
impl OnErasure for Listener {
    async fn stopped(
        &self,
        _: WorkspaceId,
        lead: LeadId,
        enrollments: &[(EnrollmentId, MailboxId)],
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut told = self.0.lock().unwrap();
        told.push((lead, enrollments.len()));
        if told.len() == 1 {
            return Err("not now".into());
        }
        Ok(())
    }

    async fn unrestricted(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.stopped(workspace, lead, &[]).await
    }
}

#[tokio::test]
async fn a_listener_hears_of_the_end_of_a_restriction_until_it_has_listened() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let listener = Arc::new(Listener::default());
    let rights = world.rights.clone().with_listener(listener.clone());
    rights.restrict_lead(ws(), ada.lead).await.unwrap();
    let by = jooper_core::UserId::from_uuid(uuid::Uuid::from_u128(7));
    let error = rights.end_restriction(ws(), ada.lead, by).await;
    assert!(matches!(error, Err(RightsError::Listener { .. })));
    rights.end_restriction(ws(), ada.lead, by).await.unwrap();
    assert_eq!(*listener.0.lock().unwrap(), [(ada.lead, 0), (ada.lead, 0)]);
}

#[tokio::test]
async fn a_listener_hears_of_it_before_anything_goes_and_may_ask_to_wait() {
    let world = World::new().await;
    let ada = world.plant(lead(1), "ada@example.com").await;
    let listener = Arc::new(Listener::default());
    let rights = world.rights.clone().with_listener(listener.clone());
    let error = rights.erase_lead(ws(), ada.lead, request(1)).await;
    assert!(matches!(error, Err(RightsError::Listener { .. })));
    let row = world.store.get(ws().into(), &[lead_key(ada.lead)]).await;
    assert_ne!(row.unwrap(), [None], "nothing was erased yet");
    let finished = rights.resume(ws()).await.unwrap();
    assert_eq!(finished.len(), 1);
    assert_erased(&world, &ada).await;
    assert_eq!(*listener.0.lock().unwrap(), [(ada.lead, 1), (ada.lead, 1)]);
}
