//! Why there is neither a permit nor a refusal.

use jooper_core::Retry;
use jooper_storage::StoreError;

/// Why the gate could not answer. No permit exists, except that [`GateError::Store`] with
/// [`StoreError::Unknown`] may have left a permit row, which ends by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// Another worker holds the lane. Drop what was in hand.
    #[error("the lease was lost: another worker holds this lane")]
    FenceLost,
    /// A check of the caller's own reserve batch did not hold. Read again and decide again.
    #[error("the reserve batch's own check {check} did not hold")]
    Reserve {
        /// The position of the check in the caller's batch.
        check: usize,
    },
    /// The rows changed under every attempt. Try again.
    #[error("the recipient's rows changed during every attempt; try again")]
    Contended,
    /// The call breaks the contract: a bug of the caller.
    #[error("invalid call: {0}")]
    Invalid(&'static str),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl GateError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::FenceLost | Self::Reserve { .. } | Self::Invalid(_) => Retry::Never,
            Self::Contended => Retry::Backoff,
            Self::Store(error) => error.retry(),
        }
    }
}
