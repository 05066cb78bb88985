//! How a store is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jooper_core::Clock;
use jooper_storage::StoreError;

use crate::clock::AnchoredClock;
use crate::storage::SqliteStorage;
use crate::writer::Watch;

/// Settings of a [`SqliteStorage`].
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    pub(crate) path: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) readers: usize,
    pub(crate) cache_kib: u32,
    pub(crate) queue: usize,
    pub(crate) watch: Watch,
}

impl SqliteOptions {
    /// The store in this file: 2 readers, 8 MiB of page cache for the writer, up to 10,000 calls
    /// waiting. The kernel keeps what this cache does not: with 64 MiB sends and reserves were no faster.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            clock: Arc::new(AnchoredClock::new()),
            readers: 2,
            cache_kib: 8 << 10,
            queue: 10_000,
            watch: Watch::default(),
        }
    }

    /// Lets leases end by this clock. For tests; it must never be accelerated.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How many threads read, at least 1.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How much page cache the writer keeps, in KiB; each reader keeps a quarter of it.
    #[must_use]
    pub const fn cache_kib(mut self, kib: u32) -> Self {
        self.cache_kib = kib;
        self
    }

    /// Calls this with the number of writes that shared a commit, once for each commit and in their
    /// order: for a histogram. It is called while nobody else can write.
    #[must_use]
    pub fn watch_groups(mut self, watch: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.watch = Watch::new(watch);
        self
    }

    /// How many calls may wait before more are refused with [`StoreError::Busy`], at least 1.
    #[must_use]
    pub fn queue(mut self, calls: usize) -> Self {
        self.queue = calls.max(1);
        self
    }

    /// Opens the store, or makes a new one.
    ///
    /// # Errors
    /// As [`SqliteStorage::open`].
    pub async fn open(self) -> Result<SqliteStorage, StoreError> {
        SqliteStorage::open_with(self).await
    }
}
