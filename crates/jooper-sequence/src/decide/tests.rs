use jooper_core::{CampaignId, EnrollmentId, LeadId, MailboxId, WaitReason};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const SEQUENCE: &str = r#"
    name = "Three mails"
    [[step]]
    [[step.variant]]
    subject = "Hello"
    body = "First"
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second"
    [[step]]
    wait = "4 working days"
    [[step.variant]]
    body = "Third"
"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn enrollment() -> EnrollmentRow {
    EnrollmentRow {
        id: EnrollmentId::from_uuid(Uuid::from_u128(1)),
        campaign: CampaignId::from_uuid(Uuid::from_u128(2)),
        lead: LeadId::from_uuid(Uuid::from_u128(3)),
        mailbox: MailboxId::from_uuid(Uuid::from_u128(4)),
        sequence_version: 1,
        state: EnrollmentState::Active,
        step: StepIndex(0),
        sent: 0,
        due_at: None,
        wait: None,
        finish: None,
        thread: None,
        last_sent_at: None,
        memory: None,
        created_at: at("2026-11-23T09:00:00Z"),
    }
}

fn with_facts<T>(act: impl FnOnce(&Facts<'_>) -> T) -> T {
    let sequence = Sequence::from_toml(SEQUENCE).unwrap();
    let schedule = Schedule::default();
    act(&Facts {
        sequence: &sequence,
        schedule: &schedule,
        zone: None,
        draw: Draw::new(1),
    })
}

#[test]
fn an_enrollment_runs_through_its_steps() {
    with_facts(|facts| {
        let mut now = at("2026-11-23T09:00:00Z");
        let mut state = decide(&enrollment(), facts, &Event::Enrolled, now).next;
        for step in 0..3 {
            now = state.due_at.unwrap();
            let due = decide(&state, facts, &Event::Due, now);
            assert_eq!(
                due.commands,
                [Command::Send {
                    step: StepIndex(step),
                    variant: 0
                }]
            );
            let sent = Event::Sent {
                at: now,
                thread: "t1".to_owned(),
            };
            state = decide(&due.next, facts, &sent, now).next;
        }
        assert_eq!(state.finish, Some(FinishReason::Completed));
        assert_eq!(state.sent, 3);
    });
}

#[test]
fn an_answer_ends_it_and_skips_the_rest() {
    with_facts(|facts| {
        let now = at("2026-11-24T10:00:00Z");
        let mut state = enrollment();
        state.step = StepIndex(1);
        let decision = decide(&state, facts, &Event::Replied, now);
        assert_eq!(decision.next.finish, Some(FinishReason::Replied));
        let skip = Command::Skip {
            from: StepIndex(1),
            until: StepIndex(3),
            reason: SkipReason::Ended,
        };
        assert_eq!(decision.commands, [skip]);
    });
}

#[test]
fn an_absence_moves_the_next_mail_behind_the_return() {
    with_facts(|facts| {
        let now = at("2026-11-24T10:00:00Z");
        let mut state = enrollment();
        state.due_at = Some(at("2026-11-25T10:00:00Z"));
        let back_on = Some(jiff::civil::date(2026, 12, 7));
        let decision = decide(&state, facts, &Event::OutOfOffice { back_on }, now);
        assert_eq!(decision.next.due_at, Some(at("2026-12-07T09:00:00Z")));
        assert_eq!(decision.next.state, EnrollmentState::Active);
    });
}

#[test]
fn an_unknown_send_is_not_resumed_by_hand() {
    with_facts(|facts| {
        let now = at("2026-11-24T10:00:00Z");
        let parked = decide(&enrollment(), facts, &Event::SendUnknown, now).next;
        assert_eq!(parked.wait, Some(WaitReason::SendUnknown));
        assert_eq!(decide(&parked, facts, &Event::Due, now).commands, []);
        assert_eq!(
            decide(&parked, facts, &Event::Resumed, now).next.state,
            EnrollmentState::Parked
        );
        let released = decide(&parked, facts, &Event::SendReleased, now).next;
        assert_eq!(released.state, EnrollmentState::Active);
    });
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Due),
        Just(Event::Sent {
            at: at("2026-11-24T10:00:00Z"),
            thread: "t".to_owned()
        }),
        Just(Event::SendUnknown),
        Just(Event::SendAbandoned),
        Just(Event::Replied),
        Just(Event::OutOfOffice { back_on: None }),
        Just(Event::HardBounce),
        Just(Event::Unsubscribed),
        Just(Event::OwnerWrote),
        Just(Event::Resumed),
        Just(Event::SkippedByPerson),
        Just(Event::Refused {
            suppressed: true,
            why: String::new()
        }),
        Just(Event::Paused(WaitReason::ByPerson)),
        Just(Event::Ended(FinishReason::Erased)),
    ]
}

proptest! {
    #[test]
    fn every_step_is_accounted_for_and_ended_means_ended(
        events in proptest::collection::vec(any_event(), 0..20),
    ) {
        with_facts(|facts| {
            let now = at("2026-11-24T10:00:00Z");
            let mut state = decide(&enrollment(), facts, &Event::Enrolled, now).next;
            let mut accounted = Vec::new();
            for event in &events {
                let before = state.clone();
                let decision = decide(&state, facts, event, now);
                prop_assert_eq!(&decision, &decide(&state, facts, event, now));
                for command in &decision.commands {
                    if let Command::Skip { from, until, .. } = command {
                        accounted.extend(from.0..until.0);
                    }
                }
                if before.state == EnrollmentState::Finished {
                    prop_assert!(decision.commands.is_empty());
                    prop_assert_eq!(&decision.next, &before);
                } else if matches!(event, Event::Sent { .. } | Event::SendAbandoned) {
                    accounted.push(before.step.0);
                }
                state = decision.next;
            }
            if state.state == EnrollmentState::Finished {
                accounted.sort_unstable();
                prop_assert_eq!(accounted, vec![0, 1, 2]);
            }
            Ok(())
        })?;
    }
}

fn unknown(facts: &Facts<'_>, now: Timestamp) -> EnrollmentRow {
    let state = decide(&enrollment(), facts, &Event::Enrolled, now).next;
    decide(&state, facts, &Event::SendUnknown, now).next
}

#[test]
fn neither_a_pause_nor_its_end_lets_an_unknown_send_be_passed_over() {
    with_facts(|facts| {
        let now = at("2026-11-23T10:00:00Z");
        let paused = Event::Paused(WaitReason::ByPerson);
        let state = decide(&unknown(facts, now), facts, &paused, now).next;
        assert_eq!(state.state, EnrollmentState::Paused);
        let resumed = decide(&state, facts, &Event::Resumed, now).next;
        assert_eq!(
            (resumed.state, resumed.wait),
            (EnrollmentState::Parked, Some(WaitReason::SendUnknown))
        );
    });
}

#[test]
fn whatever_settles_a_send_leaves_a_pause_to_the_person_who_made_it() {
    with_facts(|facts| {
        let now = at("2026-11-23T10:00:00Z");
        let state = decide(&unknown(facts, now), facts, &Event::OwnerWrote, now).next;
        let thread = "t1".to_owned();
        for event in [
            Event::Sent { at: now, thread },
            Event::SendAbandoned,
            Event::SendReleased,
        ] {
            let next = decide(&state, facts, &event, now).next;
            assert_eq!(next.state, EnrollmentState::Paused, "{event:?}");
            assert_eq!(next.wait, Some(WaitReason::OwnerWrote), "{event:?}");
            let resumed = decide(&next, facts, &Event::Resumed, now).next;
            assert_eq!(resumed.state, EnrollmentState::Active, "{event:?}");
        }
    });
}

#[test]
fn a_step_whose_send_is_unknown_cannot_be_skipped() {
    with_facts(|facts| {
        let now = at("2026-11-23T10:00:00Z");
        let state = unknown(facts, now);
        let skipped = decide(&state, facts, &Event::SkippedByPerson, now);
        assert_eq!((skipped.next, skipped.commands), (state, Vec::new()));
    });
}
