//! The proof that an ended epoch protects old backups, and that the proof can fail.

use std::sync::Arc;

use jooper_core::{LeadId, SubjectId};
use jooper_storage::{Erase, MemoryStore};
use uuid::Uuid;

use super::*;
use crate::key::KeyBytes;
use crate::kms::{Kms, MemoryKms};
use crate::wrapped::{WorkspaceKey, workspace_context};

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(1))
}

fn ada() -> SubjectId {
    LeadId::from_uuid(Uuid::from_u128(2)).into()
}

/// A workspace key of the living system, in the clear, as its operator could have it.
async fn living_keys(store: &MemoryStore, kms: &dyn Kms) -> Vec<KeyBytes> {
    let rows: Vec<Versioned<WorkspaceKeyRow>> = store
        .collect(workspace(), Scan::table(&WORKSPACE_KEY))
        .await
        .unwrap();
    let mut keys = Vec::new();
    for row in rows {
        let epoch = loaded(row.record.epoch);
        let context = workspace_context(workspace(), epoch);
        if let Ok(key) = kms.unwrap(epoch, &context, &row.record.wrapped).await {
            keys.push(key);
        }
    }
    keys
}

/// Whether anything that the living system holds opens the erased person's key in the backup.
async fn leaks(store: &MemoryStore, kms: &dyn Kms, backup: &MemoryStore) -> bool {
    let erased = backup
        .find::<SubjectKeyRow>(workspace(), vec![ada().to_value()])
        .await
        .unwrap()
        .unwrap()
        .record;
    let epoch = loaded(erased.epoch);
    let mut keys = living_keys(store, kms).await;
    // The backup's own copies, if the key store still unwraps them.
    keys.extend(living_keys(backup, kms).await);
    keys.iter().any(|key| {
        WorkspaceKey::new(workspace(), epoch, key)
            .unwrap(&erased)
            .is_ok()
    })
}

/// What a careless rotation does: the same workspace key, wrapped for the new epoch.
async fn rewrap_only_the_workspace_key(store: &MemoryStore, kms: &dyn Kms) {
    let key = living_keys(store, kms).await.remove(0);
    let epoch = kms.new_epoch().await.unwrap();
    let context = workspace_context(workspace(), epoch);
    let row = WorkspaceKeyRow {
        epoch: stored(epoch),
        wrapped: kms.wrap(epoch, &context, &key).await.unwrap(),
        check_value: key.check_value().to_vec(),
    };
    let old = jooper_storage::Key::new(&WORKSPACE_KEY, vec![stored(1).to_value()]);
    let batch = Batch::new(workspace()).put(&row).write(Write::Delete(old));
    store.commit(batch).await.unwrap();
    kms.destroy_epoch(1).await.unwrap();
}

#[tokio::test]
async fn a_fresh_workspace_key_closes_the_backup_and_the_same_one_wrapped_anew_does_not() {
    for careless in [false, true] {
        let store = MemoryStore::new();
        let kms = Arc::new(MemoryKms::from_seed(1));
        let vault = Vault::new(Arc::new(store.clone()), kms.clone());
        let ours = vault.workspace(workspace()).await.unwrap();
        let (_, key) = ours.new_subject(ada()).unwrap();
        let batch = key.add_to(Batch::new(workspace()));
        store.commit(batch).await.unwrap();
        let backup = store.snapshot();

        let (workspace, subject) = (workspace(), ada());
        store.erase(Erase { workspace, subject }).await.unwrap();
        assert!(
            leaks(&store, &*kms, &backup).await,
            "the hole exists at first"
        );

        if careless {
            rewrap_only_the_workspace_key(&store, &*kms).await;
        } else {
            vault.rotate_epoch().await.unwrap();
        }
        assert_eq!(leaks(&store, &*kms, &backup).await, careless);
    }
}
