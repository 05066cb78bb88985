//! Sending what is due: reserve, Posting, hand over, settle.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{
    Acquired, Gate, PERMIT_LEASE, PERMIT_MARGIN, Recipient, SendPermit, TransportPolicy,
};
use jooper_core::{
    CampaignState, EmailAddress, EventKind, LeadId, LeadState, NotSentReason, SendKey, SendState,
    StepIndex,
};
use jooper_storage::tables::{EnrollmentRow, LEAD, LeadProfile, LeadRow, SendRow};
use jooper_storage::{Batch, Check, Column, Record, StorageExt, Versioned, Write};
use jooper_transport::{DispatchRefusal, Outcome};
use jooper_vault::{Place, VaultError};

use super::late::refusal_of;
use super::spent::Spent;
use super::{Lane, Wake};
use crate::decide::{Command, Event};
use crate::error::{EngineError, sealed};
use crate::explain::{budget_lines, gate_lines, shared_lines};
use crate::ledger::{self, To};
use crate::planner::{LATEST, budget, gap_seconds, next_turn};
use crate::render::{Letter, NotWritten, render};
use crate::token::AttemptToken;

/// How long a refusal that a person can end is left alone before the gate is asked again.
pub(super) const ASK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What the next mail of the mailbox waits for beyond the gap while the last one may still leave.
pub(super) const PERMIT: SignedDuration = SignedDuration::from_secs(PERMIT_LEASE.as_secs() as i64);

/// When the mailbox may send next, by what came of this mail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots {
    /// It went, or may have.
    pub(super) sent: Timestamp,
    /// It certainly did not.
    pub(super) refused: Timestamp,
}

/// What came of looking at one due enrollment.
pub(super) enum Done {
    /// The enrollment moved on, or waits: nothing more to do for it now.
    Moved,
    /// A mail went out (or may have): the gap applies.
    Paced,
    /// Nothing of this campaign goes from this mailbox before this time.
    Full(Timestamp),
    /// Nobody new of this campaign is written to before this time.
    Sampled(Timestamp),
    /// This mailbox sends nothing more before this time.
    Later(Timestamp),
}

/// A lead as a send needs it.
pub(super) struct Person {
    pub(super) row: LeadRow,
    pub(super) profile: LeadProfile,
    pub(super) address: EmailAddress,
}

impl Lane<'_> {
    /// Sends what is due, one after the other with the gap between any two, until nothing is.
    pub(super) async fn send_due(&mut self, wake: &mut Wake) -> Result<(), EngineError> {
        // An account that could not be read just now is not asked again in the same pass.
        let mut deaf = !self.heard;
        // Campaigns that have used up a budget of theirs; the others go on.
        let mut full = BTreeSet::new();
        // Campaigns whose first mails wait for what comes of a sample.
        let mut sampled = BTreeSet::new();
        loop {
            if !self.may_send(wake) {
                return Ok(());
            }
            self.look_how_it_stands().await?;
            let now = self.now();
            if self.row.next_slot > now {
                // Whoever is due by then is looked for then.
                wake.sooner(self.row.next_slot);
                return Ok(());
            }
            let mut heads = self.heads().await?;
            heads.retain(|head| {
                let waits = head.sent == 0 && sampled.contains(&head.campaign);
                !waits && !full.contains(&head.campaign)
            });
            let (due, later): (Vec<_>, Vec<_>) =
                heads.into_iter().partition(|head| head.due_at <= now);
            let next = match self.first_in_line(&full, &sampled, wake).await? {
                Some(first) => Some(first),
                None => next_turn(&due, &self.recent),
            };
            let Some(next) = next else {
                for head in later {
                    wake.sooner(head.due_at);
                }
                return Ok(());
            };
            if self.out_of_time() {
                wake.sooner(now);
                return Ok(());
            }
            let Some(found) = self.enrollment(next.id).await? else {
                return Err(EngineError::NotFound("enrollment"));
            };
            if is_follow_up(&found.record) && !self.heard {
                // Nobody is followed up on whose answer may lie unread.
                if deaf {
                    full.insert(next.campaign);
                } else {
                    self.listen(wake).await?;
                    deaf = !self.heard;
                }
                continue;
            }
            match self.attend(found).await? {
                Done::Moved | Done::Paced => {}
                Done::Full(until) => {
                    wake.sooner(until);
                    full.insert(next.campaign);
                    self.tend(next.campaign, wake).await?;
                }
                Done::Sampled(until) => {
                    wake.sooner(until);
                    sampled.insert(next.campaign);
                    self.tend(next.campaign, wake).await?;
                }
                Done::Later(until) => {
                    wake.sooner(until);
                    return Ok(());
                }
            }
        }
    }

    fn may_send(&self, wake: &mut Wake) -> bool {
        if !self.account.state.sends() {
            return false;
        }
        if let Some(until) = self.parked() {
            wake.sooner(until);
            return false;
        }
        true
    }

    async fn attend(&mut self, found: Versioned<EnrollmentRow>) -> Result<Done, EngineError> {
        let id = found.record.id;
        let (campaign, version) = (found.record.campaign, found.record.sequence_version);
        let loaded = match self.campaign_if_there(campaign, version).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => {
                self.happen(id, &Event::Due).await?;
                return Ok(Done::Moved);
            }
            Err(EngineError::Content(what)) => {
                self.happen(id, &Event::Unreadable { what }).await?;
                return Ok(Done::Moved);
            }
            Err(error) => return Err(error),
        };
        if !loaded.settings.mailboxes.contains(&self.mailbox) {
            self.happen(id, &Event::SenderTakenOut).await?;
            return Ok(Done::Moved);
        }
        // A resume that the end overtook may have opened the gate behind it; the command is under way.
        if loaded.state == CampaignState::Stopped {
            return Ok(Done::Full(self.far_future()));
        }
        // Fields decide as they are when the mail is reserved: an exit that holds since lets none go.
        let fields = match loaded.sequence.reads_fields() {
            true => Some(self.lead_as_it_is(found.record.lead).await?),
            false => None,
        };
        let decision = self.decision(&found.record, &Event::Due).await?;
        let command = decision.commands.first().cloned();
        // Whoever would only be moved to the next window keeps their place while nothing may go
        // anyway: else all are moved to its first instant, and nobody has waited longest any more.
        let is_held = match &command {
            Some(Command::Send { .. }) => true,
            Some(_) => false,
            None => is_moved_only(&found.record, &decision.next),
        };
        if is_held {
            let schedule = &loaded.settings.schedule;
            if let Some(full) = budget(schedule, &self.recent, &self.volume(), self.now()) {
                tracing::debug!(mailbox = %self.mailbox, budget = full.budget, "used up");
                let why = full.bound.words();
                return self.full(&found.record, full.until, why).await;
            }
            // Budgets that are shared are asked again with the mail, which then has its place in them.
            if command.is_none()
                && let Some(used) = self.shared_full(&found.record, &schedule.limits).await?
            {
                return self.used_up(&found.record, used).await;
            }
        }
        let Some(Command::Send { step, variant }) = command else {
            self.happen(id, &Event::Due).await?;
            return Ok(Done::Moved);
        };
        let key = SendKey::Step {
            enrollment: id,
            step,
        };
        let before = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        if let Some(event) = before
            .as_ref()
            .and_then(|row| settled_elsewhere(&row.record))
        {
            self.happen(id, &event).await?;
            return Ok(Done::Moved);
        }
        if let Some(event) = self.unread(&found.record) {
            self.happen(id, &event).await?;
            return Ok(Done::Moved);
        }
        match self.person(&found.record).await {
            Err(EngineError::Content(what)) => {
                self.happen(id, &Event::Unreadable { what }).await?;
                Ok(Done::Moved)
            }
            Err(error) => Err(error),
            Ok(Some(person)) => {
                let mail = (step, variant);
                self.send_step(found, before, mail, person, fields).await
            }
            Ok(None) => {
                let event = self.out_of_reach(found.record.lead).await?;
                self.happen(id, &event).await?;
                Ok(Done::Moved)
            }
        }
    }

    pub(super) async fn person(
        &self,
        enrollment: &EnrollmentRow,
    ) -> Result<Option<Person>, EngineError> {
        self.person_of(enrollment.lead).await
    }

    /// A lead that may be written to; none when erased or restricted.
    pub(super) async fn person_of(&self, lead: LeadId) -> Result<Option<Person>, EngineError> {
        let Some(row) = self.lead_row(lead).await? else {
            return Ok(None);
        };
        if row.state != LeadState::Active {
            return Ok(None);
        }
        let subject = match self.vault.subject(lead).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(None),
            Err(error) => return Err(sealed(error, "key")),
        };
        let place = Place::new(&LEAD, "profile", &[lead.to_value()]);
        let profile: LeadProfile = subject
            .open(&place, &row.profile)
            .map_err(|error| sealed(error, "profile"))?;
        let address =
            EmailAddress::parse(&profile.email).map_err(|_| EngineError::Content("address"))?;
        Ok(Some(Person {
            row,
            profile,
            address,
        }))
    }

    async fn send_step(
        &mut self,
        found: Versioned<EnrollmentRow>,
        before: Option<Versioned<SendRow>>,
        (step, variant): (StepIndex, u8),
        person: Person,
        unchanged: Option<Check>,
    ) -> Result<Done, EngineError> {
        let enrollment = &found.record;
        let loaded = self
            .campaign(enrollment.campaign, enrollment.sequence_version)
            .await?;
        let began = self.engine.parts.lease.now();
        let now = self.now();
        self.row.high_water = now;
        let identity = self.identity().await?;
        let recipient = self.recipient(&person).await?;
        let planned = before.as_ref().map_or_else(
            || ledger::planned_step(enrollment, step, variant, now),
            // A step may be written anew between two attempts: what goes is what counts.
            |row| SendRow {
                variant,
                ..row.record.clone()
            },
        );
        let to = To {
            lead: enrollment.lead,
            email_index: recipient.email_index,
            domain_index: recipient.domain_index,
        };
        let reserved = ledger::reserved(planned, self.token, to);
        let token = AttemptToken {
            send_key: reserved.key,
            attempt: reserved.attempt,
        };
        let from = EmailAddress::parse(&self.profile.email)
            .map_err(|_| EngineError::Content("mailbox address"))?;
        let links = &self.engine.parts.links;
        let unsubscribe_url = links
            .unsubscribe_url(
                self.workspace,
                &person.address,
                enrollment.lead,
                &reserved.key,
            )
            .await?;
        let conversation = self
            .conversation(enrollment, &loaded.sequence, step)
            .await?;
        let thread = ledger::thread_for(before.as_ref(), conversation.thread);
        let references = match conversation.root {
            Some(ref root) if thread.is_none() && conversation.references.is_empty() => {
                self.ids_since(enrollment, root.step).await?
            }
            _ => conversation.references,
        };
        let transport = self.engine.parts.dispatcher.transport().capabilities();
        let letter = Letter {
            sequence: &loaded.sequence,
            templates: &loaded.templates,
            step,
            variant,
            root: conversation.root.as_ref(),
            first_contact: enrollment.sent == 0,
            person: &person.profile,
            to: &person.address,
            from: &from,
            from_name: &self.profile.display_name,
            identity: &identity,
            unsubscribe_url,
            references,
            token: match transport.delivers {
                true => token.write(&self.vault, from.domain()),
                false => String::new(),
            },
            now,
            rules: &self.engine.rules_of(&identity),
        };
        let mut written = match render(&letter) {
            Ok(written) => written,
            Err(why) => {
                self.happen(enrollment.id, &not_written(why)).await?;
                return Ok(Done::Moved);
            }
        };
        let Some(mut mail) = written.mail(thread, &transport) else {
            let what = "composed mail";
            self.happen(enrollment.id, &Event::Unreadable { what })
                .await?;
            return Ok(Done::Moved);
        };
        if letter.first_contact {
            mail = mail.with_notice();
        }
        if let Some(recorder) = &self.engine.recorder {
            let place = crate::explain::place(Some(&loaded.sequence), step);
            recorder.written(reserved.key, enrollment, place, variant, written.subject());
        }
        let key = reserved.key;
        let mut intent = crate::intent::intent(self.engine, enrollment, key, recipient, &identity);
        intent.content = Some(std::mem::take(&mut written.found));
        let spent = Spent::of(
            enrollment.campaign,
            &loaded.settings.schedule.limits,
            &self.account,
            to.domain_index,
            now,
        );
        let room = match self.shared_room(&spent, enrollment.id, now).await? {
            Ok(room) => room,
            Err(used) => return self.used_up(enrollment, used).await,
        };
        let batch = ledger::write(self.batch(), &reserved, before.as_ref())
            .check(Check::Version(found.record.key(), found.version))
            .check(loaded.unchanged(enrollment.campaign));
        let batch = unchanged.into_iter().fold(batch, Batch::check);
        // Windows and budgets were asked at `now`, and count the mail there. Who stood still since, with
        // the lid closed or behind a slow store, looks again.
        let in_time = LATEST.unsigned_abs() + PERMIT_MARGIN - PERMIT_LEASE;
        if self.engine.parts.lease.now().since(began) > in_time {
            tracing::warn!(send = ?key, "it took long to write this mail: it is looked at again");
            return Ok(Done::Later(self.after(SignedDuration::from_secs(1))));
        }
        // A forecast keeps no trace.
        let kept = self.engine.recorder.is_none();
        let mut lines = Vec::new();
        if kept {
            let schedule = &loaded.settings.schedule;
            let slot = self.row.next_slot;
            let name = &loaded.settings.name;
            lines = budget_lines(name, schedule, &self.recent, &self.volume(), slot, now);
            lines.extend(shared_lines(name, &room.used));
        }
        let recent = self.recent.with(spent.send);
        let batch = spent.reserve(batch, self.key(), &recent, room, now);
        let acquired = self
            .engine
            .parts
            .gate
            .acquire(self.workspace, &intent, batch)
            .await;
        let (permit, trace) = match acquired {
            Ok(Acquired::Permit(permit, trace)) => (permit, trace),
            Ok(Acquired::Refused(judgement)) => {
                if let Some(recorder) = &self.engine.recorder {
                    recorder.refused(&reserved.key);
                }
                return self.refused(&found, &judgement).await;
            }
            // Something was written meanwhile, the settings too perhaps, or another lane took the last
            // place: look again.
            Err(jooper_consent::GateError::Reserve { .. }) => {
                self.campaigns.clear();
                return Ok(Done::Moved);
            }
            Err(error) => return Err(error.into()),
        };
        self.recent = recent;
        tracing::debug!(send = ?reserved.key, phase = "reserved");
        // As the ledger has it now: nobody else writes the row under this fence.
        let row = Versioned {
            version: before.as_ref().map_or(1, |row| row.version + 1),
            record: reserved,
        };
        if permit.deadline().since(began) > LATEST.unsigned_abs() {
            let reason = NotSentReason::LeaseExpired;
            self.settle_not_sent(row, reason, None, permit, &spent)
                .await?;
            return Ok(Done::Later(self.after(SignedDuration::from_secs(1))));
        }
        let base = match self
            .engine
            .parts
            .dispatcher
            .transport()
            .evidence_base(self.account_ref())
            .await
        {
            Ok(base) => base,
            Err(error) => {
                let reason = not_sent_reason(&error);
                self.settle_not_sent(row, reason, None, permit, &spent)
                    .await?;
                let until = self.sending_refused(&error).await?;
                return Ok(Done::Later(until.unwrap_or_else(|| self.after(ASK_AGAIN))));
            }
        };
        let store = self.engine.storage().now().await?;
        if self.engine.parts.lease.now() >= permit.deadline() {
            let reason = NotSentReason::LeaseExpired;
            self.settle_not_sent(row, reason, None, permit, &spent)
                .await?;
            return Ok(Done::Later(self.after(SignedDuration::from_secs(1))));
        }
        // By the clock as it stands, as stops are logged: the two are compared.
        let posting = ledger::posting(row.record.clone(), Some(base.0), self.engine.now(), store);
        let gap = gap_seconds(
            &loaded.settings.schedule,
            loaded.draw,
            enrollment.id.uuid(),
            step,
        );
        let gap = SignedDuration::from_secs(i64::from(gap));
        // Whoever takes the lane over from here finds the gap kept, whatever became of this mail:
        // its last byte may leave as late as the permit ends.
        let free_slot = self.row.next_slot;
        let paced = self.after(gap.saturating_add(PERMIT));
        if kept {
            lines.extend(gate_lines(&trace));
        }
        let mut tries = 3;
        loop {
            let batch = self.batch().update(&posting, row.version);
            let mut batch = self.pace(batch, paced);
            if kept {
                let mail = (enrollment, &posting);
                let known = (&*loaded, &person);
                batch = self.take_in_hand(batch, mail, known, lines).await?;
            }
            tries -= 1;
            match self.engine.storage().commit(batch).await {
                // The key that what led to it is sealed with was another meanwhile.
                Err(error) if error.is_conflict() && tries > 0 => lines = self.let_go(),
                done => break done?,
            }
        }
        self.heard = false;
        tracing::debug!(send = ?key, phase = "posting");
        let row = Versioned {
            record: posting,
            version: row.version + 1,
        };
        let (outcome, permit) = self
            .engine
            .parts
            .dispatcher
            .hand_over(self.workspace, self.mailbox, permit, mail)
            .await;
        let release = Gate::release_write(permit);
        tracing::debug!(send = ?key, phase = "answered");
        let slots = Slots {
            sent: self.after(gap),
            refused: free_slot,
        };
        let settled = self.settle(row, outcome, release, &spent, slots).await;
        self.let_go();
        let settled = settled?;
        // A forecast's mail lies nowhere, and in no conversation.
        if kept && matches!(settled, Done::Paced) {
            self.remember_own(&key, Some(written.into_words())).await?;
        }
        Ok(settled)
    }

    pub(super) async fn recipient(&self, person: &Person) -> Result<Recipient, EngineError> {
        crate::intent::recipient(self.engine, &self.vault, &person.row, &person.address).await
    }

    pub(super) fn transport_policy(&self) -> TransportPolicy {
        crate::intent::transport_policy(self.engine)
    }

    pub(super) fn after(&self, pause: SignedDuration) -> Timestamp {
        self.now()
            .saturating_add(pause)
            .unwrap_or_else(|_| self.now())
    }

    pub(super) async fn reread(&self, key: &SendKey) -> Result<Versioned<SendRow>, EngineError> {
        let found = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        found.ok_or(EngineError::NotFound("send"))
    }

    /// Writes down what became of a mail, in time or late.
    async fn settle(
        &mut self,
        row: Versioned<SendRow>,
        outcome: Result<Outcome, DispatchRefusal>,
        release: Write,
        spent: &Spent,
        slots: Slots,
    ) -> Result<Done, EngineError> {
        let (known, refusal) = (row.record.clone(), refusal_of(&outcome));
        let in_time = self.settle_in_time(row, outcome, release.clone(), spent, slots);
        let settled = in_time.await;
        self.or_late(settled, &known, refusal, release).await
    }

    async fn settle_in_time(
        &mut self,
        row: Versioned<SendRow>,
        outcome: Result<Outcome, DispatchRefusal>,
        release: Write,
        spent: &Spent,
        slots: Slots,
    ) -> Result<Done, EngineError> {
        match outcome {
            Ok(Outcome::Sent(receipt)) => {
                let release = vec![release];
                self.settle_sent(row, &receipt, release, Some(slots.sent))
                    .await?;
                Ok(Done::Paced)
            }
            Ok(Outcome::Unknown(cause)) => {
                tracing::warn!(send = ?row.record.key, ?cause, "the outcome of a send is unknown");
                self.unknown = true;
                let next = ledger::unknown(row.record.clone());
                let kind = EventKind::SendUnknown;
                let batch = self.pace(self.batch().update(&next, row.version), slots.sent);
                let at = ledger::began_at(&next);
                let fact = ledger::fact(&next, kind, at, None);
                let batch = batch.write(release).append(fact);
                self.apply_to_sender(batch, &next, &Event::SendUnknown { at })
                    .await?;
                Ok(Done::Paced)
            }
            Ok(Outcome::NotSent { reason, retry_at }) => {
                let permit = release;
                let until = self.limits(reason, retry_at).await?;
                self.settle_refusal(row, reason, retry_at, permit, spent, slots.refused)
                    .await?;
                Ok(until.map_or(Done::Moved, Done::Later))
            }
            Err(refusal) => {
                tracing::warn!(send = ?row.record.key, %refusal, "a permit was not used");
                let reason = refusal.not_sent();
                self.settle_refusal(row, reason, None, release, spent, slots.refused)
                    .await?;
                Ok(Done::Moved)
            }
        }
    }

    /// Records that a mail was accepted, and moves its enrollment on. It is recorded whatever became of
    /// the lane and of the row meanwhile.
    pub(super) async fn settle_sent(
        &mut self,
        row: Versioned<SendRow>,
        receipt: &jooper_transport::Receipt,
        writes: Vec<Write>,
        slot: Option<Timestamp>,
    ) -> Result<(), EngineError> {
        let index = receipt
            .message_id
            .as_deref()
            .map(|id| self.message_index(id));
        let next = ledger::sent(row.record.clone(), receipt, index, self.now());
        let at = ledger::began_at(&next);
        let event = Event::Sent {
            at,
            thread: receipt.thread.clone(),
        };
        let (workspace, fence) = (self.workspace, self.batch().checks);
        let pace = slot.map(|slot| self.paced(slot));
        // The fence is asked first, so that a lane that was lost is told from a row that changed.
        let fenced = || {
            let batch = fence
                .iter()
                .cloned()
                .fold(Batch::new(workspace), Batch::check);
            let batch = batch.update(&next, row.version);
            let batch = batch.append(ledger::fact(&next, EventKind::Sent, at, None));
            let batch = writes.iter().cloned().fold(batch, Batch::write);
            pace.iter().cloned().fold(batch, Batch::write)
        };
        let moved = match next.enrollment {
            Some(id) => self.sent_with(id, &event, &fenced).await,
            None => self
                .engine
                .storage()
                .commit(fenced())
                .await
                .map_err(Into::into),
        };
        let Err(error) = moved else {
            tracing::debug!(send = ?next.key, phase = "settled");
            return Ok(());
        };
        let is_conflict = matches!(&error, EngineError::Store(error) if error.is_conflict());
        let is_lost = matches!(error, EngineError::LaneLost);
        if !is_conflict && !is_lost {
            return Err(error);
        }
        let is_settled = self.sent_late(&row.record, receipt, &writes).await?;
        match is_settled && !is_lost {
            true => Ok(()),
            false => Err(error),
        }
    }

    async fn sent_with(
        &mut self,
        id: jooper_core::EnrollmentId,
        event: &Event,
        batch: &(dyn Fn() -> Batch + Sync),
    ) -> Result<(), EngineError> {
        // Rows change under this only when a key is re-wrapped or a person erased: look again. What
        // was accepted is written in the end whatever becomes of its enrollment.
        for _ in 0..3 {
            let Some(found) = self.enrollment(id).await? else {
                break;
            };
            let decision = self.decision(&found.record, event).await?;
            let full = self.carry_out(batch(), &found, &decision, event).await?;
            match self.engine.storage().commit(full).await {
                Err(error) if error.is_conflict() => {}
                result => return Ok(result?),
            }
        }
        Ok(self.engine.storage().commit(batch()).await?)
    }

    pub(super) fn message_index(&self, id: &str) -> jooper_core::KeyedIndex {
        self.vault
            .index("message id", id.trim_matches(['<', '>', ' ']))
    }

    async fn settle_not_sent(
        &mut self,
        row: Versioned<SendRow>,
        reason: NotSentReason,
        retry_at: Option<Timestamp>,
        permit: SendPermit,
        spent: &Spent,
    ) -> Result<(), EngineError> {
        let release = Gate::release_write(permit.give_up());
        let slot = self.row.next_slot;
        self.settle_refusal(row, reason, retry_at, release, spent, slot)
            .await
    }

    async fn settle_refusal(
        &mut self,
        row: Versioned<SendRow>,
        reason: NotSentReason,
        retry_at: Option<Timestamp>,
        release: Write,
        spent: &Spent,
        slot: Timestamp,
    ) -> Result<(), EngineError> {
        let next = ledger::refused(row.record.clone(), reason, self.now());
        self.unknown |= next.state == SendState::Unknown;
        let event = settled_elsewhere(&next).unwrap_or(Event::NotSent { reason, retry_at });
        self.recent = self.recent.without(spent.send);
        let mut batch = self
            .pace(self.batch(), slot)
            .update(&next, row.version)
            .write(release);
        batch = spent.give_back(batch, self.key(), &self.recent);
        if next.state == SendState::NotSent && !ledger::may_reserve(&next) {
            let code = Some(reason.code());
            batch = batch.append(ledger::fact(&next, EventKind::Failed, self.now(), code));
        }
        self.apply_to_sender(batch, &next, &event).await
    }
}

/// What a mail that cannot be written does to its enrollment.
fn not_written(why: NotWritten) -> Event {
    match why {
        NotWritten::Missing { field } => Event::Unrenderable { field },
        NotWritten::NoSubject => Event::Unreadable {
            what: "subject of their conversation",
        },
        NotWritten::Never(why) => Event::Unwritable { why },
    }
}

/// Whether nothing but its time is another.
fn is_moved_only(before: &EnrollmentRow, next: &EnrollmentRow) -> bool {
    let unmoved = EnrollmentRow {
        due_at: before.due_at,
        ..next.clone()
    };
    unmoved == *before
}

/// Whether the person was written to before, as far as anybody knows.
fn is_follow_up(enrollment: &EnrollmentRow) -> bool {
    enrollment.sent > 0 || enrollment.step > StepIndex(0)
}

/// An event for an enrollment whose step somebody settled and then lost the lane.
pub(super) fn settled_elsewhere(row: &SendRow) -> Option<Event> {
    let at = ledger::began_at(row);
    match row.state {
        SendState::Sent => Some(Event::Sent {
            at,
            thread: row.provider_thread.clone().unwrap_or_default(),
        }),
        SendState::Unknown | SendState::Posting => Some(Event::SendUnknown { at }),
        SendState::Abandoned => Some(Event::SendAbandoned),
        SendState::Skipped => Some(Event::SkippedByPerson),
        _ if ledger::may_reserve(row) => None,
        _ => Some(Event::NotSent {
            reason: row.not_sent.unwrap_or(NotSentReason::Invalid),
            retry_at: None,
        }),
    }
}

pub(super) fn not_sent_reason(error: &jooper_transport::TransportError) -> NotSentReason {
    use jooper_transport::TransportError;
    match error {
        TransportError::NeedsReauth | TransportError::Credentials(None) => {
            NotSentReason::Unauthorized
        }
        TransportError::Forbidden(_) | TransportError::Blocked(_) => NotSentReason::Forbidden,
        TransportError::RateLimited { .. } => NotSentReason::RateLimited,
        _ => NotSentReason::Unreachable,
    }
}
