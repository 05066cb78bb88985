//! Sending an answer that a person wrote in the inbox: the same ledger, gate and permit as a step.
//!
//! The answer waits in its conversation as a mail of ours without a provider's id. Whatever keeps
//! it back leaves it there, in sight; sending it again is an act of the person, under the same key.

use jooper_consent::{Acquired, CapFacts, ContentFinding, Gate, Proof, SendIntent, Verdict};
use jooper_core::{
    EmailAddress, EventKind, InboundKind, MailboxState, MessageId, NotSentReason, Origin, Purpose,
    SendKey, SkipReason, ThreadId,
};
use jooper_message::compose::{Draft, compose};
use jooper_storage::tables::{
    MESSAGE, MessageContent, MessageRow, SendRow, ThreadRow, WorkspaceIdentity,
};
use jooper_storage::{Column, ColumnOp, Record, StorageExt, Versioned, Write};
use jooper_transport::{DispatchRefusal, Outcome, OutgoingMail};
use jooper_vault::{DetectReply, Place, VaultError};

use super::Lane;
use super::late::refusal_of;
use super::send::{PERMIT, Person, not_sent_reason};
use super::spent::{Room, Spent};
use crate::decide::TraceLine;
use crate::error::{EngineError, sealed};
use crate::ledger::{self, To};
use crate::own_domains::named;
use crate::render::{findings, message_id};
use crate::token::AttemptToken;

/// A conversation with an answer that waits in it.
pub(super) struct Waiting {
    pub(super) thread: ThreadRow,
    mails: Vec<MessageRow>,
    pub(super) draft: MessageContent,
}

/// The mail that an answer answers.
struct Answered {
    id: MessageId,
    /// Whom it came from: one of the person's addresses.
    writer: EmailAddress,
    /// Its Message-ID.
    message_id: Option<String>,
    /// The Message-IDs of the conversation up to it, oldest first.
    references: Vec<String>,
}

impl Lane<'_> {
    /// Sends a waiting answer, unless it went or may have gone already.
    pub(super) async fn send_reply(&mut self, key: SendKey) -> Result<(), EngineError> {
        let SendKey::Reply { thread, .. } = key else {
            return Ok(());
        };
        let found = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let Some(found) = found.filter(|row| ledger::may_reserve(&row.record)) else {
            return Ok(());
        };
        // Nobody was asked, so nobody has refused it: it waits where its writer sees it.
        if matches!(
            self.account.state,
            MailboxState::Paused | MailboxState::Contested
        ) {
            return Ok(());
        }
        if let Some(reason) = self.cannot_send() {
            return self.reply_not_sent(found, reason).await;
        }
        let waiting = match self.waiting(thread, &key).await {
            Err(EngineError::Content(_)) => return self.unreadable_reply(found).await,
            waiting => waiting?,
        };
        let Some(waiting) = waiting else {
            return self.drop_reply(found, SkipReason::Erased).await;
        };
        match self.person_of(waiting.thread.lead).await {
            Err(EngineError::Content(_)) => self.unreadable_reply(found).await,
            person => match person? {
                Some(person) => self.answer(found, waiting, person).await,
                None => self.drop_reply(found, SkipReason::Erased).await,
            },
        }
    }

    fn cannot_send(&self) -> Option<NotSentReason> {
        if !self.account.state.sends() {
            return Some(NotSentReason::Unauthorized);
        }
        self.parked().map(|_| NotSentReason::RateLimited)
    }

    pub(super) async fn waiting(
        &self,
        thread: ThreadId,
        key: &SendKey,
    ) -> Result<Option<Waiting>, EngineError> {
        let found = self
            .engine
            .storage()
            .find::<ThreadRow>(self.workspace, vec![thread.to_value()])
            .await?;
        let Some(thread) = found.map(|row| row.record) else {
            return Ok(None);
        };
        let mails = self.mails_of(thread.id).await?;
        let Some(row) = mails.iter().find(|mail| is_draft(mail, key)) else {
            return Ok(None);
        };
        let subject = match self.vault.subject(thread.lead).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(None),
            Err(error) => return Err(sealed(error, "key")),
        };
        let place = Place::new(&MESSAGE, "content", &[row.id.to_value()]);
        let draft = subject
            .open(&place, &row.content)
            .map_err(|error| sealed(error, "message"))?;
        Ok(Some(Waiting {
            thread,
            mails,
            draft,
        }))
    }

    async fn answer(
        &mut self,
        found: Versioned<SendRow>,
        waiting: Waiting,
        mut person: Person,
    ) -> Result<(), EngineError> {
        let answered = match self.answered(&waiting, &found.record.key).await {
            Err(EngineError::Content(_)) => return self.unreadable_reply(found).await,
            answered => answered?,
        };
        let Some(answered) = answered else {
            return self.drop_reply(found, SkipReason::Refused).await;
        };
        // Whoever is asked by the gate, and written to, is who wrote.
        person.address = answered.writer.clone();
        let identity = self.engine.identity(self.workspace).await?;
        let to = To {
            lead: waiting.thread.lead,
            email_index: self.vault.email_index(&person.address),
            domain_index: self.vault.domain_index(person.address.domain()),
        };
        let reserved = ledger::reserved(found.record.clone(), self.token, to);
        let thread = Some(waiting.thread.provider_thread.clone()).filter(|name| !name.is_empty());
        let thread = ledger::thread_for(Some(&found), thread);
        let proof = Proof::Inbound(answered.id);
        let (mail, holds) = self.compose_reply(
            &reserved,
            &waiting.draft,
            answered,
            &person,
            thread,
            &identity,
        )?;
        // Refused before anything is claimed: no permit has time for it, or no provider takes it.
        let most = self.engine.parts.dispatcher.transport().capabilities();
        if mail.raw().len() > most.max_bytes {
            return self.reply_not_sent(found, NotSentReason::TooLarge).await;
        }
        let intent = SendIntent {
            key: reserved.key,
            recipient: self.recipient(&person).await?,
            mailbox: self.mailbox,
            campaign: waiting.thread.campaign,
            enrollment: waiting.thread.enrollment,
            identity_complete: jooper_consent::check_identity(&identity).is_ok(),
            transport: self.transport_policy(),
            proof,
            caps: CapFacts {
                follow_up_limit: Some(self.engine.settings.follow_ups),
                ..CapFacts::default()
            },
            content: Some(holds),
            own_domains: named(&identity),
        };
        // It waits for no budget, and takes from each what any other mail takes.
        self.look_how_it_stands().await?;
        let now = self.now();
        self.row.high_water = now;
        let spent = Spent::beside(&self.account, to.domain_index, now);
        let recent = self.recent.with(spent.send);
        let batch = self.batch().update(&reserved, found.version);
        let batch = spent.reserve(batch, self.key(), &recent, Room::default(), now);
        let acquired = self
            .engine
            .parts
            .gate
            .acquire(self.workspace, &intent, batch);
        let permit = match acquired.await {
            Ok(Acquired::Permit(permit, _)) => permit,
            Ok(Acquired::Refused(judgement)) => {
                return self.reply_refused(found, &waiting, &judgement).await;
            }
            // The row changed: whoever changed it decides what becomes of it.
            Err(jooper_consent::GateError::Reserve { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        self.recent = recent;
        let row = self.reread(&reserved.key).await?;
        let transport = self.engine.parts.dispatcher.transport();
        let base = match transport.evidence_base(self.account_ref()).await {
            Ok(base) => base,
            Err(error) => {
                let reason = not_sent_reason(&error);
                let release = Gate::release_write(permit.give_up());
                self.reply_did_not_go(row, reason, release, &spent).await?;
                self.sending_refused(&error).await?;
                return Ok(());
            }
        };
        let store = self.engine.storage().now().await?;
        if self.engine.parts.lease.now() >= permit.deadline() {
            let release = Gate::release_write(permit.give_up());
            let reason = NotSentReason::LeaseExpired;
            return self.reply_did_not_go(row, reason, release, &spent).await;
        }
        // By the clock as it stands, as stops are logged: the two are compared.
        let posting = ledger::posting(row.record, Some(base.0), self.engine.now(), store);
        // The next mail of the campaign waits until this one can no longer be on its way.
        let slot = self.row.next_slot.max(self.after(PERMIT));
        let batch = self.batch().update(&posting, row.version);
        let batch = self.pace(batch, slot);
        self.engine.storage().commit(batch).await?;
        let row = Versioned {
            record: posting,
            version: row.version + 1,
        };
        let dispatcher = &self.engine.parts.dispatcher;
        let handed = dispatcher.hand_over(self.workspace, self.mailbox, permit, mail);
        let (outcome, permit) = handed.await;
        let release = Gate::release_write(permit);
        let (known, refusal) = (row.record.clone(), refusal_of(&outcome));
        let in_time = self.settle_reply(row, outcome, release.clone(), &spent);
        let settled = in_time.await;
        self.or_late(settled, &known, refusal, release).await
    }

    async fn settle_reply(
        &mut self,
        row: Versioned<SendRow>,
        outcome: Result<Outcome, DispatchRefusal>,
        release: Write,
        spent: &Spent,
    ) -> Result<(), EngineError> {
        match outcome {
            Ok(Outcome::Sent(receipt)) => {
                let key = row.record.key;
                self.settle_sent(row, &receipt, vec![release], None).await?;
                self.remember_own(&key, None).await
            }
            Ok(Outcome::Unknown(cause)) => {
                tracing::warn!(send = ?row.record.key, ?cause, "the outcome of an answer is unknown");
                self.unknown = true;
                let next = ledger::unknown(row.record);
                let at = ledger::began_at(&next);
                let fact = ledger::fact(&next, EventKind::SendUnknown, at, None);
                let batch = self.batch().update(&next, row.version).write(release);
                Ok(self.engine.storage().commit(batch.append(fact)).await?)
            }
            Ok(Outcome::NotSent { reason, retry_at }) => {
                self.limits(reason, retry_at).await?;
                self.reply_did_not_go(row, reason, release, spent).await
            }
            Err(refusal) => {
                tracing::warn!(send = ?row.record.key, %refusal, "a permit was not used");
                let reason = refusal.not_sent();
                self.reply_did_not_go(row, reason, release, spent).await
            }
        }
    }

    /// The mail that a waiting answer answers: the person's last one that its writer saw. None where
    /// there is none, or where its address is no longer theirs.
    async fn answered(
        &self,
        waiting: &Waiting,
        key: &SendKey,
    ) -> Result<Option<Answered>, EngineError> {
        let mails = &waiting.mails;
        let draft = mails.iter().position(|mail| is_draft(mail, key));
        let last = |mails: &[MessageRow]| mails.iter().rposition(is_from_a_person);
        // Where clocks disagree, the mail stands behind its answer.
        let at = last(&mails[..draft.unwrap_or(mails.len())]).or_else(|| last(mails));
        let Some((at, mail)) = at.and_then(|at| Some((at, mails.get(at)?))) else {
            return Ok(None);
        };
        let lead = waiting.thread.lead;
        let subject = self.vault.subject(lead).await;
        let subject = subject.map_err(|error| sealed(error, "key"))?;
        let place = Place::new(&MESSAGE, "content", &[mail.id.to_value()]);
        let content = subject.open_gmail(&place, &mail.content);
        let content = content.map_err(|error| sealed(error, "message"))?;
        let content = content.lend(&DetectReply);
        let Ok(writer) = EmailAddress::parse(&content.from) else {
            return Ok(None);
        };
        let theirs = self.leads_at(&writer).await?;
        if !theirs.contains(&lead) {
            return Ok(None);
        }
        Ok(Some(Answered {
            id: mail.id,
            writer,
            message_id: content.message_id.clone(),
            references: self.references_of(&mails[..=at]).await?,
        }))
    }

    /// Whom a waiting answer is to.
    pub(super) async fn writer(
        &self,
        waiting: &Waiting,
        key: &SendKey,
    ) -> Result<Option<EmailAddress>, EngineError> {
        let answered = self.answered(waiting, key).await?;
        Ok(answered.map(|answered| answered.writer))
    }

    fn compose_reply(
        &self,
        reserved: &SendRow,
        words: &MessageContent,
        answered: Answered,
        person: &Person,
        thread: Option<String>,
        identity: &WorkspaceIdentity,
    ) -> Result<(OutgoingMail, Vec<ContentFinding>), EngineError> {
        let from = EmailAddress::parse(&self.profile.email)
            .map_err(|_| EngineError::Content("mailbox address"))?;
        let token = AttemptToken {
            send_key: reserved.key,
            attempt: reserved.attempt,
        };
        let token = token.write(&self.vault, from.domain());
        let mut references = answered.references;
        let in_reply_to = answered.message_id.or_else(|| references.last().cloned());
        references.push(token.clone());
        let names = [&person.profile.first_name, &person.profile.last_name];
        let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
        let draft = Draft {
            from_name: self.profile.display_name.clone(),
            from,
            to_name: names.join(" "),
            to: person.address.clone(),
            subject: words.subject.clone(),
            body: words.text.clone(),
            date: self.now(),
            message_id: message_id(&token),
            references,
            in_reply_to,
            footer: None,
        };
        let rules = self.engine.rules_of(identity);
        let holds = findings(&rules, Purpose::Conversation, &draft);
        let raw = compose(&draft).map_err(|_| EngineError::Content("answer"))?;
        let mail = OutgoingMail::new(raw, thread);
        let mail = mail.map_err(|_| EngineError::Content("composed mail"))?;
        Ok((mail, holds))
    }

    /// What may pass leaves the answer waiting; what lasts ends it.
    async fn reply_refused(
        &mut self,
        found: Versioned<SendRow>,
        waiting: &Waiting,
        judgement: &jooper_consent::Judgement,
    ) -> Result<(), EngineError> {
        let why = crate::explain::decisive(judgement);
        if let Some(id) = waiting.thread.enrollment
            && let Some(enrollment) = self.enrollment(id).await?
        {
            let lines = jooper_consent::explain(&judgement.trace)
                .into_iter()
                .map(|line| TraceLine::new("gate", line, "the answer was not sent"))
                .collect();
            let summary = format!("Your answer was not sent: {why}");
            let version = (
                enrollment.record.campaign,
                enrollment.record.sequence_version,
            );
            let loaded = self.campaign(version.0, version.1).await?;
            let step = crate::explain::place_in(Some(&loaded.sequence), enrollment.record.step);
            let batch = self
                .note(self.batch(), &enrollment.record, step, summary, lines)
                .await?;
            self.engine.storage().commit(batch).await?;
        }
        match judgement.verdict {
            Verdict::Deny {
                permanent: true, ..
            } => self.drop_reply(found, SkipReason::Refused).await,
            _ => Ok(()),
        }
    }

    async fn drop_reply(
        &mut self,
        found: Versioned<SendRow>,
        reason: SkipReason,
    ) -> Result<(), EngineError> {
        let next = ledger::skipped(found.record, reason, self.now());
        let fact = ledger::fact(&next, EventKind::Skipped, self.now(), Some(reason.code()));
        let batch = self.batch().update(&next, found.version).append(fact);
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// The answer, or whom it goes to, does not open: it cannot be sent.
    async fn unreadable_reply(&mut self, found: Versioned<SendRow>) -> Result<(), EngineError> {
        self.reply_not_sent(found, NotSentReason::Invalid).await
    }

    async fn reply_not_sent(
        &mut self,
        found: Versioned<SendRow>,
        reason: NotSentReason,
    ) -> Result<(), EngineError> {
        let next = ledger::not_sent(found.record, reason, self.now());
        let batch = self.batch().update(&next, found.version);
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// The same of one that had its permit: what it took is given back.
    async fn reply_did_not_go(
        &mut self,
        found: Versioned<SendRow>,
        reason: NotSentReason,
        release: Write,
        spent: &Spent,
    ) -> Result<(), EngineError> {
        self.recent = self.recent.without(spent.send);
        let next = ledger::not_sent(found.record, reason, self.now());
        let batch = self.batch().update(&next, found.version).write(release);
        let batch = spent.give_back(batch, self.key(), &self.recent);
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// Gives a sent answer its place in the conversation: the provider's id, and its Message-ID.
    pub(super) async fn remember_reply(
        &self,
        thread: ThreadId,
        row: &SendRow,
    ) -> Result<(), EngineError> {
        let Some(id) = row.provider_id.as_deref().filter(|id| !id.is_empty()) else {
            return Ok(());
        };
        let Some(waiting) = self.waiting(thread, &row.key).await? else {
            return Ok(());
        };
        let transport = self.engine.parts.dispatcher.transport();
        let message_id = match transport.read_back(self.account_ref(), id).await {
            Ok(receipt) => receipt.message_id,
            Err(_) => None,
        };
        let draft = waiting.mails.iter().find(|mail| is_draft(mail, &row.key));
        let storage = self.engine.storage();
        let subject = self.vault.subject(waiting.thread.lead).await?;
        let mut batch = subject
            .guard()
            .into_iter()
            .fold(self.batch(), jooper_storage::Batch::check);
        if let Some(draft) = draft
            && let Some(found) = storage
                .find::<MessageRow>(self.workspace, vec![draft.id.to_value()])
                .await?
        {
            let content = MessageContent {
                message_id: message_id.as_deref().map(super::store_mail::bare),
                ..waiting.draft
            };
            let place = Place::new(&MESSAGE, "content", &[draft.id.to_value()]);
            let next = MessageRow {
                provider_id: id.to_owned(),
                at: row.settled_at.unwrap_or(row.planned_at),
                content: subject.seal(&place, Origin::System, &content)?,
                ..found.record
            };
            batch = batch.update(&next, found.version);
        }
        if let Some(message_id) = &message_id {
            let index = ColumnOp::Set(self.message_index(message_id).to_value());
            batch = batch.write(Write::Patch(row.key(), vec![("message_index", index)]));
        }
        Ok(storage.commit(batch).await?)
    }
}

/// Whether a mail is the answer of this key, not yet at the provider.
fn is_draft(mail: &MessageRow, key: &SendKey) -> bool {
    mail.kind.is_none() && mail.send_key.as_ref() == Some(key) && mail.provider_id.is_empty()
}

/// Whether a mail is the person's: what merely shares their company's domain is tied to no send.
pub(crate) const fn is_from_a_person(mail: &MessageRow) -> bool {
    mail.send_key.is_some()
        && matches!(
            mail.kind,
            Some(InboundKind::Reply | InboundKind::Unsubscribe | InboundKind::Calendar)
        )
}
