//! An authorization on its way through the owner's browser.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which flow began it, so that the answer to one is never taken by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Flow {
    SignIn,
    Connect,
}

/// What must be remembered until the browser returns.
///
/// Keep it in the browser's own session, sealed, and take it out when the redirect comes: an
/// answer in another session, or a second answer in the same, then finds nothing. Finishing
/// consumes it. It serializes so that it can be sealed; it is a secret (PKCE, RFC 7636).
#[derive(Serialize, Deserialize)]
pub struct PendingAuthorization {
    pub(super) flow: Flow,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) began_at: Timestamp,
    pub(super) account: Option<String>,
}

impl PendingAuthorization {
    /// The state parameter, for finding this again.
    pub fn state(&self) -> &str {
        &self.state
    }

    pub(super) fn has_state(&self, state: &str) -> bool {
        verify_slices_are_equal(self.state.as_bytes(), state.as_bytes()).is_ok()
    }

    pub(super) fn is_over(&self, now: Timestamp, minutes: u32) -> bool {
        let age = now.as_second().saturating_sub(self.began_at.as_second());
        // A clock that was set back makes an authorization young, not eternal.
        !(-60..=i64::from(minutes) * 60).contains(&age)
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PendingAuthorization({:?}, ***)", self.flow)
    }
}
