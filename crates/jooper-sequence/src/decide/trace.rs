//! Why, as data and in words.

use serde::{Deserialize, Serialize};

/// One rule that was looked at: its input and its verdict. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLine {
    /// The rule.
    pub rule: String,
    /// What it saw.
    pub input: String,
    /// What it said.
    pub verdict: String,
}

impl TraceLine {
    /// A line of a trace.
    pub fn new(
        rule: impl Into<String>,
        input: impl Into<String>,
        verdict: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            input: input.into(),
            verdict: verdict.into(),
        }
    }
}

/// A decision about a lead, as it is kept sealed and shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// One sentence for a salesperson.
    pub summary: String,
    /// The step it is about, from 1, if it is about one.
    pub step: Option<u16>,
    /// Every rule that was looked at.
    pub lines: Vec<TraceLine>,
}
