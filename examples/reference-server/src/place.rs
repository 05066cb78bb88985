//! Where data or witness lie: in a file, or in PostgreSQL.

use std::fmt;
use std::path::PathBuf;

use jooper::postgres::PostgresOptions;
use serde::Deserialize;

use crate::error::{Context, ServerError};

/// A file or a schema of PostgreSQL.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "String")]
pub(crate) enum Place {
    File(PathBuf),
    Postgres(Database),
}

/// A server and a schema. Its address may hold a password, so it is never shown.
#[derive(Clone)]
pub(crate) struct Database {
    address: String,
    schema: Option<String>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl From<String> for Place {
    fn from(text: String) -> Self {
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            return Self::File(text.into());
        }
        Self::Postgres(Database::read(&text))
    }
}

impl std::str::FromStr for Place {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.to_owned().into())
    }
}

impl Database {
    /// Takes `schema=...` out of the address: the driver knows no such parameter.
    fn read(text: &str) -> Self {
        let (server, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut schema, mut rest) = (None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.strip_prefix("schema=") {
                Some(name) => schema = Some(name.to_owned()),
                None => rest.push(pair),
            }
        }
        let mut address = server.to_owned();
        if !rest.is_empty() {
            address.push('?');
            address.push_str(&rest.join("&"));
        }
        Self { address, schema }
    }

    /// Settings of the store or of the witness; `schema` where the address names none.
    pub(crate) fn options(&self, schema: &str) -> Result<PostgresOptions, ServerError> {
        let options = PostgresOptions::new(&self.address)
            .context("the address of PostgreSQL; write postgres://user@host:5432/database")?;
        Ok(options.schema(self.schema.as_deref().unwrap_or(schema)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(Database {
                schema: Some(schema),
                ..
            }) => write!(f, "in PostgreSQL, schema {schema}"),
            Self::Postgres(_) => f.write_str("in PostgreSQL"),
        }
    }
}

/// The schema of the data, unless the address names another.
pub(crate) const DATA_SCHEMA: &str = "jooper";
/// The schema of the witness, unless the address names another.
pub(crate) const WITNESS_SCHEMA: &str = "jooper_witness";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_taken_out_of_the_address_and_a_password_is_never_shown() {
        let place: Place = "postgres://me:secret@db/x?schema=mine&sslmode=disable"
            .to_owned()
            .into();
        let Place::Postgres(database) = &place else {
            panic!("no database: {place:?}");
        };
        assert_eq!(
            database.address,
            "postgres://me:secret@db/x?sslmode=disable"
        );
        assert_eq!(place.to_string(), "in PostgreSQL, schema mine");
        assert!(!format!("{place} {place:?}").contains("secret"));
        assert!(matches!(
            Place::from("/var/lib/jooper.db".to_owned()),
            Place::File(_)
        ));
    }
}
