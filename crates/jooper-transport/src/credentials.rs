//! Tokens of mailboxes, as a seam.

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::transport::MailboxRef;

/// The tokens of a mailbox. `Debug` prints none of them.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The long-lived token.
    pub refresh_token: SecretString,
    /// The short-lived token and when it ends.
    pub access_token: Option<(SecretString, Timestamp)>,
    /// The granted scopes.
    pub scopes: Vec<String>,
}

/// Tokens with the version they were read at.
#[derive(Debug, Clone)]
pub struct StoredCredentials {
    /// The tokens.
    pub credentials: Credentials,
    /// Their version, for the next save.
    pub version: u64,
}

/// Why credentials could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Somebody else wrote first. Load again.
    #[error("the credentials were changed meanwhile; load them again")]
    Conflict,
    /// The store or its keys failed.
    #[error("the credentials cannot be read or written")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Keeps tokens, sealed, one set a mailbox, written by compare-and-swap.
#[async_trait]
pub trait CredentialStore: Debug + Send + Sync + 'static {
    /// The tokens of a mailbox; `None` when it was disconnected.
    ///
    /// # Errors
    /// [`CredentialError::Store`].
    async fn load(&self, mailbox: MailboxRef)
    -> Result<Option<StoredCredentials>, CredentialError>;

    /// Writes tokens over the version that was read (`None`: there are none yet), and returns the
    /// new version: one that this mailbox never had, also after its tokens were deleted.
    ///
    /// # Errors
    /// [`CredentialError::Conflict`] when another writer was first.
    async fn save(
        &self,
        mailbox: MailboxRef,
        expected: Option<u64>,
        credentials: &Credentials,
    ) -> Result<u64, CredentialError>;

    /// Removes the tokens. Idempotent.
    ///
    /// # Errors
    /// [`CredentialError::Store`].
    async fn delete(&self, mailbox: MailboxRef) -> Result<(), CredentialError>;
}

const _OBJECT_SAFE: Option<&dyn CredentialStore> = None;
