//! Numbers, each of which can be recomputed and must agree.
//!
//! * [`Analytics::funnel`] reads rollups, which were updated in the batch that appended the fact.
//! * [`Analytics::balance_from_rows`] and [`Analytics::balance_from_log`] account for every step of
//!   every lead, each on its own, no term by subtraction (law L3).
//! * [`Analytics::recounted`] counts the rollups of a campaign again from the log.

mod balance;
mod by_log;
mod by_rows;
mod funnel;

use std::sync::Arc;

use jooper_storage::Storage;

pub use balance::{Balance, StepBalance, Term};
pub use funnel::{Funnel, StepNumbers};

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
