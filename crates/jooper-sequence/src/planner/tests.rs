use jiff::civil::{date, time};
use jiff::{SignedDuration, ToSpan};
use jooper_core::{CampaignId, MailboxId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::model::{Absence, DelayUnit, Limits, Ramp, Window};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn mailbox() -> MailboxId {
    MailboxId::from_uuid(Uuid::from_u128(4))
}

fn campaign(n: u128) -> CampaignId {
    CampaignId::from_uuid(Uuid::from_u128(n))
}

fn locale(schedule: &Schedule, zone: Option<&str>) -> Locale {
    Locale::new(schedule, zone, None, mailbox())
}

#[test]
fn an_absence_without_an_end_is_refused() {
    let forever = |to| Schedule {
        absences: vec![Absence {
            mailbox: None,
            from: date(2026, 11, 24),
            to,
        }],
        ..Schedule::default()
    };
    for to in [date(9999, 12, 31), date(9999, 12, 30), date(9001, 1, 1)] {
        let refused = forever(to).check().unwrap_err().to_string();
        assert!(refused.contains("pause the mailbox"), "{refused}");
    }
    assert!(forever(date(9000, 12, 31)).check().is_ok());
}

#[test]
fn a_window_opens_first_for_whoever_has_waited_longest() {
    let schedule = Schedule::default();
    let here = locale(&schedule, None);
    let evening = at("2026-11-24T18:00:00Z");
    let since = |text: &str| in_line(&schedule, &here, evening, at(text), 1);
    let waited: Vec<_> = [
        "2026-08-01T00:00:00Z",
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:01:00Z",
        "2026-11-24T18:00:00Z",
    ]
    .map(since)
    .into();
    assert_eq!(waited[0], at("2026-11-25T09:00:00Z"));
    assert!(waited.is_sorted_by(|one, next| one < next), "{waited:?}");
    assert!(waited[3] < at("2026-11-25T09:01:30Z"), "{waited:?}");
    let noon = at("2026-11-24T12:00:00Z");
    assert_eq!(
        in_line(&schedule, &here, noon, at("2026-11-23T12:00:00Z"), 1),
        noon
    );
    let mut narrow = schedule.clone();
    for window in &mut narrow.windows {
        window.to = window.from.saturating_add(SignedDuration::from_mins(1));
    }
    let slot = in_line(&narrow, &here, evening, evening, 1);
    assert_eq!(slot, at("2026-11-25T09:00:00Z"), "it would be over by then");
}

/// A lane wakes for whom is due first: whoever is due a moment later has no say.
#[test]
fn a_window_opens_for_follow_ups_before_it_opens_for_anybody_new() {
    let schedule = Schedule::default();
    let here = locale(&schedule, None);
    let evening = at("2026-11-24T18:00:00Z");
    let place = |since: &str, sent| in_line(&schedule, &here, evening, at(since), sent);
    let follow_ups = ["2026-01-01T00:00:00Z", "2026-11-24T18:00:00Z"].map(|since| place(since, 1));
    let first = ["2026-01-01T00:00:00Z", "2026-11-24T18:00:00Z"].map(|since| place(since, 0));
    assert!(follow_ups[1] <= first[0], "{follow_ups:?} {first:?}");
    assert!(follow_ups[0] < follow_ups[1] && first[0] < first[1]);
    assert!(first[1] < at("2026-11-25T09:01:30Z"), "{first:?}");
}

/// Midnight in the sender's Berlin is a minute behind an opening in the lead's own zone.
#[test]
fn nobody_stands_in_line_where_the_sender_is_away() {
    let schedule = Schedule {
        zone: "Europe/Berlin".to_owned(),
        windows: (1..=7)
            .map(|weekday| Window {
                weekday,
                from: time(22, 59, 0, 0),
                to: time(23, 30, 0, 0),
            })
            .collect(),
        absences: vec![Absence {
            mailbox: None,
            from: date(2026, 11, 25),
            to: date(2026, 11, 26),
        }],
        ..Schedule::default()
    };
    let lead = locale(&schedule, Some("UTC"));
    let evening = at("2026-11-24T18:00:00Z");
    assert_eq!(
        earliest_slot(&schedule, &lead, evening),
        at("2026-11-24T22:59:00Z")
    );
    let placed = in_line(&schedule, &lead, evening, evening, 0);
    assert_eq!(earliest_slot(&schedule, &lead, placed), placed, "{placed}");
}

#[test]
fn a_mail_waits_for_the_leads_own_morning() {
    let schedule = Schedule::default();
    let tokyo = locale(&schedule, Some("Asia/Tokyo"));
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
    let mars = locale(&schedule, Some("Mars/Olympus"));
    assert_eq!(
        earliest_slot(&schedule, &mars, at("2026-11-23T00:00:00Z")),
        at("2026-11-23T08:00:00Z")
    );
}

#[test]
fn a_sender_who_is_away_sends_nothing_and_the_days_count_on() {
    let schedule = Schedule {
        absences: vec![
            Absence {
                mailbox: None,
                from: date(2026, 11, 24),
                to: date(2026, 11, 25),
            },
            Absence {
                mailbox: Some(mailbox()),
                from: date(2026, 11, 26),
                to: date(2026, 11, 27),
            },
        ],
        ..Schedule::default()
    };
    let here = locale(&schedule, None);
    let away = earliest_slot(&schedule, &here, at("2026-11-24T10:00:00Z"));
    assert_eq!(
        away,
        at("2026-11-30T09:00:00Z"),
        "Saturday and Sunday follow"
    );
    let other = Locale {
        mailbox: MailboxId::from_uuid(Uuid::from_u128(5)),
        ..here.clone()
    };
    let other = earliest_slot(&schedule, &other, at("2026-11-24T10:00:00Z"));
    assert_eq!(other, at("2026-11-26T09:00:00Z"));
    let delay = Delay::working_days(1);
    let due = add_delay(&schedule, &here, at("2026-11-23T10:00:00Z"), delay);
    assert_eq!(
        due,
        at("2026-11-24T10:00:00Z"),
        "an absence is a working day"
    );
}

#[test]
fn the_leads_own_holidays_count_where_they_are_asked_for() {
    let schedule = Schedule {
        holidays_of_lead: true,
        ..Schedule::default()
    };
    let country = "US".parse().ok();
    let lead = Locale::new(&schedule, Some("America/New_York"), country, mailbox());
    let thanksgiving = at("2026-11-26T15:00:00Z");
    assert_eq!(
        earliest_slot(&schedule, &lead, thanksgiving),
        at("2026-11-27T14:00:00Z")
    );
    let unknown = Locale {
        country: None,
        ..lead
    };
    assert_eq!(
        earliest_slot(&schedule, &unknown, thanksgiving),
        thanksgiving
    );
}

fn recent(times: &[Timestamp]) -> Recent {
    times
        .iter()
        .fold(Recent::default().seasoned(), |recent, at| {
            recent.with(RecentSend::new(*at, campaign(1)))
        })
}

fn since(connected_at: Timestamp) -> Volume {
    Volume {
        connected_at,
        ceiling: 400,
    }
}

#[test]
fn a_full_day_waits_for_midnight_and_a_full_span_for_its_oldest_mail() {
    let schedule = Schedule {
        daily_cap: 2,
        limits: Limits {
            hourly: Some(1),
            ..Limits::default()
        },
        ..Schedule::default()
    };
    let connected = since(at("2026-01-01T00:00:00Z"));
    let full = |times: &[Timestamp], now| budget(&schedule, &recent(times), &connected, now);
    let (nine, ten) = (at("2026-11-23T09:00:00Z"), at("2026-11-23T10:00:00Z"));
    assert_eq!(full(&[], nine), None);
    let hour = full(&[nine], at("2026-11-23T09:30:00Z")).unwrap();
    assert_eq!(
        (hour.budget, hour.until),
        ("mails in an hour", at("2026-11-23T10:00:11Z"))
    );
    assert_eq!(full(&[nine], at("2026-11-23T10:00:11Z")), None);
    // Two today: nothing before the first one is a whole day old, which is later than midnight.
    let day = full(&[nine, ten], at("2026-11-23T12:00:00Z")).unwrap();
    assert_eq!(day.until, at("2026-11-24T09:00:11Z"));
}

#[test]
fn a_ramp_grows_with_the_days_since_the_mailbox_was_connected() {
    let schedule = Schedule {
        daily_cap: 5,
        limits: Limits {
            ramp: Some(Ramp { start: 1, add: 2 }),
            ..Limits::default()
        },
        ..Schedule::default()
    };
    let connected = since(at("2026-11-22T23:59:00Z"));
    let most = |now: Timestamp| {
        let one_less = |n: i64| now - SignedDuration::from_mins(n + 1);
        (0..10)
            .find(|n| {
                let times: Vec<_> = (0..*n).map(one_less).collect();
                budget(&schedule, &recent(&times), &connected, now).is_some()
            })
            .unwrap()
    };
    assert_eq!(most(at("2026-11-22T23:59:30Z")), 1);
    assert_eq!(most(at("2026-11-23T12:00:00Z")), 3);
    assert_eq!(most(at("2026-11-24T12:00:00Z")), 5);
    assert_eq!(
        most(at("2026-11-29T12:00:00Z")),
        5,
        "never above the daily cap"
    );
}

/// How many mails of a mailbox go on each of these days, one a minute from nine o'clock on.
fn sent_by_day(
    schedule: &Schedule,
    ceiling: u32,
    days: &[(i64, bool)],
    mut row: Vec<u8>,
) -> Vec<usize> {
    let first = at("2026-11-23T09:00:00Z");
    let volume = Volume {
        connected_at: first,
        ceiling,
    };
    let each = days.iter().map(|(day, unwell)| {
        let mut now = first + SignedDuration::from_hours(24 * day);
        let mut sent = 0;
        for _ in 0..500 {
            let mut recent = Recent::from_bytes(&row);
            if recent.asks_how_it_stands(now) {
                recent = recent.standing(now, *unwell);
            }
            if budget(schedule, &recent, &volume, now).is_none() {
                row = recent.with(RecentSend::new(now, campaign(1))).to_bytes();
                sent += 1;
            }
            now += SignedDuration::from_secs(60);
        }
        sent
    });
    each.collect()
}

#[test]
fn a_new_mailbox_begins_with_twenty_and_grows_by_a_fifth_on_healthy_days_with_mail() {
    let schedule = Schedule {
        daily_cap: 1_000,
        ..Schedule::default()
    };
    // Every second day, so that no mail of the day before counts within 24 hours.
    let healthy: Vec<_> = (0..6).map(|day| (2 * day, false)).collect();
    let new = || Recent::default().to_bytes();
    assert_eq!(
        sent_by_day(&schedule, 400, &healthy, new()),
        [20, 24, 28, 33, 39, 46]
    );
    let unwell = [(0, false), (2, true), (4, true), (6, false)];
    assert_eq!(
        sent_by_day(&schedule, 400, &unwell, new()),
        [20, 20, 20, 24]
    );
    let idle = [(0, false), (30, false)];
    assert_eq!(
        sent_by_day(&schedule, 400, &idle, new()),
        [20, 24],
        "idle days count for nothing"
    );
    let capped = Schedule {
        daily_cap: 22,
        ..Schedule::default()
    };
    assert_eq!(
        sent_by_day(&capped, 400, &healthy[..3], new()),
        [20, 22, 22]
    );
}

#[test]
fn a_day_on_which_nothing_was_accepted_adds_nothing() {
    let send = |text| RecentSend::new(at(text), campaign(1));
    let first = Recent::default().with(send("2026-11-23T09:00:00Z"));
    let (one, two) = (send("2026-11-25T09:00:00Z"), send("2026-11-25T10:00:00Z"));
    let both = first.with(one).with(two);
    assert_eq!(both.healthy_days(), Some(1));
    assert_eq!(both.without(one).healthy_days(), Some(1), "the other went");
    let refused = both.without(one).without(two);
    assert_eq!(refused.healthy_days(), Some(0));
    // The day may yet become one with mail.
    let later = refused.with(send("2026-11-25T11:00:00Z"));
    assert_eq!(later.healthy_days(), Some(1));
    // A first mail that was refused begins nothing.
    let none = Recent::default().with(one).without(one);
    assert_eq!(none.to_bytes(), Recent::default().to_bytes());
    let declared = Recent::default().with(one).seasoned().without(one);
    assert_eq!(declared.healthy_days(), None);
}

#[test]
fn a_day_whose_only_reservation_died_with_its_worker_adds_nothing() {
    let send = |text| RecentSend::new(at(text), campaign(1));
    let restarted = |recent: &Recent| Recent::from_bytes(&recent.to_bytes());
    let first = Recent::default().with(send("2026-11-23T09:00:00Z"));
    let died = restarted(&first.with(send("2026-11-25T09:00:00Z"))).last_died();
    assert_eq!(died.most(at("2026-11-25T10:00:00Z")), 24, "the first day's");
    assert_eq!(
        died.most(at("2026-11-27T09:00:00Z")),
        24,
        "none of the second"
    );
    let later = died.with(send("2026-11-25T10:00:00Z"));
    assert_eq!(later.most(at("2026-11-27T09:00:00Z")), 28);
    let both = first
        .with(send("2026-11-25T09:00:00Z"))
        .with(send("2026-11-25T10:00:00Z"));
    assert_eq!(
        restarted(&both).last_died().healthy_days(),
        Some(1),
        "one went"
    );
    let none = restarted(&Recent::default().with(send("2026-11-23T09:00:00Z"))).last_died();
    assert_eq!(
        none.most(at("2026-11-24T09:00:00Z")),
        20,
        "it has not begun"
    );
    assert_eq!(first.seasoned().last_died().healthy_days(), None);
}

#[test]
fn how_a_mailbox_stands_is_asked_at_every_look_until_its_first_mail_of_the_day() {
    let first = Recent::default().with(RecentSend::new(at("2026-11-23T09:00:00Z"), campaign(1)));
    let now = at("2026-11-25T09:00:00Z");
    assert!(first.asks_how_it_stands(now));
    let unwell = first.standing(now, true);
    assert!(!unwell.asks_how_it_stands(now));
    assert_eq!(unwell.most(now), 20);
    let again = unwell.asking_anew();
    assert!(again.asks_how_it_stands(now));
    assert_eq!(again.standing(now, false).most(now), 24);
}

#[test]
fn a_budget_says_whose_figure_it_is() {
    let bounds = |daily_cap, ceiling, recent: &Recent| {
        let now = at("2026-11-23T09:00:00Z");
        let schedule = Schedule {
            daily_cap,
            ..Schedule::default()
        };
        let volume = Volume {
            connected_at: now,
            ceiling,
        };
        let all = budgets(&schedule, recent, &volume, now);
        all.into_iter().map(|used| used.bound).collect::<Vec<_>>()
    };
    let (new, old) = (Recent::default(), Recent::default().seasoned());
    assert_eq!(bounds(1_000, 400, &new)[..2], [Bound::New; 2]);
    assert_eq!(bounds(20, 400, &new)[..2], [Bound::Campaign; 2]);
    assert_eq!(bounds(1_000, 400, &old)[..2], [Bound::Ceiling; 2]);
    assert_eq!(bounds(400, 400, &old)[..2], [Bound::Campaign; 2]);
    assert_eq!(bounds(1_000, 10, &new)[..2], [Bound::Ceiling; 2]);
}

#[test]
fn a_ceiling_holds_for_a_mailbox_that_is_not_new() {
    let schedule = Schedule {
        daily_cap: 1_000,
        ..Schedule::default()
    };
    let seasoned = || Recent::default().seasoned().to_bytes();
    let days = [(0, false), (2, true)];
    assert_eq!(sent_by_day(&schedule, 400, &days, seasoned()), [400, 400]);
    assert_eq!(sent_by_day(&schedule, 150, &days, seasoned()), [150, 150]);
    let climbed: Vec<_> = (0..24).map(|day| (2 * day, false)).collect();
    let sent = sent_by_day(&schedule, 150, &climbed, Recent::default().to_bytes());
    assert_eq!(sent.last(), Some(&150));
    assert_eq!(sent.iter().max(), Some(&150));
}

#[test]
fn a_full_mailbox_that_climbs_is_never_free_before_it_says() {
    let zoned = |zone: &str| Schedule {
        zone: zone.to_owned(),
        daily_cap: 1_000,
        ..Schedule::default()
    };
    for schedule in [
        zoned("UTC"),
        zoned("America/Los_Angeles"),
        zoned("Pacific/Auckland"),
    ] {
        let mut now = at("2026-11-23T20:00:00Z");
        let volume = since(now);
        let mut recent = Recent::default();
        for _ in 0..400 {
            match budget(&schedule, &recent, &volume, now) {
                None => {
                    recent = recent.with(RecentSend::new(now, campaign(1)));
                    now += SignedDuration::from_secs(60);
                }
                Some(full) => {
                    let before = full.until - SignedDuration::from_secs(1);
                    assert!(budget(&schedule, &recent, &volume, before).is_some());
                    assert!(full.until > now);
                    now = full.until;
                }
            }
        }
    }
}

#[test]
fn what_a_row_of_an_earlier_version_says_is_read() {
    let nine = at("2026-11-23T09:00:00Z");
    let send = RecentSend::new(nine, campaign(1));
    let bytes = Recent::default().with(send).to_bytes();
    let known = Recent::from_bytes(&bytes[..8]);
    assert_eq!(known.times().collect::<Vec<_>>(), [nine]);
    assert_eq!(known.healthy_days(), Some(0));
    let seasoned = Recent::from_bytes(&known.seasoned().with(send).without(send).to_bytes());
    assert_eq!(
        (seasoned.healthy_days(), seasoned.times().count()),
        (None, 1)
    );
}

#[test]
fn follow_ups_go_first_and_campaigns_take_turns() {
    let head = |campaign_number, sent, minute: i64| Head {
        campaign: campaign(campaign_number),
        sent,
        due_at: Timestamp::from_second(minute * 60).unwrap(),
        id: EnrollmentId::from_uuid(Uuid::from_u128(minute as u128)),
    };
    let heads = [head(1, 0, 1), head(2, 0, 9), head(2, 2, 10)];
    let mut sent = Recent::default();
    assert_eq!(next_turn(&heads, &sent), Some(heads[2]), "a follow-up");
    let news = &heads[..2];
    let mut turns = Vec::new();
    for second in 0..6 {
        let next = next_turn(news, &sent).unwrap();
        turns.push(next.campaign);
        let now = Timestamp::from_second(1_800_000_000 + second).unwrap();
        sent = sent.with(RecentSend::new(now, next.campaign));
    }
    let (one, two) = (campaign(1), campaign(2));
    assert_eq!(
        turns,
        [one, two, one, two, one, two],
        "though one has waited longer"
    );
    assert_eq!(next_turn(&[], &sent), None);
}

#[test]
fn what_was_sent_reads_back_and_old_bytes_do_no_harm() {
    let sends = recent(&[at("2026-11-23T09:00:00Z"), at("2026-11-23T08:00:00Z")]);
    assert_eq!(Recent::from_bytes(&sends.to_bytes()), sends);
    assert_eq!(Recent::from_bytes(&[1, 2, 3]), Recent::default());
    let later = sends.with(RecentSend::new(at("2026-11-24T10:30:00Z"), campaign(1)));
    assert_eq!(
        later.times().count(),
        2,
        "what is older than 26 hours is forgotten"
    );
    let back = later.without(RecentSend::new(at("2026-11-24T10:30:00Z"), campaign(1)));
    assert_eq!(back.times().count(), 1);
}

const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Santiago",
    "Pacific/Chatham",
];

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let window =
        (1..=7_i8, 0..22_i8, 1..=2_i8).prop_map(|(weekday, from, hours)| crate::model::Window {
            weekday,
            from: jiff::civil::time(from, 0, 0, 0),
            to: jiff::civil::time(from + hours, 0, 0, 0),
        });
    let absence = (0..700_i64, 0..20_i64).prop_map(|(from, days)| {
        let from = date(2026, 1, 1) + from.days();
        Absence {
            mailbox: None,
            from,
            to: from + days.days(),
        }
    });
    (
        prop::collection::vec(window, 1..6),
        prop::collection::vec(absence, 0..3),
        prop::sample::subsequence(vec!["DE-BY", "FR", "US"], 0..3),
        prop::sample::select(ZONES.to_vec()),
    )
        .prop_map(|(windows, absences, calendars, zone)| Schedule {
            zone: zone.to_owned(),
            windows,
            absences,
            calendars: calendars.into_iter().map(str::to_owned).collect(),
            ..Schedule::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_slot_is_never_early_always_in_a_window_and_never_on_a_day_off(
        schedule in any_schedule(),
        second in 1_767_225_600_i64..1_830_000_000,
        zone in prop::sample::select(ZONES.to_vec()),
    ) {
        let from = Timestamp::from_second(second).unwrap();
        let lead = locale(&schedule, Some(zone));
        let slot = earliest_slot(&schedule, &lead, from);
        prop_assert!(slot >= from);
        let local = slot.to_zoned_datetime(lead.zone.clone());
        let weekday = local.weekday().to_monday_one_offset();
        let inside = schedule.windows.iter().any(|window| {
            window.weekday == weekday && window.from <= local.time() && local.time() < window.to
        });
        prop_assert!(inside, "{local}");
        prop_assert!(!schedule.is_holiday(local.date(), None), "{local}");
        let sender = slot.to_zoned_datetime(zone_of(&schedule, None)).date();
        prop_assert!(!schedule.absences.iter().any(|a| (a.from..=a.to).contains(&sender)));
        prop_assert_eq!(earliest_slot(&schedule, &lead, slot), slot);
    }

    #[test]
    fn a_step_is_placed_the_same_every_time_and_never_before_its_delay(
        schedule in any_schedule(), seed: u64, id: u128,
        second in 1_767_225_600_i64..1_830_000_000, amount in 0..15_u16, unit in 0..3_u8,
    ) {
        let from = Timestamp::from_second(second).unwrap();
        let enrollment = EnrollmentId::from_uuid(Uuid::from_u128(id));
        let lead = locale(&schedule, Some("Europe/Paris"));
        let unit = [DelayUnit::Hours, DelayUnit::Days, DelayUnit::WorkingDays][usize::from(unit)];
        let delay = Delay { amount, unit };
        let draw = Draw::new(seed);
        let placed = Placed { enrollment, step: StepIndex(0), sent: 0 };
        let place = || place_step(&schedule, &lead, from, delay, draw, placed);
        prop_assert_eq!(place(), place());
        prop_assert!(place() >= add_delay(&schedule, &lead, from, delay));
        prop_assert!(add_delay(&schedule, &lead, from, delay) >= from);
        let gap = gap_seconds(&schedule, draw, enrollment.uuid(), StepIndex(0));
        prop_assert!((schedule.gap_seconds_min..=schedule.gap_seconds_max).contains(&gap));
    }

    /// Law L12: whatever the clock does, no civil day, no 24 hours and no hour has more mails than
    /// its budget, by the times at which they reached the provider.
    #[test]
    fn no_budget_is_ever_exceeded(
        ticks in prop::collection::vec((0..20_000_i64, 0..10_i64, -90_000..90_000_i64, 0..40_u8), 1..400),
        daily in 1..12_u32, rolling in prop::option::of(1..12_u32), hourly in prop::option::of(1..5_u32),
        ramp in prop::option::of((1..4_u32, 0..3_u32)),
        zone in prop::sample::select(ZONES.to_vec()),
        start in 1_767_225_600_i64..1_830_000_000,
    ) {
        let schedule = Schedule {
            zone: zone.to_owned(),
            daily_cap: daily,
            limits: Limits {
                rolling_day: rolling,
                hourly,
                ramp: ramp.map(|(start, add)| Ramp { start, add }),
                ..Limits::default()
            },
            ..Schedule::default()
        };
        let tz = zone_of(&schedule, None);
        let connected = Timestamp::from_second(start).unwrap();
        let (mut clock, mut high) = (connected, connected);
        let mut row = Recent::default().seasoned().to_bytes();
        let mut accepted: Vec<Timestamp> = Vec::new();
        for (pass, took, jump, jumps) in ticks {
            clock += SignedDuration::from_secs(pass);
            if jumps == 0 {
                clock += SignedDuration::from_secs(jump);
            }
            high = high.max(clock);
            // Every attempt starts from the row, as after a crash.
            let known = Recent::from_bytes(&row);
            let full = budget(&schedule, &known, &since(connected), high);
            prop_assert!(full.is_none_or(|full| full.until > high), "waits for something to come");
            if full.is_none() {
                row = known.with(RecentSend::new(high, campaign(1))).to_bytes();
                accepted.push(high + SignedDuration::from_secs(took));
            }
        }
        for (at, first) in accepted.iter().enumerate() {
            let within = |span: SignedDuration| {
                accepted[at..].iter().filter(|t| t.duration_since(*first) < span).count()
            };
            let day_cap = daily.min(rolling.unwrap_or(u32::MAX)) as usize;
            prop_assert!(within(SignedDuration::from_hours(24)) <= day_cap);
            if let Some(hourly) = hourly {
                prop_assert!(within(SignedDuration::from_hours(1)) <= hourly as usize);
            }
            let day = first.to_zoned_datetime(tz.clone()).date();
            let that_day = accepted.iter().filter(|t| t.to_zoned_datetime(tz.clone()).date() == day);
            let days = i64::from((day - connected.to_zoned_datetime(tz.clone()).date()).get_days());
            let ramped = schedule.limits.ramp.map_or(u32::MAX, |ramp| ramp.cap(days));
            prop_assert!(that_day.count() <= daily.min(ramped) as usize);
        }
        let possible = accepted.len();
        prop_assert!(possible >= 1, "something always goes");
    }
}

#[test]
fn a_restored_copy_climbs_no_day_for_the_mails_that_it_reads_back() {
    let send = |text| RecentSend::new(at(text), campaign(1));
    let copy = Recent::default().with(send("2026-11-23T09:00:00Z"));
    let known = copy
        .with(send("2026-11-24T09:00:00Z"))
        .with(send("2026-11-25T09:00:00Z"));
    assert_eq!(known.healthy_days(), Some(2));
    let read = copy
        .with_forgotten(send("2026-11-24T09:00:00Z"))
        .with_forgotten(send("2026-11-25T09:00:00Z"));
    assert_eq!(read.healthy_days(), Some(0));
    assert_eq!(read.times().count(), known.times().count());
    let now = at("2026-11-25T10:00:00Z");
    assert_eq!((read.most(now), known.most(now)), (20, 28));
    // Nor is any of it taken back with a mail that did not go.
    let refused = read.with(send("2026-11-25T11:00:00Z"));
    let refused = refused.without(send("2026-11-25T11:00:00Z"));
    assert_eq!(refused, read);
    // The next day counts.
    let next = read.with(send("2026-11-26T09:00:00Z"));
    assert_eq!(next.healthy_days(), Some(1));
}
