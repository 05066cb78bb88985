//! Why the vault did not seal, open or find a key.

use jooper_core::{Retry, SubjectId};
use jooper_storage::StoreError;

use crate::kms::KmsError;

/// Why the vault did not do what was asked. No variant repeats content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// This subject has no key: erased, or never written.
    #[error("{subject} has no key: it was erased, or it never existed")]
    NoKey {
        /// Whose key.
        subject: SubjectId,
    },
    /// The data is older than the keys: its epoch has ended, so what it wraps cannot be read any
    /// more. That is how an erasure reaches a backup (law L9).
    #[error(
        "the data is older than the keys: epoch {epoch} has ended and its key was destroyed; use newer \
         data, or the key store that was copied on the same day if you still keep it"
    )]
    DataOlder {
        /// The epoch that has ended.
        epoch: u64,
    },
    /// The keys are older than the data: the key store does not know this epoch yet. Nothing is
    /// written under it, since the same number would stand for two keys.
    #[error(
        "the keys are older than the data: it uses epoch {epoch} and the key store ends with epoch \
         {newest}; put the newest copy of the key store back"
    )]
    KeysOlder {
        /// The epoch of the data.
        epoch: u64,
        /// The last epoch that the key store knows.
        newest: u64,
    },
    /// A wrapped key does not open, or opens to another key than was wrapped.
    #[error(
        "the key row of {subject} does not open: it was damaged or moved, or the key store belongs \
         to another installation"
    )]
    WrongKey {
        /// Whose key; the workspace's own id for a workspace key.
        subject: SubjectId,
    },
    /// The envelope was not sealed for this place under this key, or was changed.
    #[error("{table}.{column} does not open: it was changed, or sealed for another place")]
    NotAuthentic {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The envelope is of a version or algorithm that this jooper does not know.
    #[error("{table}.{column} is sealed in a form that this version of jooper does not read")]
    UnknownEnvelope {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The content came through the Gmail API and opens only for a named purpose (law L15).
    #[error("{table}.{column} came from Gmail: open it with `open_gmail`, for a purpose it allows")]
    FromGmail {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The content opened but is not of the expected shape.
    #[error("{table}.{column} opened, but holds something else than expected")]
    Content {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The operating system gave no random bytes, or the cipher refused the size.
    #[error("no random bytes from the operating system, or more data than one envelope holds")]
    Cipher,
    /// The key store did not answer.
    #[error(transparent)]
    Kms(#[from] KmsError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl VaultError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Kms(error) => error.retry(),
            Self::Store(error) => error.retry(),
            Self::Cipher => Retry::Backoff,
            _ => Retry::Never,
        }
    }
}

impl From<crate::key::Failed> for VaultError {
    fn from(_: crate::key::Failed) -> Self {
        Self::Cipher
    }
}
