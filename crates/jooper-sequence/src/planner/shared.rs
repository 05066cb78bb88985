//! Budgets that mailboxes share, over any 24 hours (law L12): counted by the quarter of an hour.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// How long one count goes, in seconds.
const QUARTER: i64 = 900;
/// Counts in 24 hours.
const DAY: i64 = 86_400 / QUARTER;
/// How much later than its reservation a mail may reach the provider, in seconds: the permit's ten,
/// and the one that is cut off.
const LATEST: i64 = 11;

/// The count that a mail belongs to which is reserved now: that of the latest instant at which it may
/// reach the provider.
pub fn quarter_of(now: Timestamp) -> i64 {
    (now.as_second() + LATEST).div_euclid(QUARTER)
}

/// The oldest count that may hold a mail of the 24 hours before now.
pub fn oldest_quarter(now: Timestamp) -> i64 {
    now.as_second().div_euclid(QUARTER) - DAY
}

/// Whether one more mail may go now, by the counts that are known; else when to look again. Counts
/// of the future are those of somebody whose clock is ahead: they are taken at their word, until a named
/// person says that it was wrong; its lane counts them as of now then.
pub fn room(counts: &BTreeMap<i64, i64>, most: i64, now: Timestamp) -> Result<(), Timestamp> {
    let mut used: i64 = counts.range(oldest_quarter(now)..).map(|(_, n)| n).sum();
    if used < most {
        return Ok(());
    }
    for (quarter, count) in counts.range(oldest_quarter(now)..) {
        used -= count;
        if used < most {
            let free = (quarter + DAY + 1) * QUARTER;
            return Err(Timestamp::from_second(free).unwrap_or(Timestamp::MAX));
        }
    }
    Err(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_full_budget_is_free_a_day_behind_its_oldest_mail() {
        let evening = at("2026-11-23T23:50:00Z");
        let mut counts = BTreeMap::from([(quarter_of(evening), 2)]);
        assert_eq!(room(&counts, 3, evening), Ok(()));
        let free = at("2026-11-25T00:00:00Z");
        let morning = at("2026-11-24T09:00:00Z");
        assert_eq!(room(&counts, 2, morning), Err(free), "another UTC day");
        counts.insert(quarter_of(morning), 1);
        assert_eq!(
            room(&counts, 2, morning),
            Err(free),
            "one of three is enough"
        );
        assert_eq!(room(&counts, 2, free), Ok(()));
        assert_eq!(room(&counts, 1, free), Err(at("2026-11-25T09:15:00Z")));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Law L12: however mails come and however long each takes, no 24 hours have more of them
        /// than the budget, by the times at which they reached the provider.
        #[test]
        fn no_24_hours_have_more_than_the_budget(
            ticks in prop::collection::vec((0..30_000_i64, 0..11_i64), 1..300),
            most in 1..12_i64, start in 1_767_225_600_i64..1_830_000_000,
        ) {
            let mut now = Timestamp::from_second(start).unwrap();
            let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
            let mut accepted: Vec<Timestamp> = Vec::new();
            for (pass, took) in ticks {
                now += SignedDuration::from_secs(pass);
                match room(&counts, most, now) {
                    Ok(()) => {
                        *counts.entry(quarter_of(now)).or_default() += 1;
                        accepted.push(now + SignedDuration::from_secs(took));
                    }
                    Err(until) => {
                        prop_assert!(until > now, "waits for something to come");
                        prop_assert_eq!(room(&counts, most, until), Ok(()), "and it comes");
                        let day = SignedDuration::from_hours(24);
                        let quarter = SignedDuration::from_mins(16);
                        prop_assert!(until.duration_since(now) <= day + quarter);
                    }
                }
            }
            for first in &accepted {
                let day = accepted.iter().filter(|at| {
                    let behind = at.duration_since(*first);
                    !behind.is_negative() && behind < SignedDuration::from_hours(24)
                });
                prop_assert!(day.count() <= most as usize);
            }
        }
    }
}
