//! What came of one simulated campaign.

use std::collections::BTreeMap;
use std::fmt;

use crate::invariants::Violation;

/// What came of one simulated campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// A hash over everything that happened, in order: 64 hexadecimal digits.
    pub trace: String,
    /// How many events that were.
    pub events: u64,
    /// Crashes of workers, by what they interrupted.
    pub crashes: BTreeMap<&'static str, u64>,
    /// How often a worker stood still for longer than it should.
    pub freezes: u64,
    /// How often the wall clock jumped.
    pub jumps: u64,
    /// Mails that the provider took.
    pub accepted: u64,
    /// Commits that were asked for.
    pub commits: u64,
    /// Errors of the store.
    pub store_faults: u64,
    /// Errors, delays and losses of the provider.
    pub provider_faults: u64,
    /// Receipts that were written down when their row was another already: see
    /// [`Options::late_answers`](crate::Options::late_answers).
    pub held_back: u64,
    /// Stops that were asked for.
    pub stops: u64,
    /// Things that arrived: answers, reports, absences.
    pub arrivals: u64,
    /// Virtual days in all, drained.
    pub days: u64,
    /// The first law that was broken.
    pub violation: Option<Violation>,
    /// The last events, if they were asked for.
    pub last: Vec<String>,
}

impl Report {
    /// Crashes in all.
    pub fn crashed(&self) -> u64 {
        self.crashes.values().sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_phase: Vec<String> = self
            .crashes
            .iter()
            .map(|(phase, count)| format!("{phase} {count}"))
            .collect();
        writeln!(f, "trace: {}", self.trace)?;
        writeln!(
            f,
            "days: {}, events: {}, commits: {}",
            self.days, self.events, self.commits
        )?;
        writeln!(
            f,
            "crashes: {} ({}), freezes: {}, clock jumps: {}",
            self.crashed(),
            by_phase.join(", "),
            self.freezes,
            self.jumps
        )?;
        write!(
            f,
            "accepted: {}, arrivals: {}, stops: {}, provider faults: {}, store faults: {}",
            self.accepted, self.arrivals, self.stops, self.provider_faults, self.store_faults
        )
    }
}
