//! The Google simulator over real HTTP: one story per behaviour.

#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a story is a failed test"
)]

mod delivery;
mod history;
mod reading;
mod sending;
mod sign_in;
mod support;
