//! Shapes of campaigns: the sequence, the schedule, and the same promises written a second time for
//! the judges, who never ask the engine.

use std::collections::BTreeSet;

use jiff::civil::{Time, time};
use jooper_sequence::model::{
    Condition, Delay, DelayUnit, FieldTest, InvalidSequence, Limits, OnOutOfOffice, ReplyIntent,
    Schedule, Sequence, Window,
};

use crate::mutant::Mutant;

/// What a campaign looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Three mails, one after the other, working days apart.
    Linear,
    /// A random split, a condition on a field, a new thread; little an hour and a day.
    Branches,
    /// A wait for a click, with a way for those who click and one for the others; two windows a
    /// day, and budgets that mailboxes share.
    Waits,
    /// Companies of three, one of whom is added while the campaign runs: an answer of one ends it for
    /// all. Mailboxes of two domains, which share budgets.
    Company,
    /// Answers with senses: who shows interest gets another mail than the others, and who shows none
    /// gets no last one.
    Senses,
    /// People work beside the sequence: they send now, skip, test, and write by hand.
    Desk,
}

/// The mail of [`Shape::Senses`] for who shows interest, by its number.
pub(crate) const OFFER: u16 = 1;
/// The one for who has not shown any by then.
pub(crate) const NUDGE: u16 = 2;
/// The one for all but those who showed that they have none.
pub(crate) const LAST: u16 = 3;

/// What the judges know of the way that somebody took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way<'a> {
    /// Mails that were passed over so far, by their numbers: this one too.
    pub(crate) passed: &'a BTreeSet<u16>,
    /// Whether their title is known.
    pub(crate) titled: bool,
    /// Whether they followed a link of the first mail.
    pub(crate) clicked: bool,
    /// Whether they answered that they want to go on.
    pub(crate) interested: bool,
    /// Whether they answered that they do not.
    pub(crate) declined: bool,
}

/// How long a mail comes after the mail before it, at least: the judges' own words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Least {
    /// The first mail.
    Nothing,
    Hours(i64),
    /// Civil days of the lead; the time of day is kept.
    Days(i64),
    /// Days from Monday to Friday.
    WorkingDays(i64),
}

/// What the judges were told about a campaign.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promises {
    /// The spans of Monday to Friday in which mail may go, by the lead's clock.
    pub(crate) windows: &'static [(Time, Time)],
    /// For each mail, in the order of the numbers.
    pub(crate) least: &'static [Least],
    /// Mails of one mailbox in any hour.
    pub(crate) hour: Option<usize>,
    /// Mails of one mailbox in any 24 hours.
    pub(crate) day: usize,
    /// Mails of the workspace in any 24 hours.
    pub(crate) workspace: Option<usize>,
    /// Mails of the sending domain in any 24 hours.
    pub(crate) sender_domain: Option<usize>,
    /// Mails to one recipient domain in any 24 hours.
    pub(crate) recipient_domain: Option<usize>,
}

const LINEAR: &str = r#"
    name = "Three mails"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step.variant]]
    subject = "A question, {{ first_name }}"
    body = "First, in other words."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
    [[step]]
    wait = "4 working days"
    [[step.variant]]
    body = "Third."
"#;

const BRANCHES: &str = r#"
    name = "Two ways"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    weight = 3
    [[step.variant]]
    subject = "A question, {{ first_name }}"
    body = "First, in other words."
    [[step]]
    id = "lot"
    split = [{ weight = 1, go_to = "soon" }, { weight = 1, go_to = "later" }]
    [[step]]
    id = "soon"
    wait = "30 hours"
    then = "last"
    [[step.variant]]
    body = "Soon."
    [[step]]
    id = "later"
    wait = "2 days"
    when = { field = { name = "title", is_set = true } }
    [[step.variant]]
    body = "Later."
    [[step]]
    id = "last"
    wait = "3 working days"
    new_thread = true
    [[step.variant]]
    subject = "The last one, {{ first_name }}"
    body = "Last."
    [[step.variant]]
    subject = "Once more, {{ first_name }}"
    body = "Last, in other words."
"#;

const WAITS: &str = r#"
    name = "A wait"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step]]
    id = "looked"
    wait_for = { event = { clicked = "hello" }, at_most = "2 working days", otherwise = "nudge" }
    [[step]]
    id = "thanks"
    wait = "26 hours"
    then = "last"
    [[step.variant]]
    body = "You have looked at it."
    [[step]]
    id = "nudge"
    wait = "1 days"
    [[step.variant]]
    body = "Did you see it?"
    [[step]]
    id = "last"
    wait = "4 working days"
    [[step.variant]]
    body = "Last."
"#;

const COMPANY: &str = r#"
    name = "A company at a time"
    stop_company_on_reply = true
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step]]
    wait = "2 working days"
    [[step.variant]]
    body = "Second."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Third."
"#;

const SENSES: &str = r#"
    name = "Senses"
    on_reply = "continue"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step]]
    id = "asked"
    wait_for = { event = { replied = "interested" }, at_most = "3 working days", otherwise = "nudge" }
    [[step]]
    id = "offer"
    wait = "26 hours"
    then = "last"
    [[step.variant]]
    body = "Here is more."
    [[step]]
    id = "nudge"
    wait = "1 days"
    [[step.variant]]
    body = "Did you see it?"
    [[step]]
    id = "last"
    wait = "3 working days"
    when = { not = { replied = "not_interested" } }
    [[step.variant]]
    body = "Last."
"#;

const DESK: &str = r#"
    name = "Beside a desk"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
    [[step]]
    wait = "2 days"
    [[step.variant]]
    body = "Third."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Fourth."
"#;

impl Shape {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Linear,
        Self::Branches,
        Self::Waits,
        Self::Company,
        Self::Senses,
        Self::Desk,
    ];

    /// Those that a seed chooses among: never others, or seeds that failed once would say nothing.
    const OF_SEEDS: [Self; 3] = [Self::Linear, Self::Branches, Self::Waits];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Branches => "branches",
            Self::Waits => "waits",
            Self::Company => "company",
            Self::Senses => "senses",
            Self::Desk => "desk",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }

    /// The one that a seed brings.
    pub const fn of_seed(seed: u64) -> Self {
        Self::OF_SEEDS[(seed % 3) as usize]
    }

    /// The sequence, without a safeguard where a mutant says so.
    pub(crate) fn sequence(self, mutant: Option<Mutant>) -> Result<Sequence, InvalidSequence> {
        let text = match self {
            Self::Linear => LINEAR,
            Self::Branches => BRANCHES,
            Self::Waits => WAITS,
            Self::Company => COMPANY,
            Self::Senses => SENSES,
            Self::Desk => DESK,
        };
        let mut sequence = Sequence::from_toml(text)?;
        if mutant == Some(Mutant::Delays) {
            for step in sequence
                .steps
                .iter_mut()
                .filter(|step| !step.wait.is_zero())
            {
                step.wait = Delay {
                    amount: 1,
                    unit: DelayUnit::Days,
                };
            }
        }
        match mutant {
            Some(Mutant::Colleagues) => sequence.stop_company_on_reply = false,
            Some(Mutant::Way) => {
                let title = FieldTest {
                    name: "title".to_owned(),
                    is_set: Some(true),
                    ..FieldTest::default()
                };
                if let Some(last) = sequence.steps.last_mut() {
                    last.when = Some(Condition::Field(title));
                }
            }
            Some(Mutant::End) => sequence.on_out_of_office = OnOutOfOffice::Stop,
            Some(Mutant::Senses) => {
                for step in &mut sequence.steps {
                    step.when = None;
                    if let Some(wait) = &mut step.wait_for {
                        wait.event = Condition::Replied(ReplyIntent::Any);
                    }
                }
            }
            _ => {}
        }
        Ok(sequence)
    }

    /// The schedule, without a safeguard where a mutant says so.
    pub(crate) fn schedule(self, mutant: Option<Mutant>) -> Schedule {
        let mut schedule = Schedule {
            zone: "Europe/Berlin".to_owned(),
            daily_cap: 5,
            ..Schedule::default()
        };
        match self {
            Self::Linear | Self::Senses | Self::Desk => {}
            Self::Company => {
                schedule.limits = Limits {
                    workspace: Some(5),
                    sender_domain: Some(3),
                    ..Limits::default()
                };
            }
            Self::Branches => {
                schedule.limits = Limits {
                    hourly: Some(2),
                    rolling_day: Some(4),
                    ..Limits::default()
                };
            }
            Self::Waits => {
                let spans = [
                    (time(8, 30, 0, 0), time(12, 0, 0, 0)),
                    (time(13, 30, 0, 0), time(18, 0, 0, 0)),
                ];
                let of_day = |weekday| spans.map(|(from, to)| Window { weekday, from, to });
                schedule.windows = (1..=5).flat_map(of_day).collect();
                schedule.limits = Limits {
                    workspace: Some(6),
                    sender_domain: Some(5),
                    recipient_domain: Some(1),
                    ..Limits::default()
                };
            }
        }
        match mutant {
            Some(Mutant::Windows) => {
                let (from, to) = (Time::MIN, Time::MAX);
                let all = (1..=7).map(|weekday| Window { weekday, from, to });
                schedule.windows = all.collect();
            }
            Some(Mutant::Hour) => schedule.limits.hourly = None,
            Some(Mutant::Day) => schedule.limits.rolling_day = None,
            Some(Mutant::Shared) => {
                let limits = &mut schedule.limits;
                (limits.workspace, limits.sender_domain) = (None, None);
                limits.recipient_domain = None;
            }
            _ => {}
        }
        schedule
    }

    /// The same once more, written by hand.
    pub(crate) const fn promises(self) -> Promises {
        const OFFICE: &[(Time, Time)] =
            &[(Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0))];
        const SIESTA: &[(Time, Time)] = &[
            (Time::constant(8, 30, 0, 0), Time::constant(12, 0, 0, 0)),
            (Time::constant(13, 30, 0, 0), Time::constant(18, 0, 0, 0)),
        ];
        let alone = Promises {
            windows: OFFICE,
            least: &[Least::Nothing, Least::WorkingDays(3), Least::WorkingDays(4)],
            hour: None,
            day: 5,
            workspace: None,
            sender_domain: None,
            recipient_domain: None,
        };
        match self {
            Self::Linear => alone,
            Self::Company => Promises {
                least: &[Least::Nothing, Least::WorkingDays(2), Least::WorkingDays(3)],
                workspace: Some(5),
                sender_domain: Some(3),
                ..alone
            },
            Self::Senses => Promises {
                least: &[
                    Least::Nothing,
                    Least::Hours(26),
                    Least::Days(1),
                    Least::WorkingDays(3),
                ],
                ..alone
            },
            Self::Desk => Promises {
                least: &[
                    Least::Nothing,
                    Least::WorkingDays(3),
                    Least::Days(2),
                    Least::WorkingDays(3),
                ],
                ..alone
            },
            Self::Branches => Promises {
                least: &[
                    Least::Nothing,
                    Least::Hours(30),
                    Least::Days(2),
                    Least::WorkingDays(3),
                ],
                hour: Some(2),
                day: 4,
                ..alone
            },
            Self::Waits => Promises {
                windows: SIESTA,
                least: &[
                    Least::Nothing,
                    Least::Hours(26),
                    Least::Days(1),
                    Least::WorkingDays(4),
                ],
                workspace: Some(6),
                sender_domain: Some(5),
                recipient_domain: Some(1),
                ..alone
            },
        }
    }

    /// Whether a mail may lie on another way than the one that somebody took.
    pub(crate) fn may_pass(self, mail: u16, way: &Way<'_>) -> bool {
        // Of the two mails in the middle one goes, unless something keeps that one back too.
        let both = way.passed.contains(&1) && way.passed.contains(&2);
        match (self, mail) {
            (Self::Branches, 1 | 2) => !both || !way.titled,
            (Self::Waits, 1) => !both,
            (Self::Waits, 2) => !both && way.clicked,
            (Self::Senses, OFFER) => !both,
            (Self::Senses, NUDGE) => !both && way.interested,
            (Self::Senses, LAST) => way.declined,
            _ => false,
        }
    }

    /// How many mails there are.
    pub(crate) const fn mails(self) -> u16 {
        self.promises().least.len() as u16
    }

    /// At which domain a lead has its mail: pairs of colleagues where that matters.
    pub(crate) const fn company_of(self, lead: usize) -> usize {
        match self {
            Self::Waits => lead / 2,
            Self::Company => lead / 3,
            _ => lead,
        }
    }

    /// Whether leads of one domain are known as colleagues.
    pub(crate) const fn has_companies(self) -> bool {
        matches!(self, Self::Company)
    }

    /// Whether a lead is added while the campaign runs.
    pub(crate) const fn comes_later(self, lead: usize) -> bool {
        matches!(self, Self::Company) && lead % 3 == 2
    }

    /// At which domain a mailbox sends, by its number.
    pub(crate) const fn domain_of(self, mailbox: usize) -> usize {
        match self {
            Self::Company => mailbox % 2,
            _ => 0,
        }
    }

    /// Whether every answer ends the enrollment.
    pub(crate) const fn answers_end(self) -> bool {
        !matches!(self, Self::Senses)
    }
}
