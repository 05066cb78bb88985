//! What a campaign of faults came to, and what never struck.

use std::collections::BTreeMap;

/// What came out, summed over seeds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub sends: usize,
    pub attempts: usize,
    /// Attempts into a thread that was there.
    pub follow_ups: usize,
    pub sent: usize,
    pub unknown: usize,
    pub resolved: usize,
    /// Resolved while Gmail's search index did not show the mail.
    pub unindexed: usize,
    /// Complete searches that found nothing of an accepted mail, because everything lagged.
    pub lagged: usize,
    /// Parked: a complete search found nothing.
    pub absent: usize,
    /// Parked: the search could not see everything.
    pub unseen: usize,
    /// Parked: several mails fit.
    pub unclear: usize,
    /// Answers that came when the permit had long ended.
    pub late_answers: usize,
    /// Handings-over that were too late for their last byte.
    pub withheld: usize,
    /// Genuine notifications, those that came twice counted twice.
    pub pushes: usize,
    /// Genuine notifications that were not kept, so that they came again.
    pub again: usize,
    pub given_up: usize,
    pub replies: usize,
    pub faults: usize,
    /// How often each kind of fault struck, also where it never did.
    pub kinds: BTreeMap<String, usize>,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.sends += other.sends;
        self.attempts += other.attempts;
        self.follow_ups += other.follow_ups;
        self.sent += other.sent;
        self.unknown += other.unknown;
        self.resolved += other.resolved;
        self.unindexed += other.unindexed;
        self.lagged += other.lagged;
        self.absent += other.absent;
        self.unseen += other.unseen;
        self.unclear += other.unclear;
        self.late_answers += other.late_answers;
        self.withheld += other.withheld;
        self.pushes += other.pushes;
        self.again += other.again;
        self.given_up += other.given_up;
        self.replies += other.replies;
        self.faults += other.faults;
        for (kind, times) in other.kinds {
            *self.kinds.entry(kind).or_default() += times;
        }
    }

    /// The kinds of faults that never struck: nothing was shown about them.
    pub fn idle(&self) -> Vec<&str> {
        let others = [
            ("a last byte withheld", self.withheld),
            ("an answer behind the permit's end", self.late_answers),
            ("a search index that lags", self.unindexed),
            ("evidence that lags", self.lagged),
            ("a notification", self.pushes),
            ("a notification that comes again", self.again),
            ("a follow-up", self.follow_ups),
        ];
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, times)| (kind.as_str(), *times));
        let all = kinds.chain(others);
        all.filter(|(_, times)| *times == 0)
            .map(|(kind, _)| kind)
            .collect()
    }

    pub fn parked(&self) -> usize {
        self.absent + self.unseen + self.unclear
    }
}
