//! When a mailbox is read. A campaign's first sample waits until every mailbox that sent it was read an
//! hour behind its last mail; the campaign goes on at the instant of the last of these readings.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

/// How long after its last mail a campaign's first sample is looked at (the breakers' own figure).
pub(super) const SAMPLE: SignedDuration = SignedDuration::from_hours(1);

/// The readings of one mailbox that a sample waits for. A lane reads whenever it looks, and every so
/// often where it has nothing else to do.
#[derive(Debug)]
pub(super) struct Readings {
    every: i64,
    wanted: BTreeSet<Timestamp>,
    /// The last one.
    pub(super) at: Option<Timestamp>,
    /// The same, until it is written down.
    pub(super) last: Option<Timestamp>,
}

impl Readings {
    pub(super) fn new(sync_seconds: u32) -> Self {
        Self {
            every: i64::from(sync_seconds.max(1)) * 1000,
            wanted: BTreeSet::new(),
            at: None,
            last: None,
        }
    }

    /// A mail went that the sample may wait for.
    pub(super) fn went(&mut self, at: Timestamp) {
        self.wanted.extend(at.checked_add(SAMPLE).ok());
    }

    /// When it is read next by itself that a sample waits for, if it is read now.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.wanted.retain(|at| *at > now);
        let wait = self.wanted.first()?.duration_since(now).as_millis();
        let wait = i64::try_from(wait).ok()?;
        let times = wait.div_euclid(self.every) + i64::from(wait % self.every > 0);
        now.checked_add(SignedDuration::from_millis(times.checked_mul(self.every)?))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_every_so_often_from_the_last_look_on() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut readings = Readings::new(25 * 60);
        assert_eq!(readings.next(at("2026-11-23T09:00:00Z")), None);
        readings.went(at("2026-11-23T09:00:00Z"));
        readings.went(at("2026-11-23T09:15:00Z"));
        let next = |readings: &mut Readings, now| readings.next(at(now)).map(|at| at.to_string());
        let first = next(&mut readings, "2026-11-23T09:15:00Z");
        assert_eq!(first.as_deref(), Some("2026-11-23T10:05:00Z"));
        let second = next(&mut readings, "2026-11-23T10:05:00Z");
        assert_eq!(second.as_deref(), Some("2026-11-23T10:30:00Z"));
        assert_eq!(next(&mut readings, "2026-11-23T10:30:00Z"), None);
    }
}
