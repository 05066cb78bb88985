//! Delays in hours, days and working days.

use jiff::{Timestamp, ToSpan};

use super::locale::Locale;
use crate::model::{Delay, DelayUnit, Schedule};

/// The most days that are looked through for working days.
const HORIZON: u32 = 4000;

/// `from` plus a delay, by the lead's civil calendar.
///
/// Days keep the time of day (across a change of the clocks too); working days skip days without
/// a window and holidays.
pub fn add_delay(schedule: &Schedule, locale: &Locale, from: Timestamp, delay: Delay) -> Timestamp {
    if delay.is_zero() {
        return from;
    }
    let amount = i64::from(delay.amount);
    let zone = &locale.zone;
    let start = from.to_zoned_datetime(zone.clone());
    match delay.unit {
        DelayUnit::Hours => from.checked_add(amount.hours()).unwrap_or(from),
        DelayUnit::Days => start
            .checked_add(amount.days())
            .map_or(from, |later| later.timestamp()),
        DelayUnit::WorkingDays => {
            let mut day = start.date();
            let (mut left, mut looked) = (amount, 0);
            while left > 0 && looked < HORIZON {
                let Ok(next) = day.checked_add(1.day()) else {
                    break;
                };
                day = next;
                looked += 1;
                left -= i64::from(schedule.is_working_day(day, locale.country));
            }
            zone.to_ambiguous_zoned_datetime(day.to_datetime(start.time()))
                .compatible()
                .map_or(from, |later| later.timestamp())
        }
    }
}
