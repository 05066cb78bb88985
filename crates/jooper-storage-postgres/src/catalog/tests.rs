//! Every statement and every table against the rules that let them run on Citus unchanged.

use std::ops::Bound;

use jooper_storage::{Scan, TableScope, Value, tables};

use super::*;
use crate::migrate::{MIGRATIONS, statements};

/// Words that no statement may hold, and why.
const BANNED: &[(&str, &str)] = &[
    ("now()", "a volatile function"),
    ("clock_timestamp", "a volatile function"),
    ("statement_timestamp", "a volatile function"),
    ("transaction_timestamp", "a volatile function"),
    ("current_timestamp", "a volatile function"),
    ("current_date", "a volatile function"),
    ("localtimestamp", "a volatile function"),
    ("timeofday", "a volatile function"),
    ("nextval", "numbers come from the client"),
    ("random()", "a volatile function"),
    ("gen_random_uuid", "a volatile function"),
    ("trigger", "refused on distributed tables"),
    ("notify", "heard by one node only"),
    ("listen", "heard by one node only"),
    ("advisory", "taken on one node only"),
    ("merge ", "refused on Citus"),
    ("grouping sets", "refused on Citus"),
    ("offset", "pages by key instead"),
    ("serializable", "no guarantee across shards"),
    ("concurrently", "refused inside a transaction"),
    ("call ", "a stored procedure"),
    ("do $", "a stored procedure"),
    ("create function", "a stored procedure"),
    ("create procedure", "a stored procedure"),
    ("#>", "a JSON operator that SQLite lacks"),
    ("@>", "a JSON operator that SQLite lacks"),
    ("<@", "a JSON operator that SQLite lacks"),
    ("json_", "a JSON function"),
    ("jsonb_", "a JSON function"),
    ("\"bucket\" in ", "several buckets in one statement"),
    ("\"bucket\" = any", "several buckets in one statement"),
    ("left outer", "a join"),
    ("cross lateral", "a join"),
    (";", "one statement a call"),
];

/// The columns that no change may set: a row never moves to another shard or partition.
fn keys_of(table: &str) -> Vec<&'static str> {
    let declared = tables::all().iter().find(|def| def.name == table);
    let mut keys = vec!["bucket", "workspace_id"];
    match (declared, table) {
        (Some(def), _) => keys.extend(def.key_columns().iter().map(|column| column.name)),
        (None, "event_log") => keys.extend(["ts", "event_id"]),
        (None, _) => {}
    }
    keys
}

/// The changed table of a text and what it sets, for an UPDATE and for an upsert; and whether an
/// UPDATE gives its table another name.
fn changed(lower: &str) -> Option<(&str, &str, bool)> {
    let (word, set) = if lower.contains("update \"") {
        ("update \"", " set ")
    } else {
        ("insert into \"", " do update set ")
    };
    let (_, rest) = lower.split_once(word)?;
    let (table, rest) = rest.split_once('"')?;
    let (between, sets) = rest.split_once(set)?;
    let end = [" where ", " from ", " returning "];
    let end = end.iter().filter_map(|word| sets.find(word)).min();
    let aliased = word.starts_with("update") && !between.trim().is_empty();
    Some((table, &sets[..end.unwrap_or(sets.len())], aliased))
}

/// What a text does wrong; empty when it is fine.
fn faults(text: &str, platform: bool) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut faults: Vec<String> = BANNED
        .iter()
        .filter(|(word, _)| lower.contains(word))
        .map(|(word, why)| format!("{word}: {why}"))
        .collect();
    let mut fault = |wrong: bool, what: &str| {
        if wrong {
            faults.push(what.to_owned());
        }
    };
    let claims = lower.contains("for update");
    fault(
        claims && !lower.starts_with("with c as materialized (select"),
        "a locking read outside of the claim's materialized part",
    );
    let dml = ["insert into", "update \"", "delete from"];
    let parts = dml
        .iter()
        .map(|word| lower.matches(word).count())
        .sum::<usize>();
    fault(parts > 1, "more than one change in a statement");
    fault(
        lower.starts_with("with") && !claims,
        "a change inside a WITH",
    );
    let change = lower.starts_with("update") || lower.starts_with("delete");
    fault(
        change && (lower.contains(" limit ") || lower.contains(" order by ")),
        "LIMIT on a change",
    );
    fault(lower.contains(" join ") || comma_join(&lower), "a join");
    if let Some((table, sets, aliased)) = changed(&lower) {
        fault(aliased, "another name for an UPDATE's table");
        // The left side of an assignment stands alone: behind a comma or at the beginning.
        let sets = sets.split(", ").filter_map(|part| part.split_once(" = "));
        let named: Vec<_> = sets
            .map(|(left, _)| left.trim().trim_matches('"'))
            .collect();
        let moves = keys_of(table).iter().any(|key| named.contains(key));
        fault(moves, "a change of a key");
    }
    let given = lower.matches("\"bucket\" = $1").count();
    let inserted =
        lower.starts_with("insert into") && lower.contains("(\"bucket\", \"workspace_id\"");
    // Each table that is named must be named with its bucket.
    let named = lower.matches(" from \"").count() + usize::from(lower.starts_with("update"));
    let named = if claims { 2 } else { named };
    fault(
        !platform && !inserted && (given == 0 || given < named),
        "a table is read without its bucket",
    );
    faults
}

/// Whether two tables stand in one FROM.
fn comma_join(lower: &str) -> bool {
    lower.split(" from ").skip(1).any(|rest| {
        let behind = rest
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'))
            .map_or("", |(_, behind)| behind);
        behind.starts_with(',')
    })
}

#[test]
fn every_statement_keeps_to_the_portable_subset() {
    let platform = |text: &str| {
        let of = tables::all()
            .iter()
            .filter(|table| table.scope == TableScope::Platform);
        text.contains("\"platform_lock\"")
            || of
                .into_iter()
                .any(|table| text.contains(&format!("\"{}\"", table.name)))
    };
    let catalog = Catalog::new(tables::all());
    let mut texts: Vec<String> = catalog.texts().into_iter().map(str::to_owned).collect();
    texts.extend(scans());
    assert!(texts.len() > 400, "{} texts", texts.len());
    for text in &texts {
        let found = faults(text, platform(text));
        assert!(found.is_empty(), "{found:?}: {text}");
    }
}

/// The texts of every shape of scan: each index, each depth of prefix, each range, each position.
fn scans() -> Vec<String> {
    let mut texts = Vec::new();
    for table in tables::all() {
        let indexes = table.indexes.iter().map(|index| Some(index.name));
        for index in indexes.chain([None]) {
            let mut scan = Scan::table(table);
            scan.index = index;
            let order = scan.order().unwrap();
            let cell = |at: usize| match table.columns[order[at]].kind {
                ColumnKind::Int => Value::Int(1),
                ColumnKind::Id => Value::Id(uuid::Uuid::nil()),
                ColumnKind::Text => Value::Text("a".to_owned()),
                _ => Value::Bytes(vec![1]),
            };
            for depth in 0..=order.len() {
                scan.prefix = (0..depth).map(cell).collect();
                for after in [false, true] {
                    let position = (0..order.len()).map(cell).collect();
                    scan.after = after.then_some(position);
                    scan.range = (Bound::Unbounded, Bound::Unbounded);
                    if depth < order.len() && !after {
                        scan.range = (Bound::Included(cell(depth)), Bound::Excluded(cell(depth)));
                    }
                    for segment in scan.segments().unwrap() {
                        texts.push(super::scan(table, &segment));
                    }
                }
            }
        }
    }
    texts
}

/// A text that breaks one rule, and what must be said of it.
const WRONG: &[(&str, &str)] = &[
    (
        r#"UPDATE "lane" SET "fence" = 1 WHERE "bucket" = $1 AND "id" IN (SELECT "id" FROM "lane" WHERE "bucket" = $1 LIMIT 5 FOR UPDATE SKIP LOCKED)"#,
        "a locking read outside of the claim's materialized part",
    ),
    (
        r#"WITH c AS (SELECT "id" FROM "lane" WHERE "bucket" = $1 FOR UPDATE) UPDATE "lane" SET "fence" = 1 FROM c WHERE "bucket" = $1"#,
        "a locking read outside of the claim's materialized part",
    ),
    (
        r#"SELECT "id" FROM "lead" WHERE "workspace_id" = $2"#,
        "a table is read without its bucket",
    ),
    (
        r#"SELECT "id" FROM "lead" WHERE "bucket" = $1 AND EXISTS (SELECT 1 FROM "send" WHERE "workspace_id" = $2)"#,
        "a table is read without its bucket",
    ),
    (
        r#"DELETE FROM "lead" WHERE "bucket" = $1 LIMIT 5"#,
        "LIMIT on a change",
    ),
    (
        r#"UPDATE "lead" SET "state" = 1 WHERE "bucket" = $1 ORDER BY "id""#,
        "LIMIT on a change",
    ),
    (
        r#"WITH d AS (DELETE FROM "lead" WHERE "bucket" = $1 RETURNING 1) SELECT 1"#,
        "a change inside a WITH",
    ),
    (
        r#"DELETE FROM "lead" WHERE "bucket" = $1 AND (INSERT INTO "send" DEFAULT VALUES)"#,
        "more than one change in a statement",
    ),
    (
        r#"SELECT "lead"."id" FROM "lead", "send" WHERE "bucket" = $1"#,
        "a join",
    ),
    (
        r#"SELECT "lead"."id" FROM "lead" JOIN "send" USING ("bucket") WHERE "bucket" = $1"#,
        "a join",
    ),
    (
        r#"UPDATE "lead" AS l SET "state" = 1 WHERE "bucket" = $1"#,
        "another name for an UPDATE's table",
    ),
    (
        r#"UPDATE "lead" SET "id" = $3 WHERE "bucket" = $1"#,
        "a change of a key",
    ),
    (
        r#"UPDATE "lead" SET "state" = 1, "workspace_id" = $3 WHERE "bucket" = $1"#,
        "a change of a key",
    ),
    (
        r#"UPDATE "event_log" SET "ts" = $3 WHERE "bucket" = $1"#,
        "a change of a key",
    ),
    (
        r#"INSERT INTO "lead" ("bucket", "workspace_id") VALUES ($1, $2) ON CONFLICT ("bucket", "workspace_id", "id") DO UPDATE SET "id" = excluded."id""#,
        "a change of a key",
    ),
];

#[test]
fn the_rules_catch_what_they_are_for() {
    for (wrong, what) in WRONG {
        let found = faults(wrong, false);
        assert!(
            found.iter().any(|fault| fault == what),
            "{found:?}: {wrong}"
        );
    }
    let right = r#"SELECT "id" FROM "lead" WHERE "bucket" = $1 AND "workspace_id" = $2"#;
    assert_eq!(faults(right, false), Vec::<String>::new());
    for (word, why) in BANNED {
        let wrong = format!("{right} AND {}", word.to_uppercase());
        assert!(
            faults(&wrong, false).contains(&format!("{word}: {why}")),
            "{wrong}"
        );
    }
    // What scale rules and habit make likely, by the words in which it would be written.
    for wrong in [
        "UPDATE \"lead\" SET \"created_at\" = now() WHERE \"bucket\" = $1",
        "UPDATE \"lead\" SET \"created_at\" = statement_timestamp() WHERE \"bucket\" = $1",
        "SELECT 1 FROM \"lead\" WHERE \"bucket\" = $1; SELECT 2",
        "SELECT \"id\" FROM \"lead\" WHERE \"bucket\" = $1 OFFSET 10",
        "SELECT \"id\" FROM \"lead\" WHERE \"bucket\" = $1 AND \"bucket\" IN ($1, $2)",
        "SELECT \"id\" FROM \"lead\" WHERE \"bucket\" = $1 AND \"bucket\" = ANY($2)",
        "SELECT \"id\" FROM \"lead\" WHERE \"bucket\" = $1 AND \"profile\" @> $2",
        "CALL sweep($1)",
    ] {
        assert!(!faults(wrong, true).is_empty(), "{wrong}");
    }
}

/// Columns are of the five types that every database of ours has.
fn plain_types(text: &str) {
    if !text.starts_with("CREATE TABLE") {
        return;
    }
    let columns = text.lines().filter(|line| line.starts_with("  \""));
    for line in columns {
        let (_, kind) = line.split_once("\" ").unwrap_or_default();
        let plain = ["integer", "bigint", "uuid", "bytea", "text COLLATE \"C\""];
        assert!(plain.iter().any(|plain| kind.starts_with(plain)), "{line}");
    }
}

#[test]
fn facts_are_partitioned_by_time_and_their_key_holds_it() {
    let mut all = MIGRATIONS.iter().flat_map(|script| statements(script));
    let log = all
        .find(|text| text.starts_with("CREATE TABLE \"event_log\" "))
        .expect("the log");
    assert!(log.ends_with("PARTITION BY RANGE (\"ts\")"), "{log}");
    let key = r#"PRIMARY KEY ("bucket", "workspace_id", "ts", "event_id")"#;
    assert!(log.contains(key), "{log}");
}

#[test]
fn every_tenant_table_can_be_distributed_by_bucket() {
    let mut checked = 0;
    for text in MIGRATIONS.iter().flat_map(|script| statements(script)) {
        let lower = text.to_lowercase();
        for word in [
            "serial ",
            "as identity",
            "timestamp",
            "json",
            "trigger",
            "references",
            "default nextval",
            "default (",
            "now()",
            "gen_random_uuid",
            "generated ",
            "boolean",
            "numeric",
            "interval",
            "[]",
            "concurrently",
            "function",
            "procedure",
            ";",
        ] {
            let lower = lower.trim_end_matches(';');
            assert!(!lower.contains(word), "{word}: {text}");
        }
        plain_types(text);
        let name = text.split('"').nth(1).unwrap_or_default();
        let platform = name == "platform_lock"
            || tables::all().iter().any(|table| {
                table.scope == TableScope::Platform
                    && (table.name == name || name.starts_with(&format!("{}_", table.name)))
            });
        let changes = [
            " add column ",
            " drop column ",
            " set (",
            " set not null",
            " drop constraint ",
        ];
        let changes = changes.iter().any(|change| lower.contains(change));
        // Every row of one table, by what stands in the row: each shard does so by itself.
        let each = lower.starts_with("update ")
            && ![" where ", " from ", "select"]
                .iter()
                .any(|word| lower.contains(word));
        let made = !changes && !each && !lower.starts_with("drop index ");
        if platform || lower.contains("partition of") || !made {
            continue;
        }
        checked += 1;
        if lower.starts_with("create table") {
            assert!(
                lower.contains(
                    "\n  \"bucket\" integer not null,\n  \"workspace_id\" uuid not null,"
                ),
                "{text}"
            );
            assert!(
                lower.contains("primary key (\"bucket\", \"workspace_id\""),
                "{text}"
            );
        } else {
            let led = lower.contains("(\"bucket\", \"workspace_id\"") || name.ends_with("_claim");
            assert!(led && lower.contains("(\"bucket\""), "{text}");
            assert!(
                !lower.starts_with("create unique")
                    || lower.contains("(\"bucket\", \"workspace_id\""),
                "{text}"
            );
        }
    }
    assert!(checked > 50, "{checked}");
}
