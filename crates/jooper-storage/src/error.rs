//! One error for every store, with what the caller does next.

use std::time::Duration;

use jooper_core::Retry;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a store did not do what was asked. Nothing was changed unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A check of the batch did not hold. Read again and decide again.
    #[error("check {check} of the batch did not hold ({what})")]
    Conflict {
        /// The position of the check in the batch.
        check: usize,
        /// Which kind of check it was.
        what: &'static str,
    },
    /// The lane belongs to somebody else now. Drop what was in hand; never retry.
    #[error("the lease was lost: another worker holds this lane")]
    FenceLost,
    /// The store is busy. Try again.
    #[error("the store is busy; try again")]
    Busy(#[source] Option<Source>),
    /// The store cannot be reached. Try again.
    #[error("the store cannot be reached; check that it runs and try again")]
    Unavailable(#[source] Option<Source>),
    /// The disk is full. Free some space, then try again.
    #[error("the disk is full; nothing was written: free some space")]
    Full(#[source] Option<Source>),
    /// The data is damaged. Restore the last backup.
    #[error("the store's data is damaged ({place}); restore the last backup")]
    Corrupt {
        /// Which table or file.
        place: String,
        /// What the store said.
        #[source]
        source: Option<Source>,
    },
    /// Another process owns the file.
    #[error(
        "another process uses this data; SQLite serves one process: stop the other one, or move to PostgreSQL"
    )]
    InUse,
    /// The call breaks the contract of the waist: a bug of the caller, not of the store.
    #[error("invalid call: {0}")]
    Invalid(String),
    /// It is not known whether the batch was committed. Read before deciding.
    #[error("the connection was lost during a commit: read before deciding")]
    Unknown(#[source] Option<Source>),
    /// The data is of a version that this jooper does not read.
    #[error("the data has schema version {found}, this version of jooper reads {expected}")]
    Schema {
        /// What the data says.
        found: i64,
        /// What this build reads.
        expected: i64,
    },
}

impl StoreError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Busy(_) | Self::Unavailable(_) => Retry::Backoff,
            Self::Full(_) => Retry::After(Duration::from_secs(60)),
            Self::Unknown(_) => Retry::Unknown,
            Self::Conflict { .. }
            | Self::FenceLost
            | Self::Corrupt { .. }
            | Self::InUse
            | Self::Invalid(_)
            | Self::Schema { .. } => Retry::Never,
        }
    }

    /// Whether a check did not hold, so that reading and deciding again makes sense.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}
