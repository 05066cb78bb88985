//! The oracle: what Google accepted, who got it, and what recipients did, written by the simulator
//! alone and never readable through Google's own surfaces.

mod view;

use serde::{Deserialize, Serialize};

pub use self::view::Ledger;
use super::world::Blob;

/// What became of one recipient's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Disposition {
    /// It reached the recipient.
    Delivered,
    /// The recipient's server refused it for good.
    Bounced,
    /// It was put off and later delivered or refused.
    Deferred,
    /// Accepted with 200, then thrown back because the sender was over the sending limit.
    OverLimit,
}

/// One recipient's copy of an accepted message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// The recipient in lower case.
    pub recipient: String,
    /// What became of it.
    pub disposition: Disposition,
    /// How many mails this recipient has had from this simulator, this one included.
    pub touch: u32,
}

/// One accepted send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Accepted {
    /// Its number, from 0 in order of acceptance.
    pub number: u64,
    /// Virtual milliseconds since 1970.
    pub at_ms: i64,
    /// The sending account.
    pub sub: String,
    /// Its primary address.
    pub mailbox: String,
    /// Gmail's id of the sent copy.
    pub message_id: String,
    /// Gmail's thread id.
    pub thread_id: String,
    /// The `Message-ID` that travels.
    pub wire_id: String,
    /// The `Message-ID` that the caller wrote, if any.
    pub caller_id: Option<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The ids in `References` and `In-Reply-To` as the caller wrote them.
    pub references: Vec<String>,
    /// One entry per recipient.
    pub deliveries: Vec<Delivery>,
    /// Whether the client was given the answer 200, as far as the simulator knows.
    pub answered: bool,
    pub(crate) posted: Blob,
    pub(crate) sent: Blob,
}

/// A one-click unsubscribe that a recipient made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OneClickPost {
    /// The send that carried the link.
    pub send: u64,
    /// Who pressed.
    pub recipient: String,
    /// Virtual milliseconds since 1970.
    pub at_ms: i64,
    /// The link.
    pub url: String,
    /// The answer's status; 0 when there was none.
    pub status: u16,
}

/// Something a recipient did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reaction {
    /// The send it answers.
    pub send: u64,
    /// Who did it.
    pub recipient: String,
    /// Virtual milliseconds since 1970.
    pub at_ms: i64,
    /// What it was, in the words of `Inbound`.
    pub what: String,
    /// Gmail's id of the mail that came of it, if one did.
    pub message_id: Option<String>,
}

/// The stored form of the ledger.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LedgerState {
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) one_clicks: Vec<OneClickPost>,
}
