//! Erasing a subject.

use std::sync::Arc;

use jooper_core::WorkspaceId;
use jooper_storage::{
    Batch, Bytes, Erase, Erased, Label, LogCursor, OnErase, Scan, Storage, StoreError, TableDef,
    TableScope, Value, tables,
};

use super::sample::{cell, commit, fact, key_of, put, row, subject, workspace};

/// What every personal and pseudonymous cell of the nth subject begins with.
fn canary(n: u64) -> Vec<u8> {
    format!("canary {n:08}.").into_bytes()
}

fn personal(label: &Label) -> bool {
    matches!(label, Label::Personal(_) | Label::Pseudonym)
}

/// A row of the nth subject, with its canary in every cell that is about the person.
fn about(table: &TableDef, n: u64, at: u64) -> Vec<Value> {
    let mut values = row(table, 0);
    for (position, column) in table.columns.iter().enumerate() {
        if Some(column.name) == table.subject {
            values[position] = Value::Id(subject(n).uuid());
        } else if personal(&column.label) {
            let mut bytes = canary(n);
            if position < table.key_len {
                bytes[15] = b'a' + at as u8;
            }
            values[position] = Value::Bytes(bytes);
        } else if position < table.key_len {
            values[position] = cell(column.kind, n * 1000 + at);
        }
    }
    values
}

fn subjects() -> impl Iterator<Item = &'static &'static TableDef> {
    let tenant = |table: &&&TableDef| table.scope == TableScope::Tenant && table.subject.is_some();
    tables::all().iter().filter(tenant)
}

/// How many rows a subject may have in a table: one where the subject is the whole key.
fn rows_of(table: &TableDef) -> u64 {
    if table.key_len == 1 && table.subject == Some(table.columns[0].name) {
        1
    } else {
        3
    }
}

async fn fill(store: &dyn Storage, workspace: WorkspaceId, n: u64) {
    for table in subjects() {
        let mut batch = Batch::new(workspace);
        for at in 0..rows_of(table) {
            batch = batch.write(put(table, about(table, n, at)));
        }
        commit(store, batch).await.unwrap();
    }
    for at in 0..3 {
        let mut entry = fact(n * 10 + at);
        entry.subject = Some(subject(n));
        entry.payload = Some(canary(n));
        commit(store, Batch::new(workspace).append(entry))
            .await
            .unwrap();
    }
}

async fn erase(store: &dyn Storage, workspace: WorkspaceId, n: u64) -> Erased {
    let subject = subject(n);
    let mut total: Option<Erased> = None;
    loop {
        match store.erase(Erase { workspace, subject }).await {
            Err(StoreError::Busy(_)) => {}
            other => {
                let done = other.unwrap();
                let bytes = done.bytes;
                total.get_or_insert(done).bytes = bytes;
                if bytes != Bytes::Held {
                    return total.unwrap_or_default();
                }
            }
        }
        tokio::task::yield_now().await;
    }
}

async fn everything(
    store: &dyn Storage,
    workspace: WorkspaceId,
) -> Vec<(&'static str, Vec<Value>, u64)> {
    let mut all = Vec::new();
    for table in tables::all()
        .iter()
        .filter(|table| table.scope == TableScope::Tenant)
    {
        let page = store
            .scan(workspace.into(), Scan::table(table))
            .await
            .unwrap();
        all.extend(
            page.rows
                .into_iter()
                .map(|row| (table.name, row.values, row.version)),
        );
    }
    all
}

pub async fn erasure_does_to_each_table_what_it_declares(store: Arc<dyn Storage>) {
    fill(&*store, workspace(1), 1).await;
    let done = erase(&*store, workspace(1), 1).await;
    let (mut deleted, mut scrubbed) = (0, 0);
    for table in subjects() {
        for at in 0..rows_of(table) {
            let before = about(table, 1, at);
            let after = super::sample::get(&*store, workspace(1), &key_of(table, &before)).await;
            match table.on_erase {
                OnErase::Delete => {
                    deleted += 1;
                    assert!(after.is_none(), "{}", table.name);
                }
                OnErase::Keep => assert_eq!(after.unwrap().values, before, "{}", table.name),
                OnErase::Scrub => {
                    scrubbed += 1;
                    let after = after.unwrap();
                    assert_eq!(after.version, 2);
                    for (position, column) in table.columns.iter().enumerate() {
                        let emptied = position >= table.key_len && personal(&column.label);
                        let expected = if emptied {
                            Value::Null
                        } else {
                            before[position].clone()
                        };
                        assert_eq!(
                            after.values[position], expected,
                            "{}.{}",
                            table.name, column.name
                        );
                    }
                }
            }
        }
    }
    assert!(scrubbed > 0 && deleted > 0);
    assert_eq!(
        (done.deleted, done.scrubbed, done.payloads),
        (deleted, scrubbed, 3)
    );
    let log = store
        .read_log(workspace(1), LogCursor::start())
        .await
        .unwrap();
    assert_eq!(
        log.records.len(),
        3,
        "facts stay, so that numbers still agree"
    );
    assert!(
        log.records
            .iter()
            .all(|record| record.entry.payload.is_none())
    );
}

pub async fn erasure_leaves_no_residue_in_any_answer(store: Arc<dyn Storage>) {
    fill(&*store, workspace(1), 1).await;
    let holds = |rows: &[(&str, Vec<Value>, u64)]| {
        let canary = canary(1);
        rows.iter().any(|(_, values, _)| {
            values.iter().any(|value| {
                matches!(value, Value::Bytes(bytes) if bytes.windows(15).any(|part| part == &canary[..15]))
            })
        })
    };
    assert!(holds(&everything(&*store, workspace(1)).await));
    erase(&*store, workspace(1), 1).await;
    assert!(!holds(&everything(&*store, workspace(1)).await));
    for table in subjects().filter(|table| table.on_erase != OnErase::Keep) {
        for index in table.indexes {
            let page = store
                .scan(workspace(1).into(), Scan::table(table).by(index.name))
                .await;
            let rows: Vec<_> = page
                .unwrap()
                .rows
                .into_iter()
                .map(|row| ("", row.values, 0))
                .collect();
            assert!(!holds(&rows), "{}.{}", table.name, index.name);
        }
    }
}

pub async fn erasure_spares_everybody_else_and_can_be_repeated(store: Arc<dyn Storage>) {
    fill(&*store, workspace(1), 2).await;
    fill(&*store, workspace(2), 1).await;
    let before = (
        everything(&*store, workspace(1)).await,
        everything(&*store, workspace(2)).await,
    );
    fill(&*store, workspace(1), 1).await;
    erase(&*store, workspace(1), 1).await;
    let scrubbed: Vec<_> = everything(&*store, workspace(1)).await;
    let others: Vec<_> = scrubbed
        .iter()
        .filter(|row| before.0.contains(row))
        .cloned()
        .collect();
    assert_eq!(others, before.0, "another subject's rows changed");
    assert_eq!(
        everything(&*store, workspace(2)).await,
        before.1,
        "another tenant's rows changed"
    );
    let log = store
        .read_log(workspace(1), LogCursor::start())
        .await
        .unwrap();
    let kept = log
        .records
        .iter()
        .filter(|record| record.entry.payload.is_some())
        .count();
    assert_eq!(kept, 3);
    let again = erase(&*store, workspace(1), 1).await;
    assert_eq!((again.deleted, again.scrubbed, again.payloads), (0, 0, 0));
    assert_eq!(everything(&*store, workspace(1)).await, scrubbed);
}
