//! The append-only log of a workspace.

use std::sync::Arc;

use jooper_core::{CampaignId, Dimensions, EventKind, KeyedIndex, MailboxId, StepIndex};
use jooper_storage::tables::ROLLUP;
use jooper_storage::{Batch, Key, LogCursor, LogEntry, LogRecord, RollupDelta, Storage, Value};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::sample::{at, at_most, commit, conflict, count, fact, get, lead, subject, workspace};

async fn read(store: &dyn Storage, limit: usize) -> Vec<LogRecord> {
    let mut all = Vec::new();
    let mut cursor = LogCursor { after: 0, limit };
    loop {
        let page = store.read_log(workspace(1), cursor).await.unwrap();
        assert!(page.records.len() <= limit);
        if page.records.is_empty() {
            assert_eq!(page.next, cursor.after);
            return all;
        }
        assert_eq!(page.next, page.records.last().unwrap().seq);
        all.extend(page.records);
        cursor.after = page.next;
    }
}

fn append(entries: impl IntoIterator<Item = LogEntry>) -> Batch {
    entries
        .into_iter()
        .fold(Batch::new(workspace(1)), Batch::append)
}

pub async fn facts_come_back_as_they_were_appended(store: Arc<dyn Storage>) {
    let mut full = fact(1);
    full.kind = EventKind::Replied;
    full.dimensions = Dimensions {
        campaign: Some(CampaignId::from_uuid(Uuid::from_u128(1))),
        step: Some(StepIndex(u16::MAX)),
        variant: Some(u8::MAX),
        mailbox: Some(MailboxId::from_uuid(Uuid::from_u128(2))),
        domain: Some(KeyedIndex::from_bytes([7; 32])),
        reason: Some(i64::MIN),
    };
    full.lead = Some(lead(3));
    full.subject = Some(subject(3));
    full.payload = Some(vec![0, 255, 10]);
    let mut old = fact(2);
    old.at = at(-5_000_000_000_000);
    let entries = vec![full, old, fact(3)];
    commit(&*store, append(entries.clone())).await.unwrap();
    let found: Vec<_> = read(&*store, 2)
        .await
        .into_iter()
        .map(|record| record.entry)
        .collect();
    assert_eq!(found, entries);
    let empty = store
        .read_log(workspace(2), LogCursor::after(5))
        .await
        .unwrap();
    assert_eq!((empty.records.len(), empty.next), (0, 5));
}

pub async fn places_have_no_gaps_and_a_redelivered_fact_counts_once(store: Arc<dyn Storage>) {
    commit(&*store, append([fact(1), fact(2), fact(1)]))
        .await
        .unwrap();
    commit(&*store, append([fact(2), fact(3), fact(1), fact(4)]))
        .await
        .unwrap();
    let failed = append([fact(5)])
        .write(count("c", 1))
        .check(at_most("c", 0));
    assert_eq!(conflict(commit(&*store, failed).await), Some(0));
    // The time is part of the identity: sources repeat both or neither.
    let later = LogEntry {
        at: at(99),
        ..fact(1)
    };
    commit(&*store, append([later.clone()])).await.unwrap();
    let records = read(&*store, 10).await;
    let places: Vec<_> = records.iter().map(|record| record.seq).collect();
    assert_eq!(places, [1, 2, 3, 4, 5]);
    let entries: Vec<_> = records.into_iter().map(|record| record.entry).collect();
    assert_eq!(entries, [fact(1), fact(2), fact(3), fact(4), later]);
}

pub async fn rollups_grow_with_new_facts_only(store: Arc<dyn Storage>) {
    let with = |n: u64, deltas: &[(&str, i64)]| {
        let mut entry = fact(n);
        let delta = |(key, add): &(&str, i64)| RollupDelta {
            key: key.as_bytes().to_vec(),
            add: *add,
        };
        entry.rollups = deltas.iter().map(delta).collect();
        entry
    };
    let batch = [
        with(1, &[("a", 1), ("b", 2), ("a", 3)]),
        with(2, &[("a", 1)]),
    ];
    commit(&*store, append(batch.clone())).await.unwrap();
    commit(&*store, append(batch)).await.unwrap();
    commit(&*store, append([with(3, &[("b", -5)])]))
        .await
        .unwrap();
    for (key, expected) in [("a", 5), ("b", -3)] {
        let key = Key::new(&ROLLUP, vec![Value::Bytes(key.as_bytes().to_vec())]);
        let row = get(&*store, workspace(1), &key).await.unwrap();
        assert_eq!(row.values[1], Value::Int(expected));
    }
    assert!(
        read(&*store, 10)
            .await
            .iter()
            .all(|record| record.entry.rollups.is_empty())
    );
}

pub async fn cursors_neither_miss_nor_repeat_while_others_append(store: Arc<dyn Storage>) {
    const WRITERS: u64 = 6;
    const FACTS: u64 = 40;
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for n in 0..FACTS / 4 {
                // Times run backwards: places go by commit, never by time.
                let facts = (0..4).map(|i| fact(10_000 - (writer * FACTS + n * 4 + i)));
                commit(&*store, append(facts)).await.unwrap();
            }
        });
    }
    let mut seen = Vec::new();
    let mut cursor = LogCursor { after: 0, limit: 7 };
    while (seen.len() as u64) < WRITERS * FACTS {
        let page = store.read_log(workspace(1), cursor).await.unwrap();
        for record in page.records {
            assert_eq!(
                record.seq,
                seen.len() as u64 + 1,
                "a place was skipped or repeated"
            );
            seen.push(record.entry.id);
        }
        cursor.after = page.next;
    }
    tasks.join_all().await;
    let again: Vec<_> = read(&*store, 1000)
        .await
        .into_iter()
        .map(|it| it.entry.id)
        .collect();
    assert_eq!(
        again, seen,
        "the order that a reader saw is the order that stands"
    );
}
