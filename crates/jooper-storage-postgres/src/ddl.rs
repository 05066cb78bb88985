//! The tables, as the declarations want them: one statement each.
//!
//! Every tenant table begins with `bucket` and `workspace_id`; so do its key and its indexes,
//! which makes them ready to be distributed by `bucket` on Citus without a change. Nulls come
//! first, as in every store. Compiled for tests only: what runs is the migrations, and a test
//! holds them against this.

use jooper_storage::sql::{index_name, quoted, scope_columns};
use jooper_storage::{ColumnKind, TableDef};

/// The log, its heads, and the one lock of the platform's tables.
const REST: &[&str] = &[
    r#"CREATE TABLE "event_log_head" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id")
) WITH (fillfactor = 50)"#,
    r#"CREATE TABLE "platform_lock" (
  "id" bigint NOT NULL,
  "taken" bigint NOT NULL,
  PRIMARY KEY ("id")
) WITH (fillfactor = 50)"#,
    r#"CREATE TABLE "event_log" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "ts" bigint NOT NULL,
  "event_id" bytea NOT NULL,
  "kind" bigint NOT NULL,
  "campaign" uuid,
  "step" bigint,
  "variant" bigint,
  "mailbox" uuid,
  "domain" bytea,
  "reason" bigint,
  "lead" uuid,
  "subject" uuid,
  "payload" bytea,
  PRIMARY KEY ("bucket", "workspace_id", "ts", "event_id")
) PARTITION BY RANGE ("ts")"#,
    r#"CREATE TABLE "event_log_rest" PARTITION OF "event_log" DEFAULT"#,
    r#"CREATE INDEX "event_log_seq" ON "event_log" ("bucket", "workspace_id", "seq")"#,
    r#"CREATE INDEX "event_log_subject" ON "event_log" ("bucket", "workspace_id", "subject") WHERE "payload" IS NOT NULL"#,
];

/// Every statement that makes an empty schema a store, in order.
pub(crate) fn statements(tables: &[&'static TableDef]) -> Vec<String> {
    let mut statements = Vec::new();
    for table in tables {
        statements.push(create_table(table));
        for index in table.indexes {
            let name = index_name(table, index.name);
            let keys = table.key_columns().iter().map(|column| column.name);
            let rest = keys.filter(|name| !index.columns.contains(name));
            let columns: Vec<&str> = index.columns.iter().copied().chain(rest).collect();
            statements.push(create_index(&name, table, scope_columns(table), &columns));
        }
        if let Some(claim) = table.claim {
            let keys = table.key_columns().iter().map(|column| column.name);
            let columns: Vec<&str> = [claim.due, "workspace_id"]
                .into_iter()
                .chain(keys)
                .collect();
            let name = index_name(table, "claim");
            statements.push(create_index(&name, table, &["bucket"], &columns));
        }
        if let Some(subject) = table.subject.filter(|name| !leads_an_order(table, name)) {
            let name = index_name(table, "subject");
            statements.push(create_index(&name, table, scope_columns(table), &[subject]));
        }
    }
    statements.extend(REST.iter().map(|&text| text.to_owned()));
    statements
}

fn leads_an_order(table: &TableDef, column: &str) -> bool {
    table.columns[0].name == column || table.indexes.iter().any(|index| index.columns[0] == column)
}

fn create_table(table: &TableDef) -> String {
    let mut lines: Vec<String> = Vec::new();
    for column in scope_columns(table) {
        let kind = if *column == "bucket" {
            "integer"
        } else {
            "uuid"
        };
        lines.push(format!("  \"{column}\" {kind} NOT NULL"));
    }
    for column in table.columns {
        let null = if column.nullable { "" } else { " NOT NULL" };
        lines.push(format!("  \"{}\" {}{null}", column.name, kind(column.kind)));
    }
    lines.push("  \"row_version\" bigint NOT NULL".to_owned());
    let key = scope_columns(table).iter().copied();
    let key = quoted(key.chain(table.key_columns().iter().map(|column| column.name)));
    lines.push(format!("  PRIMARY KEY ({key})"));
    // Room on the page for the next version of rows that change all the time. Each turn leaves an entry
    // where the claim begins to read, so these go after so many turns, however large the table is.
    let end = if table.claim.is_some() {
        " WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, \
         vacuum_index_cleanup = on)"
    } else {
        ""
    };
    format!(
        "CREATE TABLE \"{}\" (\n{}\n){end}",
        table.name,
        lines.join(",\n")
    )
}

fn create_index(name: &str, table: &TableDef, scope: &[&str], columns: &[&str]) -> String {
    let nullable = |name: &str| {
        table
            .position(name)
            .is_some_and(|at| table.columns[at].nullable)
    };
    let columns: Vec<String> = scope
        .iter()
        .chain(columns)
        .map(|name| {
            let nulls = if nullable(name) { " NULLS FIRST" } else { "" };
            format!("\"{name}\"{nulls}")
        })
        .collect();
    format!(
        "CREATE INDEX \"{name}\" ON \"{}\" ({})",
        table.name,
        columns.join(", ")
    )
}

const fn kind(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Int => "bigint",
        ColumnKind::Id => "uuid",
        // Bytes decide the order, not a language.
        ColumnKind::Text => "text COLLATE \"C\"",
        _ => "bytea",
    }
}
