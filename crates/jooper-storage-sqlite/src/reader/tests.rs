//! Reads that panic.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use jooper_core::WorkspaceId;
use jooper_storage::tables::CounterRow;
use jooper_storage::{Batch, Record, Storage};
use uuid::Uuid;

use super::*;
use crate::{SqliteOptions, SqliteStorage};

fn scope() -> Scope {
    WorkspaceId::from_uuid(Uuid::from_u128(7)).into()
}

fn row() -> CounterRow {
    CounterRow {
        key: vec![1],
        count: 1,
        expires_at: 1,
    }
}

/// Leaves a snapshot open of the time before anything was written, and panics.
fn breaks(session: &Session) -> Result<(), StoreError> {
    session.control("BEGIN").unwrap();
    let rows = "SELECT count(*) FROM counter";
    let none: i64 = session
        .connection
        .query_row(rows, [], |row| row.get(0))
        .unwrap();
    panic!("planted, over {none} rows")
}

#[tokio::test]
async fn a_read_that_panics_takes_its_own_answer_along_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(dir.path().join("a.db")).readers(1);
    let store = options.open().await.unwrap();
    let seen = || store.read(|session| get(session, scope(), &[row().key()]));
    let (died, behind) = tokio::join!(store.read(breaks), seen());
    assert!(matches!(&died, Err(StoreError::Unavailable(_))), "{died:?}");
    assert!(behind.unwrap()[0].is_none(), "who waited");
    store.commit(Batch::new(scope()).put(&row())).await.unwrap();
    let now = seen().await.unwrap();
    assert!(now[0].is_some(), "who came, and what was written since");
}

#[tokio::test]
async fn a_small_read_that_panics_leaves_the_reader_at_work() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStorage::open(dir.path().join("a.db")).await.unwrap();
    let connection = crate::open::connect(store.path(), 1024).unwrap();
    let catalog = crate::catalog::Catalog::new(jooper_storage::tables::all());
    let shared = Shared::new(Session::new(connection, Arc::new(catalog)));
    let died = || {
        catch_unwind(AssertUnwindSafe(|| {
            let _ = now(std::slice::from_ref(&shared), |session, _| breaks(session));
        }))
    };
    assert!(died().is_err());
    store.commit(Batch::new(scope()).put(&row())).await.unwrap();
    // The next small read meets a connection in order.
    let found = now(std::slice::from_ref(&shared), |session, _| {
        get(session, scope(), &[row().key()])
    });
    assert!(found.unwrap().unwrap()[0].is_some());
    // So does the thread.
    assert!(died().is_err());
    let queue = Arc::new(Queue::new(1));
    let (to, answer) = tokio::sync::oneshot::channel();
    let read: Read = Box::new(move |session| {
        let _ = to.send(session.connection.is_autocommit());
    });
    assert!(queue.push(read, false).is_ok());
    queue.close();
    let thread = start(shared, queue).unwrap();
    assert!(answer.await.unwrap());
    thread.join().unwrap();
}
