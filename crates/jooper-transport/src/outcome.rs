//! What became of one handing-over.

use jiff::Timestamp;
use jooper_core::NotSentReason;

/// The three ways a send can end (law L2). There is no fourth, and no "probably".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider accepted the mail.
    Sent(Receipt),
    /// The provider certainly did not accept it.
    NotSent {
        /// Why.
        reason: NotSentReason,
        /// Not before this time, when the provider said so.
        retry_at: Option<Timestamp>,
    },
    /// Nobody knows. Look for evidence; never send again by policy.
    Unknown(UnknownCause),
}

/// What the provider gave for an accepted mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's id of the mail. Opaque.
    pub provider_id: String,
    /// The provider's id of the thread. Opaque; empty where it tells of none.
    pub thread: String,
    /// The Message-ID on the wire, once it was read back.
    pub message_id: Option<String>,
    /// When the provider says it was accepted, if it does.
    pub at: Option<Timestamp>,
}

/// Why an outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownCause {
    /// The connection broke after the body could have been complete.
    ConnectionLost,
    /// No answer came in time.
    Timeout,
    /// The provider answered with a server error, which may follow acceptance.
    ServerError,
    /// The answer could not be read.
    Unreadable,
    /// The process that was sending is gone.
    ProcessLost,
}
