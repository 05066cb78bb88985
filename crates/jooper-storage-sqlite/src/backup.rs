//! Copies of the store while it works, and back.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jooper_storage::StoreError;
use rusqlite::{Connection, OpenFlags, backup};
use tokio::sync::oneshot;

use crate::error::{Failure, closed, io_error, store_error};
use crate::lock::{self, beside};
use crate::storage::SqliteStorage;
use crate::{migrate, open, pragma, spawn};

/// What a verified copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backup {
    /// The size of the file.
    pub bytes: u64,
    /// The version of its schema.
    pub schema: i64,
}

/// The version of the schema since which the data carries a mark.
const MARKED_SINCE: i64 = 2;

impl SqliteStorage {
    /// Copies the store as it is at one point in time into a new file, and verifies the copy.
    ///
    /// Writers go on meanwhile. An erasure is not physical before the copy is done, and the copy
    /// keeps what it holds: backups of erased people end with their key epoch (law L9).
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the file exists, [`StoreError::Full`] when the copy does not
    /// fit, [`StoreError::Corrupt`] when it does not verify. No file is left then.
    pub async fn backup_to(&self, file: impl AsRef<Path>) -> Result<Backup, StoreError> {
        let (from, to) = (self.path().to_owned(), file.as_ref().to_owned());
        on_a_thread(move || {
            let source = open::connect(&from, 1 << 10)?;
            publish(&to, |partial| copy(&source, partial))
        })
        .await
    }

    /// Copies a store that another process may have open, as [`SqliteStorage::backup_to`] does.
    ///
    /// # Errors
    /// As [`SqliteStorage::backup_to`]; [`StoreError::Unavailable`] when there is no such store.
    pub async fn backup_file(
        store: impl AsRef<Path>,
        file: impl AsRef<Path>,
    ) -> Result<Backup, StoreError> {
        let (from, to) = (store.as_ref().to_owned(), file.as_ref().to_owned());
        on_a_thread(move || {
            fs::metadata(&from).map_err(|error| io_error(&from, error))?;
            let source = open::connect(&from, 1 << 10)?;
            publish(&to, |partial| copy(&source, partial))
        })
        .await
    }

    /// Verifies a backup and puts it where a store can be opened.
    ///
    /// The restored data knows less than the witness: it must stay silent until the witness is
    /// replayed (law L13).
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the target exists, or a log beside the backup (`-wal`: a store
    /// that was copied as a file); [`StoreError::Corrupt`] when the backup is
    /// damaged or not ours, [`StoreError::Schema`] when a newer jooper wrote it.
    pub async fn restore(
        backup: impl AsRef<Path>,
        target: impl AsRef<Path>,
    ) -> Result<Backup, StoreError> {
        let (from, to) = (backup.as_ref().to_owned(), target.as_ref().to_owned());
        on_a_thread(move || {
            // What lies in its log would be verified and left behind.
            if beside(&from, "-wal").exists() {
                return Err(StoreError::Invalid(format!(
                    "{} has a log beside it, so it is a store and no backup; make a backup of it",
                    from.display()
                )));
            }
            verify(&from)?;
            for left in ["-wal", "-shm"] {
                refuse_existing(&beside(&to, left))?;
            }
            publish(&to, |partial| {
                fs::copy(&from, partial).map_err(|error| io_error(partial, error))?;
                Ok(())
            })
        })
        .await
    }
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (to, answer) = oneshot::channel();
    let thread = spawn::thread("jooper-sqlite-backup", move || drop(to.send(work())))
        .map_err(|error| StoreError::Unavailable(Some(error.into())))?;
    let result = answer.await.unwrap_or_else(|_| Err(closed()));
    // It has answered, so it is ending.
    let _ = thread.join();
    result
}

/// Makes `file` appear whole, verified and synced, or not at all.
fn publish(
    file: &Path,
    fill: impl FnOnce(&Path) -> Result<(), StoreError>,
) -> Result<Backup, StoreError> {
    refuse_existing(file)?;
    let partial = beside(file, ".partial");
    drop(lock::private(&partial)?);
    let made = fill(&partial)
        .and_then(|()| verify(&partial))
        .and_then(|backup| {
            let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all());
            sync(&partial)
                .and_then(|()| fs::rename(&partial, file))
                .and_then(|()| sync(&parent(file)))
                .map_err(|error| io_error(file, error))?;
            Ok(backup)
        });
    if made.is_err() {
        // What is half there must not be taken for a backup.
        let _ = fs::remove_file(&partial);
    }
    made
}

fn parent(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn refuse_existing(file: &Path) -> Result<(), StoreError> {
    if file.exists() {
        let place = file.display();
        return Err(StoreError::Invalid(format!(
            "{place} exists; choose a new name"
        )));
    }
    Ok(())
}

fn copy(source: &Connection, target: &Path) -> Result<(), StoreError> {
    let mut copied = Connection::open(target).map_err(store_error)?;
    {
        let backup = backup::Backup::new(source, &mut copied).map_err(store_error)?;
        // All pages in one step: one point in time, however busy the writer is.
        match backup.step(-1).map_err(store_error)? {
            backup::StepResult::Done => {}
            _ => {
                return Err(StoreError::Busy(Some(
                    Failure::said("the copy was disturbed").into(),
                )));
            }
        }
    }
    // It says of itself that it is a copy: whoever opens it begins a new epoch (law L13).
    if migrate::version(&copied)? >= MARKED_SINCE {
        copied
            .execute("UPDATE \"installation\" SET \"mark\" = 0", [])
            .map_err(store_error)?;
    }
    // One file: the copy needs no log of its own.
    copied
        .query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
        .map_err(store_error)?;
    copied.close().map_err(|(_, error)| store_error(error))
}

/// Reads the whole file and its indexes.
fn verify(file: &Path) -> Result<Backup, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(store_error)?;
    let schema = migrate::version(&connection)?;
    let newest = migrate::newest();
    if schema > newest {
        return Err(StoreError::Schema {
            found: schema,
            expected: newest,
        });
    }
    let said = pragma::read(&connection, "integrity_check")?;
    if schema == 0 || said != "ok" {
        return Err(StoreError::Corrupt {
            place: "the backup".to_owned(),
            source: Some(Failure::said(said).into()),
        });
    }
    let bytes = fs::metadata(file)
        .map_err(|error| io_error(file, error))?
        .len();
    Ok(Backup { bytes, schema })
}
