//! Connections over TLS: verified, or not at all.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use jooper_core::WorkspaceId;
use jooper_storage::tables::CounterRow;
use jooper_storage::{Batch, Storage, StorageExt, StoreError, Value};
use jooper_storage_postgres::PostgresOptions;
use uuid::Uuid;

#[allow(dead_code, reason = "the other test of a cluster uses the rest")]
mod cluster;
use cluster::Cluster;

fn options(cluster: &Cluster, mode: &str) -> PostgresOptions {
    PostgresOptions::new(&format!("{}?sslmode={mode}", cluster.address())).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verified_server_is_spoken_to_over_tls_and_no_other_way() {
    let cluster = Cluster::start_encrypted();
    let trusted = options(&cluster, "require")
        .root_certificates(Cluster::authority())
        .unwrap();
    let store = trusted.open().await.unwrap();
    let space = WorkspaceId::from_uuid(Uuid::from_u128(1));
    let row = CounterRow {
        key: b"over tls".to_vec(),
        count: 1,
        expires_at: 1,
    };
    store.commit(Batch::new(space).put(&row)).await.unwrap();
    let key = vec![Value::Bytes(row.key.clone())];
    let found = store.find::<CounterRow>(space, key).await.unwrap();
    assert_eq!(found.unwrap().record, row);

    // A server whose certificate nobody vouches for, and plain text to one that refuses it.
    let stranger = options(&cluster, "require").open().await;
    assert!(
        matches!(stranger, Err(StoreError::Unavailable(_))),
        "{stranger:?}"
    );
    let plain = options(&cluster, "disable").open().await;
    assert!(
        plain.is_err(),
        "the server takes encrypted connections only"
    );
    store.close();
}
