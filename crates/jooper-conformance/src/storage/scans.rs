//! Ordered reads and their pages.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jooper_storage::tables::{self, ENROLLMENT};
use jooper_storage::{Batch, MemoryStore, Scan, Scope, Storage, TableScope, Value, Write};
use tokio::task::JoinSet;

use super::sample::{Dice, cell, commit, count, counter, key_of, put, row, workspace};

/// Rows whose indexed columns repeat, some of them empty.
fn crowd(n: u64) -> Vec<Value> {
    let mut values = row(&ENROLLMENT, 0);
    for (at, column) in ENROLLMENT.columns.iter().enumerate().skip(1) {
        let indexed = ENROLLMENT.is_indexed(at);
        let spread = (n >> (at % 5)) % 4;
        values[at] = match (indexed, column.nullable && spread == 0) {
            (true, true) => Value::Null,
            (true, false) => cell(column.kind, spread),
            (false, _) => cell(column.kind, n),
        };
    }
    values[0] = cell(ENROLLMENT.columns[0].kind, n * 7919 % 1009);
    values
}

async fn fill(store: &dyn Storage, rows: u64) {
    let batch = (0..rows).fold(Batch::new(workspace(1)), |batch, n| {
        batch.write(put(&ENROLLMENT, crowd(n)))
    });
    commit(store, batch).await.unwrap();
}

async fn pages(store: &dyn Storage, mut scan: Scan) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    loop {
        let page = store.scan(workspace(1).into(), scan.clone()).await.unwrap();
        assert!(page.rows.len() <= scan.limit);
        assert!(
            page.next.is_none() || page.rows.len() == scan.limit,
            "a short page has no next"
        );
        all.extend(page.rows.into_iter().map(|row| row.values));
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return all,
        }
    }
}

pub async fn scans_come_in_the_order_of_index_then_key_with_nulls_first(store: Arc<dyn Storage>) {
    fill(&*store, 300).await;
    let indexes = ENROLLMENT.indexes.iter().map(|index| Some(index.name));
    for index in indexes.chain([None]) {
        let mut scan = Scan::table(&ENROLLMENT).limit(10_000);
        scan.index = index;
        let order = scan.order().unwrap();
        let rows = pages(&*store, scan).await;
        assert_eq!(rows.len(), 300);
        let places: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| order.iter().map(|at| row[*at].clone()).collect())
            .collect();
        assert!(places.is_sorted(), "{index:?}");
    }
}

pub async fn prefixes_ranges_and_pages_answer_as_the_memory_store_does(store: Arc<dyn Storage>) {
    let memory = MemoryStore::new();
    fill(&*store, 120).await;
    fill(&memory, 120).await;
    let mut dice = Dice::new(1);
    for _ in 0..300 {
        let mut scan = Scan::table(&ENROLLMENT).limit(1 + dice.roll(40) as usize);
        let index = dice.roll(ENROLLMENT.indexes.len() as u64 + 1) as usize;
        scan.index = ENROLLMENT.indexes.get(index).map(|index| index.name);
        let order = scan.order().unwrap();
        let depth = dice.roll(order.len() as u64 + 1) as usize;
        let value = |dice: &mut Dice, at: usize| match dice.roll(5) {
            0 => Value::Null,
            n if order[at] == 0 => cell(ENROLLMENT.columns[0].kind, n * 200),
            n => cell(ENROLLMENT.columns[order[at]].kind, n - 1),
        };
        scan.prefix = (0..depth).map(|at| value(&mut dice, at)).collect();
        if depth < order.len() {
            let mut bound = || match dice.roll(3) {
                0 => Bound::Unbounded,
                1 => Bound::Included(value(&mut dice, depth)),
                _ => Bound::Excluded(value(&mut dice, depth)),
            };
            scan.range = (bound(), bound());
        }
        let (found, expected) = (
            pages(&*store, scan.clone()).await,
            pages(&memory, scan.clone()).await,
        );
        assert_eq!(found, expected, "{scan:?}");
    }
    // Every table, every index: the whole of it.
    for table in tables::all() {
        let scope = match table.scope {
            TableScope::Tenant => Scope::Workspace(workspace(1)),
            TableScope::Platform => Scope::Platform,
        };
        for index in table.indexes {
            store
                .scan(scope, Scan::table(table).by(index.name))
                .await
                .unwrap();
        }
    }
}

pub async fn a_page_is_of_one_point_in_time(store: Arc<dyn Storage>) {
    // The page begins among the empty cells: a database reads those, then the others.
    let due = ENROLLMENT.position("due_at").unwrap();
    let at = move |due_at: Value| {
        let mut values = row(&ENROLLMENT, 2);
        values[due] = due_at;
        put(&ENROLLMENT, values)
    };
    let scan = Scan::table(&ENROLLMENT).by("by_due").limit(2);
    let order = scan.order().unwrap();
    let mut place = row(&ENROLLMENT, 2);
    place[due] = Value::Null;
    place[0] = cell(ENROLLMENT.columns[0].kind, 1);
    let place: Vec<Value> = order.iter().map(|column| place[*column].clone()).collect();
    let scan = scan.prefix(place[..2].to_vec()).after(Some(place));
    let first = Batch::new(workspace(1)).write(at(Value::Null));
    commit(&*store, first).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    let (writer, stop) = (Arc::clone(&store), Arc::clone(&done));
    tasks.spawn(async move {
        // One row goes to and fro between the two.
        let mut there = [Value::Int(5), Value::Null].into_iter().cycle();
        while !stop.load(Ordering::SeqCst) {
            let write = there.next().map(at).expect("a cycle has no end");
            let batch = Batch::new(workspace(1)).write(write);
            commit(&*writer, batch).await.unwrap();
        }
    });
    for _ in 0..300 {
        let page = store.scan(workspace(1).into(), scan.clone()).await;
        assert_eq!(page.unwrap().rows.len(), 1, "it is in one of the two");
    }
    done.store(true, Ordering::SeqCst);
    tasks.join_all().await;
}

pub async fn pages_neither_miss_nor_repeat_rows_while_others_write(store: Arc<dyn Storage>) {
    let name = |n: u64| format!("c{n:05}");
    let even = (0..1000)
        .step_by(2)
        .fold(Batch::new(workspace(1)), |batch, n| {
            batch.write(count(&name(n), 1))
        });
    commit(&*store, even).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    let (writer, stop) = (Arc::clone(&store), Arc::clone(&done));
    tasks.spawn(async move {
        // Odd rows come and go.
        let mut dice = Dice::new(2);
        while !stop.load(Ordering::SeqCst) {
            let odd = name(dice.roll(500) * 2 + 1);
            let write = if dice.roll(2) == 0 {
                count(&odd, 1)
            } else {
                Write::Delete(counter(&odd))
            };
            commit(&*writer, Batch::new(workspace(1)).write(write))
                .await
                .unwrap();
        }
    });
    for _ in 0..5 {
        let mut seen = BTreeSet::new();
        let scan = Scan::table(&tables::COUNTER).limit(17);
        for row in pages(&*store, scan).await {
            assert!(
                seen.insert(key_of(&tables::COUNTER, &row)),
                "a row came twice"
            );
        }
        for n in (0..1000).step_by(2) {
            assert!(seen.contains(&counter(&name(n))), "{} was missed", name(n));
        }
    }
    done.store(true, Ordering::SeqCst);
    tasks.join_all().await;
}
