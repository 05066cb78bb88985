//! Why leads could not be read or written.

use jooper_core::Retry;
use jooper_storage::StoreError;
use jooper_vault::VaultError;

/// Why leads could not be read or written. Holds no personal data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeadsError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl LeadsError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store(error) => error.retry(),
            Self::Vault(error) => error.retry(),
        }
    }

    /// Whether rows changed under the call, so that doing it again makes sense.
    pub(crate) const fn is_conflict(&self) -> bool {
        match self {
            Self::Store(error) | Self::Vault(VaultError::Store(error)) => error.is_conflict(),
            Self::Vault(_) => false,
        }
    }
}
