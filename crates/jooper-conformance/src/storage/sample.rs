//! Rows and names to test with.

use jiff::Timestamp;
use jooper_core::{
    Bucket, Dimensions, EventId, EventKind, LeadId, SubjectId, WorkspaceId, from_millis,
};
use jooper_storage::{
    Batch, Check, ColumnKind, Key, LogEntry, Row, Scope, Storage, StoreError, TableDef, Value,
    Write,
    tables::{COUNTER, LANE},
};
use uuid::Uuid;

/// The nth workspace of a bucket.
pub(crate) fn workspace_in(bucket: u16, n: u64) -> WorkspaceId {
    let uuid = Uuid::from_u128((u128::from(n) << 64) | 0x7000_8000_0000_0000_0000);
    WorkspaceId::in_bucket(uuid, Bucket::from_bits(bucket))
}

pub(crate) fn workspace(n: u64) -> WorkspaceId {
    workspace_in(7, n)
}

/// The nth cell of a column.
pub(crate) fn cell(kind: ColumnKind, n: u64) -> Value {
    match kind {
        ColumnKind::Int => Value::Int(n as i64),
        ColumnKind::Id => Value::Id(Uuid::from_u128(u128::from(n))),
        ColumnKind::Text => Value::Text(format!("t{n:06}")),
        ColumnKind::Index => {
            let mut bytes = vec![0; 32];
            bytes[24..].copy_from_slice(&n.to_be_bytes());
            Value::Bytes(bytes)
        }
        _ => Value::Bytes(n.to_be_bytes().to_vec()),
    }
}

/// The nth row of a table; nullable cells are empty when `n` says so.
pub(crate) fn row(table: &TableDef, n: u64) -> Vec<Value> {
    let cells = table.columns.iter().enumerate();
    cells
        .map(|(at, column)| {
            if column.nullable && (n >> (at % 16)) & 1 == 1 {
                Value::Null
            } else {
                cell(column.kind, n)
            }
        })
        .collect()
}

pub(crate) fn key_of(table: &'static TableDef, values: &[Value]) -> Key {
    Key::new(table, values[..table.key_len].to_vec())
}

pub(crate) fn put(table: &'static TableDef, values: Vec<Value>) -> Write {
    Write::Put(key_of(table, &values), values)
}

pub(crate) fn counter(name: &str) -> Key {
    Key::new(&COUNTER, vec![Value::Bytes(name.as_bytes().to_vec())])
}

/// A counter's row.
pub(crate) fn counter_row(name: &str, n: i64) -> Vec<Value> {
    let mut values = row(&COUNTER, 0);
    values[0] = counter(name).values()[0].clone();
    values[COUNTER.position("count").expect("declared")] = Value::Int(n);
    values
}

pub(crate) fn count(name: &str, n: i64) -> Write {
    Write::Put(counter(name), counter_row(name, n))
}

pub(crate) fn lane(n: u64) -> Key {
    Key::new(&LANE, vec![cell(ColumnKind::Id, n)])
}

/// A lane that nobody holds.
pub(crate) fn free_lane(n: u64, wake_at: i64) -> Write {
    let mut values = row(&LANE, 0);
    let claim = LANE.claim.expect("lanes are claimed");
    values[0] = lane(n).values()[0].clone();
    for (name, value) in [(claim.due, wake_at), (claim.lease, 0), (claim.fence, 0)] {
        values[LANE.position(name).expect("declared")] = Value::Int(value);
    }
    put(&LANE, values)
}

pub(crate) fn at(millis: i64) -> Timestamp {
    from_millis(1_800_000_000_000 + millis)
}

/// The nth fact.
pub(crate) fn fact(n: u64) -> LogEntry {
    LogEntry {
        id: EventId::from_source(EventKind::Sent, &[&n.to_be_bytes()]),
        at: at(n as i64),
        kind: EventKind::Sent,
        dimensions: Dimensions::default(),
        lead: None,
        subject: None,
        payload: None,
        rollups: Vec::new(),
    }
}

pub(crate) fn lead(n: u64) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(u128::from(n)))
}

pub(crate) fn subject(n: u64) -> SubjectId {
    SubjectId::from(lead(n))
}

pub(crate) fn conflict<T>(result: Result<T, StoreError>) -> Option<usize> {
    match result {
        Err(StoreError::Conflict { check, .. }) => Some(check),
        _ => None,
    }
}

/// Commits, again and again while the store is only busy.
///
/// A backend may answer "busy" instead of waiting, so cases that do not test contention wait here.
pub(crate) async fn commit(store: &dyn Storage, batch: Batch) -> Result<(), StoreError> {
    loop {
        match store.commit(batch.clone()).await {
            Err(StoreError::Busy(_)) => tokio::task::yield_now().await,
            other => return other,
        }
    }
}

pub(crate) async fn get(store: &dyn Storage, scope: impl Into<Scope>, key: &Key) -> Option<Row> {
    let keys = std::slice::from_ref(key);
    let mut rows = store.get(scope.into(), keys).await.unwrap();
    assert_eq!(rows.len(), 1, "one answer for one key");
    rows.remove(0)
}

/// The integer in the second column: a counter's count.
pub(crate) async fn counted(store: &dyn Storage, of: WorkspaceId, name: &str) -> Option<i64> {
    match get(store, of, &counter(name)).await?.values[1] {
        Value::Int(n) => Some(n),
        _ => None,
    }
}

/// A check that a count is at most so much.
pub(crate) fn at_most(name: &str, n: i64) -> Check {
    Check::AtMost(counter(name), "count", n)
}

/// Numbers that a seed determines (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}
