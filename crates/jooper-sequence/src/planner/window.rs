//! Windows in the lead's own civil time.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::locale::{Locale, zone_of};
use crate::model::{Schedule, Window};

/// How far a slot is looked for, in days.
const HORIZON: usize = 400;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The first instant at or after `from` that lies in a window, on a day that is no holiday and on
/// which the sender is not away; `from` itself if there is none within 400 days.
///
/// A window holds whenever the clock on the wall shows a time in it: where clocks go forward over
/// its beginning it begins with the first instant behind the gap, and where they go back into it,
/// it holds once more.
pub fn earliest_slot(schedule: &Schedule, locale: &Locale, from: Timestamp) -> Timestamp {
    let sender = zone_of(schedule, None);
    let mut at = from;
    // Each turn moves behind one absence; one more finds the window there.
    for _ in 0..=schedule.absences.len() * 2 {
        let Some(slot) = in_window(schedule, locale, at) else {
            return from;
        };
        let day = slot.to_zoned_datetime(sender.clone()).date();
        let back = schedule.back_after(day, locale.mailbox);
        if back == day {
            return slot;
        }
        match start_of(&sender, back) {
            Some(morning) if morning > at => at = morning,
            _ => return slot,
        }
    }
    at
}

fn in_window(schedule: &Schedule, locale: &Locale, from: Timestamp) -> Option<Timestamp> {
    let zone = &locale.zone;
    let mut day = from.to_zoned_datetime(zone.clone()).date();
    for _ in 0..HORIZON {
        let windows = schedule.windows_on(day, locale.country);
        let open = |at: &Timestamp| {
            let wall = at.to_zoned_datetime(zone.clone()).datetime();
            wall.date() == day
                && windows
                    .iter()
                    .any(|window| (window.from..window.to).contains(&wall.time()))
        };
        let starts = windows.iter().flat_map(|window| starts(zone, day, window));
        let found = starts
            .chain([from])
            .filter(|at| *at >= from)
            .filter(open)
            .min();
        if found.is_some() {
            return found;
        }
        day = day.checked_add(1.day()).ok()?;
    }
    None
}

/// The instants at which a window may begin to hold: its beginning, twice where that time comes
/// twice; where an end of it is in a gap or comes twice, the change of the clocks as well.
fn starts(zone: &TimeZone, day: Date, window: &Window) -> Vec<Timestamp> {
    let [start, end] = [window.from, window.to]
        .map(|time| zone.to_ambiguous_zoned_datetime(day.to_datetime(time)));
    let changes = start.is_ambiguous() || end.is_ambiguous();
    let first = start.clone().earlier();
    let mut starts: Vec<_> = [first, start.later()]
        .into_iter()
        .flatten()
        .map(|start| start.timestamp())
        .collect();
    if changes {
        // The change is on this civil day, or right at one of its ends.
        let before = starts.first().and_then(|start| start.checked_sub(DAY).ok());
        let next = before.into_iter().flat_map(|before| zone.following(before));
        starts.extend(next.take(2).map(|change| change.timestamp()));
    }
    starts
}

/// The first instant of a civil day.
pub(super) fn start_of(zone: &TimeZone, day: Date) -> Option<Timestamp> {
    day.to_zoned_datetime(zone.clone())
        .ok()
        .map(|day| day.timestamp())
}
