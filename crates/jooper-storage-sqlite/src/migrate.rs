//! From any released schema to this one.
//!
//! Migrations are numbered files, never edited after a release. Each runs in one transaction with
//! the new version number, so a crash leaves the old schema or the new one.

use jooper_storage::StoreError;
use rusqlite::Connection;

use crate::error::{Failure, store_error};
use crate::pragma;

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

/// Marks a SQLite file as ours: `joop`.
pub(crate) const APPLICATION_ID: i64 = 0x6a6f_6f70;

/// Brings an empty or older file to the newest version.
pub(crate) fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    let newest = newest();
    if found > newest {
        return Err(StoreError::Schema {
            found,
            expected: newest,
        });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for (at, script) in MIGRATIONS.iter().enumerate().skip(done) {
        step(connection, script, at + 1).map_err(|error| {
            // Fails only while a transaction is open.
            let _ = connection.execute_batch("ROLLBACK");
            store_error(error)
        })?;
    }
    Ok(())
}

pub(crate) const fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// The version of a file; 0 when it is empty.
///
/// # Errors
/// [`StoreError::Corrupt`] when the file holds somebody else's tables.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    let number = |name| pragma::read(connection, name).map(|text| text.parse().unwrap_or(-1));
    let version: i64 = number("user_version")?;
    let application: i64 = number("application_id")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(store_error)?;
    match (application, version, tables) {
        (APPLICATION_ID, version, _) if version > 0 => Ok(version),
        (0, 0, 0) => Ok(0),
        _ => Err(StoreError::Corrupt {
            place: "not a jooper database".to_owned(),
            source: Some(Failure::said("the application id is not ours").into()),
        }),
    }
}

fn step(connection: &Connection, script: &str, version: usize) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(script)?;
    connection.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}; COMMIT"
    ))
}

#[cfg(test)]
mod tests;
