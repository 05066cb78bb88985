//! Why a stop was not acknowledged.

use jooper_core::{Retry, StopReason};
use jooper_storage::{StoreError, WitnessError};

/// Why a stop, a resume or a lift did not finish. A stop that did not finish may have taken
/// effect all the same, but is not acknowledged: call again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// The witness could not be written; nothing was changed.
    #[error("the witness failed, so the stop cannot be acknowledged; try again")]
    Witness(#[from] WitnessError),
    /// The store failed.
    #[error("the store failed, so the stop is not acknowledged; try again")]
    Store(#[from] StoreError),
    /// The rows changed under every attempt. Try again.
    #[error("the rows changed during every attempt; try again")]
    Contended,
    /// A person or a domain is not resumed: only the person lifts what is on the list. Nor is what was
    /// ended for good, nor does a cause end by itself that somebody decided.
    #[error(
        "people and domains are not resumed, only the person's own act lifts an entry; what was ended stays \
         so, and what somebody decided does not end by itself"
    )]
    NotResumable,
    /// Such an entry is not lifted by such an act.
    #[error("an entry for reason `{}` is not lifted by such an act", .0.name())]
    NotLiftable(StopReason),
    /// An act is said to be of the future: it would take away what the person says until then.
    #[error("an act of the future lifts nothing")]
    NotYet,
    /// The person objected again since somebody looked, or somebody else has judged it: nothing that nobody
    /// looked at is taken away. Look again.
    #[error("they objected again since somebody looked, or it was judged already; look again")]
    NotAsSeen,
    /// Nobody but the person puts themselves on the platform's list.
    #[error("an entry for reason `{}` on the platform's list needs an act of the person", .0.name())]
    NotTheirAct(StopReason),
}

impl StopError {
    /// What the caller may do next. Stops are idempotent, so that an unknown commit is repeated.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Witness(error) => error.retry(),
            Self::Store(StoreError::Unknown(_)) | Self::Contended => Retry::Backoff,
            Self::Store(error) => error.retry(),
            Self::NotResumable
            | Self::NotLiftable(_)
            | Self::NotYet
            | Self::NotAsSeen
            | Self::NotTheirAct(_) => Retry::Never,
        }
    }
}
