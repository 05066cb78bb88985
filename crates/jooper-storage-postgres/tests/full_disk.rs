//! PostgreSQL whose tables lie on a disk that fills.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::path::Path;
use std::process::Command;

use jooper_core::{KeyedIndex, Sealed, WorkspaceId};
use jooper_storage::tables::{NAME, NameRow};
use jooper_storage::{Batch, Scan, Storage, StoreError};
use jooper_storage_postgres::PostgresOptions;
use tokio::task::JoinSet;
use uuid::Uuid;

mod cluster;

const TEST: &str = "a_full_disk_is_a_typed_error_and_the_store_goes_on_when_there_is_room";

fn name(n: u128) -> NameRow {
    // Bytes that do not compress, or the server would store almost nothing.
    let noise = (0..6_000_u128).flat_map(|at| Uuid::from_u128(at * 7_919 + n).into_bytes());
    let mixed = noise.scan(n as u8, |last, byte| {
        *last = last.wrapping_mul(167).wrapping_add(byte ^ 0x5d);
        Some(*last)
    });
    NameRow {
        id: Uuid::from_u128(n),
        kind: 1,
        name_index: KeyedIndex::from_bytes([1; 32]),
        name: Sealed::from_envelope(mixed.collect()),
    }
}

async fn fill_the_disk(dir: &Path) {
    let ballast = dir.join("ballast");
    std::fs::write(&ballast, vec![1; 6 << 20]).unwrap();
    let (cluster, tables) = (cluster::Cluster::start(), dir.join("tables"));
    std::fs::create_dir(&tables).unwrap();
    cluster.give(&tables);
    let (client, driver) = tokio_postgres::connect(&cluster.address(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let mut driving = JoinSet::new();
    driving.spawn(driver);
    let space = format!("CREATE TABLESPACE small LOCATION '{}'", tables.display());
    client.batch_execute(&space).await.unwrap();
    let address = format!(
        "{}?options=-c%20default_tablespace%3Dsmall",
        cluster.address()
    );
    let store = PostgresOptions::new(&address)
        .unwrap()
        .open()
        .await
        .unwrap();
    let workspace = WorkspaceId::from_uuid(Uuid::from_u128(7));
    let insert = |n| Batch::new(workspace).insert(&name(n));
    let mut written = 0;
    let refused = loop {
        match store.commit(insert(written)).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1_000, "the disk never filled");
    };
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert!(written > 10, "{written}");
    let count = async || {
        let page = store
            .scan(workspace.into(), Scan::table(&NAME))
            .await
            .unwrap();
        assert!(page.rows.iter().all(|row| row.version == 1));
        page.rows.len() as u128
    };
    assert_eq!(count().await, written, "reads go on and nothing is lost");
    let again = store.commit(insert(written)).await;
    assert!(matches!(again, Err(StoreError::Full(_))), "{again:?}");
    std::fs::remove_file(ballast).unwrap();
    store.commit(insert(written)).await.unwrap();
    assert_eq!(
        count().await,
        written + 1,
        "it goes on without being opened again"
    );
}

/// On a file system of 32 MiB in a mount namespace of its own, so that no other process sees it.
/// The log of the server lies on the real disk: a server that cannot write that ends itself, which
/// is the test of killed servers.
#[test]
fn a_full_disk_is_a_typed_error_and_the_store_goes_on_when_there_is_room() {
    if let Ok(dir) = std::env::var("JOOPER_FULL_DISK") {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        runtime.unwrap().block_on(fill_the_disk(Path::new(&dir)));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let script =
        r#"mount -t tmpfs -o size=32m,mode=755 tmpfs "$JOOPER_FULL_DISK" && exec "$0" "$@""#;
    // The server refuses root, so whoever is not root keeps their own name in there.
    let me = cluster::server_user();
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt;
        own.uid() != me
    });
    let names: &[&str] = match root {
        true => &["--mount"],
        false => &["--map-current-user", "--keep-caps", "--mount"],
    };
    let status = Command::new("unshare")
        .args(names)
        .args(["sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .args([TEST, "--exact"])
        .env("JOOPER_FULL_DISK", dir.path())
        .status()
        .expect("`unshare` of util-linux makes the small file system");
    assert!(status.success(), "see above");
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        0,
        "it ran on the real disk"
    );
}
