//! A campaign's settings as they are now: what this mailbox does for it is planned anew.

use jooper_core::{UserId, WaitReason};
use jooper_storage::tables::EnrollmentRow;

use super::Lane;
use crate::decide::Event;
use crate::error::EngineError;

impl Lane<'_> {
    /// Plans somebody anew, where that changes anything for them.
    pub(super) async fn resettle(
        &mut self,
        row: &EnrollmentRow,
        by: UserId,
    ) -> Result<(), EngineError> {
        let loaded = self.campaign(row.campaign, row.sequence_version).await;
        let sends = match &loaded {
            Ok(loaded) => loaded.settings.mailboxes.contains(&self.mailbox),
            // It is told when it is due.
            Err(EngineError::Content(_)) => return Ok(()),
            Err(_) => return loaded.map(|_| ()),
        };
        let event = match row.wait {
            _ if !sends => Event::SenderTakenOut,
            Some(WaitReason::MailboxRemoved) => Event::SenderBack,
            _ => Event::SettingsChanged { by },
        };
        if self.decision(row, &event).await?.next == *row {
            return Ok(());
        }
        self.happen(row.id, &event).await
    }
}
