//! The history log: ids that grow with gaps of random width, records that fall off the end.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::draw::between;
use super::Mailbox;

/// What happened to one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Added,
    Deleted,
    LabelsAdded(Vec<String>),
    LabelsRemoved(Vec<String>),
}

/// One history record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: u64,
    pub(crate) at: i64,
    pub(crate) message: String,
    pub(crate) thread: String,
    /// The message's labels right after the change.
    pub(crate) labels: BTreeSet<String>,
    pub(crate) change: Change,
}

impl Mailbox {
    /// Where a mailbox's history begins; never at zero, as in life.
    pub(crate) fn begin_history(&mut self, seed: u64, sub: &str) {
        self.history_id = between(seed, &["history-start", sub], 100_000, 9_000_000) as u64;
        self.history_floor = self.history_id;
    }

    /// Appends a record for a message that is (or just was) in the mailbox.
    pub(super) fn record(&mut self, seed: u64, sub: &str, at: i64, message: &str, change: Change) {
        let step = between(
            seed,
            &["history-gap", sub, &self.history_id.to_string()],
            1,
            400,
        ) as u64;
        self.history_id += step;
        let Some(entry) = self.messages.get_mut(message) else {
            return;
        };
        entry.history_id = self.history_id;
        self.history.push(Record {
            id: self.history_id,
            at,
            message: entry.id.clone(),
            thread: entry.thread.clone(),
            labels: entry.labels.clone(),
            change,
        });
    }

    /// Drops records older than the horizon and moves the floor behind them.
    pub(crate) fn expire_history(&mut self, before: i64) {
        let keep = self
            .history
            .iter()
            .position(|record| record.at >= before)
            .unwrap_or(self.history.len());
        if let Some(last) = keep.checked_sub(1).and_then(|at| self.history.get(at)) {
            self.history_floor = last.id;
            self.history.drain(..keep);
        }
    }

    /// Adds and removes labels of one message; answers false when it is not there.
    pub(crate) fn relabel(
        &mut self,
        seed: u64,
        sub: &str,
        at: i64,
        id: &str,
        add: &[&str],
        remove: &[&str],
    ) -> bool {
        let Some(message) = self.messages.get_mut(id) else {
            return false;
        };
        let added: Vec<String> = add
            .iter()
            .filter(|label| message.labels.insert((**label).to_owned()))
            .map(|label| (*label).to_owned())
            .collect();
        let removed: Vec<String> = remove
            .iter()
            .filter(|label| message.labels.remove(**label))
            .map(|label| (*label).to_owned())
            .collect();
        if !added.is_empty() {
            self.record(seed, sub, at, id, Change::LabelsAdded(added));
        }
        if !removed.is_empty() {
            self.record(seed, sub, at, id, Change::LabelsRemoved(removed));
        }
        true
    }

    /// Deletes a message for good; its records stay, so that a client meets ids that are gone.
    pub(crate) fn delete(&mut self, seed: u64, sub: &str, at: i64, id: &str) -> bool {
        if !self.messages.contains_key(id) {
            return false;
        }
        self.record(seed, sub, at, id, Change::Deleted);
        if let Some(gone) = self.messages.remove(id)
            && let Some(thread) = self.threads.get_mut(&gone.thread)
        {
            thread.retain(|other| other != id);
            if thread.is_empty() {
                self.threads.remove(&gone.thread);
            }
        }
        true
    }
}
