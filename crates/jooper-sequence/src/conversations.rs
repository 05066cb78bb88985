//! What people do in the inbox: answer, and judge words that look like an objection.

mod objection;

use std::collections::BTreeSet;

use jooper_consent::{AnswersInARow, StopError, StopScope};
use jooper_core::{
    Code as _, Dimensions, EmailAddress, EventKind, FinishReason, InboundKind, MailboxId,
    MessageId, Origin, SendKey, SendState, StopReason, StopSource, ThreadId, UserId, WorkspaceId,
};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LEAD_ADDRESS, LeadAddressRow, MESSAGE, MessageContent, MessageRow,
    SUPPRESSION, SendRow, ThreadRow,
};
use jooper_storage::{Batch, Column, Key, LogEntry, Record, Scan, StorageExt, Value};
use jooper_vault::{Place, ShowToOwner, SubjectVault, VaultError, WorkspaceVault};
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::lane::is_from_a_person;
use crate::lane::{Command, OTHERWISE, append, last_mail};
use crate::ledger;

pub use objection::Objection;

/// The longest answer, in bytes.
const LONGEST: usize = 64 * 1024;

/// The gate would refuse one more: said before it is written.
const TOO_MANY: &str = "this person has had as many answers in a row as the engine's setting `follow_ups` \
                        allows, and one more; answer when they have written again";

/// The conversations of a workspace.
#[derive(Debug, Clone)]
pub struct Conversations {
    engine: Engine,
    workspace: WorkspaceId,
}

impl Engine {
    /// What people do in the inbox of a workspace.
    pub fn conversations(&self, workspace: WorkspaceId) -> Conversations {
        Conversations {
            engine: self.clone(),
            workspace,
        }
    }
}

impl Conversations {
    /// Answers the person's last mail in a conversation, from the mailbox and in the thread it came
    /// in, to the address it came from. Returns the send; its row in the ledger tells what became of it.
    ///
    /// `key` is made by the caller's form: the same key sends once, however often it is pressed. An
    /// answer that certainly did not go is tried again, with the text it was written with; who presses
    /// "try again" need not say it once more.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an unknown conversation, [`EngineError::State`] when the person
    /// has not written, has had as many answers since as [`EngineSettings::follow_ups`](crate::EngineSettings::follow_ups) allows, and one
    /// more, or the text is empty or over 64 KiB, [`EngineError::OtherAnswer`] when the key
    /// belongs to an answer with another text, [`EngineError::OtherWriter`] when the last mail came
    /// from an address that is not the lead's: a colleague's, or one that nobody knows yet.
    pub async fn reply(
        &self,
        thread: ThreadId,
        key: Uuid,
        text: &str,
        by: UserId,
    ) -> Result<SendKey, EngineError> {
        let key = SendKey::Reply { thread, key };
        let thread = self.thread(thread).await?;
        let mut batch = append(
            &self.engine,
            Batch::new(self.workspace),
            thread.mailbox,
            &Command::Reply(key),
        )
        .await?;
        match self.known(&key).await? {
            Some(row) => {
                self.same_text(&thread, &key, text, by).await?;
                if !ledger::may_reserve(&row) {
                    return Ok(key);
                }
            }
            None => batch = self.draft(batch, &thread, key, text, by).await?,
        }
        match self.engine.storage().commit(batch).await {
            // The same button twice at the same moment: the first one wrote the row.
            Err(error) if error.is_conflict() && self.known(&key).await?.is_some() => {
                self.same_text(&thread, &key, text, by).await?;
                Ok(key)
            }
            result => Ok(result.map(|()| key)?),
        }
    }

    /// Refuses another text under the key of an answer; none is no other one. An answer whose mail is no longer kept is told by its
    /// key alone.
    async fn same_text(
        &self,
        thread: &ThreadRow,
        key: &SendKey,
        text: &str,
        by: UserId,
    ) -> Result<(), EngineError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let mails = self.mails(thread).await?;
        let is_answer = |mail: &&MessageRow| mail.kind.is_none() && mail.send_key == Some(*key);
        let Some(answer) = mails.iter().find(is_answer) else {
            return Ok(());
        };
        let subject = self.subject(&self.vault().await?, thread).await?;
        let place = Place::of(&answer.key(), "content");
        let content = subject.open_gmail(&place, &answer.content)?;
        let known = &content.lend(&ShowToOwner { user: by }).text;
        // A form may change the ends of lines; they are not what its writer means.
        if known.trim_end().lines().eq(text.trim_end().lines()) {
            Ok(())
        } else {
            Err(EngineError::OtherAnswer)
        }
    }

    /// The mails of a conversation, oldest first.
    async fn mails(&self, thread: &ThreadRow) -> Result<Vec<MessageRow>, EngineError> {
        let scan = Scan::table(&MESSAGE)
            .by("by_thread")
            .prefix(vec![thread.id.to_value()]);
        let storage = self.engine.storage();
        let mails = storage.collect::<MessageRow>(self.workspace, scan).await?;
        Ok(mails.into_iter().map(|row| row.record).collect())
    }

    /// What the ledger knows of an answer; none before it is first sent.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn state(&self, key: &SendKey) -> Result<Option<SendState>, EngineError> {
        Ok(self.known(key).await?.map(|row| row.state))
    }

    /// Confirms that the words of a reply were an objection: the entry is no longer provisional.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Stop`]: not acknowledged, call again.
    pub async fn confirm_objection(&self, thread: ThreadId, by: UserId) -> Result<(), EngineError> {
        let thread = self.thread(thread).await?;
        tracing::info!(thread = %thread.id, %by, "an objection is confirmed");
        for scope in self.objectors(&thread, by).await? {
            self.engine
                .parts
                .stops
                .stop(
                    self.workspace,
                    scope,
                    StopReason::Unsubscribed,
                    StopSource::Person,
                )
                .await?;
        }
        Ok(())
    }

    /// Says that the words of a reply were no objection. Takes away provisional entries only, as they
    /// stood when somebody looked: `seen` is [`Objection::seen`]. Returns how many.
    ///
    /// Where nothing else keeps the person back, their mail is an answer from then on, in the log and the
    /// numbers too, and what it ended has ended as answered. An automatic answer is one of a machine again,
    /// and what it ended stays ended as it was. Nothing of it is sent after all.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Stop`] with [`StopError::NotAsSeen`] where the person wrote
    /// again since, or somebody judged it: it stands, somebody looks again. Any other
    /// [`EngineError::Stop`], and [`EngineError::Store`]: look and call again.
    pub async fn dismiss_objection(
        &self,
        thread: ThreadId,
        by: UserId,
        seen: &str,
    ) -> Result<usize, EngineError> {
        let thread = self.thread(thread).await?;
        let scopes = self.objectors(&thread, by).await?;
        let (stands, mut entries) = self.as_it_stands(&thread, &scopes, by).await?;
        if stands.seen != seen {
            return Err(StopError::NotAsSeen.into());
        }
        let mut lifted = 0;
        let mut listed = Vec::new();
        for scope in scopes {
            if let StopScope::Person {
                contact_index,
                variants,
                ..
            } = scope
            {
                let stops = &self.engine.parts.stops;
                let ack = stops.dismiss(self.workspace, contact_index, &variants, by, &entries);
                lifted += ack.await?.lifted;
                // Two addresses of one person may have entries in common.
                entries.judged(contact_index, &variants);
                let indexes = variants.into_iter().chain([contact_index]);
                listed.extend(indexes.map(|index| Key::new(&SUPPRESSION, vec![index.to_value()])));
            }
        }
        let storage = self.engine.storage();
        let kept = storage.get(self.workspace.into(), &listed).await?;
        // Who is on the list still has asked in another way, too.
        if kept.iter().all(Option::is_none) {
            self.was_an_answer(&thread, by).await?;
            // Whoever judged this one had those before their eyes as well.
            for other in stands.elsewhere {
                let other = self.thread(other).await?;
                self.was_an_answer(&other, by).await?;
            }
        }
        Ok(lifted)
    }

    /// Makes of the mails of a conversation whose words were found to be no objection what they are without
    /// them, and has the lanes correct what an answer among them ended.
    async fn was_an_answer(&self, thread: &ThreadRow, by: UserId) -> Result<(), EngineError> {
        let subject = self.subject(&self.vault().await?, thread).await?;
        let storage = self.engine.storage();
        let enrollment = match thread.enrollment {
            Some(id) => storage.find::<EnrollmentRow>(self.workspace, vec![id.to_value()]),
            None => return Ok(()),
        };
        let enrollment = enrollment.await?.map(|row| row.record);
        let mut batch = subject
            .guard()
            .into_iter()
            .fold(Batch::new(self.workspace), Batch::check);
        let (mut answered, mut last) = (false, None);
        for mail in self.mails(thread).await? {
            let place = Place::of(&mail.key(), "content");
            let content = match mail.kind {
                Some(InboundKind::Unsubscribe) => subject.open_gmail(&place, &mail.content)?,
                _ => continue,
            };
            let verdict = &content.lend(&ShowToOwner { user: by }).verdict;
            if verdict["provisional"] != true {
                continue;
            }
            let kind = verdict[OTHERWISE].as_i64().map(InboundKind::from_code);
            let kind = kind.and_then(Result::ok).unwrap_or(InboundKind::Reply);
            let key = mail.key().values().to_vec();
            let Some(found) = storage.find::<MessageRow>(self.workspace, key).await? else {
                continue;
            };
            answered |= kind == InboundKind::Reply;
            last = Some(kind);
            for fact in self.heard_as(kind, &mail, enrollment.as_ref()).await? {
                batch = batch.append(fact.about(thread.lead));
            }
            let next = MessageRow {
                kind: Some(kind),
                ..found.record
            };
            batch = batch.update(&next, found.version);
        }
        let key = thread.key().values().to_vec();
        let found = storage.find::<ThreadRow>(self.workspace, key).await?;
        let objects = |row: &ThreadRow| row.last_kind == Some(InboundKind::Unsubscribe);
        if let Some(found) = found.filter(|found| objects(&found.record)) {
            let next = ThreadRow {
                last_kind: last.or(Some(InboundKind::Reply)),
                ..found.record
            };
            batch = batch.update(&next, found.version);
        }
        let scan = Scan::table(&ENROLLMENT)
            .by("by_lead")
            .prefix(vec![thread.lead.to_value()]);
        let rows = storage
            .collect::<EnrollmentRow>(self.workspace, scan)
            .await?;
        let ended = rows.into_iter().map(|row| row.record);
        let ended = ended.filter(|row| row.finish == Some(FinishReason::Unsubscribed));
        let mailboxes: BTreeSet<MailboxId> = ended.map(|row| row.mailbox).collect();
        // A machine's notice is nobody's answer: what it ended is not said to have ended with one.
        for mailbox in mailboxes.into_iter().filter(|_| answered) {
            let command = Command::NoObjection(thread.lead);
            batch = append(&self.engine, batch, mailbox, &command).await?;
        }
        Ok(storage.commit(batch).await?)
    }

    /// What the log is told of a mail whose words were no objection, with the dimensions and the time
    /// that the objection was told with.
    async fn heard_as(
        &self,
        kind: InboundKind,
        mail: &MessageRow,
        enrollment: Option<&EnrollmentRow>,
    ) -> Result<Vec<LogEntry>, EngineError> {
        let Some(enrollment) = enrollment else {
            return Ok(Vec::new());
        };
        let step = match mail.send_key {
            Some(SendKey::Step { step, .. }) => step,
            _ => last_mail(enrollment),
        };
        let key = SendKey::Step {
            enrollment: enrollment.id,
            step,
        };
        let sent = self.known(&key).await?;
        let dimensions = |reason| Dimensions {
            campaign: Some(enrollment.campaign),
            step: Some(step),
            variant: sent.as_ref().map(|row| row.variant),
            mailbox: Some(mail.mailbox),
            reason: Some(reason),
            ..Dimensions::default()
        };
        let whose = mail.mailbox.uuid();
        let source: &[&[u8]] = &[whose.as_bytes(), mail.provider_id.as_bytes()];
        let words = dimensions(StopReason::StopWords.code());
        let mut facts = vec![LogEntry::new(
            EventKind::ObjectionDismissed,
            mail.at,
            source,
            words,
        )];
        if kind == InboundKind::Reply {
            let reply = dimensions(kind.code());
            facts.push(LogEntry::new(EventKind::Replied, mail.at, source, reply));
        }
        Ok(facts)
    }

    async fn thread(&self, thread: ThreadId) -> Result<ThreadRow, EngineError> {
        let found = self
            .engine
            .storage()
            .find::<ThreadRow>(self.workspace, vec![thread.to_value()])
            .await?;
        found
            .map(|row| row.record)
            .ok_or(EngineError::NotFound("conversation"))
    }

    async fn known(&self, key: &SendKey) -> Result<Option<SendRow>, EngineError> {
        let found = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        Ok(found.map(|row| row.record))
    }

    async fn vault(&self) -> Result<WorkspaceVault, EngineError> {
        Ok(self.engine.parts.vault.workspace(self.workspace).await?)
    }

    async fn subject(
        &self,
        vault: &WorkspaceVault,
        thread: &ThreadRow,
    ) -> Result<SubjectVault, EngineError> {
        match vault.subject(thread.lead).await {
            Err(VaultError::NoKey { .. }) => Err(EngineError::NotFound("conversation")),
            other => Ok(other?),
        }
    }

    /// Adds the answer to its conversation and to the ledger, before anything is sent.
    async fn draft(
        &self,
        batch: Batch,
        thread: &ThreadRow,
        key: SendKey,
        text: &str,
        by: UserId,
    ) -> Result<Batch, EngineError> {
        if text.trim().is_empty() {
            return Err(EngineError::State("the answer has no text"));
        }
        if text.len() > LONGEST {
            return Err(EngineError::State("the answer is longer than 64 KiB"));
        }
        let vault = self.vault().await?;
        let subject = self.subject(&vault, thread).await?;
        let mails = self.mails(thread).await?;
        let answered = mails.iter().rev().find(|mail| is_from_a_person(mail));
        let Some(answered) = answered else {
            return Err(EngineError::State(
                "there is no mail of the person to answer",
            ));
        };
        let place = Place::of(&answered.key(), "content");
        let answered = subject.open_gmail(&place, &answered.content)?;
        let answered = answered.lend(&ShowToOwner { user: by });
        let writer = EmailAddress::parse(&answered.from).map_err(|_| EngineError::OtherWriter)?;
        let writer = vault.contact_indexes(&writer);
        let theirs = self.address_rows("by_lead", thread.lead.to_value()).await?;
        if theirs
            .iter()
            .all(|row| !writer.contains(&row.contact_index))
        {
            return Err(EngineError::OtherWriter);
        }
        let parts = &self.engine.parts;
        let ceilings = parts.gate.ceilings();
        let most = ceilings.follow_ups(Some(self.engine.settings.follow_ups));
        let storage = self.engine.storage();
        let before = AnswersInARow::count(storage, self.workspace, thread.lead, &key).await?;
        if before.gone.saturating_add(before.waiting) > most {
            return Err(EngineError::State(TOO_MANY));
        }
        let title = answered.subject.clone();
        let now = self.engine.now();
        let id = MessageId::from_uuid(self.engine.parts.ids.uuid(now));
        let content = MessageContent {
            subject: answer_title(&title),
            text: text.to_owned(),
            ..MessageContent::default()
        };
        let place = Place::new(&MESSAGE, "content", &[id.to_value()]);
        let row = MessageRow {
            id,
            thread: thread.id,
            mailbox: thread.mailbox,
            lead: thread.lead,
            provider_id: String::new(),
            at: now,
            kind: None,
            send_key: Some(key),
            origin: Origin::System,
            content: subject.seal(&place, Origin::System, &content)?,
        };
        let batch = subject.guard().into_iter().fold(batch, Batch::check);
        Ok(batch
            .insert(&ledger::planned_reply(thread, key, now))
            .insert(&row))
    }

    /// The addresses of a lead, or the leads of an address.
    async fn address_rows(
        &self,
        by: &'static str,
        of: Value,
    ) -> Result<Vec<LeadAddressRow>, EngineError> {
        let scan = Scan::table(&LEAD_ADDRESS).by(by).prefix(vec![of]);
        let storage = self.engine.storage();
        let rows = storage
            .collect::<LeadAddressRow>(self.workspace, scan)
            .await?;
        Ok(rows.into_iter().map(|row| row.record).collect())
    }

    /// Every address that the objection of a conversation may have listed, as the stop list knows it:
    /// the person's, and those of others who objected in it.
    async fn objectors(
        &self,
        thread: &ThreadRow,
        by: UserId,
    ) -> Result<Vec<StopScope>, EngineError> {
        let vault = self.vault().await?;
        let subject = self.subject(&vault, thread).await?;
        let mut scopes = Vec::new();
        let mut known = BTreeSet::new();
        let theirs = self.address_rows("by_lead", thread.lead.to_value()).await?;
        for row in theirs {
            let place = Place::of(&row.key(), "address");
            let text = subject.open(&place, &row.address)?;
            known.insert(row.contact_index);
            let (contact_index, variants) = match EmailAddress::parse(&text.0) {
                Ok(address) => (
                    vault.contact_index(&address),
                    vault.variant_indexes(&address),
                ),
                Err(_) => (row.contact_index, vec![row.email_index]),
            };
            known.insert(contact_index);
            scopes.push(StopScope::Person {
                contact_index,
                variants,
                lead: Some(thread.lead),
            });
        }
        let objected = |mail: &MessageRow| mail.kind == Some(InboundKind::Unsubscribe);
        for mail in self.mails(thread).await?.into_iter().filter(objected) {
            let content = subject.open_gmail(&Place::of(&mail.key(), "content"), &mail.content)?;
            let from = &content.lend(&ShowToOwner { user: by }).from;
            let Ok(address) = EmailAddress::parse(from) else {
                continue;
            };
            let contact_index = vault.contact_index(&address);
            if !known.insert(contact_index) {
                continue;
            }
            let variants = vault.variant_indexes(&address);
            scopes.push(StopScope::person(contact_index, variants));
            // Who is a lead as well objected under every address that they have.
            let mut leads = BTreeSet::new();
            for filed in vault.contact_indexes(&address) {
                let rows = self.address_rows("by_contact", filed.to_value()).await?;
                leads.extend(rows.into_iter().map(|row| row.lead));
            }
            for lead in leads {
                let rows = self.address_rows("by_lead", lead.to_value()).await?;
                let others = rows
                    .into_iter()
                    .filter(|row| known.insert(row.contact_index));
                scopes.extend(others.map(|row| StopScope::Person {
                    contact_index: row.contact_index,
                    variants: vec![row.email_index],
                    lead: Some(lead),
                }));
            }
        }
        Ok(scopes)
    }
}

/// The title of an answer: without line breaks, with one `Re:`.
fn answer_title(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_answer = title
        .get(..3)
        .is_some_and(|head| head.eq_ignore_ascii_case("re:"));
    let title = if is_answer {
        title
    } else {
        format!("Re: {title}")
    };
    title
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_one_re() {
        assert_eq!(answer_title("Hello"), "Re: Hello");
        assert_eq!(answer_title("RE: Hello\r\n there"), "RE: Hello there");
    }
}
