//! A workspace's own rules: it can only refuse more.

use std::sync::Arc;

use jooper_consent::{Note, TightenError, refused_bases, replay};
use jooper_core::{BasisKind, EventKind, Purpose, UserId};
use jooper_storage::{LogCursor, MemoryStore, Storage, Witness};

use crate::support::{World, id};

/// What the log says that the workspace refuses, oldest first.
async fn told(world: &World) -> Vec<Note> {
    let page = world.store.read_log(world.ws, LogCursor::start()).await;
    let entries = page.unwrap().records.into_iter().map(|record| record.entry);
    let policies = entries.filter(|entry| entry.kind == EventKind::PolicyInstalled);
    let notes = policies.filter_map(|entry| Note::from_payload(&entry.payload?));
    notes
        .filter(|note| matches!(note, Note::Tightened { .. }))
        .collect()
}

/// Refuses a basis beside another, and is not let to admit either again.
pub(crate) async fn refuses_for_good(world: &World, kind: BasisKind) {
    let by = UserId::from_uuid(id(0xF3));
    let refuse = async |kinds: &[BasisKind]| {
        let kinds = kinds.iter().copied().collect();
        world.stops.refuse_bases(world.ws, &kinds, by).await
    };
    let other = BasisKind::ImpliedPublication;
    assert_ne!(kind, other);
    refuse(&[other]).await.unwrap();
    refuse(&[other, kind]).await.unwrap();
    let both = refused_bases(&*world.store, world.ws).await.unwrap();
    assert_eq!(both, [kind, other].into());
    // The same again is nothing new.
    refuse(&[kind, other]).await.unwrap();
    for (kinds, back) in [(&[][..], vec![kind, other]), (&[kind][..], vec![other])] {
        match refuse(kinds).await {
            Err(TightenError::Loosens(named)) => {
                assert_eq!(named, back.into_iter().collect());
            }
            said => panic!("{said:?}"),
        }
    }
    assert_eq!(
        refused_bases(&*world.store, world.ws).await.unwrap(),
        both,
        "nothing changed"
    );
    let notes = told(world).await;
    let refused = |note: &Note| match note {
        Note::Tightened { refused, by } => (refused.len(), *by),
        _ => unreachable!("filtered"),
    };
    assert_eq!(
        notes.iter().map(refused).collect::<Vec<_>>(),
        [(1, by), (2, by)]
    );
}

/// Law L13: what a workspace refuses for good, and what a person withdrew, a backup does not bring back.
#[tokio::test]
async fn a_restore_admits_no_basis_that_was_refused_or_withdrawn_since() {
    let clock = Arc::new(jooper_core::ManualClock::new(crate::support::start()));
    let memory = MemoryStore::with_clock(clock.clone());
    let world = World::over(Arc::new(memory.clone()), clock).await;
    let lead = world.consented(1).await;
    let other = world.consented(2).await;
    let (by, backup) = (UserId::from_uuid(id(0xF3)), memory.snapshot());
    world.clock.advance_millis(1_000);
    let first = [BasisKind::ImpliedPublication].into();
    let both = [BasisKind::ImpliedPublication, BasisKind::PriorReply].into();
    for kinds in [&first, &both, &both] {
        world.stops.refuse_bases(world.ws, kinds, by).await.unwrap();
    }
    let (purpose, kind) = (Purpose::Outreach, BasisKind::Consent);
    for _ in 0..2 {
        let withdrawn = world.stops.withdraw(world.ws, lead, purpose, kind);
        withdrawn.await.unwrap();
    }
    let judged = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    assert!(!judged.verdict.is_allow());
    let records = world.witness.read(0, usize::MAX).await.unwrap();
    let restored = world.with_store(Arc::new(backup));
    let admitted = async |n| {
        let judged = restored.gate.judge(restored.ws, &restored.intent(n)).await;
        judged.unwrap().verdict.is_allow()
    };
    assert!(admitted(1).await, "the copy knows of neither");
    for _ in 0..2 {
        replay(&*restored.store, &records).await.unwrap();
        assert!(!admitted(1).await && admitted(2).await);
        let refused = refused_bases(&*restored.store, restored.ws).await;
        assert_eq!(refused.unwrap(), both);
        // Told once, under nobody's name.
        let nobody = UserId::from_uuid(uuid::Uuid::nil());
        let names = told(&restored).await.into_iter().map(|note| match note {
            Note::Tightened { by, .. } => by,
            _ => unreachable!("filtered"),
        });
        assert_eq!(names.collect::<Vec<_>>(), [nobody, nobody]);
    }
    // What was obtained later stands.
    let mut basis = restored.basis(other, kind, crate::support::country("DE"));
    basis.lead = lead;
    basis.obtained_at =
        jooper_core::Clock::now(&*restored.clock) + jiff::SignedDuration::from_secs(1);
    restored.commit(restored.batch().put(&basis)).await;
    replay(&*restored.store, &records).await.unwrap();
    restored.clock.advance_millis(2_000);
    assert!(admitted(1).await);
}
