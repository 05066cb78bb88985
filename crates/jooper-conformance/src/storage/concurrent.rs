//! What holds when many write at once.

use std::sync::Arc;

use jooper_storage::tables::{CONTACT_FENCE, PERMIT, SUPPRESSION};
use jooper_storage::{Batch, Check, ColumnKind, ColumnOp, Key, Scan, Storage, Value, Write};
use tokio::task::JoinSet;

use super::sample::{
    at_most, cell, commit, conflict, count, counted, counter, get, key_of, row, workspace,
};

/// Runs `n` commits at once and returns how many succeeded; all others must be conflicts.
async fn race(store: &Arc<dyn Storage>, n: u64, batch: impl Fn(u64) -> Batch) -> u64 {
    let mut tasks = JoinSet::new();
    for one in 0..n {
        let (store, batch) = (Arc::clone(store), batch(one));
        tasks.spawn(async move { commit(&*store, batch).await });
    }
    let mut succeeded = 0;
    for result in tasks.join_all().await {
        match result {
            Ok(()) => succeeded += 1,
            error => assert!(
                conflict(error).is_some(),
                "the others must hear of a conflict"
            ),
        }
    }
    succeeded
}

pub async fn one_of_many_inserts_of_a_key_succeeds(store: Arc<dyn Storage>) {
    for round in 0..10 {
        let name = format!("c{round}");
        let insert = |n| {
            Batch::new(workspace(1))
                .check(Check::Absent(counter(&name)))
                .write(count(&name, n as i64))
        };
        assert_eq!(race(&store, 16, insert).await, 1);
        let row = get(&*store, workspace(1), &counter(&name)).await.unwrap();
        assert_eq!(row.version, 1);
    }
}

pub async fn one_of_many_updates_of_a_version_succeeds(store: Arc<dyn Storage>) {
    commit(&*store, Batch::new(workspace(1)).write(count("c", 0)))
        .await
        .unwrap();
    for version in 1..=10 {
        let update = |n| {
            Batch::new(workspace(1))
                .check(Check::Version(counter("c"), version))
                .write(count("c", n as i64))
        };
        assert_eq!(race(&store, 16, update).await, 1);
    }
    // A check holds for rows that the batch does not write, too.
    for round in 0..10 {
        let other = format!("d{round}");
        let read_then_write = |n: u64| {
            let batch = Batch::new(workspace(1)).check(Check::Version(counter("c"), 11 + round));
            if n == 0 {
                batch.write(count("c", 0))
            } else {
                batch.write(count(&other, n as i64))
            }
        };
        let succeeded = race(&store, 8, read_then_write).await;
        let dependents = get(&*store, workspace(1), &counter(&other)).await;
        let dependents = dependents.map_or(0, |row| row.version);
        assert_eq!(succeeded, dependents + 1);
    }
}

pub async fn at_most_holds_under_contention(store: Arc<dyn Storage>) {
    let add = |n: u64| {
        let first = super::sample::counter_row("day", 1);
        Batch::new(workspace(1))
            .check(at_most("day", 20))
            .write(Write::Upsert(
                counter("day"),
                first,
                vec![("count", ColumnOp::Add(1))],
            ))
            .write(count(&format!("send {n}"), 1))
    };
    assert_eq!(race(&store, 64, add).await, 20);
    assert_eq!(counted(&*store, workspace(1), "day").await, Some(20));
    let rows = store
        .scan(
            workspace(1).into(),
            Scan::table(&jooper_storage::tables::COUNTER),
        )
        .await;
    assert_eq!(rows.unwrap().rows.len(), 21);
}

pub async fn what_was_committed_is_read_back_at_once(store: Arc<dyn Storage>) {
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let name = format!("c{task}");
            for n in 0..25 {
                commit(&*store, Batch::new(workspace(1)).write(count(&name, n)))
                    .await
                    .unwrap();
                assert_eq!(counted(&*store, workspace(1), &name).await, Some(n));
            }
        });
    }
    tasks.join_all().await;
}

/// How many people are tried at least, and at most until gates came out on both sides of a stop.
const PEOPLE: std::ops::Range<u64> = 40..400;
const GATES: u64 = 6;

/// The interleaving that lets mail out behind an acknowledged stop on weaker stores: the gate
/// reads "not suppressed", the stop writes and looks for permits, the gate writes its permit.
///
/// The stop starts behind another number of gates each time, and the case goes on until some gates
/// were let through and some refused: else it would have seen no stop meet a gate.
pub async fn no_permit_is_issued_behind_an_acknowledged_stop(store: Arc<dyn Storage>) {
    let (mut issued, mut refused) = (0, 0);
    for person in 1..PEOPLE.end {
        if person > PEOPLE.start && issued > 0 && refused > 0 {
            break;
        }
        let contact = cell(ColumnKind::Index, person);
        let suppressed = Key::new(&SUPPRESSION, vec![contact.clone()]);
        let (mut gates, mut stop) = (JoinSet::new(), JoinSet::new());
        for gate in 0..=GATES {
            if gate == person % (GATES + 1) {
                stop.spawn(stop_and_look(Arc::clone(&store), contact.clone()));
            }
            if gate == GATES {
                break;
            }
            let mut permit = row(&PERMIT, 0);
            permit[0] = cell(ColumnKind::Id, person * 100 + gate);
            let to = PERMIT.position("contact_index").unwrap();
            permit[to] = contact.clone();
            let id = permit[0].clone();
            let batch = Batch::new(workspace(1))
                .check(Check::Absent(suppressed.clone()))
                .write(fence(&contact))
                .write(Write::Put(key_of(&PERMIT, &permit), permit));
            let store = Arc::clone(&store);
            gates.spawn(async move { commit(&*store, batch).await.ok().map(|()| id) });
        }
        let seen = stop.join_all().await.remove(0);
        for permit in gates.join_all().await {
            let Some(permit) = permit else {
                refused += 1;
                continue;
            };
            issued += 1;
            assert!(seen.contains(&permit), "a permit came out behind the stop");
        }
        let late = Batch::new(workspace(1))
            .check(Check::Absent(suppressed))
            .write(fence(&contact));
        assert_eq!(conflict(commit(&*store, late).await), Some(0));
    }
    assert!(
        issued > 0 && refused > 0,
        "no stop met a gate: {issued} let through, {refused} refused"
    );
}

fn fence(contact: &Value) -> Write {
    let key = Key::new(&CONTACT_FENCE, vec![contact.clone()]);
    Write::Upsert(key, vec![contact.clone(), Value::Null], Vec::new())
}

/// Stops a person, then looks which permits are out.
async fn stop_and_look(store: Arc<dyn Storage>, contact: Value) -> Vec<Value> {
    let mut stop = row(&SUPPRESSION, 1);
    stop[0] = contact.clone();
    let key = Key::new(&SUPPRESSION, vec![contact.clone()]);
    let batch = Batch::new(workspace(1))
        .write(fence(&contact))
        .write(Write::Put(key, stop));
    commit(&*store, batch).await.unwrap();
    let permits = Scan::table(&PERMIT).by("by_contact").prefix(vec![contact]);
    let seen = store.scan(workspace(1).into(), permits).await.unwrap();
    let ids = seen.rows.into_iter().map(|row| row.values[0].clone());
    ids.collect()
}

pub async fn batches_in_opposite_orders_all_end(store: Arc<dyn Storage>) {
    let mut tasks = JoinSet::new();
    for task in 0..8_i64 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for round in 0..20 {
                let mut names: Vec<_> = (0..6).map(|n| format!("c{n}")).collect();
                if (task + round) % 2 == 0 {
                    names.reverse();
                }
                let add = |name: &String| {
                    let first = super::sample::counter_row(name, 1);
                    Write::Upsert(counter(name), first, vec![("count", ColumnOp::Add(1))])
                };
                let batch = names
                    .iter()
                    .map(add)
                    .fold(Batch::new(workspace(1)), Batch::write);
                commit(&*store, batch).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    for n in 0..6 {
        let total = counted(&*store, workspace(1), &format!("c{n}")).await;
        assert_eq!(total, Some(160), "an addition was lost");
    }
}
