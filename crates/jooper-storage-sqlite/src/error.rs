//! What SQLite says, as what the caller does next.

use std::path::Path;

use jooper_storage::StoreError;
use rusqlite::{ErrorCode, ffi};

/// SQLite's own words, cloneable, without values: its messages name tables and columns only.
#[derive(Debug, Clone, thiserror::Error)]
#[error("SQLite: {message} (code {code})")]
pub(crate) struct Failure {
    code: i32,
    message: String,
}

impl Failure {
    pub(crate) fn new(error: &rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(cause, message) => Self {
                code: cause.extended_code,
                message: message.clone().unwrap_or_else(|| cause.to_string()),
            },
            other => Self {
                code: ffi::SQLITE_ERROR,
                message: other.to_string(),
            },
        }
    }

    pub(crate) fn said(message: impl Into<String>) -> Self {
        Self {
            code: ffi::SQLITE_ERROR,
            message: message.into(),
        }
    }

    /// SQLite rolled the whole group back because of one of its jobs.
    pub(crate) fn rolled_back() -> Self {
        Self {
            code: ffi::SQLITE_BUSY,
            message: "the disk failed another batch of the same commit".to_owned(),
        }
    }

    /// The error for a call of which nothing was kept.
    pub(crate) fn to_store_error(&self) -> StoreError {
        let source = || Some(self.clone().into());
        // A file that cannot grow is a full disk also where SQLite calls it an I/O error: the
        // index of the log (xShmMap) reports ENOSPC that way (sqlite.org/rescode.html).
        if matches!(self.code, ffi::SQLITE_IOERR_SHMSIZE) {
            return StoreError::Full(source());
        }
        match ffi::Error::new(self.code).code {
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted => StoreError::Busy(source()),
            ErrorCode::DiskFull => StoreError::Full(source()),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt {
                place: "the SQLite file".to_owned(),
                source: source(),
            },
            ErrorCode::Unknown => StoreError::Corrupt {
                place: "the SQLite schema".to_owned(),
                source: source(),
            },
            _ => StoreError::Unavailable(source()),
        }
    }

    /// The error for a `COMMIT` that failed.
    ///
    /// When the disk refuses to sync, what reached it is unknown; every other failure of `COMMIT`
    /// leaves the transaction open, and it is rolled back.
    pub(crate) fn to_commit_error(&self) -> StoreError {
        match self.code {
            ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC => {
                StoreError::Unknown(Some(self.clone().into()))
            }
            _ => self.to_store_error(),
        }
    }
}

pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    Failure::new(&error).to_store_error()
}

pub(crate) fn io_error(path: &Path, error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full(Some(error.into())),
        std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied => {
            let place = path.display();
            let said = std::io::Error::new(error.kind(), format!("{place}: {error}"));
            StoreError::Unavailable(Some(said.into()))
        }
        _ => StoreError::Unavailable(Some(error.into())),
    }
}

/// The thread met a bug while it did this, and goes on with what is behind it.
pub(crate) fn panicked() -> StoreError {
    let said = "what was asked for panicked; what the program wrote to its error output says where";
    StoreError::Unavailable(Some(Failure::said(said).into()))
}

pub(crate) fn closed() -> StoreError {
    StoreError::Unavailable(Some(Failure::said("this store was closed").into()))
}
