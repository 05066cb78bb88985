//! Moves to another version of a sequence.

use jiff::SignedDuration;
use jiff::civil::date;

use super::*;

/// Version 2 of the three mails: one came in between, and the last one is gone.
fn edited(old: &Sequence) -> Sequence {
    let mail = |id: &str| StepBuilder::follow_up("x").id(id).wait(Delay::days(3));
    let new = Sequence::builder("edited")
        .step(StepBuilder::mail("Hello", "First").id("1"))
        .step(mail("new"))
        .step(mail("2"))
        .build()
        .unwrap();
    new.following(old).unwrap()
}

#[test]
fn whoever_moves_goes_on_behind_what_they_had() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    let new = edited(&case.sequence);
    let decision = migrate(
        &case.state,
        &case.facts(),
        case.now,
        &case.sequence,
        &new,
        2,
        Draw::new(1),
    );
    case.take(decision.unwrap());
    case.sequence = new;
    assert_eq!(case.state.sequence_version, 2);
    assert_eq!(case.stands_at(), "new");
    assert_eq!(
        case.run(),
        [3, 1],
        "the new mail, then the second; the third is gone"
    );
    assert_eq!(case.state.finish, Some(FinishReason::Completed));
    let mut accounted: Vec<_> = case.accounted.iter().map(|(mail, _)| mail.0).collect();
    accounted.sort_unstable();
    assert_eq!(accounted, [0, 1, 2, 3]);
}

#[test]
fn nobody_moves_while_a_send_is_unknown_or_after_the_end() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    let new = edited(&case.sequence);
    let moved = |case: &Case| {
        let facts = case.facts();
        migrate(
            &case.state,
            &facts,
            case.now,
            &case.sequence,
            &new,
            2,
            Draw::new(1),
        )
        .is_some()
    };
    assert!(moved(&case));
    case.happen(&Event::SendUnknown { at: case.now });
    assert!(!moved(&case));
    case.happen(&Event::Unsubscribed);
    assert!(!moved(&case));
}

#[test]
fn an_edit_moves_the_cohorts_it_names() {
    let case = Case::new(SEQUENCE);
    let edit = Edit {
        rules: vec![
            (Cohort::NotStarted, Action::Move),
            (Cohort::At("3".to_owned()), Action::Stay),
        ],
        otherwise: Action::Split { percent: 30 },
    };
    edit.check(&case.sequence).unwrap();
    let mut row = enrollment();
    let moves = |row: &EnrollmentRow| cohort_moves(&edit, row, &case.sequence, 2, Draw::new(3));
    assert!(moves(&row));
    row.sent = 2;
    row.step = StepIndex(2);
    assert!(!moves(&row));
    row.step = StepIndex(1);
    let moved = (0..1000).filter(|lead| {
        let lead = LeadId::from_uuid(Uuid::from_u128(*lead));
        let row = EnrollmentRow {
            lead,
            ..row.clone()
        };
        moves(&row)
    });
    let moved = moved.count();
    assert!(
        (250..350).contains(&moved),
        "{moved} of 1000 for 30 percent"
    );
    let wrong = Edit {
        rules: vec![(Cohort::At("x".to_owned()), Action::Move)],
        otherwise: Action::Stay,
    };
    assert!(wrong.check(&case.sequence).is_err());
}

/// The sequence's next version, taken over by everybody.
fn takes(case: &mut Case, text: &str) {
    let new = Sequence::from_toml(text).unwrap();
    let new = new.following(&case.sequence).unwrap();
    let draw = Draw::new(1);
    let old = case.sequence.clone();
    let decision = migrate(&case.state, &case.facts(), case.now, &old, &new, 2, draw);
    case.take(decision.unwrap());
    case.sequence = new;
}

#[test]
fn an_edit_lets_nobody_be_written_to_before_they_are_back() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    case.happen(&Event::OutOfOffice {
        back_on: Some(date(2026, 12, 14)),
    });
    let back = at("2026-12-14T09:00:00Z");
    assert_eq!(case.state.due_at, Some(back));
    takes(&mut case, SEQUENCE);
    assert_eq!(case.state.due_at, Some(back), "still away");
    case.happen(&Event::SkippedByPerson);
    assert_eq!(case.stands_at(), "3");
    assert!(case.state.due_at >= Some(back), "{:?}", case.state.due_at);
}

#[test]
fn an_edit_asks_again_for_nothing_that_waits_for_a_persons_word() {
    let late = SignedDuration::from_hours(100);
    let waits = [
        (Event::Overdue { late }, WaitReason::Overdue),
        (Event::Restored, WaitReason::Restored),
        (Event::MailboxDown, WaitReason::MailboxDown),
        (Event::Unreadable { what: "x" }, WaitReason::Unreadable),
    ];
    for (event, reason) in waits {
        let mut case = Case::new(SEQUENCE);
        case.happen(&Event::Enrolled);
        case.happen(&event);
        takes(&mut case, SEQUENCE);
        assert_eq!(
            (case.state.state, case.state.wait),
            (EnrollmentState::Parked, Some(reason))
        );
        assert_eq!(case.state.sequence_version, 2);
        case.happen(&Event::Resumed);
        assert_eq!(case.run(), [0, 1, 2]);
    }
}

#[test]
fn an_edit_does_not_begin_a_wait_anew() {
    let waits = |at_most: &str| {
        format!(
            r#"
            name = "Waits"
            on_reply = "continue"
            [[step]]
            id = "first"
            [[step.variant]]
            subject = "Hello"
            body = "First"
            [[step]]
            id = "answer"
            wait_for = {{ event = {{ replied = "any" }}, at_most = "{at_most}", otherwise = "last" }}
            [[step]]
            id = "last"
            wait = "1 day"
            [[step.variant]]
            body = "Last"
            "#
        )
    };
    for (at_most, until) in [("10 days", 10), ("12 days", 12)] {
        let mut case = Case::new(&waits("10 days"));
        case.happen(&Event::Enrolled);
        case.due();
        case.sent();
        assert_eq!(case.stands_at(), "answer");
        let began = case.now;
        let ends = |days: i64| Some(began + SignedDuration::from_hours(24 * days));
        assert_eq!(case.state.due_at, ends(10));
        case.now += SignedDuration::from_hours(24 * 4);
        takes(&mut case, &waits(at_most));
        assert_eq!(case.stands_at(), "answer");
        assert_eq!(case.state.due_at, ends(until), "since it began");
    }
}
