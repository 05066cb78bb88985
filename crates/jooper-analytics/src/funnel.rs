//! The funnel, from rollups.

use jooper_core::{CampaignId, EventKind, RollupPart, StepIndex, WorkspaceId, rollup_key};
use jooper_storage::tables::{ROLLUP, RollupRow};
use jooper_storage::{Key, Record, StoreError, Value};
use serde::Serialize;

use crate::Analytics;

/// Counts of *messages* and *events* of one campaign; a person may be behind several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Funnel {
    /// Leads that were enrolled.
    pub enrolled: i64,
    /// Mails that were accepted.
    pub sent: i64,
    /// Answers by people.
    pub replies: i64,
    /// Mails that came back for good.
    pub bounces: i64,
    /// Mails that came back for now.
    pub soft_bounces: i64,
    /// Automatic answers.
    pub auto_replies: i64,
    /// Requests to stop.
    pub unsubscribes: i64,
    /// Complaints.
    pub complaints: i64,
    /// Leads whose enrollment has ended.
    pub finished: i64,
}

/// Counts of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StepNumbers {
    /// Mails that were accepted.
    pub sent: i64,
    /// Answers that came while this was the last mail.
    pub replies: i64,
    /// Mails that came back for good.
    pub bounces: i64,
    /// Requests to stop.
    pub unsubscribes: i64,
}

impl Analytics {
    /// The numbers of a campaign.
    ///
    /// # Errors
    /// As the store.
    pub async fn funnel(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Funnel, StoreError> {
        let of = RollupPart::Campaign(campaign);
        let keys = [
            EventKind::Enrolled,
            EventKind::Sent,
            EventKind::Replied,
            EventKind::Bounced,
            EventKind::SoftBounced,
            EventKind::AutoReplied,
            EventKind::Unsubscribed,
            EventKind::Complained,
            EventKind::Finished,
        ]
        .map(|kind| rollup_key(kind, &[of]));
        let n = self.counts(workspace, &keys).await?;
        Ok(Funnel {
            enrolled: n[0],
            sent: n[1],
            replies: n[2],
            bounces: n[3],
            soft_bounces: n[4],
            auto_replies: n[5],
            unsubscribes: n[6],
            complaints: n[7],
            finished: n[8],
        })
    }

    /// The numbers of one step, over all variants or for one.
    ///
    /// # Errors
    /// As the store.
    pub async fn step(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        step: StepIndex,
        variant: Option<u8>,
    ) -> Result<StepNumbers, StoreError> {
        let mut of = vec![RollupPart::Campaign(campaign), RollupPart::Step(step)];
        of.extend(variant.map(RollupPart::Variant));
        let keys = [
            EventKind::Sent,
            EventKind::Replied,
            EventKind::Bounced,
            EventKind::Unsubscribed,
        ]
        .map(|kind| rollup_key(kind, &of));
        let n = self.counts(workspace, &keys).await?;
        Ok(StepNumbers {
            sent: n[0],
            replies: n[1],
            bounces: n[2],
            unsubscribes: n[3],
        })
    }

    /// How many facts of a kind a campaign saw on each of some UTC days (counted from the epoch).
    ///
    /// # Errors
    /// As the store.
    pub async fn by_day(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        kind: EventKind,
        days: std::ops::Range<i32>,
    ) -> Result<Vec<(i32, i64)>, StoreError> {
        let of = RollupPart::Campaign(campaign);
        let keys: Vec<_> = days
            .clone()
            .map(|day| rollup_key(kind, &[of, RollupPart::Day(day)]))
            .collect();
        Ok(days.zip(self.counts(workspace, &keys).await?).collect())
    }

    async fn counts(
        &self,
        workspace: WorkspaceId,
        keys: &[Vec<u8>],
    ) -> Result<Vec<i64>, StoreError> {
        let keys: Vec<Key> = keys
            .iter()
            .map(|key| Key::new(&ROLLUP, vec![Value::Bytes(key.clone())]))
            .collect();
        let rows = self.storage.get(workspace.into(), &keys).await?;
        rows.into_iter()
            .map(|row| match row {
                Some(row) => Ok(RollupRow::from_values(row.values)?.count),
                None => Ok(0),
            })
            .collect()
    }
}
