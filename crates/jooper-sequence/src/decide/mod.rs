//! The engine: given a state, an event and a time, what happens next and why. Pure and total.
//!
//! Nothing here reads a clock, draws from a stream or touches a store, so production, a forecast
//! and a simulation decide the same (law L10). Commands are data; a lane carries them out.

mod conditions;
mod event;
mod flow;
mod memory;
mod migrate;
mod rules;
mod run;
mod trace;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jooper_core::{
    Country, Draw, DrawPurpose, EnrollmentState, FinishReason, LeadId, SkipReason, StepIndex,
};
use jooper_storage::tables::EnrollmentRow;

pub use event::Event;
pub(crate) use event::{BUDGET, RECIPIENT_DOMAIN};
pub use memory::{Memory, is_settled};
pub use migrate::{cohort_moves, migrate};
pub use trace::{Explanation, TraceLine};

use crate::model::{ReplyIntent, Schedule, Sequence};
use run::Run;

/// What a decision may look at beside the enrollment and its sequence: nothing else exists for it.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// When mail may go.
    pub schedule: &'a Schedule,
    /// The lead's own zone, if known.
    pub zone: Option<&'a str>,
    /// The lead's country, if known.
    pub country: Option<Country>,
    /// The lead's fields, as templates name them. May be empty when no condition of the sequence
    /// reads a field.
    pub fields: &'a BTreeMap<String, String>,
    /// Whether the fields are there and do not open. Nothing that they decide is decided then: the
    /// lead waits for a person.
    pub unreadable: bool,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The enrollment as it is from now on.
    pub next: EnrollmentRow,
    /// What a lane has to carry out, in order.
    pub commands: Vec<Command>,
    /// Why.
    pub trace: Vec<TraceLine>,
}

/// Something that a lane carries out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Reserve and send this mail, in this variant.
    Send {
        /// The mail.
        step: StepIndex,
        /// The variant.
        variant: u8,
    },
    /// Record that these mails are never sent.
    Skip {
        /// The mails.
        steps: Vec<StepIndex>,
        /// Why.
        reason: SkipReason,
    },
    /// Ask a person to do the task of a step.
    Ask {
        /// The position of the step.
        node: u16,
    },
    /// Tell the enrollments of the lead's colleagues that one of them answered.
    StopCompany,
}

/// An answer to an enrollment that had ended.
const LATE: &str = "they answered behind the end";

/// What a person says who takes an objection back.
const NO_OBJECTION: &str = "a person found that there was none";

/// Which variant of a mail a lead gets: by keyed hash of the lead, whatever the mailbox and the
/// time.
pub fn variant_for(sequence: &Sequence, draw: Draw, lead: LeadId, step: StepIndex) -> u8 {
    let weights = sequence.step(step).map(|step| step.variants.iter());
    let weights = weights.into_iter().flatten().map(|v| v.weight);
    let chosen = by_weight(weights, draw, lead, step.0, DrawPurpose::Variant);
    u8::try_from(chosen).unwrap_or(0)
}

fn by_weight(
    weights: impl Iterator<Item = u32> + Clone,
    draw: Draw,
    lead: LeadId,
    key: u16,
    purpose: DrawPurpose,
) -> usize {
    let total: u64 = weights.clone().map(u64::from).sum();
    let mut at = draw.below(total.max(1), lead.uuid(), key, purpose);
    for (number, weight) in weights.enumerate() {
        if at < u64::from(weight) {
            return number;
        }
        at -= u64::from(weight);
    }
    0
}

/// Decides what an event does to an enrollment.
///
/// An enrollment that has ended stays ended, whatever arrives: late answers are recorded by the
/// lane, and decide nothing here but what becomes of colleagues. A person may only correct why it
/// ended, and what becomes known of its last mail is written down.
pub fn decide(
    enrollment: &EnrollmentRow,
    facts: &Facts<'_>,
    event: &Event,
    now: Timestamp,
    sequence: &Sequence,
    draw: Draw,
) -> Decision {
    let mut run = Run::new(enrollment, facts, now, sequence, draw);
    let objected = enrollment.finish == Some(FinishReason::Unsubscribed);
    if enrollment.state == EnrollmentState::Finished {
        if *event == Event::NoObjection && objected {
            run.note("objection", NO_OBJECTION, "it ended with an answer");
            run.next.finish = Some(FinishReason::Replied);
            // What it was instead, nobody said.
            run.memory.answered |= ReplyIntent::Any.bit() | ReplyIntent::Unclear.bit();
            if run.sequence.stop_company_on_reply {
                run.command(Command::StopCompany);
            }
        } else if let Event::Replied { intent } = event
            && sequence.stop_company_on_reply
            && !run.memory.has_answered(ReplyIntent::Any)
        {
            // Most answers come behind the last mail.
            let sense = intent.unwrap_or(ReplyIntent::Unclear);
            run.memory.answered |= ReplyIntent::Any.bit() | sense.bit();
            run.note("reply", LATE, "colleagues are left alone");
            run.command(Command::StopCompany);
        } else if !(run.memory.unknown && rules::settled_behind(&mut run, event)) {
            run.note("state", "already ended", "nothing to do");
        }
    } else {
        rules::apply(&mut run, event);
    }
    run.into_decision()
}

#[cfg(test)]
mod tests;
