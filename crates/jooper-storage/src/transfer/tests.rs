//! Exports that are refused, and suppressions that stay. The round trip through every backend is in
//! the backends' tests.

use jooper_core::{KeyedIndex, StopReason, StopSource, from_millis};
use uuid::Uuid;

use super::*;
use crate::tables::{CounterRow, SuppressionRow};
use crate::tables::{
    DO_NOT_CONTACT, DoNotContactRow, MAILBOX_OWNER, MailboxOwnerRow, SIGN_IN, SignInRow,
    WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use crate::{Batch, Column, MemoryStore, Record, Scope, StorageExt, Value};

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
        renewed_at: None,
        beside: None,
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

fn owner(sub: u8, workspace: WorkspaceId) -> MailboxOwnerRow {
    MailboxOwnerRow {
        sub_index: KeyedIndex::from_bytes([sub; 32]),
        workspace,
        mailbox: jooper_core::MailboxId::from_uuid(Uuid::from_u128(u128::from(sub))),
    }
}

fn other() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(8))
}

/// What the platform knows about the workspace and about another one.
async fn settled() -> MemoryStore {
    let store = source().await;
    let mut batch = Batch::new(Scope::Platform);
    for (n, workspace) in [(1, workspace()), (2, other())] {
        batch = batch
            .put(&WorkspaceDirectoryRow {
                id: workspace,
                created_at: from_millis(i64::from(n)),
            })
            .put(&owner(n, workspace))
            .put(&SignInRow {
                sub_index: KeyedIndex::from_bytes([n; 32]),
                workspace,
                user: jooper_core::UserId::from_uuid(Uuid::from_u128(5)),
            })
            .put(&DoNotContactRow {
                index: KeyedIndex::from_bytes([n; 32]),
                reason: StopReason::Objected,
                since: from_millis(3),
            });
    }
    store.commit(batch).await.unwrap();
    store
}

async fn platform<R: Record>(store: &MemoryStore, table: &'static TableDef) -> Vec<R> {
    let rows = store
        .collect::<R>(Scope::Platform, Scan::table(table))
        .await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn what_the_platform_knows_about_the_workspace_travels_and_nothing_of_others() {
    let lines = exported(&settled().await, &[]).await;
    let target = MemoryStore::new();
    import(&target, &lines).await.unwrap();
    let directory: Vec<WorkspaceDirectoryRow> = platform(&target, &WORKSPACE_DIRECTORY).await;
    assert_eq!(directory.len(), 1);
    assert_eq!(
        (directory[0].id, directory[0].created_at),
        (workspace(), from_millis(1))
    );
    let owners: Vec<MailboxOwnerRow> = platform(&target, &MAILBOX_OWNER).await;
    assert_eq!(owners, [owner(1, workspace())]);
    let users: Vec<SignInRow> = platform(&target, &SIGN_IN).await;
    assert_eq!(users.len(), 1);
    let listed: Vec<DoNotContactRow> = platform(&target, &DO_NOT_CONTACT).await;
    assert_eq!(listed.len(), 2, "whoever nobody may mail is nobody's own");
    assert_eq!(exported(&target, &[]).await, lines, "the same bytes again");
}

#[tokio::test]
async fn a_workspace_enters_the_directory_even_if_its_export_does_not_name_it() {
    let target = MemoryStore::new();
    import(&target, &exported(&source().await, &[]).await)
        .await
        .unwrap();
    let directory: Vec<WorkspaceDirectoryRow> = platform(&target, &WORKSPACE_DIRECTORY).await;
    assert_eq!(directory.len(), 1);
}

#[tokio::test]
async fn a_workspace_whose_account_another_has_is_not_let_in() {
    let lines = exported(&settled().await, &[]).await;
    let target = MemoryStore::new();
    let taken = Batch::new(Scope::Platform).put(&owner(1, other()));
    target.commit(taken).await.unwrap();
    let refused = import(&target, &lines).await;
    assert!(
        matches!(refused, Err(TransferError::Taken("mailbox_owner"))),
        "{refused:?}"
    );
    let rows = target
        .collect::<CounterRow>(workspace(), Scan::table(&tables::COUNTER))
        .await;
    assert!(rows.unwrap().is_empty(), "no row of it was imported");
}

#[tokio::test]
async fn of_two_suppressions_the_stronger_stands() {
    let lines = exported(&source().await, &[]).await;
    let mut firm = source().await;
    let target = MemoryStore::new();
    let mut batch = Batch::new(workspace());
    batch = batch.put(&SuppressionRow {
        provisional: true,
        ..suppression(0, StopReason::StopWords)
    });
    target.commit(batch).await.unwrap();
    import(&target, &lines).await.unwrap();
    let found = |store: MemoryStore| async move {
        let key = vec![KeyedIndex::from_bytes([0; 32]).to_value()];
        store
            .find::<SuppressionRow>(workspace(), key)
            .await
            .unwrap()
            .unwrap()
            .record
    };
    let raised = found(target.clone()).await;
    assert!(!raised.provisional, "a firm entry came");
    assert_eq!(raised.reason, StopReason::StopWords);

    // An objection comes to where a reply stands.
    let objected = Batch::new(workspace()).put(&suppression(0, StopReason::Objected));
    firm.commit(objected).await.unwrap();
    let lines = exported(&firm, &[]).await;
    firm = MemoryStore::new();
    let replied = Batch::new(workspace()).put(&suppression(0, StopReason::Replied));
    firm.commit(replied).await.unwrap();
    import(&firm, &lines).await.unwrap();
    assert_eq!(found(firm).await.reason, StopReason::Objected);
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
