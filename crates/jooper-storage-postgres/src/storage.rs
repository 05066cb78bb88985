//! The store itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{WorkspaceId, from_millis};
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError, tables,
};
use tokio::sync::oneshot;

use crate::catalog::{Catalog, NOW};
use crate::commit::{self, Stopped};
use crate::connection::Connection;
use crate::error::Failure;
use crate::group::{Lines, Runner, Waiting};
use crate::options::PostgresOptions;
use crate::pipeline::Step;
use crate::server::{ATTEMPTS, Server, Work};
use crate::{claim, erase, migrate, patience, read, spawn};

/// A [`Storage`] in a PostgreSQL schema; any number of processes may share it. Clones share the
/// pool.
#[derive(Debug, Clone)]
pub struct PostgresStorage(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) server: Server,
    pub(crate) catalog: Catalog,
    lines: Lines,
    /// Batches, and the transactions they shared.
    shared: (AtomicU64, AtomicU64),
    /// The latest time that was told.
    clock: AtomicI64,
    /// The day whose partitions of the log were looked after last, since 1970.
    day: AtomicI64,
}

const DAY_MILLIS: i64 = 86_400_000;

/// How often the other tasks of this process have their turn before the next group goes, at most, and
/// how often in a row without a further batch. Another thread of the runtime needs a moment to
/// wake and take its share of those who were answered.
const GATHERING: u32 = 24;
const STILL: u32 = 4;

/// Reads the server's clock.
struct Now;

impl Work<i64> for Now {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<i64, Failure>> {
        Box::pin(async move {
            let rows = connection.query(NOW, &[]).await?;
            Ok(rows.first().map_or(i64::MIN, |row| row.get(0)))
        })
    }
}

impl PostgresStorage {
    /// Connects to this address, and brings its schema `jooper` to the newest version.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server does not answer, [`StoreError::Schema`] when a
    /// newer jooper wrote the data, [`StoreError::Invalid`] when the address does not read.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        PostgresOptions::new(address)?.open().await
    }

    pub(crate) async fn open_with(options: PostgresOptions) -> Result<Self, StoreError> {
        let inner = Inner {
            server: Server::new(options)?,
            catalog: Catalog::new(tables::all()),
            lines: Lines::default(),
            shared: Default::default(),
            clock: AtomicI64::new(i64::MIN),
            day: AtomicI64::new(i64::MIN),
        };
        let connection = inner.server.connection().await?;
        migrate::migrate(&connection, &inner.server.options).await?;
        drop(connection);
        let store = Self(Arc::new(inner));
        store.maintain().await?;
        Ok(store)
    }

    /// Adds the log's partitions of the next three months. The store does so itself when it is
    /// opened and on the first claim of every day.
    ///
    /// # Errors
    /// As [`Storage::now`].
    pub async fn maintain(&self) -> Result<(), StoreError> {
        let now = self.0.server.repeatable(&Now).await?;
        self.0
            .day
            .store(now.div_euclid(DAY_MILLIS), Ordering::SeqCst);
        self.0.partitions(now).await
    }

    /// How many batches shared how many transactions since the store was opened: (batches,
    /// transactions).
    pub fn shared_transactions(&self) -> (u64, u64) {
        let (batches, transactions) = &self.0.shared;
        (
            batches.load(Ordering::Relaxed),
            transactions.load(Ordering::Relaxed),
        )
    }

    /// Closes every connection; later calls fail.
    pub fn close(&self) {
        self.0.server.close();
    }
}

impl Inner {
    async fn partitions(&self, now: i64) -> Result<(), StoreError> {
        let connection = self.server.connection().await?;
        migrate::partitions(&connection, &self.server.options, now).await
    }

    /// On a new day: partitions for the months ahead, beside the call that noticed it. A process
    /// that runs for longer than they reach would otherwise fill the partition for the rest.
    fn look_after(self: &Arc<Self>, now: i64) {
        let today = now.div_euclid(DAY_MILLIS);
        if self.day.swap(today, Ordering::SeqCst) == today {
            return;
        }
        let inner = Arc::clone(self);
        drop(spawn::task(async move {
            if let Err(error) = inner.partitions(now).await {
                tracing::warn!(%error, "the log's partitions were not looked after; again tomorrow");
            }
        }));
    }

    /// Runs what waits for a workspace, group by group, until nothing does.
    async fn serve(self: Arc<Self>, scope: Scope) {
        let mut runner = Runner::new(&self.lines, scope);
        while let Some(group) = runner.next() {
            let answered = group.len();
            self.run(scope, group).await;
            self.gather(scope, answered).await;
        }
    }

    /// Lets those who were just answered come back: what they write next belongs into the next group,
    /// which would otherwise be of the others only, and theirs the one behind it. Goes on once as many
    /// wait, or nobody more comes.
    async fn gather(&self, scope: Scope, answered: usize) {
        let (mut most, mut still) = (0, 0);
        for _ in 0..GATHERING {
            tokio::task::yield_now().await;
            let waiting = self.lines.urgent(scope);
            still = if waiting > most { 0 } else { still + 1 };
            most = most.max(waiting);
            // Behind an empty line nobody is kept waiting by not waiting for more.
            if waiting == 0 || waiting >= answered || still == STILL {
                return;
            }
        }
    }

    async fn run(&self, scope: Scope, group: Vec<Waiting>) {
        let (batches, answers): (Vec<Batch>, Vec<_>) = group.into_iter().unzip();
        self.shared
            .0
            .fetch_add(batches.len() as u64, Ordering::Relaxed);
        self.shared.1.fetch_add(1, Ordering::Relaxed);
        let mut results = Vec::with_capacity(batches.len());
        match self.commit(scope, &batches).await {
            Ok(answers) => results = answers,
            // One of them meets a row that does not read, or the server does not take its values: the
            // others need not suffer for it.
            Err(_) if batches.len() > 1 => {
                for alone in batches.chunks(1) {
                    let answer = self.commit(scope, alone).await;
                    results.extend(answer.unwrap_or_else(|error| vec![Err(error)]));
                }
            }
            Err(error) => results.push(Err(error)),
        }
        for (to, result) in answers.into_iter().zip(results) {
            // Whoever asked may have stopped waiting; the write stands all the same.
            let _ = to.send(result);
        }
    }

    /// Commits together and answers each; or says why nothing was done: what they touch cannot be
    /// read, or the server does not take what one of several writes.
    async fn commit(&self, scope: Scope, batches: &[Batch]) -> Result<Answers, StoreError> {
        let begin = self.server.begin();
        let all = |error: &dyn Fn() -> StoreError| batches.iter().map(|_| Err(error())).collect();
        let mut attempt = 1;
        // What came back when `COMMIT` was sent and its answer was lost: whatever fails from then on,
        // it may have happened.
        let mut unsure: Option<Failure> = None;
        loop {
            let connection = match self.server.connection().await {
                Ok(connection) => connection,
                Err(error) => {
                    return Ok(match unsure {
                        Some(failure) => all(&|| failure.to_commit_error()),
                        None => shared(batches.len(), error),
                    });
                }
            };
            let work = commit::commit(&connection, &self.catalog, &begin, scope, batches);
            let ran = patience::wait(self.server.options.most(), work).await;
            // Whether COMMIT was on its way, nobody knows.
            let (failure, again) = match ran.map_err(Stopped::Behind).flatten() {
                Ok(answers) => return Ok(answers),
                Err(Stopped::Read(error)) => return Err(error),
                Err(Stopped::Before(failure))
                    if failure.is_of_values() && batches.len() > 1 && unsure.is_none() =>
                {
                    return Err(failure.to_store_error());
                }
                Err(Stopped::Before(failure)) => {
                    let again = failure.is_lost() || failure.is_transient();
                    (failure, again)
                }
                Err(Stopped::Behind(failure)) => {
                    let again = failure.is_lost() && commit::only_append(batches);
                    if failure.is_lost() {
                        unsure.get_or_insert_with(|| failure.clone());
                    }
                    (failure, again)
                }
            };
            if !again || attempt == ATTEMPTS {
                return Ok(match unsure {
                    Some(failure) => all(&|| failure.to_commit_error()),
                    None => all(&|| failure.to_store_error()),
                });
            }
            if failure.is_lost() {
                connection.discard();
            }
            attempt += 1;
        }
    }
}

type Answers = Vec<Result<(), StoreError>>;

/// One error for all: the first gets it, with what the pool says.
fn shared(count: usize, error: StoreError) -> Answers {
    let mut first = Some(error);
    let error = |_| Err(first.take().unwrap_or(StoreError::Busy(None)));
    (0..count).map(error).collect()
}

#[async_trait]
impl Storage for PostgresStorage {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.validate()?;
        // Alone, so that nobody else's batch is refused with it.
        batch.writes.iter().try_for_each(|write| {
            let table = write.key().table();
            self.0.catalog.of(table).map(|_| ())
        })?;
        let scope = batch.scope;
        let (to, answer) = oneshot::channel();
        let most = self.0.server.options.queue;
        if self.0.lines.join((batch, to), most)? {
            // Ends when nobody waits any more.
            drop(spawn::task(Arc::clone(&self.0).serve(scope)));
        }
        // A group that panicked has dropped its answers: whether it had committed, nobody knows.
        answer.await.unwrap_or(Err(StoreError::Unknown(None)))
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        keys.iter().try_for_each(|key| key.validate(scope))?;
        let mut rows: BTreeMap<Key, Row> = read::get(&self.0, scope, keys).await?;
        let mut left: BTreeMap<&Key, usize> = BTreeMap::new();
        for key in keys {
            *left.entry(key).or_default() += 1;
        }
        Ok(keys
            .iter()
            .map(|key| {
                let uses = left.get_mut(key)?;
                *uses -= 1;
                // The last answer takes the row, the others copy it.
                if *uses == 0 {
                    rows.remove(key)
                } else {
                    rows.get(key).cloned()
                }
            })
            .collect())
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        scan.table.in_scope(scope)?;
        let segments = scan.segments()?;
        read::scan(&self.0, scope, &scan, &segments).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        claim.validate()?;
        let now = self.now().await?.as_millisecond();
        self.0.look_after(now);
        claim::claim(&self.0, &claim, now).await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        cursor.validate()?;
        read::log(&self.0, workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        erase::erase(&self.0, erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        let now = self.0.server.repeatable(&Now).await?;
        // The server's clock may be set back; leases must not come back with it.
        let latest = self.0.clock.fetch_max(now, Ordering::SeqCst);
        Ok(from_millis(latest.max(now)))
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.durable = true;
        capabilities.multi_process = true;
        capabilities.serializable = true;
        capabilities.snapshot_get = true;
        capabilities
    }
}

#[cfg(test)]
mod tests;
