//! Whole batches: all or nothing, and which check is named.

use std::sync::Arc;

use jooper_storage::tables::{COUNTER, LEAD, LEAD_ADDRESS, NAME};
use jooper_storage::{
    Batch, Check, Claim, ColumnOp, Key, LogCursor, RollupDelta, Scan, Scope, Storage, StoreError,
    Value, Write,
};

use super::sample::{
    at_most, commit, conflict, count, counted, counter, fact, get, lane, put, row, workspace,
};

pub async fn a_failed_check_is_named_and_leaves_nothing(store: Arc<dyn Storage>) {
    commit(&*store, Batch::new(workspace(1)).write(count("c", 5)))
        .await
        .unwrap();
    let mut entry = fact(1);
    entry.rollups = vec![RollupDelta {
        key: b"r".to_vec(),
        add: 1,
    }];
    let batch = Batch::new(workspace(1))
        .check(Check::Absent(counter("new")))
        .check(at_most("c", 7))
        .write(count("new", 1))
        .write(Write::Delete(counter("c")))
        .write(count("c", 8))
        .append(entry);
    assert_eq!(conflict(commit(&*store, batch).await), Some(1));
    let row = get(&*store, workspace(1), &counter("c")).await.unwrap();
    assert_eq!((row.version, &row.values[1]), (1, &Value::Int(5)));
    assert!(get(&*store, workspace(1), &counter("new")).await.is_none());
    let log = store
        .read_log(workspace(1), LogCursor::start())
        .await
        .unwrap();
    assert!(log.records.is_empty());
    let rollups = Scan::table(&jooper_storage::tables::ROLLUP);
    assert!(
        store
            .scan(workspace(1).into(), rollups)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

pub async fn the_first_failed_check_is_the_one_named(store: Arc<dyn Storage>) {
    let wrong = [
        Check::Version(counter("b"), 1),
        Check::Fence(lane(1), 1),
        Check::Version(counter("a"), 1),
    ];
    let batch = |order: &[usize]| {
        let checks = order.iter().map(|at| wrong[*at].clone());
        checks.fold(
            Batch::new(workspace(1)).check(Check::Absent(counter("z"))),
            Batch::check,
        )
    };
    assert_eq!(conflict(commit(&*store, batch(&[0, 1, 2])).await), Some(1));
    assert_eq!(conflict(commit(&*store, batch(&[2, 0])).await), Some(1));
    let lost = commit(&*store, batch(&[1, 0])).await;
    assert!(matches!(lost, Err(StoreError::FenceLost)), "{lost:?}");
}

pub async fn absent_and_version_checks_hold(store: Arc<dyn Storage>) {
    let with = |check| Batch::new(workspace(1)).check(check).write(count("c", 1));
    assert_eq!(
        conflict(commit(&*store, with(Check::Version(counter("c"), 0))).await),
        Some(0)
    );
    assert_eq!(
        conflict(commit(&*store, with(Check::Version(counter("c"), 1))).await),
        Some(0)
    );
    commit(&*store, with(Check::Absent(counter("c"))))
        .await
        .unwrap();
    assert_eq!(
        conflict(commit(&*store, with(Check::Absent(counter("c")))).await),
        Some(0)
    );
    commit(&*store, with(Check::Version(counter("c"), 1)))
        .await
        .unwrap();
    assert_eq!(
        conflict(commit(&*store, with(Check::Version(counter("c"), 1))).await),
        Some(0)
    );
    assert_eq!(
        conflict(commit(&*store, with(Check::Version(counter("c"), u64::MAX))).await),
        Some(0)
    );
    // Checks see the rows as they were before the writes.
    let moved = Batch::new(workspace(1))
        .check(Check::Version(counter("c"), 2))
        .check(Check::Absent(counter("d")))
        .write(Write::Delete(counter("c")))
        .write(count("d", 1));
    commit(&*store, moved).await.unwrap();
}

pub async fn at_most_sees_the_writes_and_takes_an_absent_row_as_zero(store: Arc<dyn Storage>) {
    let add = |n| {
        let first = super::sample::counter_row("c", n);
        Write::Upsert(counter("c"), first, vec![("count", ColumnOp::Add(n))])
    };
    let batch = |n| {
        Batch::new(workspace(1))
            .check(at_most("c", 3))
            .write(add(n))
    };
    assert_eq!(conflict(commit(&*store, batch(4)).await), Some(0));
    commit(&*store, batch(2)).await.unwrap();
    assert_eq!(conflict(commit(&*store, batch(2)).await), Some(0));
    commit(&*store, batch(1)).await.unwrap();
    assert_eq!(counted(&*store, workspace(1), "c").await, Some(3));
    let absent = |most| {
        Batch::new(workspace(1))
            .check(at_most("none", most))
            .write(count("d", 1))
    };
    commit(&*store, absent(0)).await.unwrap();
    assert_eq!(conflict(commit(&*store, absent(-1)).await), Some(0));
}

pub async fn calls_that_break_the_contract_are_refused(store: Arc<dyn Storage>) {
    let invalid = |batch: Batch| {
        let store = Arc::clone(&store);
        async move {
            let result = store.commit(batch).await;
            assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
        }
    };
    let one = |write| Batch::new(workspace(1)).write(count("c", 1)).write(write);
    invalid(one(Write::Delete(Key::new(&COUNTER, Vec::new())))).await;
    invalid(one(Write::Put(counter("d"), vec![Value::Null]))).await;
    let other_key = super::sample::counter_row("e", 1);
    invalid(one(Write::Put(counter("d"), other_key))).await;
    let null = vec![counter("d").values()[0].clone(), Value::Null, Value::Int(1)];
    invalid(one(Write::Put(counter("d"), null))).await;
    let text = ColumnOp::Set(Value::Text("x".to_owned()));
    invalid(one(Write::Patch(counter("d"), vec![("count", text)]))).await;
    invalid(Batch::new(workspace(1)).check(Check::Fence(counter("c"), 1))).await;
    invalid(Batch::new(Scope::Platform).append(fact(1))).await;
    assert!(get(&*store, workspace(1), &counter("c")).await.is_none());

    let scan = store
        .scan(workspace(1).into(), Scan::table(&COUNTER).limit(0))
        .await;
    assert!(matches!(scan, Err(StoreError::Invalid(_))));
    let scan = store
        .scan(workspace(1).into(), Scan::table(&COUNTER).by("nothing"))
        .await;
    assert!(matches!(scan, Err(StoreError::Invalid(_))));
    let cursor = LogCursor { after: 0, limit: 0 };
    assert!(matches!(
        store.read_log(workspace(1), cursor).await,
        Err(StoreError::Invalid(_))
    ));
    let claim = Claim {
        table: &COUNTER,
        bucket: workspace(1).bucket(),
        due_before: 0,
        limit: 1,
        lease_millis: 1,
    };
    assert!(matches!(
        store.claim(claim).await,
        Err(StoreError::Invalid(_))
    ));
}

pub async fn ten_thousand_rows_in_one_batch(store: Arc<dyn Storage>) {
    let mut batch = Batch::new(workspace(1));
    for n in 0..5_000 {
        let (lead, address) = (row(&LEAD, n), row(&LEAD_ADDRESS, n));
        batch = batch
            .check(Check::Absent(super::sample::key_of(&LEAD, &lead)))
            .write(put(&LEAD, lead))
            .write(put(&LEAD_ADDRESS, address));
    }
    commit(&*store, batch).await.unwrap();
    let page = store
        .scan(workspace(1).into(), Scan::table(&LEAD).limit(10_000))
        .await
        .unwrap();
    assert_eq!((page.rows.len(), page.next), (5_000, None));
}

pub async fn a_bulk_batch_beyond_its_bounds_is_refused_and_leaves_nothing(store: Arc<dyn Storage>) {
    let many = |count: usize| {
        (0..count as u64).fold(Batch::new(workspace(1)).bulk(), |batch, n| {
            batch.write(put(&COUNTER, row(&COUNTER, n)))
        })
    };
    let most = Batch::most_rows(&[&COUNTER]);
    let refused = store.commit(many(most + 1)).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid(_))),
        "{refused:?}"
    );
    let half = vec![7; Batch::MAX_BULK_BYTES / 2 + 1];
    let heavy = |n: u64| {
        let sealed = Value::Bytes(half.clone());
        let mut values = row(&NAME, n);
        values[NAME.position("name").unwrap()] = sealed;
        put(&NAME, values)
    };
    let two = Batch::new(workspace(1))
        .bulk()
        .write(heavy(1))
        .write(heavy(2));
    let refused = store.commit(two.clone()).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid(_))),
        "{refused:?}"
    );
    for table in [&COUNTER, &NAME] {
        let page = store.scan(workspace(1).into(), Scan::table(table)).await;
        assert!(page.unwrap().rows.is_empty());
    }
    // As much as may be; and beyond it what is not bulk.
    store.commit(many(most)).await.unwrap();
    let mut urgent = two;
    urgent.bulk = false;
    store.commit(urgent).await.unwrap();
}
