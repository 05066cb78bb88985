//! Moving house: SQLite to PostgreSQL, back, and to memory, without a byte's difference.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use jooper_conformance::storage::furnish;
use jooper_core::{WorkspaceId, from_millis};
use jooper_storage::tables::WorkspaceDirectoryRow;
use jooper_storage::{Batch, MemoryStore, Scope, Storage, export_workspace, import_workspace};
use jooper_storage_sqlite::SqliteStorage;
use uuid::Uuid;

mod common;

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(7))
}

async fn exported(store: &dyn Storage) -> String {
    let mut bytes = Vec::new();
    let done = export_workspace(store, workspace(), &[], |line| {
        bytes.extend_from_slice(line);
        Ok(())
    });
    assert!(done.await.unwrap().rows > 1_000);
    String::from_utf8(bytes).unwrap()
}

async fn import(store: &dyn Storage, export: &str) {
    let lines = export.lines().map(|line| Ok(line.to_owned()));
    import_workspace(store, lines).await.unwrap();
}

#[tokio::test]
async fn a_workspace_moves_from_store_to_store_byte_by_byte() {
    let dir = tempfile::tempdir().unwrap();
    let sqlite = SqliteStorage::open(dir.path().join("first.db"))
        .await
        .unwrap();
    furnish(&sqlite, workspace(), 60).await;
    let known = WorkspaceDirectoryRow {
        id: workspace(),
        created_at: from_millis(7),
    };
    let known = Batch::new(Scope::Platform).insert(&known);
    sqlite.commit(known).await.unwrap();
    let first = exported(&sqlite).await;

    let (_schema, postgres) = common::fresh().await;
    import(&postgres, &first).await;
    assert!(
        exported(&postgres).await == first,
        "SQLite to PostgreSQL changed something"
    );

    let back = SqliteStorage::open(dir.path().join("back.db"))
        .await
        .unwrap();
    import(&back, &exported(&postgres).await).await;
    assert!(
        exported(&back).await == first,
        "PostgreSQL to SQLite changed something"
    );

    let memory = MemoryStore::new();
    import(&memory, &first).await;
    assert!(
        exported(&memory).await == first,
        "SQLite to memory changed something"
    );
}
