//! L12: caps and gaps hold; a lane has one holder, and only the holder writes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jooper_core::{MailboxId, SendKey, SendState};

use super::{Accepted, Change, Claimed, Invariant, Violation};

/// The limits that the campaign was given.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    pub(crate) cap: u32,
    pub(crate) least_gap: u64,
    pub(crate) zone: TimeZone,
}

/// The last mail of a mailbox.
#[derive(Debug, Clone, Copy)]
struct Last {
    elapsed: u64,
    jumps: u32,
    /// Whether the clock was set while it was under way.
    unsettled: bool,
}

/// Who holds what, and what went when.
#[derive(Debug)]
pub(crate) struct LaneLimits {
    pace: Pace,
    held: BTreeMap<MailboxId, u64>,
    last: BTreeMap<MailboxId, Last>,
    /// The highest day that a mailbox has sent on, and how much.
    days: BTreeMap<MailboxId, (Date, u32)>,
}

impl LaneLimits {
    pub(crate) const fn new(pace: Pace) -> Self {
        Self {
            pace,
            held: BTreeMap::new(),
            last: BTreeMap::new(),
            days: BTreeMap::new(),
        }
    }
}

impl Invariant for LaneLimits {
    fn claimed(&mut self, claimed: &Claimed) -> Result<(), Violation> {
        let before = self.held.insert(claimed.mailbox, claimed.until);
        if before.is_some_and(|until| until > claimed.now) {
            return Err(Violation::HeldTwice(claimed.mailbox));
        }
        Ok(())
    }

    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        if let Some((mailbox, token, live)) = change.fence
            && token != live
        {
            return Err(Violation::StaleFence {
                mailbox,
                token,
                live,
            });
        }
        if let Some(mailbox) = change.let_go {
            self.held.remove(&mailbox);
        }
        let fenced = |mailbox| matches!(change.fence, Some((lane, ..)) if lane == mailbox);
        for moved in &change.sends {
            let row = &moved.after;
            // Evidence that a mail was accepted holds under any fence.
            if !fenced(row.mailbox) && row.state != SendState::Sent {
                return Err(Violation::WithoutLane(row.mailbox));
            }
        }
        for moved in &change.enrollments {
            if !fenced(moved.after.mailbox) {
                return Err(Violation::WithoutLane(moved.after.mailbox));
            }
        }
        Ok(())
    }

    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let mailbox = accepted.mailbox;
        // A test keeps no pause and waits for no cap of a campaign's; it takes from its mailbox's day.
        let test = matches!(accepted.key, SendKey::Test { .. });
        let now = Last {
            elapsed: accepted.elapsed,
            jumps: accepted.jumps,
            unsettled: accepted.is_unsettled(),
        };
        if !test
            && let Some(last) = self.last.insert(mailbox, now)
            // Across a jump nobody but the simulator knows how much time really passed; and where the
            // first was under way just then, and its worker died, its slot was written by the clock before.
            && last.jumps == now.jumps
            && !last.unsettled
        {
            let gap = now.elapsed - last.elapsed;
            if gap < self.pace.least_gap {
                return Err(Violation::TooSoon {
                    mailbox,
                    gap,
                    least: self.pace.least_gap,
                });
            }
        }
        let seen = accepted.wall.max(accepted.high_water);
        let today = seen.to_zoned_datetime(self.pace.zone.clone()).date();
        let (day, sent) = self.days.entry(mailbox).or_insert((today, 0));
        if today > *day {
            (*day, *sent) = (today, 0);
        }
        *sent += 1;
        if !test && *sent > self.pace.cap {
            return Err(Violation::OverCap {
                mailbox,
                day: *day,
                sent: *sent,
                cap: self.pace.cap,
            });
        }
        Ok(())
    }
}
