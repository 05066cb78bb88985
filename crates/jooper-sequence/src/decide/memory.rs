//! What an enrollment remembers beside its columns. No personal data: positions, bits and times.

use jiff::Timestamp;
use jooper_core::StepIndex;
use jooper_storage::tables::EnrollmentRow;
use serde::{Deserialize, Serialize};

use super::event::{BUDGET, RECIPIENT_DOMAIN};
use crate::model::{ReplyIntent, Sequence};

/// The engine's own small state of one enrollment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The step that comes next: a position among the steps of its version.
    #[serde(rename = "n")]
    pub node: u16,
    /// Since when it is there.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The last step that was done.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub done: Option<u16>,
    /// The reason that the gate gave last for "not now".
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    pub deferred: Option<String>,
    /// Whether the fate of the last mail is unknown.
    #[serde(rename = "u", skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
    /// When the mail before that one was accepted.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Timestamp>,
    /// The mails whose links were followed, a bit each.
    #[serde(rename = "c", skip_serializing_if = "is_zero")]
    pub clicked: u64,
    /// The senses in which they answered, a bit each.
    #[serde(rename = "a", skip_serializing_if = "is_zero_bits")]
    pub answered: u16,
    /// The mail that began the thread which goes on now.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub root: Option<StepIndex>,
    /// The mail that was sent last.
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    pub last: Option<StepIndex>,
    /// Whether the provider no longer has the thread that goes on: the next mail goes without it.
    #[serde(rename = "g", skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// Until when the current step waits for its event.
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether a person said "now": windows do not count for this step.
    #[serde(rename = "h", skip_serializing_if = "std::ops::Not::not")]
    pub hurry: bool,
    /// When they said so: it holds for that day.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub hurried_at: Option<Timestamp>,
    /// Until when they are away: no mail is planned for before.
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    pub away: Option<Timestamp>,
    /// When the owner of the mailbox wrote to them by hand last.
    #[serde(rename = "o", skip_serializing_if = "Option::is_none")]
    pub owner: Option<Timestamp>,
    /// When the enrollment ended.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(bits: &u64) -> bool {
    *bits == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero_bits(bits: &u16) -> bool {
    *bits == 0
}

impl Memory {
    /// The memory of an enrollment; one that never remembered anything stands at its next mail.
    pub fn of(enrollment: &EnrollmentRow, sequence: &Sequence) -> Self {
        Self::stored(enrollment).unwrap_or_else(|| Self {
            node: match enrollment.step {
                StepIndex(0) => 0,
                step => sequence
                    .node_of(step)
                    .map_or(sequence.steps.len() as u16, |node| node as u16),
            },
            ..Self::default()
        })
    }

    /// What it remembers, if it ever did.
    pub(crate) fn stored(enrollment: &EnrollmentRow) -> Option<Self> {
        serde_json::from_slice(enrollment.memory.as_deref()?).ok()
    }

    /// The mail that was sent last, as far as it is remembered.
    pub fn last_of(enrollment: &EnrollmentRow) -> Option<StepIndex> {
        Self::stored(enrollment)?.last
    }

    /// Whether its next step is a mail, which windows and budgets hold back.
    pub(crate) fn stands_at_mail(enrollment: &EnrollmentRow, sequence: &Sequence) -> bool {
        let node = Self::of(enrollment, sequence).node;
        sequence.number_at(usize::from(node)).is_some()
    }

    /// The reason that the gate gave last for "not now".
    pub fn deferred_of(enrollment: &EnrollmentRow) -> Option<String> {
        Self::stored(enrollment)?.deferred
    }

    /// Whether it is a budget of the campaign that it waits for.
    pub(crate) fn waits_for_budget(&self) -> bool {
        let reason = self.deferred.as_deref();
        reason.is_some_and(|reason| [BUDGET, RECIPIENT_DOMAIN].contains(&reason))
    }

    /// Whether they answered, in any sense.
    pub fn answered(enrollment: &EnrollmentRow) -> bool {
        Self::stored(enrollment).is_some_and(|memory| memory.has_answered(ReplyIntent::Any))
    }

    /// Whether nobody knows what became of its last mail.
    pub fn waits_for_evidence(enrollment: &EnrollmentRow) -> bool {
        Self::stored(enrollment).is_some_and(|memory| memory.unknown)
    }

    /// Whether a person said "now", and the mail has not gone yet.
    pub fn hurries(enrollment: &EnrollmentRow) -> bool {
        Self::stored(enrollment).is_some_and(|memory| memory.hurry)
    }

    /// With nothing that happened later than now. What the provider dated, and until when something waits,
    /// stays.
    #[must_use]
    pub(crate) fn seen_until(mut self, now: Timestamp) -> Self {
        let happened = [
            &mut self.since,
            &mut self.earlier,
            &mut self.hurried_at,
            &mut self.ended,
        ];
        for at in happened {
            *at = at.map(|at| at.min(now));
        }
        self
    }

    /// As it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether they answered in this sense.
    pub const fn has_answered(&self, intent: ReplyIntent) -> bool {
        self.answered & intent.bit() != 0
    }

    /// The mail whose thread and subject a mail goes on with; `None` where it begins a thread.
    pub fn thread_of(&self, sequence: &Sequence, mail: StepIndex) -> Option<StepIndex> {
        self.root.filter(|_| !sequence.begins_thread(mail))
    }
}

/// Whether a mail of this number is settled: sent, skipped, given up.
pub const fn is_settled(enrollment: &EnrollmentRow, mail: StepIndex) -> bool {
    mail.0 < 64 && enrollment.settled_mails() & (1 << mail.0) != 0
}
