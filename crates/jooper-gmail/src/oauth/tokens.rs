//! Two kinds of tokens that are never the same type.

use std::fmt;

use jiff::Timestamp;
use jooper_transport::Credentials;
use secrecy::SecretString;

/// The tokens of one mailbox, fresh from Google. The only thing a mailbox is opened with.
pub struct MailboxTokens {
    pub(super) refresh: SecretString,
    pub(super) access: (SecretString, Timestamp),
    pub(super) scopes: Vec<String>,
}

impl MailboxTokens {
    /// The granted scopes.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// What the [`CredentialStore`](jooper_transport::CredentialStore) keeps, sealed.
    pub fn into_credentials(self) -> Credentials {
        Credentials {
            refresh_token: self.refresh,
            access_token: Some(self.access),
            scopes: self.scopes,
        }
    }
}

impl fmt::Debug for MailboxTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailboxTokens(***)")
    }
}

/// What signing in gave beside the identity.
///
/// It opens no mailbox: there is no way from here to
/// [`Credentials`], and it is dropped when the session begins.
///
/// ```compile_fail
/// fn connect(tokens: jooper_gmail::SignInTokens) -> jooper_transport::Credentials {
///     tokens.into_credentials()
/// }
/// ```
pub struct SignInTokens {
    pub(super) _access: SecretString,
}

impl fmt::Debug for SignInTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInTokens(***)")
    }
}
