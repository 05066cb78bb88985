//! A campaign's settings as they are now: what this mailbox does for it is planned anew.

use jooper_core::{CampaignId, EnrollmentState, UserId, WaitReason};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt};

use super::Lane;
use crate::decide::Event;
use crate::error::EngineError;

/// How many enrollments are read at once.
const PAGE: usize = 200;

impl Lane<'_> {
    /// Plans the leads of a campaign anew; returns whether it is through with them. Where it is not,
    /// the next claim goes on: whoever was planned anew is not written again.
    pub(super) async fn take_settings(
        &mut self,
        campaign: CampaignId,
        by: UserId,
    ) -> Result<bool, EngineError> {
        self.campaigns.retain(|(known, _), _| *known != campaign);
        for state in [
            EnrollmentState::Active,
            EnrollmentState::Paused,
            EnrollmentState::Parked,
        ] {
            let all = Scan::table(&ENROLLMENT)
                .by("by_due")
                .prefix(vec![self.mailbox.to_value(), state.to_value()])
                .limit(PAGE);
            let mut after = None;
            loop {
                let scan = all.clone().after(after);
                let storage = self.engine.storage();
                let page = storage.page::<EnrollmentRow>(self.workspace, scan).await?;
                for found in page.records {
                    if found.record.campaign != campaign {
                        continue;
                    }
                    if self.out_of_time() {
                        return Ok(false);
                    }
                    self.resettle(&found.record, by).await?;
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(true)
    }

    async fn resettle(&mut self, row: &EnrollmentRow, by: UserId) -> Result<(), EngineError> {
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
