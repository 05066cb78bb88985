//! From any released schema to this one.
//!
//! Migrations are numbered files, never edited after a release. Each runs in one transaction with
//! the new version number; statements are sent one by one, which Citus asks for.

use deadpool::managed::Manager;
use jooper_storage::StoreError;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use crate::connection::Connection;
use crate::error::Failure;
use crate::options::PostgresOptions;
use crate::patience;

/// The files, in order; the first makes version 1.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_restored_copies.sql"),
    include_str!("../migrations/0003_planner.sql"),
    include_str!("../migrations/0004_renewed_stops.sql"),
    include_str!("../migrations/0005_park_reason.sql"),
    include_str!("../migrations/0006_stop_causes.sql"),
    include_str!("../migrations/0007_unread_indexes.sql"),
    include_str!("../migrations/0008_gate_memory.sql"),
    include_str!("../migrations/0009_upkeep.sql"),
    include_str!("../migrations/0010_numbered_traces.sql"),
    include_str!("../migrations/0011_searched.sql"),
    include_str!("../migrations/0012_stated.sql"),
    include_str!("../migrations/0013_posted.sql"),
];

const VERSIONS: &str = r#"CREATE TABLE IF NOT EXISTS "schema_version" (
  "version" bigint NOT NULL,
  PRIMARY KEY ("version")
)"#;

/// How long a month of the log is at most, and for how many months ahead there is a partition.
const MONTHS_AHEAD: i32 = 3;

/// Brings an empty or older schema to the newest version. Several processes may do so at once.
pub(crate) async fn migrate(
    connection: &Connection,
    options: &PostgresOptions,
) -> Result<(), StoreError> {
    let mut last = None;
    // Two processes that create the schema at the same time collide once.
    for _ in 0..5 {
        let attempt = attempt(connection, options);
        let ran = patience::while_alive(options.silence, || is_alive(options), attempt).await;
        match ran.flatten() {
            Ok(found) if found > newest() => {
                return Err(StoreError::Schema {
                    found,
                    expected: newest(),
                });
            }
            Ok(_) => return Ok(()),
            Err(failure) => {
                connection.clean(&failure, options.silence).await;
                let collided = [
                    &SqlState::UNIQUE_VIOLATION,
                    &SqlState::DUPLICATE_SCHEMA,
                    &SqlState::DUPLICATE_TABLE,
                    &SqlState::DUPLICATE_OBJECT,
                ];
                let again = collided.iter().any(|state| failure.is(state));
                let error = failure.to_store_error();
                if !again {
                    return Err(error);
                }
                last = Some(error);
            }
        }
    }
    Err(last.unwrap_or(StoreError::Busy(None)))
}

/// Whether the server lets somebody in and answers: "no more connections" is an answer as well.
async fn is_alive(options: &PostgresOptions) -> bool {
    match options.connections_of() {
        Ok(connections) => match connections.create().await {
            Ok(_) => true,
            Err(failure) => !failure.is_lost(),
        },
        Err(_) => false,
    }
}

const KNOWN: &str = r#"SELECT to_regclass($1) IS NOT NULL"#;

/// Whether a store was ever opened in this schema. Makes nothing.
pub(crate) async fn known(
    connection: &Connection,
    options: &PostgresOptions,
) -> Result<bool, StoreError> {
    let table = format!("\"{}\".\"schema_version\"", options.schema);
    let asked = [(&table as &(dyn ToSql + Sync), Type::TEXT)];
    let rows = patience::wait(options.most(), connection.query(KNOWN, &asked)).await;
    let rows = rows.flatten().map_err(|failure| failure.to_store_error())?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

pub(crate) const fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// Returns the version that was found, which may be newer than ours.
async fn attempt(connection: &Connection, options: &PostgresOptions) -> Result<i64, Failure> {
    let schema = &options.schema;
    connection
        .run(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""))
        .await?;
    // An index over millions of rows takes as long as it takes.
    connection
        .begin(&format!(
            "BEGIN; {}; SET LOCAL statement_timeout = 0",
            options.locals()
        ))
        .await?;
    connection.run(VERSIONS).await?;
    connection
        .run(r#"LOCK TABLE "schema_version" IN ACCESS EXCLUSIVE MODE"#)
        .await?;
    let rows = connection
        .query(r#"SELECT max("version") FROM "schema_version""#, &[])
        .await?;
    let found: Option<i64> = rows.first().and_then(|row| row.get(0));
    let found = found.unwrap_or(0);
    if found > newest() {
        connection.rollback().await?;
        return Ok(found);
    }
    let done = usize::try_from(found).unwrap_or(0);
    for (at, script) in MIGRATIONS.iter().enumerate().skip(done) {
        for statement in statements(script) {
            connection.run(statement).await?;
        }
        let version = at + 1;
        connection
            .run(&format!(
                r#"INSERT INTO "schema_version" ("version") VALUES ({version})"#
            ))
            .await?;
    }
    connection.commit().await?;
    Ok(found)
}

/// The statements of a file: they end with `;` and an empty line.
pub(crate) fn statements(script: &str) -> impl Iterator<Item = &str> {
    script
        .split(";\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// Adds the log's partitions of the months around `now` (Unix milliseconds).
///
/// Facts of other months go to the partition for the rest. A month whose facts are there already
/// stays there.
pub(crate) async fn partitions(
    connection: &Connection,
    options: &PostgresOptions,
    now: i64,
) -> Result<(), StoreError> {
    for (name, from, to) in months(now) {
        let begin = format!("BEGIN; {}", options.locals());
        let create = format!(
            "CREATE TABLE IF NOT EXISTS \"{name}\" PARTITION OF \"event_log\" FOR VALUES FROM ({from}) TO ({to})"
        );
        let made = async {
            connection.begin(&begin).await?;
            connection.run(&create).await?;
            connection.commit().await
        };
        let made = patience::wait(options.most(), made).await;
        if let Err(failure) = made.flatten() {
            connection.clean(&failure, options.silence).await;
            let stays = failure.is(&SqlState::CHECK_VIOLATION)
                || failure.is(&SqlState::DUPLICATE_TABLE)
                || failure.is(&SqlState::UNIQUE_VIOLATION);
            if !stays {
                return Err(failure.to_store_error());
            }
            if failure.is(&SqlState::CHECK_VIOLATION) {
                tracing::warn!(
                    name,
                    "facts of this month lie in the log's partition for the rest and stay there"
                );
            }
        }
    }
    Ok(())
}

/// Names and bounds of the months from the one before `now` on.
fn months(now: i64) -> Vec<(String, i64, i64)> {
    use jiff::ToSpan;
    let today = jooper_core::from_millis(now)
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date();
    let millis = |date: jiff::civil::Date| {
        date.to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .map_or(i64::MAX, |start| start.timestamp().as_millisecond())
    };
    (-1..=MONTHS_AHEAD)
        .filter_map(|offset| {
            let first = today.first_of_month().checked_add(offset.months()).ok()?;
            let next = first.checked_add(1.month()).ok()?;
            let name = format!("event_log_{:04}_{:02}", first.year(), first.month());
            Some((name, millis(first), millis(next)))
        })
        .collect()
}

#[cfg(test)]
mod tests;
