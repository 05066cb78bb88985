use jiff::civil::date;

use super::*;

#[test]
fn every_shipped_calendar_reads() {
    for (code, text) in SHIPPED {
        Calendar::from_toml(text).unwrap_or_else(|error| panic!("{code}: {error}"));
    }
    assert_eq!(Calendar::shipped().count(), SHIPPED.len());
}

#[test]
fn easter_is_where_the_church_keeps_it() {
    for (year, month, day) in [
        (1818, 3, 22),
        (1943, 4, 25),
        (2000, 4, 23),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2038, 4, 25),
    ] {
        assert_eq!(easter(year), Some(date(year, month, day)));
    }
}

#[test]
fn a_region_has_its_own_days() {
    let (germany, bavaria) = Calendar::region("DE-BY").unwrap();
    let epiphany = date(2026, 1, 6);
    assert!(germany.is_holiday(epiphany, bavaria));
    assert!(!germany.is_holiday(epiphany, Some("BE")));
    assert!(!germany.is_holiday(epiphany, None), "not nationwide");
    let day = date(2026, 11, 18);
    assert_eq!(germany.name_of(day, Some("SN")), Some("Buß- und Bettag"));
    assert!(Calendar::region("DE-XX").is_none());
    assert!(Calendar::region("XX").is_none());
}

#[test]
fn a_holiday_on_a_weekend_is_observed_beside_it() {
    let usa = Calendar::of("US").unwrap();
    assert!(
        usa.is_holiday(date(2026, 7, 3), None),
        "4 July 2026 is a Saturday"
    );
    assert!(
        usa.is_holiday(date(2027, 7, 5), None),
        "4 July 2027 is a Sunday"
    );
    assert!(
        usa.is_holiday(date(2021, 12, 31), None),
        "1 January 2022 is a Saturday"
    );
    assert!(
        !usa.is_holiday(date(2020, 6, 19), None),
        "a holiday from 2021"
    );
}

#[test]
fn a_holiday_with_two_rules_or_a_strange_region_is_refused() {
    let head = "country = \"XX\"\nsources = []\nreviewed = 2026-01-01\n[[holiday]]\nname = \"A\"\n";
    let read = |rest: &str| Calendar::from_toml(&format!("{head}{rest}"));
    assert!(read("date = \"12-25\"").is_ok());
    for wrong in [
        "",
        "date = \"12-25\"\neaster = 1",
        "weekday = \"monday\"",
        "date = \"02-29\"",
        "weekday = \"moonday\"\nnth = 1\nmonth = 1",
    ] {
        assert_eq!(
            read(wrong),
            Err(InvalidCalendar::Rule("A".to_owned())),
            "{wrong}"
        );
    }
    let strange = read("date = \"12-25\"\nregions = [\"Q\"]");
    assert!(matches!(strange, Err(InvalidCalendar::Region { .. })));
}
