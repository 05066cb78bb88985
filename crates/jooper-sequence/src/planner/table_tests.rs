//! The planner against times that were worked out independently, by Python's zoneinfo and a walk
//! through every minute. `testdata/plan/generate.py` says how to make the tables anew.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday, time};
use jooper_core::MailboxId;
use uuid::Uuid;

use super::line::LINE;
use super::{Locale, add_delay, earliest_slot, in_line};
use crate::model::{Calendar, Delay, Schedule, Window};

fn windows(days: impl Iterator<Item = i8>, from: Time, to: Time) -> Vec<Window> {
    days.map(|weekday| Window { weekday, from, to }).collect()
}

fn schedule(name: &str, calendar: &str) -> Schedule {
    let at = |hour, minute| time(hour, minute, 0, 0);
    let windows = match name {
        "office" => windows(1..=5, at(9, 0), at(17, 0)),
        "night" => windows(1..=7, at(1, 30), at(2, 30)),
        "split" => [
            windows(1..=5, at(8, 30), at(12, 0)),
            windows(1..=5, at(13, 30), at(18, 0)),
            windows(6..=6, at(10, 0), at(12, 0)),
        ]
        .concat(),
        other => panic!("no schedule {other}"),
    };
    Schedule {
        windows,
        calendars: (!calendar.is_empty())
            .then(|| calendar.to_owned())
            .into_iter()
            .collect(),
        ..Schedule::default()
    }
}

#[test]
fn every_time_is_the_one_that_was_worked_out_independently() {
    let table = include_str!("../../testdata/plan/plan.csv");
    let mut zones = std::collections::BTreeSet::new();
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in table.lines().skip(1) {
        let cells: Vec<_> = line.split(',').collect();
        let [zone, name, calendar, from, delay, due] = cells[..] else {
            panic!("{line}");
        };
        let schedule = schedule(name, calendar);
        let mailbox = MailboxId::from_uuid(Uuid::nil());
        let locale = Locale::new(&schedule, Some(zone), None, mailbox);
        let from: Timestamp = from.parse().unwrap();
        let delay = Delay::try_from(delay.to_owned()).unwrap();
        let planned = add_delay(&schedule, &locale, from, delay);
        let slot = earliest_slot(&schedule, &locale, planned);
        let due: Timestamp = due.parse().unwrap();
        if slot != due {
            wrong.push(format!("{line}: planned for {slot}"));
        }
        // What is planned in fact stands in the line at that opening, while it is open.
        for (since, sent) in [(from, 0), (from, 1), (planned, 0), (planned, 1)] {
            let placed = in_line(&schedule, &locale, planned, since, sent);
            let stands = (due..=due + LINE).contains(&placed) && (due != planned || placed == due);
            if !stands || earliest_slot(&schedule, &locale, placed) != placed {
                wrong.push(format!("{line}: stands in line at {placed}"));
            }
        }
        zones.insert(zone);
        rows += 1;
    }
    assert_eq!(zones.len(), 40);
    assert!(rows > 3000, "{rows} rows");
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {rows} differ:\n{shown}",
        wrong.len()
    );
}

/// Ten years of every shipped calendar and region, against the `holidays` package of Python.
#[test]
fn every_holiday_is_one_that_others_list_and_none_is_missing() {
    let table = include_str!("../../testdata/plan/holidays.csv");
    let listed: std::collections::BTreeSet<(String, Date)> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(region, day)| (region.to_owned(), day.parse().unwrap()))
        .collect();
    let regions: std::collections::BTreeSet<_> = listed.iter().map(|(name, _)| name).collect();
    assert!(regions.len() >= 22, "{regions:?}");
    let mut ours = std::collections::BTreeSet::new();
    let first: Date = "2024-01-01".parse().unwrap();
    for name in regions {
        let (calendar, region) = Calendar::region(name).unwrap();
        for day in first
            .series(jiff::ToSpan::day(1))
            .take_while(|day| day.year() < 2034)
        {
            if day.weekday() != Weekday::Sunday && calendar.is_holiday(day, region) {
                ours.insert((name.clone(), day));
            }
        }
    }
    let missing: Vec<_> = listed.difference(&ours).collect();
    let extra: Vec<_> = ours.difference(&listed).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:?}\nextra {extra:?}"
    );
}
