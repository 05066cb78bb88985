//! Looking at a running world from behind the scenes.

use super::super::error::SimulatorError;
use super::super::faults::FiredFault;
use super::super::mailbox::Mailbox;
use super::{GoogleSimulator, sub_of};

/// A message as the simulator stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// Gmail's id.
    pub id: String,
    /// Gmail's thread id.
    pub thread_id: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Virtual milliseconds since 1970.
    pub at_ms: i64,
    /// The bytes.
    pub raw: Vec<u8>,
}

impl GoogleSimulator {
    /// How many sends were accepted so far.
    #[must_use]
    pub fn accepted_count(&self) -> usize {
        self.hub.peek().ledger.accepted.len()
    }

    /// Every fault that happened, oldest first.
    #[must_use]
    pub fn fired_faults(&self) -> Vec<FiredFault> {
        self.hub.peek().faults.fired.clone()
    }

    /// Every message in an account's mailbox, oldest first.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn mailbox(&self, email: &str) -> Result<Vec<StoredMessage>, SimulatorError> {
        let world = self.hub.enter();
        let sub = sub_of(&world, email)?;
        let mut all: Vec<StoredMessage> = world
            .mailboxes
            .get(&sub)
            .map(Mailbox::newest_first)
            .unwrap_or_default()
            .into_iter()
            .map(|message| StoredMessage {
                id: message.id.clone(),
                thread_id: message.thread.clone(),
                labels: message.labels.iter().cloned().collect(),
                at_ms: message.internal_ms,
                raw: world.spool.get(message.raw).to_vec(),
            })
            .collect();
        all.reverse();
        Ok(all)
    }

    /// Quota units that an account's calls have cost.
    #[must_use]
    pub fn quota_units(&self, email: &str) -> u64 {
        self.hub
            .peek()
            .quota
            .totals
            .get(&email.to_lowercase())
            .copied()
            .unwrap_or(0)
    }

    /// Most units that any user spent in one minute, and calls refused for quota.
    #[must_use]
    pub fn quota_peak(&self) -> (u64, u64) {
        let world = self.hub.peek();
        (world.quota.peak_user_minute, world.quota.refused)
    }

    /// Calls that no surface of the simulator knows; a test should find none.
    #[must_use]
    pub fn unexpected_calls(&self) -> Vec<String> {
        self.hub.peek().unexpected.clone()
    }
}
