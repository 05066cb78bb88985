//! Raw SQLite: writes the rows that a cycle of sends wrote, in as few transactions as the store
//! needed for them.

use std::path::Path;

use jooper_storage::{Batch, ColumnOp, Key, Scope, TableScope, Value, Write};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use uuid::Uuid;

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

/// One connection with the store's own pragmas.
pub(crate) struct Floor {
    connection: Connection,
    seq: i64,
}

impl Floor {
    pub(crate) fn open(file: &Path) -> Self {
        let connection = crate::floors::sqlite::connect(file);
        connection.set_prepared_statement_cache_capacity(256);
        let head = "SELECT COALESCE(MAX(\"seq\"), 0) FROM \"event_log_head\"";
        let seq = connection.query_row(head, [], |row| row.get(0)).unwrap();
        Self { connection, seq }
    }

    /// Writes these batches in groups of so many, one transaction each.
    pub(crate) fn write(&mut self, batches: &[Batch], each: usize) {
        for group in batches.chunks(each.max(1)) {
            self.run("BEGIN IMMEDIATE", Vec::new());
            for batch in group {
                for write in &batch.writes {
                    self.row(batch.scope, write);
                }
                for entry in &batch.log {
                    self.seq += 1;
                    crate::floors::sqlite::append(&self.connection, self.seq, entry);
                }
            }
            let ws = crate::rows::workspace();
            let head = vec![
                Cell::Int(i64::from(ws.bucket().bits())),
                Cell::Id(ws.uuid()),
                Cell::Int(self.seq),
            ];
            self.run(crate::floors::sqlite::HEAD, head);
            self.run("COMMIT", Vec::new());
        }
    }

    fn run(&self, sql: &str, cells: Vec<Cell<'_>>) {
        let mut statement = self.connection.prepare_cached(sql).unwrap();
        statement.execute(params_from_iter(cells)).unwrap();
    }

    fn row(&self, scope: Scope, write: &Write) {
        match write {
            Write::Put(key, values) => self.put(scope, key, values, None),
            Write::Upsert(key, values, ops) => self.put(scope, key, values, Some(ops)),
            Write::Patch(key, ops) => {
                let mut cells: Vec<_> = ops.iter().map(|(_, op)| changed(op)).collect();
                let first = ops.len() + 1;
                let sql = format!(
                    "UPDATE \"{}\" SET {}\"row_version\" = \"row_version\" + 1 WHERE {}",
                    key.table().name,
                    sets(ops, 1),
                    by_key(key, first),
                );
                cells.extend(scoped(scope).into_iter().map(|(_, cell)| cell));
                cells.extend(key.values().iter().map(Cell::from));
                self.run(&sql, cells);
            }
            Write::Delete(key) => {
                let sql = format!(
                    "DELETE FROM \"{}\" WHERE {}",
                    key.table().name,
                    by_key(key, 1)
                );
                let cells = scoped(scope).into_iter().map(|(_, cell)| cell);
                self.run(
                    &sql,
                    cells.chain(key.values().iter().map(Cell::from)).collect(),
                );
            }
            other => panic!("a cycle of sends writes no {other:?}"),
        }
    }

    fn put(
        &self,
        scope: Scope,
        key: &Key,
        values: &[Value],
        ops: Option<&Vec<(&'static str, ColumnOp)>>,
    ) {
        let table = key.table();
        let columns: Vec<&str> = scoped(scope)
            .iter()
            .map(|(name, _)| *name)
            .chain(table.columns.iter().map(|column| column.name))
            .collect();
        let marks: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
        let keys = columns.len() - table.columns.len() + table.key_len;
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
            changes.replace("\"count\" + ", &format!("\"{}\".\"count\" + ", table.name)),
        );
        let mut cells: Vec<_> = scoped(scope).into_iter().map(|(_, cell)| cell).collect();
        cells.extend(values.iter().map(Cell::from));
        cells.extend(ops.into_iter().flatten().map(|(_, op)| changed(op)));
        self.run(&sql, cells);
    }
}

fn names(columns: &[&str]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

fn scoped(scope: Scope) -> Vec<(&'static str, Cell<'static>)> {
    match scope {
        Scope::Workspace(ws) => vec![
            ("bucket", Cell::Int(i64::from(ws.bucket().bits()))),
            ("workspace_id", Cell::Id(ws.uuid())),
        ],
        Scope::Platform => Vec::new(),
    }
}

fn by_key(key: &Key, first: usize) -> String {
    let table = key.table();
    let scoped: &[&str] = match table.scope {
        TableScope::Tenant => &["bucket", "workspace_id"],
        TableScope::Platform => &[],
    };
    let keys = table.columns[..table.key_len].iter().map(|it| it.name);
    let all = scoped.iter().copied().chain(keys).enumerate();
    let each: Vec<String> = all
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
