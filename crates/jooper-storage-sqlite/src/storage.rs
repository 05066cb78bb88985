//! The store itself: hands every call to the thread that can do it.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Clock, SystemLeaseClock, WorkspaceId};
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError,
};
use tokio::sync::oneshot;

use crate::desk::{Desk, Versions};
use crate::error::{Failure, closed, panicked};
use crate::open::{self, Opened};
use crate::options::SqliteOptions;
use crate::queue::{Queue, Refused};
use crate::reader::{self, Read};
use crate::session::Session;
use crate::writer::{Job, Shared, commit_here};

/// A [`Storage`] in one SQLite file, owned by one process. Clones share it.
///
/// Writes go through one thread, where batches that wait at the same time share one sync of the
/// disk. Where commits are as quick as the way to that thread (up to 250 µs, also on quick disks; a
/// checkpoint may take longer) a small batch runs where it is called, while the thread is idle, nothing
/// waits for it and nobody would have shared the sync. A call that was given up while it waited is not
/// run: it would overtake what its caller did instead. Reads run on threads of their own, but for small
/// ones, which run where they are called while a connection is idle, the writer's first: they never wait
/// for a lock, and for the disk as long as a page that is not cached takes. The threads end when the last
/// clone is dropped, after what waits is done.
#[derive(Debug, Clone)]
pub struct SqliteStorage(Arc<Inner>);

struct Inner {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    lease_clock: SystemLeaseClock,
    shared: Arc<Shared>,
    writes: Arc<Queue<Job>>,
    reads: Arc<Queue<Read>>,
    desk: Desk,
    readers: Vec<reader::Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn stop(&self) {
        self.writes.close();
        self.reads.close();
    }

    fn join(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
        self.join();
    }
}

impl SqliteStorage {
    /// Opens the store in this file, or makes a new one.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process owns it, [`StoreError::Schema`] when a newer
    /// jooper wrote it, [`StoreError::Corrupt`] when it is not ours or damaged,
    /// [`StoreError::Unavailable`] when it cannot be opened.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        SqliteOptions::new(path).open().await
    }

    pub(crate) async fn open_with(options: SqliteOptions) -> Result<Self, StoreError> {
        let clock = Arc::clone(&options.clock);
        let writes = Arc::new(Queue::new(options.queue));
        let reads = Arc::new(Queue::new(options.queue));
        let shared = Arc::new(Shared::watched_by(options.watch.clone()));
        let Opened {
            path,
            writer,
            desk,
            readers,
        } = open::open(options, Arc::clone(&writes), Arc::clone(&shared)).await?;
        let inner = Inner {
            path,
            clock,
            lease_clock: SystemLeaseClock::new(),
            shared,
            writes,
            reads: Arc::clone(&reads),
            desk,
            readers: readers.into_iter().map(reader::Shared::new).collect(),
            threads: Mutex::new(vec![writer]),
        };
        for shared in &inner.readers {
            let thread = reader::start(shared.clone(), Arc::clone(&reads))
                .map_err(|error| StoreError::Unavailable(Some(error.into())))?;
            inner
                .threads
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(thread);
        }
        Ok(Self(Arc::new(inner)))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// How many writes shared how many syncs of the disk since the store was opened: (writes,
    /// syncs).
    pub fn shared_syncs(&self) -> (u64, u64) {
        let shared = &self.0.shared;
        let (jobs, groups) = (&shared.jobs, &shared.groups);
        (jobs.load(Ordering::Relaxed), groups.load(Ordering::Relaxed))
    }

    /// Finishes what waits and gives the file back; later calls fail.
    ///
    /// Blocks the calling thread while the last batches are written.
    pub fn close(&self) {
        self.0.stop();
        self.0.join();
    }

    async fn write<T>(
        &self,
        bulk: bool,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let (to, answer) = oneshot::channel();
        self.0.writes.push(job(to), bulk).map_err(refused)?;
        match answer.await {
            Ok(result) => result,
            // It panicked with the answer: whether it had committed, nobody knows.
            Err(_) => Err(StoreError::Unknown(None)),
        }
    }

    /// Runs a small read here, if a connection is idle: the writer's, where a write behind it finds
    /// what it needs, else a reader's.
    async fn now<T>(&self, read: impl FnOnce(&Session, Option<&mut Versions>) -> T) -> Option<T> {
        let done = match self.0.desk.now(read) {
            Ok(done) => done,
            Err(read) => reader::now(&self.0.readers, read)?,
        };
        // Nothing was waited for: without this a loop of reads would keep other tasks from running.
        tokio::task::coop::consume_budget().await;
        Some(done)
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Session) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (to, answer) = oneshot::channel();
        let job: Read = Box::new(move |session| {
            // Nobody waits for a read that was given up.
            if !to.is_closed() {
                let _ = to.send(read(session));
            }
        });
        self.0.reads.push(job, false).map_err(refused)?;
        answer.await.unwrap_or_else(|_| Err(panicked()))
    }
}

fn refused(why: Refused) -> StoreError {
    match why {
        Refused::Full => StoreError::Busy(Some(Failure::said("too many calls wait").into())),
        Refused::Closed => closed(),
    }
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.validate()?;
        let Inner {
            desk,
            writes,
            shared,
            lease_clock,
            ..
        } = &*self.0;
        if let Some(done) = commit_here(desk, writes, shared, lease_clock, &batch) {
            // Nothing was waited for: without this a loop would keep other tasks from running.
            tokio::task::coop::consume_budget().await;
            return done;
        }
        self.write(batch.bulk, |to| Job::Commit(batch, to)).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        keys.iter().try_for_each(|key| key.validate(scope))?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        if reader::is_small(keys)
            && let Some(found) = self
                .now(|session, versions| {
                    let found = reader::get(session, scope, keys)?;
                    if let Some(versions) = versions {
                        versions.learn(scope, keys, &found);
                    }
                    Ok(found)
                })
                .await
        {
            return found;
        }
        let keys = keys.to_vec();
        self.read(move |session| reader::get(session, scope, &keys))
            .await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        scan.table.in_scope(scope)?;
        scan.order()?;
        if reader::may_be_few(&scan) {
            let few = self.now(|session, _| reader::scan_few(session, scope, &scan));
            if let Some(page) = few.await.transpose()?.flatten() {
                return Ok(page);
            }
        }
        self.read(move |session| reader::scan(session, scope, &scan))
            .await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        claim.validate()?;
        self.write(false, |to| Job::Claim(claim, to)).await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        cursor.validate()?;
        self.read(move |session| reader::read_log(session, workspace, cursor))
            .await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.write(false, |to| Job::Erase(erase, to)).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.0.clock.now())
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.durable = true;
        capabilities.serializable = true;
        capabilities.snapshot_get = true;
        capabilities
    }
}
