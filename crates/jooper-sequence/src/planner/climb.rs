//! How far a mailbox that is new to this has come (privacy requirements, section 6.1, "volume ramp").

use jiff::Timestamp;
use jooper_consent::Ceilings;

/// Bytes of it in a row.
const BYTES: usize = 6;
/// Instead of a number of days: somebody declared that the mailbox is not new.
const SEASONED: u16 = u16::MAX;

/// The healthy days on which a mailbox has sent, and the last day on which it did. Days are UTC's,
/// whatever the zones of its campaigns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Climb {
    days: u16,
    /// Counted from the Unix epoch; 0 before its first mail. Below 0: a day on which a mail was begun, and
    /// none is known to have gone.
    last: i32,
}

/// The day of an instant, counted from the Unix epoch.
pub(super) fn day_of(at: Timestamp) -> i32 {
    i32::try_from(at.as_second().div_euclid(86_400)).unwrap_or(i32::MAX)
}

/// The first instant of the day after.
pub(super) fn next_day(at: Timestamp) -> Timestamp {
    let next = (i64::from(day_of(at)) + 1) * 86_400;
    Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
}

impl Climb {
    /// One that does not climb any more.
    pub(super) const SEASONED: Self = Self {
        days: SEASONED,
        last: 0,
    };

    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        match bytes {
            [a, b, c, d, e, f] => Self {
                days: u16::from_be_bytes([*a, *b]),
                last: i32::from_be_bytes([*c, *d, *e, *f]),
            },
            _ => Self::default(),
        }
    }

    pub(super) fn to_bytes(self) -> [u8; BYTES] {
        let ([a, b], [c, d, e, f]) = (self.days.to_be_bytes(), self.last.to_be_bytes());
        [a, b, c, d, e, f]
    }

    /// With a mail on this day. The first mail of a day counts the days up, unless too many mails came
    /// back or were complained about by then: an idle day counts for nothing.
    #[must_use]
    pub(super) fn on(self, day: i32, unwell: bool) -> Self {
        let last = self.last.saturating_abs();
        if self.is_seasoned() || day <= last {
            return match day == last {
                true => Self { last, ..self },
                false => self,
            };
        }
        let healthy = self.last > 0 && !unwell;
        Self {
            // Below the mark, and far above what it takes to arrive.
            days: (self.days + u16::from(healthy)).min(SEASONED - 1),
            last: day,
        }
    }

    /// With a last day that is no later than this one.
    #[must_use]
    pub(super) fn seen_until(self, day: i32) -> Self {
        Self {
            last: self.last.clamp(-day, day),
            ..self
        }
    }

    /// Nothing went on its last day, so far.
    #[must_use]
    pub(super) const fn in_vain(self) -> Self {
        Self {
            last: -self.last.saturating_abs(),
            ..self
        }
    }

    /// The most mails on its day.
    pub(super) fn most(self) -> u32 {
        match self.days {
            SEASONED => u32::MAX,
            days => Ceilings::after_healthy_days(days),
        }
    }

    pub(super) const fn is_seasoned(self) -> bool {
        self.days == SEASONED
    }

    /// Whether this is the last day on which it sent.
    pub(super) const fn is_on(self, day: i32) -> bool {
        self.last.saturating_abs() == day
    }

    /// Whether the next mail on this day would count a day.
    pub(super) const fn counts_on(self, day: i32) -> bool {
        !self.is_seasoned() && self.last > 0 && day > self.last
    }

    /// The healthy days so far; `None`: it is not new.
    pub(super) fn healthy_days(self) -> Option<u16> {
        (!self.is_seasoned()).then_some(self.days)
    }
}
