//! A campaign's settings as they are now: what this mailbox does for it is planned anew.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use jooper_core::{CampaignId, CommandId, EnrollmentState, UserId, WaitReason};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt, Value};

use super::Lane;
use crate::decide::Event;
use crate::error::EngineError;

/// How many enrollments are read at once.
const PAGE: usize = 200;

const STATES: [EnrollmentState; 3] = [
    EnrollmentState::Active,
    EnrollmentState::Paused,
    EnrollmentState::Parked,
];

/// Where a change of settings goes on: which of the states, and behind which enrollment.
pub(crate) type Place = (usize, Option<Vec<Value>>);

impl Lane<'_> {
    /// Plans the leads of a campaign anew; returns whether it is through with them. Where it is not,
    /// the next claim goes on from there. It takes half of a claim at most: mails go beside it.
    pub(super) async fn take_settings(
        &mut self,
        command: CommandId,
        campaign: CampaignId,
        by: UserId,
    ) -> Result<bool, EngineError> {
        self.campaigns.retain(|(known, _), _| *known != campaign);
        let (first, mut after) = self.places().remove(&command).unwrap_or_default();
        for (at, state) in STATES.into_iter().enumerate().skip(first) {
            let all = Scan::table(&ENROLLMENT)
                .by("by_due")
                .prefix(vec![self.mailbox.to_value(), state.to_value()])
                .limit(PAGE);
            loop {
                if self.is_half_over() {
                    self.places().insert(command, (at, after));
                    return Ok(false);
                }
                let scan = all.clone().after(after);
                let storage = self.engine.storage();
                let page = storage.page::<EnrollmentRow>(self.workspace, scan).await?;
                // Who is planned anew moves within the order, and whoever is not keeps their place.
                for found in page.records {
                    if found.record.campaign == campaign {
                        self.resettle(&found.record, by).await?;
                    }
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(true)
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<CommandId, Place>> {
        let places = &self.engine.places;
        places.lock().unwrap_or_else(PoisonError::into_inner)
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
