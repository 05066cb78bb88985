//! Suites that any implementation of a public jooper trait can run.
//!
//! Each macro lists its cases as separately named tests, so that a report says which promise is
//! broken and not that "the suite failed".
//!
//! **The suites are destructive.** They write to and erase from the store they are given. Give
//! them one made for the test: a store that holds data is refused.
#![allow(
    clippy::unwrap_used,
    reason = "a failed case panics: that is what a test does"
)]

pub mod credentials;
pub mod http_client;
pub mod inbox;
pub mod kms;
pub mod mint;
#[doc(hidden)]
pub mod runtime;
pub mod storage;
pub mod transport;
pub mod witness;
