//! What is told a second time, and what is looked at again later.

use super::*;

#[test]
fn a_mail_by_hand_that_is_shown_again_pauses_nobody_again() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    let by_hand = Event::OwnerWrote {
        at: at("2026-11-23T12:00:00Z"),
    };
    case.happen(&by_hand);
    assert_eq!(case.state.wait, Some(WaitReason::OwnerWrote));
    case.happen(&Event::Resumed);
    // The mailbox is read once more from far back.
    case.happen(&by_hand);
    assert_eq!(case.state.state, EnrollmentState::Active);
    case.happen(&Event::OwnerWrote {
        at: at("2026-11-24T12:00:00Z"),
    });
    assert_eq!(case.state.state, EnrollmentState::Paused, "another mail");
}

#[test]
fn what_cannot_go_at_once_goes_when_mail_may_go() {
    let deferred = |until: &str| Event::Deferred {
        until: at(until),
        reason: "budget".to_owned(),
        why: String::new(),
    };
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.now = at("2026-11-23T20:00:00Z");
    case.happen(&Event::SendNow);
    // The same evening: a person said now.
    case.happen(&deferred("2026-11-23T21:00:00Z"));
    assert_eq!(case.state.due_at, Some(at("2026-11-23T21:00:00Z")));
    assert_eq!(case.due(), Some(StepIndex(0)));
    // Another day: not at midnight, when the day's budget begins anew.
    case.happen(&deferred("2026-11-24T00:00:00Z"));
    let morning = |day: &str| at(&format!("{day}T09:00:00Z"))..at(&format!("{day}T09:01:30Z"));
    assert!(morning("2026-11-24").contains(&case.state.due_at.unwrap()));
    assert_eq!(case.due(), Some(StepIndex(0)));
    // The gate says at the end of a day: in an hour.
    case.now = at("2026-11-24T16:30:00Z");
    case.happen(&deferred("2026-11-24T17:30:00Z"));
    assert!(morning("2026-11-25").contains(&case.state.due_at.unwrap()));
}

#[test]
fn what_the_gate_refused_is_asked_again_when_its_reason_is_gone() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    let planned = case.state.due_at;
    case.happen(&Event::AskedAgain);
    assert_eq!(case.state.due_at, planned, "the gate was not asked yet");
    case.due();
    case.happen(&Event::Deferred {
        until: case.now + jiff::SignedDuration::from_hours(1),
        reason: "stopped".to_owned(),
        why: String::new(),
    });
    case.happen(&Event::AskedAgain);
    assert_eq!(case.state.due_at, Some(case.now));
}

#[test]
fn an_end_is_remembered_with_its_time() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.now = at("2026-12-24T12:00:00Z");
    case.happen(&reply(ReplyIntent::NotNow));
    assert_eq!(case.memory().ended, Some(case.now));
}

fn stopped(case: &Case) -> Event {
    Event::Deferred {
        until: case.now + jiff::SignedDuration::from_hours(1),
        reason: "stopped".to_owned(),
        why: String::new(),
    }
}

#[test]
fn whoever_is_away_stays_away_when_the_gate_is_asked_again() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    case.due();
    case.happen(&stopped(&case));
    let back = case.now + jiff::SignedDuration::from_hours(24 * 9);
    let back_on = Some(back.to_zoned_datetime(jiff::tz::TimeZone::UTC).date());
    case.happen(&Event::OutOfOffice { back_on });
    case.happen(&Event::AskedAgain);
    let due = case.state.due_at.unwrap();
    assert!(
        due > case.now + jiff::SignedDuration::from_hours(24 * 8),
        "{due}"
    );
}

#[test]
fn what_kept_one_mail_back_says_nothing_about_the_next() {
    for leaves in [
        Event::SkippedByPerson,
        Event::NotSent {
            reason: NotSentReason::RateLimited,
            retry_at: Some(at("2026-12-24T12:00:00Z")),
        },
    ] {
        let mut case = Case::new(SEQUENCE);
        case.happen(&Event::Enrolled);
        case.due();
        case.happen(&stopped(&case));
        case.happen(&leaves);
        let planned = case.state.due_at;
        case.happen(&Event::AskedAgain);
        assert_eq!(case.state.due_at, planned, "{leaves:?}");
    }
}

#[test]
fn whoever_is_back_by_the_stated_date_is_not_waited_for() {
    for (stated, waits) in [
        ("2026-11-20", false),
        ("2026-11-23", false),
        ("2026-11-24", true),
    ] {
        let mut case = Case::new(SEQUENCE);
        case.happen(&Event::Enrolled);
        let planned = case.state.due_at;
        let back_on = stated.parse().ok();
        case.happen(&Event::OutOfOffice { back_on });
        assert_eq!(case.state.due_at != planned, waits, "{stated}");
    }
}

#[test]
fn what_a_step_waits_for_counts_when_it_happens_during_a_pause() {
    let text = r#"
        name = "Waits"
        on_reply = "pause"
        [[step]]
        [[step.variant]]
        subject = "Hello"
        body = "First"
        [[step]]
        wait_for = { event = { replied = "interested" }, at_most = "10 days", otherwise = "last" }
        [[step]]
        id = "thanks"
        wait = "1 days"
        [[step.variant]]
        body = "Gladly"
        [[step]]
        id = "last"
        wait = "1 days"
        [[step.variant]]
        body = "Last"
    "#;
    let mut case = Case::new(text);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    let until = case.state.due_at.unwrap();
    case.happen(&reply(ReplyIntent::Interested));
    assert_eq!(case.state.state, EnrollmentState::Paused);
    case.now += jiff::SignedDuration::from_hours(24);
    case.happen(&Event::Resumed);
    assert_eq!(case.state.due_at, Some(case.now), "not at {until}");
    case.due();
    assert_eq!(case.due(), Some(StepIndex(1)), "{:?}", case.state);
    // Another answer than the one that is waited for ends no wait.
    let mut case = Case::new(text);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    case.happen(&reply(ReplyIntent::NotNow));
    case.now += jiff::SignedDuration::from_hours(24);
    case.happen(&Event::Resumed);
    assert_eq!(case.state.due_at, Some(until));
}

#[test]
fn now_is_of_the_day_on_which_it_was_said_whatever_kept_the_mail_back() {
    let friday = at("2026-11-27T16:55:00Z");
    let (sunday, monday) = (at("2026-11-29T02:00:00Z"), at("2026-11-30T09:00:00Z"));
    let refused = Event::NotSent {
        reason: NotSentReason::RateLimited,
        retry_at: Some(sunday),
    };
    let paused = Event::Paused(WaitReason::ByPerson);
    for (kept_back, goes_on) in [
        (Event::MailboxDown, Some(Event::MailboxUp)),
        (Event::SenderTakenOut, Some(Event::SenderBack)),
        (paused, Some(Event::Resumed)),
        (refused, None),
    ] {
        let mut case = Case::new(SEQUENCE);
        case.happen(&Event::Enrolled);
        case.now = friday;
        case.happen(&Event::SendNow);
        case.happen(&kept_back);
        case.now = sunday;
        goes_on.into_iter().for_each(|event| {
            case.happen(&event);
        });
        assert_eq!(case.due(), None, "{kept_back:?}: in the night");
        let due = case.state.due_at.unwrap();
        let begins = due.duration_since(monday).as_secs();
        assert!((0..120).contains(&begins), "{kept_back:?}: {due}");
        assert_eq!(case.due(), Some(StepIndex(0)));
    }
    // On the day itself it holds.
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.now = friday;
    case.happen(&Event::SendNow);
    case.happen(&Event::MailboxDown);
    case.now = at("2026-11-27T20:00:00Z");
    case.happen(&Event::MailboxUp);
    assert_eq!(case.due(), Some(StepIndex(0)));
}

#[test]
fn what_becomes_known_of_a_mail_behind_the_end_is_written_down() {
    let sent = |case: &Case| Event::Sent {
        at: case.now,
        thread: "t".to_owned(),
    };
    let mut ended = Case::new(SEQUENCE);
    ended.happen(&Event::Enrolled);
    ended.due();
    ended.happen(&Event::SendUnknown { at: ended.now });
    ended.happen(&Event::Ended(FinishReason::Removed));
    assert!(Memory::waits_for_evidence(&ended.state));
    let refused = Event::NotSent {
        reason: NotSentReason::RateLimited,
        retry_at: None,
    };
    for (event, mails, last) in [
        (sent(&ended), 1, Some(ended.now)),
        (Event::SendAbandoned, 0, Some(ended.now)),
        (refused, 0, None),
    ] {
        let mut case = ended.clone();
        assert_eq!(case.happen(&event), []);
        assert!(!Memory::waits_for_evidence(&case.state), "{event:?}");
        assert_eq!(case.state.finish, Some(FinishReason::Removed));
        assert_eq!((case.state.sent, case.state.last_sent_at), (mails, last));
        let known = case.state.clone();
        case.happen(&sent(&ended));
        assert_eq!(case.state, known, "told once");
    }
}

#[test]
fn a_mail_that_was_refused_after_all_is_planned_again() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.happen(&Event::SendUnknown { at: case.now });
    let refused = Event::NotSent {
        reason: NotSentReason::RateLimited,
        retry_at: None,
    };
    let mut paused = case.clone();
    case.happen(&refused);
    assert_eq!(case.state.last_sent_at, None);
    assert_eq!(case.due(), Some(StepIndex(0)));
    paused.happen(&Event::Paused(WaitReason::ByPerson));
    paused.happen(&refused);
    assert_eq!(paused.state.wait, Some(WaitReason::ByPerson));
    paused.happen(&Event::Resumed);
    assert_eq!(paused.due(), Some(StepIndex(0)));
}

/// Everybody who waits for an opening would be due at its first instant, and nobody had waited longest.
#[test]
fn whoever_stands_in_line_keeps_their_place_when_nothing_of_their_plan_changes() {
    let wait = |created: &str| {
        let mut case = Case::new(SEQUENCE);
        case.now = at(created);
        case.happen(&Event::Enrolled);
        // Their time came, and the window was over before they had their turn.
        case.now = at("2026-11-24T20:00:00Z");
        assert_eq!(case.due(), None);
        case
    };
    let mut longer = wait("2026-11-23T10:00:00Z");
    let mut shorter = wait("2026-11-24T10:00:00Z");
    let line = [longer.state.due_at, shorter.state.due_at];
    assert!(line[0] < line[1], "{line:?}");
    let by = jooper_core::UserId::from_uuid(Uuid::from_u128(9));
    let changed = Event::SettingsChanged { by };
    for case in [&mut longer, &mut shorter] {
        let decision = case.judge(&changed);
        assert_eq!(decision.next, case.state, "nothing to be written");
    }
    // Nor where they stood in it by an older rule.
    longer.state.due_at = Some(at("2026-11-25T09:00:00Z"));
    assert_eq!(longer.judge(&changed).next, longer.state);
    // A window that opens later is another line, in which they stand alike.
    for case in [&mut longer, &mut shorter] {
        for window in &mut case.schedule.windows {
            window.from = jiff::civil::time(10, 0, 0, 0);
        }
        case.happen(&changed);
    }
    let moved = [longer.state.due_at, shorter.state.due_at];
    assert!(moved[0] < moved[1], "{moved:?}");
    assert!(moved[0] >= Some(at("2026-11-25T10:00:00Z")), "{moved:?}");
}

#[test]
fn what_the_gate_keeps_back_until_a_window_opens_stands_in_line_there() {
    let wait = |created: &str| {
        let mut case = Case::new(SEQUENCE);
        case.now = at(created);
        case.happen(&Event::Enrolled);
        case.now = at("2026-11-24T12:00:00Z");
        case.happen(&Event::Deferred {
            until: at("2026-11-25T00:00:00Z"),
            reason: "budget".to_owned(),
            why: String::new(),
        });
        case.state.due_at
    };
    let line = ["2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"].map(wait);
    assert!(line[0] < line[1], "{line:?}");
}

#[test]
fn what_a_clock_that_was_ahead_planned_is_planned_as_of_now() {
    let text = r#"
        name = "Waits"
        [[step]]
        [[step.variant]]
        subject = "Hello"
        body = "First"
        [[step]]
        wait_for = { event = { clicked = "any" }, at_most = "10 days", otherwise = "last" }
        [[step]]
        id = "last"
        wait = "1 days"
        [[step.variant]]
        body = "Last"
    "#;
    let right = at("2026-11-23T09:00:00Z");
    let ahead = at("2027-11-23T09:00:00Z");
    let mut case = Case::new(text);
    case.now = ahead;
    case.happen(&Event::Enrolled);
    // A mail that was put off, and one that a person wants at once.
    let mut put_off = case.clone();
    put_off.happen(&Event::Deferred {
        until: ahead + jiff::SignedDuration::from_hours(60),
        reason: "too_soon".to_owned(),
        why: String::new(),
    });
    let mut wanted = case.clone();
    wanted.happen(&Event::SendNow);
    for mut case in [put_off, wanted] {
        case.now = right;
        case.happen(&Event::ClockTrusted);
        assert_eq!(case.state.due_at, Some(right));
    }
    // A wait that began by the wrong clock.
    case.due();
    case.sent();
    case.now = right;
    case.happen(&Event::ClockTrusted);
    let until = right + jiff::SignedDuration::from_hours(240);
    assert_eq!(case.memory().until, Some(until));
    assert_eq!(case.due(), None);
    assert_eq!(case.state.due_at, Some(until));
    // One that began in time stays.
    let before = case.state.clone();
    case.happen(&Event::ClockTrusted);
    assert_eq!(case.state, before);
}
