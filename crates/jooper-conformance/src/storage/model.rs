//! The same random history on several stores: every answer must be the same.
//!
//! Two workers take turns. Each remembers the versions and fencing tokens it was given and acts on
//! them later, when they may be stale. A worker may crash: it forgets everything, and its last
//! batch was either never sent or committed without the worker hearing of it.

use std::sync::Arc;

use jooper_core::{WorkspaceId, from_millis, to_millis};
use jooper_storage::tables::{CONTACT_FENCE, COUNTER, ENROLLMENT, LANE, LEAD, ROLLUP, SEND};
use jooper_storage::{
    Batch, Check, Claim, ColumnKind, ColumnOp, Erase, Key, LogCursor, LogEntry, MemoryStore,
    RollupDelta, Row, Scan, Scope, Storage, StoreError, TableDef, Value, Write,
};

use super::sample::{Dice, cell, fact, key_of, subject, workspace_in};

const TABLES: &[&TableDef] = &[&COUNTER, &LANE, &ENROLLMENT, &LEAD, &CONTACT_FENCE, &SEND];

/// One move of the history.
#[derive(Debug, Clone)]
enum Move {
    Commit(Batch),
    Get(WorkspaceId, Vec<Key>),
    Scan(WorkspaceId, Scan),
    Claim(Claim),
    Log(WorkspaceId, LogCursor),
    Erase(Erase),
}

/// What a worker knows.
#[derive(Debug, Default)]
struct Worker {
    versions: Vec<(WorkspaceId, Key, u64)>,
    tokens: Vec<(WorkspaceId, Key, i64)>,
}

/// A store under test, by name.
pub type Subject = (&'static str, Arc<dyn Storage>);

/// Plays the history of `seed` on every store and compares every answer with the first store's.
///
/// Histories of different seeds up to 65,535 do not touch each other's rows: one store can play
/// many of them, also at the same time. Returns how many answers were compared.
///
/// # Panics
/// When two stores answer differently; the message names the seed and the move.
pub async fn play(seed: u64, stores: &[Subject]) -> u64 {
    history(seed, stores, false).await
}

/// As [`play`], but in between several batches of one workspace are under way at once: for stores
/// that run what one task submits in the order of its calls, which no store need do. What shares a
/// transaction is compared with what was run one behind the other.
///
/// # Panics
/// As [`play`].
pub async fn play_together(seed: u64, stores: &[Subject]) -> u64 {
    history(seed, stores, true).await
}

async fn history(seed: u64, stores: &[Subject], together: bool) -> u64 {
    let mut dice = Dice::new(seed);
    let mut company = Dice::new(seed ^ 0x7061_7274_6965_7321);
    let bucket = (seed % 65_536) as u16;
    let spaces = [
        workspace_in(bucket, seed * 2),
        workspace_in(bucket, seed * 2 + 1),
    ];
    let mut workers = [Worker::default(), Worker::default()];
    let mut answers = 0;
    for turn in 0..24 {
        let worker = &mut workers[dice.roll(2) as usize];
        let crash = dice.roll(12) == 0;
        let mv = next(&mut dice, worker, &spaces);
        if crash {
            let committed = dice.roll(2) == 0;
            *worker = Worker::default();
            if !committed {
                continue;
            }
        }
        if together && let Some(moves) = joined(&mut company, worker, &mv) {
            answers += moves.len() as u64;
            compare_together(seed, turn, &moves, stores).await;
            continue;
        }
        let answer = compare(seed, turn, &mv, stores).await;
        answers += 1;
        if !crash {
            worker.learn(&mv, answer);
        }
    }
    for space in spaces {
        for table in TABLES.iter().copied().chain([&ROLLUP]) {
            compare(seed, 98, &Move::Scan(space, Scan::table(table)), stores).await;
            answers += 1;
        }
        compare(seed, 99, &Move::Log(space, LogCursor::start()), stores).await;
        answers += 1;
    }
    answers
}

/// Twenty histories against the memory store.
pub async fn random_batches_answer_as_the_memory_store_does(store: Arc<dyn Storage>) {
    let memory: Arc<dyn Storage> = Arc::new(MemoryStore::new());
    let stores = [("memory", memory), ("the store", store)];
    for seed in 1..=20 {
        play(seed, &stores).await;
    }
}

/// Sometimes, others that are submitted together with an urgent batch.
fn joined(dice: &mut Dice, worker: &Worker, mv: &Move) -> Option<Vec<Move>> {
    let Move::Commit(first) = mv else { return None };
    let space = first.workspace()?;
    if first.bulk || dice.roll(3) == 0 {
        return None;
    }
    let more = (0..=dice.roll(5)).map(|_| {
        let mut batch = batch(dice, worker, space);
        batch.bulk = false;
        batch
    });
    let all = std::iter::once(first.clone()).chain(more);
    Some(all.map(Move::Commit).collect())
}

async fn compare_together(seed: u64, turn: u32, moves: &[Move], stores: &[Subject]) {
    let mut first: Option<Vec<Answer>> = None;
    for (name, store) in stores {
        let all = moves.iter().map(|mv| answer(&**store, mv));
        let answers = futures_util::future::join_all(all).await;
        let expected = first.get_or_insert_with(|| answers.clone());
        assert_eq!(
            &answers, expected,
            "seed {seed}, moves {turn}: {name} differs from {}: {moves:?}",
            stores[0].0
        );
    }
}

async fn compare(seed: u64, turn: u32, mv: &Move, stores: &[Subject]) -> Answer {
    let mut first: Option<Answer> = None;
    for (name, store) in stores {
        let answer = answer(&**store, mv).await;
        match &first {
            None => first = Some(answer),
            Some(expected) => assert_eq!(
                &answer, expected,
                "seed {seed}, move {turn}: {name} differs from {}: {mv:?}",
                stores[0].0
            ),
        }
    }
    first.expect("at least one store")
}

/// An answer without what may differ: the store's own time, and physical erasure.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Done,
    Refused(String),
    Rows(Vec<Option<Row>>, Option<Vec<Value>>),
    Claimed(Vec<(WorkspaceId, Row)>),
    Log(Vec<(u64, LogEntry)>, u64),
    Erased(u64, u64, u64),
}

async fn answer(store: &dyn Storage, mv: &Move) -> Answer {
    loop {
        let result = match mv {
            Move::Commit(batch) => store.commit(batch.clone()).await.map(|()| Answer::Done),
            Move::Get(space, keys) => {
                let rows = store.get(Scope::Workspace(*space), keys).await;
                rows.map(|rows| {
                    let tables = keys.iter().map(Key::table);
                    let rows = rows.into_iter().zip(tables);
                    Answer::Rows(
                        rows.map(|(row, of)| row.map(|row| masked(of, row)))
                            .collect(),
                        None,
                    )
                })
            }
            Move::Scan(space, scan) => {
                let page = store.scan(Scope::Workspace(*space), scan.clone()).await;
                page.map(|page| {
                    let rows = page
                        .rows
                        .into_iter()
                        .map(|row| Some(masked(scan.table, row)));
                    Answer::Rows(rows.collect(), page.next)
                })
            }
            Move::Claim(claim) => store.claim(claim.clone()).await.map(|claimed| {
                let rows = claimed.into_iter();
                Answer::Claimed(
                    rows.map(|one| (one.workspace, masked(&LANE, one.row)))
                        .collect(),
                )
            }),
            Move::Log(space, cursor) => store.read_log(*space, *cursor).await.map(|page| {
                let records = page.records.into_iter();
                Answer::Log(
                    records.map(|record| (record.seq, record.entry)).collect(),
                    page.next,
                )
            }),
            Move::Erase(erase) => store
                .erase(*erase)
                .await
                .map(|done| Answer::Erased(done.deleted, done.scrubbed, done.payloads)),
        };
        return match result {
            Err(StoreError::Busy(_)) => {
                tokio::task::yield_now().await;
                continue;
            }
            Ok(answer) => answer,
            Err(StoreError::Conflict { check, what }) => Answer::Refused(format!("{check} {what}")),
            Err(StoreError::FenceLost) => Answer::Refused("fence".to_owned()),
            Err(StoreError::Invalid(_)) => Answer::Refused("invalid".to_owned()),
            Err(error) => panic!("{mv:?}: {error} ({error:?})"),
        };
    }
}

/// Leases end by the store's own clock, which no two stores share.
fn masked(table: &TableDef, mut row: Row) -> Row {
    if let Some(claim) = table.claim {
        let at = table.position(claim.lease).expect("the lease is a column");
        row.values[at] = Value::Null;
    }
    row
}

impl Worker {
    fn learn(&mut self, mv: &Move, answer: Answer) {
        match (mv, answer) {
            (Move::Get(space, keys), Answer::Rows(rows, _)) => {
                for (key, row) in keys.iter().zip(rows) {
                    self.versions
                        .extend(row.map(|row| (*space, key.clone(), row.version)));
                }
            }
            (_, Answer::Claimed(rows)) => {
                let fence = LANE.position("fence").expect("the fence is a column");
                for (space, row) in rows {
                    if let Value::Int(token) = row.values[fence] {
                        self.tokens.push((space, key_of(&LANE, &row.values), token));
                    }
                }
            }
            _ => {}
        }
    }
}

fn next(dice: &mut Dice, worker: &Worker, spaces: &[WorkspaceId; 2]) -> Move {
    let space = spaces[dice.roll(2) as usize];
    match dice.roll(20) {
        0..=10 => Move::Commit(batch(dice, worker, space)),
        11..=13 => {
            let count = 1 + dice.roll(5);
            Move::Get(space, (0..count).map(|_| key(dice)).collect())
        }
        14 | 15 => {
            let table = TABLES[dice.roll(TABLES.len() as u64) as usize];
            let mut scan = Scan::table(table).limit(1 + dice.roll(6) as usize);
            let index = dice.roll(table.indexes.len() as u64 + 1) as usize;
            scan.index = table.indexes.get(index).map(|index| index.name);
            Move::Scan(space, scan)
        }
        16 | 17 => Move::Claim(Claim {
            table: &LANE,
            bucket: space.bucket(),
            due_before: dice.roll(5) as i64,
            limit: 1 + dice.roll(3) as usize,
            // Over at once, or not within this history.
            lease_millis: [0, 3_600_000][dice.roll(2) as usize],
        }),
        18 => {
            let (after, limit) = (dice.roll(4), 1 + dice.roll(9) as usize);
            Move::Log(space, LogCursor { after, limit })
        }
        _ => Move::Erase(Erase {
            workspace: space,
            subject: subject(dice.roll(4)),
        }),
    }
}

fn key(dice: &mut Dice) -> Key {
    let table = TABLES[dice.roll(TABLES.len() as u64) as usize];
    let values = table
        .key_columns()
        .iter()
        .map(|column| cell(column.kind, dice.roll(4)));
    Key::new(table, values.collect())
}

fn batch(dice: &mut Dice, worker: &Worker, space: WorkspaceId) -> Batch {
    let mut batch = Batch::new(space);
    for _ in 0..dice.roll(3) {
        batch.checks.push(check(dice, worker, space));
    }
    for _ in 0..dice.roll(5) {
        batch.writes.push(write(dice));
    }
    for _ in 0..dice.roll(3) {
        batch.log.push(entry(dice));
    }
    batch.bulk = dice.roll(8) == 0;
    batch
}

fn check(dice: &mut Dice, worker: &Worker, space: WorkspaceId) -> Check {
    let mut versions = worker.versions.iter().filter(|(of, ..)| *of == space);
    let mut tokens = worker.tokens.iter().filter(|(of, ..)| *of == space);
    match dice.roll(8) {
        0 | 1 => Check::Absent(key(dice)),
        2..=4 => match versions.next_back() {
            Some((_, key, version)) => Check::Version(key.clone(), *version),
            None => Check::Version(key(dice), 1 + dice.roll(2)),
        },
        5 | 6 => match tokens.next_back() {
            Some((_, key, token)) => Check::Fence(key.clone(), *token),
            None => Check::Fence(
                Key::new(&LANE, vec![cell(ColumnKind::Id, dice.roll(4))]),
                dice.roll(2) as i64,
            ),
        },
        _ => {
            let key = Key::new(&COUNTER, vec![cell(ColumnKind::Bytes, dice.roll(4))]);
            Check::AtMost(key, "count", dice.roll(6) as i64)
        }
    }
}

fn write(dice: &mut Dice) -> Write {
    let key = key(dice);
    match dice.roll(8) {
        0..=2 => Write::Put(key.clone(), row(dice, &key)),
        3 => Write::Delete(key),
        4 | 5 => {
            let ops = ops(dice, key.table());
            Write::Patch(key, ops)
        }
        _ => {
            let (values, ops) = (row(dice, &key), ops(dice, key.table()));
            Write::Upsert(key, values, ops)
        }
    }
}

fn row(dice: &mut Dice, key: &Key) -> Vec<Value> {
    let table = key.table();
    let mut values = key.values().to_vec();
    for column in &table.columns[table.key_len..] {
        let empty = column.nullable && dice.roll(3) == 0;
        let leased = table.claim.is_some_and(|claim| column.name == claim.lease);
        let n = if leased { 0 } else { dice.roll(4) };
        values.push(if empty {
            Value::Null
        } else {
            cell(column.kind, n)
        });
    }
    values
}

fn ops(dice: &mut Dice, table: &TableDef) -> Vec<(&'static str, ColumnOp)> {
    let mut ops: Vec<(&'static str, ColumnOp)> = Vec::new();
    for _ in 0..dice.roll(3) {
        let rest = &table.columns[table.key_len..];
        if rest.is_empty() {
            break;
        }
        let column = &rest[dice.roll(rest.len() as u64) as usize];
        let leased = table.claim.is_some_and(|claim| column.name == claim.lease);
        if leased || ops.iter().any(|(name, _)| *name == column.name) {
            continue;
        }
        let n = [0, 1, 3, -2, i64::MAX, i64::MIN][dice.roll(6) as usize];
        let op = match (column.kind, dice.roll(4)) {
            (_, 0) if column.nullable => ColumnOp::Set(Value::Null),
            (ColumnKind::Int, 1) => ColumnOp::Add(n),
            (ColumnKind::Int, 2) => ColumnOp::Min(n),
            (ColumnKind::Int, 3) => ColumnOp::Max(n),
            (kind, _) => ColumnOp::Set(cell(kind, dice.roll(4))),
        };
        ops.push((column.name, op));
    }
    ops
}

fn entry(dice: &mut Dice) -> LogEntry {
    let mut entry = fact(dice.roll(10));
    entry.at = from_millis(to_millis(entry.at) + dice.roll(2) as i64);
    if dice.roll(2) == 0 {
        entry.subject = Some(subject(dice.roll(4)));
        entry.payload = Some(vec![dice.roll(256) as u8]);
    }
    for _ in 0..dice.roll(3) {
        entry.rollups.push(RollupDelta {
            key: vec![dice.roll(3) as u8],
            add: dice.roll(9) as i64 - 4,
        });
    }
    entry
}
