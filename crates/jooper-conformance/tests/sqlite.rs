//! The suite on SQLite.

use jooper_storage_sqlite::SqliteStorage;

jooper_conformance::storage_suite!(sqlite, || async {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStorage::open(dir.path().join("jooper.db"))
        .await
        .unwrap();
    (dir, store)
});
