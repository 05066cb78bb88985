//! The API quota that this process keeps to, so that Google need not say no.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

use crate::settings::{ProjectAge, QuotaSettings};
use crate::time;

/// Google's limits (Gmail API, "Usage limits": "As of May 1, 2026 ...").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Units a minute and user.
    pub(crate) user_minute: u64,
    /// Units a minute and project.
    pub(crate) project_minute: u64,
    /// Units a day and project: the billing threshold, which cannot be raised.
    pub(crate) project_day: Option<u64>,
}

impl Limits {
    /// The row of the table for a project of this age.
    pub(crate) const fn of(project: ProjectAge) -> Self {
        match project {
            ProjectAge::Since2026 => Self {
                user_minute: 6_000,
                project_minute: 1_200_000,
                project_day: Some(80_000_000),
            },
            ProjectAge::Before2026 => Self {
                user_minute: 15_000,
                project_minute: 1_200_000,
                project_day: None,
            },
        }
    }
}

/// What the units of a user are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Sending, its evidence and its reconciliation: may use everything.
    Sending,
    /// Reading what arrived: leaves room for a few sends, so that a mailbox that gets much mail
    /// still sends.
    Reading,
}

/// Room for four sends with getProfile and read-back (121 units each).
const RESERVED_FOR_SENDING: u64 = 4 * 121;

/// Units used in the last 60 seconds, whichever minute Google counts by.
#[derive(Debug, Default)]
pub(crate) struct Minute {
    used: VecDeque<(i64, u64)>,
    sum: u64,
}

const MINUTE: i64 = 60;

impl Minute {
    fn forget(&mut self, now: i64) {
        // A clock that was set back: everything counts as used just now.
        if self.used.back().is_some_and(|(last, _)| *last > now) {
            self.used = VecDeque::from([(now, self.sum)]);
        }
        while let Some((at, units)) = self
            .used
            .front()
            .copied()
            .filter(|(at, _)| now - at >= MINUTE)
        {
            debug_assert!(at <= now);
            self.sum -= units;
            self.used.pop_front();
        }
    }

    /// How long until `units` more fit under `limit`; `None`: they fit now.
    fn wait(&mut self, now: i64, units: u64, limit: u64) -> Option<Duration> {
        self.forget(now);
        let mut over = (self.sum + units)
            .checked_sub(limit)
            .filter(|over| *over > 0)?;
        let mut last = now;
        for (at, used) in &self.used {
            last = *at;
            over = over.saturating_sub(*used);
            if over == 0 {
                break;
            }
        }
        let seconds = (last + MINUTE - now).max(1);
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(1)))
    }

    fn add(&mut self, now: i64, units: u64) {
        self.sum += units;
        match self.used.back_mut() {
            Some((at, used)) if *at == now => *used += units,
            _ => self.used.push_back((now, units)),
        }
    }
}

#[derive(Debug, Default)]
struct Project {
    minute: Minute,
    day: Option<Date>,
    /// What this process used of it: after a restart it is counted from nothing.
    day_used: u64,
    /// Google has said that the day is used up: no call before this second.
    stopped_until: i64,
}

/// The budget of the whole process; each mailbox brings its own [`Minute`].
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    /// Google's daily quotas turn at midnight Pacific time (Google Cloud's quota guide).
    zone: TimeZone,
    project: Mutex<Project>,
}

impl Budget {
    pub(crate) fn new(settings: &QuotaSettings) -> Self {
        let limits = Limits::of(settings.project);
        let percent = u64::from(settings.project_share_percent.get().min(100));
        let share = |units: u64| units * percent / 100;
        let limits = Limits {
            project_minute: share(limits.project_minute),
            project_day: limits.project_day.map(share),
            ..limits
        };
        Self {
            limits,
            zone: TimeZone::get("America/Los_Angeles")
                .unwrap_or_else(|_| TimeZone::fixed(offset(-8))),
            project: Mutex::default(),
        }
    }

    /// Stops every mailbox of the project until then.
    pub(crate) fn stop(&self, until: Timestamp) {
        let mut project = self.project.lock().unwrap_or_else(PoisonError::into_inner);
        project.stopped_until = until.as_second();
    }

    /// Takes units, or says how long to wait for them. Nothing is taken then.
    pub(crate) fn take(
        &self,
        user: &Mutex<Minute>,
        now: Timestamp,
        units: u64,
        purpose: Use,
    ) -> Result<(), Duration> {
        let second = now.as_second();
        let mut user = user.lock().unwrap_or_else(PoisonError::into_inner);
        let mut project = self.project.lock().unwrap_or_else(PoisonError::into_inner);
        // No longer than a day: a clock that was set back must not stop the project for ever.
        let stopped = project.stopped_until - second;
        if (1..=86_400).contains(&stopped) {
            return Err(Duration::from_secs(u64::try_from(stopped).unwrap_or(1)));
        }
        let reserved = if purpose == Use::Reading {
            RESERVED_FOR_SENDING
        } else {
            0
        };
        let user_limit = self.limits.user_minute - reserved;
        // More than a whole minute allows at once could never be taken: then an idle minute is
        // enough.
        let units = units.min(user_limit);
        if let Some(wait) = user.wait(second, units, user_limit) {
            return Err(wait);
        }
        if let Some(wait) = project
            .minute
            .wait(second, units, self.limits.project_minute)
        {
            return Err(wait);
        }
        let today = now.to_zoned_datetime(self.zone.clone()).date();
        if project.day != Some(today) {
            project.day = Some(today);
            project.day_used = 0;
        }
        let over = self
            .limits
            .project_day
            .is_some_and(|limit| project.day_used + units > limit);
        if over {
            return Err(self.left_of(today, now));
        }
        project.day_used += units;
        project.minute.add(second, units);
        user.add(second, units);
        Ok(())
    }

    /// How long this day of the project's still lasts; they are 23 to 25 hours long.
    fn left_of(&self, today: Date, now: Timestamp) -> Duration {
        let tomorrow = today
            .tomorrow()
            .map(|day| day.to_zoned_datetime(self.zone.clone()));
        tomorrow.map_or(Duration::from_secs(86_400), |begins| match begins {
            Ok(begins) => time::until(now, begins.timestamp()),
            Err(_) => Duration::from_secs(86_400),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn take(budget: &Budget, user: &Mutex<Minute>, second: i64, units: u64) -> Result<(), u64> {
        budget
            .take(user, at(second), units, Use::Sending)
            .map_err(|wait| wait.as_secs())
    }

    fn day_of(budget: &Budget, second: i64) -> Date {
        at(second).to_zoned_datetime(budget.zone.clone()).date()
    }

    #[test]
    fn the_projects_day_is_a_pacific_one_in_summer_and_in_winter() {
        for (used, end) in [
            ("2026-07-14T23:00:00Z", "2026-07-15T07:00:00Z"),
            ("2026-07-15T06:59:00Z", "2026-07-15T07:00:00Z"),
            ("2026-12-01T00:00:00Z", "2026-12-01T08:00:00Z"),
            ("2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"),
        ] {
            let (budget, user) = (Budget::new(&QuotaSettings::default()), Mutex::default());
            let (used, end): (Timestamp, Timestamp) = (used.parse().unwrap(), end.parse().unwrap());
            budget.take(&user, used, 1, Use::Sending).unwrap();
            budget.project.lock().unwrap().day_used = 80_000_000;
            let later = time::after(used, Duration::from_secs(59));
            let wait = budget.take(&user, later, 1, Use::Sending).unwrap_err();
            assert_eq!(time::after(later, wait), end, "{used}");
            assert_eq!(budget.take(&user, end, 1, Use::Sending), Ok(()), "{used}");
        }
    }

    #[test]
    fn a_user_gets_six_thousand_units_in_any_minute() {
        let (budget, user) = (Budget::new(&QuotaSettings::default()), Mutex::default());
        assert_eq!(take(&budget, &user, 0, 4_000), Ok(()));
        assert_eq!(take(&budget, &user, 30, 2_000), Ok(()));
        assert_eq!(take(&budget, &user, 59, 1), Err(1));
        assert_eq!(take(&budget, &user, 59, 5_000), Err(31));
        assert_eq!(take(&budget, &user, 60, 4_000), Ok(()));
        assert_eq!(
            take(&budget, &Mutex::default(), 60, 6_000),
            Ok(()),
            "another user"
        );
    }

    #[test]
    fn reading_leaves_room_for_sending() {
        let (budget, user) = (Budget::new(&QuotaSettings::default()), Mutex::default());
        while budget.take(&user, at(0), 20, Use::Reading).is_ok() {}
        for _ in 0..4 {
            assert_eq!(take(&budget, &user, 0, 121), Ok(()));
        }
    }

    #[test]
    fn the_projects_day_ends_and_begins_again() {
        let (budget, user) = (Budget::new(&QuotaSettings::default()), Mutex::default());
        let mut second = 0;
        while take(&budget, &user, second, 6_000) == Ok(()) {
            second += 60;
            *budget.project.lock().unwrap() = Project {
                day_used: budget.project.lock().map(|p| p.day_used).unwrap_or(0),
                day: Some(day_of(&budget, second)),
                minute: Minute::default(),
                stopped_until: 0,
            };
            if second > 60 * 10 {
                budget.project.lock().unwrap().day_used = 80_000_000;
            }
        }
        let wait = take(&budget, &user, second, 6_000).unwrap_err();
        assert!((1..=86_400).contains(&wait));
        let tomorrow = second + i64::try_from(wait).unwrap();
        assert_eq!(take(&budget, &user, tomorrow, 6_000), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_frees_nothing_and_blocks_for_a_minute_at_most() {
        let (budget, user) = (Budget::new(&QuotaSettings::default()), Mutex::default());
        assert_eq!(take(&budget, &user, 0, 6_000), Ok(()));
        assert_eq!(take(&budget, &user, -7_200, 1), Err(60));
        assert_eq!(take(&budget, &user, -7_140, 6_000), Ok(()));
    }

    #[test]
    fn a_stopped_project_waits_and_goes_on_by_itself() {
        let (budget, user) = (Budget::new(&QuotaSettings::default()), Mutex::default());
        budget.stop(at(3_600));
        assert_eq!(take(&budget, &user, 0, 1), Err(3_600));
        assert_eq!(take(&budget, &Mutex::default(), 3_599, 1), Err(1));
        assert_eq!(take(&budget, &user, 3_600, 1), Ok(()));
        budget.stop(at(10 * 86_400));
        assert_eq!(take(&budget, &user, 7_200, 1), Ok(()), "a clock gone wrong");
    }

    proptest! {
        #[test]
        fn no_minute_ever_holds_more_than_the_limit(
            calls in proptest::collection::vec((0_i64..40, 1_u64..3_000), 1..60)
        ) {
            let (budget, user) = (Budget::new(&QuotaSettings::default()), Mutex::default());
            let (mut second, mut taken) = (0, Vec::new());
            for (pause, units) in calls {
                second += pause;
                match take(&budget, &user, second, units) {
                    Ok(()) => taken.push((second, units)),
                    Err(wait) => {
                        let later = second + i64::try_from(wait).unwrap();
                        prop_assert_eq!(take(&budget, &user, later, units), Ok(()));
                        second = later;
                        taken.push((second, units));
                    }
                }
                let recent = taken.iter().filter(|(at, _)| second - at < 60);
                prop_assert!(recent.map(|(_, units)| units).sum::<u64>() <= 6_000);
            }
        }
    }
}
