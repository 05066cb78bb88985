//! Rules that an embedder adds.

use std::fmt::Debug;

use jiff::Timestamp;
use jooper_core::{BasisKind, Country, Purpose, WorkspaceId};

use super::intent::SendIntent;

/// An embedder's own rule: synchronous, pure, and able to deny or defer only.
///
/// There is no verdict that allows: whatever a policy says, every law has been applied before and
/// stays applied.
pub trait SendPolicy: Debug + Send + Sync + 'static {
    /// A short, stable name for traces. No personal data.
    fn name(&self) -> &str;

    /// What this rule says about a mail that everything else allows or refuses.
    fn judge(&self, context: &PolicyContext<'_>) -> PolicyVerdict;
}

/// What a [`SendPolicy`] may look at.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PolicyContext<'a> {
    /// Whose mail.
    pub workspace: WorkspaceId,
    /// The mail.
    pub intent: &'a SendIntent,
    /// What it is for.
    pub purpose: Purpose,
    /// The country whose rules were applied.
    pub country: Option<Country>,
    /// The basis that was found, if one was.
    pub basis: Option<BasisKind>,
    /// The time (wall clock).
    pub now: Timestamp,
}

/// What a [`SendPolicy`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyVerdict {
    /// Nothing against it.
    Pass,
    /// Not now.
    Defer {
        /// When to ask again; `None`: when somebody has acted.
        until: Option<Timestamp>,
    },
    /// No.
    Deny {
        /// Whether asking again is of no use.
        permanent: bool,
    },
}
