//! Connections and their pool.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool::managed::{Manager, Metrics, Object, PoolError, RecycleError, RecycleResult};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Failure;
use crate::spawn;

pub(crate) type Pool = deadpool::managed::Pool<Connections>;
pub(crate) type PoolFailure = PoolError<Failure>;
pub(crate) type Lease = Object<Connections>;

/// Makes connections, and refuses to hand out one that is not clean.
pub(crate) struct Connections {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

/// A connection. Keeps no session state, so that it may be another one behind a transaction pooler
/// with every transaction: no named statements, only `SET LOCAL`.
#[derive(Debug)]
pub(crate) struct Connection {
    client: Client,
    /// Whether a transaction may be open on it.
    open: AtomicBool,
}

impl Manager for Connections {
    type Type = Connection;
    type Error = Failure;

    async fn create(&self) -> Result<Connection, Failure> {
        let (client, driver) = self.config.connect(self.tls.clone()).await?;
        // Ends when the client is dropped; an error reaches every waiting statement.
        drop(spawn::task(driver));
        let connection = Connection {
            client,
            open: AtomicBool::new(false),
        };
        connection.is_durable().await?;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Failure> {
        if connection.client.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        if connection.open.load(Ordering::SeqCst) {
            return Err(RecycleError::message("a transaction was given up on it"));
        }
        Ok(())
    }
}

/// What decides whether a commit that is answered is on the disk.
const DURABLE: &str = "SELECT current_setting('synchronous_commit'), current_setting('fsync')";

impl Connection {
    /// Refuses a server that acknowledges what a crash would take back. How much more than its own
    /// disk a commit waits for, a standby for example, is the operator's choice and stays as it is.
    async fn is_durable(&self) -> Result<(), Failure> {
        let found = self.query(DURABLE, &[]).await?;
        let names = ["synchronous_commit", "fsync"];
        for (at, name) in names.iter().enumerate() {
            if found.iter().any(|row| row.get::<_, &str>(at) == "off") {
                return Err(Failure::said(format!(
                    "{name} is off: what is committed would be lost in a crash; set it to on for this user or server"
                )));
            }
        }
        Ok(())
    }

    /// Runs statements without parameters that begin a transaction.
    pub(crate) async fn begin(&self, text: &str) -> Result<(), Failure> {
        self.open.store(true, Ordering::SeqCst);
        Ok(self.client.batch_execute(text).await?)
    }

    pub(crate) async fn commit(&self) -> Result<(), Failure> {
        self.end("COMMIT").await
    }

    pub(crate) async fn rollback(&self) -> Result<(), Failure> {
        self.end("ROLLBACK").await
    }

    async fn end(&self, text: &str) -> Result<(), Failure> {
        self.client.batch_execute(text).await?;
        self.open.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Runs one statement without parameters, outside of a transaction of ours.
    pub(crate) async fn run(&self, text: &str) -> Result<(), Failure> {
        Ok(self.client.batch_execute(text).await?)
    }

    pub(crate) async fn query(
        &self,
        text: &str,
        params: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, Failure> {
        Ok(self.client.query_typed(text, params).await?)
    }

    pub(crate) async fn execute(
        &self,
        text: &str,
        params: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<u64, Failure> {
        Ok(self.client.execute_typed(text, params).await?)
    }
}
