//! Delivery reports: which recipient failed, how, why, and which mail it was.
//!
//! Order of trust: the machine-readable part (RFC 3464), then `X-Failed-Recipients`, then the
//! shape of the text, then the header of the returned mail. Vendor dialects are data in the
//! small files beside this one; no rule names a sender.

mod command;
mod delay;
mod fields;
mod original;
mod prose;
mod read;
mod recipients;
mod signals;

pub mod reason;

pub use self::fields::Action;
pub(super) use self::read::read_with;
pub use self::read::{DeliveryReport, FailedRecipient, Original, read};
pub(super) use self::signals::is_postmaster;
pub use self::signals::may_report;

#[cfg(test)]
mod tests;
