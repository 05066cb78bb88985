//! The shortest way through the store.
use jooper_core::WorkspaceId;
use jooper_storage::{Batch, Storage, StorageExt, StoreError, Value, tables::CounterRow};
use jooper_storage_sqlite::SqliteStorage;
use uuid::Uuid;

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jooper.db");
    let workspace = WorkspaceId::from_uuid(Uuid::from_u128(7));
    let row = CounterRow {
        key: b"k".to_vec(),
        count: 3,
        expires_at: 9,
    };
    let store = SqliteStorage::open(&path).await.unwrap();
    store
        .commit(Batch::new(workspace).insert(&row))
        .await
        .unwrap();
    let again = SqliteStorage::open(&path).await.unwrap_err();
    assert!(matches!(again, StoreError::InUse));
    assert!(again.to_string().contains("PostgreSQL"));
    store.close();
    assert!(matches!(
        store.commit(Batch::new(workspace)).await,
        Err(StoreError::Unavailable(_))
    ));
    let store = SqliteStorage::open(&path).await.unwrap();
    let found = store
        .find::<CounterRow>(workspace, vec![Value::Bytes(b"k".to_vec())])
        .await
        .unwrap();
    assert_eq!(found.unwrap().record, row);
}
