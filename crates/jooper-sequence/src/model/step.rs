//! One step of a sequence: a mail, a task, a wait, a split, or a way to another step.

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::delay::Delay;

/// Where a branch goes to end the sequence for this lead.
pub const END: &str = "end";

/// One step. It is a mail when it has variants; else a task, a wait for an event or a split when it
/// has the table of that name; else it only leads on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// A name for branches to go to, and for later versions to know the step by. Without one it is
    /// the step's place, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How long after the step before it, or after the enrollment.
    #[serde(skip_serializing_if = "Delay::is_zero_ref")]
    pub wait: Delay,
    /// Done only if this holds when its time has come; else the next step follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The id of a later step that follows this one, or `end`. Without it, the next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// Whether a mail begins a new thread. The first mail always does.
    #[serde(skip_serializing_if = "is_false")]
    pub new_thread: bool,
    /// Something that a person does and marks as done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Waits until something happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<WaitFor>,
    /// Sends each lead one of several ways, by chance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub split: Vec<Arm>,
    /// What a mail says; a lead gets one of them.
    #[serde(rename = "variant", skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<StepVariant>,
}

const fn is_false(value: &bool) -> bool {
    !*value
}

impl Delay {
    const fn is_zero_ref(&self) -> bool {
        self.is_zero()
    }
}

/// One wording of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// Something that a person does by hand. The sequence goes on when it is marked done or skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What to do, for a list of tasks. A template, as the mails are.
    pub title: String,
    /// How, if that needs saying. A template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// A wait that an event ends, or time does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WaitFor {
    /// What is waited for.
    pub event: Condition,
    /// For how long.
    pub at_most: Delay,
    /// The id of a later step that follows when time is up, or `end`. Without it, the next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

/// One way of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its share of the leads, relative to the other ways.
    #[serde(default = "one")]
    pub weight: u32,
    /// The id of a later step, or `end`.
    pub go_to: String,
}

/// What a step does, with what it needs for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind<'a> {
    /// Sends a mail.
    Mail,
    /// Asks a person.
    Task(&'a Task),
    /// Waits for an event.
    WaitFor(&'a WaitFor),
    /// Goes one of several ways.
    Split(&'a [Arm]),
    /// Leads on.
    Jump,
}

impl Step {
    /// What it does.
    pub fn kind(&self) -> StepKind<'_> {
        if !self.variants.is_empty() {
            return StepKind::Mail;
        }
        match (&self.task, &self.wait_for) {
            (Some(task), _) => StepKind::Task(task),
            (None, Some(wait)) => StepKind::WaitFor(wait),
            (None, None) if !self.split.is_empty() => StepKind::Split(&self.split),
            (None, None) => StepKind::Jump,
        }
    }

    /// Whether it sends a mail.
    pub const fn is_mail(&self) -> bool {
        !self.variants.is_empty()
    }

    /// The conditions in it.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let event = self.wait_for.as_ref().map(|wait| &wait.event);
        self.when.iter().chain(event)
    }

    /// Every step that it names as a follower.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        let otherwise = self
            .wait_for
            .as_ref()
            .and_then(|wait| wait.otherwise.as_ref());
        self.then
            .iter()
            .chain(otherwise)
            .chain(self.split.iter().map(|arm| &arm.go_to))
            .map(String::as_str)
    }
}
