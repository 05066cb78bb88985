//! The Google simulator over real HTTP: one story per behaviour.

#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a story is a failed test"
)]

mod control;
mod delivery;
mod determinism;
mod faults;
mod history;
mod knobs;
mod limits;
mod population;
mod push;
mod reading;
mod sending;
mod sign_in;
mod state;
mod support;
