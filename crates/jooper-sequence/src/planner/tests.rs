use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::model::DelayUnit;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_mail_waits_for_the_leads_own_morning() {
    let schedule = Schedule::default();
    let tokyo = zone_of(&schedule, Some("Asia/Tokyo"));
    // 20:00 on a Friday in Tokyo: the next window is Monday 9:00 there.
    let slot = earliest_slot(&schedule, &tokyo, at("2026-11-27T11:00:00Z"));
    assert_eq!(slot, at("2026-11-30T00:00:00Z"));
}

#[test]
fn an_unknown_zone_falls_back_to_the_schedules() {
    let schedule = Schedule {
        zone: "Europe/Berlin".to_owned(),
        ..Schedule::default()
    };
    let zone = zone_of(&schedule, Some("Mars/Olympus"));
    assert_eq!(
        earliest_slot(&schedule, &zone, at("2026-11-23T00:00:00Z")),
        at("2026-11-23T08:00:00Z")
    );
}

#[test]
fn the_change_of_the_clocks_moves_the_instant_not_the_hour() {
    let schedule = Schedule::default();
    let berlin = zone_of(&schedule, Some("Europe/Berlin"));
    let before = earliest_slot(&schedule, &berlin, at("2026-10-23T00:00:00Z"));
    let after = earliest_slot(&schedule, &berlin, at("2026-10-26T00:00:00Z"));
    assert_eq!(before, at("2026-10-23T07:00:00Z"));
    assert_eq!(after, at("2026-10-26T08:00:00Z"));
}

#[test]
fn working_days_skip_weekends_and_holidays() {
    let mut schedule = Schedule::default();
    schedule.holidays.insert(date(2026, 12, 25));
    let zone = zone_of(&schedule, None);
    let delay = Delay {
        amount: 3,
        unit: DelayUnit::WorkingDays,
    };
    // Wednesday 23rd + 3 working days: 24th, 28th, 29th.
    let due = add_delay(&schedule, &zone, at("2026-12-23T10:00:00Z"), delay);
    assert_eq!(due, at("2026-12-29T10:00:00Z"));
}

#[test]
fn a_leap_day_is_a_day() {
    let schedule = Schedule::default();
    let zone = zone_of(&schedule, None);
    let delay = Delay {
        amount: 1,
        unit: DelayUnit::Days,
    };
    let due = add_delay(&schedule, &zone, at("2028-02-28T10:00:00Z"), delay);
    assert_eq!(due, at("2028-02-29T10:00:00Z"));
}

proptest! {
    #[test]
    fn a_slot_is_never_early_and_always_in_a_window(
        second in 1_700_000_000_i64..2_000_000_000,
        zone in prop::sample::select(vec![
            "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
            "Pacific/Apia", "America/St_Johns", "Africa/Casablanca", "Asia/Kathmandu",
        ]),
    ) {
        let schedule = Schedule::default();
        let from = Timestamp::from_second(second).unwrap();
        let zone = zone_of(&schedule, Some(zone));
        let slot = earliest_slot(&schedule, &zone, from);
        prop_assert!(slot >= from);
        let local = slot.to_zoned_datetime(zone.clone());
        prop_assert!((9..17).contains(&local.hour()), "{local}");
        prop_assert!(local.weekday().to_monday_one_offset() <= 5, "{local}");
        prop_assert_eq!(earliest_slot(&schedule, &zone, slot), slot);
    }

    #[test]
    fn the_same_key_is_placed_the_same(seed: u64, id: u128, second in 1_700_000_000_i64..2_000_000_000) {
        let schedule = Schedule::default();
        let from = Timestamp::from_second(second).unwrap();
        let enrollment = EnrollmentId::from_uuid(Uuid::from_u128(id));
        let place = || place_step(
            &schedule, Some("Europe/Paris"), from, Delay::default(), Draw::new(seed), enrollment,
            StepIndex(0),
        );
        prop_assert_eq!(place(), place());
        let gap = gap_seconds(&schedule, Draw::new(seed), enrollment.uuid(), StepIndex(0));
        prop_assert!((schedule.gap_seconds_min..=schedule.gap_seconds_max).contains(&gap));
    }
}
