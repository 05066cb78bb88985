//! The campaign inbox: what arrived and what we sent, sealed under the lead's own key.

use jooper_core::{
    EmailAddress, InboundKind, MessageId, Origin, SendKey, SendState, StepIndex, ThreadId,
};
use jooper_message::inbound::view::view;
use jooper_message::inbound::{Classification, InboundMail};
use jooper_storage::tables::{
    EnrollmentRow, MESSAGE, MessageContent, MessageRow, SEND, SendRow, THREAD, ThreadRow,
};
use jooper_storage::{Batch, Column, ColumnOp, Key, Record, Scan, StorageExt, Versioned, Write};
use jooper_transport::Arrived;
use jooper_vault::{ContinueConversation, GmailDerived, Place, VaultError};

use super::Lane;
use super::matching::Match;
use super::verdict::{self, BY_COMPANY, Facts, Meaning};
use crate::decide::Memory;
use crate::error::{EngineError, sealed};
use crate::model::Sequence;
use crate::render::{Root, Words, message_id};
use crate::token::AttemptToken;

/// Longer HTML is not kept: the text is shown.
const KEPT_HTML: usize = 128 * 1024;

/// Longer text is cut; no person reads on.
const KEPT_TEXT: usize = 128 * 1024;

/// A mail's content by where it came from: the label goes with it into the envelope.
enum Kept {
    /// Read from the mailbox.
    FromGmail(MessageContent),
    /// Written by this process just now.
    Ours(MessageContent),
}

/// What a follow-up needs to know of its conversation.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    /// The provider's thread.
    pub(super) thread: Option<String>,
    /// Message-IDs so far, oldest first.
    pub(super) references: Vec<String>,
    /// The mail that began it.
    pub(super) root: Option<Root>,
}

impl Lane<'_> {
    /// The conversation that a step goes on with; empty where it begins a new one.
    pub(super) async fn conversation(
        &self,
        enrollment: &EnrollmentRow,
        sequence: &Sequence,
        step: StepIndex,
    ) -> Result<Conversation, EngineError> {
        let memory = Memory::of(enrollment, sequence);
        let Some(start) = memory.thread_of(sequence, step) else {
            return Ok(Conversation::default());
        };
        let key = jooper_core::SendKey::Step {
            enrollment: enrollment.id,
            step: start,
        };
        let first = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let named = |thread: &String| !thread.is_empty();
        let began = first
            .as_ref()
            .and_then(|row| row.record.provider_thread.clone())
            .filter(named);
        // Where its owner deleted the conversation, the mail accepted last stands in another thread
        // than the one that began it.
        let thread = enrollment.thread.clone().filter(named);
        let thread = thread.or_else(|| began.clone());
        let (mut references, mut root_mail) = (Vec::new(), None);
        for thread in began
            .iter()
            .filter(|b| thread.as_ref() != Some(b))
            .chain(&thread)
        {
            if let Some(known) = self.thread_row(thread).await? {
                let mails = self.mails_of(known.record.id).await?;
                references.extend(self.references_of(&mails).await?);
                let ours = |mail: &MessageRow| mail.kind.is_none() && mail.send_key == Some(key);
                root_mail = root_mail.or_else(|| mails.into_iter().find(ours));
            }
        }
        let id = first
            .as_ref()
            .and_then(|row| row.record.provider_id.as_deref());
        if root_mail.is_none()
            && let Some(id) = id.filter(|id| !id.is_empty())
        {
            root_mail = self.known(id).await?;
        }
        let subject = match root_mail {
            Some(mail) => self.kept_of(&mail, |kept| kept.subject.clone()).await?,
            None => None,
        };
        Ok(Conversation {
            thread: thread.filter(|_| !memory.gone),
            references,
            root: Some(Root {
                step: start,
                variant: first.map_or(0, |row| row.record.variant),
                subject: subject.filter(|subject| !subject.trim().is_empty()),
            }),
        })
    }

    /// The Message-IDs of the mails since the one that began a conversation, where no thread of the
    /// provider's tells them: as they are on the wire where that was read back, else as they were
    /// written. RFC 5322 section 3.6.4: what answers a mail names it.
    pub(super) async fn ids_since(
        &self,
        enrollment: &EnrollmentRow,
        root: StepIndex,
    ) -> Result<Vec<String>, EngineError> {
        let last = Memory::last_of(enrollment).unwrap_or(root);
        let keys = (root.0..=last.0).map(|step| SendKey::Step {
            enrollment: enrollment.id,
            step: StepIndex(step),
        });
        let keys: Vec<_> = keys
            .map(|key| Key::new(&SEND, vec![key.to_value()]))
            .collect();
        let storage = self.engine.storage();
        let rows = storage.get(self.workspace.into(), &keys).await?;
        let from = EmailAddress::parse(&self.profile.email)
            .map_err(|_| EngineError::Content("mailbox address"))?;
        let mut ids = Vec::new();
        for row in rows.into_iter().flatten() {
            let row = SendRow::from_values(row.values)?;
            if row.state != SendState::Sent {
                continue;
            }
            let kept = match row.provider_id.as_deref().filter(|id| !id.is_empty()) {
                Some(id) => self.known(id).await?,
                None => None,
            };
            let on_wire = match kept {
                Some(mail) => self.message_id_of(&mail).await?,
                None => None,
            };
            ids.push(on_wire.unwrap_or_else(|| {
                let token = AttemptToken {
                    send_key: row.key,
                    attempt: row.attempt,
                };
                message_id(&token.write(&self.vault, from.domain()))
            }));
        }
        Ok(ids)
    }

    /// A mail that is kept, by the provider's id.
    pub(super) async fn known(&self, provider_id: &str) -> Result<Option<MessageRow>, EngineError> {
        let prefix = vec![self.mailbox.to_value(), provider_id.to_owned().to_value()];
        let scan = Scan::table(&MESSAGE)
            .by("by_provider")
            .prefix(prefix)
            .limit(1);
        let storage = self.engine.storage();
        let page = storage.page::<MessageRow>(self.workspace, scan).await?;
        Ok(page.records.into_iter().next().map(|row| row.record))
    }

    /// The mails of a conversation, oldest first.
    pub(super) async fn mails_of(&self, thread: ThreadId) -> Result<Vec<MessageRow>, EngineError> {
        let scan = Scan::table(&MESSAGE)
            .by("by_thread")
            .prefix(vec![thread.to_value()]);
        let rows = self
            .engine
            .storage()
            .collect::<MessageRow>(self.workspace, scan)
            .await?;
        Ok(rows.into_iter().map(|row| row.record).collect())
    }

    /// The Message-IDs of some mails, in their order.
    pub(super) async fn references_of(
        &self,
        mails: &[MessageRow],
    ) -> Result<Vec<String>, EngineError> {
        let mut references = Vec::new();
        for mail in mails {
            references.extend(self.message_id_of(mail).await?);
        }
        // RFC 5322 section 3.6.4 lets the list be trimmed; the first and the last matter.
        if references.len() > 20 {
            references.drain(1..references.len() - 19);
        }
        Ok(references)
    }

    async fn message_id_of(&self, row: &MessageRow) -> Result<Option<String>, EngineError> {
        let id = self.kept_of(row, |kept| kept.message_id.clone()).await?;
        Ok(id.flatten())
    }

    /// What a mail of a conversation says of itself; none where it does not open.
    async fn kept_of<T>(
        &self,
        row: &MessageRow,
        part: impl FnOnce(&MessageContent) -> T,
    ) -> Result<Option<T>, EngineError> {
        let subject = match self.vault.subject(row.lead).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(None),
            Err(error) => return lost(sealed(error, "key")),
        };
        let place = Place::new(&MESSAGE, "content", &[row.id.to_value()]);
        match subject.open_gmail(&place, &row.content) {
            Ok(content) => Ok(Some(part(content.lend(&ContinueConversation)))),
            Err(error) => lost(sealed(error, "message")),
        }
    }

    /// The conversation that a mail belongs to. Where the provider tells of no thread, one enrollment
    /// is one conversation: else everybody's mails would be in the same.
    async fn row_for(
        &self,
        provider_thread: &str,
        enrollment: &EnrollmentRow,
    ) -> Result<Option<Versioned<ThreadRow>>, EngineError> {
        if !provider_thread.is_empty() {
            return self.thread_row(provider_thread).await;
        }
        let scan = Scan::table(&THREAD)
            .by("by_lead")
            .prefix(vec![enrollment.lead.to_value()]);
        let rows = self
            .engine
            .storage()
            .collect::<ThreadRow>(self.workspace, scan)
            .await?;
        Ok(rows.into_iter().find(|row| {
            let row = &row.record;
            row.mailbox == self.mailbox
                && row.enrollment == Some(enrollment.id)
                && row.provider_thread.is_empty()
        }))
    }

    async fn thread_row(
        &self,
        provider_thread: &str,
    ) -> Result<Option<Versioned<ThreadRow>>, EngineError> {
        let prefix = vec![
            self.mailbox.to_value(),
            provider_thread.to_owned().to_value(),
        ];
        let scan = Scan::table(&THREAD)
            .by("by_provider")
            .prefix(prefix)
            .limit(1);
        let page = self
            .engine
            .storage()
            .page::<ThreadRow>(self.workspace, scan)
            .await?;
        Ok(page.records.into_iter().next())
    }

    /// Adds an arrival to its thread.
    #[allow(
        clippy::too_many_arguments,
        reason = "one arrival, and everything known about it"
    )]
    pub(super) async fn store_mail(
        &self,
        batch: Batch,
        arrived: &Arrived,
        found: &Match,
        enrollment: &EnrollmentRow,
        (meaning, facts): (&Meaning, &Facts<'_>),
        mail: &InboundMail<'_>,
        verdict: &Classification,
    ) -> Result<Batch, EngineError> {
        let shown = view(mail);
        let attached = shown.attachments.into_iter();
        // Whoever is to judge a report reads the server's words; a person's mail is shown without
        // what it quotes.
        let mut text = if verdict.is_claim() {
            shown.text
        } else {
            verdict.visible_text.clone()
        };
        let mut html = shown.html.filter(|html| html.len() <= KEPT_HTML);
        let had_html = mail.html().is_some();
        let mut shortened = shown.truncated || text.len() > KEPT_TEXT || had_html && html.is_none();
        // What only shares the company's domain is no mail of this conversation: that it came is a
        // hint for its owner, who reads it in the mailbox.
        let hint = found.by == BY_COMPANY;
        if hint {
            (text, html, shortened) = (String::new(), None, false);
        }
        text.truncate(text.floor_char_boundary(KEPT_TEXT));
        let mut record = verdict::record(verdict, meaning, facts);
        if shortened && let Some(record) = record.as_object_mut() {
            record.insert("shortened".to_owned(), true.into());
        }
        let content = MessageContent {
            from: mail.from_address().unwrap_or_default(),
            to: vec![self.profile.email.clone()],
            subject: mail.subject(),
            text,
            html,
            attachments: attached
                .filter(|_| !hint)
                .map(|one| (one.name, one.encoded_bytes as u64))
                .collect(),
            message_id: arrived.header("Message-ID").map(bare),
            verdict: record,
        };
        let kind = Some(meaning.kind);
        // It answers no mail of ours, and nobody answers it here.
        let send = found.send.filter(|_| !hint);
        let content = Kept::FromGmail(content);
        self.store(batch, arrived, enrollment, kind, send, content)
            .await
    }

    /// Adds an accepted mail of ours to its thread, with its Message-ID on the wire.
    ///
    /// Failing undoes nothing: answers are matched by the token, which is in the mail itself.
    pub(super) async fn remember_own(
        &self,
        key: &jooper_core::SendKey,
        words: Option<Words>,
    ) -> Result<(), EngineError> {
        let found = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let Some(row) = found
            .map(|row| row.record)
            .filter(|row| row.state == SendState::Sent)
        else {
            return Ok(());
        };
        if let SendKey::Reply { thread, .. } = row.key {
            return self.remember_reply(thread, &row).await;
        }
        let (Some(id), Some(enrollment)) = (row.provider_id.clone(), row.enrollment) else {
            return Ok(());
        };
        if id.is_empty() || self.known(&id).await?.is_some() {
            return Ok(());
        }
        let transport = self.engine.parts.dispatcher.transport();
        let receipt = match transport.read_back(self.account_ref(), &id).await {
            Ok(receipt) => Some(receipt),
            // What it is called on the wire stays unknown; what it says does not.
            Err(_) if words.is_some() => None,
            Err(_) => return Ok(()),
        };
        let on_wire = receipt.and_then(|receipt| receipt.message_id);
        let Some(enrollment) = self.enrollment(enrollment).await? else {
            return Ok(());
        };
        // The words that this process has just written are ours; those that are read back from the
        // mailbox are Google's to protect (law L15), whoever wrote them.
        let (words, kept): (_, fn(MessageContent) -> Kept) = match words {
            Some(words) => (words, Kept::Ours),
            None => match self.engine.parts.inbox.fetch(self.account_ref(), &id).await {
                Ok(raw) => {
                    let mail = InboundMail::parse(&raw);
                    let words = Words {
                        subject: mail.subject(),
                        text: mail.text(),
                    };
                    (words, Kept::FromGmail)
                }
                Err(_) => return Ok(()),
            },
        };
        let content = kept(MessageContent {
            from: self.profile.email.clone(),
            subject: words.subject,
            text: words.text,
            message_id: on_wire.as_deref().map(bare),
            ..MessageContent::default()
        });
        let mut batch = self.batch();
        if let Some(message_id) = &on_wire {
            let column = (
                "message_index",
                ColumnOp::Set(self.message_index(message_id).to_value()),
            );
            batch = batch.write(Write::Patch(row.key(), vec![column]));
        }
        let batch = self
            .store_own(batch, &row, &enrollment.record, content)
            .await?;
        Ok(self.engine.storage().commit(batch).await?)
    }

    async fn store_own(
        &self,
        batch: Batch,
        row: &SendRow,
        enrollment: &EnrollmentRow,
        content: Kept,
    ) -> Result<Batch, EngineError> {
        let (Some(id), Some(thread)) = (&row.provider_id, &row.provider_thread) else {
            return Ok(batch);
        };
        let arrived = Arrived {
            provider_id: id.clone(),
            thread: thread.clone(),
            at: row.settled_at.unwrap_or(row.planned_at),
            outgoing: true,
            headers: Vec::new(),
        };
        self.store(batch, &arrived, enrollment, None, Some(row.key), content)
            .await
    }

    async fn store(
        &self,
        batch: Batch,
        arrived: &Arrived,
        enrollment: &EnrollmentRow,
        kind: Option<InboundKind>,
        send_key: Option<jooper_core::SendKey>,
        content: Kept,
    ) -> Result<Batch, EngineError> {
        let subject = match self.vault.subject(enrollment.lead).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(batch),
            Err(error) => return lost(sealed(error, "key")).map(|kept| kept.unwrap_or(batch)),
        };
        let batch = subject.guard().into_iter().fold(batch, Batch::check);
        let now = self.now();
        let ids = &self.engine.parts.ids;
        let known = self.row_for(&arrived.thread, enrollment).await?;
        let thread = known.as_ref().map_or_else(
            || ThreadId::from_uuid(ids.uuid(now)),
            |known| known.record.id,
        );
        let row = ThreadRow {
            id: thread,
            mailbox: self.mailbox,
            provider_thread: arrived.thread.clone(),
            lead: enrollment.lead,
            campaign: Some(enrollment.campaign),
            enrollment: Some(enrollment.id),
            last_at: arrived.at,
            last_kind: kind.or_else(|| known.as_ref().and_then(|known| known.record.last_kind)),
            unread: kind.is_some() || known.as_ref().is_some_and(|known| known.record.unread),
        };
        let batch = match known {
            Some(known) => batch.update(&row, known.version),
            None => batch.insert(&row),
        };
        let id = MessageId::from_uuid(ids.uuid(now));
        let place = Place::new(&MESSAGE, "content", &[id.to_value()]);
        let (origin, content) = match content {
            Kept::FromGmail(content) => (
                Origin::Gmail,
                subject.seal_gmail(&place, &GmailDerived::new(content))?,
            ),
            Kept::Ours(content) => (
                Origin::System,
                subject.seal(&place, Origin::System, &content)?,
            ),
        };
        Ok(batch.insert(&MessageRow {
            id,
            thread,
            mailbox: self.mailbox,
            lead: enrollment.lead,
            provider_id: arrived.provider_id.clone(),
            at: arrived.at,
            kind,
            send_key,
            origin,
            content,
        }))
    }
}

/// A mail of a conversation that does not open is missing among its references, and that is all.
fn lost<T>(error: EngineError) -> Result<Option<T>, EngineError> {
    match error {
        EngineError::Content(_) => Ok(None),
        error => Err(error),
    }
}

/// A Message-ID without its angle brackets.
pub(super) fn bare(id: &str) -> String {
    id.trim().trim_matches(['<', '>']).to_owned()
}
