//! The suites on SQLite and the witness in a file.

use jooper_storage_sqlite::{FileWitness, SqliteStorage};

jooper_conformance::storage_suite!(sqlite, || async {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStorage::open(dir.path().join("jooper.db"))
        .await
        .unwrap();
    (dir, store)
});

jooper_conformance::witness_suite!(file_witness, || async {
    let dir = tempfile::tempdir().unwrap();
    let witness = FileWitness::open(dir.path().join("witness")).await.unwrap();
    (dir, witness)
});
