//! Carrying out a decision: the enrollment, its skipped steps, its facts, all in one batch.

use std::sync::atomic::Ordering;

use jooper_consent::{RefusalReason, StopScope};
use jooper_core::{
    Dimensions, EnrollmentId, EnrollmentState, EventKind, LeadId, LeadState, Origin, SendKey,
    SendState, SkipReason, StepIndex, StopReason, StopSource, WaitReason,
};
use jooper_storage::tables::{CAMPAIGN, DecisionTrace, EnrollmentRow, SendRow, TRACE, TraceRow};
use jooper_storage::{Batch, Check, Column, Key, LogEntry, StorageExt, Versioned};
use jooper_vault::{Place, VaultError};

use super::send::ASK_AGAIN;
use super::tally::is_through;
use super::{Command as LaneCommand, Lane, append};
use crate::decide::{Command, Decision, Event, Explanation, Memory, TraceLine};
use crate::error::{EngineError, sealed};
use crate::kept::Kept;
use crate::ledger;
use crate::undone::Missing;

/// A lead about whom nothing can be decided: parked, unless it waits for a person or has ended. One
/// that waits for its mailbox would be woken with it, again and again.
fn set_aside(enrollment: &EnrollmentRow, what: &'static str, why: WaitReason) -> Decision {
    let mut next = enrollment.clone();
    let for_mailbox = next.wait == Some(WaitReason::MailboxDown);
    let parked = next.state == EnrollmentState::Parked && for_mailbox;
    if next.state == EnrollmentState::Active || parked {
        next.state = EnrollmentState::Parked;
        next.wait = Some(why);
    }
    Decision {
        next,
        commands: Vec::new(),
        trace: vec![TraceLine::new("content", what, "waits for a person")],
    }
}

/// How many bits of a record's number count within one claim: a claim lasts a minute.
const COUNT_BITS: u32 = 24;
/// Set in every number: records from before they were numbered have their milliseconds there, which stay
/// far below.
const NUMBERED: i64 = 1 << 62;

/// The number of a claim's so-many-th record.
const fn numbered(token: i64, count: i64) -> i64 {
    NUMBERED | ((token << COUNT_BITS) & (NUMBERED - 1)) | (count & ((1 << COUNT_BITS) - 1))
}

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
        self.happen_to(id, event, batch, lines, None).await
    }

    /// Like [`Lane::happen_told`]; a mail that is freed gives its place in a first sample back.
    async fn happen_to(
        &mut self,
        id: EnrollmentId,
        event: &Event,
        batch: Batch,
        lines: &[TraceLine],
        freed: Option<&SendRow>,
    ) -> Result<bool, EngineError> {
        for _ in 0..TRIES {
            let mut batch = batch.clone();
            if let Some(send) = freed {
                batch = self.place_back(send, batch).await?;
            }
            let Some(found) = self.enrollment(id).await? else {
                return Ok(false);
            };
            let mut decision = self.decision(&found.record, event).await?;
            decision.trace.splice(0..0, lines.iter().cloned());
            let full = self.carry_out(batch, &found, &decision, event).await?;
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

    /// Applies an event to the enrollment of a step's send; other sends have none. A mail that did not
    /// go, or that nobody waits for any more, gives its place in the first sample back.
    pub(super) async fn apply_to_sender(
        &mut self,
        batch: Batch,
        send: &SendRow,
        event: &Event,
    ) -> Result<(), EngineError> {
        let freed = matches!(
            event,
            Event::NotSent { .. } | Event::SendAbandoned | Event::SendReleased
        );
        let freed = freed.then_some(send);
        if let Some(id) = send.enrollment
            && self.happen_to(id, event, batch.clone(), &[], freed).await?
        {
            return Ok(());
        }
        let batch = match freed {
            Some(send) => self.place_back(send, batch).await?,
            None => batch,
        };
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// What comes of a mail to somebody who may not be written to: a restriction of their data ends
    /// some day, and the mail waits for that.
    pub(super) async fn out_of_reach(&self, lead: LeadId) -> Result<Event, EngineError> {
        let row = self.lead_row(lead).await?;
        if row.is_some_and(|row| row.state == LeadState::Restricted) {
            let reason = serde_json::to_string(&RefusalReason::Restricted);
            return Ok(Event::Deferred {
                until: self.after(ASK_AGAIN),
                reason: reason.unwrap_or_default(),
                why: "This person's data may only be kept, not used.".to_owned(),
            });
        }
        Ok(Event::Refused {
            skip: SkipReason::Suppressed,
            why: "this person's data was erased or is kept for legal reasons alone".to_owned(),
        })
    }

    /// What an event does. Where the campaign itself does not open, or is not there, nothing can be
    /// decided: the lead waits for a person, and its sends tell it later what became of them. A command
    /// that names what is not there is kept in sight itself.
    pub(super) async fn decision(
        &mut self,
        enrollment: &EnrollmentRow,
        event: &Event,
    ) -> Result<Decision, EngineError> {
        match self.decided(enrollment, event).await {
            Err(EngineError::Content(what)) => {
                Ok(set_aside(enrollment, what, WaitReason::Unreadable))
            }
            Err(EngineError::NotFound(what)) if !self.obeying && Missing::named(what).is_some() => {
                let (campaign, why) = (enrollment.campaign, WaitReason::CampaignMissing);
                tracing::error!(%campaign, enrollment = %enrollment.id, what, "is not there");
                Ok(set_aside(enrollment, what, why))
            }
            decided => decided,
        }
    }

    async fn decided(
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
        if next.wait == Some(WaitReason::MailboxDown) {
            self.set_followed(false);
        }
        let batch = if *next == before.record {
            batch
        } else {
            self.touched(next);
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
            batch = self.stop_colleagues(batch, next).await?;
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
            // A forecast knows by itself when it is through.
            if self.engine.recorder.is_none() {
                batch = self.may_be_over(batch, next.campaign)?;
            }
            // Whoever gives a mail up gives its place back with it; one that was found keeps it.
            let settles = matches!(
                event,
                Event::SendAbandoned
                    | Event::SendReleased
                    | Event::NotSent { .. }
                    | Event::Sent { .. }
            );
            if !settles && Memory::waits_for_evidence(before) {
                batch = self.places_back(next, batch).await?;
            }
        }
        let Some(recorder) = &self.engine.recorder else {
            return self.keep_decision(batch, before, decision, event).await;
        };
        let told = self.told(before, decision, event).await?;
        let loaded = self.campaigns.get(&(next.campaign, next.sequence_version));
        let sequence = loaded.map(|loaded| &loaded.sequence);
        let place = |mail: StepIndex| crate::explain::place(sequence, mail);
        if let Some(skipped) = crate::explain::branched(decision) {
            let places = skipped.iter().map(|mail| place(*mail));
            recorder.branched(next, now, places.collect());
        }
        for command in &decision.commands {
            if let Command::Ask { node } = command {
                recorder.asked(next, *node, place(next.step), now);
            }
        }
        if next.step != before.step || matches!(event, Event::OutOfOffice { .. }) {
            recorder.planned(next);
        }
        // What is told of somebody who has ended was counted then.
        if let Some(told) = &told
            && before.state != EnrollmentState::Finished
        {
            recorder.decided(next, place(next.step), now, &told.summary);
        }
        Ok(batch)
    }

    /// What is told of a decision: nothing where nothing changed that a person would ask about. A forecast
    /// counts no mails at the end.
    pub(super) async fn told(
        &self,
        before: &EnrollmentRow,
        decision: &Decision,
        event: &Event,
    ) -> Result<Option<Explanation>, EngineError> {
        let next = &decision.next;
        let loaded = self.campaigns.get(&(next.campaign, next.sequence_version));
        let sequence = loaded.map(|loaded| &loaded.sequence);
        let tally = match self.engine.recorder {
            None if is_through(before, next) => {
                let tally = self.tally(before, decision, event, sequence);
                Some(tally.await?)
            }
            _ => None,
        };
        let summary = crate::explain::summary(before, decision, event, sequence, tally);
        Ok(summary.map(|summary| Explanation {
            summary,
            step: crate::explain::place_in(sequence, next.step),
            lines: decision.trace.clone(),
        }))
    }

    /// A number that no other record of this mailbox's enrollments has: every claim has a token of
    /// its own, and the later claim the higher one. Two decisions in one instant, a clock that stands
    /// still and the next worker never collide, and nothing is read for it.
    pub(super) fn number(&self) -> i64 {
        let count = self.noted.fetch_add(1, Ordering::Relaxed);
        numbered(self.token, count)
    }

    /// Records, sealed, why something was decided about a lead. An erased lead has no record.
    pub(super) async fn note(
        &self,
        batch: Batch,
        enrollment: &EnrollmentRow,
        step: Option<u16>,
        summary: String,
        lines: Vec<TraceLine>,
    ) -> Result<Batch, EngineError> {
        let told = Explanation {
            summary,
            step,
            lines,
        };
        let number = self.number();
        self.keep(batch, enrollment, number, &told.into()).await
    }

    /// The same, as the record of this number.
    pub(super) async fn keep(
        &self,
        batch: Batch,
        enrollment: &EnrollmentRow,
        number: i64,
        kept: &Kept,
    ) -> Result<Batch, EngineError> {
        let subject = match self.vault.subject(enrollment.lead).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(batch),
            Err(error) => match sealed(error, "key") {
                // Nothing more can be written down about them.
                EngineError::Content(_) => return Ok(batch),
                error => return Err(error),
            },
        };
        let key = [enrollment.id.to_value(), number.to_value()];
        let place = Place::new(&TRACE, "trace", &key);
        let content = serde_json::to_value(kept).map_err(|_| EngineError::Content("trace"))?;
        let row = TraceRow {
            enrollment: enrollment.id,
            number,
            at: self.now(),
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
            let (row, fact) = ledger::ended(row, reason, now);
            batch = ledger::write(batch, &row, found.as_ref()).append(fact);
        }
        Ok(batch)
    }

    /// Tells lanes that somebody answered, and their colleagues are to be left alone: in the batch
    /// that takes the answer in, as it is never read again. Those whose lanes hold enrollments of
    /// theirs, and every lane of the campaign: it may be enrolling one just now, whom nobody sees
    /// here and who does not see the answer. The gate is told before of those who are seen: their
    /// lanes hear of it when they look next, this one behind what it sends in this pass.
    async fn stop_colleagues(
        &self,
        mut batch: Batch,
        answered: &EnrollmentRow,
    ) -> Result<Batch, EngineError> {
        let (engine, lead) = (self.engine, answered.lead);
        let Some(company) = self.lead_row(lead).await?.and_then(|lead| lead.company) else {
            return Ok(batch);
        };
        let campaigns = engine.campaigns(self.workspace);
        // As it is when this is written, not as this pass read it: a mailbox may be added meanwhile.
        let (mut mailboxes, version) = campaigns.lanes_of(answered.campaign).await?;
        let campaign = Key::new(&CAMPAIGN, vec![answered.campaign.to_value()]);
        batch = batch.check(Check::Version(campaign, version));
        for colleague in engine.leads_of(self.workspace, company).await? {
            if colleague == lead {
                continue;
            }
            let rows = engine.open_enrollments(self.workspace, colleague).await?;
            let stops = rows.iter().map(|row| {
                let scope = StopScope::Enrollment(row.id);
                let (why, who) = (StopReason::Paused, StopSource::Person);
                engine.parts.stops.stop(self.workspace, scope, why, who)
            });
            futures_util::future::try_join_all(stops).await?;
            mailboxes.extend(rows.iter().map(|row| row.mailbox));
        }
        for mailbox in mailboxes {
            let command = LaneCommand::LeaveColleagues {
                answered: lead,
                company,
            };
            batch = append(engine, batch, mailbox, &command).await?;
        }
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_grows_and_is_none_that_an_older_record_has() {
        // The end of the year 9999, in milliseconds.
        let mut last = 253_402_300_799_999;
        // 105,000 claims: where tokens alone would meet the milliseconds of 2025.
        for token in [0, 1, 105_000, 105_001, 1 << 37] {
            for count in [0, 1, (1 << COUNT_BITS) - 1] {
                let number = numbered(token, count);
                assert!(number > last, "{token} {count}");
                last = number;
            }
        }
    }
}
