//! Why a right was not served.

use std::time::Duration;

use jooper_consent::StopError;
use jooper_core::{LeadId, Retry};
use jooper_storage::{StoreError, WitnessError};
use jooper_vault::VaultError;

/// Why a request of a person was not finished. No variant repeats content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RightsError {
    /// There is no such lead, and none was erased under this id.
    #[error("{lead} is not in this workspace")]
    NoLead {
        /// Whom.
        lead: LeadId,
    },
    /// The rows are gone from the data, but a long reader still holds old pages of the file.
    #[error(
        "{lead} is erased from the data, but a long reader still holds old pages; call again when \
         it has ended"
    )]
    StillHeld {
        /// Whom.
        lead: LeadId,
    },
    /// Whoever listens failed: nothing was erased yet, or a restriction has ended and was not told.
    #[error("a listener of what happens to {lead} failed; call again")]
    Listener {
        /// Whom.
        lead: LeadId,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The record of a request does not read.
    #[error("the record of the request about {lead} does not read; it was damaged")]
    Record {
        /// Whom.
        lead: LeadId,
    },
    /// The stop was not acknowledged; nothing was erased yet.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The witness could not be written.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The vault did not seal, open or sign.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RightsError {
    /// What the caller may do next. Every call here is idempotent, so that an unknown commit is
    /// repeated.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::NoLead { .. } | Self::Record { .. } => Retry::Never,
            Self::StillHeld { .. } => Retry::After(Duration::from_secs(5)),
            Self::Listener { .. } => Retry::Backoff,
            Self::Stop(error) => error.retry(),
            Self::Witness(error) => error.retry(),
            Self::Vault(error) => error.retry(),
            Self::Store(StoreError::Unknown(_) | StoreError::Conflict { .. }) => Retry::Backoff,
            Self::Store(error) => error.retry(),
        }
    }
}
