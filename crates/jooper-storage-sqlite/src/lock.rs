//! One process owns a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jooper_storage::StoreError;

use crate::error::io_error;

/// An exclusive lock that ends with its owner, also when the owner is killed.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    /// Locks the file beside `path`, or says that it is in use.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let beside = beside(path, "-lock");
        let file = private(&beside)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(io_error(&beside, error)),
        }
    }
}

/// Opens or creates a file that only its owner may read.
pub(crate) fn private(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| io_error(path, error))
}

/// `path` with a suffix behind its whole name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
