//! API quota: the table of 2026 per user, project, minute and day.
//!
//! Source: Gmail API usage limits as of 1 May 2026; a project in use before keeps the old column.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::super::knobs::{DAY, Knobs, MINUTE, SECOND};
use super::super::world::World;
use super::caller::Caller;
use super::calls::Method;
use super::error::ApiError;

const PROJECT_MINUTE: u64 = 1_200_000;
const USER_MINUTE_NEW: u64 = 6_000;
const USER_MINUTE_OLD: u64 = 15_000;
const PROJECT_DAY_NEW: u64 = 80_000_000;

/// Units used, by project (and user) and by virtual minute or day.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct QuotaLedger {
    minute: i64,
    day: i64,
    user_minute: BTreeMap<String, u64>,
    project_minute: BTreeMap<String, u64>,
    project_day: BTreeMap<String, u64>,
    /// Units of each user since the beginning, refused calls not counted.
    pub(crate) totals: BTreeMap<String, u64>,
    /// Calls that were refused.
    pub(crate) refused: u64,
    /// Most units any user had in one minute.
    pub(crate) peak_user_minute: u64,
}

/// What a method costs; reading costs more for new projects.
fn units(knobs: &Knobs, method: Method, old_project: bool) -> u64 {
    match method {
        Method::Send | Method::UploadSend => 100,
        Method::Watch => knobs.watch_units,
        Method::Stop => knobs.stop_units,
        Method::GetMessage | Method::GetAttachment | Method::GetDraft => {
            if old_project {
                5
            } else {
                20
            }
        }
        Method::GetThread => {
            if old_project {
                10
            } else {
                40
            }
        }
        Method::ListThreads => knobs.threads_list_units,
        Method::ListMessages | Method::ListDrafts => 5,
        Method::ListHistory => 2,
        _ => 1,
    }
}

/// The day by which daily quotas count: it turns at midnight Pacific time, in summer an hour earlier
/// by the clock of the world.
fn pacific_day(now: i64) -> i64 {
    let at = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
    let zone = TimeZone::get("America/Los_Angeles");
    let offset = zone.map_or(-8 * 3_600, |zone| zone.to_offset(at).seconds());
    (now + i64::from(offset) * SECOND).div_euclid(DAY)
}

/// Counts a call or refuses it.
pub(super) fn charge(world: &mut World, caller: &Caller, method: Method) -> Result<(), ApiError> {
    let old = world
        .directory
        .projects
        .get(&caller.project)
        .is_some_and(|project| project.old_quota);
    let cost = units(&world.knobs, method, old);
    let now = world.now;
    let quota = &mut world.quota;
    if quota.minute != now.div_euclid(MINUTE) {
        quota.minute = now.div_euclid(MINUTE);
        quota.user_minute.clear();
        quota.project_minute.clear();
    }
    let day = pacific_day(now);
    if quota.day != day {
        quota.day = day;
        quota.project_day.clear();
    }
    let key = format!("{}/{}", caller.project, caller.sub);
    let (user_cap, day_cap) = if old {
        (USER_MINUTE_OLD, u64::MAX)
    } else {
        (USER_MINUTE_NEW, PROJECT_DAY_NEW)
    };
    let user_cap = world.knobs.user_minute_units.unwrap_or(user_cap);
    let day_cap = world.knobs.project_day_units.unwrap_or(day_cap);
    let used = |map: &BTreeMap<String, u64>, key: &str| map.get(key).copied().unwrap_or(0);
    let next_minute = (quota.minute + 1) * MINUTE;
    let refusal = if used(&quota.user_minute, &key) + cost > user_cap {
        Some(ApiError::user_rate(Some(next_minute)))
    } else if used(&quota.project_minute, &caller.project) + cost > PROJECT_MINUTE {
        Some(ApiError::project_rate())
    } else if used(&quota.project_day, &caller.project) + cost > day_cap {
        Some(ApiError::daily_limit())
    } else {
        None
    };
    if let Some(error) = refusal.filter(|_| world.knobs.enforce_quota) {
        quota.refused += 1;
        return Err(error);
    }
    let minute = quota.user_minute.entry(key).or_insert(0);
    *minute += cost;
    quota.peak_user_minute = quota.peak_user_minute.max(*minute);
    *quota
        .project_minute
        .entry(caller.project.clone())
        .or_insert(0) += cost;
    *quota.project_day.entry(caller.project.clone()).or_insert(0) += cost;
    *quota.totals.entry(caller.email.clone()).or_insert(0) += cost;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_quotas_turns_at_midnight_pacific_time_in_summer_and_in_winter() {
        for (last, first) in [
            ("2026-07-15T06:59:59Z", "2026-07-15T07:00:00Z"),
            ("2026-12-01T07:59:59Z", "2026-12-01T08:00:00Z"),
        ] {
            let day = |text: &str| pacific_day(text.parse::<Timestamp>().unwrap().as_millisecond());
            assert_eq!(day(last) + 1, day(first), "{first}");
        }
    }
}
