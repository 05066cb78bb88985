//! Every fixed statement, made once from the declarations.
//!
//! Parameters are numbered by position: the scope's columns first (`?1` bucket, `?2` workspace;
//! none for the platform), then the rest. Two texts are made on demand, one per shape that is
//! met: [`patch`] and [`scan`]; each connection keeps the texts ([`Texts`](crate::texts::Texts)), and its
//! statement cache keeps them prepared.

use std::collections::BTreeMap;
use std::fmt::Write;

use jooper_storage::sql::{self, index_name, quoted, scope_columns};
use jooper_storage::{ColumnOp, Scan, Segment, StoreError, TableDef};

/// The statements of one table.
#[derive(Debug)]
pub(crate) struct TableSql {
    pub(crate) get: String,
    pub(crate) version: String,
    pub(crate) put: String,
    pub(crate) delete: String,
    /// Reads the fencing token; tables that are claimed have one.
    pub(crate) fence: Option<String>,
    pub(crate) claim: Option<String>,
    pub(crate) erase: Option<String>,
    insert: String,
}

/// The statements of all tables.
#[derive(Debug)]
pub(crate) struct Catalog(BTreeMap<&'static str, TableSql>);

impl Catalog {
    pub(crate) fn new(tables: &[&'static TableDef]) -> Self {
        Self(
            tables
                .iter()
                .map(|table| (table.name, TableSql::new(table)))
                .collect(),
        )
    }

    pub(crate) fn of(&self, table: &TableDef) -> Result<&TableSql, StoreError> {
        self.0.get(table.name).ok_or_else(|| {
            StoreError::Invalid(format!("{} is not a table of this schema", table.name))
        })
    }
}

pub(crate) const SELECT_HEAD: &str =
    r#"SELECT "seq" FROM "event_log_head" WHERE "bucket" = ?1 AND "workspace_id" = ?2"#;
pub(crate) const PUT_HEAD: &str = r#"INSERT INTO "event_log_head" ("bucket", "workspace_id", "seq")
 VALUES (?1, ?2, ?3) ON CONFLICT ("bucket", "workspace_id") DO UPDATE SET "seq" = excluded."seq""#;
pub(crate) const APPEND: &str = r#"INSERT INTO "event_log" ("bucket", "workspace_id", "seq", "ts",
 "event_id", "kind", "campaign", "step", "variant", "mailbox", "domain", "reason", "lead", "subject", "payload")
 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
 ON CONFLICT ("bucket", "workspace_id", "ts", "event_id") DO NOTHING"#;
pub(crate) const READ_LOG: &str = r#"SELECT "seq", "ts", "event_id", "kind", "campaign", "step", "variant",
 "mailbox", "domain", "reason", "lead", "subject", "payload" FROM "event_log"
 WHERE "bucket" = ?1 AND "workspace_id" = ?2 AND "seq" > ?3 ORDER BY "seq" LIMIT ?4"#;
pub(crate) const ERASE_PAYLOADS: &str = r#"UPDATE "event_log" SET "payload" = NULL
 WHERE "bucket" = ?1 AND "workspace_id" = ?2 AND "subject" = ?3 AND "payload" IS NOT NULL"#;
pub(crate) const ADD_ROLLUP: &str = r#"INSERT INTO "rollup" ("bucket", "workspace_id", "key", "count", "row_version")
 VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT ("bucket", "workspace_id", "key") DO UPDATE SET
 "count" = CASE WHEN excluded."count" > 0 AND "rollup"."count" > 9223372036854775807 - excluded."count" THEN 9223372036854775807
 WHEN excluded."count" < 0 AND "rollup"."count" < -9223372036854775807 - 1 - excluded."count" THEN -9223372036854775807 - 1
 ELSE "rollup"."count" + excluded."count" END, "row_version" = "rollup"."row_version" + 1"#;

impl TableSql {
    fn new(table: &TableDef) -> Self {
        let name = table.name;
        let rows = format!("{}, \"row_version\"", columns(table));
        let key = key_is(table);
        let all = scope_columns(table).iter().copied();
        let all = all.chain(table.columns.iter().map(|column| column.name));
        let count = scope_columns(table).len() + table.columns.len();
        let marks: Vec<String> = (1..=count).map(|n| format!("?{n}")).collect();
        let conflict = scope_columns(table).iter().copied();
        let conflict = conflict.chain(table.key_columns().iter().map(|column| column.name));
        let insert = format!(
            "INSERT INTO \"{name}\" ({}, \"row_version\") VALUES ({}, 1) ON CONFLICT ({}) DO UPDATE SET ",
            quoted(all),
            marks.join(", "),
            quoted(conflict),
        );
        let mut put = insert.clone();
        for column in &table.columns[table.key_len..] {
            let _ = write!(put, "\"{0}\" = excluded.\"{0}\", ", column.name);
        }
        let _ = write!(put, "\"row_version\" = \"{name}\".\"row_version\" + 1");
        Self {
            get: format!("SELECT {rows} FROM \"{name}\" WHERE {key}"),
            version: format!("SELECT \"row_version\" FROM \"{name}\" WHERE {key}"),
            put,
            delete: format!("DELETE FROM \"{name}\" WHERE {key}"),
            fence: table
                .claim
                .map(|claim| format!("SELECT \"{}\" FROM \"{name}\" WHERE {key}", claim.fence)),
            claim: sql::claim(table, '?', ""),
            erase: sql::erase(table, '?'),
            insert,
        }
    }

    /// Inserts the row, or changes some of its columns.
    pub(crate) fn upsert(&self, table: &TableDef, ops: &[(&'static str, ColumnOp)]) -> String {
        let from = scope_columns(table).len() + table.columns.len() + 1;
        format!("{}{}", self.insert, assignments(table, ops, from))
    }
}

/// Changes some columns of a row; the key's parameters come first.
pub(crate) fn patch(table: &TableDef, ops: &[(&'static str, ColumnOp)]) -> String {
    let from = scope_columns(table).len() + table.key_len + 1;
    let set = assignments(table, ops, from);
    format!(
        "UPDATE \"{}\" SET {set} WHERE {}",
        table.name,
        key_is(table)
    )
}

/// Reads one integer of a row.
pub(crate) fn column(table: &TableDef, name: &str) -> String {
    format!(
        "SELECT \"{name}\" FROM \"{}\" WHERE {}",
        table.name,
        key_is(table)
    )
}

/// Reads one segment of a scan; the conditions' values follow the scope's, the limit is last.
pub(crate) fn scan(scan: &Scan, segment: &Segment) -> String {
    let table = scan.table;
    let name = |at: &usize| format!("\"{}\"", table.columns[*at].name);
    let (wanted, next) = sql::conditions(table, segment, '?');
    let mut text = format!(
        "SELECT {}, \"row_version\" FROM \"{}\"",
        columns(table),
        table.name
    );
    if let Some(index) = scan.index {
        // Without statistics the planner may prefer another index and sort: the order names its own.
        let _ = write!(text, " INDEXED BY \"{}\"", index_name(table, index));
    }
    if !wanted.is_empty() {
        let _ = write!(text, " WHERE {}", wanted.join(" AND "));
    }
    if !segment.order.is_empty() {
        let order: Vec<_> = segment.order.iter().map(name).collect();
        let _ = write!(text, " ORDER BY {}", order.join(", "));
    }
    let _ = write!(text, " LIMIT ?{next}");
    text
}

/// Whether the key is the one condition, by `?1` and on.
fn key_is(table: &TableDef) -> String {
    let names = scope_columns(table).iter().copied();
    let names = names.chain(table.key_columns().iter().map(|column| column.name));
    let each: Vec<String> = names
        .enumerate()
        .map(|(at, name)| format!("\"{name}\" = ?{}", at + 1))
        .collect();
    each.join(" AND ")
}

fn columns(table: &TableDef) -> String {
    quoted(table.columns.iter().map(|column| column.name))
}

/// Additions saturate as they do in the other stores; SQLite alone would turn to floating point.
fn assignments(table: &TableDef, ops: &[(&'static str, ColumnOp)], from: usize) -> String {
    let mut text = String::new();
    for (at, (column, op)) in ops.iter().enumerate() {
        let (mark, old) = (from + at, format!("\"{}\".\"{column}\"", table.name));
        let _ = match op {
            ColumnOp::Set(_) => write!(text, "\"{column}\" = ?{mark}, "),
            ColumnOp::Add(_) => write!(
                text,
                "\"{column}\" = CASE WHEN ?{mark} > 0 AND COALESCE({old}, 0) > 9223372036854775807 - ?{mark} \
                 THEN 9223372036854775807 WHEN ?{mark} < 0 AND COALESCE({old}, 0) < -9223372036854775807 - 1 - ?{mark} \
                 THEN -9223372036854775807 - 1 ELSE COALESCE({old}, 0) + ?{mark} END, "
            ),
            ColumnOp::Min(_) => write!(
                text,
                "\"{column}\" = MIN(COALESCE({old}, ?{mark}), ?{mark}), "
            ),
            ColumnOp::Max(_) => write!(
                text,
                "\"{column}\" = MAX(COALESCE({old}, ?{mark}), ?{mark}), "
            ),
            _ => Ok(()),
        };
    }
    let _ = write!(
        text,
        "\"row_version\" = \"{}\".\"row_version\" + 1",
        table.name
    );
    text
}

/// The values that [`patch`] and [`TableSql::upsert`] expect behind the others.
pub(crate) fn op_value(op: &ColumnOp) -> crate::cell::Param<'_> {
    use crate::cell::Param;
    match op {
        ColumnOp::Set(value) => Param::Cell(value),
        ColumnOp::Add(n) | ColumnOp::Min(n) | ColumnOp::Max(n) => Param::Int(*n),
        _ => Param::Null,
    }
}
