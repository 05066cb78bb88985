//! Why leads could not be read or written.

use jooper_consent::StopError;
use jooper_core::{LeadId, Retry};
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
    /// A stop was not acknowledged.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// There is no such lead.
    #[error("{lead} is not in this workspace")]
    NoLead {
        /// Whom.
        lead: LeadId,
    },
    /// The lead's data is restricted or held: it is kept as it is until that ends.
    #[error("the data of {lead} is restricted; end the restriction first")]
    Restricted {
        /// Whom.
        lead: LeadId,
    },
    /// A campaign is writing to the lead; or, for one that would be merged into another, has a
    /// history with it.
    #[error("{lead} is in a campaign, or its history there still counts")]
    Enrolled {
        /// Whom.
        lead: LeadId,
    },
}

impl LeadsError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store(error) => error.retry(),
            Self::Vault(error) => error.retry(),
            Self::Stop(error) => error.retry(),
            Self::NoLead { .. } | Self::Restricted { .. } | Self::Enrolled { .. } => Retry::Never,
        }
    }

    /// Whether rows changed under the call, so that doing it again makes sense.
    pub(crate) const fn is_conflict(&self) -> bool {
        match self {
            Self::Store(error) | Self::Vault(VaultError::Store(error)) => error.is_conflict(),
            _ => false,
        }
    }
}
