//! Sequences: immutable versions of what is written to a lead, and when.

use std::collections::BTreeSet;

use jooper_consent::ContentRules;
use jooper_core::StepIndex;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::invalid::InvalidSequence;
use super::reactions::{OnOutOfOffice, OnReply, ReEnroll, Rule};
use super::step::{END, Step};
use super::{check, fields};

/// One version of a sequence, as users write it in TOML. `docs/sequences.md` describes the format,
/// `docs/schema/sequence.json` is its JSON Schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// What the team calls it.
    pub name: String,
    /// The language of its mails (`de`, `pt-BR`): what jooper writes below them is in it as well.
    /// English unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What an answer does.
    #[serde(default)]
    pub on_reply: OnReply,
    /// What an absence notice does.
    #[serde(default)]
    pub on_out_of_office: OnOutOfOffice,
    /// Whether an answer also ends it for the lead's colleagues.
    #[serde(default)]
    pub stop_company_on_reply: bool,
    /// Who may be enrolled in the same campaign once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub re_enroll: Option<ReEnroll>,
    /// Which mail has which number in the ledger. Written by jooper into later versions of a
    /// running sequence; leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Numbers>,
    /// What is to be achieved: reaching any of these ends the sequence for the lead.
    #[serde(default, rename = "goal", skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<Rule>,
    /// What else ends it.
    #[serde(default, rename = "exit", skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<Rule>,
    /// The steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// The numbers of the mails: a mail keeps its number in every later version, and a number is never
/// given to another mail, because the ledger knows a send by it for ever (law L1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// How many numbers were ever given.
    pub total: u16,
    /// The number of each mail, in the order of the steps.
    pub mails: Vec<u16>,
}

impl Sequence {
    /// Reads a sequence from TOML and checks all of it.
    ///
    /// # Errors
    /// [`InvalidSequence`] names the place and the remedy.
    pub fn from_toml(text: &str) -> Result<Self, InvalidSequence> {
        super::read::read(text)
    }

    /// Writes it as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Checks every rule of the model.
    ///
    /// # Errors
    /// [`InvalidSequence`] names the first step that breaks one.
    pub fn check(&self) -> Result<(), InvalidSequence> {
        check::check(self)
    }

    /// Checks its longest way against the follow-ups that are asked for, and against the gate's ceiling.
    ///
    /// # Errors
    /// [`InvalidSequence::FollowUps`] names the first mail that could never go, the setting, and the
    /// remedy.
    pub fn check_follow_ups(&self, asked: u16, ceiling: u16) -> Result<(), InvalidSequence> {
        check::follow_ups(self, asked, ceiling)
    }

    /// Checks what its mails say against these rules: an operator's may be stricter than those that
    /// [`Sequence::check`] knows.
    ///
    /// # Errors
    /// [`InvalidSequence::Content`] names step, variant, what is wrong, and the remedy.
    pub fn check_content(&self, rules: &ContentRules) -> Result<(), InvalidSequence> {
        check::content(self, rules)
    }

    /// Checks every field that a template or a condition names against the ones that leads have.
    ///
    /// # Errors
    /// [`InvalidSequence`] with a suggestion.
    pub fn check_fields(&self, known: &BTreeSet<String>) -> Result<(), InvalidSequence> {
        fields::check(self, known)
    }

    /// How many numbers of mails this version accounts for; those of mails that it no longer has
    /// count too.
    pub fn mail_count(&self) -> u16 {
        match &self.numbers {
            Some(numbers) => numbers.total,
            None => self.steps.iter().filter(|step| step.is_mail()).count() as u16,
        }
    }

    /// The mails in the order of the steps, each with its number.
    pub fn mails(&self) -> impl Iterator<Item = (StepIndex, &Step)> {
        let mails = self.steps.iter().filter(|step| step.is_mail());
        mails
            .enumerate()
            .map(|(at, step)| (self.nth_number(at), step))
    }

    fn nth_number(&self, at: usize) -> StepIndex {
        let known = self.numbers.as_ref().and_then(|n| n.mails.get(at).copied());
        StepIndex(known.unwrap_or(at as u16))
    }

    /// The number of the mail at a place of the steps; `None` when there is no mail.
    pub fn number_at(&self, node: usize) -> Option<StepIndex> {
        self.steps.get(node).filter(|step| step.is_mail())?;
        let before = self.steps[..node].iter().filter(|step| step.is_mail());
        Some(self.nth_number(before.count()))
    }

    /// Where the mail of a number stands among the steps.
    pub fn node_of(&self, number: StepIndex) -> Option<usize> {
        let at = self.mails().position(|(known, _)| known == number)?;
        let mut mails = self.steps.iter().enumerate().filter(|(_, s)| s.is_mail());
        mails.nth(at).map(|(node, _)| node)
    }

    /// The mail of a number.
    pub fn step(&self, number: StepIndex) -> Option<&Step> {
        self.node_of(number).map(|node| &self.steps[node])
    }

    /// Which mail people call it, counted from 1 in the order of the steps.
    pub fn place_of(&self, number: StepIndex) -> Option<usize> {
        self.mails()
            .position(|(known, _)| known == number)
            .map(|at| at + 1)
    }

    /// The number of the mail that people count as this one, from 1 in the order of the steps.
    pub fn mail_at(&self, place: usize) -> Option<StepIndex> {
        let mut mails = self.mails();
        mails.nth(place.checked_sub(1)?).map(|(number, _)| number)
    }

    /// The number of the first mail at or behind a place of the steps; [`Sequence::mail_count`]
    /// when there is none.
    pub fn next_mail(&self, node: usize) -> StepIndex {
        (node..self.steps.len())
            .find_map(|node| self.number_at(node))
            .unwrap_or(StepIndex(self.mail_count()))
    }

    /// Whether a mail is written to begin a thread: it has a subject of its own.
    pub fn begins_thread(&self, number: StepIndex) -> bool {
        self.step(number)
            .is_some_and(|step| step.variants.iter().any(|v| v.subject.is_some()))
    }

    /// The mail whose subject this one carries when nothing else was sent before it.
    pub fn thread_start(&self, number: StepIndex) -> StepIndex {
        let node = self.node_of(number).unwrap_or(0);
        (0..=node)
            .rev()
            .filter_map(|node| self.number_at(node))
            .find(|number| self.begins_thread(*number))
            .unwrap_or(number)
    }

    /// What a step is called: its id, or its place counted from 1.
    pub fn id_at(&self, node: usize) -> String {
        let named = self.steps.get(node).and_then(|step| step.id.clone());
        named.unwrap_or_else(|| (node + 1).to_string())
    }

    /// Where the step of an id stands; the end is behind the last step.
    pub fn node_named(&self, id: &str) -> Option<usize> {
        if id == END {
            return Some(self.steps.len());
        }
        (0..self.steps.len()).find(|node| self.id_at(*node) == id)
    }

    /// Every condition in it.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let rules = self.goals.iter().chain(&self.exits);
        rules
            .map(|rule| &rule.when)
            .chain(self.steps.iter().flat_map(Step::conditions))
    }

    /// Whether a decision may need to know the lead's fields.
    pub fn reads_fields(&self) -> bool {
        let mut reads = false;
        for condition in self.conditions() {
            condition.each(&mut |inner| reads |= matches!(inner, Condition::Field(_)));
        }
        reads
    }

    /// Whether a decision may need to know in which sense the lead answered.
    pub fn reads_intent(&self) -> bool {
        let mut reads = false;
        for condition in self.conditions() {
            condition.each(&mut |inner| reads |= matches!(inner, Condition::Replied(_)));
        }
        reads
    }
}

#[cfg(test)]
pub(crate) mod tests;
