//! L12: a mail comes no sooner after the one before it than the sequence says.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use jooper_core::{EnrollmentId, LeadId, SendKey};

use super::{Accepted, Asked, Change, Invariant, Violation};
use crate::shape::{Least, Promises};

/// A delay is counted from the second commit before the mail, which lies so much earlier at most.
const UNDER_WAY: SignedDuration = SignedDuration::from_secs(12);

/// Remembers when the last mail of everybody was taken.
#[derive(Debug)]
pub(crate) struct Delays {
    promises: Promises,
    zones: BTreeMap<LeadId, TimeZone>,
    last: BTreeMap<EnrollmentId, Timestamp>,
    asked: Asked,
}

impl Delays {
    pub(crate) fn new(promises: Promises, zones: BTreeMap<LeadId, TimeZone>) -> Self {
        Self {
            promises,
            zones,
            last: BTreeMap::new(),
            asked: Asked::default(),
        }
    }
}

/// Whether so much lies between two instants, as people count in that zone.
fn long_enough(least: Least, from: Timestamp, to: Timestamp, zone: &TimeZone) -> bool {
    let (first, last) = (
        from.to_zoned_datetime(zone.clone()).datetime(),
        to.to_zoned_datetime(zone.clone()).datetime(),
    );
    // A time of day that a change of the clocks skips is passed an hour later.
    let whole = |days: i64| {
        let later = first.checked_add(days.days());
        later.is_ok_and(|later| later <= last)
    };
    match least {
        Least::Nothing => true,
        Least::Hours(hours) => to.duration_since(from) >= SignedDuration::from_hours(hours),
        Least::Days(days) => whole(days),
        Least::WorkingDays(days) => {
            let mut day = first.date();
            let mut passed = 0;
            while day < last.date() {
                let Ok(next) = day.tomorrow() else { break };
                day = next;
                let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                passed += i64::from(!weekend);
            }
            passed > days || (passed == days && last.time() >= first.time())
        }
    }
}

impl Invariant for Delays {
    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let SendKey::Step { enrollment, step } = accepted.key else {
            return Ok(());
        };
        let at = accepted.seen();
        // Set while the mail was under way, the clock may have shown anything when it was counted.
        let before = match accepted.is_unsettled() {
            true => self.last.remove(&enrollment),
            // A delay is counted from what the clock shows, even if it was set back.
            false => self.last.insert(enrollment, accepted.wall),
        };
        let lead = accepted.row.as_ref().and_then(|row| row.lead);
        let zone = lead.and_then(|lead| self.zones.get(&lead));
        let least = self.promises.least.get(usize::from(step.0)).copied();
        let (Some(before), Some(zone), Some(least)) = (before, zone, least) else {
            return Ok(());
        };
        // A mail that a person released goes again, behind its own first try.
        let again = accepted.row.as_ref().is_some_and(|row| row.released > 0);
        let from = before.saturating_sub(UNDER_WAY).unwrap_or(before);
        if again || accepted.is_unsettled() || long_enough(least, from, at, zone) {
            return Ok(());
        }
        // "Now" passes over the planned time.
        if self.asked.excuses(accepted.key) {
            return Ok(());
        }
        Err(Violation::TooEarly {
            key: accepted.key,
            before,
            at,
        })
    }

    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        self.asked.follow(change);
        Ok(())
    }

    fn now_asked(&mut self, enrollment: EnrollmentId) {
        self.asked.add(enrollment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_long_enough(least: Least, from: &str, to: &str) -> bool {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        long_enough(least, from.parse().unwrap(), to.parse().unwrap(), &zone)
    }

    #[test]
    fn weekends_are_no_working_days_and_the_time_of_day_counts() {
        // A Thursday, and the clocks change on Sunday.
        let from = "2026-10-22T10:00:00Z";
        let three = Least::WorkingDays(3);
        assert!(!is_long_enough(three, from, "2026-10-26T16:00:00Z"));
        assert!(!is_long_enough(three, from, "2026-10-27T10:59:59Z"));
        assert!(is_long_enough(three, from, "2026-10-27T11:00:00Z"));
        assert!(!is_long_enough(
            Least::Days(4),
            from,
            "2026-10-26T10:59:00Z"
        ));
        assert!(is_long_enough(Least::Days(4), from, "2026-10-26T11:00:00Z"));
        assert!(!is_long_enough(
            Least::Hours(30),
            from,
            "2026-10-23T15:59:00Z"
        ));
        assert!(is_long_enough(
            Least::Hours(30),
            from,
            "2026-10-23T16:00:00Z"
        ));
    }
}
