//! Raw SQLite: repeats what a reserve read and wrote, in one transaction on one connection.

use std::fmt::Write as _;
use std::path::Path;

use jooper_storage::{
    Batch, Check, ColumnOp, Key, LogEntry, Record, Scan, Scope, TableDef, TableScope, Value, Write,
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use uuid::Uuid;

use crate::floors::sqlite::{self, HEAD, connect};
use crate::tape::Tape;

/// One cell, bound without a copy.
enum Cell<'a> {
    Int(i64),
    Id(Uuid),
    Value(&'a Value),
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(n) | Self::Value(Value::Int(n)) => ValueRef::Integer(*n),
            Self::Id(id) | Self::Value(Value::Id(id)) => ValueRef::Blob(id.as_bytes()),
            Self::Value(Value::Text(text)) => ValueRef::Text(text.as_bytes()),
            Self::Value(Value::Bytes(bytes)) => ValueRef::Blob(bytes),
            Self::Value(Value::Null) => ValueRef::Null,
        }))
    }
}

/// A program that knows its statements: their texts are made once.
pub(crate) struct Floor {
    connection: Connection,
    texts: std::collections::BTreeMap<(&'static str, &'static str), String>,
}

fn scoped(table: &TableDef) -> &'static [&'static str] {
    match table.scope {
        TableScope::Tenant => &["bucket", "workspace_id"],
        TableScope::Platform => &[],
    }
}

fn cells(scope: Scope) -> Vec<Cell<'static>> {
    match scope {
        Scope::Workspace(ws) => vec![
            Cell::Int(i64::from(ws.bucket().bits())),
            Cell::Id(ws.uuid()),
        ],
        Scope::Platform => Vec::new(),
    }
}

fn names<'a>(columns: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = columns.map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

fn by_key(table: &TableDef) -> String {
    let keys = table.columns[..table.key_len].iter().map(|it| it.name);
    let all = scoped(table).iter().copied().chain(keys);
    let each: Vec<String> = all
        .enumerate()
        .map(|(at, name)| format!("\"{name}\" = ?{}", at + 1))
        .collect();
    each.join(" AND ")
}

fn select(table: &TableDef) -> String {
    let columns = names(table.columns.iter().map(|column| column.name));
    format!("SELECT {columns}, \"row_version\" FROM \"{}\"", table.name)
}

fn insert(table: &TableDef) -> String {
    let columns = table.columns.iter().map(|column| column.name);
    let all: Vec<&str> = scoped(table).iter().copied().chain(columns).collect();
    let marks: Vec<String> = (1..=all.len()).map(|at| format!("?{at}")).collect();
    let keys = table.columns[..table.key_len].iter().map(|it| it.name);
    format!(
        "INSERT INTO \"{}\" ({}, \"row_version\") VALUES ({}, 1) ON CONFLICT ({}) DO UPDATE SET ",
        table.name,
        names(all.iter().copied()),
        marks.join(", "),
        names(scoped(table).iter().copied().chain(keys)),
    )
}

fn counted(table: &TableDef) -> String {
    format!("\"row_version\" = \"{}\".\"row_version\" + 1", table.name)
}

impl Floor {
    pub(crate) fn open(file: &Path) -> Self {
        let connection = connect(file);
        connection.set_prepared_statement_cache_capacity(256);
        Self {
            connection,
            texts: std::collections::BTreeMap::new(),
        }
    }

    fn text(
        &mut self,
        table: &'static TableDef,
        kind: &'static str,
        make: impl FnOnce() -> String,
    ) -> String {
        let text = self.texts.entry((table.name, kind));
        text.or_insert_with(make).clone()
    }

    fn control(&self, sql: &str) {
        let mut statement = self.connection.prepare_cached(sql).unwrap();
        statement.execute([]).unwrap();
    }

    /// Writes whole tables, in one transaction each.
    pub(crate) fn fill<R: Record>(&mut self, scope: Scope, rows: impl IntoIterator<Item = R>) {
        self.control("BEGIN IMMEDIATE");
        for row in rows {
            let key = row.key();
            self.put(scope, &key, &row.to_values());
        }
        self.control("COMMIT");
    }

    /// One reserve: its reads, its writes, its log entry.
    pub(crate) fn run(&mut self, tape: &Tape) {
        self.control("BEGIN IMMEDIATE");
        let mut seen = 0_usize;
        for (scope, key) in &tape.keys {
            seen += self.read(*scope, key);
        }
        for (scope, scan) in &tape.scans {
            seen += self.scan(*scope, scan);
        }
        let batch = tape.batch.as_ref().unwrap();
        for check in &batch.checks {
            if let Check::Fence(key, _) = check {
                seen += self.read(batch.scope, key);
            }
        }
        assert!(seen > 0, "nothing was read");
        self.write(batch);
        for check in &batch.checks {
            if let Check::AtMost(key, "count", _) = check {
                self.read(batch.scope, key);
            }
        }
        self.append(&batch.log);
        self.control("COMMIT");
    }

    fn rows<'a>(&self, sql: &str, cells: impl Iterator<Item = Cell<'a>>, columns: usize) -> usize {
        let mut statement = self.connection.prepare_cached(sql).unwrap();
        let mut rows = statement.query(params_from_iter(cells)).unwrap();
        let mut bytes = 0;
        while let Some(row) = rows.next().unwrap() {
            for at in 0..=columns {
                // What a program does with a cell: it looks at it.
                bytes += match row.get_ref(at).unwrap() {
                    ValueRef::Blob(blob) => blob.to_vec().len(),
                    ValueRef::Text(text) => text.to_vec().len(),
                    ValueRef::Integer(n) => usize::from(n != 0) + 1,
                    _ => 1,
                };
            }
        }
        bytes
    }

    fn read(&mut self, scope: Scope, key: &Key) -> usize {
        let table = key.table();
        let sql = self.text(table, "get", || {
            format!("{} WHERE {}", select(table), by_key(table))
        });
        let cells = cells(scope).into_iter();
        let cells = cells.chain(key.values().iter().map(Cell::Value));
        self.rows(&sql, cells, table.columns.len())
    }

    /// The two scans of a reserve: a prefix of an index, and for permits a bound behind it.
    fn scan(&mut self, scope: Scope, scan: &Scan) -> usize {
        let table = scan.table;
        let index = scan.index.unwrap();
        let sql = self.text(table, index, || {
            let order = Scan::table_order(table, scan.index).unwrap();
            let mut sql = format!(
                "{} INDEXED BY \"{}_{index}\" WHERE \"bucket\" = ?1 AND \"workspace_id\" = ?2",
                select(table),
                table.name
            );
            let column = |at: usize| table.columns[order[at]].name;
            for at in 0..scan.prefix.len() {
                let _ = write!(sql, " AND \"{}\" = ?{}", column(at), at + 3);
            }
            let next = scan.prefix.len();
            if let std::ops::Bound::Excluded(_) = &scan.range.0 {
                let _ = write!(sql, " AND \"{}\" > ?{}", column(next), next + 3);
            }
            sql
        });
        let bound = match &scan.range.0 {
            std::ops::Bound::Excluded(value) => Some(Cell::Value(value)),
            _ => None,
        };
        let cells = cells(scope)
            .into_iter()
            .chain(scan.prefix.iter().map(Cell::Value))
            .chain(bound);
        self.rows(&sql, cells, table.columns.len())
    }

    fn put(&mut self, scope: Scope, key: &Key, values: &[Value]) {
        let table = key.table();
        let sql = self.text(table, "put", || {
            let mut sql = insert(table);
            for column in &table.columns[table.key_len..] {
                let _ = write!(sql, "\"{0}\" = excluded.\"{0}\", ", column.name);
            }
            sql + &counted(table)
        });
        let cells = cells(scope).into_iter();
        let cells = cells.chain(values.iter().map(Cell::Value));
        let mut statement = self.connection.prepare_cached(&sql).unwrap();
        statement.execute(params_from_iter(cells)).unwrap();
    }

    fn write(&mut self, batch: &Batch) {
        for write in &batch.writes {
            match write {
                Write::Put(key, values) => self.put(batch.scope, key, values),
                Write::Upsert(key, values, ops) => self.upsert(batch.scope, key, values, ops),
                other => panic!("a reserve writes no {other:?}"),
            }
        }
    }

    fn upsert(
        &mut self,
        scope: Scope,
        key: &Key,
        values: &[Value],
        ops: &[(&'static str, ColumnOp)],
    ) {
        let table = key.table();
        let kind = if ops.is_empty() { "touch" } else { "count" };
        let sql = self.text(table, kind, || {
            let mut sql = insert(table);
            let next = scoped(table).len() + table.columns.len() + 1;
            if let Some((column, _)) = ops.first() {
                let _ = write!(
                    sql,
                    "\"{column}\" = \"{}\".\"{column}\" + ?{next}, ",
                    table.name
                );
            }
            sql + &counted(table)
        });
        let added = ops.iter().map(|(_, op)| match op {
            ColumnOp::Add(n) => Cell::Int(*n),
            other => panic!("a reserve counts, not {other:?}"),
        });
        let cells = cells(scope).into_iter();
        let cells = cells.chain(values.iter().map(Cell::Value)).chain(added);
        let mut statement = self.connection.prepare_cached(&sql).unwrap();
        statement.execute(params_from_iter(cells)).unwrap();
    }

    fn append(&self, entries: &[LogEntry]) {
        let ws = crate::rows::workspace();
        let (bucket, id) = (ws.bucket().bits(), ws.uuid());
        let head = "SELECT \"seq\" FROM \"event_log_head\" WHERE \"bucket\" = ?1 AND \"workspace_id\" = ?2";
        let mut head = self.connection.prepare_cached(head).unwrap();
        let mut seq: i64 = head
            .query((bucket, id.as_bytes()))
            .unwrap()
            .next()
            .unwrap()
            .map_or(0, |row| row.get(0).unwrap());
        for entry in entries {
            seq += 1;
            sqlite::append(&self.connection, seq, entry);
        }
        let mut head = self.connection.prepare_cached(HEAD).unwrap();
        head.execute((bucket, id.as_bytes(), seq)).unwrap();
    }
}
