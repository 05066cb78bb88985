//! Live edits: a new version of a running sequence, and who moves to it.

use serde::{Deserialize, Serialize};

use super::check::MAX_NUMBERS;
use super::invalid::{InvalidSequence, suggest};
use super::sequence::{Numbers, Sequence};

/// Who moves to a new version of a sequence. The first rule that a lead falls under decides, whichever
/// earlier version they run: who once stayed is asked about again by every later edit.
///
/// Nobody whose last mail has an unknown fate moves, and nobody whose enrollment has ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Cohorts, each with what becomes of it.
    #[serde(default)]
    pub rules: Vec<(Cohort, Action)>,
    /// What becomes of everybody else.
    #[serde(default)]
    pub otherwise: Action,
}

/// A part of the leads of a campaign, by where they stand in the version that they run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cohort {
    /// Nothing was sent to them yet.
    NotStarted,
    /// Something was sent to them.
    Underway,
    /// The step with this id comes next.
    At(String),
    /// The step at this place, from 0, comes next.
    AtPlace(u16),
}

/// What becomes of a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// They finish the version they run.
    #[default]
    Stay,
    /// They go on with the new version.
    Move,
    /// So many of a hundred move, the others stay, by keyed chance.
    Split {
        /// Percent that move, 0 to 100.
        percent: u8,
    },
}

/// Where a lead goes on in the new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The position among the new version's steps; behind the last one, it ends.
    pub node: usize,
}

/// Why a sequence cannot follow another as its next version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEdit {
    /// The new sequence breaks a rule of its own.
    #[error(transparent)]
    Sequence(#[from] InvalidSequence),
    /// Steps came or went, and some have no id.
    #[error(
        "step {0} needs an id: steps came, went or changed their kind, and only ids tell which step is which; a step of the old version without an id is known by its place, as \"1\", \"2\", \"3\""
    )]
    NeedsIds(usize),
    /// A rule names a step that the old version does not have.
    #[error("there is no step `{id}` in the running version{suggestion}")]
    NoSuchStep {
        /// The id.
        id: String,
        /// `; did you mean …?`, or nothing.
        suggestion: String,
    },
    /// More than a hundred percent.
    #[error("a split moves 0 to 100 percent")]
    Percent,
    /// The ledger knows mails by small numbers, and they are used up.
    #[error(
        "this sequence has had {MAX_NUMBERS} different mails; end the campaign and create a new one"
    )]
    NumbersUsedUp,
}

impl Edit {
    /// Moves everybody.
    pub const fn move_all() -> Self {
        Self {
            rules: Vec::new(),
            otherwise: Action::Move,
        }
    }

    /// Moves nobody: only leads who come later get the new version.
    pub const fn stay_all() -> Self {
        Self {
            rules: Vec::new(),
            otherwise: Action::Stay,
        }
    }

    /// Checks the rules against the version that runs.
    ///
    /// # Errors
    /// [`InvalidEdit`].
    pub fn check(&self, old: &Sequence) -> Result<(), InvalidEdit> {
        for (cohort, _) in &self.rules {
            if let Cohort::At(id) = cohort
                && !(0..old.steps.len()).any(|node| old.id_at(node) == *id)
            {
                let ids: Vec<_> = (0..old.steps.len()).map(|node| old.id_at(node)).collect();
                return Err(InvalidEdit::NoSuchStep {
                    id: id.clone(),
                    suggestion: suggest(id, ids.iter().map(String::as_str)),
                });
            }
        }
        let actions = self.rules.iter().map(|(_, action)| action);
        let too_much =
            |action: &Action| matches!(action, Action::Split { percent } if *percent > 100);
        if actions.chain([&self.otherwise]).any(too_much) {
            return Err(InvalidEdit::Percent);
        }
        Ok(())
    }
}

impl Sequence {
    /// This sequence as the version after `old`: mails that were there keep their numbers, new ones
    /// get new numbers.
    ///
    /// # Errors
    /// [`InvalidEdit`] when it is unclear which mail is which.
    pub fn following(mut self, old: &Self) -> Result<Self, InvalidEdit> {
        self.numbers = None;
        self.check()?;
        let kinds = |of: &Self| of.steps.iter().map(|s| s.is_mail()).collect::<Vec<_>>();
        if kinds(&self) != kinds(old)
            && let Some(node) = self.steps.iter().position(|step| step.id.is_none())
        {
            return Err(InvalidEdit::NeedsIds(node + 1));
        }
        let mut total = old.mail_count();
        let mut mails = Vec::new();
        for node in 0..self.steps.len() {
            if !self.steps[node].is_mail() {
                continue;
            }
            let id = self.id_at(node);
            let before = (0..old.steps.len()).find(|old_node| old.id_at(*old_node) == id);
            let number = before.and_then(|node| old.number_at(node)).map(|n| n.0);
            mails.push(number.unwrap_or_else(|| {
                total += 1;
                total - 1
            }));
        }
        if total > MAX_NUMBERS {
            return Err(InvalidEdit::NumbersUsedUp);
        }
        let plain = total as usize == mails.len() && mails.iter().copied().eq(0..total);
        if !plain {
            self.numbers = Some(Numbers { total, mails });
        }
        self.check()?;
        Ok(self)
    }
}
