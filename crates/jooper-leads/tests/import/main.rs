//! Importing files into a real store and vault, and reading leads back.
#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod blocked;
mod dedupe;
mod deleted;
mod files;
mod kept;
mod listed;
mod properties;
mod support;
