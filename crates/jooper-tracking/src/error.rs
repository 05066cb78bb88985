//! Why a link could not be made or followed.

use jooper_consent::StopError;
use jooper_storage::StoreError;
use jooper_vault::VaultError;

/// A failure of the links. What a visitor sees never tells which.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackingError {
    /// The base URL is not one that links can begin with.
    #[error(
        "the base URL of links must be https (http only for this machine itself), without a query"
    )]
    BaseUrl,
    /// A stored request cannot be read, or a new one not be written.
    #[error("a stored rights request does not read")]
    Request,
    /// A token could not be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The stop was not acknowledged.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
