//! Segments against the memory store, which sorts values themselves.

use std::ops::Bound;

use jooper_core::WorkspaceId;
use uuid::Uuid;

use super::*;
use crate::tables::{ENROLLMENT, SEND};
use crate::{Batch, ColumnKind, Key, MemoryStore, Row, Scope, Storage, TableDef, Write};

fn cell(kind: ColumnKind, n: i64) -> Value {
    match kind {
        ColumnKind::Int => Value::Int(n),
        ColumnKind::Id => Value::Id(Uuid::from_u128(n as u128)),
        ColumnKind::Text => Value::Text(n.to_string()),
        _ => Value::Bytes(vec![n as u8]),
    }
}

/// An enrollment or a send with a due time or a thread that may be missing.
fn row(
    table: &TableDef,
    n: i64,
    mailbox: i64,
    due: Option<i64>,
    thread: Option<i64>,
) -> Vec<Value> {
    let chosen = |name: &str| match name {
        "mailbox" => Some(Some(mailbox)),
        "state" => Some(Some(1)),
        "due_at" => Some(due),
        "provider_thread" => Some(thread),
        _ => None,
    };
    table
        .columns
        .iter()
        .map(|column| match chosen(column.name) {
            Some(Some(n)) => cell(column.kind, n),
            Some(None) => Value::Null,
            None => cell(column.kind, n),
        })
        .collect()
}

fn meets(values: &[Value], condition: &Condition) -> bool {
    // As SQL does: nothing compares with NULL.
    let known = |at: &usize| values[*at] != Value::Null;
    match condition {
        Condition::Equal(at, value) => values[*at] == *value,
        Condition::IsNull(at) => !known(at),
        Condition::NotNull(at) => known(at),
        Condition::Above(at, value) => known(at) && values[*at] > *value,
        Condition::AtLeast(at, value) => known(at) && values[*at] >= *value,
        Condition::Below(at, value) => known(at) && values[*at] < *value,
        Condition::AtMost(at, value) => known(at) && values[*at] <= *value,
        Condition::Behind(pairs) => {
            for (at, value) in pairs {
                if !known(at) {
                    return false;
                }
                match values[*at].cmp(value) {
                    std::cmp::Ordering::Equal => {}
                    other => return other == std::cmp::Ordering::Greater,
                }
            }
            false
        }
    }
}

fn by_segments(rows: &[Vec<Value>], scan: &Scan) -> Vec<Vec<Value>> {
    let mut found = Vec::new();
    for segment in scan.segments().unwrap() {
        let mut part: Vec<_> = rows
            .iter()
            .filter(|row| segment.conditions.iter().all(|it| meets(row, it)))
            .cloned()
            .collect();
        part.sort_by_key(|row| {
            let order = segment.order.iter();
            order.map(|at| row[*at].clone()).collect::<Vec<_>>()
        });
        found.extend(part);
    }
    found.truncate(scan.limit);
    found
}

/// Looks at every page of a scan, by several sizes, and returns how many there were.
async fn agree(store: &MemoryStore, scope: Scope, rows: &[Vec<Value>], scan: Scan) -> usize {
    let mut pages = 0;
    for limit in [1, 3, 5, 100] {
        let mut scan = scan.clone().limit(limit);
        loop {
            let page = store.scan(scope, scan.clone()).await.unwrap();
            let expected: Vec<_> = page
                .rows
                .into_iter()
                .map(|Row { values, .. }| values)
                .collect();
            assert_eq!(by_segments(rows, &scan), expected, "{scan:?}");
            pages += 1;
            match page.next {
                Some(next) => scan = scan.after(Some(next)),
                None => break,
            }
        }
    }
    pages
}

#[tokio::test]
async fn segments_and_the_memory_store_agree_on_every_page() {
    let scope = Scope::Workspace(WorkspaceId::from_uuid(Uuid::nil()));
    let store = MemoryStore::new();
    let (mut enrollments, mut sends) = (Vec::new(), Vec::new());
    let mut n = 0;
    for mailbox in 1..=2 {
        for due in [None, Some(1), Some(2), Some(3)] {
            for thread in [None, Some(1), Some(2)] {
                for _ in 0..2 {
                    n += 1;
                    enrollments.push(row(&ENROLLMENT, n, mailbox, due, thread));
                    sends.push(row(&SEND, n, mailbox, due, thread));
                }
            }
        }
    }
    let mut batch = Batch::new(scope);
    for (table, rows) in [(&ENROLLMENT, &enrollments), (&SEND, &sends)] {
        for values in rows {
            let key = Key::new(table, vec![values[0].clone()]);
            batch = batch.write(Write::Put(key, values.clone()));
        }
    }
    store.commit(batch).await.unwrap();

    let bounds = [
        Bound::Unbounded,
        Bound::Included(Value::Null),
        Bound::Excluded(Value::Null),
        Bound::Included(Value::Int(2)),
        Bound::Excluded(Value::Int(2)),
    ];
    let mailbox = cell(ColumnKind::Id, 1);
    let state = cell(ColumnKind::Int, 1);
    let mut pages = 0;
    for from in &bounds {
        for to in &bounds {
            let due = Scan::table(&ENROLLMENT)
                .by("by_due")
                .prefix(vec![mailbox.clone(), state.clone()])
                .range(from.clone(), to.clone());
            pages += agree(&store, scope, &enrollments, due).await;
        }
    }
    pages += agree(&store, scope, &enrollments, Scan::table(&ENROLLMENT)).await;
    let by_thread = Scan::table(&SEND).by("by_thread");
    pages += agree(&store, scope, &sends, by_thread.clone()).await;
    let without = by_thread.prefix(vec![mailbox, Value::Null]);
    pages += agree(&store, scope, &sends, without).await;
    assert!(pages > 500, "{pages}");
}
