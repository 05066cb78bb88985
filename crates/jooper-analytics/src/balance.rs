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

/// One step over all leads. Every number is counted by itself; none follows from the others.
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
    /// Ended, without anything that tells how. Always 0, or law L3 is broken.
    pub lost: u64,
}

/// Every step of a campaign, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Balance {
    /// The steps.
    pub steps: Vec<StepBalance>,
}

impl StepBalance {
    /// Those that are never sent, whatever the reason.
    pub fn skipped_in_all(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// Those that were refused for good, whatever the reason.
    pub fn failed_in_all(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Whether audience = sent + skipped + failed + pending + unknown, and nothing is lost.
    pub fn balances(&self) -> bool {
        let terms =
            self.sent + self.skipped_in_all() + self.failed_in_all() + self.pending + self.unknown;
        self.lost == 0 && self.audience == terms
    }
}

impl Balance {
    fn step(&mut self, step: u16) -> &mut StepBalance {
        let at = usize::from(step);
        if self.steps.len() <= at {
            self.steps.resize_with(at + 1, StepBalance::default);
        }
        &mut self.steps[at]
    }

    /// Counts one lead into the audience of each of its steps.
    pub(crate) fn expect(&mut self, steps: u16) {
        for step in 0..steps {
            self.step(step).audience += 1;
        }
    }

    /// Counts what became of one step of one lead.
    pub(crate) fn count(&mut self, step: u16, term: Term) {
        let balance = self.step(step);
        match term {
            Term::Sent => balance.sent += 1,
            Term::Skipped(reason) => *balance.skipped.entry(reason).or_default() += 1,
            Term::Failed(reason) => *balance.failed.entry(reason).or_default() += 1,
            Term::Pending => balance.pending += 1,
            Term::Unknown => balance.unknown += 1,
            Term::Lost => balance.lost += 1,
        }
    }

    /// Whether every step balances.
    pub fn balances(&self) -> bool {
        self.steps.iter().all(StepBalance::balances)
    }

    /// Where two counts of the same thing differ, in words. Empty: they agree.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut all = Vec::new();
        let empty = StepBalance::default();
        for at in 0..self.steps.len().max(other.steps.len()) {
            let mine = self.steps.get(at).unwrap_or(&empty);
            let theirs = other.steps.get(at).unwrap_or(&empty);
            let mut say = |name: &str, a: u64, b: u64| {
                if a != b {
                    all.push(format!("step {}: {name} {a} against {b}", at + 1));
                }
            };
            say("audience", mine.audience, theirs.audience);
            say("sent", mine.sent, theirs.sent);
            for reason in union(&mine.skipped, &theirs.skipped) {
                let of = |map: &BTreeMap<_, u64>| map.get(&reason).copied().unwrap_or(0);
                let name = format!("skipped ({})", reason.name());
                say(&name, of(&mine.skipped), of(&theirs.skipped));
            }
            for reason in union(&mine.failed, &theirs.failed) {
                let of = |map: &BTreeMap<_, u64>| map.get(&reason).copied().unwrap_or(0);
                let name = format!("failed ({})", reason.name());
                say(&name, of(&mine.failed), of(&theirs.failed));
            }
            say("pending", mine.pending, theirs.pending);
            say("unknown", mine.unknown, theirs.unknown);
            say("lost", mine.lost, theirs.lost);
        }
        all
    }
}

fn union<K: Ord + Copy>(one: &BTreeMap<K, u64>, other: &BTreeMap<K, u64>) -> Vec<K> {
    let keys: std::collections::BTreeSet<K> = one.keys().chain(other.keys()).copied().collect();
    keys.into_iter().collect()
}
