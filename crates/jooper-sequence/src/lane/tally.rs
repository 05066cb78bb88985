//! What became of the mails of somebody who is through with a sequence: counted, not concluded.

use jooper_core::{EnrollmentState, FinishReason, SendKey, SendState, StepIndex};
use jooper_storage::tables::{EnrollmentRow, SEND, SendRow};
use jooper_storage::{Column, Key, Record};

use super::Lane;
use crate::decide::{Command, Decision, Event};
use crate::error::EngineError;
use crate::explain::Tally;
use crate::model::Sequence;

/// Whether somebody came to the end of their sequence just now.
pub(super) fn is_through(before: &EnrollmentRow, next: &EnrollmentRow) -> bool {
    before.state != EnrollmentState::Finished && next.finish == Some(FinishReason::Completed)
}

impl Lane<'_> {
    /// What the ledger says, with what is written beside this decision. A mail that an edit took out
    /// and that had not gone is missed by nobody.
    pub(super) async fn tally(
        &self,
        before: &EnrollmentRow,
        decision: &Decision,
        event: &Event,
        sequence: Option<&Sequence>,
    ) -> Result<Tally, EngineError> {
        let numbers = sequence.map_or(0, Sequence::mail_count);
        let mails: Vec<_> = (0..numbers).map(StepIndex).collect();
        let key = |mail: &StepIndex| {
            let (enrollment, step) = (before.id, *mail);
            Key::new(&SEND, vec![SendKey::Step { enrollment, step }.to_value()])
        };
        let keys: Vec<_> = mails.iter().map(key).collect();
        let rows = self.engine.storage().get(self.workspace.into(), &keys);
        let mut tally = Tally::default();
        for (mail, row) in mails.into_iter().zip(rows.await?) {
            let row = row
                .map(|row| SendRow::from_values(row.values))
                .transpose()?;
            let here = mail == before.step;
            let state = match (event, row.map(|row| row.state)) {
                (Event::Sent { .. }, _) if here => Some(SendState::Sent),
                (Event::SendAbandoned, _) if here => Some(SendState::Abandoned),
                (_, None | Some(SendState::Planned | SendState::NotSent))
                    if skips(decision, mail) =>
                {
                    Some(SendState::Skipped)
                }
                (_, state) => state,
            };
            let written = sequence.is_some_and(|sequence| sequence.place_of(mail).is_some());
            match state {
                Some(SendState::Sent) => tally.sent += 1,
                Some(SendState::Abandoned) => tally.given_up += 1,
                Some(SendState::Skipped) if written => tally.skipped += 1,
                _ => {}
            }
        }
        Ok(tally)
    }
}

fn skips(decision: &Decision, mail: StepIndex) -> bool {
    decision.commands.iter().any(|command| match command {
        Command::Skip { steps, .. } => steps.contains(&mail),
        _ => false,
    })
}
