//! L12: every mail goes within its window, by the clock of the lead.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jooper_core::{EnrollmentId, LeadId};

use super::{Accepted, Asked, Change, Invariant, Violation};
use crate::shape::Promises;

/// A mail leaves this long after its permit at most, so it may have begun so much earlier.
const UNDER_WAY: SignedDuration = SignedDuration::from_secs(12);

/// Looks at the weekday and the time of day where the lead lives.
#[derive(Debug)]
pub(crate) struct Windows {
    promises: Promises,
    zones: BTreeMap<LeadId, TimeZone>,
    asked: Asked,
}

impl Windows {
    pub(crate) fn new(promises: Promises, zones: BTreeMap<LeadId, TimeZone>) -> Self {
        Self {
            promises,
            zones,
            asked: Asked::default(),
        }
    }

    fn open(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let local = at.to_zoned_datetime(zone.clone());
        let weekend = matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday);
        let now = local.time();
        let spans = self.promises.windows.iter();
        !weekend
            && spans
                .into_iter()
                .any(|(from, to)| *from <= now && now < *to)
    }
}

impl Invariant for Windows {
    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        // The clock was set while the mail was under way: nobody can say what it showed before.
        if accepted.is_unsettled() {
            return Ok(());
        }
        let lead = accepted.row.as_ref().and_then(|row| row.lead);
        let Some(zone) = lead.and_then(|lead| self.zones.get(&lead)) else {
            return Ok(());
        };
        let at = accepted.seen();
        let began = at.saturating_sub(UNDER_WAY).unwrap_or(at);
        if self.open(at, zone) || self.open(began, zone) {
            return Ok(());
        }
        let key = accepted.key;
        // "Now" passes over the window.
        let local = at.to_zoned_datetime(zone.clone()).to_string();
        if self.asked.excuses(key) {
            return Ok(());
        }
        Err(Violation::OutsideWindow { key, at: local })
    }

    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        self.asked.follow(change);
        Ok(())
    }

    fn now_asked(&mut self, enrollment: EnrollmentId) {
        self.asked.add(enrollment);
    }
}
