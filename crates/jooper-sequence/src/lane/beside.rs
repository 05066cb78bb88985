//! What is no mail goes on while a budget holds back the mails of its campaign.

use std::ops::Bound;

use jiff::Timestamp;
use jooper_core::{CampaignId, EnrollmentId, EnrollmentState};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt, Value};

use super::{Lane, Wake};
use crate::decide::{Event, Memory};
use crate::error::EngineError;

/// How many of those who are due are looked through, earliest first: more than a mailbox can write to
/// in weeks.
const MOST: usize = 10_000;
/// How many steps one lead may take at once.
const ROUNDS: usize = 16;

impl Lane<'_> {
    /// Tasks are asked for, waits end and ways are chosen at their time, however many mails of the
    /// campaign wait for room before them.
    pub(super) async fn tend(
        &mut self,
        campaign: CampaignId,
        wake: &mut Wake,
    ) -> Result<(), EngineError> {
        let mut known = self.campaigns.iter();
        let has_others = known.any(|((id, _), loaded)| {
            *id == campaign && loaded.sequence.steps.iter().any(|step| !step.is_mail())
        });
        if !has_others {
            return Ok(());
        }
        for _ in 0..ROUNDS {
            let due = self.due_without_mail(campaign).await?;
            if due.is_empty() {
                break;
            }
            for id in due {
                self.happen(id, &Event::Due).await?;
            }
        }
        if let Some(next) = self.due_next().await? {
            wake.sooner(next);
        }
        Ok(())
    }

    /// Who of a campaign is due for a step that is no mail.
    async fn due_without_mail(
        &mut self,
        campaign: CampaignId,
    ) -> Result<Vec<EnrollmentId>, EngineError> {
        let (mut found, mut looked, mut behind) = (Vec::new(), 0, None);
        while looked < MOST {
            let scan = Scan::table(&ENROLLMENT)
                .by("by_due")
                .prefix(vec![
                    self.mailbox.to_value(),
                    EnrollmentState::Active.to_value(),
                ])
                .range(
                    Bound::Included(Value::Int(i64::MIN)),
                    Bound::Included(self.now().to_value()),
                )
                .after(behind)
                .limit(Scan::MAX_LIMIT);
            let storage = self.engine.storage();
            let page = storage.page::<EnrollmentRow>(self.workspace, scan).await?;
            looked += page.records.len();
            let theirs = page.records.into_iter().map(|found| found.record);
            for row in theirs.filter(|row| row.campaign == campaign) {
                let version = row.sequence_version;
                let loaded = match self.campaign_if_there(campaign, version).await {
                    Ok(Some(loaded)) => loaded,
                    // Its turn comes, and is a person's.
                    Ok(None) | Err(EngineError::Content(_)) => continue,
                    Err(error) => return Err(error),
                };
                let is_sender = loaded.settings.mailboxes.contains(&self.mailbox);
                if is_sender && !Memory::stands_at_mail(&row, &loaded.sequence) {
                    found.push(row.id);
                }
            }
            behind = page.next;
            if behind.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// When somebody comes due next.
    async fn due_next(&self) -> Result<Option<Timestamp>, EngineError> {
        let scan = Scan::table(&ENROLLMENT)
            .by("by_due")
            .prefix(vec![
                self.mailbox.to_value(),
                EnrollmentState::Active.to_value(),
            ])
            .range(Bound::Excluded(self.now().to_value()), Bound::Unbounded)
            .limit(1);
        let storage = self.engine.storage();
        let page = storage.page::<EnrollmentRow>(self.workspace, scan).await?;
        Ok(page.records.first().and_then(|found| found.record.due_at))
    }
}
