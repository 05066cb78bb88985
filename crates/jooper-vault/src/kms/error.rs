//! Why the key store did not answer.

use std::path::PathBuf;

use jooper_core::Retry;

/// Why the key store did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KmsError {
    /// There is no key of this epoch: it was destroyed, or this is another key store.
    #[error("the key store has no key of epoch {epoch}")]
    UnknownEpoch {
        /// Which epoch.
        epoch: u64,
    },
    /// The wrapped key was not made by this key store for this use.
    #[error("a wrapped key does not belong to this key store; is it the one of this data?")]
    NotAuthentic,
    /// The current epoch cannot be destroyed.
    #[error("epoch {epoch} is the current one; begin a new epoch before destroying it")]
    CurrentEpoch {
        /// Which epoch.
        epoch: u64,
    },
    /// The passphrase is wrong, or the file was changed by hand.
    #[error(
        "the passphrase does not open the key file {path}: give the one it was created with, or, if \
         the file was damaged, put its backup in place"
    )]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// An empty passphrase protects nothing.
    #[error("the passphrase for the key file {path} is empty: give one of at least 1 character")]
    EmptyPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// There is no such file.
    #[error("there is no key file {path}: create it, or put its backup in place")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// There is already a file.
    #[error("the key file {path} already exists: open it, or choose another path")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a key file, or cut short.
    #[error("{path} is not a readable key file ({what}): put its backup in place")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file cannot be read or written.
    #[error("the key file {path} cannot be read or written: check its folder and permissions")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The settings of the passphrase hash are out of range.
    #[error("the Argon2id settings are out of range ({0})")]
    Settings(&'static str),
    /// The key store, or the source of randomness, cannot be reached.
    #[error("the key store cannot be reached; check that it runs and try again")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

impl KmsError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unavailable(_) | Self::Io { .. } => Retry::Backoff,
            _ => Retry::Never,
        }
    }
}

impl From<crate::key::Failed> for KmsError {
    fn from(_: crate::key::Failed) -> Self {
        Self::Unavailable(None)
    }
}
