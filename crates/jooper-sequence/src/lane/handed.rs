//! What led to a mail, kept with the commit right before it is handed over.

use jooper_core::{EnrollmentId, StepIndex};
use jooper_storage::Batch;
use jooper_storage::tables::{EnrollmentRow, SendRow};

use super::Lane;
use super::context::{LeadFacts, LoadedCampaign};
use super::send::Person;
use crate::decide::{Decision, Event, Explanation, TraceLine};
use crate::error::EngineError;
use crate::kept::{HandedOver, Kept};
use crate::ledger;

/// The mail that is in this worker's hands, and the record of what led to it.
pub(super) struct InHand {
    enrollment: EnrollmentId,
    mail: StepIndex,
    /// The number of the record.
    number: i64,
    /// What the planner counted and the gate said.
    lines: Vec<TraceLine>,
    /// What follows if it is accepted.
    foreseen: Decision,
}

impl InHand {
    /// Whether the record tells already what became of the mail: it was accepted, and what follows was
    /// foreseen.
    fn tells(&self, decision: &Decision, event: &Event) -> bool {
        let foreseen = &self.foreseen;
        matches!(event, Event::Sent { .. })
            && foreseen.trace == decision.trace
            && foreseen.commands == decision.commands
            && (foreseen.next.state, foreseen.next.finish)
                == (decision.next.state, decision.next.finish)
    }
}

impl Lane<'_> {
    /// Has the batch that brings a mail to Posting keep what led to it. Nothing is read for it but the key
    /// of the lead; the mail is in hand from here on.
    pub(super) async fn take_in_hand(
        &mut self,
        batch: Batch,
        (enrollment, posting): (&EnrollmentRow, &SendRow),
        (loaded, person): (&LoadedCampaign, &Person),
        lines: Vec<TraceLine>,
    ) -> Result<Batch, EngineError> {
        let accepted = Event::Sent {
            at: ledger::began_at(posting),
            thread: String::new(),
        };
        let facts = LeadFacts::of_person(person, &loaded.sequence);
        let foreseen = loaded.decide(enrollment, &facts, &accepted, self.now());
        let mail = HandedOver {
            mail: enrollment.step,
            attempt: posting.attempt,
            if_accepted: self.told(enrollment, &foreseen, &accepted).await?,
        };
        let place = crate::explain::place(Some(&loaded.sequence), mail.mail);
        let kept = Kept {
            told: Explanation {
                summary: format!("Mail {place} was handed over to the provider."),
                step: Some(place),
                lines,
            },
            fate_of: None,
            handed_over: Some(mail),
        };
        let number = self.number();
        let batch = self.keep(batch, enrollment, number, &kept).await?;
        self.in_hand = Some(InHand {
            enrollment: enrollment.id,
            mail: enrollment.step,
            number,
            lines: kept.told.lines,
            foreseen,
        });
        Ok(batch)
    }

    /// No mail is in hand any more: what led to the one that was.
    pub(super) fn let_go(&mut self) -> Vec<TraceLine> {
        let hand = self.in_hand.take();
        hand.map(|hand| hand.lines).unwrap_or_default()
    }

    /// Has a batch keep what was decided about an enrollment. What becomes of the mail in hand stands in the
    /// place of what led to it, with that.
    pub(super) async fn keep_decision(
        &self,
        batch: Batch,
        before: &EnrollmentRow,
        decision: &Decision,
        event: &Event,
    ) -> Result<Batch, EngineError> {
        let fate = Kept::fate(event, before.step);
        let in_hand = self
            .in_hand
            .as_ref()
            .filter(|hand| hand.enrollment == before.id && fate == Some(hand.mail));
        if in_hand.is_some_and(|hand| hand.tells(decision, event)) {
            return Ok(batch);
        }
        let Some(mut told) = self.told(before, decision, event).await? else {
            return Ok(batch);
        };
        let number = match in_hand {
            Some(hand) => {
                told.lines.splice(0..0, hand.lines.iter().cloned());
                hand.number
            }
            None => self.number(),
        };
        let kept = Kept {
            told,
            fate_of: fate,
            handed_over: None,
        };
        self.keep(batch, &decision.next, number, &kept).await
    }
}
