//! What SQLite adds to the suite: one owner, reopening, backup and restore, erasure in the bytes.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use jiff::Timestamp;
use jooper_core::{Clock, InstallationId, KeyedIndex, LeadId, SubjectId, WorkspaceId, from_millis};
use jooper_storage::tables::{
    COUNTER, ContactFenceRow, CounterRow, LANE, NAME, NameRow, SubjectKeyRow,
};
use jooper_storage::{
    Batch, Bytes, Claim, Erase, MemoryWitness, Record, Scan, Scope, Standing, Storage, StorageExt,
    StoreError, Value,
};
use jooper_storage_sqlite::{SqliteOptions, SqliteStorage};
use uuid::Uuid;

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(7))
}

fn counter(name: &str, count: i64) -> CounterRow {
    CounterRow {
        key: name.as_bytes().to_vec(),
        count,
        expires_at: 0,
    }
}

async fn count(store: &SqliteStorage, name: &str) -> Option<i64> {
    let key = vec![Value::Bytes(name.as_bytes().to_vec())];
    let found = store.find::<CounterRow>(workspace(), key).await.unwrap();
    found.map(|found| found.record.count)
}

async fn put(store: &SqliteStorage, name: &str, n: i64) {
    store
        .commit(Batch::new(workspace()).put(&counter(name, n)))
        .await
        .unwrap();
}

#[tokio::test]
async fn each_commit_is_told_with_the_number_of_writes_that_shared_it() {
    let dir = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let groups = Arc::clone(&told);
    let options = SqliteOptions::new(dir.path().join("jooper.db"))
        .watch_groups(move |size| groups.lock().unwrap().push(size));
    let store = options.open().await.unwrap();
    put(&store, "alone", 1).await;
    assert_eq!(*told.lock().unwrap(), [1]);
    let mut others = tokio::task::JoinSet::new();
    for n in 0..40 {
        let store = store.clone();
        others.spawn(async move { put(&store, &n.to_string(), 1).await });
    }
    others.join_all().await;
    store.close();
    let told = told.lock().unwrap();
    assert_eq!(told.iter().sum::<usize>(), 41, "{told:?}");
    let (writes, syncs) = store.shared_syncs();
    assert_eq!((writes, syncs), (41, told.len() as u64));
}

#[tokio::test]
async fn one_process_owns_the_file_and_finds_its_rows_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jooper.db");
    let store = SqliteStorage::open(&path).await.unwrap();
    put(&store, "a", 3).await;
    let second = SqliteStorage::open(&path).await.unwrap_err();
    assert!(matches!(second, StoreError::InUse));
    assert!(second.to_string().contains("PostgreSQL"));
    let link = dir.path().join("another name");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(
        SqliteStorage::open(&link).await,
        Err(StoreError::InUse)
    ));
    store.close();
    assert!(store.now().await.is_ok());
    let late = store
        .commit(Batch::new(workspace()).put(&counter("b", 1)))
        .await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))));
    let store = SqliteStorage::open(&path).await.unwrap();
    assert_eq!(
        (count(&store, "a").await, count(&store, "b").await),
        (Some(3), None)
    );
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStorage::open(dir.path().join("jooper.db"))
        .await
        .unwrap();
    put(&store, "a", 1).await;
    store.backup_to(dir.path().join("copy.db")).await.unwrap();
    let mut files = 0;
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o077,
            0,
            "{entry:?}"
        );
        files += 1;
    }
    assert!(files >= 4, "file, log, index of the log, lock, copy");
}

#[tokio::test]
async fn a_backup_is_one_point_in_time_and_restores_verified() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let store = SqliteStorage::open(path("jooper.db")).await.unwrap();
    put(&store, "a", 1).await;
    // Pairs are written together while the copy is made.
    let writer = async {
        for n in 0..200 {
            let batch = Batch::new(workspace())
                .put(&counter("x", n))
                .put(&counter("y", n));
            store.commit(batch).await.unwrap();
        }
    };
    let (backup, ()) = tokio::join!(store.backup_to(path("copy.db")), writer);
    assert!(backup.unwrap().bytes > 0);
    let again = store.backup_to(path("copy.db")).await;
    assert!(
        matches!(again, Err(StoreError::Invalid(_))),
        "a backup is never overwritten"
    );
    put(&store, "a", 2).await;

    SqliteStorage::restore(path("copy.db"), path("restored.db"))
        .await
        .unwrap();
    let restored = SqliteStorage::open(path("restored.db")).await.unwrap();
    assert_eq!(count(&restored, "a").await, Some(1));
    assert_eq!(count(&restored, "x").await, count(&restored, "y").await);
    put(&restored, "a", 9).await;
    let over = SqliteStorage::restore(path("copy.db"), path("restored.db")).await;
    assert!(
        matches!(over, Err(StoreError::Invalid(_))),
        "live data is never overwritten"
    );
    // A store copied as files has what is newest in its log: it is no backup.
    let raw = SqliteStorage::restore(path("jooper.db"), path("raw.db")).await;
    assert!(matches!(raw, Err(StoreError::Invalid(_))), "{raw:?}");
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let store = SqliteStorage::open(path("jooper.db")).await.unwrap();
    for n in 0..300 {
        put(&store, &format!("counter {n}"), n).await;
    }
    store.backup_to(path("copy.db")).await.unwrap();
    let mut bytes = fs::read(path("copy.db")).unwrap();
    // The page of some counters.
    let at = bytes
        .windows(11)
        .position(|part| part == b"counter 200")
        .unwrap();
    let page = at / 4096 * 4096;
    bytes[page..page + 64].fill(0xff);
    fs::write(path("copy.db"), &bytes).unwrap();
    let refused = SqliteStorage::restore(path("copy.db"), path("restored.db")).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
    assert!(!path("restored.db").exists() && !path("restored.db.partial").exists());
    fs::write(
        path("text"),
        "not a database, but long enough to look at twice",
    )
    .unwrap();
    for file in ["text", "nothing"] {
        let refused = SqliteStorage::restore(path(file), path("restored.db")).await;
        assert!(refused.is_err(), "{file}");
    }
    assert!(matches!(
        SqliteStorage::open(path("text")).await,
        Err(StoreError::Corrupt { .. })
    ));
}

#[tokio::test]
async fn a_damaged_page_is_a_typed_error_and_the_store_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jooper.db");
    let store = SqliteStorage::open(&file).await.unwrap();
    for n in 0..300 {
        put(&store, &format!("counter {n}"), n).await;
    }
    store.close();
    let mut bytes = fs::read(&file).unwrap();
    // The page of the row, and that of its entry in the index, whichever comes first in the file.
    let parts = bytes.windows(11).enumerate();
    let found = parts.filter(|(_, part)| *part == b"counter 200");
    let pages: BTreeSet<usize> = found.map(|(at, _)| at / 4096 * 4096).collect();
    for page in pages {
        bytes[page..page + 64].fill(0xff);
    }
    fs::write(&file, &bytes).unwrap();
    let store = SqliteStorage::open(&file).await.unwrap();
    let scan = store
        .page::<CounterRow>(workspace(), Scan::table(CounterRow::TABLE))
        .await;
    assert!(matches!(scan, Err(StoreError::Corrupt { .. })), "{scan:?}");
    let other = NameRow {
        id: Uuid::from_u128(1),
        kind: 1,
        name_index: KeyedIndex::from_bytes([1; 32]),
        name: jooper_core::Sealed::from_envelope(vec![1]),
    };
    store
        .commit(Batch::new(workspace()).put(&other))
        .await
        .unwrap();
    let names = store
        .scan(workspace().into(), Scan::table(&NAME))
        .await
        .unwrap();
    assert_eq!(names.rows.len(), 1);
}

fn holds(dir: &Path, needle: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if bytes.windows(needle.len()).any(|part| part == needle) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test]
async fn erased_bytes_leave_the_file_its_log_and_its_index() {
    const SECRET: &[u8] = b"wrapped key of a person who left";
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStorage::open(dir.path().join("jooper.db"))
        .await
        .unwrap();
    let subject = SubjectId::from(LeadId::from_uuid(Uuid::from_u128(9)));
    let key = |subject, wrapped: Vec<u8>| SubjectKeyRow {
        subject,
        epoch: 1,
        generation: 1,
        wrapped,
        check_value: SECRET.to_vec(),
    };
    for n in 0..50 {
        // Neighbors before and behind, and overflow pages.
        let other = SubjectId::from(LeadId::from_uuid(Uuid::from_u128(n * 7 + 1)));
        let mut row = key(other, vec![n as u8; 500]);
        row.check_value = vec![1];
        store
            .commit(Batch::new(workspace()).put(&row))
            .await
            .unwrap();
    }
    let long = SECRET.repeat(400);
    store
        .commit(Batch::new(workspace()).put(&key(subject, long)))
        .await
        .unwrap();
    store
        .commit(Batch::new(workspace()).put(&key(subject, SECRET.to_vec())))
        .await
        .unwrap();
    assert!(
        !holds(dir.path(), SECRET).is_empty(),
        "the search finds what is there"
    );
    let workspace = workspace();
    let done = store.erase(Erase { workspace, subject }).await.unwrap();
    assert_eq!((done.deleted, done.bytes), (1, Bytes::Gone));
    assert_eq!(holds(dir.path(), SECRET), Vec::<String>::new());
    store.close();
    assert_eq!(holds(dir.path(), SECRET), Vec::<String>::new());
}

#[tokio::test]
async fn an_erasure_under_a_long_reader_says_that_it_is_not_physical_yet() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jooper.db");
    let store = SqliteStorage::open(&file).await.unwrap();
    put(&store, "a", 1).await;
    let reader = rusqlite::Connection::open(&file).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let rows: i64 = reader
        .query_row("SELECT count(*) FROM counter", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
    let subject = SubjectId::from(workspace());
    let erase = Erase {
        workspace: workspace(),
        subject,
    };
    put(&store, "b", 1).await;
    assert_eq!(store.erase(erase).await.unwrap().bytes, Bytes::Held);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(store.erase(erase).await.unwrap().bytes, Bytes::Gone);
}

#[tokio::test]
async fn a_queue_that_is_full_answers_busy_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteOptions::new(dir.path().join("jooper.db"))
        .queue(4)
        .open()
        .await
        .unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..200 {
        let store = store.clone();
        calls.spawn(async move {
            let fence = ContactFenceRow::of(KeyedIndex::from_bytes([n; 32]));
            store.commit(Batch::new(workspace()).insert(&fence)).await
        });
    }
    let (mut done, mut busy) = (0, 0);
    for result in calls.join_all().await {
        match result {
            Ok(()) => done += 1,
            Err(StoreError::Busy(_)) => busy += 1,
            Err(error) => panic!("{error}"),
        }
    }
    let page = store
        .page::<ContactFenceRow>(workspace(), Scan::table(ContactFenceRow::TABLE))
        .await;
    assert_eq!(page.unwrap().records.len(), done);
    assert!(done > 0 && busy > 0, "{done} done, {busy} busy");
}

#[tokio::test]
async fn a_copy_says_that_it_is_one_and_the_store_it_was_made_of_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let witness = MemoryWitness::new();
    let installation = InstallationId::from_uuid(Uuid::from_u128(5));
    let store = SqliteStorage::open(path("store.db")).await.unwrap();
    let first = Standing::read(&store, &witness, installation)
        .await
        .unwrap();
    let at = store.now().await.unwrap();
    first.settle(&store, &witness, 0, at).await.unwrap();
    store.backup_to(path("copy.db")).await.unwrap();
    SqliteStorage::restore(path("copy.db"), path("restored.db"))
        .await
        .unwrap();
    let copy = SqliteStorage::open(path("restored.db")).await.unwrap();
    // Even beside a witness that is as old as the copy.
    let found = Standing::read(&copy, &MemoryWitness::new(), installation).await;
    assert!(found.unwrap().restored);
    let own = Standing::read(&store, &witness, installation).await;
    assert!(!own.unwrap().restored);
}

/// What a future says when it is asked once; `None` when it waits.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = Context::from_waker(Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        Poll::Ready(said) => Some(said),
        Poll::Pending => None,
    }
}

#[tokio::test]
async fn small_reads_take_no_way_to_another_thread_and_large_ones_are_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jooper.db");
    let store = SqliteStorage::open(&path).await.unwrap();
    for n in 0..40 {
        put(&store, &format!("{n:02}"), n).await;
    }
    let scope = Scope::Workspace(workspace());
    let keys = |count: i64| -> Vec<_> {
        (0..count)
            .map(|n| counter(&format!("{n:02}"), n).key())
            .collect()
    };
    // No reader has anything to do yet.
    let few = at_once(store.get(scope, &keys(40))).expect("40 keys are few");
    assert!(few.unwrap().iter().all(Option::is_some));
    let scan = |limit| Scan::table(&COUNTER).limit(limit);
    let page = at_once(store.scan(scope, scan(16))).expect("16 rows are few");
    let page = page.unwrap();
    assert!(page.rows.len() == 16 && page.next.is_some());
    assert_eq!(store.get(scope, &keys(65)).await.unwrap().len(), 65);
    let page = store.scan(scope, scan(30)).await.unwrap();
    assert!(page.rows.len() == 30 && page.next.is_some());
    let page = store.scan(scope, scan(50)).await.unwrap();
    assert!(page.rows.len() == 40 && page.next.is_none());
    store.close();
    let late = store.get(scope, &keys(1)).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().contains("-wal")),
        "{left:?}"
    );
}

/// An embedder's clock that panics for as long as it is told to.
#[derive(Debug, Default)]
struct Breaks(AtomicBool);

impl Clock for Breaks {
    fn now(&self) -> Timestamp {
        assert!(!self.0.load(Ordering::SeqCst), "planted");
        from_millis(1)
    }
}

#[tokio::test]
async fn a_clock_that_panics_takes_the_claim_along_that_asked_it_and_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(Breaks::default());
    let options = SqliteOptions::new(dir.path().join("jooper.db")).clock(clock.clone());
    let store = options.open().await.unwrap();
    let claim = || {
        store.claim(Claim {
            table: &LANE,
            bucket: workspace().bucket(),
            due_before: 1,
            limit: 1,
            lease_millis: 1,
        })
    };
    clock.0.store(true, Ordering::SeqCst);
    let (claimed, ()) = tokio::join!(claim(), put(&store, "waited", 1));
    assert!(
        matches!(&claimed, Err(StoreError::Unknown(_))),
        "{claimed:?}"
    );
    put(&store, "came", 2).await;
    clock.0.store(false, Ordering::SeqCst);
    assert!(claim().await.unwrap().is_empty());
    assert_eq!(count(&store, "waited").await, Some(1));
    assert_eq!(count(&store, "came").await, Some(2));
}
