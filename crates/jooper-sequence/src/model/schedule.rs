//! When mail may go.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

/// Sending windows, working days, pauses and caps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// The zone for leads whose own is unknown (IANA name).
    pub zone: String,
    /// When mail may go, in the lead's own zone; days without a window are no working days.
    pub windows: Vec<Window>,
    /// Days on which nothing goes and which are no working days.
    pub holidays: BTreeSet<Date>,
    /// The shortest pause between two mails of one mailbox, in seconds.
    pub gap_seconds_min: u32,
    /// The longest pause between two mails of one mailbox, in seconds.
    pub gap_seconds_max: u32,
    /// The most mails of one mailbox in a civil day.
    pub daily_cap: u32,
}

/// A span of a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// 1 = Monday … 7 = Sunday (ISO 8601).
    pub weekday: i8,
    /// From, inclusive.
    pub from: Time,
    /// To, exclusive.
    pub to: Time,
}

/// Why a schedule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSchedule {
    /// No window leaves any time.
    #[error("the schedule has no sending window, so nothing would ever be sent")]
    NoWindow,
    /// A window ends before it begins, or names no weekday.
    #[error(
        "window {0}: weekdays are 1 (Monday) to 7 (Sunday), and a window begins before it ends"
    )]
    Window(usize),
    /// No such zone.
    #[error("`{0}` is not an IANA time zone; write one like `Europe/Berlin`")]
    Zone(String),
    /// The pauses are the wrong way round.
    #[error("the longest gap is shorter than the shortest")]
    Gap,
    /// Nothing may ever go.
    #[error("the daily cap is 0, so nothing would ever be sent")]
    Cap,
}

impl Default for Schedule {
    /// Monday to Friday, 9 to 17 o'clock; 90 to 300 seconds apart; 40 a day.
    fn default() -> Self {
        let (from, to) = (Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0));
        Self {
            zone: "UTC".to_owned(),
            windows: (1..=5)
                .map(|weekday| Window { weekday, from, to })
                .collect(),
            holidays: BTreeSet::new(),
            gap_seconds_min: 90,
            gap_seconds_max: 300,
            daily_cap: 40,
        }
    }
}

impl Schedule {
    /// Checks that something can be sent at all.
    ///
    /// # Errors
    /// [`InvalidSchedule`] names what to change.
    pub fn check(&self) -> Result<(), InvalidSchedule> {
        if self.windows.is_empty() {
            return Err(InvalidSchedule::NoWindow);
        }
        for (at, window) in self.windows.iter().enumerate() {
            if Weekday::from_monday_one_offset(window.weekday).is_err() || window.from >= window.to
            {
                return Err(InvalidSchedule::Window(at + 1));
            }
        }
        if jiff::tz::TimeZone::get(&self.zone).is_err() {
            return Err(InvalidSchedule::Zone(self.zone.clone()));
        }
        if self.gap_seconds_max < self.gap_seconds_min {
            return Err(InvalidSchedule::Gap);
        }
        if self.daily_cap == 0 {
            return Err(InvalidSchedule::Cap);
        }
        Ok(())
    }

    /// Whether any mail may go on this day.
    pub fn is_working_day(&self, day: Date) -> bool {
        !self.holidays.contains(&day)
            && self
                .windows
                .iter()
                .any(|window| window.weekday == day.weekday().to_monday_one_offset())
    }

    /// The windows of this day, earliest first; none on a holiday.
    pub fn windows_on(&self, day: Date) -> Vec<Window> {
        if self.holidays.contains(&day) {
            return Vec::new();
        }
        let weekday = day.weekday().to_monday_one_offset();
        let mut windows: Vec<_> = self
            .windows
            .iter()
            .copied()
            .filter(|window| window.weekday == weekday)
            .collect();
        windows.sort_by_key(|window| window.from);
        windows
    }
}
