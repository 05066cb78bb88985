//! SQLite behind the storage waist: one file, one process, nothing to install.
//!
//! [`SqliteStorage::open`] is all most embedders need. One thread writes: batches that arrive
//! while the disk syncs share the next sync, each in a savepoint of its own, reserve and settle
//! before bulk work. Reads run on connections of their own. The file is in WAL mode with
//! `synchronous=FULL` and `secure_delete=ON`; both are read back, since SQLite ignores what it
//! does not like.
//!
//! Copy the file with [`SqliteStorage::backup_to`], never with a file copy; put a copy back with
//! [`SqliteStorage::restore`]. [`FileWitness`] is the witness of one machine (law L13): keep it apart
//! from the data and from its backups.
//!
//! One process owns the file. A second one gets [`StoreError::InUse`](jooper_storage::StoreError),
//! which names PostgreSQL: the same suite, any number of processes.

mod backup;
mod catalog;
mod cell;
mod clock;
mod desk;
mod error;
mod lock;
mod migrate;
mod open;
mod options;
mod pragma;
mod queue;
mod reader;
#[cfg(test)]
mod schema;
mod session;
mod spawn;
mod storage;
mod texts;
mod witness;
mod writer;

pub use backup::Backup;
pub use options::SqliteOptions;
pub use storage::SqliteStorage;
pub use witness::FileWitness;
