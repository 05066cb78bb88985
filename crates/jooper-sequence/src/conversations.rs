//! What people do in the inbox: answer, and judge words that look like an objection.

use jooper_consent::StopScope;
use jooper_core::{
    MessageId, Origin, SendKey, SendState, StopReason, StopSource, ThreadId, UserId, WorkspaceId,
};
use jooper_storage::tables::{
    LEAD_ADDRESS, LeadAddressRow, MESSAGE, MessageContent, MessageRow, SendRow, ThreadRow,
};
use jooper_storage::{Batch, Column, Record, Scan, StorageExt};
use jooper_vault::{Place, ShowToOwner, SubjectVault, VaultError, WorkspaceVault};
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::lane::is_from_a_person;
use crate::lane::{Command, append};
use crate::ledger;

/// The longest answer, in bytes.
const LONGEST: usize = 64 * 1024;

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
    /// in. Returns the send; its row in the ledger tells what became of it.
    ///
    /// `key` is made by the caller's form: the same key sends once, however often it is pressed. An
    /// answer that certainly did not go is tried again, with the text it was written with.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an unknown conversation, [`EngineError::State`] when the person
    /// has not written, or the text is empty or over 64 KiB.
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
        )?;
        match self.known(&key).await? {
            Some(row) if !ledger::may_reserve(&row) => return Ok(key),
            Some(_) => {}
            None => batch = self.draft(batch, &thread, key, text, by).await?,
        }
        match self.engine.storage().commit(batch).await {
            // The same button twice at the same moment: the first one wrote the row.
            Err(error) if error.is_conflict() && self.known(&key).await?.is_some() => Ok(key),
            result => Ok(result.map(|()| key)?),
        }
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
        for scope in self.addresses(&thread).await? {
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

    /// Says that the words of a reply were no objection. Takes away provisional entries only;
    /// returns how many. The enrollment stays ended: the person answered.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Stop`].
    pub async fn dismiss_objection(
        &self,
        thread: ThreadId,
        by: UserId,
    ) -> Result<usize, EngineError> {
        let thread = self.thread(thread).await?;
        let mut lifted = 0;
        for scope in self.addresses(&thread).await? {
            if let StopScope::Person {
                contact_index,
                variants,
                ..
            } = scope
            {
                let stops = &self.engine.parts.stops;
                let ack = stops.dismiss(self.workspace, contact_index, &variants, by);
                lifted += ack.await?.lifted;
            }
        }
        Ok(lifted)
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
        let scan = Scan::table(&MESSAGE)
            .by("by_thread")
            .prefix(vec![thread.id.to_value()]);
        let mails = self
            .engine
            .storage()
            .collect::<MessageRow>(self.workspace, scan)
            .await?;
        let answered = mails
            .iter()
            .rev()
            .map(|row| &row.record)
            .find(|mail| is_from_a_person(mail));
        let Some(answered) = answered else {
            return Err(EngineError::State(
                "there is no mail of the person to answer",
            ));
        };
        let place = Place::of(&answered.key(), "content");
        let answered = subject.open_gmail(&place, &answered.content)?;
        let title = answered.lend(&ShowToOwner { user: by }).subject.clone();
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

    /// Every address of the person, as the stop list knows it.
    async fn addresses(&self, thread: &ThreadRow) -> Result<Vec<StopScope>, EngineError> {
        let vault = self.vault().await?;
        let subject = self.subject(&vault, thread).await?;
        let scan = Scan::table(&LEAD_ADDRESS)
            .by("by_lead")
            .prefix(vec![thread.lead.to_value()]);
        let rows = self
            .engine
            .storage()
            .collect::<LeadAddressRow>(self.workspace, scan)
            .await?;
        let mut scopes = Vec::with_capacity(rows.len());
        for row in rows.into_iter().map(|row| row.record) {
            let place = Place::of(&row.key(), "address");
            let text = subject.open(&place, &row.address)?;
            let variants = match jooper_core::EmailAddress::parse(&text.0) {
                Ok(address) => vault.variant_indexes(&address),
                Err(_) => vec![row.email_index],
            };
            scopes.push(StopScope::Person {
                contact_index: row.contact_index,
                variants,
                lead: Some(thread.lead),
            });
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
