//! How a store is opened.

use std::time::Duration;

use jooper_storage::StoreError;
use rustls::RootCertStore;
use tokio_postgres::Config;

use crate::connection::{Connections, Pool};
use crate::error::Failure;
use crate::migrate;
use crate::server::Server;
use crate::storage::PostgresStorage;
use crate::tls;

/// How long a server may say nothing before it counts as gone, unless told otherwise.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a server may take to let a connection in, at most.
const CREATED: Duration = Duration::from_secs(10);

/// Settings of a [`PostgresStorage`].
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    pub(crate) config: Config,
    pub(crate) schema: String,
    pub(crate) connections: usize,
    pub(crate) wait: Duration,
    pub(crate) statement: Duration,
    pub(crate) lock: Duration,
    pub(crate) idle: Duration,
    pub(crate) queue: usize,
    pub(crate) silence: Duration,
    /// What connections trust instead of the machine's root certificates.
    pub(crate) roots: Option<RootCertStore>,
}

impl PostgresOptions {
    /// The server of this address (`postgres://user@host:port/database` or `host=... dbname=...`):
    /// schema `jooper`, 16 connections, 5 s wait for one, 30 s a statement, 5 s a lock, 10 s
    /// between two statements of a transaction, 30 s for a machine that says nothing at all, and as
    /// long beyond what statements may take for a server that does not.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the address does not read. It is not repeated: it may hold a
    /// password.
    pub fn new(address: &str) -> Result<Self, StoreError> {
        let mut config: Config = address.parse().map_err(|_| {
            StoreError::Invalid("the address of PostgreSQL does not read".to_owned())
        })?;
        tls::decide(&mut config);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        // A server that is cut off sends no goodbye; the kernel would wait for a quarter of an hour.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        if config.get_keepalives_idle() > SILENCE {
            config.keepalives_idle(SILENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("jooper");
        }
        Ok(Self {
            config,
            schema: "jooper".to_owned(),
            connections: 16,
            wait: Duration::from_secs(5),
            statement: Duration::from_secs(30),
            lock: Duration::from_secs(5),
            idle: Duration::from_secs(10),
            queue: 10_000,
            silence: SILENCE,
            roots: None,
        })
    }

    /// Trusts the certificates of this PEM file's content instead of the machine's.
    ///
    /// Connections to other machines are encrypted and verified, unless the address says
    /// `sslmode=disable`; those on this machine are when it says `sslmode=require`.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when it holds no certificate.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, StoreError> {
        self.roots = Some(tls::roots(pem)?);
        Ok(self)
    }

    /// Keeps the tables in this schema: lower-case letters, digits and `_`.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// How many connections this process opens at most, at least 1.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How many batches of one workspace may wait, 10,000 unless told otherwise, before more are
    /// refused with [`StoreError::Busy`]; at least 1. Bulk batches wait in a line of their own.
    #[must_use]
    pub fn queue(mut self, batches: usize) -> Self {
        self.queue = batches.max(1);
        self
    }

    /// How long a call waits for a connection before it is [`StoreError::Busy`].
    #[must_use]
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// How long a statement may run before it is [`StoreError::Busy`].
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement = timeout;
        self
    }

    /// How long a statement waits for a lock before it is [`StoreError::Busy`].
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock = timeout;
        self
    }

    /// How long the server waits for the next statement of a transaction before it ends it: a
    /// process that was frozen or cut off must not keep a workspace from all others. At least 1 ms.
    #[must_use]
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = timeout;
        self
    }

    /// How long a server may be silent beyond the time for a lock and for two statements, before its
    /// connection counts as lost: a server that was stopped still answers for its machine. Writes
    /// that it may have committed are [`StoreError::Unknown`] then. A migration may take longer; it is
    /// given up when the server lets nobody else in for so long.
    #[must_use]
    pub const fn silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// Connects, and brings the schema to the newest version.
    ///
    /// # Errors
    /// As [`PostgresStorage::open`].
    pub async fn open(self) -> Result<PostgresStorage, StoreError> {
        PostgresStorage::open_with(self).await
    }

    /// Whether a store was ever opened in this schema: for programs that only look, and must not
    /// make one where a name is mistyped.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached: try again;
    /// [`StoreError::Invalid`] for a schema that cannot be one.
    pub async fn exists(&self) -> Result<bool, StoreError> {
        let server = Server::new(self.clone())?;
        let connection = server.connection().await?;
        migrate::known(&connection, &server.options).await
    }

    pub(crate) fn checked(self) -> Result<Self, StoreError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if self.schema.is_empty() || self.schema.len() > 63 || !self.schema.bytes().all(fits) {
            return Err(StoreError::Invalid(
                "a schema's name has lower-case letters, digits and _".to_owned(),
            ));
        }
        Ok(self)
    }

    /// What connects.
    pub(crate) fn connections_of(&self) -> Result<Connections, StoreError> {
        Ok(Connections {
            config: self.config.clone(),
            tls: tls::connector(self.roots.clone())?,
        })
    }

    pub(crate) fn pool(&self) -> Result<Pool, StoreError> {
        Pool::builder(self.connections_of()?)
            .max_size(self.connections)
            .wait_timeout(Some(self.wait))
            .create_timeout(Some(CREATED))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Unavailable(Some(Failure::said(error.to_string()).into())))
    }

    /// How long a transaction may take before its connection counts as lost: the server ends each
    /// statement and each wait by itself, unless it has fallen silent.
    pub(crate) fn most(&self) -> Duration {
        self.silence + self.lock + 2 * self.statement
    }

    /// What every transaction sets for itself: nothing is left on the connection.
    pub(crate) fn locals(&self) -> String {
        format!(
            "SET LOCAL search_path TO \"{}\"; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; \
             SET LOCAL idle_in_transaction_session_timeout = {}",
            self.schema,
            self.statement.as_millis().max(1),
            self.lock.as_millis().max(1),
            self.idle.as_millis().max(1),
        )
    }
}
