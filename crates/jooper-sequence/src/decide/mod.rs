//! The engine: given a state, an event and a time, what happens next and why. Pure and total.
//!
//! Nothing here reads a clock, draws from a stream or touches a store, so production, a forecast
//! and a simulation decide the same (law L10). Commands are data; a lane carries them out.

mod event;
mod rules;
mod trace;

use jiff::Timestamp;
use jooper_core::{Draw, DrawPurpose, EnrollmentState, FinishReason, SkipReason, StepIndex};
use jooper_storage::tables::EnrollmentRow;

pub use event::Event;
pub use trace::{Explanation, TraceLine};

use crate::model::{Schedule, Sequence};

/// What a decision may look at beside the enrollment: nothing else exists for it.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The version of the sequence that the enrollment runs.
    pub sequence: &'a Sequence,
    /// When mail may go.
    pub schedule: &'a Schedule,
    /// The lead's own zone, if known.
    pub zone: Option<&'a str>,
    /// Chance, keyed.
    pub draw: Draw,
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
    /// Reserve and send this step, in this variant.
    Send {
        /// The step.
        step: StepIndex,
        /// The variant.
        variant: u8,
    },
    /// Record that these steps are never sent.
    Skip {
        /// The first of them.
        from: StepIndex,
        /// How many there are in all: everything from `from` up to here is skipped.
        until: StepIndex,
        /// Why.
        reason: SkipReason,
    },
    /// Tell the enrollments of the lead's colleagues that one of them answered.
    StopCompany,
}

/// Which variant of a step an enrollment gets: by keyed hash, whatever the mailbox and the time.
pub fn variant_for(facts: &Facts<'_>, enrollment: &EnrollmentRow, step: StepIndex) -> u8 {
    let Some(step_def) = facts.sequence.step(step) else {
        return 0;
    };
    let total: u64 = step_def.variants.iter().map(|v| u64::from(v.weight)).sum();
    let mut at = facts.draw.below(
        total.max(1),
        enrollment.lead.uuid(),
        step.0,
        DrawPurpose::Variant,
    );
    for (number, variant) in step_def.variants.iter().enumerate() {
        if at < u64::from(variant.weight) {
            return number as u8;
        }
        at -= u64::from(variant.weight);
    }
    0
}

/// Decides what an event does to an enrollment.
///
/// An enrollment that has ended stays ended, whatever arrives: late answers are recorded by the
/// lane, not decided here.
pub fn decide(
    enrollment: &EnrollmentRow,
    facts: &Facts<'_>,
    event: &Event,
    now: Timestamp,
) -> Decision {
    let mut decision = Decision {
        next: enrollment.clone(),
        commands: Vec::new(),
        trace: Vec::new(),
    };
    if enrollment.state == EnrollmentState::Finished {
        decision
            .trace
            .push(TraceLine::new("state", "already ended", "nothing to do"));
        return decision;
    }
    rules::apply(&mut decision, facts, event, now);
    decision
}

impl Decision {
    fn note(&mut self, rule: &'static str, input: impl Into<String>, verdict: impl Into<String>) {
        self.trace.push(TraceLine::new(rule, input, verdict));
    }

    /// Ends the enrollment; every step that was not sent is skipped.
    fn finish(&mut self, facts: &Facts<'_>, reason: FinishReason, skip: SkipReason) {
        let until = StepIndex(facts.sequence.steps.len() as u16);
        if self.next.step < until {
            self.commands.push(Command::Skip {
                from: self.next.step,
                until,
                reason: skip,
            });
        }
        self.next.state = EnrollmentState::Finished;
        self.next.finish = Some(reason);
        self.next.wait = None;
        self.next.due_at = None;
    }
}

#[cfg(test)]
mod tests;
