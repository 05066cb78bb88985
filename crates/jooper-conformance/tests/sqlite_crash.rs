//! SQLite under `kill -9` and on a full disk.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use jooper_conformance::storage::crash;
use jooper_core::{KeyedIndex, Sealed, WorkspaceId};
use jooper_storage::tables::{NAME, NameRow};
use jooper_storage::{Batch, Scan, Storage, StoreError};
use jooper_storage_sqlite::SqliteStorage;
use uuid::Uuid;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

const KILLS: u64 = 200;

#[test]
fn two_hundred_kills_lose_nothing_and_leave_no_batch_in_part() {
    if let (Ok(file), Ok(run)) = (
        std::env::var("JOOPER_CRASH_FILE"),
        std::env::var("JOOPER_CRASH_RUN"),
    ) {
        runtime().block_on(async {
            let store = SqliteStorage::open(file).await.unwrap();
            crash::write_until_killed(Arc::new(store), run.parse().unwrap()).await;
        });
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jooper.db");
    let (mut unheard, mut log) = (0, 0);
    for run in 1..=KILLS {
        let (path, number) = (file.to_str().unwrap(), run.to_string());
        let variables = [("JOOPER_CRASH_FILE", path), ("JOOPER_CRASH_RUN", &number)];
        let test = "two_hundred_kills_lose_nothing_and_leave_no_batch_in_part";
        let acknowledged = crash::start_and_kill(test, &variables, run);
        runtime().block_on(async {
            let store = SqliteStorage::open(&file).await.unwrap();
            let whole = crash::check(&store, run, &acknowledged, &mut log).await;
            unheard += whole - acknowledged.len();
            if run % 50 == 0 {
                crash::check_indexes(&store).await;
                let copy = dir.path().join(format!("copy {run}"));
                store.backup_to(copy).await.unwrap();
            }
        });
    }
    assert!(
        unheard > 0,
        "no kill fell between a commit and its answer: kill later"
    );
}

fn name(n: u128, size: usize) -> NameRow {
    NameRow {
        id: Uuid::from_u128(n),
        kind: 1,
        name_index: KeyedIndex::from_bytes([1; 32]),
        name: Sealed::from_envelope(vec![7; size]),
    }
}

async fn fill_the_disk(dir: &Path) {
    let workspace = WorkspaceId::from_uuid(Uuid::from_u128(7));
    let ballast = dir.join("ballast");
    std::fs::write(&ballast, vec![1; 4 << 20]).unwrap();
    let store = SqliteStorage::open(dir.join("jooper.db")).await.unwrap();
    let mut written = 0;
    let refused = loop {
        match store
            .commit(Batch::new(workspace).insert(&name(written, 100_000)))
            .await
        {
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
    let copy = store.backup_to(dir.join("copy.db")).await;
    assert!(matches!(copy, Err(StoreError::Full(_))), "{copy:?}");
    assert!(!dir.join("copy.db").exists() && !dir.join("copy.db.partial").exists());
    let again = store
        .commit(Batch::new(workspace).insert(&name(written, 100_000)))
        .await;
    assert!(matches!(again, Err(StoreError::Full(_))), "{again:?}");
    std::fs::remove_file(ballast).unwrap();
    store
        .commit(Batch::new(workspace).insert(&name(written, 100_000)))
        .await
        .unwrap();
    assert_eq!(
        count().await,
        written + 1,
        "it goes on without being opened again"
    );
    store.close();
    let store = SqliteStorage::open(dir.join("jooper.db")).await.unwrap();
    let page = store
        .scan(workspace.into(), Scan::table(&NAME))
        .await
        .unwrap();
    assert_eq!(page.rows.len() as u128, written + 1);
}

/// On a file system of 16 MiB in a mount namespace of its own, so that no other process sees it.
#[test]
fn a_full_disk_is_a_typed_error_and_the_store_goes_on_when_there_is_room() {
    if let Ok(dir) = std::env::var("JOOPER_FULL_DISK") {
        runtime().block_on(fill_the_disk(Path::new(&dir)));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=16m tmpfs "$JOOPER_FULL_DISK" && exec "$0" "$@""#;
    let status = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .args([
            "a_full_disk_is_a_typed_error_and_the_store_goes_on_when_there_is_room",
            "--exact",
        ])
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
