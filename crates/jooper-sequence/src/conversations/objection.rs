//! What somebody who judges an objection has before their eyes: their judgement is about that alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jooper_consent::{SeenEntries, StopScope};
use jooper_core::{InboundKind, ThreadId, UserId};
use jooper_storage::tables::{MESSAGE, MessageRow, ThreadRow};
use jooper_storage::{Column, Record, Scan, StorageExt};
use jooper_vault::{Place, ShowToOwner};

use super::Conversations;
use crate::error::EngineError;

/// The label of its name.
const SEEN: &str = "objection seen v1";
/// How many bytes of it: it need not be secret, and differs where anything does.
const LONG: usize = 16;

/// An objection that a person is to judge, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Objection {
    /// Names exactly what was looked at, for [`Conversations::dismiss_objection`]: once the person writes
    /// again, anywhere, it names nothing any more.
    pub seen: String,
    /// The other conversations in which they wrote such words, which nobody has judged: to be shown as well.
    pub elsewhere: BTreeSet<ThreadId>,
}

impl Conversations {
    /// The objection of a conversation as it stands. Ask before the mails are read that are shown with
    /// it: what arrives in between is then not taken for looked at.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn objection(&self, thread: ThreadId, by: UserId) -> Result<Objection, EngineError> {
        let thread = self.thread(thread).await?;
        let scopes = self.objectors(&thread, by).await?;
        Ok(self.as_it_stands(&thread, &scopes, by).await?.0)
    }

    pub(super) async fn as_it_stands(
        &self,
        thread: &ThreadRow,
        scopes: &[StopScope],
        by: UserId,
    ) -> Result<(Objection, SeenEntries), EngineError> {
        let stops = &self.engine.parts.stops;
        let mut entries = SeenEntries::default();
        for scope in scopes {
            if let StopScope::Person {
                contact_index,
                variants,
                ..
            } = scope
            {
                let theirs = stops.provisional(self.workspace, *contact_index, variants);
                entries.extend(theirs.await?);
            }
        }
        let vault = self.vault().await?;
        let subject = self.subject(&vault, thread).await?;
        let scan = Scan::table(&MESSAGE)
            .by("by_lead")
            .prefix(vec![thread.lead.to_value()]);
        let storage = self.engine.storage();
        let mails = storage.collect::<MessageRow>(self.workspace, scan).await?;
        let mails = mails.into_iter().map(|row| row.record);
        let mut said = entries.to_bytes();
        let mut elsewhere = BTreeSet::new();
        for mail in mails.filter(|mail| mail.kind == Some(InboundKind::Unsubscribe)) {
            said.extend_from_slice(mail.id.uuid().as_bytes());
            let content = subject.open_gmail(&Place::of(&mail.key(), "content"), &mail.content)?;
            let verdict = &content.lend(&ShowToOwner { user: by }).verdict;
            if mail.thread != thread.id && verdict["provisional"] == true {
                elsewhere.insert(mail.thread);
            }
        }
        let tag = vault.tag(SEEN, &said);
        let mut seen = String::with_capacity(2 * LONG);
        for byte in &tag.as_bytes()[..LONG] {
            let _ = write!(seen, "{byte:02x}");
        }
        Ok((Objection { seen, elsewhere }, entries))
    }
}
