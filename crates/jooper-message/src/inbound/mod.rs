//! Inbound mail: what came in, what it means, and which send it belongs to.
//!
//! [`InboundMail::parse`](mail::InboundMail::parse) reads raw bytes, [`classify`] says what
//! they are and why, [`reply_text`] finds what is new in a reply, [`matching`] finds the send
//! it belongs to, and [`view`] makes it safe to show. All of it is pure and bounded.

mod address;
mod blocks;
mod calendar;
mod classify;
mod complaint;
mod evidence;
mod letter;
mod lookup;
mod lower;
mod noise;
mod phrases;
mod providers;
mod unsubscribe;
mod verdict;

pub mod authenticity;
pub mod auto_reply;
pub mod dsn;
pub mod intent;
pub mod mail;
pub mod matching;
pub mod reply_text;
pub mod status;
pub mod stop_words;
pub mod view;

pub use self::classify::{Context, classify, new_text};
pub use self::complaint::may_complain;
pub use self::dsn::may_report;
pub use self::evidence::{Evidence, Source};
pub use self::mail::InboundMail;
pub use self::unsubscribe::may_object;
pub use self::verdict::{
    AutoReply, CalendarMethod, Classification, Confidence, Kind, ReportKind, UnsubscribeBy,
};
