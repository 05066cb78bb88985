//! Every statement, made once from the declarations; [`scan`] makes one per shape of a scan.
//!
//! The texts keep to a subset that PostgreSQL and Citus run alike: each names its bucket, none
//! joins workspaces, none calls a volatile function, and the one locking read is the claim's. Rows
//! are locked by the head of their workspace ([`LOCK_WORKSPACE`]); a row that a claim may change
//! meanwhile is locked by an update that changes nothing ([`TableSql::lock`]). A test reads every
//! text against these rules.

use std::collections::BTreeMap;
use std::fmt::Write;

use jooper_core::WorkspaceId;
use jooper_storage::sql::{self, quoted, row_columns, scope_columns};
use jooper_storage::{ColumnKind, Segment, StoreError, TableDef};

/// The statements of one table.
#[derive(Debug)]
pub(crate) struct TableSql {
    /// Reads rows by keys: one array per key column.
    pub(crate) read: String,
    /// Reads the same rows and holds them, where a claim may change them.
    pub(crate) lock: Option<String>,
    /// Writes whole rows: one array per column, and the versions.
    pub(crate) write: String,
    /// Deletes rows by keys.
    pub(crate) delete: String,
    pub(crate) claim: Option<String>,
    pub(crate) erase: Option<String>,
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

    /// Every fixed text.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> Vec<&str> {
        let tables = self.0.values().flat_map(|sql| {
            [
                Some(&sql.read),
                sql.lock.as_ref(),
                Some(&sql.write),
                Some(&sql.delete),
            ]
            .into_iter()
            .chain([sql.claim.as_ref(), sql.erase.as_ref()])
            .flatten()
        });
        let rest = [
            LOCK_WORKSPACE,
            MOVE_HEAD,
            LOCK_PLATFORM,
            APPEND,
            APPEND_NEXT,
            KNOWN,
            READ_LOG,
            ERASE_PAYLOADS,
        ];
        tables.map(String::as_str).chain(rest).collect()
    }
}

/// Takes the workspace: whoever holds its head is its one writer until the commit. Log places in
/// commit order need that anyway, and it makes every check hold, absent rows included. The head
/// moves on by so many places at once, so that nobody need move it again who appends as many facts.
pub(crate) const LOCK_WORKSPACE: &str = r#"INSERT INTO "event_log_head" ("bucket", "workspace_id", "seq") VALUES ($1, $2, $3)
 ON CONFLICT ("bucket", "workspace_id") DO UPDATE SET "seq" = "event_log_head"."seq" + excluded."seq" RETURNING "event_log_head"."seq""#;
/// [`LOCK_WORKSPACE`] with its values in it, for whoever need not hear what it returns: it goes to the
/// server together with `BEGIN`. They are numbers and an id, nothing that anybody typed.
pub(crate) fn take_places(workspace: WorkspaceId, places: i64) -> String {
    let (text, _) = LOCK_WORKSPACE
        .split_once(" RETURNING ")
        .unwrap_or((LOCK_WORKSPACE, ""));
    text.replace("$1", &workspace.bucket().bits().to_string())
        .replace("$2", &format!("'{}'", workspace.uuid()))
        .replace("$3", &places.to_string())
}
pub(crate) const MOVE_HEAD: &str =
    r#"UPDATE "event_log_head" SET "seq" = $3 WHERE "bucket" = $1 AND "workspace_id" = $2"#;
/// The same for the platform's few tables.
pub(crate) const LOCK_PLATFORM: &str = r#"INSERT INTO "platform_lock" ("id", "taken") VALUES (1, 0)
 ON CONFLICT ("id") DO UPDATE SET "taken" = "platform_lock"."taken" RETURNING "platform_lock"."taken""#;
/// A fact that is known already fails this on purpose; then [`KNOWN`] is asked first.
pub(crate) const APPEND: &str = r#"INSERT INTO "event_log" ("bucket", "workspace_id", "seq", "ts", "event_id", "kind", "campaign",
 "step", "variant", "mailbox", "domain", "reason", "lead", "subject", "payload")
 SELECT $1, $2, u.* FROM unnest($3::bigint[], $4::bigint[], $5::bytea[], $6::bigint[], $7::uuid[], $8::bigint[],
 $9::bigint[], $10::uuid[], $11::bytea[], $12::bigint[], $13::uuid[], $14::uuid[], $15::bytea[]) AS u"#;
/// The same, at the places that [`LOCK_WORKSPACE`] took just before: $3 of them.
pub(crate) const APPEND_NEXT: &str = r#"INSERT INTO "event_log" ("bucket", "workspace_id", "seq", "ts", "event_id", "kind", "campaign",
 "step", "variant", "mailbox", "domain", "reason", "lead", "subject", "payload")
 SELECT "bucket", "workspace_id", "seq" - $3 + unnest($4::bigint[]), unnest($5::bigint[]), unnest($6::bytea[]), unnest($7::bigint[]),
 unnest($8::uuid[]), unnest($9::bigint[]), unnest($10::bigint[]), unnest($11::uuid[]), unnest($12::bytea[]), unnest($13::bigint[]),
 unnest($14::uuid[]), unnest($15::uuid[]), unnest($16::bytea[]) FROM "event_log_head" WHERE "bucket" = $1 AND "workspace_id" = $2"#;
pub(crate) const KNOWN: &str = r#"SELECT "ts", "event_id" FROM "event_log"
 WHERE "bucket" = $1 AND "workspace_id" = $2 AND "ts" = ANY($3) AND ("ts", "event_id") IN (SELECT * FROM unnest($3::bigint[], $4::bytea[]))"#;
pub(crate) const READ_LOG: &str = r#"SELECT "seq", "ts", "event_id", "kind", "campaign", "step", "variant",
 "mailbox", "domain", "reason", "lead", "subject", "payload" FROM "event_log"
 WHERE "bucket" = $1 AND "workspace_id" = $2 AND "seq" > $3 ORDER BY "seq" LIMIT $4"#;
pub(crate) const ERASE_PAYLOADS: &str = r#"UPDATE "event_log" SET "payload" = NULL
 WHERE "bucket" = $1 AND "workspace_id" = $2 AND "subject" = $3 AND "payload" IS NOT NULL"#;
/// The server's clock, read apart and passed on as a parameter.
pub(crate) const NOW: &str = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

impl TableSql {
    fn new(table: &TableDef) -> Self {
        let name = table.name;
        let rows = row_columns(table);
        let keys = keys_are(table);
        let scope = scope_columns(table);
        let all = scope.iter().copied();
        let all = all
            .chain(table.columns.iter().map(|column| column.name))
            .chain(["row_version"]);
        let given: Vec<String> = (1..=scope.len()).map(|n| format!("${n}, ")).collect();
        let kinds = table
            .columns
            .iter()
            .map(|column| array(column.kind))
            .chain(["bigint[]"]);
        let arrays: Vec<String> = kinds
            .enumerate()
            .map(|(at, kind)| format!("${}::{kind}", scope.len() + at + 1))
            .collect();
        let conflict = scope.iter().copied();
        let conflict = conflict.chain(table.key_columns().iter().map(|column| column.name));
        let set: Vec<String> = table.columns[table.key_len..]
            .iter()
            .map(|column| column.name)
            .chain(["row_version"])
            .map(|column| format!("\"{column}\" = excluded.\"{column}\""))
            .collect();
        Self {
            read: format!("SELECT {rows} FROM \"{name}\" WHERE {keys}"),
            lock: table.claim.map(|_| {
                format!(
                    "UPDATE \"{name}\" SET \"row_version\" = \"{name}\".\"row_version\" WHERE {keys} RETURNING {rows}"
                )
            }),
            write: format!(
                "INSERT INTO \"{name}\" ({}) SELECT {}u.* FROM unnest({}) AS u ON CONFLICT ({}) DO UPDATE SET {}",
                quoted(all),
                given.concat(),
                arrays.join(", "),
                quoted(conflict),
                set.join(", "),
            ),
            delete: format!("DELETE FROM \"{name}\" WHERE {keys}"),
            claim: sql::claim(table, '$', " FOR UPDATE SKIP LOCKED"),
            erase: sql::erase(table, '$'),
        }
    }
}

const fn array(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Int => "bigint[]",
        ColumnKind::Id => "uuid[]",
        ColumnKind::Text => "text[]",
        _ => "bytea[]",
    }
}

/// The scope, and the key among those given as arrays. The first key column is compared by itself,
/// so that the primary key's index is walked whatever the planner believes of the rest.
fn keys_are(table: &TableDef) -> String {
    let scope = scope_columns(table);
    let mut parts: Vec<String> = scope
        .iter()
        .enumerate()
        .map(|(at, name)| format!("\"{name}\" = ${}", at + 1))
        .collect();
    let first = scope.len() + 1;
    let keys = table.key_columns();
    parts.push(format!(
        "\"{}\" = ANY(${first}::{})",
        keys[0].name,
        array(keys[0].kind)
    ));
    if keys.len() > 1 {
        let names = quoted(keys.iter().map(|column| column.name));
        let arrays: Vec<String> = keys
            .iter()
            .enumerate()
            .map(|(at, column)| format!("${}::{}", first + at, array(column.kind)))
            .collect();
        parts.push(format!(
            "({names}) IN (SELECT * FROM unnest({}))",
            arrays.join(", ")
        ));
    }
    parts.join(" AND ")
}

/// Reads one segment of a scan; the conditions' values follow the scope's, the limit is last.
pub(crate) fn scan(table: &TableDef, segment: &Segment) -> String {
    let name = |at: &usize| format!("\"{}\"", table.columns[*at].name);
    let (wanted, next) = sql::conditions(table, segment, '$');
    let mut text = format!("SELECT {} FROM \"{}\"", row_columns(table), table.name);
    if !wanted.is_empty() {
        let _ = write!(text, " WHERE {}", wanted.join(" AND "));
    }
    if !segment.order.is_empty() {
        let order: Vec<String> = segment
            .order
            .iter()
            .map(|at| {
                let nulls = if table.columns[*at].nullable {
                    " NULLS FIRST"
                } else {
                    ""
                };
                format!("{}{nulls}", name(at))
            })
            .collect();
        let _ = write!(text, " ORDER BY {}", order.join(", "));
    }
    let _ = write!(text, " LIMIT ${next}");
    text
}

#[cfg(test)]
mod tests;
