//! Answers by hand in a row.

use jooper_core::{InboundKind, LeadId, SendKey, SendState, WorkspaceId};
use jooper_storage::tables::{MESSAGE, MessageRow, SendRow};
use jooper_storage::{Column, Scan, Storage, StorageExt, StoreError};

/// The answers by hand to one person since their own last mail, in all their conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AnswersInARow {
    /// How many went, or may have gone.
    pub gone: u16,
    /// How many wait to be sent.
    pub waiting: u16,
}

impl AnswersInARow {
    /// Counts them, without the one with this key.
    ///
    /// # Errors
    /// As [`Storage::scan`] and [`Storage::get`].
    pub async fn count(
        storage: &dyn Storage,
        ws: WorkspaceId,
        lead: LeadId,
        but: &SendKey,
    ) -> Result<Self, StoreError> {
        let scan = Scan::table(&MESSAGE)
            .by("by_lead")
            .prefix(vec![lead.to_value()]);
        let mails = storage.collect::<MessageRow>(ws, scan).await?;
        let mut keys: Vec<SendKey> = Vec::new();
        for mail in mails.iter().map(|mail| &mail.record) {
            match mail.send_key {
                Some(_) if written_by_a_person(mail.kind) => keys.clear(),
                Some(key @ SendKey::Reply { .. })
                    if mail.kind.is_none() && key != *but && !keys.contains(&key) =>
                {
                    keys.push(key);
                }
                _ => {}
            }
        }
        let mut answers = Self::default();
        for key in keys {
            let found = storage.find::<SendRow>(ws, vec![key.to_value()]).await?;
            match found.map(|send| send.record.state) {
                Some(SendState::Planned) => answers.waiting = answers.waiting.saturating_add(1),
                None | Some(SendState::NotSent | SendState::Skipped) => {}
                Some(_) => answers.gone = answers.gone.saturating_add(1),
            }
        }
        Ok(answers)
    }
}

/// Whether a mail is one that its writer sat down for.
pub(crate) const fn written_by_a_person(kind: Option<InboundKind>) -> bool {
    matches!(
        kind,
        Some(InboundKind::Reply | InboundKind::Unsubscribe | InboundKind::Calendar)
    )
}
