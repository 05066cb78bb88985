//! A fork answers as a copy of the store beneath would, and leaves that store alone.

use std::ops::Bound;
use std::sync::Arc;

use jooper_core::{BasisKind, Draw, DrawPurpose, LeadId, ManualClock, Purpose};
use uuid::Uuid;

use super::*;
use crate::tables::{COUNTER, CounterRow, PERMIT};
use crate::{Check, Column, ColumnOp, LogEntry, MemoryStore, Record, Value, Write};

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(9))
}

/// A stream of small numbers of one seed.
struct Chance(Draw, u16);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.1 += 1;
        self.0
            .below(bound, Uuid::nil(), self.1, DrawPurpose::Jitter)
    }
}

fn row(chance: &mut Chance) -> CounterRow {
    CounterRow {
        key: vec![chance.below(12) as u8],
        count: chance.below(5) as i64,
        expires_at: chance.below(6) as i64,
    }
}

fn batch(chance: &mut Chance) -> Batch {
    let mut batch = Batch::new(workspace());
    for _ in 0..=chance.below(3) {
        let row = row(chance);
        let key = row.key();
        batch = match chance.below(7) {
            0 => batch.write(Write::Delete(key)),
            1 => batch.write(Write::Patch(key, vec![("count", ColumnOp::Add(2))])),
            2 => {
                let grow = vec![("expires_at", ColumnOp::Max(4))];
                batch.write(Write::Upsert(key, row.to_values(), grow))
            }
            3 => batch.check(Check::Version(key, 1)),
            4 => batch.check(Check::Absent(key)),
            5 => batch.check(Check::AtMost(key, "count", 4)),
            _ => batch.put(&row),
        };
    }
    batch
}

fn scans() -> Vec<Scan> {
    let mut all = Vec::new();
    let orders = [None, COUNTER.indexes.first().map(|index| index.name)];
    for limit in [1, 2, 100] {
        for index in orders {
            let scan = Scan::table(&COUNTER).limit(limit);
            all.push(match index {
                Some(name) => scan.by(name),
                None => scan,
            });
        }
    }
    let ends = |from, to| {
        let bytes = |n: u8| Value::Bytes(vec![n]);
        Scan::table(&COUNTER)
            .limit(2)
            .range(Bound::Excluded(bytes(from)), Bound::Included(bytes(to)))
    };
    all.extend([ends(2, 9), ends(9, 2), ends(0, 4)]);
    all
}

async fn all_of(store: &dyn Storage, mut scan: Scan) -> Vec<Row> {
    let mut rows = Vec::new();
    loop {
        let page = store.scan(workspace().into(), scan.clone()).await.unwrap();
        assert!(page.rows.len() <= scan.limit);
        rows.extend(page.rows);
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return rows,
        }
    }
}

fn fork(base: &MemoryStore, whole: usize) -> ForkStore {
    let settings = ForkSettings {
        whole,
        ..ForkSettings::default()
    };
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    ForkStore::new(Arc::new(base.clone()), clock, settings)
}

#[tokio::test]
async fn a_fork_answers_as_a_copy_does_and_changes_nothing_beneath() {
    for seed in 0..60 {
        let mut chance = Chance(Draw::new(seed), 0);
        let base = MemoryStore::new();
        for _ in 0..20 {
            let _ = base.commit(batch(&mut chance)).await;
        }
        let (untouched, copy) = (base.snapshot(), base.snapshot());
        // Large tables are read through, small ones taken over: the answers are the same.
        let fork = fork(&base, if seed % 2 == 0 { 1 } else { 1000 });
        for round in 0..30 {
            let batch = batch(&mut chance);
            let (ours, theirs) = (fork.commit(batch.clone()).await, copy.commit(batch).await);
            assert_eq!(
                format!("{ours:?}"),
                format!("{theirs:?}"),
                "seed {seed}, round {round}"
            );
            let keys: Vec<_> = (0..12)
                .map(|n| Key::new(&COUNTER, vec![Value::Bytes(vec![n])]))
                .collect();
            assert_eq!(
                fork.get(workspace().into(), &keys).await.unwrap(),
                copy.get(workspace().into(), &keys).await.unwrap(),
                "seed {seed}, round {round}"
            );
            for scan in scans() {
                let (ours, theirs) = (
                    all_of(&fork, scan.clone()).await,
                    all_of(&copy, scan.clone()).await,
                );
                assert_eq!(ours, theirs, "seed {seed}, round {round}, {scan:?}");
            }
        }
        for scan in scans() {
            let (now, before) = (
                all_of(&base, scan.clone()).await,
                all_of(&untouched, scan.clone()).await,
            );
            assert_eq!(now, before, "seed {seed}: the store beneath changed");
        }
    }
}

fn fact(n: u8) -> LogEntry {
    let dimensions = jooper_core::Dimensions::default();
    let kind = jooper_core::EventKind::Sent;
    LogEntry::new(kind, Timestamp::UNIX_EPOCH, &[&[n]], dimensions)
}

#[tokio::test]
async fn the_log_goes_on_behind_the_one_beneath() {
    let base = MemoryStore::new();
    for n in 0..5 {
        base.commit(Batch::new(workspace()).append(fact(n)))
            .await
            .unwrap();
    }
    let fork = fork(&base, 1000);
    let mut all = Batch::new(workspace());
    for n in 10..13 {
        all = all.append(fact(n));
    }
    fork.commit(all).await.unwrap();
    let mut cursor = LogCursor { after: 0, limit: 2 };
    let mut places = Vec::new();
    loop {
        let page = fork.read_log(workspace(), cursor).await.unwrap();
        if page.records.is_empty() {
            break;
        }
        places.extend(page.records.iter().map(|record| record.seq));
        cursor.after = page.next;
    }
    assert_eq!(places, [1, 2, 3, 4, 5, 6, 7, 8]);
    fork.forget_log(workspace(), 7);
    let page = fork
        .read_log(workspace(), LogCursor::after(7))
        .await
        .unwrap();
    assert_eq!(page.records.len(), 1);
    let beneath = base
        .read_log(workspace(), LogCursor::start())
        .await
        .unwrap();
    assert_eq!(beneath.records.len(), 5);
}

#[tokio::test]
async fn what_is_dropped_is_never_read_back() {
    let base = MemoryStore::new();
    let settings = ForkSettings {
        dropped: vec![&COUNTER],
        ..ForkSettings::default()
    };
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let fork = ForkStore::new(Arc::new(base), clock, settings);
    let row = CounterRow {
        key: vec![1],
        count: 1,
        expires_at: 1,
    };
    fork.commit(Batch::new(workspace()).put(&row))
        .await
        .unwrap();
    let found = fork.get(workspace().into(), &[row.key()]).await.unwrap();
    assert_eq!(found, [None]);
}

#[tokio::test]
async fn a_misplaced_key_is_refused() {
    let fork = fork(&MemoryStore::new(), 1);
    let lead = LeadId::from_uuid(Uuid::nil()).to_value();
    let purpose = Purpose::Outreach.to_value();
    let short = Key::new(&crate::tables::BASIS, vec![lead, purpose]);
    assert!(fork.get(workspace().into(), &[short]).await.is_err());
    let permit = Key::new(&PERMIT, vec![BasisKind::Consent.to_value()]);
    assert!(fork.get(Scope::Platform, &[permit]).await.is_err());
}
