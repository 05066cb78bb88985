//! Public holidays, as data.
//!
//! A calendar is a file in `holidays/`; `docs/holidays.md` describes the format and the sources.
//! Feasts that move with Easter are computed, so a calendar holds for every year that its laws do.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

const SHIPPED: &[(&str, &str)] = &[
    ("DE", include_str!("../../holidays/de.toml")),
    ("FR", include_str!("../../holidays/fr.toml")),
    ("US", include_str!("../../holidays/us.toml")),
];

/// The public holidays of one country and its regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    regions: Vec<String>,
    holidays: Vec<Holiday>,
}

/// Why a text is not a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCalendar {
    /// The TOML does not read.
    #[error("{0}")]
    Toml(String),
    /// A holiday has no rule, or several.
    #[error(
        "holiday `{0}`: give it exactly one of date, easter, or weekday with nth and month, or weekday with before"
    )]
    Rule(String),
    /// A region that the file does not list.
    #[error("holiday `{name}`: `{region}` is not among the regions of the file")]
    Region {
        /// The holiday.
        name: String,
        /// The region.
        region: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Holiday {
    name: String,
    rule: Rule,
    regions: Vec<String>,
    since: i16,
    until: i16,
    observed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The same day every year.
    On { month: i8, day: i8 },
    /// So many days after Easter Sunday.
    Easter(i64),
    /// The nth such weekday of a month; counted from its end when negative.
    Nth {
        weekday: Weekday,
        nth: i8,
        month: i8,
    },
    /// The last such weekday before a day.
    Before {
        weekday: Weekday,
        month: i8,
        day: i8,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "country")]
    _country: String,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
    #[serde(rename = "reviewed")]
    _reviewed: toml::value::Datetime,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(rename = "holiday")]
    holidays: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    date: Option<String>,
    easter: Option<i64>,
    weekday: Option<String>,
    nth: Option<i8>,
    month: Option<i8>,
    before: Option<String>,
    #[serde(default)]
    regions: Vec<String>,
    since: Option<i16>,
    until: Option<i16>,
    #[serde(default)]
    observed: bool,
}

impl Calendar {
    /// The shipped calendar of a country, by its ISO 3166-1 code.
    pub fn of(country: &str) -> Option<&'static Self> {
        static ALL: OnceLock<BTreeMap<&str, Calendar>> = OnceLock::new();
        let read = || {
            let files = SHIPPED.iter();
            // A test reads every shipped file, so that none is left out here.
            files
                .filter_map(|(code, text)| Some((*code, Self::from_toml(text).ok()?)))
                .collect()
        };
        ALL.get_or_init(read).get(country)
    }

    /// The shipped calendar and the region that a name such as `DE-BY` or `FR` stands for.
    pub fn region(name: &str) -> Option<(&'static Self, Option<&str>)> {
        let (country, region) = match name.split_once('-') {
            Some((country, region)) => (country, Some(region)),
            None => (name, None),
        };
        let calendar = Self::of(country)?;
        let known = region.is_none_or(|region| calendar.regions.iter().any(|r| r == region));
        known.then_some((calendar, region))
    }

    /// The countries with a shipped calendar, each with its regions.
    pub fn shipped() -> impl Iterator<Item = (&'static str, &'static [String])> {
        SHIPPED
            .iter()
            .filter_map(|(code, _)| Some((*code, Self::of(code)?.regions.as_slice())))
    }

    /// Reads a calendar.
    ///
    /// # Errors
    /// [`InvalidCalendar`] names the holiday.
    pub fn from_toml(text: &str) -> Result<Self, InvalidCalendar> {
        let file: File =
            toml::from_str(text).map_err(|error| InvalidCalendar::Toml(error.to_string()))?;
        let mut holidays = Vec::with_capacity(file.holidays.len());
        for entry in file.holidays {
            let rule = entry
                .rule()
                .ok_or_else(|| InvalidCalendar::Rule(entry.name.clone()))?;
            let unknown = entry.regions.iter().find(|r| !file.regions.contains(r));
            if let Some(region) = unknown {
                return Err(InvalidCalendar::Region {
                    name: entry.name.clone(),
                    region: region.clone(),
                });
            }
            holidays.push(Holiday {
                name: entry.name,
                rule,
                regions: entry.regions,
                since: entry.since.unwrap_or(i16::MIN),
                until: entry.until.unwrap_or(i16::MAX),
                observed: entry.observed,
            });
        }
        Ok(Self {
            regions: file.regions,
            holidays,
        })
    }

    /// Whether a day is a holiday in a region; without a region, whether it is one in the whole
    /// country.
    pub fn is_holiday(&self, day: Date, region: Option<&str>) -> bool {
        self.name_of(day, region).is_some()
    }

    /// What the holiday on this day is called.
    pub fn name_of(&self, day: Date, region: Option<&str>) -> Option<&str> {
        let here = |holiday: &&Holiday| {
            holiday.regions.is_empty()
                || region.is_some_and(|region| holiday.regions.iter().any(|r| r == region))
        };
        self.holidays
            .iter()
            .filter(here)
            .find(|holiday| holiday.falls_on(day))
            .map(|holiday| holiday.name.as_str())
    }
}

impl Holiday {
    fn falls_on(&self, day: Date) -> bool {
        // New Year's Day on a Saturday is observed on the last day of the year before.
        [day.year(), day.year().saturating_add(1)]
            .into_iter()
            .filter(|year| (self.since..=self.until).contains(year))
            .filter_map(|year| self.rule.in_year(year))
            .any(|date| date == day || (self.observed && observed(date) == Some(day)))
    }
}

/// The weekday on which the United States observe a holiday that falls on a weekend (5 U.S.C.
/// 6103(b); Executive Order 11582).
fn observed(date: Date) -> Option<Date> {
    match date.weekday() {
        Weekday::Saturday => date.yesterday().ok(),
        Weekday::Sunday => date.tomorrow().ok(),
        _ => None,
    }
}

impl Rule {
    fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::On { month, day } => Date::new(year, month, day).ok(),
            Self::Easter(days) => easter(year)?.checked_add(days.days()).ok(),
            Self::Nth {
                weekday,
                nth,
                month,
            } => {
                let first = Date::new(year, month, 1).ok()?;
                first.nth_weekday_of_month(nth, weekday).ok()
            }
            Self::Before {
                weekday,
                month,
                day,
            } => Date::new(year, month, day)
                .ok()?
                .nth_weekday(-1, weekday)
                .ok(),
        }
    }
}

/// Easter Sunday in the Gregorian calendar (the anonymous algorithm published in *Nature*, 1876).
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

impl Entry {
    fn rule(&self) -> Option<Rule> {
        let weekday = match &self.weekday {
            Some(name) => Some(weekday(name)?),
            None => None,
        };
        match (
            &self.date,
            self.easter,
            weekday,
            self.nth.zip(self.month),
            &self.before,
        ) {
            (Some(date), None, None, None, None) => {
                let (month, day) = month_day(date)?;
                Some(Rule::On { month, day })
            }
            (None, Some(days), None, None, None) => Some(Rule::Easter(days)),
            (None, None, Some(weekday), Some((nth, month)), None) => Some(Rule::Nth {
                weekday,
                nth,
                month,
            }),
            (None, None, Some(weekday), None, Some(before)) => {
                let (month, day) = month_day(before)?;
                Some(Rule::Before {
                    weekday,
                    month,
                    day,
                })
            }
            _ => None,
        }
    }
}

/// `12-25`; the 29th of February is no day of every year, so it is refused.
fn month_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    Date::new(2001, month, day).ok()?;
    Some((month, day))
}

fn weekday(name: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let at = NAMES.iter().position(|known| *known == name)?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

#[cfg(test)]
mod tests;
