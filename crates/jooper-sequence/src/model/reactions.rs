//! What answers, absences, goals and ends do, and who may come back.

use jooper_core::FinishReason;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::delay::Delay;

/// What an answer does to the lead's enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnOutOfOffice {
    /// Waits until the stated date, or a week.
    #[default]
    WaitForReturn,
    /// Pauses it until a person resumes it.
    Pause,
    /// Ends it.
    Stop,
    /// Nothing.
    Continue,
}

/// Something that ends the sequence for a lead as soon as it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the team calls it.
    pub name: String,
    /// What must hold.
    pub when: Condition,
}

/// Who may be enrolled in the same campaign once more. Without this rule, nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReEnroll {
    /// How long after the last enrollment ended.
    pub after: Delay,
    /// How the last enrollment must have ended.
    #[serde(default = "after_completion")]
    pub ended: Vec<EndedAs>,
}

/// An end after which somebody may come back. Whoever objected, complained or was erased may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndedAs {
    /// Every step was done.
    Completed,
    /// The person answered.
    Replied,
    /// A goal was reached.
    Goal,
    /// An exit rule held.
    Exit,
    /// A colleague answered.
    CompanyReplied,
    /// A person took them out of the campaign.
    Removed,
}

fn after_completion() -> Vec<EndedAs> {
    vec![EndedAs::Completed]
}

impl EndedAs {
    /// The reason that an enrollment carries.
    pub const fn reason(self) -> FinishReason {
        match self {
            Self::Completed => FinishReason::Completed,
            Self::Replied => FinishReason::Replied,
            Self::Goal => FinishReason::Goal,
            Self::Exit => FinishReason::Exit,
            Self::CompanyReplied => FinishReason::CompanyReplied,
            Self::Removed => FinishReason::Removed,
        }
    }
}
