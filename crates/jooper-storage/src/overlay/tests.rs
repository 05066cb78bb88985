//! Batches of one group, one behind the other.

use jooper_core::{Dimensions, EventKind, MailboxId, WorkspaceId};
use uuid::Uuid;

use super::*;
use crate::RollupDelta;
use crate::tables::{CounterRow, LANE, LaneRow, ROLLUP};

fn batch() -> Batch {
    Batch::new(WorkspaceId::from_uuid(Uuid::from_u128(7)))
}

fn counter(count: i64) -> CounterRow {
    CounterRow {
        key: vec![1],
        count,
        expires_at: 1,
    }
}

/// A group over one counter of version 4 and count 3.
fn group() -> Overlay {
    let row = Row {
        values: counter(3).to_values(),
        version: 4,
    };
    Overlay::new([(counter(0).key(), Some(row))])
}

fn run(overlay: &mut Overlay, batch: &Batch) -> Result<usize, StoreError> {
    overlay.apply(batch, |_| true).map(|log| log.len())
}

fn conflict(answer: &Result<usize, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Conflict { .. }))
}

#[test]
fn a_batch_is_checked_against_what_those_before_it_wrote() {
    let key = counter(0).key();
    let version = |n| batch().check(Check::Version(key.clone(), n));
    let absent = batch().check(Check::Absent(key.clone()));
    let mut group = group();
    run(&mut group, &version(4).put(&counter(5))).unwrap();
    assert!(conflict(&run(&mut group, &version(4))), "read before");
    run(&mut group, &version(5)).unwrap();
    assert!(conflict(&run(&mut group, &absent)));
    let grow = vec![("count", ColumnOp::Add(1))];
    let grown = |most| {
        let check = Check::AtMost(key.clone(), "count", most);
        batch()
            .write(Write::Patch(key.clone(), grow.clone()))
            .check(check)
    };
    assert!(conflict(&run(&mut group, &grown(5))), "5 and one more");
    run(&mut group, &grown(6)).unwrap();
    run(&mut group, &batch().write(Write::Delete(key.clone()))).unwrap();
    assert!(conflict(&run(&mut group, &version(6))), "it is gone");
    run(&mut group, &absent.put(&counter(1))).unwrap();
    run(&mut group, &version(1)).unwrap();
    let changes: Vec<_> = group.changes().map(|(_, row)| row.cloned()).collect();
    let (values, version) = (counter(1).to_values(), 1);
    assert_eq!(changes, [Some(Row { values, version })]);
}

#[test]
fn a_fence_is_the_one_that_stands_when_the_batch_has_its_turn() {
    let at = from_millis(1);
    let lane = LaneRow {
        mailbox: MailboxId::from_uuid(Uuid::from_u128(1)),
        wake_at: at,
        lease_until: at,
        fence: 8,
        next_slot: at,
        high_water: at,
        recent: None,
    };
    let row = Row {
        values: lane.to_values(),
        version: 1,
    };
    let mut group = Overlay::new([(lane.key(), Some(row))]);
    let fenced = |token| batch().fenced(lane.mailbox, token);
    run(&mut group, &fenced(8)).unwrap();
    let next = vec![("fence", ColumnOp::Add(1))];
    let next = Write::Patch(lane.key(), next);
    assert_eq!(next.key().table(), &LANE);
    run(&mut group, &fenced(8).write(next)).unwrap();
    let lost = run(&mut group, &fenced(8));
    assert!(matches!(lost, Err(StoreError::FenceLost)), "{lost:?}");
    run(&mut group, &fenced(9)).unwrap();
}

#[test]
fn a_batch_that_does_not_hold_leaves_nothing_to_those_behind_it() {
    let mut group = group();
    let key = counter(0).key();
    let asked = std::cell::Cell::new(0);
    let fact = LogEntry::new(
        EventKind::Sent,
        from_millis(1),
        &[b"1"],
        Dimensions::default(),
    );
    let refused = batch()
        .put(&counter(9))
        .check(Check::AtMost(key.clone(), "count", 8))
        .append(fact);
    let answer = group.apply(&refused, |_| {
        asked.set(asked.get() + 1);
        true
    });
    assert!(matches!(answer, Err(StoreError::Conflict { .. })));
    assert_eq!(asked.get(), 0, "its fact is as unknown as before");
    assert_eq!(group.changes().count(), 0);
    run(&mut group, &batch().check(Check::Version(key, 4))).unwrap();
}

#[test]
fn rollups_of_one_group_add_up_and_a_known_fact_adds_nothing() {
    let entry = |name: &[u8]| {
        let mut entry = LogEntry::new(
            EventKind::Sent,
            from_millis(1),
            &[name],
            Dimensions::default(),
        );
        entry.rollups = vec![RollupDelta {
            key: vec![5],
            add: 2,
        }];
        entry
    };
    let mut group = Overlay::new([]);
    let mut known = BTreeSet::new();
    for name in [b"1", b"2", b"1"] {
        let batch = batch().append(entry(name));
        group
            .apply(&batch, |entry| known.insert(*entry.id.as_bytes()))
            .unwrap();
    }
    let changes: Vec<_> = group.into_changes().into_iter().collect();
    assert_eq!(changes.len(), 1);
    let (key, row) = &changes[0];
    assert_eq!(key.table(), &ROLLUP);
    let row = row.as_ref().unwrap();
    assert_eq!((&row.values[1], row.version), (&Value::Int(4), 2));
}
