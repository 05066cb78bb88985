//! The day a person is back, as an out-of-office mail states it.
//!
//! Dates are read in many notations and languages ([`dates`], [`months`], [`weekdays`]), then
//! one is chosen by the words around it ([`choose`]): "back on" beats "until", "until" beats a
//! bare date, and what lies in the past of the mail's own Date header is no return.

mod choose;
mod dates;
mod months;
mod weekdays;

use jiff::civil::Date;

pub use self::choose::{Return, Stated};

/// Returns the day stated in `text`, relative to `sent`, the civil date of the mail itself.
#[must_use]
pub fn return_date(text: &str, sent: Date) -> Option<Return> {
    of_folded(&super::words::fold(text), sent)
}

/// Returns what [`return_date`] does for a folded text.
pub(super) fn of_folded(text: &str, sent: Date) -> Option<Return> {
    choose::choose(text, sent)
}

#[cfg(test)]
mod tests;
