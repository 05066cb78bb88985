//! Reads mail for jooper, and is the only crate that names a mail library.
//!
//! [`inbound`] turns raw bytes into a verdict that explains itself: a reply, an automatic
//! answer, a delivery report, a complaint, a request to stop. It is pure: no I/O, no clock.

pub mod compose;
pub mod inbound;
