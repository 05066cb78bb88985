//! Connections and their pool.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, Object, PoolError, RecycleError, RecycleResult};
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Failure;
use crate::{patience, spawn};

pub(crate) type Pool = deadpool::managed::Pool<Connections>;
pub(crate) type PoolFailure = PoolError<Failure>;

/// A connection of the pool, for as long as somebody needs it.
///
/// One that is not clean goes back to nobody: in the pool it would keep its transaction, with the locks
/// of a workspace, until somebody draws it.
#[derive(Debug)]
pub(crate) struct Lease(Option<Object<Connections>>);

impl Lease {
    pub(crate) const fn new(connection: Object<Connections>) -> Self {
        Self(Some(connection))
    }

    /// Closes it, clean or not.
    pub(crate) fn discard(mut self) {
        drop(self.0.take().map(Object::take));
    }
}

impl std::ops::Deref for Lease {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0.as_ref().expect("it is taken out at its end alone")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take()
            && !connection.is_clean()
        {
            drop(Object::take(connection));
        }
    }
}

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
    /// Moves what is sent and answered.
    driver: JoinHandle<Result<(), Error>>,
    /// Whether a transaction may be open on it.
    open: AtomicBool,
    /// How many answers are owed: of what was given up, one too many for ever.
    owed: AtomicUsize,
}

impl Drop for Connection {
    fn drop(&mut self) {
        // It would wait for the answers that nobody hears, for as long as the server says nothing; and
        // the server would keep what the transaction holds.
        if !self.is_clean() {
            self.driver.abort();
        }
    }
}

impl Manager for Connections {
    type Type = Connection;
    type Error = Failure;

    async fn create(&self) -> Result<Connection, Failure> {
        let (client, driver) = self.config.connect(self.tls.clone()).await?;
        let connection = Connection {
            client,
            // Ends when the client is dropped; an error reaches every waiting statement.
            driver: spawn::task(driver),
            open: AtomicBool::new(false),
            owed: AtomicUsize::new(0),
        };
        connection.is_durable().await?;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Failure> {
        if connection.client.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        if !connection.is_clean() {
            return Err(RecycleError::message("something was given up on it"));
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

    /// Whether everything that was asked is answered, and no transaction open: nobody else gets a
    /// connection of which that is not known.
    fn is_clean(&self) -> bool {
        !self.open.load(Ordering::SeqCst) && self.owed.load(Ordering::SeqCst) == 0
    }

    /// Waits for an answer. It stays owed when the caller gives up, or the connection is lost.
    async fn answer<T>(
        &self,
        statement: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        self.owed.fetch_add(1, Ordering::SeqCst);
        let answer = statement.await;
        if answer
            .as_ref()
            .err()
            .is_none_or(|it| it.as_db_error().is_some())
        {
            self.owed.fetch_sub(1, Ordering::SeqCst);
        }
        Ok(answer?)
    }

    /// Runs statements without parameters that begin a transaction.
    pub(crate) async fn begin(&self, text: &str) -> Result<(), Failure> {
        self.open.store(true, Ordering::SeqCst);
        self.run(text).await
    }

    pub(crate) async fn commit(&self) -> Result<(), Failure> {
        self.end("COMMIT").await
    }

    pub(crate) async fn rollback(&self) -> Result<(), Failure> {
        self.end("ROLLBACK").await
    }

    /// Ends what a failure left open. A connection that does not say so in time is not clean, and
    /// nobody gets it.
    pub(crate) async fn clean(&self, failure: &Failure, most: Duration) {
        if !failure.is_lost() {
            let _ = patience::wait(most, self.rollback()).await;
        }
    }

    async fn end(&self, text: &str) -> Result<(), Failure> {
        self.run(text).await?;
        self.open.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Runs statements without parameters.
    pub(crate) async fn run(&self, text: &str) -> Result<(), Failure> {
        self.answer(self.client.batch_execute(text)).await
    }

    pub(crate) async fn query(
        &self,
        text: &str,
        params: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, Failure> {
        self.answer(self.client.query_typed(text, params)).await
    }

    pub(crate) async fn execute(
        &self,
        text: &str,
        params: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<u64, Failure> {
        self.answer(self.client.execute_typed(text, params)).await
    }
}

#[cfg(test)]
mod tests;
