//! When mail may go.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use jooper_core::{Country, MailboxId};
use serde::{Deserialize, Serialize};

use super::holidays::Calendar;
use super::limits::Limits;

/// Sending windows, working days, pauses and caps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// The sender's zone (IANA name), and that of leads whose own is unknown.
    pub zone: String,
    /// When mail may go, in the lead's own zone; days without a window are no working days.
    pub windows: Vec<Window>,
    /// Days on which nothing goes and which are no working days.
    pub holidays: BTreeSet<Date>,
    /// Calendars whose holidays count too: `DE`, `DE-BY`, `FR`, `US`. `docs/holidays.md` lists them.
    pub calendars: Vec<String>,
    /// Whether the nationwide holidays of the lead's own country count too, where its calendar is
    /// shipped.
    pub holidays_of_lead: bool,
    /// Days on which a sender is away and sends nothing. They stay working days.
    pub absences: Vec<Absence>,
    /// The shortest pause between two mails of one mailbox, in seconds.
    pub gap_seconds_min: u32,
    /// The longest pause between two mails of one mailbox, in seconds.
    pub gap_seconds_max: u32,
    /// The most mails of one mailbox in a civil day, and in any 24 hours.
    pub daily_cap: u32,
    /// Further budgets.
    pub limits: Limits,
    /// What happens to mail that a long downtime has made late.
    pub catch_up: CatchUp,
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

/// The last year in which an absence may end: behind it the calendar has no day back.
const LAST_YEAR: i16 = 9000;

/// Days on which a sender is away, by the schedule's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// Whose mailbox; without it, every one of the campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<MailboxId>,
    /// The first day away.
    pub from: Date,
    /// The last day away.
    pub to: Date,
}

/// What happens to mail that a long downtime has made late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// It waits until a person says so.
    #[default]
    Ask,
    /// It goes, within windows, gaps and budgets.
    Send,
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
    /// A limit that lets nothing through.
    #[error("the limit `{0}` is 0, so nothing would ever be sent; remove it instead")]
    Limit(&'static str),
    /// No such calendar.
    #[error(
        "there is no holiday calendar `{0}`; write one like `DE`, `DE-BY`, `FR` or `US`, or list the days under `holidays`"
    )]
    Calendar(String),
    /// An absence that ends before it begins.
    #[error("absence {0}: the last day is before the first")]
    Absence(usize),
    /// An absence from which nobody comes back.
    #[error(
        "absence {0}: the last day lies behind the year 9000; pause the mailbox instead until they are back"
    )]
    Endless(usize),
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
            calendars: Vec::new(),
            holidays_of_lead: false,
            absences: Vec::new(),
            gap_seconds_min: 90,
            gap_seconds_max: 300,
            daily_cap: 40,
            limits: Limits::default(),
            catch_up: CatchUp::default(),
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
        for name in &self.calendars {
            Calendar::region(name).ok_or_else(|| InvalidSchedule::Calendar(name.clone()))?;
        }
        for (at, absence) in self.absences.iter().enumerate() {
            if absence.to < absence.from {
                return Err(InvalidSchedule::Absence(at + 1));
            }
            if absence.to.year() > LAST_YEAR {
                return Err(InvalidSchedule::Endless(at + 1));
            }
        }
        self.limits.check()
    }

    /// Whether this day is a holiday for a lead of this country.
    pub fn is_holiday(&self, day: Date, country: Option<Country>) -> bool {
        let listed = || {
            self.calendars.iter().any(|name| {
                Calendar::region(name)
                    .is_some_and(|(calendar, region)| calendar.is_holiday(day, region))
            })
        };
        let theirs = || {
            country
                .filter(|_| self.holidays_of_lead)
                .and_then(|country| Calendar::of(country.as_str()))
                .is_some_and(|calendar| calendar.is_holiday(day, None))
        };
        self.holidays.contains(&day) || listed() || theirs()
    }

    /// Whether any mail may go on this day, for a lead of this country.
    pub fn is_working_day(&self, day: Date, country: Option<Country>) -> bool {
        let weekday = day.weekday().to_monday_one_offset();
        self.windows.iter().any(|window| window.weekday == weekday)
            && !self.is_holiday(day, country)
    }

    /// The windows of this day, earliest first; none on a holiday.
    pub fn windows_on(&self, day: Date, country: Option<Country>) -> Vec<Window> {
        let weekday = day.weekday().to_monday_one_offset();
        let windows = self.windows.iter().copied();
        let mut windows: Vec<_> = windows.filter(|window| window.weekday == weekday).collect();
        if windows.is_empty() || self.is_holiday(day, country) {
            return Vec::new();
        }
        windows.sort_by_key(|window| window.from);
        windows
    }

    /// The first day after an absence of a mailbox's sender that this day lies in; the day itself
    /// when they are there.
    pub fn back_after(&self, day: Date, mailbox: MailboxId) -> Date {
        let mut day = day;
        // Absences may follow one another: each moves the day at most once.
        for _ in 0..=self.absences.len() {
            let away = self.absences.iter().find(|absence| {
                absence.mailbox.is_none_or(|whose| whose == mailbox)
                    && (absence.from..=absence.to).contains(&day)
            });
            match away.and_then(|absence| absence.to.tomorrow().ok()) {
                Some(next) => day = next,
                None => break,
            }
        }
        day
    }
}
