//! What a step may depend on. Opens are not among it: they decide nothing (law L11).

use serde::{Deserialize, Serialize};

use super::delay::Delay;

/// A question about a lead in a campaign, with a yes or a no for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Condition {
    /// They answered, in this sense. `any` is any answer a person wrote.
    Replied(ReplyIntent),
    /// They followed a link: of `any` mail, or of the step with this id.
    Clicked(String),
    /// What is known about them.
    Field(FieldTest),
    /// How long it has been.
    Elapsed(Elapsed),
    /// Every one of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// The opposite.
    Not(Box<Self>),
}

/// In which sense a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReplyIntent {
    /// Any answer that a person wrote.
    Any,
    /// They want to go on.
    Interested,
    /// They ask something.
    Question,
    /// They propose or accept a time.
    Meeting,
    /// Later, perhaps.
    NotNow,
    /// No.
    NotInterested,
    /// Somebody else is responsible.
    WrongPerson,
    /// The classifier abstained.
    Unclear,
}

impl ReplyIntent {
    /// Every sense, in the order of the declaration.
    pub const ALL: [Self; 8] = [
        Self::Any,
        Self::Interested,
        Self::Question,
        Self::Meeting,
        Self::NotNow,
        Self::NotInterested,
        Self::WrongPerson,
        Self::Unclear,
    ];

    /// The bit that remembers it.
    pub(crate) const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Any => "answered",
            Self::Interested => "answered with interest",
            Self::Question => "asked something",
            Self::Meeting => "spoke of a meeting",
            Self::NotNow => "answered: not now",
            Self::NotInterested => "answered: no interest",
            Self::WrongPerson => "named somebody else",
            Self::Unclear => "answered in an unclear way",
        }
    }
}

/// A test of one field of the lead. At least one comparison is given; all that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FieldTest {
    /// The field's name, as templates name it.
    pub name: String,
    /// Its value, without regard to case and outer spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// A value that it does not have. A field without a value passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_not: Option<String>,
    /// One of these values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// Whether it has any value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_set: Option<bool>,
}

impl FieldTest {
    pub(crate) const fn compares(&self) -> bool {
        self.is.is_some()
            || self.is_not.is_some()
            || !self.one_of.is_empty()
            || self.is_set.is_some()
    }

    /// Whether a value passes.
    pub fn passes(&self, value: Option<&str>) -> bool {
        let value = value.map(str::trim).filter(|value| !value.is_empty());
        let same = |wanted: &String| {
            value.is_some_and(|value| value.to_lowercase() == wanted.trim().to_lowercase())
        };
        self.is.as_ref().is_none_or(same)
            && !self.is_not.as_ref().is_some_and(same)
            && (self.one_of.is_empty() || self.one_of.iter().any(same))
            && self.is_set.is_none_or(|set| set == value.is_some())
    }
}

/// Time that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Elapsed {
    /// Since when.
    pub since: Since,
    /// At least this long.
    pub at_least: Delay,
}

/// Where elapsed time begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Since {
    /// When the lead was enrolled.
    Enrolled,
    /// When the last mail was accepted; no time has passed before the first.
    LastMail,
}

impl Condition {
    /// Walks this condition and every one inside it.
    pub(crate) fn each<'a>(&'a self, look: &mut impl FnMut(&'a Self)) {
        look(self);
        match self {
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().for_each(|inner| inner.each(look));
            }
            Self::Not(inner) => inner.each(look),
            _ => {}
        }
    }
}
