//! Values at the edges of what a cell may hold.

use std::sync::Arc;

use jooper_storage::tables::{COUNTER, LEAD, SETTING};
use jooper_storage::{Batch, Scan, Storage, Value};

use super::sample::{commit, get, key_of, put, row, workspace};

const TEXTS: &[&str] = &[
    "",
    " ",
    "A",
    "Z",
    "a",
    "a ",
    "a\n\t'\"\\;--%_",
    "z",
    "\u{1}",
    "é",
    "e\u{301}",
    "ß",
    "ẞ",
    "ſ",
    "İ",
    "日本語",
    "עברית",
    "\u{200f}",
    "\u{fffd}",
    "\u{ffff}",
    "👩‍👩‍👧‍👦",
    "\u{10ffff}",
];

pub async fn texts_of_every_script_survive_and_order_by_bytes(store: Arc<dyn Storage>) {
    let mut texts: Vec<String> = TEXTS.iter().map(|&text| text.to_owned()).collect();
    texts.push("x".repeat(Value::MAX_INDEXED));
    texts.push("日".repeat(Value::MAX_INDEXED / 3));
    let mut batch = Batch::new(workspace(1));
    for text in &texts {
        let values = vec![Value::Text(text.clone()), Value::Int(1), Value::Null];
        batch = batch.write(put(&SETTING, values));
    }
    commit(&*store, batch).await.unwrap();
    texts.sort();
    let page = store
        .scan(workspace(1).into(), Scan::table(&SETTING))
        .await
        .unwrap();
    let found: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| row.values[0].clone())
        .collect();
    let expected: Vec<_> = texts.iter().cloned().map(Value::Text).collect();
    assert_eq!(found, expected);
    let mut scan = Scan::table(&SETTING).limit(1);
    for text in &texts {
        let page = store.scan(workspace(1).into(), scan.clone()).await.unwrap();
        assert_eq!(page.rows[0].values[0], Value::Text(text.clone()));
        scan.after = page.next;
    }
}

pub async fn sizes_from_nothing_to_a_megabyte_survive(store: Arc<dyn Storage>) {
    let at = LEAD.position("profile").unwrap();
    for (n, size) in [0, 1, 255, 2_000, 4_096, 70_000, 1 << 20]
        .into_iter()
        .enumerate()
    {
        let mut values = row(&LEAD, n as u64);
        // Every byte value, in an order that does not compress away.
        let bytes = (0..size as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8);
        values[at] = Value::Bytes(bytes.collect());
        commit(
            &*store,
            Batch::new(workspace(1)).write(put(&LEAD, values.clone())),
        )
        .await
        .unwrap();
        let found = get(&*store, workspace(1), &key_of(&LEAD, &values))
            .await
            .unwrap();
        assert!(found.values == values, "{size} bytes");
    }
    let page = store
        .scan(workspace(1).into(), Scan::table(&LEAD))
        .await
        .unwrap();
    assert_eq!(page.rows.len(), 7);
}

pub async fn numbers_at_both_ends_survive(store: Arc<dyn Storage>) {
    let numbers = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    let mut batch = Batch::new(workspace(1));
    for (n, number) in numbers.iter().rev().enumerate() {
        let key = Value::Bytes(vec![n as u8]);
        batch = batch.write(put(
            &COUNTER,
            vec![key, Value::Int(*number), Value::Int(*number)],
        ));
    }
    commit(&*store, batch).await.unwrap();
    let scan = Scan::table(&COUNTER).by("by_expiry");
    let page = store.scan(workspace(1).into(), scan).await.unwrap();
    let found: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| row.values[1].clone())
        .collect();
    assert_eq!(found, numbers.map(Value::Int));
}
