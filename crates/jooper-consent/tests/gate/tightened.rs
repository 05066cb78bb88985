//! A workspace's own rules: it can only refuse more.

use jooper_consent::{Note, TightenError, refuse_bases, refused_bases};
use jooper_core::{BasisKind, Clock, EventKind, UserId};
use jooper_storage::{LogCursor, Storage};

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
        refuse_bases(&*world.store, world.ws, &kinds, by, world.clock.now()).await
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
