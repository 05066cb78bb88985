//! Carrying out a decision: the enrollment, its skipped steps, its facts, all in one batch.

use std::collections::BTreeSet;

use jooper_core::{
    Dimensions, EnrollmentId, EnrollmentState, EventKind, LeadId, MailboxId, Origin, SendKey,
    SendState, SkipReason, StepIndex,
};
use jooper_storage::tables::{
    DecisionTrace, ENROLLMENT, EnrollmentRow, LeadRow, SendRow, TRACE, TraceRow,
};
use jooper_storage::{Batch, Column, LogEntry, Record, Scan, StorageExt, Versioned};
use jooper_vault::{Place, VaultError};

use super::{Command as LaneCommand, Lane, append};
use crate::decide::{Command, Decision, Event, Explanation, TraceLine};
use crate::error::EngineError;
use crate::ledger;

/// How often a decision is made anew when its rows changed under it.
const TRIES: usize = 5;

impl Lane<'_> {
    /// Decides what an event does to one enrollment, and does it.
    pub(super) async fn happen(
        &mut self,
        id: EnrollmentId,
        event: &Event,
    ) -> Result<(), EngineError> {
        self.happen_with(id, event, self.batch()).await?;
        Ok(())
    }

    /// Like [`Lane::happen`], with more writes in the same batch; says whether they were written,
    /// which they are not where this mailbox has no such enrollment.
    pub(super) async fn happen_with(
        &mut self,
        id: EnrollmentId,
        event: &Event,
        batch: Batch,
    ) -> Result<bool, EngineError> {
        self.happen_told(id, event, batch, &[]).await
    }

    /// Like [`Lane::happen_with`]; the lines of whoever caused the event stand first in its trace.
    pub(super) async fn happen_told(
        &mut self,
        id: EnrollmentId,
        event: &Event,
        batch: Batch,
        lines: &[TraceLine],
    ) -> Result<bool, EngineError> {
        for _ in 0..TRIES {
            let Some(found) = self.enrollment(id).await? else {
                return Ok(false);
            };
            let mut decision = self.decision(&found.record, event).await?;
            decision.trace.splice(0..0, lines.iter().cloned());
            let full = self
                .carry_out(batch.clone(), &found, &decision, event)
                .await?;
            match self.engine.storage().commit(full).await {
                Err(error) if error.is_conflict() => {}
                result => {
                    result?;
                    return Ok(true);
                }
            }
        }
        Err(EngineError::State(
            "the enrollment changed during every attempt; try again",
        ))
    }

    /// Applies an event to the enrollment of a step's send; other sends have none.
    pub(super) async fn apply_to_sender(
        &mut self,
        batch: Batch,
        send: &SendRow,
        event: &Event,
    ) -> Result<(), EngineError> {
        match send.enrollment {
            Some(id) if self.happen_with(id, event, batch.clone()).await? => Ok(()),
            _ => Ok(self.engine.storage().commit(batch).await?),
        }
    }

    pub(super) async fn decision(
        &mut self,
        enrollment: &EnrollmentRow,
        event: &Event,
    ) -> Result<Decision, EngineError> {
        let loaded = self
            .campaign(enrollment.campaign, enrollment.sequence_version)
            .await?;
        let lead = self.lead_facts(enrollment.lead, &loaded.sequence).await?;
        Ok(loaded.decide(enrollment, &lead, event, self.now()))
    }

    pub(super) async fn carry_out(
        &self,
        batch: Batch,
        before: &Versioned<EnrollmentRow>,
        decision: &Decision,
        event: &Event,
    ) -> Result<Batch, EngineError> {
        let next = &decision.next;
        let batch = if *next == before.record {
            batch
        } else {
            batch.update(next, before.version)
        };
        self.effects(batch, &before.record, decision, event).await
    }

    /// Everything that a decision writes beside the enrollment itself.
    pub(super) async fn effects(
        &self,
        mut batch: Batch,
        before: &EnrollmentRow,
        decision: &Decision,
        event: &Event,
    ) -> Result<Batch, EngineError> {
        let next = &decision.next;
        for command in &decision.commands {
            if let Command::Skip { steps, reason } = command {
                batch = self.skip(batch, before, steps, *reason).await?;
            }
        }
        if decision.commands.contains(&Command::StopCompany) {
            batch = self.stop_colleagues(batch, next.lead).await?;
        }
        let now = self.now();
        let dimensions = Dimensions {
            campaign: Some(next.campaign),
            mailbox: Some(next.mailbox),
            ..Dimensions::default()
        };
        if next.state == EnrollmentState::Finished && before.state != next.state {
            let reason = next.finish.map(|finish| finish.code());
            let whose = next.id.uuid();
            let source: &[&[u8]] = &[whose.as_bytes()];
            let dimensions = Dimensions {
                reason,
                ..dimensions
            };
            let fact = LogEntry::new(EventKind::Finished, now, source, dimensions);
            batch = batch.append(fact.about(next.lead));
        }
        let loaded = self.campaigns.get(&(next.campaign, next.sequence_version));
        let sequence = loaded.map(|loaded| &loaded.sequence);
        let summary = crate::explain::summary(before, decision, event, sequence);
        if let Some(recorder) = &self.engine.recorder {
            if let Some(skipped) = crate::explain::branched(decision) {
                recorder.branched(next, now, skipped);
            }
            if next.step != before.step || matches!(event, Event::OutOfOffice { .. }) {
                recorder.planned(next);
            }
            if let Some(summary) = &summary {
                recorder.decided(next, now, summary);
            }
        } else if let Some(summary) = summary {
            let step = crate::explain::place(sequence, next.step);
            batch = self
                .note(batch, next, step, summary, decision.trace.clone())
                .await?;
        }
        Ok(batch)
    }

    /// Records, sealed, why something was decided about a lead. An erased lead has no record.
    pub(super) async fn note(
        &self,
        batch: Batch,
        enrollment: &EnrollmentRow,
        step: u16,
        summary: String,
        lines: Vec<TraceLine>,
    ) -> Result<Batch, EngineError> {
        let subject = match self.vault.subject(enrollment.lead).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(batch),
            Err(error) => return Err(error.into()),
        };
        let at = self.now();
        let key = vec![enrollment.id.to_value(), at.to_value()];
        let place = Place::new(&TRACE, "trace", &key);
        let content = serde_json::to_value(Explanation {
            summary,
            step: Some(step),
            lines,
        })
        .map_err(|_| EngineError::Content("trace"))?;
        let row = TraceRow {
            enrollment: enrollment.id,
            at,
            lead: enrollment.lead,
            trace: subject.seal(&place, Origin::System, &DecisionTrace(content))?,
        };
        // An erasure that comes in between wins.
        let batch = subject.guard().into_iter().fold(batch, Batch::check);
        Ok(batch.put(&row))
    }

    async fn skip(
        &self,
        mut batch: Batch,
        enrollment: &EnrollmentRow,
        steps: &[StepIndex],
        reason: SkipReason,
    ) -> Result<Batch, EngineError> {
        let now = self.now();
        for step in steps.iter().copied() {
            let key = SendKey::Step {
                enrollment: enrollment.id,
                step,
            };
            let found = self
                .engine
                .storage()
                .find::<SendRow>(self.workspace, vec![key.to_value()])
                .await?;
            // What is out, or may be out, keeps its own end.
            let open = found.as_ref().is_none_or(|row| {
                matches!(row.record.state, SendState::Planned | SendState::NotSent)
            });
            if !open {
                continue;
            }
            let row = found.as_ref().map_or_else(
                || ledger::planned_step(enrollment, step, 0, now),
                |row| row.record.clone(),
            );
            let row = ledger::skipped(row, reason, now);
            let fact = ledger::fact(&row, EventKind::Skipped, now, Some(reason.code()));
            batch = ledger::write(batch, &row, found.as_ref()).append(fact);
        }
        Ok(batch)
    }

    /// Tells the lanes of a lead's colleagues that one of them answered: in the batch that takes
    /// the answer in, as it is never read again.
    async fn stop_colleagues(&self, mut batch: Batch, lead: LeadId) -> Result<Batch, EngineError> {
        let storage = self.engine.storage();
        let Some(company) = self.lead_row(lead).await?.and_then(|lead| lead.company) else {
            return Ok(batch);
        };
        let scan = Scan::table(LeadRow::TABLE)
            .by("by_company")
            .prefix(vec![company.to_value()]);
        for colleague in storage.collect::<LeadRow>(self.workspace, scan).await? {
            let colleague = colleague.record.id;
            if colleague == lead {
                continue;
            }
            let scan = Scan::table(&ENROLLMENT)
                .by("by_lead")
                .prefix(vec![colleague.to_value()]);
            let rows = storage
                .collect::<EnrollmentRow>(self.workspace, scan)
                .await?;
            let mailboxes: BTreeSet<MailboxId> = rows
                .into_iter()
                .filter(|row| row.record.state != EnrollmentState::Finished)
                .map(|row| row.record.mailbox)
                .collect();
            for mailbox in mailboxes {
                let command = LaneCommand::ColleagueReplied(colleague);
                batch = append(self.engine, batch, mailbox, &command)?;
            }
        }
        Ok(batch)
    }
}
