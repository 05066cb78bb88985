//! Every interleaving of a small model of gate, stop and lease expiry.
//!
//! The store of the model promises little: a transaction sees what others have committed, row
//! locks are held until the commit, and nothing else is ordered (PostgreSQL's READ COMMITTED). The
//! search visits every reachable state for two senders, one stopper and a clock.

use std::collections::BTreeSet;

/// How long a permit lasts, and how far the clock goes, in ticks.
const LEASE: u8 = 2;
const END: u8 = 7;

/// Which parts of the protocol are in force.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// Gate and stop both lock the person's fence row before anything else they write.
    fence: bool,
    /// The commit looks at the list again, behind the fence.
    recheck: bool,
    /// The lease is counted from a clock reading taken before the list was read.
    clock_first: bool,
    /// The stop waits for permits that it sees.
    waits: bool,
    /// The stop also waits one whole lease after its commit.
    whole_lease: bool,
    /// The sender looks at its deadline before the first byte.
    deadline: bool,
}

const PERSON: Rules = Rules {
    fence: true,
    recheck: true,
    clock_first: true,
    waits: true,
    whole_lease: false,
    deadline: true,
};

/// Wider scopes and the platform's list: no fence row, but a whole lease.
const WIDE: Rules = Rules {
    fence: false,
    whole_lease: true,
    ..PERSON
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Begin,
    /// Has read the clock.
    Clock,
    /// Has read the list, and it was empty.
    Read,
    /// Holds the fence row (or goes on without one).
    Fenced,
    /// Has looked again.
    Checked,
    /// Has committed a permit.
    Permitted,
    /// Sent, refused or too late.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sender {
    at: At,
    until: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    Begin,
    Fenced,
    /// The list is committed, at this time.
    Listed(u8),
    Acknowledged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    now: u8,
    senders: [Sender; 2],
    stop: Stop,
    /// Who holds the fence row: a sender's number, or 2 for the stopper.
    lock: Option<u8>,
    listed: bool,
}

impl State {
    const START: Self = Self {
        now: 0,
        senders: [Sender {
            at: At::Begin,
            until: 0,
        }; 2],
        stop: Stop::Begin,
        lock: None,
        listed: false,
    };

    /// The next states, and whether one of the steps started a send behind the acknowledgement.
    fn steps(self, rules: Rules) -> (Vec<Self>, bool) {
        let mut next = Vec::new();
        let mut late = false;
        if self.now < END {
            next.push(Self {
                now: self.now + 1,
                ..self
            });
        }
        for who in 0..2 {
            let (steps, started_late) = self.sender(who, rules);
            next.extend(steps);
            late |= started_late;
        }
        next.extend(self.stopper(rules));
        (next, late)
    }

    fn with(mut self, who: usize, at: At) -> Self {
        self.senders[who].at = at;
        self
    }

    fn sender(self, who: usize, rules: Rules) -> (Option<Self>, bool) {
        let me = self.senders[who];
        let until = self.now + LEASE;
        let mut late = false;
        let next = match me.at {
            At::Begin => {
                let mut next = self.with(who, At::Clock);
                if rules.clock_first {
                    next.senders[who].until = until;
                }
                Some(next)
            }
            At::Clock if self.listed => Some(self.with(who, At::Done)),
            At::Clock => Some(self.with(who, At::Read)),
            At::Read if rules.fence && self.lock.is_some() => None,
            At::Read => {
                let mut next = self.with(who, At::Fenced);
                if rules.fence {
                    next.lock = Some(who as u8);
                }
                Some(next)
            }
            At::Fenced if rules.recheck && self.listed => {
                let mut next = self.with(who, At::Done);
                if rules.fence {
                    next.lock = None;
                }
                Some(next)
            }
            At::Fenced => Some(self.with(who, At::Checked)),
            At::Checked => {
                let mut next = self.with(who, At::Permitted);
                if rules.fence {
                    next.lock = None;
                }
                if !rules.clock_first {
                    next.senders[who].until = until;
                }
                Some(next)
            }
            At::Permitted => {
                // Look and first byte are one step: what lies between is the margin's business.
                let starts = !rules.deadline || self.now < me.until;
                late = starts && self.stop == Stop::Acknowledged;
                Some(self.with(who, At::Done))
            }
            At::Done => None,
        };
        (next, late)
    }

    fn stopper(self, rules: Rules) -> Option<Self> {
        match self.stop {
            Stop::Begin if rules.fence && self.lock.is_some() => None,
            Stop::Begin => Some(Self {
                stop: Stop::Fenced,
                lock: rules.fence.then_some(2).or(self.lock),
                ..self
            }),
            Stop::Fenced => Some(Self {
                stop: Stop::Listed(self.now),
                lock: self.lock.filter(|_| !rules.fence),
                listed: true,
                ..self
            }),
            Stop::Listed(at) => {
                let open = self
                    .senders
                    .iter()
                    .any(|sender| sender.at == At::Permitted && sender.until > self.now);
                let early = rules.whole_lease && self.now < at + LEASE;
                let waits = (rules.waits && open) || early;
                (!waits).then_some(Self {
                    stop: Stop::Acknowledged,
                    ..self
                })
            }
            Stop::Acknowledged => None,
        }
    }
}

/// Searches every reachable state; returns how many there are and whether a send started late.
fn search(rules: Rules) -> (usize, bool) {
    let mut seen = BTreeSet::from([State::START]);
    let mut open = vec![State::START];
    let mut late = false;
    while let Some(state) = open.pop() {
        let (next, broke) = state.steps(rules);
        late |= broke;
        for state in next {
            if seen.insert(state) {
                open.push(state);
            }
        }
    }
    (seen.len(), late)
}

#[test]
fn no_interleaving_starts_a_send_behind_the_acknowledgement() {
    for rules in [PERSON, WIDE] {
        let (states, late) = search(rules);
        println!("{states} states");
        assert!(states > 1_000, "{states}");
        assert!(!late, "{rules:?}");
    }
}

#[test]
fn without_the_fence_row_the_bad_interleaving_is_found() {
    let rules = Rules {
        fence: false,
        ..PERSON
    };
    assert!(search(rules).1);
}

#[test]
fn every_other_part_is_needed_too() {
    for (part, rules) in [
        (
            "look again behind the fence",
            Rules {
                recheck: false,
                ..PERSON
            },
        ),
        (
            "wait for open permits",
            Rules {
                waits: false,
                ..PERSON
            },
        ),
        (
            "look at the deadline",
            Rules {
                deadline: false,
                ..PERSON
            },
        ),
        (
            "wait a whole lease where there is no fence",
            Rules {
                whole_lease: false,
                ..WIDE
            },
        ),
        (
            "count the lease from before the list was read",
            Rules {
                clock_first: false,
                ..WIDE
            },
        ),
    ] {
        assert!(search(rules).1, "{part} is not needed?");
    }
}
