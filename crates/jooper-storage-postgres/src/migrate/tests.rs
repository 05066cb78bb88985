//! The files against the declarations.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::collections::{BTreeMap, BTreeSet};

use jooper_storage::tables;

use super::*;
use crate::ddl;

/// A connection and an empty schema of its own, dropped at the end of the test.
struct Empty {
    client: tokio_postgres::Client,
    schema: String,
    _driving: tokio::task::JoinSet<Result<(), tokio_postgres::Error>>,
}

impl Empty {
    async fn new(name: &str) -> Self {
        let address = address();
        let (client, driver) = tokio_postgres::connect(&address, tokio_postgres::NoTls)
            .await
            .unwrap();
        let mut driving = tokio::task::JoinSet::new();
        driving.spawn(driver);
        let schema = format!("migrate_{}_{name}", std::process::id());
        let empty = Self {
            client,
            schema,
            _driving: driving,
        };
        let make = format!(
            "DROP SCHEMA IF EXISTS \"{0}\" CASCADE; CREATE SCHEMA \"{0}\"; SET search_path TO \"{0}\"",
            empty.schema
        );
        empty.run(&make).await;
        empty
    }

    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    /// Runs the first so many migrations, as an older version did.
    async fn at_version(name: &str, version: usize) -> Self {
        let empty = Self::new(name).await;
        empty.run(VERSIONS).await;
        for (at, script) in MIGRATIONS.iter().enumerate().take(version) {
            for statement in statements(script) {
                empty.run(statement).await;
            }
            let number = at + 1;
            empty
                .run(&format!("INSERT INTO \"schema_version\" VALUES ({number})"))
                .await;
        }
        empty
    }

    async fn lines(&self, sql: &str) -> Vec<String> {
        let rows = self.client.query(sql, &[&self.schema]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Tables, columns and indexes, without the texts that made them.
    async fn shape(&self) -> BTreeSet<String> {
        let mut shape: BTreeSet<String> = BTreeSet::new();
        shape.extend(
            self.lines(
                "SELECT concat_ws(' ', c.relname, c.relkind, c.reloptions::text, a.attname,
                   format_type(a.atttypid, a.atttypmod), a.attnotnull, o.collname)
                 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 JOIN pg_attribute AS a ON a.attrelid = c.oid
                 LEFT JOIN pg_collation AS o ON o.oid = a.attcollation
                 WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0
                   AND NOT a.attisdropped AND c.relname <> 'schema_version'",
            )
            .await,
        );
        shape.extend(
            self.lines(
                "SELECT replace(indexdef, quote_ident(schemaname) || '.', '') FROM pg_indexes
                 WHERE schemaname = $1 AND tablename <> 'schema_version'",
            )
            .await,
        );
        shape
    }

    /// Tables that rows are written to, with the names and types of their columns.
    async fn tables(&self) -> Vec<(String, Vec<(String, String)>)> {
        let sql = "SELECT c.relname, a.attname, format_type(a.atttypid, NULL)
             FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             JOIN pg_attribute AS a ON a.attrelid = c.oid
             WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
               AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'schema_version'
             ORDER BY c.relname, a.attnum";
        let rows = self.client.query(sql, &[&self.schema]).await.unwrap();
        let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for row in rows {
            let columns = tables.entry(row.get(0)).or_default();
            columns.push((row.get(1), row.get(2)));
        }
        tables.into_iter().collect()
    }

    /// Puts a row into every table, and returns how each reads back.
    async fn fill(&self) -> BTreeMap<String, Vec<String>> {
        let mut written = BTreeMap::new();
        for (table, columns) in self.tables().await {
            let values: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(at, (_, kind))| match kind.as_str() {
                    "integer" | "bigint" => format!("{}", at + 1),
                    "uuid" => format!("'00000000-0000-7000-8000-{at:012x}'"),
                    "text" => format!("'text {at}'"),
                    "bytea" => format!("'\\x{at:02x}'"),
                    other => panic!("{table}: a column of type {other}"),
                })
                .collect();
            self.run(&format!(
                "INSERT INTO \"{table}\" VALUES ({})",
                values.join(", ")
            ))
            .await;
            let names: Vec<_> = columns.iter().map(|(name, _)| name.clone()).collect();
            written.insert(table.clone(), self.row(&table, &names).await);
            written.insert(format!("{table} columns"), names);
        }
        written
    }

    async fn row(&self, table: &str, columns: &[String]) -> Vec<String> {
        let list: Vec<_> = columns
            .iter()
            .map(|name| format!("\"{name}\"::text"))
            .collect();
        let sql = format!("SELECT {} FROM \"{table}\"", list.join(", "));
        let rows = self.client.query(&sql, &[]).await.unwrap();
        assert_eq!(rows.len(), 1, "{table}");
        (0..columns.len()).map(|at| rows[0].get(at)).collect()
    }

    async fn drop(self) {
        self.run(&format!("DROP SCHEMA \"{}\" CASCADE", self.schema))
            .await;
    }
}

fn address() -> String {
    std::env::var("JOOPER_TEST_POSTGRES_URL").expect(
        "set JOOPER_TEST_POSTGRES_URL to a PostgreSQL server for tests, as `cargo xtask test` does",
    )
}

#[tokio::test]
async fn the_migrations_make_what_the_declarations_say() {
    let migrated = Empty::at_version("all", MIGRATIONS.len()).await;
    let made = Empty::new("declared").await;
    for statement in ddl::statements(tables::all()) {
        made.run(&statement).await;
    }
    let (migrated_shape, made_shape) = (migrated.shape().await, made.shape().await);
    migrated.drop().await;
    made.drop().await;
    assert!(
        made_shape.len() > 300,
        "the shape reads {} lines",
        made_shape.len()
    );
    let missing: Vec<_> = made_shape.difference(&migrated_shape).collect();
    let extra: Vec<_> = migrated_shape.difference(&made_shape).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "the declarations changed: write the next numbered migration\nmissing {missing:#?}\nextra {extra:#?}"
    );
}

/// What a later version has no more: nothing ever wrote it.
const DROPPED: &[(&str, &str)] = &[("lead_address", "state")];

#[tokio::test]
async fn every_older_version_upgrades_and_keeps_its_rows() {
    let newest_schema = Empty::at_version("newest", MIGRATIONS.len()).await;
    let newest_shape = newest_schema.shape().await;
    newest_schema.drop().await;
    for old in 0..MIGRATIONS.len() {
        let schema = Empty::at_version(&format!("old_{old}"), old).await;
        let written = schema.fill().await;
        let options = PostgresOptions::new(&address())
            .unwrap()
            .schema(&schema.schema);
        let pool = options.pool().unwrap();
        let connection = pool.get().await.unwrap();
        migrate(&connection, &options).await.unwrap();
        assert_eq!(schema.shape().await, newest_shape, "from version {old}");
        for (table, before) in written
            .iter()
            .filter(|(name, _)| !name.ends_with("columns"))
        {
            let columns = &written[&format!("{table} columns")];
            let kept = columns.iter().zip(before);
            let kept = kept.filter(|(name, _)| !DROPPED.contains(&(&**table, &***name)));
            let (columns, before): (Vec<_>, Vec<_>) = kept
                .map(|(name, value)| (name.clone(), value.clone()))
                .unzip();
            assert_eq!(
                schema.row(table, &columns).await,
                before,
                "{table}, version {old}"
            );
        }
        schema.drop().await;
    }
}

#[tokio::test]
async fn an_index_over_many_rows_takes_longer_than_a_statement_may() {
    let schema = Empty::at_version("slow", 2).await;
    let columns = schema.tables().await.into_iter();
    let columns = columns.filter(|(name, _)| name == "enrollment");
    let cells = columns
        .flat_map(|(_, columns)| columns)
        .map(|(name, kind)| {
            let each = name == "id" || name == "lead";
            match kind.as_str() {
                "integer" | "bigint" => "1",
                "uuid" if each => "lpad(to_hex(n), 32, '0')::uuid",
                "uuid" => "'00000000-0000-7000-8000-000000000001'::uuid",
                _ => "NULL",
            }
        });
    let cells: Vec<_> = cells.collect();
    schema
        .run(&format!(
            "INSERT INTO enrollment SELECT {} FROM generate_series(1, 20000) AS s(n)",
            cells.join(", ")
        ))
        .await;
    let options = PostgresOptions::new(&address())
        .unwrap()
        .schema(&schema.schema)
        .statement_timeout(std::time::Duration::from_millis(1));
    let pool = options.pool().unwrap();
    let connection = pool.get().await.unwrap();
    migrate(&connection, &options).await.unwrap();
    drop(connection);
    schema.drop().await;
}

#[test]
fn months_meet_without_gap() {
    // 2026-12-15
    let months = months(1_797_292_800_000);
    let names: Vec<_> = months.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names[0], "event_log_2026_11");
    assert_eq!(names[2], "event_log_2027_01");
    assert!(months.windows(2).all(|pair| pair[0].2 == pair[1].1));
    assert_eq!(months.len(), 5);
}
