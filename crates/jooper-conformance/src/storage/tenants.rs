//! Tenants never meet (law L7).

use std::sync::Arc;

use jooper_core::WorkspaceId;
use jooper_storage::tables::{COUNTER, WORKSPACE_DIRECTORY};
use jooper_storage::{Batch, Check, LogCursor, Scan, Scope, Storage, StoreError, Write};

use super::sample::{
    commit, conflict, count, counted, counter, fact, key_of, put, row, workspace_in,
};

pub async fn tenants_never_meet(store: Arc<dyn Storage>) {
    // Neighbors in a bucket, the same number in another bucket.
    let spaces: [WorkspaceId; 3] = [workspace_in(7, 1), workspace_in(7, 2), workspace_in(8, 1)];
    for (n, space) in spaces.iter().enumerate() {
        let batch = Batch::new(*space)
            .check(Check::Absent(counter("c")))
            .write(count("c", n as i64))
            .append(fact(1));
        commit(&*store, batch).await.unwrap();
    }
    for (n, space) in spaces.iter().enumerate() {
        assert_eq!(counted(&*store, *space, "c").await, Some(n as i64));
        let page = store
            .scan((*space).into(), Scan::table(&COUNTER))
            .await
            .unwrap();
        assert_eq!(page.rows.len(), 1);
        let log = store.read_log(*space, LogCursor::start()).await.unwrap();
        assert_eq!(
            log.records
                .iter()
                .map(|record| record.seq)
                .collect::<Vec<_>>(),
            [1]
        );
    }
    let batch = Batch::new(spaces[0])
        .write(Write::Delete(counter("c")))
        .append(fact(2));
    commit(&*store, batch).await.unwrap();
    for space in &spaces[1..] {
        assert!(counted(&*store, *space, "c").await.is_some());
        let again = Batch::new(*space).check(Check::Absent(counter("c")));
        assert_eq!(conflict(commit(&*store, again).await), Some(0));
        let log = store.read_log(*space, LogCursor::start()).await.unwrap();
        assert_eq!(log.records.len(), 1);
    }
}

pub async fn tenant_and_platform_tables_do_not_mix(store: Arc<dyn Storage>) {
    let space = workspace_in(7, 1);
    let directory = row(&WORKSPACE_DIRECTORY, 1);
    let refused = |result: Result<(), StoreError>| {
        assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
    };
    let entry = || put(&WORKSPACE_DIRECTORY, directory.clone());
    refused(commit(&*store, Batch::new(space).write(entry())).await);
    refused(commit(&*store, Batch::new(Scope::Platform).write(count("c", 1))).await);
    refused(
        commit(
            &*store,
            Batch::new(Scope::Platform).check(Check::Absent(counter("c"))),
        )
        .await,
    );
    let key = [key_of(&WORKSPACE_DIRECTORY, &directory)];
    refused(store.get(space.into(), &key).await.map(|_| ()));
    refused(
        store
            .scan(space.into(), Scan::table(&WORKSPACE_DIRECTORY))
            .await
            .map(|_| ()),
    );
    refused(
        store
            .scan(Scope::Platform, Scan::table(&COUNTER))
            .await
            .map(|_| ()),
    );
    commit(&*store, Batch::new(Scope::Platform).write(entry()))
        .await
        .unwrap();
    let found = store.get(Scope::Platform, &key).await.unwrap();
    assert!(found[0].is_some());
}
