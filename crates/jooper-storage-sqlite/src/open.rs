//! From a path to connections with the right settings and the newest schema.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use jooper_core::SystemLeaseClock;
use jooper_storage::{StoreError, tables};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use crate::catalog::Catalog;
use crate::desk::Desk;
use crate::error::{closed, io_error, store_error};
use crate::lock::{self, Lock};
use crate::options::SqliteOptions;
use crate::queue::Queue;
use crate::session::Session;
use crate::writer::{Job, Shared, Writer};
use crate::{migrate, pragma, spawn};

/// A store's parts: the writer runs already.
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) writer: JoinHandle<()>,
    pub(crate) desk: Desk,
    pub(crate) readers: Vec<Session>,
}

/// Opens everything on the thread that will write, and leaves it there.
pub(crate) async fn open(
    options: SqliteOptions,
    queue: Arc<Queue<Job>>,
    shared: Arc<Shared>,
) -> Result<Opened, StoreError> {
    let (ready, opened) = oneshot::channel();
    let writer = spawn::thread("jooper-sqlite-writer", move || {
        match prepare(&options, shared) {
            Ok((lock, path, writer, readers)) => {
                let desk = writer.desk.clone();
                if ready.send(Ok((path, desk.clone(), readers))).is_ok() {
                    writer.run(&queue);
                }
                desk.close();
                // Last: the file is closed before another process may have it.
                drop(lock);
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    })
    .map_err(|error| StoreError::Unavailable(Some(error.into())))?;
    let (path, desk, readers) = opened.await.unwrap_or_else(|_| Err(closed()))?;
    Ok(Opened {
        path,
        writer,
        desk,
        readers,
    })
}

fn prepare(
    options: &SqliteOptions,
    shared: Arc<Shared>,
) -> Result<(Lock, PathBuf, Writer, Vec<Session>), StoreError> {
    // Made before SQLite makes it, so that only its owner may read it.
    drop(lock::private(&options.path)?);
    let path = options
        .path
        .canonicalize()
        .map_err(|error| io_error(&options.path, error))?;
    let lock = Lock::take(&path)?;
    let connection = connect(&path, options.cache_kib)?;
    migrate::migrate(&connection)?;
    let catalog = Arc::new(Catalog::new(tables::all()));
    let clock = Arc::clone(&options.clock);
    let writer = Writer {
        shared,
        desk: Desk::new(Session::new(connection, Arc::clone(&catalog))),
        now: Box::new(move || clock.now().as_millisecond()),
        lease_clock: Box::new(SystemLeaseClock::new()),
        passed: Default::default(),
    };
    let mut readers = Vec::with_capacity(options.readers);
    for _ in 0..options.readers {
        let connection = connect(&path, options.cache_kib / 4)?;
        connection
            .pragma_update(None, "query_only", true)
            .map_err(store_error)?;
        readers.push(Session::new(connection, Arc::clone(&catalog)));
    }
    Ok((lock, path, writer, readers))
}

/// The one way to a connection: every setting is applied and read back.
pub(crate) fn connect(path: &Path, cache_kib: u32) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(store_error)?;
    pragma::apply(&connection, cache_kib)?;
    Ok(connection)
}
