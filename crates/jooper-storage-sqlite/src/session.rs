//! One connection with the catalog: runs prepared statements.

use std::sync::Arc;

use jooper_storage::StoreError;
use rusqlite::{CachedStatement, Connection, Row};

use crate::catalog::Catalog;
use crate::cell::Params;
use crate::error::store_error;
use crate::texts::Texts;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 512;

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) texts: Texts,
}

impl Session {
    pub(crate) fn new(connection: Connection, catalog: Arc<Catalog>) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self {
            connection,
            catalog,
            texts: Texts::default(),
        }
    }

    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(sql).map_err(store_error)
    }

    /// Runs a statement and returns how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, params: &Params<'_>) -> Result<usize, StoreError> {
        execute(&mut self.prepare(sql)?, params)
    }

    /// Reads the first row, if there is one.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        params: &Params<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        params.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        match rows.next().map_err(store_error)? {
            Some(row) => read(row).map(Some),
            None => Ok(None),
        }
    }

    /// Reads every row.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        params: &Params<'_>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        params.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Runs a statement without parameters: `BEGIN`, `COMMIT`, a savepoint.
    pub(crate) fn control(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.connection
            .prepare_cached(sql)?
            .raw_execute()
            .map(|_| ())
    }

    /// Reads one integer of the first row.
    pub(crate) fn integer(
        &self,
        sql: &str,
        params: &Params<'_>,
    ) -> Result<Option<i64>, StoreError> {
        self.first(sql, params, |row| {
            row.get::<_, Option<i64>>(0).map_err(store_error)
        })
        .map(Option::flatten)
    }
}

/// Runs a prepared statement once more.
pub(crate) fn execute(
    statement: &mut CachedStatement<'_>,
    params: &Params<'_>,
) -> Result<usize, StoreError> {
    params.bind(statement)?;
    statement.raw_execute().map_err(store_error)
}
