//! Sequences: immutable versions of what is written to a lead, and when.

use std::collections::BTreeSet;

use jooper_core::StepIndex;
use jooper_message::compose::{Template, TemplateError};
use serde::{Deserialize, Serialize};

/// The most steps of a sequence: the first mail and six follow-ups.
const MAX_STEPS: usize = 7;
/// The most variants of a step.
const MAX_VARIANTS: usize = 26;

/// One version of a sequence, as users write it in TOML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// What the team calls it.
    pub name: String,
    /// What an answer does.
    #[serde(default)]
    pub on_reply: OnReply,
    /// What an absence notice does.
    #[serde(default)]
    pub on_out_of_office: OnOutOfOffice,
    /// Whether an answer also ends it for the lead's colleagues.
    #[serde(default)]
    pub stop_company_on_reply: bool,
    /// The steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How long after the mail before it, or after the enrollment.
    #[serde(default)]
    pub wait: Delay,
    /// Whether it begins a new thread. The first step always does.
    #[serde(default)]
    pub new_thread: bool,
    /// What is written; a lead gets one of them.
    #[serde(rename = "variant")]
    pub variants: Vec<StepVariant>,
}

/// One wording of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepVariant {
    /// The subject's template; needed where a thread begins, absent where one goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text's template.
    pub body: String,
    /// Its share of the leads, relative to the other variants.
    #[serde(default = "one")]
    pub weight: u32,
}

const fn one() -> u32 {
    1
}

/// A span of time, written `3 working days`, `2 days` or `4 hours`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Delay {
    /// How many.
    pub amount: u16,
    /// Of what.
    pub unit: DelayUnit,
}

/// What a delay counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DelayUnit {
    /// 60 minutes each.
    #[default]
    Hours,
    /// Civil days in the lead's zone.
    Days,
    /// Civil days that are working days of the schedule.
    WorkingDays,
}

/// What an answer does to the lead's enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReply {
    /// Ends it.
    #[default]
    Stop,
    /// Pauses it until a person resumes it.
    Pause,
    /// Nothing.
    Continue,
}

/// What an absence notice does to the lead's enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOutOfOffice {
    /// Waits until the stated date, or a week.
    #[default]
    WaitForReturn,
    /// Nothing.
    Continue,
}

/// Why a text is not a sequence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSequence {
    /// The TOML does not read.
    #[error("{0}")]
    Toml(String),
    /// There are no steps, or too many.
    #[error("a sequence has 1 to {MAX_STEPS} steps")]
    Steps,
    /// A step has no variants, or too many, or none of any weight.
    #[error(
        "step {0}: a step has 1 to {MAX_VARIANTS} variants, at least one with a weight above 0"
    )]
    Variants(usize),
    /// A thread begins without a subject.
    #[error("step {0}: a mail that begins a thread needs a subject")]
    NoSubject(usize),
    /// A thread goes on under another subject.
    #[error(
        "step {0}: a mail in the same thread keeps its subject; remove the subject or set new_thread = true"
    )]
    Subject(usize),
    /// A follow-up comes on the heels of the mail before it.
    #[error("step {0}: a follow-up waits at least one day")]
    TooSoon(usize),
    /// A subject pretends to answer.
    #[error(
        "step {0}: a subject that begins with Re: or Fwd: pretends to answer a mail that was never sent"
    )]
    Deceptive(usize),
    /// A template does not read.
    #[error("step {step}, {part}: {source}")]
    Template {
        /// The step, from 1.
        step: usize,
        /// Subject or text.
        part: &'static str,
        /// What is wrong.
        source: TemplateError,
    },
}

impl Sequence {
    /// Reads a sequence from TOML and checks all of it.
    ///
    /// # Errors
    /// [`InvalidSequence`] names the place and the remedy.
    pub fn from_toml(text: &str) -> Result<Self, InvalidSequence> {
        let sequence: Self =
            toml::from_str(text).map_err(|error| InvalidSequence::Toml(error.to_string()))?;
        sequence.check()?;
        Ok(sequence)
    }

    /// Checks every rule of the model.
    ///
    /// # Errors
    /// [`InvalidSequence`] names the first step that breaks one.
    pub fn check(&self) -> Result<(), InvalidSequence> {
        if !(1..=MAX_STEPS).contains(&self.steps.len()) {
            return Err(InvalidSequence::Steps);
        }
        for (at, step) in self.steps.iter().enumerate() {
            let number = at + 1;
            let weights: u64 = step.variants.iter().map(|v| u64::from(v.weight)).sum();
            if !(1..=MAX_VARIANTS).contains(&step.variants.len()) || weights == 0 {
                return Err(InvalidSequence::Variants(number));
            }
            if at > 0 && step.wait.is_less_than_a_day() {
                return Err(InvalidSequence::TooSoon(number));
            }
            for variant in &step.variants {
                match &variant.subject {
                    None if self.begins_thread(StepIndex(at as u16)) => {
                        return Err(InvalidSequence::NoSubject(number));
                    }
                    Some(_) if !self.begins_thread(StepIndex(at as u16)) => {
                        return Err(InvalidSequence::Subject(number));
                    }
                    Some(subject) if jooper_consent::is_deceptive(subject, false) => {
                        return Err(InvalidSequence::Deceptive(number));
                    }
                    _ => {}
                }
                for (part, text) in [
                    ("subject", variant.subject.as_deref()),
                    ("body", Some(variant.body.as_str())),
                ] {
                    if let Some(text) = text {
                        Template::parse(text).map_err(|source| InvalidSequence::Template {
                            step: number,
                            part,
                            source,
                        })?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks every field of every template against the ones that leads have.
    ///
    /// # Errors
    /// [`InvalidSequence::Template`] with a suggestion.
    pub fn check_fields(&self, known: &BTreeSet<String>) -> Result<(), InvalidSequence> {
        for (at, step) in self.steps.iter().enumerate() {
            for variant in &step.variants {
                for (part, text) in [
                    ("subject", variant.subject.as_deref()),
                    ("body", Some(variant.body.as_str())),
                ] {
                    let Some(text) = text else { continue };
                    Template::parse(text)
                        .and_then(|template| {
                            template.check_fields(known.iter().map(String::as_str))
                        })
                        .map_err(|source| InvalidSequence::Template {
                            step: at + 1,
                            part,
                            source,
                        })?;
                }
            }
        }
        Ok(())
    }

    /// The step at an index.
    pub fn step(&self, index: StepIndex) -> Option<&Step> {
        self.steps.get(usize::from(index.0))
    }

    /// Whether the mail at this index begins a thread.
    pub fn begins_thread(&self, index: StepIndex) -> bool {
        index.0 == 0 || self.step(index).is_some_and(|step| step.new_thread)
    }

    /// The step whose subject the mail at this index carries: where its thread began.
    pub fn thread_start(&self, index: StepIndex) -> StepIndex {
        (0..=index.0)
            .rev()
            .map(StepIndex)
            .find(|at| self.begins_thread(*at))
            .unwrap_or_default()
    }
}

impl Delay {
    const fn is_less_than_a_day(self) -> bool {
        match self.unit {
            DelayUnit::Hours => self.amount < 24,
            DelayUnit::Days | DelayUnit::WorkingDays => self.amount == 0,
        }
    }
}

impl TryFrom<String> for Delay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "write a wait as `4 hours`, `2 days` or `3 working days`";
        let (amount, unit) = text.trim().split_once(' ').ok_or(wrong)?;
        let amount = amount.parse().map_err(|_| wrong)?;
        let unit = match unit.trim() {
            "hour" | "hours" => DelayUnit::Hours,
            "day" | "days" => DelayUnit::Days,
            "working day" | "working days" => DelayUnit::WorkingDays,
            _ => return Err(wrong),
        };
        Ok(Self { amount, unit })
    }
}

impl From<Delay> for String {
    fn from(delay: Delay) -> Self {
        let unit = match delay.unit {
            DelayUnit::Hours => "hours",
            DelayUnit::Days => "days",
            DelayUnit::WorkingDays => "working days",
        };
        format!("{} {unit}", delay.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "Fair follow-up"
        [[step]]
        [[step.variant]]
        subject = "Your visit, {{ first_name }}"
        body = "Hello {{ first_name }}"
        [[step]]
        wait = "3 working days"
        [[step.variant]]
        body = "Did you see this?"
    "#;

    #[test]
    fn a_sequence_reads_from_toml_and_goes_back() {
        let sequence = Sequence::from_toml(GOOD).unwrap();
        assert_eq!(sequence.steps[1].wait.unit, DelayUnit::WorkingDays);
        assert_eq!(sequence.thread_start(StepIndex(1)), StepIndex(0));
        let again = toml::to_string(&sequence).unwrap();
        assert_eq!(Sequence::from_toml(&again), Ok(sequence));
    }

    #[test]
    fn each_mistake_is_named_with_its_step() {
        for (from, to, message) in [
            (
                "wait = \"3 working days\"",
                "wait = \"3 hours\"",
                "step 2: a follow-up waits",
            ),
            (
                "subject = \"Your visit, {{ first_name }}\"",
                "",
                "step 1: a mail that begins",
            ),
            (
                "Your visit, {{ first_name }}",
                "Re: your visit",
                "step 1: a subject that begins",
            ),
            (
                "Hello {{ first_name }}",
                "Hello {{ 1+1 }}",
                "step 1, body: line 1: only a field",
            ),
            ("3 working days", "3 moons", "write a wait as"),
            ("name =", "nmae =", "unknown field `nmae`"),
        ] {
            let error = Sequence::from_toml(&GOOD.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn an_unknown_field_gets_a_suggestion() {
        let sequence = Sequence::from_toml(&GOOD.replace("{{ first_name }}", "{{ firstname }}"));
        let known = BTreeSet::from(["first_name".to_owned(), "company".to_owned()]);
        let error = sequence
            .unwrap()
            .check_fields(&known)
            .unwrap_err()
            .to_string();
        assert!(error.contains("did you mean `first_name`?"), "{error}");
    }
}
