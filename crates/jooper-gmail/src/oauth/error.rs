//! Why an authorization came to nothing.

use jooper_core::Retry;

use super::jwt::IdTokenError;
use super::token::TokenFailure;

/// A part that a token answer may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingPart {
    /// Without it the mailbox could be used for an hour only.
    RefreshToken,
    /// Without it, and without userinfo, nobody knows whose mailbox it is.
    Identity,
    /// Without it nobody can write to the owner.
    Email,
}

impl std::fmt::Display for MissingPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RefreshToken => "refresh token, so the mailbox would stop after an hour",
            Self::Identity => "ID token and no user info, so nobody knows whose account it is",
            Self::Email => "verified address",
        })
    }
}

/// Why an authorization came to nothing. Texts hold no token, code, URL or address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The owner said no.
    #[error("the owner declined")]
    Declined,
    /// The owner's administrator does not allow this app. The administrator can.
    #[error("the organization's administrator does not allow this app; ask them to trust it")]
    AdminPolicy,
    /// The app is for another organization's accounts only.
    #[error("this app is internal to another organization")]
    OtherOrganization,
    /// Google refused for another reason.
    #[error("Google refused the authorization request")]
    Refused,
    /// The answer does not belong to this browser session, or was used before. Begin again.
    #[error("this answer does not belong to an open request of this browser; begin again")]
    State,
    /// The browser took too long. Begin again.
    #[error("the request is too old; begin again")]
    Expired,
    /// Google does not take the code. Begin again.
    #[error("Google does not take the code (used twice, or too late); begin again")]
    Code,
    /// Google does not know the OAuth client: fix the settings.
    #[error("Google refuses the OAuth client: check its id, secret and redirect URI")]
    Client,
    /// Google cannot be reached. Begin again later.
    #[error("Google cannot be reached, or has an error of its own; try again later")]
    Unavailable,
    /// The answer lacks something that cannot be done without.
    #[error("Google's answer has no {0}")]
    Missing(MissingPart),
    /// The ID token is not to be trusted.
    #[error("Google's ID token is not valid: {0}")]
    IdToken(#[from] IdTokenError),
    /// Another account was chosen than the one to be reconnected.
    #[error("another account was chosen; choose the one that this mailbox belongs to")]
    OtherAccount,
    /// Neither sending nor reading was ticked.
    #[error("neither sending nor reading was allowed; connect again and tick the boxes")]
    NothingGranted,
}

impl ConnectError {
    /// What the caller may do next: nothing but a new authorization ever helps.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unavailable => Retry::Backoff,
            _ => Retry::Never,
        }
    }

    /// The error parameter of a redirect (RFC 6749 section 4.1.2.1, and Google's own).
    pub(super) fn from_redirect(code: &str) -> Self {
        match code {
            "access_denied" => Self::Declined,
            "admin_policy_enforced" => Self::AdminPolicy,
            "org_internal" => Self::OtherOrganization,
            "temporarily_unavailable" | "server_error" => Self::Unavailable,
            _ => Self::Refused,
        }
    }
}

impl From<TokenFailure> for ConnectError {
    fn from(failure: TokenFailure) -> Self {
        match failure {
            TokenFailure::Dead => Self::Code,
            TokenFailure::Client => Self::Client,
            TokenFailure::Unavailable | TokenFailure::RateLimited(_) => Self::Unavailable,
        }
    }
}
