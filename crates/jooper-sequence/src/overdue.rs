//! What a long downtime has made late: where the schedule says so, a person is asked about it first.

use jiff::{SignedDuration, Timestamp};

use crate::engine::EngineSettings;
use crate::model::CatchUp;

/// Before which time whatever was due is late, at a lane that has seen `high_water` and is worked again
/// now; `None`: it did not stand still for long.
pub(crate) fn late_since(
    high_water: Timestamp,
    now: Timestamp,
    settings: &EngineSettings,
) -> Option<Timestamp> {
    let most = SignedDuration::from_hours(i64::from(settings.overdue_hours));
    let stood_still = now.duration_since(high_water);
    let since = now.checked_sub(most).ok();
    since.filter(|_| stood_still > most)
}

/// Before which time it asks a person about whatever was due, if it does, for a campaign that catches up
/// like this.
pub(crate) fn asks_before(
    high_water: Timestamp,
    now: Timestamp,
    settings: &EngineSettings,
    catch_up: CatchUp,
) -> Option<Timestamp> {
    late_since(high_water, now, settings).filter(|_| catch_up == CatchUp::Ask)
}

/// Whether it asks a person about what was due then before it does it. Times are compared as they are
/// kept: by the millisecond.
pub(crate) fn is_overdue(
    high_water: Timestamp,
    now: Timestamp,
    due_at: Timestamp,
    settings: &EngineSettings,
    catch_up: CatchUp,
) -> bool {
    let before = asks_before(high_water, now, settings, catch_up);
    before.is_some_and(|before| due_at.as_millisecond() < before.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_behind_a_downtime_is_asked_about_where_the_schedule_says_so() {
        let hours = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let settings = EngineSettings::default();
        let (ask, send) = (CatchUp::Ask, CatchUp::Send);
        for (high_water, due_at, catch_up, asked) in [
            (100, 127, ask, true),
            (100, 127, send, false),
            // Not late by more than the hours that are allowed.
            (100, 128, ask, false),
            // It stood still for no longer than that.
            (128, 1, ask, false),
            (127, 1, ask, true),
            // A clock that was ahead.
            (300, 1, ask, false),
        ] {
            let (seen, due) = (hours(high_water), hours(due_at));
            let overdue = is_overdue(seen, hours(200), due, &settings, catch_up);
            assert_eq!(overdue, asked, "{high_water} {due_at} {catch_up:?}");
        }
        let never = is_overdue(Timestamp::MIN, Timestamp::MIN, hours(0), &settings, ask);
        assert!(!never, "no time lies so far back");
    }
}
