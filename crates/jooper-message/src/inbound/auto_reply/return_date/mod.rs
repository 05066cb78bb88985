//! The day a person is back, as an out-of-office mail states it.
//!
//! Dates are read in many notations and languages ([`dates`], [`months`], [`weekdays`]), then
//! one is chosen by the words around it ([`choose`]): "back on" beats "until", "until" beats a
//! bare date, and what lies in the past of the mail's own Date header is no return.

mod choose;
mod dates;
mod lasting;
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

/// Whether a folded text names days, and none after `sent`.
pub(super) fn only_past(text: &str, sent: Date) -> bool {
    let mut named = dates::find(text)
        .into_iter()
        .filter_map(|written| written.resolve(sent))
        .peekable();
    named.peek().is_some() && named.all(|day| day <= sent)
}

#[cfg(test)]
mod tests;
