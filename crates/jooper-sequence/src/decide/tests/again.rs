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
    assert_eq!(case.state.due_at, Some(at("2026-11-24T09:00:00Z")));
    assert_eq!(case.due(), Some(StepIndex(0)));
    // The gate says at the end of a day: in an hour.
    case.now = at("2026-11-24T16:30:00Z");
    case.happen(&deferred("2026-11-24T17:30:00Z"));
    assert_eq!(case.state.due_at, Some(at("2026-11-25T09:00:00Z")));
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
