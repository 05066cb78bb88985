//! A witness in memory, for tests and forecasts.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{Witness, WitnessEntry, WitnessError, WitnessRecord};

/// A [`Witness`] that lives as long as the process. Clones share their content.
#[derive(Debug, Clone, Default)]
pub struct MemoryWitness(Arc<Mutex<Vec<WitnessRecord>>>);

impl MemoryWitness {
    /// An empty witness.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Witness for MemoryWitness {
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError> {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            let position = records.len() as u64 + 1;
            records.push(WitnessRecord {
                position,
                at,
                entry: entry.clone(),
            });
        }
        Ok(records.len() as u64)
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let from = usize::try_from(after)
            .unwrap_or(usize::MAX)
            .min(records.len());
        Ok(records[from..].iter().take(limit).cloned().collect())
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(records.len() as u64)
    }
}
