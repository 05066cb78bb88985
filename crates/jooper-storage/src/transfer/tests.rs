//! Exports that are refused, and suppressions that stay. The round trip through every backend is in
//! the backends' tests.

use jooper_core::{KeyedIndex, StopReason, StopSource, from_millis};
use uuid::Uuid;

use super::*;
use crate::tables::{CounterRow, SuppressionRow};
use crate::{MemoryStore, StorageExt, Value};

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(7))
}

fn suppression(n: u8, reason: StopReason) -> SuppressionRow {
    SuppressionRow {
        index: KeyedIndex::from_bytes([n; 32]),
        reason,
        source: StopSource::Person,
        since: from_millis(1),
        provisional: false,
    }
}

async fn source() -> MemoryStore {
    let store = MemoryStore::new();
    let mut batch = Batch::new(workspace());
    for n in 0..3 {
        let counter = CounterRow {
            key: vec![n],
            count: 1,
            expires_at: 1,
        };
        batch = batch
            .put(&counter)
            .put(&suppression(n, StopReason::Replied));
    }
    store.commit(batch).await.unwrap();
    store
}

async fn exported(store: &MemoryStore, without: &[&TableDef]) -> Vec<String> {
    let mut bytes = Vec::new();
    export_workspace(store, workspace(), without, |line| {
        bytes.extend_from_slice(line);
        Ok(())
    })
    .await
    .unwrap();
    String::from_utf8(bytes)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

async fn import(store: &MemoryStore, lines: &[String]) -> Result<Transferred, TransferError> {
    import_workspace(store, lines.iter().cloned().map(Ok)).await
}

#[tokio::test]
async fn suppressions_travel_when_their_table_is_left_out_and_never_replace_one() {
    let lines = exported(&source().await, &[&SUPPRESSION, &tables::COUNTER]).await;
    assert_eq!(lines.len(), 5, "header, three suppressions, end");
    let target = MemoryStore::new();
    let there = suppression(1, StopReason::Unsubscribed);
    target
        .commit(Batch::new(workspace()).put(&there))
        .await
        .unwrap();
    import(&target, &lines).await.unwrap();
    let found = target
        .collect::<SuppressionRow>(workspace(), Scan::table(&SUPPRESSION))
        .await
        .unwrap();
    let reasons: Vec<_> = found.iter().map(|row| row.record.reason).collect();
    assert_eq!(
        reasons,
        [
            StopReason::Replied,
            StopReason::Unsubscribed,
            StopReason::Replied
        ]
    );
}

#[tokio::test]
async fn a_workspace_with_rows_is_refused_before_anything_is_written() {
    let lines = exported(&source().await, &[]).await;
    let target = source().await;
    let refused = import(&target, &lines).await;
    assert!(
        matches!(refused, Err(TransferError::NotEmpty("counter"))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn cut_and_changed_exports_are_refused_by_line() {
    let lines = exported(&source().await, &[]).await;
    let refused = async |lines: &[String]| match import(&MemoryStore::new(), lines).await {
        Err(TransferError::Malformed { line, .. }) => line,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&[]).await, 1);
    assert_eq!(refused(&lines[1..]).await, 1, "no header");
    assert_eq!(refused(&lines[..7]).await, 8, "no end");
    let mut removed = lines.clone();
    removed.remove(3);
    assert_eq!(refused(&removed).await, 7, "a line is missing");
    for (line, from, to) in [
        (1, "counter", "nothing"),
        (2, ",1,", ",\"1\","),
        (4, "[\"", "[\"g"),
    ] {
        let mut changed = lines.clone();
        changed[line] = changed[line].replacen(from, to, 1);
        assert_ne!(changed, lines, "{line}");
        assert_eq!(refused(&changed).await, line as u64 + 1);
    }
    import(&MemoryStore::new(), &lines).await.unwrap();
}

#[test]
fn bytes_survive_hex() {
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(cell::unhex(&cell::hex(&all)), Some(all));
    assert_eq!(cell::unhex("0"), None);
    assert_eq!(cell::unhex("0G"), None);
    assert_eq!(cell::json(&Value::Bytes(vec![0, 255])), "00ff");
}
