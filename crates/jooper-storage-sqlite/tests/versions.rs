//! What a commit checks is what stands in the file, also where the versions were read a moment ago.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::path::Path;

use jooper_core::{Dimensions, EventId, EventKind, MailboxId, SubjectId, WorkspaceId, from_millis};
use jooper_storage::tables::{COUNTER, CounterRow, LANE, LaneRow, RollupRow, SubjectKeyRow};
use jooper_storage::{
    Batch, Check, Claim, Erase, Key, LogEntry, Record, RollupDelta, Scope, Storage, StoreError,
    Write,
};
use jooper_storage_sqlite::SqliteStorage;
use uuid::Uuid;

fn ws() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(7))
}

fn counter(name: &str, count: i64) -> CounterRow {
    CounterRow {
        key: name.as_bytes().to_vec(),
        count,
        expires_at: 0,
    }
}

async fn open(dir: &Path) -> SqliteStorage {
    SqliteStorage::open(dir.join("jooper.db")).await.unwrap()
}

/// The row's version, as a caller reads it before it commits; 0 when there is none.
async fn read(store: &SqliteStorage, key: &Key) -> u64 {
    let found = store.get(Scope::Workspace(ws()), std::slice::from_ref(key));
    let row = found.await.unwrap().pop().unwrap();
    row.map_or(0, |row| row.version)
}

async fn commit(store: &SqliteStorage, batch: Batch) {
    store.commit(batch).await.unwrap();
}

/// Commits nothing but a mark, if the check holds.
async fn holds(store: &SqliteStorage, check: Check) -> bool {
    let mark = counter("mark", 1);
    match store.commit(Batch::new(ws()).check(check).put(&mark)).await {
        Ok(()) => true,
        Err(StoreError::Conflict { check: 0, .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_version_that_was_read_holds_until_the_row_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let (key, none) = (counter("a", 0).key(), counter("b", 0).key());
    commit(&store, Batch::new(ws()).put(&counter("a", 1))).await;
    assert_eq!(
        (read(&store, &key).await, read(&store, &none).await),
        (1, 0)
    );
    assert!(holds(&store, Check::Version(key.clone(), 1)).await);
    assert!(holds(&store, Check::Absent(none.clone())).await);
    assert!(holds(&store, Check::AtMost(none.clone(), "count", 0)).await);
    // Written by its key, whatever the write is.
    let set = |n| vec![("count", jooper_storage::ColumnOp::Add(n))];
    for (at, write) in [
        Write::Put(key.clone(), counter("a", 5).to_values()),
        Write::Patch(key.clone(), set(1)),
        Write::Upsert(key.clone(), counter("a", 0).to_values(), set(1)),
    ]
    .into_iter()
    .enumerate()
    {
        let version = at as u64 + 1;
        assert_eq!(read(&store, &key).await, version);
        commit(&store, Batch::new(ws()).write(write)).await;
        assert!(!holds(&store, Check::Version(key.clone(), version)).await);
        assert!(!holds(&store, Check::Absent(key.clone())).await);
        assert!(holds(&store, Check::Version(key.clone(), version + 1)).await);
    }
    read(&store, &key).await;
    commit(&store, Batch::new(ws()).write(Write::Delete(key.clone()))).await;
    assert!(holds(&store, Check::Absent(key)).await);
    // What was not there, and is now: also within the batch that writes it.
    read(&store, &none).await;
    let batch =
        Batch::new(ws())
            .put(&counter("b", 3))
            .check(Check::AtMost(none.clone(), "count", 2));
    let refused = store.commit(batch).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert!(holds(&store, Check::Absent(none.clone())).await);
    read(&store, &none).await;
    commit(&store, Batch::new(ws()).put(&counter("b", 3))).await;
    assert!(!holds(&store, Check::Absent(none.clone())).await);
    assert!(!holds(&store, Check::AtMost(none.clone(), "count", 2)).await);
    // Nobody is below zero, whether it is known or not.
    let nobody = counter("c", 0).key();
    read(&store, &nobody).await;
    assert!(!holds(&store, Check::AtMost(nobody, "count", -1)).await);
}

#[tokio::test]
async fn rows_that_nobody_names_by_their_keys_are_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    // A claim.
    let at = from_millis(1_800_000_000_000);
    let lane = LaneRow {
        mailbox: MailboxId::from_uuid(Uuid::from_u128(1)),
        wake_at: at,
        lease_until: from_millis(0),
        fence: 0,
        next_slot: at,
        high_water: at,
        recent: None,
    };
    commit(&store, Batch::new(ws()).put(&lane)).await;
    assert_eq!(read(&store, &lane.key()).await, 1);
    let claim = Claim {
        table: &LANE,
        bucket: ws().bucket(),
        due_before: 1_800_000_000_000,
        limit: 1,
        lease_millis: 1_000,
    };
    assert_eq!(store.claim(claim).await.unwrap().len(), 1);
    assert!(!holds(&store, Check::Version(lane.key(), 1)).await);
    // A rollup.
    let rollup = RollupRow {
        key: b"r".to_vec(),
        count: 1,
    };
    commit(&store, Batch::new(ws()).put(&rollup)).await;
    assert_eq!(read(&store, &rollup.key()).await, 1);
    let id = EventId::from_source(EventKind::Sent, &[b"1"]);
    let mut entry = LogEntry::new(EventKind::Sent, at, &[b"1"], Dimensions::default());
    assert_eq!(entry.id, id);
    entry.rollups.push(RollupDelta {
        key: b"r".to_vec(),
        add: 1,
    });
    commit(&store, Batch::new(ws()).append(entry)).await;
    assert!(!holds(&store, Check::Version(rollup.key(), 1)).await);
    // An erasure.
    let subject = SubjectId::from_uuid(Uuid::from_u128(9));
    let row = SubjectKeyRow {
        subject,
        epoch: 1,
        generation: 1,
        wrapped: vec![1; 16],
        check_value: vec![2; 16],
    };
    commit(&store, Batch::new(ws()).put(&row)).await;
    assert_eq!(read(&store, &row.key()).await, 1);
    let erase = Erase {
        workspace: ws(),
        subject,
    };
    assert_eq!(store.erase(erase).await.unwrap().deleted, 1);
    assert!(!holds(&store, Check::Version(row.key(), 1)).await);
}

/// Nobody else should write: the file is locked. Whoever does is noticed all the same.
#[tokio::test]
async fn what_another_connection_wrote_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let key = counter("a", 0).key();
    commit(&store, Batch::new(ws()).put(&counter("a", 1))).await;
    assert_eq!(read(&store, &key).await, 1);
    let other = rusqlite::Connection::open(store.path()).unwrap();
    let sql = format!("UPDATE \"{}\" SET \"row_version\" = 9", COUNTER.name);
    assert_eq!(other.execute(&sql, []).unwrap(), 1);
    assert!(!holds(&store, Check::Version(key.clone(), 1)).await);
    assert!(holds(&store, Check::Version(key, 9)).await);
}

/// Whatever is read meanwhile, every commit gets its turn, and every read is of one commit.
#[test]
fn reads_and_commits_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let on_this_thread = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let store = on_this_thread().block_on(open(dir.path()));
    let keys: Vec<Key> = ["a", "b"].map(|name| counter(name, 0).key()).to_vec();
    let both = |n| {
        let one = Batch::new(ws()).put(&counter("a", n));
        one.put(&counter("b", n))
    };
    on_this_thread().block_on(commit(&store, both(0)));
    let look = async || {
        let mut seen = 0;
        while seen < 200 {
            let rows = store.get(Scope::Workspace(ws()), &keys).await.unwrap();
            let rows = rows.into_iter().map(|row| row.unwrap().values);
            let rows: Vec<_> = rows
                .map(|row| CounterRow::from_values(row).unwrap().count)
                .collect();
            assert_eq!(rows[0], rows[1], "of one commit");
            assert!(rows[0] >= seen, "and never of an older one");
            seen = rows[0];
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| on_this_thread().block_on(look()));
        }
        on_this_thread().block_on(async {
            for n in 1..=200 {
                commit(&store, both(n)).await;
            }
        });
    });
}
