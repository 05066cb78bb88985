//! Settings of a connection: set, then read back, because SQLite ignores what it does not like.

use jooper_storage::StoreError;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::error::{Failure, store_error};

/// Name, what is set, what must be read back.
///
/// `synchronous=FULL` (2): a commit is on disk when it returns. `secure_delete`: what is deleted
/// is overwritten (measured: `FAST` leaves overflow pages). `temp_store=MEMORY` (2): sorts leave
/// nothing behind. `trusted_schema=OFF`: the schema runs no functions.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("busy_timeout", "250", "250"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("secure_delete", "ON", "1"),
    ("foreign_keys", "ON", "1"),
    ("temp_store", "MEMORY", "2"),
    ("trusted_schema", "OFF", "0"),
    ("cell_size_check", "ON", "1"),
];

/// Applies every setting and `cache_kib` of page cache.
pub(crate) fn apply(connection: &Connection, cache_kib: u32) -> Result<(), StoreError> {
    // Else a statement with a range is compiled anew whenever its bound values change, in case
    // another plan were better for them; every scan here names its index.
    let stable = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    if !stable.map_err(store_error)? {
        let failure = Failure::said("SQLite keeps no plans".to_owned());
        return Err(StoreError::Unavailable(Some(failure.into())));
    }
    let cache = format!("-{cache_kib}");
    let all = SETTINGS
        .iter()
        .copied()
        .chain([("cache_size", cache.as_str(), cache.as_str())]);
    for (name, value, expected) in all {
        set(connection, name, value)?;
        let found = read(connection, name)?;
        if !found.eq_ignore_ascii_case(expected) {
            let what =
                format!("{name} was set to {value} and reads {found}; is the file system local?");
            return Err(StoreError::Unavailable(Some(Failure::said(what).into())));
        }
    }
    Ok(())
}

fn set(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare(&format!("PRAGMA {name} = {value}"))
        .map_err(store_error)?;
    let mut rows = statement.query([]).map_err(store_error)?;
    while rows.next().map_err(store_error)?.is_some() {}
    Ok(())
}

/// Reads a setting as text.
pub(crate) fn read(connection: &Connection, name: &str) -> Result<String, StoreError> {
    connection
        .query_row(&format!("PRAGMA {name}"), [], |row| {
            Ok(match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(n) => n.to_string(),
                other => other.as_str().unwrap_or_default().to_owned(),
            })
        })
        .map_err(store_error)
}
