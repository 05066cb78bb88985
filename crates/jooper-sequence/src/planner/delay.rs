//! Delays in hours, days and working days.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::model::{Delay, DelayUnit, Schedule};

/// `from` plus a delay, by the civil calendar of `zone`.
///
/// Days keep the time of day (across a change of the clocks too); working days skip days without
/// a window and holidays.
pub fn add_delay(schedule: &Schedule, zone: &TimeZone, from: Timestamp, delay: Delay) -> Timestamp {
    let amount = i64::from(delay.amount);
    let start = from.to_zoned_datetime(zone.clone());
    match delay.unit {
        DelayUnit::Hours => from.checked_add(amount.hours()).unwrap_or(from),
        DelayUnit::Days => start
            .checked_add(amount.days())
            .map_or(from, |later| later.timestamp()),
        DelayUnit::WorkingDays => {
            let mut day = start.date();
            let (mut left, mut looked) = (amount, 0);
            while left > 0 && looked < 4000 {
                let Ok(next) = day.checked_add(1.day()) else {
                    break;
                };
                day = next;
                looked += 1;
                left -= i64::from(schedule.is_working_day(day));
            }
            zone.to_ambiguous_zoned_datetime(day.to_datetime(start.time()))
                .compatible()
                .map_or(from, |later| later.timestamp())
        }
    }
}
