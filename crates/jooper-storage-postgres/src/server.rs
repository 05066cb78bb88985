//! A pool of connections to one server, and what every call on it has in common.

use jooper_storage::StoreError;

use crate::connection::{Connection, Lease, Pool};
use crate::error::{Failure, pool_error};
use crate::options::PostgresOptions;
use crate::patience;
use crate::pipeline::Step;

/// How often work that met a deadlock or a lost connection is run again before its callers hear of
/// it.
pub(crate) const ATTEMPTS: usize = 3;

#[derive(Debug)]
pub(crate) struct Server {
    pool: Pool,
    pub(crate) options: PostgresOptions,
}

/// Something that may be run again on another connection.
pub(crate) trait Work<T> {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<T, Failure>>;
}

impl Server {
    pub(crate) fn new(options: PostgresOptions) -> Result<Self, StoreError> {
        let options = options.checked()?;
        Ok(Self {
            pool: options.pool()?,
            options,
        })
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }

    pub(crate) async fn connection(&self) -> Result<Lease, StoreError> {
        self.pool.get().await.map(Lease::new).map_err(pool_error)
    }

    /// Begins a transaction that writes.
    pub(crate) fn begin(&self) -> String {
        format!("BEGIN; {}", self.options.locals())
    }

    /// Begins a transaction that reads one point in time.
    pub(crate) fn snapshot(&self) -> String {
        let locals = self.options.locals();
        format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {locals}")
    }

    /// Runs something that may be repeated, once more when its connection turns out to be gone.
    pub(crate) async fn repeatable<T>(&self, work: &(dyn Work<T> + Sync)) -> Result<T, StoreError> {
        let mut attempt = 1;
        loop {
            let connection = self.connection().await?;
            let ran = patience::wait(self.options.most(), work.run(&connection)).await;
            match ran.flatten() {
                Ok(value) => return Ok(value),
                Err(failure) => {
                    let gone = failure.is_lost() || failure.is_transient();
                    if !gone || attempt == ATTEMPTS {
                        connection.clean(&failure, self.options.silence).await;
                        return Err(failure.to_store_error());
                    }
                    connection.discard();
                    attempt += 1;
                }
            }
        }
    }
}
