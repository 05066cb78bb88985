//! What other parts of the suite ask of a lane.
//!
//! Only a lane's holder writes enrollments and sends of its mailbox. Everybody else appends a
//! command and lowers the lane's `wake_at`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jooper_core::{
    CampaignId, CompanyId, EnrollmentId, EnrollmentState, FinishReason, LeadId, MailboxId,
    NotSentReason, RequestId, SendKey, SendState, SkipReason, StepIndex, UserId, WaitReason,
};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE, LANE_COMMAND, LaneCommandRow, LaneRow, SendRow,
};
use jooper_storage::{
    Batch, BulkBatches, Column, ColumnOp, Key, LogEntry, Record, Scan, StorageExt, Write,
};
use serde::{Deserialize, Serialize};

use super::send::settled_elsewhere;
use super::test_mail::{Dropped, Wanted};
use super::walk::ToAll;
use super::{Lane, Wake};
use crate::colleagues::Answered;
use crate::decide::{Event, Memory};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::ledger;
use crate::model::Edit;

/// A command. Ids and numbers only: it is stored in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Command {
    /// Enroll these leads; the enrollment's id makes it idempotent.
    Enroll {
        /// The campaign.
        campaign: CampaignId,
        /// The version of the sequence.
        version: u32,
        /// Enrollments and their leads.
        leads: Vec<(EnrollmentId, LeadId)>,
    },
    /// Pause one enrollment.
    Pause(EnrollmentId),
    /// Resume one enrollment. As earlier versions wrote it.
    Resume(EnrollmentId),
    /// A named person resumes one enrollment; a mail that was refused is tried once more.
    ResumeBy(EnrollmentId, UserId),
    /// Ask the gate again now: what it refused for the time being may be gone.
    AskAgain(EnrollmentId),
    /// Skip the next step. As earlier versions wrote it.
    Skip(EnrollmentId),
    /// Skip this step, if it is still the one that comes next.
    SkipAt {
        /// Whose.
        enrollment: EnrollmentId,
        /// The version of the sequence.
        version: u32,
        /// The position of the step in it.
        node: u16,
    },
    /// The next mail does not wait for its time or its window.
    SendNow(EnrollmentId),
    /// The same, if this step is still the one that comes next.
    SendNowAt {
        /// Whose.
        enrollment: EnrollmentId,
        /// The version of the sequence.
        version: u32,
        /// The position of the step in it.
        node: u16,
    },
    /// What a lane makes of that until the mail of this number has gone: it goes before all others.
    First(EnrollmentId, StepIndex),
    /// A person did the task that an enrollment waits for.
    TaskDone(EnrollmentId),
    /// The same, if this step is still the one that it stands at.
    TaskDoneAt {
        /// Whose.
        enrollment: EnrollmentId,
        /// The version of the sequence.
        version: u32,
        /// The position of the step in it.
        node: u16,
    },
    /// The person followed a link of a mail, and it was no machine.
    Clicked(EnrollmentId, StepIndex),
    /// Send a mail to a user themselves.
    Test {
        /// Who.
        user: UserId,
        /// Made by the caller: the same key again sends nothing more.
        key: uuid::Uuid,
        /// The campaign.
        campaign: CampaignId,
        /// The version of its sequence.
        version: u32,
        /// The mail.
        step: StepIndex,
        /// The variant.
        variant: u8,
        /// Whose fields fill the template.
        lead: LeadId,
    },
    /// Move enrollments to another version of their sequence.
    Migrate {
        /// The campaign.
        campaign: CampaignId,
        /// The version that moves.
        from: u32,
        /// The version it moves to.
        to: u32,
        /// Who moves; steps by their places, never by what people called them.
        edit: Edit,
        /// The same of each version before that one, as far as anybody still runs it. Earlier versions of
        /// jooper moved nobody else.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        older: BTreeMap<u32, Edit>,
    },
    /// Whatever a downtime or a restore made late goes on.
    ResumeOverdue(CampaignId),
    /// End one enrollment.
    End(EnrollmentId, FinishReason),
    /// End every enrollment of a lead on this mailbox.
    EndLead(LeadId, FinishReason),
    /// The person asked for no more mail.
    Unsubscribed(LeadId),
    /// A person found that this lead's words were no objection.
    NoObjection(LeadId),
    /// A colleague of this lead answered. As earlier versions wrote it.
    ColleagueReplied(LeadId),
    /// This lead answered: their colleagues are left alone. As earlier versions wrote it.
    CompanyReplied(LeadId),
    /// This lead answered: their colleagues are left alone, whatever becomes of the lead meanwhile.
    LeaveColleagues {
        /// Who answered.
        answered: LeadId,
        /// Where they were when they did.
        company: CompanyId,
    },
    /// A named person releases one unknown send for one further attempt.
    Release(SendKey, UserId),
    /// A named person gives up on one unknown send.
    Abandon(SendKey),
    /// Mail what an open request of a person asked for, once.
    Serve {
        /// The request.
        request: RequestId,
        /// Which mail of it.
        kind: u8,
        /// Not before this time: what the gate, a budget or the provider said last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// Send the answer that a person wrote in the inbox; its text is in the conversation, sealed.
    Reply(SendKey),
    /// Evidence settled a send under a fence that was lost: its enrollment moves on.
    Settled(SendKey),
    /// A try that was taken for unknown was certainly refused: its worker had lost the lane when it heard.
    Refused {
        /// The mail.
        send: SendKey,
        /// Which try of it.
        attempt: u16,
        /// Why.
        reason: NotSentReason,
        /// Not before this time, when the provider said so.
        retry_at: Option<Timestamp>,
    },
    /// A named person changed a campaign's settings: what this mailbox does for it is planned anew.
    Settings(CampaignId, UserId),
    /// An enrollment of a campaign ended: look whether it was the last.
    MayBeOver(CampaignId),
    /// End every enrollment of a campaign on this mailbox.
    EndCampaign(CampaignId, FinishReason),
    /// A named person declared that the mailbox has sent for long: it does not begin slowly.
    Season(UserId),
    /// A named person said that the clock is right, and what the lane has seen of a later time is not.
    TrustClock(UserId),
    /// Something arrived: read it in this pass, or in one more.
    Listen,
}

/// Adds a command to a lane's inbox and wakes the lane, in one batch.
pub(crate) async fn append(
    engine: &Engine,
    batch: Batch,
    mailbox: MailboxId,
    command: &Command,
) -> Result<Batch, EngineError> {
    let now = engine.now();
    let row = LaneCommandRow {
        mailbox,
        id: engine.command_id(batch.scope, mailbox).await?,
        command: serde_json::to_vec(command).map_err(|_| EngineError::Content("command"))?,
    };
    let lane = Key::new(&LANE, vec![mailbox.to_value()]);
    let wake = ColumnOp::Min(now.as_millisecond());
    Ok(batch
        .insert(&row)
        .write(Write::Patch(lane, vec![("wake_at", wake)])))
}

/// Has a lane read its mailbox at once. However often it is told, it is one command: the lane deletes
/// it before it reads.
pub(crate) fn listen(
    engine: &Engine,
    batch: Batch,
    mailbox: MailboxId,
) -> Result<Batch, EngineError> {
    let row = LaneCommandRow {
        mailbox,
        id: jooper_core::CommandId::from_uuid(uuid::Uuid::nil()),
        command: serde_json::to_vec(&Command::Listen)
            .map_err(|_| EngineError::Content("command"))?,
    };
    let lane = Key::new(&LANE, vec![mailbox.to_value()]);
    let wake = ColumnOp::Min(engine.now().as_millisecond());
    Ok(batch
        .put(&row)
        .write(Write::Patch(lane, vec![("wake_at", wake)])))
}

/// The lane of a new mailbox: due at once.
pub(crate) const fn new_lane(mailbox: MailboxId, now: Timestamp) -> LaneRow {
    LaneRow {
        mailbox,
        wake_at: now,
        lease_until: Timestamp::UNIX_EPOCH,
        fence: 0,
        next_slot: now,
        high_water: now,
        recent: None,
    }
}

/// When a command was written, by the clock of whoever wrote it.
pub(crate) fn written_at(row: &LaneCommandRow) -> Option<Timestamp> {
    let (seconds, nanos) = row.id.uuid().get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
}

/// Whether a command enrolls anybody.
fn is_enrolling(row: &LaneCommandRow) -> bool {
    let command = serde_json::from_slice(&row.command);
    matches!(command, Ok(Command::Enroll { .. }))
}

/// How many seconds a release waits for a search that was broken off.
const PATIENCE: i64 = 3_600;

impl Lane<'_> {
    /// Carries out every command that waits, oldest first. One that cannot be carried out now stays
    /// where it is, and keeps no other.
    ///
    /// Where anybody was enrolled it looks once more: what stops them may have come meanwhile, and is
    /// obeyed before anything is sent to them.
    pub(super) async fn obey_commands(&mut self, wake: &mut Wake) -> Result<(), EngineError> {
        self.obeying = true;
        let obeyed = loop {
            match self.obey_what_waits(wake).await {
                Ok(true) => {}
                ended => break ended.map(|_| ()),
            }
        };
        self.obeying = false;
        obeyed
    }

    /// Whether anybody was enrolled.
    async fn obey_what_waits(&mut self, wake: &mut Wake) -> Result<bool, EngineError> {
        let mut enrolled = false;
        self.held.clear();
        self.first.clear();
        let all = Scan::table(&LANE_COMMAND)
            .prefix(vec![self.mailbox.to_value()])
            .limit(100);
        let mut after = None;
        loop {
            let storage = self.engine.storage();
            let scan = all.clone().after(after);
            let page = storage.page::<LaneCommandRow>(self.workspace, scan).await?;
            if page.records.is_empty() || self.out_of_time() {
                return Ok(enrolled);
            }
            for found in page.records {
                let id = found.record.id;
                let (row, enrolls) = (found.record.clone(), is_enrolling(&found.record));
                match self.obey_stored(found.record, wake).await {
                    Ok(true) => enrolled |= enrolls,
                    Ok(false) => {
                        self.held.insert(id);
                    }
                    Err(error) => self.cannot_obey(&row, error).await?,
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(enrolled);
            }
        }
    }

    /// Whether a command was carried out; else it waits.
    async fn obey_stored(
        &mut self,
        row: LaneCommandRow,
        wake: &mut Wake,
    ) -> Result<bool, EngineError> {
        let command: Command =
            serde_json::from_slice(&row.command).map_err(|_| EngineError::Content("command"))?;
        // What sends waits until a restored copy knows what it has sent.
        let sends = matches!(
            command,
            Command::Serve { .. } | Command::Reply(_) | Command::Test { .. }
        );
        if self.rebuild.is_some() && sends {
            return Ok(false);
        }
        if matches!(command, Command::TrustClock(_)) {
            return self.trust_clock(&row, wake).await;
        }
        let to_all = match &command {
            Command::EndCampaign(campaign, reason) => Some((*campaign, ToAll::End(*reason))),
            Command::ResumeOverdue(campaign) => Some((*campaign, ToAll::ResumeOverdue)),
            Command::Settings(campaign, by) => Some((*campaign, ToAll::Settings(*by))),
            Command::Migrate {
                campaign,
                from,
                to,
                edit,
                older,
            } => {
                let (to, mut edits) = (*to, older.clone());
                edits.insert(*from, edit.clone());
                Some((*campaign, ToAll::Migrate { to, edits }))
            }
            _ => None,
        };
        if let Some((campaign, what)) = to_all {
            return self.tell_all(&row, Some(campaign), &what, wake).await;
        }
        match command {
            Command::SendNow(id) => return self.hurry(row, id).await,
            Command::SendNowAt {
                enrollment: id,
                version,
                node,
            } if self.stands_at(id, version, node).await? => return self.hurry(row, id).await,
            Command::First(id, step) => return self.keep_first(&row, id, step).await,
            Command::Release(key, _) if !self.looked_for(&row, &key, wake).await? => {
                return Ok(false);
            }
            _ => {}
        }
        let Command::Serve {
            request,
            kind,
            not_before,
        } = command
        else {
            self.obey(command, Write::Delete(row.key())).await?;
            return Ok(true);
        };
        let later = match not_before.filter(|at| *at > self.now()) {
            Some(at) => Some(at),
            None => self.serve(request, kind).await?,
        };
        let batch = match later {
            None => self.batch().write(Write::Delete(row.key())),
            Some(at) => {
                wake.sooner(at);
                if later == not_before {
                    return Ok(false);
                }
                let again = Command::Serve {
                    request,
                    kind,
                    not_before: later,
                };
                let command =
                    serde_json::to_vec(&again).map_err(|_| EngineError::Content("command"))?;
                self.batch().put(&LaneCommandRow { command, ..row })
            }
        };
        self.engine.storage().commit(batch).await?;
        Ok(later.is_none())
    }

    /// Carries out one command and deletes it: in one batch where doing it twice would do more
    /// than doing it once, as a crash may come in between.
    async fn obey(&mut self, command: Command, done: Write) -> Result<(), EngineError> {
        let single = match &command {
            Command::Pause(id) => Some((*id, Event::Paused(WaitReason::ByPerson))),
            Command::Resume(id) | Command::ResumeBy(id, _) => Some((*id, Event::Resumed)),
            Command::AskAgain(id) => Some((*id, Event::AskedAgain)),
            Command::Skip(id) => Some((*id, Event::SkippedByPerson)),
            Command::SkipAt {
                enrollment: id,
                version,
                node,
            } if self.stands_at(*id, *version, *node).await? => Some((*id, Event::SkippedByPerson)),
            Command::TaskDoneAt {
                enrollment: id,
                version,
                node,
            } if self.stands_at(*id, *version, *node).await? => Some((*id, Event::TaskDone)),
            Command::End(id, reason) => Some((*id, Event::Ended(*reason))),
            _ => None,
        };
        let mut batch = self.batch().write(done);
        if let Command::Enroll { campaign, .. } = &command
            && self.engine.recorder.is_none()
        {
            // Where nobody is open behind it, nobody's end will have anybody look.
            batch = self.may_be_over(batch, *campaign)?;
        }
        batch = match &command {
            Command::Resume(id) => self.resumed_by(batch, *id, None).await?,
            Command::ResumeBy(id, by) => self.resumed_by(batch, *id, Some(*by)).await?,
            _ => batch,
        };
        let deleted = match single {
            Some((id, event)) => self.happen_with(id, &event, batch.clone()).await?,
            None => {
                self.obey_many(command).await?;
                false
            }
        };
        if !deleted {
            self.engine.storage().commit(batch).await?;
        }
        Ok(())
    }

    /// Commands that do nothing more when they are carried out again.
    async fn obey_many(&mut self, command: Command) -> Result<(), EngineError> {
        match command {
            Command::Enroll {
                campaign,
                version,
                leads,
            } => {
                for chunk in leads.chunks(100) {
                    self.enroll(campaign, version, chunk).await?;
                }
                Ok(())
            }
            Command::TaskDone(id) => self.happen(id, &Event::TaskDone).await,
            Command::Clicked(id, step) => self.happen(id, &Event::Clicked { step }).await,
            Command::Test {
                user,
                key,
                campaign,
                version,
                step,
                variant,
                lead,
            } => {
                let wanted = Wanted {
                    user,
                    key,
                    campaign,
                    version,
                    step,
                    variant,
                    lead,
                };
                match self.test_mail(&wanted).await {
                    Err(EngineError::Content(what) | EngineError::NotFound(what)) => {
                        tracing::warn!(what, "a test mail cannot be written");
                        self.drop_test(&wanted, Dropped::Skipped(SkipReason::Unrenderable))
                            .await
                    }
                    done => done,
                }
            }
            Command::EndLead(lead, reason) => {
                self.happen_to_lead(lead, &Event::Ended(reason)).await
            }
            Command::Unsubscribed(lead) => self.happen_to_lead(lead, &Event::Unsubscribed).await,
            Command::NoObjection(lead) => self.no_objection(lead).await,
            Command::ColleagueReplied(lead) => {
                self.happen_to_lead(lead, &Event::ColleagueReplied).await
            }
            Command::CompanyReplied(lead) => {
                let row = self.lead_row(lead).await?;
                match row.and_then(|lead| lead.company) {
                    Some(company) => self.leave_colleagues_alone(lead, company).await,
                    None => Ok(()),
                }
            }
            Command::LeaveColleagues { answered, company } => {
                self.leave_colleagues_alone(answered, company).await
            }
            Command::Release(key, by) => self.release_unknown(key, Some(by)).await,
            Command::Abandon(key) => self.release_unknown(key, None).await,
            Command::Reply(key) => self.send_reply(key).await,
            Command::Settled(key) => self.settled_behind(key).await,
            Command::Refused {
                send,
                attempt,
                reason,
                retry_at,
            } => {
                let refusal = (reason, retry_at);
                self.refused_behind(send, attempt, refusal).await
            }
            Command::MayBeOver(campaign) => self.finish_campaign(campaign).await,
            Command::Season(_) => self.season().await,
            // One enrollment each: see `obey`. A service mail may wait, as may whoever goes first, and
            // what many leads wait for: see `obey_stored`. The pass reads the mailbox anyway.
            Command::Listen
            | Command::TrustClock(_)
            | Command::Settings(..)
            | Command::ResumeOverdue(_)
            | Command::Migrate { .. }
            | Command::EndCampaign(..)
            | Command::Serve { .. }
            | Command::SendNow(_)
            | Command::SendNowAt { .. }
            | Command::First(..)
            | Command::Pause(_)
            | Command::Resume(_)
            | Command::ResumeBy(..)
            | Command::AskAgain(_)
            | Command::Skip(_)
            | Command::SkipAt { .. }
            | Command::TaskDoneAt { .. }
            | Command::End(..) => Ok(()),
        }
    }

    async fn enroll(
        &mut self,
        campaign: CampaignId,
        version: u32,
        leads: &[(EnrollmentId, LeadId)],
    ) -> Result<(), EngineError> {
        let loaded = self.campaign(campaign, version).await?;
        let has_ended = self.has_been_ended(campaign).await?;
        let now = self.now();
        let keys: Vec<_> = leads
            .iter()
            .map(|(id, _)| Key::new(&ENROLLMENT, vec![id.to_value()]))
            .collect();
        let known = self
            .engine
            .storage()
            .get(self.workspace.into(), &keys)
            .await?;
        let mut batches = BulkBatches::new(self.batch());
        let (mut named, mut answered) = (BTreeSet::new(), Answered::default());
        for ((id, lead), known) in leads.iter().zip(known) {
            // Earlier versions wrote whoever was named twice into the command twice.
            if known.is_some() || !named.insert(*id) {
                continue;
            }
            let Some(row) = self.lead_row(*lead).await? else {
                continue;
            };
            // Somebody answered while this command was on its way.
            let (engine, workspace) = (self.engine, self.workspace);
            let stops = loaded.sequence.stop_company_on_reply
                && answered.stops(engine, workspace, campaign, &row).await?;
            let event = match stops {
                _ if has_ended => Event::Ended(FinishReason::Stopped),
                true => Event::ColleagueReplied,
                false => Event::Enrolled,
            };
            let fresh = EnrollmentRow::fresh(*id, campaign, *lead, self.mailbox, version, now);
            let facts = self.lead_facts(*lead, &loaded.sequence).await?;
            let decision = loaded.decide(&fresh, &facts, &event, now);
            if let Some(recorder) = &self.engine.recorder {
                recorder.enrolled(&decision.next);
            }
            let steps = i64::from(loaded.sequence.mail_count());
            let dimensions = jooper_core::Dimensions {
                campaign: Some(campaign),
                mailbox: Some(self.mailbox),
                reason: Some(steps),
                ..Default::default()
            };
            let whose = id.uuid();
            let source: &[&[u8]] = &[whose.as_bytes()];
            let kind = jooper_core::EventKind::Enrolled;
            let part = Batch::new(self.workspace)
                .insert(&decision.next)
                .append(LogEntry::new(kind, now, source, dimensions).about(*lead));
            let part = self.effects(part, &fresh, &decision, &event).await?;
            if let Some(full) = batches.add(part) {
                self.engine.storage().commit(full).await?;
            }
        }
        if let Some(rest) = batches.finish() {
            self.engine.storage().commit(rest).await?;
        }
        Ok(())
    }

    /// Whether an unknown send was looked for once more before it goes again: what can be known by
    /// now, counts, whatever the person knew who released it.
    ///
    /// A search that the quota broke off goes on, and the command waits for it for an hour.
    async fn looked_for(
        &mut self,
        command: &LaneCommandRow,
        key: &SendKey,
        wake: &mut Wake,
    ) -> Result<bool, EngineError> {
        if self.out_of_time() {
            return Ok(false);
        }
        let since = written_at(command).map(Timestamp::as_second);
        if since.is_some_and(|since| since > self.engine.now().as_second()) {
            self.write_anew(command).await?;
            return Ok(false);
        }
        let found = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let Some(row) = found.filter(|row| row.record.state == SendState::Unknown) else {
            return Ok(true);
        };
        let attempt = self.attempt(&row.record).await?;
        let ended = self.look_for(row, &attempt, wake).await?;
        let now = self.engine.now().as_second();
        Ok(ended || since.is_none_or(|since| now - since >= PATIENCE))
    }

    async fn release_unknown(
        &mut self,
        key: SendKey,
        by: Option<UserId>,
    ) -> Result<(), EngineError> {
        let again = by.is_some();
        let found = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let Some(found) = found.filter(|row| row.record.state == SendState::Unknown) else {
            return Ok(());
        };
        // Of an enrollment that has ended nothing is attempted any more: the send stays unknown, in
        // sight, until there is evidence or somebody gives it up.
        if again && self.has_ended(found.record.enrollment).await? {
            return Ok(());
        }
        // Once: what is unknown again waits for evidence, or is given up.
        if again && found.record.released > 0 {
            return Ok(());
        }
        let mut row = found.record.clone();
        let event = if again {
            row.state = SendState::Planned;
            row.released += 1;
            row.released_by = by;
            Event::SendReleased
        } else {
            row = ledger::abandoned(row, self.now());
            Event::SendAbandoned
        };
        let kind = jooper_core::EventKind::Released;
        let fact = ledger::fact(&row, kind, self.now(), Some(i64::from(again)));
        let batch = self.batch().update(&row, found.version).append(fact);
        self.apply_to_sender(batch, &found.record, &event).await
    }

    /// Tells an enrollment what became of its step while another worker held the lane.
    ///
    /// Done twice it is done once: an enrollment that has moved on is at another step.
    async fn settled_behind(&mut self, key: SendKey) -> Result<(), EngineError> {
        // Its words went with the worker that had written them.
        self.remember_own(&key, None).await?;
        let SendKey::Step { enrollment, step } = key else {
            return Ok(());
        };
        let waits = self.enrollment(enrollment).await?.is_some_and(|row| {
            let row = &row.record;
            let ended = row.state == EnrollmentState::Finished;
            row.step == step && (!ended || Memory::waits_for_evidence(row))
        });
        let row = self.reread(&key).await?.record;
        match settled_elsewhere(&row).filter(|_| waits && row.state == SendState::Sent) {
            Some(event) => self.happen(enrollment, &event).await,
            None => Ok(()),
        }
    }

    pub(super) async fn has_ended(&self, id: Option<EnrollmentId>) -> Result<bool, EngineError> {
        let Some(id) = id else { return Ok(false) };
        let found = self.enrollment(id).await?;
        Ok(found.is_none_or(|row| row.record.state == EnrollmentState::Finished))
    }
}
