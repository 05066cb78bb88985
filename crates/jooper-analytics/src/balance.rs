//! What became of every step of every lead.

use std::collections::BTreeMap;

use jooper_core::{NotSentReason, SkipReason};
use serde::Serialize;

/// What became of one step of one lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// Accepted by the provider. A later bounce does not change it.
    Sent,
    /// Never sent, for this reason.
    Skipped(SkipReason),
    /// Refused for good, for this reason.
    Failed(NotSentReason),
    /// Still to come.
    Pending,
    /// Nobody knows, or a person gave up asking.
    Unknown,
    /// Nothing accounts for it: a violation of law L3.
    Lost,
}

/// One step over all leads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StepBalance {
    /// Leads whose version of the sequence has this step.
    pub audience: u64,
    /// Accepted by the provider.
    pub sent: u64,
    /// Never sent, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Refused for good, by reason.
    pub failed: BTreeMap<NotSentReason, u64>,
    /// Still to come.
    pub pending: u64,
    /// Nobody knows.
    pub unknown: u64,
    /// Nothing accounts for them. Always 0, or law L3 is broken.
    pub lost: u64,
}

/// Every step of a campaign, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Balance {
    /// The steps.
    pub steps: Vec<StepBalance>,
}

impl StepBalance {
    pub(crate) fn add(&mut self, term: Term) {
        self.audience += 1;
        match term {
            Term::Sent => self.sent += 1,
            Term::Skipped(reason) => *self.skipped.entry(reason).or_default() += 1,
            Term::Failed(reason) => *self.failed.entry(reason).or_default() += 1,
            Term::Pending => self.pending += 1,
            Term::Unknown => self.unknown += 1,
            Term::Lost => self.lost += 1,
        }
    }

    /// Those that are never sent, whatever the reason.
    pub fn skipped_in_all(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// Those that were refused for good, whatever the reason.
    pub fn failed_in_all(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Whether audience = sent + skipped + failed + pending + unknown.
    pub fn balances(&self) -> bool {
        let terms =
            self.sent + self.skipped_in_all() + self.failed_in_all() + self.pending + self.unknown;
        self.lost == 0 && self.audience == terms
    }
}

impl Balance {
    pub(crate) fn add(&mut self, step: usize, term: Term) {
        if self.steps.len() <= step {
            self.steps.resize_with(step + 1, StepBalance::default);
        }
        self.steps[step].add(term);
    }

    /// Whether every step balances.
    pub fn balances(&self) -> bool {
        self.steps.iter().all(StepBalance::balances)
    }

    /// Where two counts of the same thing differ, in words. Empty: they agree.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut all = Vec::new();
        for at in 0..self.steps.len().max(other.steps.len()) {
            let empty = StepBalance::default();
            let mine = self.steps.get(at).unwrap_or(&empty);
            let theirs = other.steps.get(at).unwrap_or(&empty);
            for (name, a, b) in [
                ("audience", mine.audience, theirs.audience),
                ("sent", mine.sent, theirs.sent),
                ("skipped", mine.skipped_in_all(), theirs.skipped_in_all()),
                ("failed", mine.failed_in_all(), theirs.failed_in_all()),
                ("pending", mine.pending, theirs.pending),
                ("unknown", mine.unknown, theirs.unknown),
                ("lost", mine.lost, theirs.lost),
            ] {
                if a != b {
                    all.push(format!("step {}: {name} {a} against {b}", at + 1));
                }
            }
            if mine.skipped != theirs.skipped || mine.failed != theirs.failed {
                all.push(format!("step {}: the reasons differ", at + 1));
            }
        }
        all
    }
}
