//! Windows in the lead's own civil time.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::model::Schedule;

/// The lead's zone, or the schedule's where the lead's is unknown or does not exist.
pub fn zone_of(schedule: &Schedule, lead: Option<&str>) -> TimeZone {
    lead.and_then(|name| TimeZone::get(name).ok())
        .or_else(|| TimeZone::get(&schedule.zone).ok())
        .unwrap_or(TimeZone::UTC)
}

/// The first instant at or after `from` that lies in a window; `from` itself if none is found
/// within 400 days (the schedule's own check forbids that).
///
/// A window's ends are civil times: on the day of a change of the clocks a window is an hour
/// shorter or longer, and an end that does not exist moves to the next instant that does.
pub fn earliest_slot(schedule: &Schedule, zone: &TimeZone, from: Timestamp) -> Timestamp {
    let mut day = from.to_zoned_datetime(zone.clone()).date();
    for _ in 0..400 {
        for window in schedule.windows_on(day) {
            let (Ok(start), Ok(end)) = (
                zone.to_ambiguous_zoned_datetime(day.to_datetime(window.from))
                    .compatible(),
                zone.to_ambiguous_zoned_datetime(day.to_datetime(window.to))
                    .compatible(),
            ) else {
                continue;
            };
            let (start, end) = (start.timestamp(), end.timestamp());
            let slot = from.max(start);
            if slot < end && end.duration_since(slot) > SignedDuration::ZERO {
                return slot;
            }
        }
        match day.checked_add(1.day()) {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    from
}
