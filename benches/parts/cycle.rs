//! One turn of a lane, over few and over many enrollments; and the memory of a long scan.

use std::path::Path;

use jooper_storage::tables::{ENROLLMENT, LANE, SEND};
use jooper_storage::{
    Batch, Check, Claim, ColumnKind, ColumnOp, Key, Scan, Storage, TableDef, Value, Write,
};
use jooper_storage_sqlite::SqliteStorage;
use uuid::Uuid;

use crate::rows::workspace;
use crate::{Report, median};

/// Enrollments of one mailbox.
const PER_MAILBOX: u64 = 1_000;
const CYCLES: u64 = 300;

fn cell(kind: ColumnKind, n: u64) -> Value {
    match kind {
        ColumnKind::Int => Value::Int(n as i64),
        // Spread, as random ids are.
        ColumnKind::Id => Value::Id(Uuid::from_u128(
            u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64 | u128::from(n),
        )),
        ColumnKind::Text => Value::Text(format!("t{n}")),
        _ => Value::Bytes(n.to_be_bytes().to_vec()),
    }
}

fn row(table: &TableDef, n: u64, set: &[(&str, Value)]) -> Vec<Value> {
    let mut values: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            if column.nullable {
                Value::Null
            } else {
                cell(column.kind, n)
            }
        })
        .collect();
    for (name, value) in set {
        values[table.position(name).unwrap()] = value.clone();
    }
    values
}

fn put(table: &'static TableDef, values: Vec<Value>) -> Write {
    Write::Put(Key::new(table, values[..table.key_len].to_vec()), values)
}

fn mailbox(n: u64) -> Value {
    cell(ColumnKind::Id, 1 << 40 | n)
}

async fn fill(store: &SqliteStorage, rows: u64) {
    for first in (0..rows).step_by(10_000) {
        let last = (first + 10_000).min(rows);
        let batch = (first..last).fold(Batch::new(workspace()).bulk(), |batch, n| {
            let set = [
                ("mailbox", mailbox(n / PER_MAILBOX)),
                ("state", Value::Int(1)),
                ("due_at", Value::Int((n % PER_MAILBOX) as i64)),
            ];
            batch.write(put(&ENROLLMENT, row(&ENROLLMENT, n, &set)))
        });
        store.commit(batch).await.unwrap();
    }
    let lanes = rows.div_ceil(PER_MAILBOX);
    for first in (0..lanes).step_by(5_000) {
        let lanes =
            (first..(first + 5_000).min(lanes)).fold(Batch::new(workspace()), |batch, n| {
                let set = [
                    ("mailbox", mailbox(n)),
                    ("wake_at", Value::Int(n as i64)),
                    ("lease_until", Value::Int(0)),
                    ("fence", Value::Int(0)),
                ];
                batch.write(put(&LANE, row(&LANE, 0, &set)))
            });
        store.commit(lanes).await.unwrap();
    }
}

/// Wake a lane, find what is due, reserve it, settle it, go to sleep until later.
async fn turn(store: &SqliteStorage, n: u64) {
    let claim = Claim {
        table: &LANE,
        bucket: workspace().bucket(),
        due_before: i64::MAX - 1,
        limit: 1,
        lease_millis: 60_000,
    };
    let lane = store.claim(claim).await.unwrap().remove(0);
    let cell = |name: &str| lane.row.values[LANE.position(name).unwrap()].clone();
    let Value::Int(token) = cell("fence") else {
        panic!("a fence is a number")
    };
    let key = Key::new(&LANE, vec![cell("mailbox")]);
    let fence = || Check::Fence(key.clone(), token);
    let due = Scan::table(&ENROLLMENT)
        .by("by_due")
        .prefix(vec![cell("mailbox"), Value::Int(1)])
        .limit(1);
    let due = store
        .scan(workspace().into(), due)
        .await
        .unwrap()
        .rows
        .remove(0);
    let enrollment = Key::new(&ENROLLMENT, vec![due.values[0].clone()]);
    let send = row(&SEND, n, &[]);
    let send_key = Key::new(&SEND, vec![send[0].clone()]);
    let reserve = Batch::new(workspace())
        .check(fence())
        .check(Check::Version(enrollment.clone(), due.version))
        .check(Check::Absent(send_key.clone()))
        .write(Write::Put(send_key.clone(), send));
    store.commit(reserve).await.unwrap();
    let later = vec![
        ("due_at", ColumnOp::Add(1_000_000)),
        ("sent", ColumnOp::Add(1)),
    ];
    let settle = Batch::new(workspace())
        .check(fence())
        .write(Write::Patch(
            send_key,
            vec![("state", ColumnOp::Set(Value::Int(4)))],
        ))
        .write(Write::Patch(enrollment, later));
    store.commit(settle).await.unwrap();
    let sleep = vec![
        ("wake_at", ColumnOp::Add(1_000_000_000)),
        ("lease_until", ColumnOp::Set(Value::Int(0))),
    ];
    let sleep = Batch::new(workspace())
        .check(fence())
        .write(Write::Patch(key, sleep));
    store.commit(sleep).await.unwrap();
}

/// The most memory that this process has had, in MiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}

pub(crate) async fn run(report: &mut Report, dir: &Path, many: u64) {
    let mut times = Vec::new();
    for rows in [10_000, many] {
        let store = SqliteStorage::open(dir.join(format!("cycle {rows}.db")))
            .await
            .unwrap();
        let (took, ()) = report.timed(fill(&store, rows)).await;
        println!("  {rows} enrollments stored in {:.0} s", took.as_secs_f64());
        let mut each = Vec::new();
        for n in 0..CYCLES {
            each.push(report.timed(turn(&store, n)).await.0.as_secs_f64() * 1e6);
        }
        let cycle = median(each);
        println!("  sqlite: one turn of a lane over {rows}: {cycle:.0} µs");
        times.push(cycle);
        if rows == many {
            let before = peak();
            let mut scan = Scan::table(&ENROLLMENT).limit(1_000);
            let mut seen = 0;
            loop {
                let page = store.scan(workspace().into(), scan.clone()).await.unwrap();
                seen += page.rows.len() as u64;
                match page.next {
                    Some(next) => scan.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen, rows);
            report.most(
                "sqlite: MiB more at the peak of a whole scan",
                peak() - before,
                48.0,
            );
        }
    }
    report.most(
        &format!("sqlite: a turn over {many} beside one over 10000"),
        times[1] / times[0],
        1.5,
    );
}
