//! Every documented way for a refresh token to die; the client sees the same answer for all.

use serde::{Deserialize, Serialize};

/// Why a refresh token no longer works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeathCause {
    /// The user revoked the project, at Google or through the revoke endpoint.
    UserRevoked,
    /// Not used for six months.
    Unused,
    /// The password changed while the grant held Gmail scopes.
    PasswordChange,
    /// More live tokens than a user may have for one client.
    TokenLimit,
    /// An administrator restricted the service.
    AdminPolicy,
    /// The user had granted access for a limited time only.
    GrantExpired,
    /// The organisation asks for a fresh sign-in (`invalid_rapt`).
    SessionControl,
    /// Seven days passed for a project in testing.
    Testing,
    /// The account is gone.
    AccountDeleted,
}

impl DeathCause {
    /// The `error_subtype` of the answer; documented for session control alone.
    pub(crate) fn subtype(self) -> Option<&'static str> {
        (self == Self::SessionControl).then_some("invalid_rapt")
    }

    /// The description, which clients must not match on.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::SessionControl => "reauth related error (invalid_rapt)",
            Self::AccountDeleted => "Account has been deleted",
            Self::AdminPolicy => {
                "Access to the account data is restricted by policies within your organization."
            }
            _ => "Token has been expired or revoked.",
        }
    }
}
