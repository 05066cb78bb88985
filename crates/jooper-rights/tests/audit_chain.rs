//! The audit chain holds when keys are made anew and people are erased (law L14).

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use jooper_consent::{AuditKey, AuditReport, AuditWriter, erased_fact, verify};
use jooper_core::{Dimensions, EventId, EventKind, LeadId, Origin};
use jooper_storage::tables::WorkspaceDirectoryRow;
use jooper_storage::{Batch, Erase, LogCursor, LogEntry, Scope, Storage};
use jooper_vault::Place;
use support::{World, lead, start, ws};

/// Appends a fact about a lead whose words only the lead's own key opens.
async fn tell(world: &World, who: LeadId, words: &str) {
    let vault = world.vault.workspace(ws()).await.unwrap();
    let (subject, key) = match vault.subject(who).await {
        Ok(subject) => (subject, None),
        Err(_) => {
            let (subject, key) = vault.new_subject(who).unwrap();
            (subject, Some(key))
        }
    };
    let id = EventId::from_source(EventKind::Enrolled, &[words.as_bytes()]);
    let sealed = subject
        .seal_bytes(&Place::log(&id), Origin::Customer, words.as_bytes())
        .unwrap();
    let entry = LogEntry {
        id,
        at: start(),
        kind: EventKind::Enrolled,
        dimensions: Dimensions::default(),
        lead: Some(who),
        subject: Some(who.into()),
        payload: Some(sealed),
        rollups: Vec::new(),
    };
    let mut batch = Batch::new(ws()).append(entry);
    if let Some(key) = key {
        batch = key.add_to(batch);
    }
    world.commit(batch).await;
}

/// The chain's key as a fresh process finds it.
async fn key(world: &World) -> Arc<AuditKey> {
    let seed = world.restarted().vault.secret("audit chain").await.unwrap();
    Arc::new(AuditKey::from_seed(seed.expose()))
}

async fn check(world: &World) -> AuditReport {
    verify(Arc::new(world.store.clone()), ws(), key(world).await)
        .await
        .unwrap()
}

async fn seal(world: &World) {
    let store = Arc::new(world.store.clone());
    let writer = AuditWriter::new(store, key(world).await, world.clock.clone());
    writer.seal(ws()).await.unwrap();
}

#[tokio::test]
async fn the_chain_verifies_after_sealing_anew_and_after_an_erasure() {
    let world = World::new().await;
    let directory = WorkspaceDirectoryRow {
        id: ws(),
        created_at: start(),
    };
    world
        .commit(Batch::new(Scope::Platform).put(&directory))
        .await;
    for n in 1..=3 {
        tell(&world, lead(n), &format!("words about {n}")).await;
    }
    seal(&world).await;
    assert_eq!(check(&world).await.findings, []);

    // Every key is wrapped under a new epoch and the old one destroyed, twice over.
    for _ in 0..2 {
        let done = world.restarted().vault.rotate_epoch().await.unwrap();
        assert!(
            done.rewrapped >= 3 && !done.destroyed.is_empty(),
            "{done:?}"
        );
        let report = check(&world).await;
        assert_eq!(
            (report.findings, report.erased, report.leaves),
            (vec![], 0, 3)
        );
    }
    // The words still open under the keys of today.
    let page = world
        .store
        .read_log(ws(), LogCursor::after(0))
        .await
        .unwrap();
    let entry = &page.records[0].entry;
    let vault = world.restarted().vault.workspace(ws()).await.unwrap();
    let subject = vault.subject(lead(1)).await.unwrap();
    let words = subject
        .open_bytes(&Place::log(&entry.id), entry.payload.as_deref().unwrap())
        .unwrap();
    assert_eq!(&words[..], b"words about 1");

    // An erasure takes the words, another epoch their key; the chain stands and grows on.
    let erase = Erase {
        workspace: ws(),
        subject: lead(2).into(),
    };
    world
        .commit(Batch::new(ws()).append(erased_fact(lead(2), start())))
        .await;
    world.store.erase(erase).await.unwrap();
    world.restarted().vault.rotate_epoch().await.unwrap();
    tell(&world, lead(4), "words about 4").await;
    seal(&world).await;
    let report = check(&world).await;
    assert_eq!(
        (report.findings, report.erased, report.leaves),
        (vec![], 1, 5)
    );
}
