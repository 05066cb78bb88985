//! What stores that speak SQL have in common: names, conditions, the portable claim, erasure.
//!
//! The texts keep to what SQLite, PostgreSQL and Citus run alike. Parameters are numbered; `mark`
//! is the sign before the number: `?` for SQLite, `$` for PostgreSQL. Every tenant table begins
//! with the columns `bucket` and `workspace_id` and ends with `row_version`.

use crate::{Condition, Label, OnErase, Segment, TableDef, TableScope, Value};

/// The columns before a table's own: `bucket` and `workspace_id` for tenants, none for the platform.
pub const fn scope_columns(table: &TableDef) -> &'static [&'static str] {
    match table.scope {
        TableScope::Tenant => &["bucket", "workspace_id"],
        TableScope::Platform => &[],
    }
}

/// What the database calls an index.
pub fn index_name(table: &TableDef, index: &str) -> String {
    format!("{}_{index}", table.name)
}

/// Names in quotes, with commas between them.
pub fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Every column of a row and its version, each with the table's name.
pub fn row_columns(table: &TableDef) -> String {
    let names = table.columns.iter().map(|column| column.name);
    let each: Vec<String> = names
        .chain(["row_version"])
        .map(|name| format!("\"{}\".\"{name}\"", table.name))
        .collect();
    each.join(", ")
}

/// The conditions of a segment, the scope's first, and the number of the next parameter. Their
/// values are the scope's and then [`condition_values`].
pub fn conditions(table: &TableDef, segment: &Segment, mark: char) -> (Vec<String>, usize) {
    let name = |at: &usize| format!("\"{}\"", table.columns[*at].name);
    let mut next = 1;
    let mut parameter = || {
        let text = format!("{mark}{next}");
        next += 1;
        text
    };
    let mut wanted: Vec<String> = scope_columns(table)
        .iter()
        .map(|column| format!("\"{column}\" = {}", parameter()))
        .collect();
    for condition in &segment.conditions {
        wanted.push(match condition {
            Condition::Equal(at, _) => format!("{} = {}", name(at), parameter()),
            Condition::IsNull(at) => format!("{} IS NULL", name(at)),
            Condition::NotNull(at) => format!("{} IS NOT NULL", name(at)),
            Condition::Above(at, _) => format!("{} > {}", name(at), parameter()),
            Condition::AtLeast(at, _) => format!("{} >= {}", name(at), parameter()),
            Condition::Below(at, _) => format!("{} < {}", name(at), parameter()),
            Condition::AtMost(at, _) => format!("{} <= {}", name(at), parameter()),
            Condition::Behind(pairs) => {
                let columns: Vec<_> = pairs.iter().map(|(at, _)| name(at)).collect();
                let marks: Vec<_> = pairs.iter().map(|_| parameter()).collect();
                format!("({}) > ({})", columns.join(", "), marks.join(", "))
            }
        });
    }
    (wanted, next)
}

/// The values that [`conditions`] expects behind the scope's.
pub fn condition_values(segment: &Segment) -> Vec<&Value> {
    let mut values = Vec::new();
    for condition in &segment.conditions {
        match condition {
            Condition::Equal(_, value)
            | Condition::Above(_, value)
            | Condition::AtLeast(_, value)
            | Condition::Below(_, value)
            | Condition::AtMost(_, value) => values.push(value),
            Condition::Behind(pairs) => values.extend(pairs.iter().map(|(_, value)| value)),
            Condition::IsNull(_) | Condition::NotNull(_) => {}
        }
    }
    values
}

/// The portable claim: 1 bucket, 2 due before, 3 now, 4 limit, 5 leased until; `lock` is what the
/// database writes behind a locking read. Returns the workspace and [`row_columns`].
///
/// The locking read stands in a materialized part: written into the update itself, a join may run
/// it again for every row and lease the whole table for a limit of 5.
pub fn claim(table: &TableDef, mark: char, lock: &str) -> Option<String> {
    let claim = table.claim?;
    let name = table.name;
    let keys: Vec<&str> = table
        .key_columns()
        .iter()
        .map(|column| column.name)
        .collect();
    let keys_text = quoted(keys.iter().copied());
    let joined: Vec<String> = keys
        .iter()
        .map(|key| format!("\"{name}\".\"{key}\" = c.\"{key}\""))
        .collect();
    Some(format!(
        "WITH c AS MATERIALIZED (SELECT \"workspace_id\", {keys_text} FROM \"{name}\" \
         WHERE \"bucket\" = {mark}1 AND \"{due}\" <= {mark}2 AND \"{lease}\" <= {mark}3 \
         AND \"{fence}\" < 9223372036854775807 ORDER BY \"{due}\", \"workspace_id\", {keys_text} LIMIT {mark}4{lock}) \
         UPDATE \"{name}\" SET \"{lease}\" = {mark}5, \"{fence}\" = \"{name}\".\"{fence}\" + 1, \
         \"row_version\" = \"{name}\".\"row_version\" + 1 FROM c \
         WHERE \"{name}\".\"bucket\" = {mark}1 AND \"{name}\".\"workspace_id\" = c.\"workspace_id\" AND {} \
         RETURNING \"{name}\".\"workspace_id\", {}",
        joined.join(" AND "),
        row_columns(table),
        due = claim.due,
        lease = claim.lease,
        fence = claim.fence,
    ))
}

/// What erasing a subject does to a table: 1 bucket, 2 workspace, 3 subject.
pub fn erase(table: &TableDef, mark: char) -> Option<String> {
    let subject = table.subject?;
    let name = table.name;
    let whose =
        format!("\"bucket\" = {mark}1 AND \"workspace_id\" = {mark}2 AND \"{subject}\" = {mark}3");
    match table.on_erase {
        OnErase::Keep => None,
        OnErase::Delete => Some(format!("DELETE FROM \"{name}\" WHERE {whose}")),
        OnErase::Scrub => {
            let personal: Vec<&str> = table.columns[table.key_len..]
                .iter()
                .filter(|column| matches!(column.label, Label::Personal(_) | Label::Pseudonym))
                .map(|column| column.name)
                .collect();
            let empty: String = personal
                .iter()
                .map(|column| format!("\"{column}\" = NULL, "))
                .collect();
            let any: Vec<String> = personal
                .iter()
                .map(|column| format!("\"{column}\" IS NOT NULL"))
                .collect();
            Some(format!(
                "UPDATE \"{name}\" SET {empty}\"row_version\" = \"{name}\".\"row_version\" + 1 WHERE {whose} AND ({})",
                any.join(" OR "),
            ))
        }
    }
}
