//! The witness in a database of its own.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{from_millis, to_millis};
use jooper_storage::{StoreError, Witness, WitnessEntry, WitnessError, WitnessRecord};
use tokio_postgres::Row;

use crate::connection::Connection;
use crate::error::Failure;
use crate::options::PostgresOptions;
use crate::param::{Param, Params};
use crate::pipeline::Step;
use crate::server::{Server, Work};

const TABLES: &[&str] = &[
    r#"CREATE TABLE IF NOT EXISTS "witness_head" ("id" bigint NOT NULL, "position" bigint NOT NULL, PRIMARY KEY ("id"))"#,
    r#"CREATE TABLE IF NOT EXISTS "witness" ("position" bigint NOT NULL, "at" bigint NOT NULL, "entry" text NOT NULL, PRIMARY KEY ("position"))"#,
];

/// Takes the witness: whoever holds its head appends.
const LOCK: &str = r#"INSERT INTO "witness_head" ("id", "position") VALUES (1, 0)
 ON CONFLICT ("id") DO UPDATE SET "position" = "witness_head"."position" RETURNING "witness_head"."position""#;
const APPEND: &str = r#"INSERT INTO "witness" ("position", "at", "entry")
 SELECT u.* FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u"#;
const MOVE: &str = r#"UPDATE "witness_head" SET "position" = $1 WHERE "id" = 1"#;
const POSITION: &str = r#"SELECT "position" FROM "witness_head" WHERE "id" = 1"#;
const READ: &str = r#"SELECT "position", "at", "entry" FROM "witness" WHERE "position" > $1 ORDER BY "position" LIMIT $2"#;

/// A [`Witness`] in a PostgreSQL schema. Keep it in another database than the data, outside of the
/// data's backups.
#[derive(Debug, Clone)]
pub struct PostgresWitness(Arc<Server>);

impl PostgresWitness {
    /// Connects to this address and keeps the witness in its schema `jooper_witness`.
    ///
    /// # Errors
    /// [`WitnessError::Unavailable`] when the server does not answer.
    pub async fn open(address: &str) -> Result<Self, WitnessError> {
        let options = PostgresOptions::new(address).map_err(unavailable)?;
        Self::open_with(options.schema("jooper_witness").connections(2)).await
    }

    /// Connects with these settings; the schema must not be that of the data.
    ///
    /// # Errors
    /// As [`PostgresWitness::open`].
    pub async fn open_with(options: PostgresOptions) -> Result<Self, WitnessError> {
        let server = Server::new(options).map_err(unavailable)?;
        let mut attempt = 1;
        // Two processes that create the tables at the same time collide once.
        while let Err(error) = server.repeatable(&Create(&server.options)).await {
            if attempt == 3 {
                return Err(unavailable(error));
            }
            attempt += 1;
        }
        Ok(Self(Arc::new(server)))
    }

    async fn ask<T>(&self, work: &(dyn Work<T> + Sync)) -> Result<T, WitnessError> {
        self.0.repeatable(work).await.map_err(unavailable)
    }
}

fn unavailable(error: StoreError) -> WitnessError {
    WitnessError::Unavailable(error.into())
}

struct Create<'o>(&'o PostgresOptions);

impl Work<()> for Create<'_> {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<(), Failure>> {
        Box::pin(async move {
            let schema = &self.0.schema;
            connection
                .run(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""))
                .await?;
            connection
                .begin(&format!("BEGIN; {}", self.0.locals()))
                .await?;
            for text in TABLES {
                connection.run(text).await?;
            }
            connection.commit().await
        })
    }
}

struct Append {
    begin: String,
    at: i64,
    entries: Vec<String>,
}

/// Returns the position of the last entry. Run twice, it appends twice: a suppression that stands
/// twice is the same suppression, one that is missing is a mail too many.
impl Work<i64> for Append {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<i64, Failure>> {
        Box::pin(async move {
            connection.begin(&self.begin).await?;
            let head = connection.query(LOCK, &[]).await?;
            let from: i64 = head.first().map_or(0, |row| row.get(0));
            let places: Vec<i64> = (from + 1..).take(self.entries.len()).collect();
            let last = places.last().copied().unwrap_or(from);
            let mut params = Params::default();
            params.push(Param::Ints(
                places.iter().map(|place| Some(*place)).collect(),
            ));
            params.push(Param::Ints(places.iter().map(|_| Some(self.at)).collect()));
            params.push(Param::Texts(
                self.entries
                    .iter()
                    .map(|text| Some(text.as_str()))
                    .collect(),
            ));
            connection.execute(APPEND, &params.sql()).await?;
            let mut params = Params::default();
            params.push(Param::Int(last));
            connection.execute(MOVE, &params.sql()).await?;
            connection.commit().await?;
            Ok(last)
        })
    }
}

struct Read<'q> {
    begin: String,
    text: &'q str,
    params: Params<'q>,
}

impl Work<Vec<Row>> for Read<'_> {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<Vec<Row>, Failure>> {
        Box::pin(async move {
            connection.begin(&self.begin).await?;
            let rows = connection.query(self.text, &self.params.sql()).await?;
            connection.commit().await?;
            Ok(rows)
        })
    }
}

#[async_trait]
impl Witness for PostgresWitness {
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError> {
        if entries.is_empty() {
            return self.position().await;
        }
        let texts = entries.iter().map(serde_json::to_string);
        let append = Append {
            begin: self.0.begin(),
            at: to_millis(at),
            entries: texts
                .collect::<Result<_, _>>()
                .map_err(|error| WitnessError::Unavailable(error.into()))?,
        };
        self.ask(&append).await.map(i64::unsigned_abs)
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        let mut params = Params::default();
        params.push(Param::Int(i64::try_from(after).unwrap_or(i64::MAX)));
        params.push(Param::Int(i64::try_from(limit).unwrap_or(i64::MAX)));
        let read = Read {
            begin: self.0.snapshot(),
            text: READ,
            params,
        };
        let mut records = Vec::new();
        for (row, expected) in self.ask(&read).await?.iter().zip(after.saturating_add(1)..) {
            let place: i64 = row.get(0);
            let text: String = row.get(2);
            // A gap or a text that does not read: somebody edited the table.
            let corrupt = || WitnessError::Corrupt { position: expected };
            if place.unsigned_abs() != expected {
                return Err(corrupt());
            }
            records.push(WitnessRecord {
                position: expected,
                at: from_millis(row.get(1)),
                entry: serde_json::from_str(&text).map_err(|_| corrupt())?,
            });
        }
        Ok(records)
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        let read = Read {
            begin: self.0.snapshot(),
            text: POSITION,
            params: Params::default(),
        };
        let rows = self.ask(&read).await?;
        let position: i64 = rows.first().map_or(0, |row| row.get(0));
        Ok(position.unsigned_abs())
    }
}
