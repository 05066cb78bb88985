use jiff::civil::date;
use jooper_core::{
    CampaignId, EnrollmentId, FinishReason, LeadId, MailboxId, NotSentReason, WaitReason,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::model::{Action, Cohort, Delay, Edit, ReplyIntent, StepBuilder, StepKind};

mod again;
mod delays;
mod edits;

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

const RICH: &str = include_str!("../../testdata/sequences/rich.toml");

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
        settled: None,
        created_at: at("2026-11-23T09:00:00Z"),
    }
}

/// One lead in one sequence, decided by hand.
#[derive(Clone)]
struct Case {
    sequence: Sequence,
    schedule: Schedule,
    fields: BTreeMap<String, String>,
    unreadable: bool,
    seed: u64,
    state: EnrollmentRow,
    now: Timestamp,
    accounted: Vec<(StepIndex, Option<SkipReason>)>,
}

impl Case {
    fn new(text: &str) -> Self {
        Self::of(Sequence::from_toml(text).unwrap_or_else(|error| panic!("{error}")))
    }

    fn of(sequence: Sequence) -> Self {
        let mut case = Self {
            sequence,
            schedule: Schedule::default(),
            fields: BTreeMap::new(),
            unreadable: false,
            seed: 1,
            state: enrollment(),
            now: at("2026-11-23T09:00:00Z"),
            accounted: Vec::new(),
        };
        case.state.created_at = case.now;
        case
    }

    fn with(mut self, field: &str, value: &str) -> Self {
        self.fields.insert(field.to_owned(), value.to_owned());
        self
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            schedule: &self.schedule,
            zone: None,
            country: None,
            fields: &self.fields,
            unreadable: self.unreadable,
        }
    }

    fn judge(&self, event: &Event) -> Decision {
        let draw = Draw::new(self.seed);
        decide(
            &self.state,
            &self.facts(),
            event,
            self.now,
            &self.sequence,
            draw,
        )
    }

    fn take(&mut self, decision: Decision) {
        for command in &decision.commands {
            if let Command::Skip { steps, reason } = command {
                let skipped = steps.iter().map(|step| (*step, Some(*reason)));
                self.accounted.extend(skipped);
            }
        }
        self.state = decision.next;
    }

    fn happen(&mut self, event: &Event) -> Vec<Command> {
        let decision = self.judge(event);
        let commands = decision.commands.clone();
        self.take(decision);
        commands
    }

    /// Waits for what is planned; returns the mail that is to be sent, if it is one.
    fn due(&mut self) -> Option<StepIndex> {
        self.now = self.state.due_at.unwrap_or(self.now).max(self.now);
        match self.happen(&Event::Due).first() {
            Some(Command::Send { step, .. }) => Some(*step),
            _ => None,
        }
    }

    fn sent(&mut self) {
        let mail = self.sequence.number_at(usize::from(self.memory().node));
        self.accounted.extend(mail.map(|mail| (mail, None)));
        self.happen(&Event::Sent {
            at: self.now,
            thread: "t".to_owned(),
        });
    }

    fn memory(&self) -> Memory {
        Memory::of(&self.state, &self.sequence)
    }

    /// Runs to its end while nothing but time happens; returns the mails sent.
    fn run(&mut self) -> Vec<u16> {
        let mut mails = Vec::new();
        for _ in 0..200 {
            if self.state.state != EnrollmentState::Active {
                break;
            }
            if let Some(mail) = self.due() {
                mails.push(mail.0);
                self.sent();
            }
        }
        mails
    }

    /// What the step at this position is called.
    fn stands_at(&self) -> String {
        self.sequence.id_at(usize::from(self.memory().node))
    }
}

fn reply(intent: ReplyIntent) -> Event {
    Event::Replied {
        intent: Some(intent),
    }
}

#[test]
fn an_enrollment_runs_through_its_steps() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    assert_eq!(case.run(), [0, 1, 2]);
    assert_eq!(case.state.finish, Some(FinishReason::Completed));
    assert_eq!(case.state.sent, 3);
    assert_eq!(case.memory().root, Some(StepIndex(0)));
}

#[test]
fn an_answer_ends_it_and_skips_the_rest() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    let commands = case.happen(&Event::Replied { intent: None });
    assert_eq!(case.state.finish, Some(FinishReason::Replied));
    let skip = Command::Skip {
        steps: vec![StepIndex(1), StepIndex(2)],
        reason: SkipReason::Ended,
    };
    assert_eq!(commands, [skip]);
}

#[test]
fn an_objection_that_was_none_was_an_answer_and_stops_the_company() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.happen(&Event::Unsubscribed);
    assert!(!Memory::answered(&case.state));
    assert_eq!(case.happen(&Event::NoObjection), []);
    assert_eq!(case.state.finish, Some(FinishReason::Replied));
    assert!(Memory::answered(&case.state));
    let mut case = Case::new(&format!("stop_company_on_reply = true\n{SEQUENCE}"));
    case.happen(&Event::Enrolled);
    case.happen(&Event::Unsubscribed);
    assert_eq!(case.happen(&Event::NoObjection), [Command::StopCompany]);
    assert_eq!(case.happen(&Event::NoObjection), [], "once");
}

#[test]
fn an_answer_behind_the_last_mail_stops_the_company_once_and_changes_no_end() {
    let replied = Event::Replied { intent: None };
    for (text, commands) in [
        (
            format!("stop_company_on_reply = true\n{SEQUENCE}"),
            vec![Command::StopCompany],
        ),
        (SEQUENCE.to_owned(), vec![]),
    ] {
        let mut case = Case::new(&text);
        case.happen(&Event::Enrolled);
        assert_eq!(case.run(), [0, 1, 2]);
        assert_eq!(case.happen(&replied), commands);
        assert_eq!(case.happen(&replied), [], "once");
        assert_eq!(case.state.finish, Some(FinishReason::Completed));
    }
}

#[test]
fn an_answer_can_pause_or_change_nothing() {
    let pausing = format!("on_reply = \"pause\"\n{SEQUENCE}");
    let mut case = Case::new(&pausing);
    case.happen(&Event::Enrolled);
    case.happen(&Event::Replied { intent: None });
    assert_eq!(case.state.state, EnrollmentState::Paused);
    case.happen(&Event::Resumed);
    assert_eq!(case.run(), [0, 1, 2]);
    let going_on = format!("on_reply = \"continue\"\nstop_company_on_reply = true\n{SEQUENCE}");
    let mut case = Case::new(&going_on);
    case.happen(&Event::Enrolled);
    let commands = case.happen(&Event::Replied { intent: None });
    assert_eq!(commands, [Command::StopCompany]);
    assert_eq!(case.run(), [0, 1, 2]);
}

#[test]
fn an_absence_moves_the_next_mail_behind_the_return() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.now = at("2026-11-24T10:00:00Z");
    let back_on = Some(date(2026, 12, 7));
    case.happen(&Event::OutOfOffice { back_on });
    assert_eq!(case.state.due_at, Some(at("2026-12-07T09:00:00Z")));
    assert_eq!(case.state.state, EnrollmentState::Active);
    for (choice, state) in [
        ("pause", EnrollmentState::Paused),
        ("stop", EnrollmentState::Finished),
        ("continue", EnrollmentState::Active),
    ] {
        let mut case = Case::new(&format!("on_out_of_office = \"{choice}\"\n{SEQUENCE}"));
        case.happen(&Event::Enrolled);
        let before = case.state.due_at;
        case.happen(&Event::OutOfOffice { back_on });
        assert_eq!(case.state.state, state, "{choice}");
        let away = (state == EnrollmentState::Finished).then_some(FinishReason::Away);
        assert_eq!(case.state.finish, away, "{choice}");
        if state == EnrollmentState::Active {
            assert_eq!(case.state.due_at, before);
        }
    }
}

#[test]
fn an_unknown_send_is_neither_resumed_nor_skipped_by_hand() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.happen(&Event::SendUnknown { at: case.now });
    assert_eq!(case.state.wait, Some(WaitReason::SendUnknown));
    for event in [
        Event::Due,
        Event::Resumed,
        Event::SkippedByPerson,
        Event::SendNow,
    ] {
        assert_eq!(case.happen(&event), [], "{event:?}");
        assert_eq!(case.state.state, EnrollmentState::Parked, "{event:?}");
        assert_eq!(case.state.step, StepIndex(0));
    }
    case.happen(&Event::SendReleased);
    assert_eq!(case.state.state, EnrollmentState::Active);
}

/// Other campaigns keep their distance from a mail that may have gone.
#[test]
fn an_unknown_send_counts_as_the_last_mail_until_it_is_released() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    let first = case.state.last_sent_at;
    case.due();
    let at = case.now;
    case.happen(&Event::SendUnknown { at });
    case.happen(&Event::SendUnknown { at });
    assert_eq!(case.state.last_sent_at, Some(at));
    let mut abandoned = case.clone();
    case.happen(&Event::SendReleased);
    assert_eq!(case.state.last_sent_at, first);
    abandoned.happen(&Event::SendAbandoned);
    assert_eq!(abandoned.state.last_sent_at, Some(at));
}

#[test]
fn a_pause_outlives_the_evidence_of_an_unknown_send() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.happen(&Event::SendUnknown { at: case.now });
    case.happen(&Event::OwnerWrote { at: case.now });
    assert_eq!(case.state.wait, Some(WaitReason::OwnerWrote));
    // Resumed too early: the fate of the mail is still unknown.
    let early = case.judge(&Event::Resumed);
    assert_eq!(early.next.wait, Some(WaitReason::SendUnknown));
    case.sent();
    assert_eq!(case.state.wait, Some(WaitReason::OwnerWrote));
    assert_eq!(case.state.state, EnrollmentState::Paused);
    case.happen(&Event::Resumed);
    assert_eq!(case.run(), [1, 2]);
}

#[test]
fn a_wait_ends_with_its_event_or_its_time() {
    let sent_hello = |case: &mut Case| {
        case.happen(&Event::Enrolled);
        assert_eq!(case.due(), Some(StepIndex(0)));
        case.sent();
        assert_eq!(case.stands_at(), "looked");
    };
    // Nobody clicks: after four working days the nudge comes.
    let mut quiet = Case::new(RICH);
    sent_hello(&mut quiet);
    assert_eq!(quiet.due(), None);
    assert_eq!(quiet.stands_at(), "nudge");
    // A click on another mail changes nothing; one on this mail leads to the call.
    let mut eager = Case::new(RICH).with("phone", "+49 30 1");
    sent_hello(&mut eager);
    eager.happen(&Event::Clicked { step: StepIndex(1) });
    assert_eq!(eager.stands_at(), "looked");
    eager.happen(&Event::Clicked { step: StepIndex(0) });
    assert_eq!(eager.stands_at(), "call");
    assert_eq!(eager.due(), None);
    assert_eq!(eager.state.wait, Some(WaitReason::ManualTask));
    // The task done, the way leads to the last mail: those on other ways are skipped.
    eager.happen(&Event::TaskDone);
    assert_eq!(eager.stands_at(), "last");
    let branch = Some(SkipReason::Branch);
    assert_eq!(
        eager.accounted[1..],
        [(StepIndex(1), branch), (StepIndex(2), branch)]
    );
    assert_eq!(eager.run(), [3]);
}

#[test]
fn a_task_can_be_skipped_and_is_asked_again_after_a_pause() {
    let sequence = Sequence::builder("task")
        .step(StepBuilder::task("Look at their page").id("look"))
        .step(StepBuilder::mail("Hello", "b"))
        .build()
        .unwrap();
    let mut case = Case::of(sequence);
    case.happen(&Event::Enrolled);
    case.happen(&Event::TaskDone);
    assert_eq!(case.stands_at(), "look", "not asked yet, not done");
    case.due();
    case.happen(&Event::Paused(WaitReason::ByPerson));
    case.happen(&Event::Resumed);
    case.now = case.state.due_at.unwrap();
    assert_eq!(case.happen(&Event::Due), [Command::Ask { node: 0 }]);
    case.happen(&Event::SkippedByPerson);
    assert_eq!(case.run(), [0]);
}

#[test]
fn conditions_choose_and_say_why() {
    // A field leads past the nudge.
    let mut retail = Case::new(RICH).with("industry", " Retail ");
    retail.happen(&Event::Enrolled);
    retail.due();
    retail.sent();
    retail.due();
    let nudge = retail.due();
    assert_eq!(nudge, None, "retail gets no nudge");
    assert!(
        retail
            .accounted
            .contains(&(StepIndex(1), Some(SkipReason::Branch)))
    );
    let why = Case::new(RICH).with("industry", "retail");
    let when = why.sequence.steps[3].when.clone().unwrap();
    let words = conditions::words(&when);
    assert_eq!(
        words,
        "not: the field \u{201c}industry\u{201d} is one of retail, food"
    );
}

#[test]
fn a_goal_and_an_exit_end_it_with_their_own_reason() {
    for (intent, finish) in [
        (ReplyIntent::Meeting, Some(FinishReason::Goal)),
        (ReplyIntent::NotInterested, Some(FinishReason::Exit)),
        (ReplyIntent::Question, None),
    ] {
        let mut case = Case::new(RICH);
        case.happen(&Event::Enrolled);
        case.happen(&reply(intent));
        assert_eq!(case.state.finish, finish, "{intent:?}");
    }
}

#[test]
fn a_split_shares_leads_out_by_weight_whatever_mailbox_and_time() {
    let sequence = Sequence::builder("split")
        .step(StepBuilder::split([(3, "a"), (1, "b")]))
        .step(StepBuilder::mail("A", "b").id("a").then("end"))
        .step(StepBuilder::mail("B", "b").id("b").new_thread())
        .build()
        .unwrap();
    let mut a = 0;
    for lead in 0..1000 {
        let mut case = Case::of(sequence.clone());
        case.state.lead = LeadId::from_uuid(Uuid::from_u128(lead));
        case.happen(&Event::Enrolled);
        let way = case.stands_at();
        case.state.mailbox = MailboxId::from_uuid(Uuid::from_u128(99));
        case.state.id = EnrollmentId::from_uuid(Uuid::from_u128(lead + 5));
        case.now = at("2027-01-04T09:00:00Z");
        let mut again = Case::of(sequence.clone());
        again.state.lead = case.state.lead;
        again.now = case.now;
        again.happen(&Event::Enrolled);
        assert_eq!(way, again.stands_at());
        a += usize::from(way == "a");
        assert_eq!(again.run().len(), 1);
    }
    assert!(
        (700..800).contains(&a),
        "{a} of 1000 for a weight of 3 in 4"
    );
}

#[test]
fn a_variant_depends_on_the_lead_and_the_weights_alone() {
    let case = Case::new(RICH);
    let draw = Draw::new(9);
    let mut first = 0;
    for lead in 0..1000 {
        let lead = LeadId::from_uuid(Uuid::from_u128(lead));
        let variant = variant_for(&case.sequence, draw, lead, StepIndex(0));
        assert_eq!(
            variant,
            variant_for(&case.sequence, draw, lead, StepIndex(0))
        );
        first += usize::from(variant == 0);
    }
    assert!(
        (700..800).contains(&first),
        "{first} of 1000 for a weight of 3 in 4"
    );
}

#[test]
fn a_mail_behind_a_skipped_first_mail_begins_the_thread() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.happen(&Event::SkippedByPerson);
    assert_eq!(case.memory().thread_of(&case.sequence, StepIndex(1)), None);
    assert_eq!(case.run(), [1, 2]);
    assert_eq!(case.memory().root, Some(StepIndex(1)));
}

#[test]
fn now_means_now_whatever_the_window_says() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    case.sent();
    case.now = at("2026-11-28T03:00:00Z");
    assert!(case.state.due_at.unwrap() > case.now || case.judge(&Event::Due).commands.is_empty());
    case.happen(&Event::SendNow);
    assert_eq!(case.due(), Some(StepIndex(1)), "a Saturday night");
    case.sent();
    assert!(!case.memory().hurry);
}

#[test]
fn what_a_downtime_made_late_waits_for_a_person() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.now = at("2027-02-01T09:00:00Z");
    let late = case.now.duration_since(case.state.due_at.unwrap());
    case.happen(&Event::Overdue { late });
    assert_eq!(case.state.wait, Some(WaitReason::Overdue));
    assert_eq!(case.due(), None);
    case.happen(&Event::Resumed);
    assert_eq!(case.run(), [0, 1, 2]);
}

#[test]
fn a_refused_mail_waits_and_can_be_skipped() {
    let mut case = Case::new(SEQUENCE);
    case.happen(&Event::Enrolled);
    case.due();
    let reason = NotSentReason::Invalid;
    case.happen(&Event::NotSent {
        reason,
        retry_at: None,
    });
    assert_eq!(case.state.wait, Some(WaitReason::SendRefused));
    case.happen(&Event::SkippedByPerson);
    assert_eq!(case.run(), [1, 2]);
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Due),
        4 => Just(Event::Sent { at: at("2026-11-24T10:00:00Z"), thread: "t".to_owned() }),
        2 => Just(Event::SendUnknown { at: at("2026-11-24T10:00:00Z") }),
        1 => Just(Event::SendAbandoned),
        1 => Just(Event::SendReleased),
        1 => Just(Event::NotSent { reason: NotSentReason::Invalid, retry_at: None }),
        1 => Just(Event::NotSent { reason: NotSentReason::RateLimited, retry_at: None }),
        2 => (0..9_usize).prop_map(|n| Event::Replied { intent: ReplyIntent::ALL.get(n).copied() }),
        2 => (0..80_u16).prop_map(|n| Event::Clicked { step: StepIndex(n) }),
        1 => Just(Event::OutOfOffice { back_on: None }),
        1 => Just(Event::OutOfOffice { back_on: Some(date(2026, 12, 24)) }),
        1 => Just(Event::OwnerWrote { at: at("2026-11-24T09:00:00Z") }),
        1 => Just(Event::MailboxDown),
        1 => Just(Event::MailboxUp),
        1 => Just(Event::Unreadable { what: "text" }),
        3 => Just(Event::Resumed),
        2 => Just(Event::SkippedByPerson),
        2 => Just(Event::TaskDone),
        1 => Just(Event::SendNow),
        1 => Just(Event::Overdue { late: jiff::SignedDuration::from_hours(100) }),
        1 => Just(Event::Deferred {
            until: at("2026-12-01T10:00:00Z"), reason: "x".to_owned(), why: String::new(),
        }),
        1 => Just(Event::Paused(WaitReason::ByPerson)),
        1 => prop_oneof![
            Just(Event::HardBounce),
            Just(Event::Unsubscribed),
            Just(Event::LeftCompany),
            Just(Event::Complained),
            Just(Event::ColleagueReplied),
            Just(Event::Refused { skip: SkipReason::Suppressed, why: String::new() }),
            Just(Event::Unrenderable { field: String::new() }),
            Just(Event::Unwritable { why: "" }),
            Just(Event::Ended(FinishReason::Erased)),
        ],
    ]
}

/// Sequences of every shape: mails, tasks, waits, splits and jumps, all leading forward.
fn any_sequence() -> impl Strategy<Value = Sequence> {
    let step = (0..6_u8, 1..6_u16, any::<bool>(), 0..5_usize);
    (prop::collection::vec(step, 0..9), 0..3_u8).prop_filter_map(
        "a valid sequence",
        |(steps, on_reply)| {
            use crate::model::{Condition, FieldTest, OnReply};
            let count = steps.len() + 1;
            let name = |node: usize| {
                if node >= count {
                    "end".to_owned()
                } else {
                    format!("s{node}")
                }
            };
            let mut sequence = Sequence::builder("any")
                .on_reply([OnReply::Stop, OnReply::Pause, OnReply::Continue][usize::from(on_reply)])
                .step(StepBuilder::mail("Hello", "b").id("s0"));
            for (at, (kind, days, conditional, jump)) in steps.into_iter().enumerate() {
                let node = at + 1;
                let far = name(node + 1 + jump);
                let wait = Delay::days(days + 1);
                let field = Condition::Field(FieldTest {
                    name: "industry".to_owned(),
                    is: Some("retail".to_owned()),
                    ..FieldTest::default()
                });
                let step = match kind {
                    0 | 1 => StepBuilder::follow_up("b").wait(wait),
                    2 => StepBuilder::task("t"),
                    3 => StepBuilder::wait_for(Condition::Clicked("any".to_owned()), wait)
                        .otherwise(far),
                    4 => StepBuilder::split([(1, far.as_str()), (2, name(node + 1).as_str())]),
                    _ => StepBuilder::branch(field.clone(), far),
                };
                let step = step.id(name(node));
                sequence = sequence.step(if conditional && kind < 3 {
                    step.when(field)
                } else {
                    step
                });
            }
            sequence.build().ok()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Conservation (law L3): whatever happens, every mail is sent, given up or skipped, once.
    #[test]
    fn every_mail_is_accounted_for_and_ended_means_ended(
        sequence in any_sequence(),
        events in prop::collection::vec(any_event(), 0..40),
        retail: bool,
        seed: u64,
    ) {
        let mut case = Case::of(sequence);
        case.seed = seed;
        if retail {
            case.fields.insert("industry".to_owned(), "retail".to_owned());
        }
        case.happen(&Event::Enrolled);
        let mut counted: Vec<u16> = Vec::new();
        let mut out = None;
        for event in &events {
            // What the ledger never says is never heard: a mail is accepted, unknown or refused
            // only after it was to be sent, and its fate is known once.
            let unknown = case.memory().unknown;
            match event {
                Event::Sent { .. } if out.is_none() && !unknown => continue,
                Event::SendUnknown { .. } | Event::NotSent { .. } if out.is_none() || unknown => continue,
                Event::SendAbandoned | Event::SendReleased if !unknown => continue,
                _ => {}
            }
            if *event == Event::Due && !unknown {
                case.now = case.state.due_at.unwrap_or(case.now).max(case.now);
            }
            let before = case.state.clone();
            let standing = case.sequence.number_at(usize::from(case.memory().node));
            let decision = case.judge(event);
            prop_assert_eq!(&decision, &case.judge(event), "deterministic");
            for command in &decision.commands {
                match command {
                    Command::Skip { steps, .. } => counted.extend(steps.iter().map(|step| step.0)),
                    Command::Send { step, .. } => {
                        prop_assert!(!counted.contains(&step.0), "sent what is settled");
                        prop_assert!(before.due_at.is_none_or(|due| due <= case.now), "early");
                        out = Some(*step);
                    }
                    _ => {}
                }
            }
            if before.state == EnrollmentState::Finished {
                prop_assert!(decision.commands.is_empty());
                let mut after = decision.next.clone();
                if unknown && matches!(event, Event::Sent { .. } | Event::SendAbandoned) {
                    // What becomes known of its last mail is written down, and nothing else.
                    prop_assert!(!Memory::waits_for_evidence(&after));
                    after = EnrollmentRow {
                        state: after.state,
                        finish: after.finish,
                        settled: after.settled,
                        step: after.step,
                        due_at: after.due_at,
                        wait: after.wait,
                        ..before.clone()
                    };
                }
                prop_assert_eq!(&after, &before);
            } else if matches!(event, Event::Sent { .. } | Event::SendAbandoned) {
                counted.extend(standing.map(|mail| mail.0));
            }
            if matches!(event, Event::Sent { .. } | Event::SendAbandoned | Event::NotSent { .. } | Event::SkippedByPerson) {
                out = None;
            }
            prop_assert!(!decision.trace.is_empty(), "{event:?} explains itself");
            case.take(decision);
            let mut settled = counted.clone();
            settled.sort_unstable();
            let bits: Vec<u16> = (0..64).filter(|n| case.state.settled_mails() >> n & 1 == 1).collect();
            prop_assert_eq!(&settled, &bits, "each once, and the row says so");
        }
        if case.state.state == EnrollmentState::Finished {
            prop_assert_eq!(counted.len(), usize::from(case.sequence.mail_count()));
        }
    }

    /// Left alone, every enrollment comes to its end, and no two mails are closer than a day.
    #[test]
    fn time_alone_leads_to_the_end(sequence in any_sequence(), retail: bool, seed: u64) {
        let mut case = Case::of(sequence);
        case.seed = seed;
        if retail {
            case.fields.insert("industry".to_owned(), "retail".to_owned());
        }
        case.happen(&Event::Enrolled);
        let mut last: Option<Timestamp> = None;
        for _ in 0..200 {
            match case.state.state {
                EnrollmentState::Active => {}
                EnrollmentState::Parked => {
                    case.happen(&Event::TaskDone);
                }
                _ => break,
            }
            if case.due().is_some() {
                let far = last.is_none_or(|last| {
                    case.now.duration_since(last) >= jiff::SignedDuration::from_hours(23)
                });
                prop_assert!(far, "{last:?} and {}", case.now);
                last = Some(case.now);
                case.sent();
            }
        }
        prop_assert_eq!(case.state.state, EnrollmentState::Finished);
        prop_assert_eq!(case.accounted.len(), usize::from(case.sequence.mail_count()));
    }

    /// A move to any other version loses nothing and sends nothing twice.
    #[test]
    fn a_move_keeps_the_balance(
        old in any_sequence(), new in any_sequence(), steps in 0..8_usize, seed: u64,
    ) {
        let Ok(new) = new.following(&old) else { return Ok(()) };
        let mut case = Case::of(old);
        case.seed = seed;
        case.happen(&Event::Enrolled);
        for _ in 0..steps {
            if case.state.state == EnrollmentState::Active && case.due().is_some() {
                case.sent();
            }
        }
        let facts = case.facts();
        let draw = Draw::new(seed);
        let moved = migrate(&case.state, &facts, case.now, &case.sequence, &new, 2, draw);
        let Some(moved) = moved else { return Ok(()) };
        case.take(moved);
        case.sequence = new;
        for _ in 0..100 {
            match case.state.state {
                EnrollmentState::Active => {}
                EnrollmentState::Parked => {
                    case.happen(&Event::TaskDone);
                }
                _ => break,
            }
            if case.due().is_some() {
                case.sent();
            }
        }
        prop_assert_eq!(case.state.state, EnrollmentState::Finished);
        let mut mails: Vec<_> = case.accounted.iter().map(|(mail, _)| mail.0).collect();
        mails.sort_unstable();
        let all: Vec<u16> = (0..case.sequence.mail_count()).collect();
        prop_assert_eq!(mails, all);
    }
}

#[test]
fn every_kind_of_step_is_in_the_rich_sequence() {
    let case = Case::new(RICH);
    let kinds: Vec<_> = case
        .sequence
        .steps
        .iter()
        .map(crate::model::Step::kind)
        .collect();
    let has = |wanted: fn(&StepKind<'_>) -> bool| kinds.iter().any(wanted);
    assert!(has(|kind| matches!(kind, StepKind::Mail)));
    assert!(has(|kind| matches!(kind, StepKind::Task(_))));
    assert!(has(|kind| matches!(kind, StepKind::WaitFor(_))));
    assert!(has(|kind| matches!(kind, StepKind::Split(_))));
}
