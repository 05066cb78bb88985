//! What changed in a mailbox.

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::transport::{MailboxRef, TransportError};

/// How far a mailbox's changes were read. Opaque to everyone but its transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// A mail that is new behind a cursor: its header only.
///
/// The runner decides by the header whether the mail concerns a campaign; only then is it fetched.
/// Everything else is dropped from memory (R35).
#[derive(Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The provider's id.
    pub provider_id: String,
    /// The provider's thread.
    pub thread: String,
    /// When the provider received it.
    pub at: Timestamp,
    /// Whether the account itself sent it.
    pub outgoing: bool,
    /// The header fields that matching needs, names as on the wire.
    pub headers: Vec<(String, String)>,
}

impl Arrived {
    /// The first header field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl Debug for Arrived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrived")
            .field("provider_id", &self.provider_id)
            .field("thread", &self.thread)
            .field("at", &self.at)
            .field("outgoing", &self.outgoing)
            .finish_non_exhaustive()
    }
}

/// Some changes of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// New mails, oldest first; a mail may come again after an interruption.
    pub arrived: Vec<Arrived>,
    /// Where to continue. Store it in the batch that stores what came before it.
    pub next: Cursor,
    /// Whether more is waiting.
    pub more: bool,
    /// Whether the cursor was too old and a bounded full search was made instead.
    pub resynced: bool,
}

/// A way for mail to arrive.
#[async_trait]
pub trait Inbox: Debug + Send + Sync + 'static {
    /// The cursor of now: what arrives later is found behind it.
    ///
    /// # Errors
    /// [`TransportError`].
    async fn baseline(&self, mailbox: MailboxRef) -> Result<Cursor, TransportError>;

    /// Reads what is new behind a cursor.
    ///
    /// A cursor that the provider no longer knows leads to a bounded full search from
    /// `not_before`, so that no reply is lost.
    ///
    /// # Errors
    /// [`TransportError`]; the cursor stays valid.
    async fn changes(
        &self,
        mailbox: MailboxRef,
        cursor: &Cursor,
        not_before: Timestamp,
    ) -> Result<Delta, TransportError>;

    /// Reads a whole mail as it was received.
    ///
    /// # Errors
    /// [`TransportError::Gone`] when it was deleted meanwhile: drop it.
    async fn fetch(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Vec<u8>, TransportError>;

    /// Has the provider tell when the mailbox changes, where it can. The runner calls it after each
    /// complete reading: whoever implements it knows when its watch is due again.
    ///
    /// It only makes polling faster, so it cannot fail: what went wrong is logged and tried later.
    async fn keep_watch(&self, _mailbox: MailboxRef) {}

    /// Ends what [`Inbox::keep_watch`] began. Called before the mailbox's tokens are deleted.
    async fn end_watch(&self, _mailbox: MailboxRef) {}

    /// Has the provider end the grant itself, for good. Called on the owner's explicit wish alone,
    /// before the mailbox's tokens are deleted; a mailbox without tokens has nothing to end.
    ///
    /// # Errors
    /// [`TransportError::Unavailable`]: the grant stands; try again. Others: it cannot be ended from
    /// here, as where the provider has no such call.
    async fn revoke(&self, _mailbox: MailboxRef) -> Result<(), TransportError> {
        Err(TransportError::Protocol(
            "this provider's grants cannot be revoked from here",
        ))
    }
}

const _OBJECT_SAFE: Option<&dyn Inbox> = None;
