//! Raw SQLite: writes the rows that a cycle of sends wrote, in the transactions that the store needed
//! for them, with nothing but prepared statements.

use std::collections::BTreeMap;
use std::path::Path;

use jooper_core::{LeaseClock, WorkspaceId, to_millis};
use jooper_storage::tables::LANE;
use jooper_storage::{Batch, Claimed, ColumnOp, Key, LogEntry, Scope, TableScope, Value, Write};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql};
use uuid::Uuid;

use crate::floors::sqlite::{APPEND, HEAD, connect};
use crate::sends::{Made, Tape};

/// A fact that is there already is not appended again.
const ONCE: &str = "ON CONFLICT (bucket, workspace_id, ts, event_id) DO NOTHING";

const COUNT: &str =
    "INSERT INTO rollup (bucket, workspace_id, key, count, row_version) VALUES (?1, ?2, ?3, ?4, 1)
 ON CONFLICT (bucket, workspace_id, key) DO UPDATE SET count = rollup.count + excluded.count,
 row_version = rollup.row_version + 1";

/// One cell, bound without a copy.
enum Cell<'a> {
    Int(i64),
    Id(Uuid),
    Blob(&'a [u8]),
    Text(&'a str),
    Null,
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(n) => Self::Int(*n),
            Value::Id(id) => Self::Id(*id),
            Value::Text(text) => Self::Text(text),
            Value::Bytes(bytes) => Self::Blob(bytes),
        }
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Id(id) => ValueRef::Blob(id.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Null => ValueRef::Null,
        }))
    }
}

/// One run of a statement.
struct Step<'a> {
    statement: usize,
    cells: Vec<Cell<'a>>,
}

/// Every statement once, and what is run of them in each transaction: made before the clock runs.
#[derive(Default)]
struct Plan<'a> {
    statements: BTreeMap<String, usize>,
    groups: Vec<Vec<Step<'a>>>,
    heads: BTreeMap<WorkspaceId, i64>,
}

/// Writes in this file what a run made, as the store did; returns the seconds that it took.
pub(crate) fn replay(file: &Path, tape: &Tape, clock: &dyn LeaseClock) -> f64 {
    let connection = connect(file);
    let plan = Plan::of(tape, heads(&connection));
    let prepare = |sql: &str| connection.prepare(sql).unwrap();
    let mut texts: Vec<_> = plan.statements.iter().collect();
    texts.sort_by_key(|(_, place)| **place);
    let mut statements: Vec<Statement<'_>> =
        texts.into_iter().map(|(sql, _)| prepare(sql)).collect();
    let (mut begin, mut commit) = (prepare("BEGIN IMMEDIATE"), prepare("COMMIT"));
    let began = clock.now();
    for group in &plan.groups {
        begin.raw_execute().unwrap();
        for Step { statement, cells } in group {
            let statement = &mut statements[*statement];
            for (at, cell) in cells.iter().enumerate() {
                statement.raw_bind_parameter(at + 1, cell).unwrap();
            }
            statement.raw_execute().unwrap();
        }
        commit.raw_execute().unwrap();
    }
    clock.now().since(began).as_secs_f64()
}

/// How many rows each table has.
pub(crate) fn rows(file: &Path) -> BTreeMap<&'static str, i64> {
    let connection = connect(file);
    let log = ["event_log", "event_log_head"];
    let tables = jooper_storage::tables::all().iter().map(|table| table.name);
    let count = |table: &'static str| {
        let sql = format!("SELECT COUNT(*) FROM \"{table}\"");
        let found = connection.query_row(&sql, [], |row| row.get(0));
        (table, found.unwrap())
    };
    tables.chain(log).map(count).collect()
}

fn heads(connection: &Connection) -> BTreeMap<WorkspaceId, i64> {
    let sql = "SELECT workspace_id, seq FROM event_log_head";
    let mut heads = connection.prepare(sql).unwrap();
    let found = heads.query_map([], |row| {
        let id: [u8; 16] = row.get(0)?;
        Ok((WorkspaceId::from_uuid(Uuid::from_bytes(id)), row.get(1)?))
    });
    found.unwrap().map(Result::unwrap).collect()
}

impl<'a> Plan<'a> {
    fn of(tape: &'a Tape, heads: BTreeMap<WorkspaceId, i64>) -> Self {
        let mut plan = Self {
            heads,
            ..Self::default()
        };
        let mut made = tape.made.iter();
        for size in &tape.groups {
            let mut group = Vec::new();
            let before = plan.heads.clone();
            for made in made.by_ref().take(*size) {
                match made {
                    Made::Commit(batch) => plan.batch(&mut group, batch),
                    Made::Claim(claimed) => {
                        claimed.iter().for_each(|lane| plan.claim(&mut group, lane));
                    }
                    Made::Nothing => {}
                }
            }
            let moved = plan.heads.clone().into_iter();
            for (workspace, seq) in moved.filter(|(id, seq)| before.get(id) != Some(seq)) {
                let mut cells = scope_cells(workspace.into());
                cells.push(Cell::Int(seq));
                plan.add(&mut group, HEAD.to_owned(), cells);
            }
            plan.groups.push(group);
        }
        assert!(made.next().is_none(), "groups that nobody counted");
        plan
    }

    fn add(&mut self, group: &mut Vec<Step<'a>>, sql: String, cells: Vec<Cell<'a>>) {
        let next = self.statements.len();
        let statement = *self.statements.entry(sql).or_insert(next);
        group.push(Step { statement, cells });
    }

    fn batch(&mut self, group: &mut Vec<Step<'a>>, batch: &'a Batch) {
        for write in &batch.writes {
            let (sql, cells) = row(batch.scope, write);
            self.add(group, sql, cells);
        }
        for entry in &batch.log {
            let Scope::Workspace(workspace) = batch.scope else {
                panic!("a log is a workspace's");
            };
            let seq = self.heads.entry(workspace).or_default();
            *seq += 1;
            let cells = fact(batch.scope, *seq, entry);
            self.add(group, format!("{APPEND} {ONCE}"), cells);
            for delta in &entry.rollups {
                let mut cells = scope_cells(batch.scope);
                cells.extend([Cell::Blob(&delta.key), Cell::Int(delta.add)]);
                self.add(group, COUNT.to_owned(), cells);
            }
        }
    }

    fn claim(&mut self, group: &mut Vec<Step<'a>>, claimed: &'a Claimed) {
        let set = ["lease_until", "fence"];
        let cell = |name: &&str| Cell::from(&claimed.row.values[LANE.position(name).unwrap()]);
        let mut cells: Vec<_> = set.iter().map(cell).collect();
        let key = Key::new(&LANE, claimed.row.values[..LANE.key_len].to_vec());
        let sql = format!(
            "UPDATE \"{}\" SET \"lease_until\" = ?1, \"fence\" = ?2, \"row_version\" = \"row_version\" + 1 WHERE {}",
            LANE.name,
            by_key(&key, set.len() + 1),
        );
        cells.extend(scope_cells(claimed.workspace.into()));
        cells.extend(claimed.row.values[..LANE.key_len].iter().map(Cell::from));
        self.add(group, sql, cells);
    }
}

fn fact(scope: Scope, seq: i64, entry: &LogEntry) -> Vec<Cell<'_>> {
    let dimensions = &entry.dimensions;
    let id = |id: Option<Uuid>| id.map_or(Cell::Null, Cell::Id);
    let int = |n: Option<i64>| n.map_or(Cell::Null, Cell::Int);
    let domain = dimensions.domain.as_ref();
    let mut cells = scope_cells(scope);
    cells.extend([
        Cell::Int(seq),
        Cell::Int(to_millis(entry.at)),
        Cell::Blob(entry.id.as_bytes()),
        Cell::Int(entry.kind.code()),
        id(dimensions.campaign.map(|id| id.uuid())),
        int(dimensions.step.map(|step| i64::from(step.0))),
        int(dimensions.variant.map(i64::from)),
        id(dimensions.mailbox.map(|id| id.uuid())),
        domain.map_or(Cell::Null, |domain| Cell::Blob(domain.as_bytes())),
        int(dimensions.reason),
        id(entry.lead.map(|id| id.uuid())),
        id(entry.subject.map(|id| id.uuid())),
        entry.payload.as_deref().map_or(Cell::Null, Cell::Blob),
    ]);
    cells
}

/// A write as a statement.
fn row(scope: Scope, write: &Write) -> (String, Vec<Cell<'_>>) {
    match write {
        Write::Put(key, values) => put(scope, key, values, None),
        Write::Upsert(key, values, ops) => put(scope, key, values, Some(ops)),
        Write::Patch(key, ops) => {
            let mut cells: Vec<_> = ops.iter().map(|(_, op)| changed(op)).collect();
            let sql = format!(
                "UPDATE \"{}\" SET {}\"row_version\" = \"row_version\" + 1 WHERE {}",
                key.table().name,
                sets(ops, 1),
                by_key(key, ops.len() + 1),
            );
            cells.extend(scope_cells(scope));
            cells.extend(key.values().iter().map(Cell::from));
            (sql, cells)
        }
        Write::Delete(key) => {
            let sql = format!(
                "DELETE FROM \"{}\" WHERE {}",
                key.table().name,
                by_key(key, 1)
            );
            let mut cells = scope_cells(scope);
            cells.extend(key.values().iter().map(Cell::from));
            (sql, cells)
        }
        other => panic!("a cycle of sends writes no {other:?}"),
    }
}

fn put<'a>(
    scope: Scope,
    key: &Key,
    values: &'a [Value],
    ops: Option<&'a Vec<(&'static str, ColumnOp)>>,
) -> (String, Vec<Cell<'a>>) {
    let table = key.table();
    let own = table.columns.iter().map(|column| column.name);
    let scoped = scope_columns(table.scope);
    let columns: Vec<&str> = scoped.iter().copied().chain(own).collect();
    let marks: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let keys = scoped.len() + table.key_len;
    let changes = match ops {
        Some(ops) => sets(ops, columns.len() + 1),
        None => table.columns[table.key_len..]
            .iter()
            .map(|column| format!("\"{0}\" = excluded.\"{0}\", ", column.name))
            .collect(),
    };
    let sql = format!(
        "INSERT INTO \"{0}\" ({1}, \"row_version\") VALUES ({2}, 1) ON CONFLICT ({3}) DO UPDATE \
         SET {4}\"row_version\" = \"{0}\".\"row_version\" + 1",
        table.name,
        names(&columns),
        marks.join(", "),
        names(&columns[..keys]),
        changes.replace(
            "= \"count\" + ",
            &format!("= \"{}\".\"count\" + ", table.name)
        ),
    );
    let mut cells = scope_cells(scope);
    cells.extend(values.iter().map(Cell::from));
    cells.extend(ops.into_iter().flatten().map(|(_, op)| changed(op)));
    (sql, cells)
}

fn names(columns: &[&str]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

const fn scope_columns(scope: TableScope) -> &'static [&'static str] {
    match scope {
        TableScope::Tenant => &["bucket", "workspace_id"],
        TableScope::Platform => &[],
    }
}

fn scope_cells(scope: Scope) -> Vec<Cell<'static>> {
    match scope {
        Scope::Workspace(id) => vec![
            Cell::Int(i64::from(id.bucket().bits())),
            Cell::Id(id.uuid()),
        ],
        Scope::Platform => Vec::new(),
    }
}

fn by_key(key: &Key, first: usize) -> String {
    let table = key.table();
    let keys = table.columns[..table.key_len].iter().map(|it| it.name);
    let all = scope_columns(table.scope).iter().copied().chain(keys);
    let each: Vec<String> = all
        .enumerate()
        .map(|(at, name)| format!("\"{name}\" = ?{}", at + first))
        .collect();
    each.join(" AND ")
}

fn sets(ops: &[(&'static str, ColumnOp)], first: usize) -> String {
    let each = ops.iter().enumerate().map(|(at, (name, op))| {
        let at = at + first;
        match op {
            ColumnOp::Set(_) => format!("\"{name}\" = ?{at}, "),
            ColumnOp::Add(_) => format!("\"{name}\" = \"{name}\" + ?{at}, "),
            ColumnOp::Min(_) => format!("\"{name}\" = min(\"{name}\", ?{at}), "),
            ColumnOp::Max(_) => format!("\"{name}\" = max(\"{name}\", ?{at}), "),
            other => panic!("the floor does not know {other:?}"),
        }
    });
    each.collect()
}

fn changed(op: &ColumnOp) -> Cell<'_> {
    match op {
        ColumnOp::Set(value) => value.into(),
        ColumnOp::Add(n) | ColumnOp::Min(n) | ColumnOp::Max(n) => Cell::Int(*n),
        other => panic!("the floor does not know {other:?}"),
    }
}
