//! Epochs begin and end while the system runs, crashes and is restored.
#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod support;

use std::sync::Arc;

use jooper_core::Sealed;
use jooper_storage::tables::{SUBJECT_KEY, SubjectKeyRow, WORKSPACE_KEY, WorkspaceKeyRow};
use jooper_storage::{
    Batch, MemoryStore, Scan, Storage, StorageExt, export_workspace, import_workspace,
};
use jooper_vault::{Kms, MemoryKms, VaultError};
use support::{
    SuspendingKms, add, crash_after, erase, lead, overtaken_after, read, vault, workspace,
};

fn kms() -> Arc<dyn Kms> {
    Arc::new(MemoryKms::from_seed(1))
}

/// Two workspaces with so many leads each, all sealed under epoch 1.
async fn filled(
    store: &MemoryStore,
    kms: &Arc<dyn Kms>,
    leads: u128,
) -> Vec<(u128, u128, Sealed<String>)> {
    let vault = vault(store, kms);
    let mut sealed = Vec::new();
    for w in 1..=2 {
        let ours = vault.workspace(workspace(w)).await.unwrap();
        for n in 1..=leads {
            let envelope = add(store, &ours, lead(w * 10_000 + n), &format!("{w}/{n}")).await;
            sealed.push((w, w * 10_000 + n, envelope));
        }
    }
    sealed
}

async fn assert_all_open(
    store: &MemoryStore,
    kms: &Arc<dyn Kms>,
    sealed: &[(u128, u128, Sealed<String>)],
) {
    let vault = vault(store, kms);
    for (w, n, envelope) in sealed {
        let text = read(&vault, workspace(*w), lead(*n), envelope).await;
        assert_eq!(text.unwrap(), format!("{w}/{}", n - w * 10_000));
    }
}

/// The story of the page on crypto design, 4.2: what a backup gives away, and until when.
#[tokio::test]
async fn a_backup_from_before_an_erasure_opens_until_the_epoch_ends_and_never_after() {
    let (store, kms) = (MemoryStore::new(), kms());
    let ours = vault(&store, &kms).workspace(workspace(1)).await.unwrap();
    let ada = add(&store, &ours, lead(1), "Ada").await;
    let bob = add(&store, &ours, lead(2), "Bob").await;
    let backup = store.snapshot();

    store.erase(erase(workspace(1), lead(1))).await.unwrap();
    let live = vault(&store, &kms);
    let gone = read(&live, workspace(1), lead(1), &ada).await;
    assert!(
        matches!(gone, Err(VaultError::NoKey { .. })),
        "live: at once"
    );
    let restored = vault(&backup.snapshot(), &kms);
    let hole = read(&restored, workspace(1), lead(1), &ada).await;
    assert_eq!(hole.unwrap(), "Ada", "the hole that epochs close");

    let done = live.rotate_epoch().await.unwrap();
    assert_eq!(
        (done.epoch, done.rewrapped),
        (2, 2),
        "Bob and the workspace"
    );
    assert_eq!(done.destroyed, [1]);
    let restored = vault(&backup, &kms);
    let shut = read(&restored, workspace(1), lead(1), &ada).await;
    assert!(matches!(shut, Err(VaultError::DataOlder { epoch: 1 })));
    assert_eq!(
        read(&live, workspace(1), lead(2), &bob).await.unwrap(),
        "Bob"
    );
}

#[tokio::test]
async fn a_workspace_that_moved_house_keeps_its_keys_over_a_rotation() {
    let (store, kms) = (MemoryStore::new(), kms());
    let ours = vault(&store, &kms).workspace(workspace(1)).await.unwrap();
    let ada = add(&store, &ours, lead(1), "Ada").await;
    let mut export = Vec::new();
    let written = export_workspace(&store, workspace(1), &[], |line| {
        export.push(String::from_utf8(line.to_vec()).unwrap());
        Ok(())
    });
    written.await.unwrap();
    let moved = MemoryStore::new();
    let lines = export.into_iter().map(Ok);
    import_workspace(&moved, lines).await.unwrap();
    let vault = vault(&moved, &kms);
    vault.workspace(workspace(1)).await.unwrap();
    let done = vault.rotate_epoch().await.unwrap();
    assert_eq!(
        (done.epoch, done.rewrapped),
        (2, 2),
        "Ada and the workspace"
    );
    let text = read(&vault, workspace(1), lead(1), &ada).await;
    assert_eq!(text.unwrap(), "Ada");
}

#[tokio::test]
async fn keys_that_are_older_than_the_data_are_named_as_such_and_write_nothing() {
    let (store, kms, old) = (MemoryStore::new(), kms(), kms());
    let ours = vault(&store, &kms).workspace(workspace(1)).await.unwrap();
    let ada = add(&store, &ours, lead(1), "Ada").await;
    vault(&store, &kms).rotate_epoch().await.unwrap();

    // The key file of yesterday beside the data of today.
    let stale = vault(&store, &old);
    let error = stale.workspace(workspace(1)).await.err();
    assert!(
        matches!(
            error,
            Some(VaultError::KeysOlder {
                epoch: 2,
                newest: 1
            })
        ),
        "{error:?}"
    );
    let keys = store.collect::<WorkspaceKeyRow>(workspace(1), Scan::table(&WORKSPACE_KEY));
    let epochs: Vec<_> = keys
        .await
        .unwrap()
        .iter()
        .map(|row| row.record.epoch)
        .collect();
    assert_eq!(
        epochs,
        [2],
        "nothing was written under a number that is taken"
    );
    let live = vault(&store, &kms);
    assert_eq!(
        read(&live, workspace(1), lead(1), &ada).await.unwrap(),
        "Ada"
    );
}

#[tokio::test]
async fn handles_that_were_open_all_along_read_and_write_on() {
    let (store, kms) = (MemoryStore::new(), kms());
    let process = vault(&store, &kms);
    let ours = process.workspace(workspace(1)).await.unwrap();
    let ada = add(&store, &ours, lead(1), "Ada").await;
    // Another process rotates twice.
    for epoch in 2..=3 {
        let done = vault(&store, &kms).rotate_epoch().await.unwrap();
        assert_eq!((done.epoch, done.destroyed), (epoch, vec![epoch - 1]));
    }
    // A key that this one made in the meantime is refused, not lost.
    let (_, stale) = ours.new_subject(lead(2)).unwrap();
    let refused = store.commit(stale.add_to(Batch::new(workspace(1)))).await;
    assert!(refused.unwrap_err().is_conflict());
    let again = ours.subject(lead(1)).await.unwrap();
    assert_eq!(
        again.open(&support::profile_of(lead(1)), &ada).unwrap(),
        "Ada"
    );
    add(&store, &ours, lead(2), "Bob").await;
}

#[tokio::test]
async fn a_workspace_that_was_made_by_nobody_else_is_found_by_the_rotation() {
    let (store, kms) = (MemoryStore::new(), kms());
    let sealed = filled(&store, &kms, 3).await;
    let done = vault(&store, &kms).rotate_epoch().await.unwrap();
    assert_eq!((done.rewrapped, done.unreadable.len()), (8, 0));
    assert_all_open(&store, &kms, &sealed).await;
    for w in 1..=2 {
        let keys: Vec<_> = store
            .collect::<WorkspaceKeyRow>(workspace(w), Scan::table(&WORKSPACE_KEY))
            .await
            .unwrap();
        let epochs: Vec<_> = keys.iter().map(|row| row.record.epoch).collect();
        assert_eq!(epochs, [2]);
    }
}

#[tokio::test]
async fn a_rotation_of_more_than_one_page_leaves_nobody_behind() {
    let (store, kms) = (MemoryStore::new(), kms());
    let sealed = filled(&store, &kms, 1203).await;
    let done = vault(&store, &kms).rotate_epoch().await.unwrap();
    assert_eq!((done.rewrapped, done.destroyed), (2 * 1204, vec![1]));
    assert_all_open(&store, &kms, &sealed).await;
}

/// Killed at every single suspension point, run again: everything opens, the old epoch is gone.
#[tokio::test]
async fn a_rotation_killed_anywhere_is_finished_by_the_next() {
    let origin = MemoryStore::new();
    let sealed = filled(&origin, &kms(), 2).await;
    let mut kills = 0;
    for polls in 1.. {
        let store = origin.snapshot();
        let kms: Arc<dyn Kms> = Arc::new(SuspendingKms(MemoryKms::from_seed(1)));
        let first = vault(&store, &kms);
        let finished = crash_after(polls, first.rotate_epoch()).is_some();
        assert_all_open(&store, &kms, &sealed).await;
        if finished {
            break;
        }
        kills += 1;
        let done = vault(&store, &kms).rotate_epoch().await.unwrap();
        assert!(done.unreadable.is_empty());
        let epochs = kms.epochs().await.unwrap();
        assert!(
            epochs == [2] || epochs == [3],
            "{epochs:?} after {polls} polls"
        );
        assert_all_open(&store, &kms, &sealed).await;
    }
    assert!(kills > 50, "only {kills} places to die were tried");
}

/// The same for the first use of a workspace.
#[tokio::test]
async fn a_first_use_killed_anywhere_leaves_a_usable_workspace() {
    for polls in 1.. {
        let store = MemoryStore::new();
        let kms: Arc<dyn Kms> = Arc::new(SuspendingKms(MemoryKms::from_seed(1)));
        let first = vault(&store, &kms);
        let finished = crash_after(polls, first.workspace(workspace(1))).is_some();
        let ours = vault(&store, &kms).workspace(workspace(1)).await.unwrap();
        let sealed = add(&store, &ours, lead(1), "Ada").await;
        vault(&store, &kms).rotate_epoch().await.unwrap();
        let text = read(&vault(&store, &kms), workspace(1), lead(1), &sealed).await;
        assert_eq!(text.unwrap(), "Ada");
        if finished {
            assert!(polls > 10);
            break;
        }
    }
}

/// An erasure overtakes a rotation at every suspension point.
#[tokio::test]
async fn a_rotation_never_brings_an_erased_person_back() {
    let origin = MemoryStore::new();
    let sealed = filled(&origin, &kms(), 2).await;
    for polls in 0.. {
        let store = origin.snapshot();
        let kms: Arc<dyn Kms> = Arc::new(SuspendingKms(MemoryKms::from_seed(1)));
        let rotating = vault(&store, &kms);
        let forget = async {
            store
                .erase(erase(workspace(1), lead(10_001)))
                .await
                .unwrap();
        };
        let (done, finished) = overtaken_after(polls, rotating.rotate_epoch(), forget).await;
        assert_eq!(done.unwrap().destroyed, [1]);
        let gone = read(&rotating, workspace(1), lead(10_001), &sealed[0].2).await;
        assert!(matches!(gone, Err(VaultError::NoKey { .. })), "{polls}");
        assert_all_open(&store, &kms, &sealed[1..]).await;
        if finished {
            assert!(polls > 50);
            break;
        }
    }
}

/// A whole rotation overtakes the first use of a workspace at every suspension point.
#[tokio::test]
async fn a_workspace_made_while_an_epoch_ends_keeps_what_it_seals() {
    for polls in 0.. {
        let store = MemoryStore::new();
        let kms: Arc<dyn Kms> = Arc::new(SuspendingKms(MemoryKms::from_seed(1)));
        let first = vault(&store, &kms);
        let rotate = async {
            vault(&store, &kms).rotate_epoch().await.unwrap();
        };
        let (ours, finished) = overtaken_after(polls, first.workspace(workspace(1)), rotate).await;
        let ours = ours.unwrap();
        ours.refresh().await.unwrap();
        let sealed = add(&store, &ours, lead(1), "Ada").await;
        vault(&store, &kms).rotate_epoch().await.unwrap();
        let again = vault(&store, &kms);
        let text = read(&again, workspace(1), lead(1), &sealed).await;
        assert_eq!(text.unwrap(), "Ada", "{polls}");
        if finished {
            assert!(polls > 10);
            break;
        }
    }
}

/// Rotations, writers and erasures run interleaved: nothing living is lost, nothing erased stays.
#[tokio::test]
async fn rotations_writers_and_erasures_may_run_at_once() {
    let store = MemoryStore::new();
    let kms: Arc<dyn Kms> = Arc::new(SuspendingKms(MemoryKms::from_seed(1)));
    let sealed = filled(&store, &kms, 40).await;

    let rotate = |_: u8| {
        let vault = vault(&store, &kms);
        async move {
            for _ in 0..3 {
                vault.rotate_epoch().await.unwrap();
            }
        }
    };
    let write = |w: u128| {
        let (store, vault) = (store.clone(), vault(&store, &kms));
        async move {
            let mut written = Vec::new();
            let ours = vault.workspace(workspace(w)).await.unwrap();
            for n in 100..140 {
                let id = w * 10_000 + n;
                loop {
                    let (subject, key) = ours.new_subject(lead(id)).unwrap();
                    let place = support::profile_of(lead(id));
                    let text = format!("{w}/{n}");
                    let origin = jooper_core::Origin::Customer;
                    let envelope = subject.seal(&place, origin, &text).unwrap();
                    let batch = key.add_to(Batch::new(workspace(w)));
                    match store.commit(batch).await {
                        Ok(()) => {
                            written.push((w, id, envelope));
                            break;
                        }
                        Err(error) => assert!(error.is_conflict()),
                    }
                    ours.refresh().await.unwrap();
                }
            }
            written
        }
    };
    let forget = async {
        for n in 1..=20 {
            let gone = erase(workspace(1), lead(10_000 + n));
            store.erase(gone).await.unwrap();
        }
    };
    let ((), (), one, two, ()) = tokio::join!(rotate(1), rotate(2), write(1), write(2), forget);

    let done = vault(&store, &kms).rotate_epoch().await.unwrap();
    assert!(done.unreadable.is_empty());
    assert_eq!(kms.epochs().await.unwrap(), [done.epoch]);
    assert_all_open(&store, &kms, &one).await;
    assert_all_open(&store, &kms, &two).await;
    let (gone, living): (Vec<_>, Vec<_>) = sealed
        .into_iter()
        .partition(|(w, n, _)| *w == 1 && *n <= 10_020);
    assert_all_open(&store, &kms, &living).await;
    assert_eq!(gone.len(), 20);
    for (w, n, envelope) in gone {
        let error = read(&vault(&store, &kms), workspace(w), lead(n), &envelope).await;
        assert!(
            matches!(error, Err(VaultError::NoKey { .. })),
            "resurrected"
        );
    }
}

#[tokio::test]
async fn a_key_row_that_does_not_open_keeps_its_epoch_and_is_named() {
    let (store, kms) = (MemoryStore::new(), kms());
    let sealed = filled(&store, &kms, 3).await;
    let key = jooper_storage::Column::to_value(&lead(10_002));
    let row = store
        .find::<SubjectKeyRow>(workspace(1), vec![key])
        .await
        .unwrap()
        .unwrap();
    let broken = SubjectKeyRow {
        wrapped: vec![0; 60],
        ..row.record.clone()
    };
    let batch = Batch::new(workspace(1)).update(&broken, row.version);
    store.commit(batch).await.unwrap();

    let done = vault(&store, &kms).rotate_epoch().await.unwrap();
    assert_eq!(done.destroyed, [0_u64; 0]);
    assert_eq!(done.unreadable, [(workspace(1), lead(10_002).into())]);
    let refused = read(
        &vault(&store, &kms),
        workspace(1),
        lead(10_002),
        &sealed[1].2,
    )
    .await;
    assert!(matches!(refused, Err(VaultError::WrongKey { .. })));

    // Put back from a backup, the next run finishes.
    let batch = Batch::new(workspace(1)).put(&row.record);
    store.commit(batch).await.unwrap();
    let done = vault(&store, &kms).rotate_epoch().await.unwrap();
    assert_eq!((done.epoch, done.destroyed), (2, vec![1]));
    assert_all_open(&store, &kms, &sealed).await;
}

#[tokio::test]
async fn the_key_store_of_another_installation_is_refused_before_anything_is_written() {
    let (store, right) = (MemoryStore::new(), kms());
    let sealed = filled(&store, &right, 1).await;
    let wrong: Arc<dyn Kms> = Arc::new(MemoryKms::from_seed(2));
    let error = vault(&store, &wrong).workspace(workspace(1)).await.err();
    assert!(
        matches!(error, Some(VaultError::WrongKey { .. })),
        "{error:?}"
    );
    // Even when it is in another epoch.
    wrong.new_epoch().await.unwrap();
    wrong.destroy_epoch(1).await.unwrap();
    let error = vault(&store, &wrong).workspace(workspace(1)).await.err();
    assert!(matches!(error, Some(VaultError::DataOlder { epoch: 1 })));
    vault(&store, &wrong).rotate_epoch().await.unwrap();

    let rows = store.collect::<WorkspaceKeyRow>(workspace(1), Scan::table(&WORKSPACE_KEY));
    assert_eq!(rows.await.unwrap().len(), 1);
    let rows = store.collect::<SubjectKeyRow>(workspace(1), Scan::table(&SUBJECT_KEY));
    assert_eq!(rows.await.unwrap().len(), 2);
    assert_all_open(&store, &right, &sealed).await;
}
