//! Numbers, each of which can be recomputed and must agree.
//!
//! * [`Analytics::balance_from_rows`] and [`Analytics::balance_from_log`] account for every step of
//!   every lead, each on its own, each term counted by itself (law L3). [`Analytics::check`]
//!   compares the two at one place of the log.
//! * [`Analytics::funnel`], [`Analytics::steps`] and the time series read rollups, which were
//!   updated in the batch that appended the fact.
//! * [`Analytics::rollup_differences`] counts every rollup again from the log.
//!
//! Counts of people and counts of mails are different things and are named so.

mod balance;
mod by_log;
mod by_rows;
mod check;
mod funnel;
mod keys;
mod recount;
mod series;
mod steps;

use std::sync::Arc;

use jooper_storage::Storage;

pub use balance::{Balance, StepBalance, Term};
pub use by_log::Tally;
pub use check::Checked;
pub use funnel::{Funnel, People, StepNumbers};
pub use recount::RollupDifference;
pub use steps::StepFunnel;

/// Numbers over one store.
#[derive(Debug, Clone)]
pub struct Analytics {
    storage: Arc<dyn Storage>,
}

impl Analytics {
    /// Reads this store.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage }
    }
}
