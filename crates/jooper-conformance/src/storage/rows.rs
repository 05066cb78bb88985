//! Single rows: put, get, delete, patch, upsert.

use std::sync::Arc;

use jooper_storage::tables::{self, CONTACT_FENCE, COUNTER, ENROLLMENT};
use jooper_storage::{Batch, ColumnOp, Key, Scan, Scope, Storage, TableScope, Value, Write};

use super::sample::{cell, commit, count, counted, counter, get, key_of, put, row, workspace};

pub async fn every_table_keeps_every_kind_of_value(store: Arc<dyn Storage>) {
    for table in tables::all() {
        let scope = match table.scope {
            TableScope::Tenant => Scope::Workspace(workspace(1)),
            TableScope::Platform => Scope::Platform,
        };
        let mut rows: Vec<_> = (1..=20).map(|n| row(table, n * 777)).collect();
        let writes = rows.iter().cloned();
        let batch = writes.fold(Batch::new(scope), |batch, values| {
            batch.write(put(table, values))
        });
        commit(&*store, batch).await.unwrap();
        for values in &rows {
            let found = get(&*store, scope, &key_of(table, values)).await;
            let found = found.unwrap_or_else(|| panic!("{} lost a row", table.name));
            assert_eq!(&found.values, values, "{}", table.name);
            assert_eq!(found.version, 1, "{}", table.name);
        }
        let page = store.scan(scope, Scan::table(table)).await.unwrap();
        assert!(page.next.is_none());
        rows.sort();
        let scanned: Vec<_> = page.rows.into_iter().map(|row| row.values).collect();
        assert_eq!(scanned, rows, "{}", table.name);
    }
}

pub async fn a_put_replaces_the_row_and_raises_the_version(store: Arc<dyn Storage>) {
    for version in 1..=3 {
        let batch = Batch::new(workspace(1)).write(count("c", version * 10));
        commit(&*store, batch).await.unwrap();
        let row = get(&*store, workspace(1), &counter("c")).await.unwrap();
        assert_eq!(row.version, version as u64);
        assert_eq!(row.values[1], Value::Int(version * 10));
    }
    let twice = Batch::new(workspace(1))
        .write(count("c", 1))
        .write(count("c", 2));
    commit(&*store, twice).await.unwrap();
    let row = get(&*store, workspace(1), &counter("c")).await.unwrap();
    assert_eq!((row.version, &row.values[1]), (5, &Value::Int(2)));
}

pub async fn get_answers_in_the_order_asked(store: Arc<dyn Storage>) {
    let batch = Batch::new(workspace(1))
        .write(count("a", 1))
        .write(count("b", 2));
    commit(&*store, batch).await.unwrap();
    let keys = [counter("b"), counter("x"), counter("a"), counter("b")];
    let rows = store.get(workspace(1).into(), &keys).await.unwrap();
    let counts: Vec<_> = rows
        .iter()
        .map(|row| row.as_ref().map(|row| row.values[1].clone()))
        .collect();
    let int = |n| Some(Value::Int(n));
    assert_eq!(counts, [int(2), None, int(1), int(2)]);
    assert!(
        store
            .get(workspace(1).into(), &[])
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn a_deleted_row_is_gone_and_begins_anew(store: Arc<dyn Storage>) {
    let delete = || Batch::new(workspace(1)).write(Write::Delete(counter("c")));
    commit(&*store, delete()).await.unwrap();
    let twice = Batch::new(workspace(1))
        .write(count("c", 1))
        .write(count("c", 2));
    commit(&*store, twice).await.unwrap();
    commit(&*store, delete()).await.unwrap();
    assert!(get(&*store, workspace(1), &counter("c")).await.is_none());
    let again = delete()
        .write(count("c", 5))
        .write(Write::Delete(counter("c")))
        .write(count("c", 6));
    commit(&*store, again).await.unwrap();
    let row = get(&*store, workspace(1), &counter("c")).await.unwrap();
    assert_eq!((row.version, &row.values[1]), (1, &Value::Int(6)));
}

pub async fn a_patch_changes_the_named_columns_of_rows_that_exist(store: Arc<dyn Storage>) {
    let mut values = row(&ENROLLMENT, 0);
    let patch = |key: &Key| {
        Write::Patch(
            key.clone(),
            vec![
                ("due_at", ColumnOp::Set(Value::Null)),
                ("sent", ColumnOp::Add(3)),
                ("thread", ColumnOp::Set(Value::Text("thread".to_owned()))),
            ],
        )
    };
    let key = key_of(&ENROLLMENT, &values);
    commit(&*store, Batch::new(workspace(1)).write(patch(&key)))
        .await
        .unwrap();
    assert!(get(&*store, workspace(1), &key).await.is_none());
    let batch = Batch::new(workspace(1))
        .write(put(&ENROLLMENT, values.clone()))
        .write(patch(&key));
    commit(&*store, batch).await.unwrap();
    let mut set = |name: &str, value| {
        let at = ENROLLMENT.position(name).unwrap();
        values[at] = value;
    };
    set("due_at", Value::Null);
    set("sent", Value::Int(3));
    set("thread", Value::Text("thread".to_owned()));
    let found = get(&*store, workspace(1), &key).await.unwrap();
    assert_eq!(found.values, values);
    assert_eq!(found.version, 2);
}

pub async fn an_upsert_inserts_or_changes(store: Arc<dyn Storage>) {
    let upsert = |n| {
        let first = super::sample::counter_row("c", 100);
        Write::Upsert(counter("c"), first, vec![("count", ColumnOp::Add(n))])
    };
    for expected in [100, 101, 102] {
        commit(&*store, Batch::new(workspace(1)).write(upsert(1)))
            .await
            .unwrap();
        assert_eq!(counted(&*store, workspace(1), "c").await, Some(expected));
    }
    // Without columns to change only the version grows.
    let values = vec![cell(CONTACT_FENCE.columns[0].kind, 1), Value::Null];
    let key = key_of(&CONTACT_FENCE, &values);
    for version in 1..=3 {
        let write = Write::Upsert(key.clone(), values.clone(), Vec::new());
        commit(&*store, Batch::new(workspace(1)).write(write))
            .await
            .unwrap();
        assert_eq!(
            get(&*store, workspace(1), &key).await.unwrap().version,
            version
        );
    }
}

pub async fn additions_saturate_and_null_counts_as_nothing(store: Arc<dyn Storage>) {
    let run = async |from: i64, op: ColumnOp| {
        let patch = Write::Patch(counter("c"), vec![("count", op)]);
        let batch = Batch::new(workspace(1))
            .write(count("c", from))
            .write(patch);
        commit(&*store, batch).await.unwrap();
        counted(&*store, workspace(1), "c").await.unwrap()
    };
    assert_eq!(COUNTER.columns[1].name, "count");
    assert_eq!(run(5, ColumnOp::Add(-7)).await, -2);
    assert_eq!(run(i64::MAX - 1, ColumnOp::Add(5)).await, i64::MAX);
    assert_eq!(run(i64::MIN + 1, ColumnOp::Add(-5)).await, i64::MIN);
    assert_eq!(run(i64::MAX, ColumnOp::Add(i64::MIN)).await, -1);
    assert_eq!(run(5, ColumnOp::Min(3)).await, 3);
    assert_eq!(run(5, ColumnOp::Min(8)).await, 5);
    assert_eq!(run(5, ColumnOp::Max(8)).await, 8);
    assert_eq!(run(5, ColumnOp::Max(3)).await, 5);
    let at = ENROLLMENT.position("due_at").unwrap();
    for op in [ColumnOp::Add(4), ColumnOp::Min(4), ColumnOp::Max(4)] {
        let mut values = row(&ENROLLMENT, 0);
        values[at] = Value::Null;
        let key = key_of(&ENROLLMENT, &values);
        let patch = Write::Patch(key.clone(), vec![("due_at", op)]);
        let batch = Batch::new(workspace(1))
            .write(put(&ENROLLMENT, values))
            .write(patch);
        commit(&*store, batch).await.unwrap();
        let found = get(&*store, workspace(1), &key).await.unwrap();
        assert_eq!(found.values[at], Value::Int(4));
    }
}
