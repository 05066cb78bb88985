//! The tables, as the declarations want them.
//!
//! Every tenant table begins with `bucket` and `workspace_id`, and so do its keys and indexes.
//! Rows without ciphertext are small, so they live in their key's own tree (`WITHOUT ROWID`); rows
//! with ciphertext may be large and would spill from that tree's pages, so they keep a rowid.
//!
//! Compiled for tests only: what runs is the migrations, and a test holds them against this.

use std::fmt::Write;

use jooper_storage::sql::{index_name, quoted, scope_columns};
use jooper_storage::{ColumnKind, TableDef};

/// The log: facts of one workspace in the order of their commits.
const EVENT_LOG: &[&str] = &[
    r#"CREATE TABLE "event_log_head" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "seq" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id")
) STRICT, WITHOUT ROWID"#,
    r#"CREATE TABLE "event_log" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "seq" INTEGER NOT NULL,
  "ts" INTEGER NOT NULL,
  "event_id" BLOB NOT NULL,
  "kind" INTEGER NOT NULL,
  "campaign" BLOB,
  "step" INTEGER,
  "variant" INTEGER,
  "mailbox" BLOB,
  "domain" BLOB,
  "reason" INTEGER,
  "lead" BLOB,
  "subject" BLOB,
  "payload" BLOB,
  PRIMARY KEY ("bucket", "workspace_id", "seq")
) STRICT, WITHOUT ROWID"#,
    r#"CREATE UNIQUE INDEX "event_log_identity" ON "event_log" ("bucket", "workspace_id", "ts", "event_id")"#,
    r#"CREATE INDEX "event_log_subject" ON "event_log" ("bucket", "workspace_id", "subject") WHERE "payload" IS NOT NULL"#,
];

/// Every statement that makes an empty file a store, in order.
pub(crate) fn statements(tables: &[&'static TableDef]) -> Vec<String> {
    let mut statements = Vec::new();
    for table in tables {
        statements.push(create_table(table));
        for index in table.indexes {
            let name = index_name(table, index.name);
            let mut columns: Vec<&str> = index.columns.to_vec();
            columns.extend(
                table
                    .key_columns()
                    .iter()
                    .map(|column| column.name)
                    .filter(|name| !index.columns.contains(name)),
            );
            statements.push(create_index(&name, table, scope_columns(table), &columns));
        }
        if let Some(claim) = table.claim {
            // One bucket's due rows across its workspaces, in the order they are claimed in.
            let mut columns = vec![claim.due, "workspace_id"];
            columns.extend(table.key_columns().iter().map(|column| column.name));
            let name = index_name(table, "claim");
            statements.push(create_index(&name, table, &["bucket"], &columns));
        }
        if let Some(subject) = table.subject.filter(|name| !leads_an_order(table, name)) {
            let name = index_name(table, "subject");
            statements.push(create_index(&name, table, scope_columns(table), &[subject]));
        }
    }
    statements.extend(EVENT_LOG.iter().map(|&text| text.to_owned()));
    statements
}

/// The same as the text of a migration file: one statement, one `;`.
pub(crate) fn script(statements: &[String]) -> String {
    let mut text = String::new();
    for statement in statements {
        text.push_str(statement);
        text.push_str(";\n\n");
    }
    text
}

fn leads_an_order(table: &TableDef, column: &str) -> bool {
    table.columns[0].name == column || table.indexes.iter().any(|index| index.columns[0] == column)
}

fn create_table(table: &TableDef) -> String {
    let mut text = format!("CREATE TABLE \"{}\" (\n", table.name);
    for column in scope_columns(table) {
        let kind = if *column == "bucket" {
            "INTEGER"
        } else {
            "BLOB"
        };
        let _ = writeln!(text, "  \"{column}\" {kind} NOT NULL,");
    }
    for column in table.columns {
        let null = if column.nullable { "" } else { " NOT NULL" };
        let _ = writeln!(text, "  \"{}\" {}{null},", column.name, kind(column.kind));
    }
    text.push_str("  \"row_version\" INTEGER NOT NULL,\n");
    let key = scope_columns(table).iter().copied();
    let key = quoted(key.chain(table.key_columns().iter().map(|column| column.name)));
    let sealed = table
        .columns
        .iter()
        .any(|column| column.kind == ColumnKind::Sealed);
    let end = if sealed {
        "STRICT"
    } else {
        "STRICT, WITHOUT ROWID"
    };
    let _ = write!(text, "  PRIMARY KEY ({key})\n) {end}");
    text
}

fn create_index(name: &str, table: &TableDef, scope: &[&str], columns: &[&str]) -> String {
    let columns = quoted(scope.iter().chain(columns).copied());
    format!("CREATE INDEX \"{name}\" ON \"{}\" ({columns})", table.name)
}

const fn kind(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Int => "INTEGER",
        ColumnKind::Text => "TEXT",
        _ => "BLOB",
    }
}
