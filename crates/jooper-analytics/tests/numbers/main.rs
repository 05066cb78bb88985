//! Numbers over hand-made rows and facts, among them wrong ones.
#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod balance;
mod funnel;
mod meanwhile;
mod properties;
mod world;
