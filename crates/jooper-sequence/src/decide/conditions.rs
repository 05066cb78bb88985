//! Whether a condition holds, and why in words.

use jiff::{SignedDuration, Timestamp};
use jooper_storage::tables::EnrollmentRow;

use super::Facts;
use super::memory::Memory;
use crate::model::{Condition, Elapsed, Sequence, Since};
use crate::planner::{Locale, add_delay};

/// How often fields that somebody waits for are looked at: nobody tells when they are imported.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// What a condition is asked about.
pub(super) struct Question<'a> {
    pub(super) enrollment: &'a EnrollmentRow,
    pub(super) memory: &'a Memory,
    pub(super) facts: &'a Facts<'a>,
    pub(super) locale: &'a Locale,
    pub(super) sequence: &'a Sequence,
    pub(super) now: Timestamp,
}

impl Question<'_> {
    pub(super) fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Replied(intent) => self.memory.has_answered(*intent),
            Condition::Clicked(id) if id == "any" => self.memory.clicked != 0,
            Condition::Clicked(id) => {
                let node = self.sequence.node_named(id);
                let mail = node.and_then(|node| self.sequence.number_at(node));
                mail.is_some_and(|mail| mail.0 < 64 && self.memory.clicked & (1 << mail.0) != 0)
            }
            Condition::Field(test) => {
                test.passes(self.facts.fields.get(&test.name).map(String::as_str))
            }
            Condition::Elapsed(elapsed) => self.over_at(*elapsed).is_some_and(|at| at <= self.now),
            Condition::All(list) => list.iter().all(|inner| self.holds(inner)),
            Condition::Any(list) => list.iter().any(|inner| self.holds(inner)),
            Condition::Not(inner) => !self.holds(inner),
        }
    }

    /// When so much time has passed; `None` where it has not begun.
    fn over_at(&self, elapsed: Elapsed) -> Option<Timestamp> {
        let since = match elapsed.since {
            Since::Enrolled => Some(self.enrollment.created_at),
            Since::LastMail => self.enrollment.last_sent_at,
        };
        let schedule = self.facts.schedule;
        Some(add_delay(schedule, self.locale, since?, elapsed.at_least))
    }

    /// When a condition may turn although nothing happens to the lead: with time, or because
    /// somebody imported other fields.
    pub(super) fn turns_at(&self, condition: &Condition) -> Option<Timestamp> {
        let first = |list: &[Condition]| list.iter().filter_map(|one| self.turns_at(one)).min();
        match condition {
            Condition::Replied(_) | Condition::Clicked(_) => None,
            Condition::Field(_) => self.now.checked_add(LOOK_AGAIN).ok(),
            Condition::Elapsed(elapsed) => self.over_at(*elapsed).filter(|at| *at > self.now),
            Condition::All(list) | Condition::Any(list) => first(list),
            Condition::Not(inner) => self.turns_at(inner),
        }
    }
}

/// A condition in words; of fields, the name and never the lead's value.
pub(super) fn words(condition: &Condition) -> String {
    match condition {
        Condition::Replied(intent) => format!("they {}", intent.words()),
        Condition::Clicked(id) if id == "any" => "they followed a link".to_owned(),
        Condition::Clicked(id) => format!("they followed a link of step \u{201c}{id}\u{201d}"),
        Condition::Field(test) => {
            let mut parts = Vec::new();
            if let Some(value) = &test.is {
                parts.push(format!("is \u{201c}{value}\u{201d}"));
            }
            if let Some(value) = &test.is_not {
                parts.push(format!("is not \u{201c}{value}\u{201d}"));
            }
            if !test.one_of.is_empty() {
                parts.push(format!("is one of {}", test.one_of.join(", ")));
            }
            match test.is_set {
                Some(true) => parts.push("has a value".to_owned()),
                Some(false) => parts.push("has no value".to_owned()),
                None => {}
            }
            format!(
                "the field \u{201c}{}\u{201d} {}",
                test.name,
                parts.join(" and ")
            )
        }
        Condition::Elapsed(elapsed) => {
            let since = match elapsed.since {
                Since::Enrolled => "the enrollment",
                Since::LastMail => "the last mail",
            };
            format!("at least {} have passed since {since}", elapsed.at_least)
        }
        Condition::All(list) => join(list, " and "),
        Condition::Any(list) => join(list, " or "),
        Condition::Not(inner) => format!("not: {}", words(inner)),
    }
}

fn join(list: &[Condition], with: &str) -> String {
    let all: Vec<_> = list.iter().map(words).collect();
    format!("({})", all.join(with))
}
