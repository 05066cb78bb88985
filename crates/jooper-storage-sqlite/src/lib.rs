//! SQLite behind the storage waist: one file, one process, nothing to install.
//!
//! [`SqliteStorage::open`] is all most embedders need. One thread writes: batches that arrive
//! while the disk syncs share the next sync, each in a savepoint of its own, reserve and settle
//! before bulk work. Reads run on connections of their own. The file is in WAL mode with
//! `synchronous=FULL` and `secure_delete=ON`; both are read back, since SQLite ignores what it
//! does not like.
//!
//! One process owns the file. A second one gets [`StoreError::InUse`](jooper_storage::StoreError),
//! which names PostgreSQL: the same suite, any number of processes.

mod catalog;
mod cell;
mod clock;
mod error;
mod lock;
mod migrate;
mod names;
mod open;
mod options;
mod pragma;
mod reader;
#[cfg(test)]
mod schema;
mod session;
mod spawn;
mod storage;
mod writer;

pub use options::SqliteOptions;
pub use storage::SqliteStorage;
