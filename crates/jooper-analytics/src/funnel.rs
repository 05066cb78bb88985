//! The numbers of a campaign, from rollups.

use std::collections::BTreeMap;

use jooper_core::{
    CampaignId, Code, EventKind, FinishReason, RollupPart, StepIndex, WorkspaceId, rollup_key,
};
use jooper_storage::StoreError;
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
    /// Requests to stop, without those that a person found to be none.
    pub unsubscribes: i64,
    /// Complaints.
    pub complaints: i64,
    /// Leads whose enrollment has ended.
    pub finished: i64,
}

/// Counts of *people*: how their enrollments in one campaign ended. Each ends once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct People {
    /// Everybody who was enrolled.
    pub enrolled: i64,
    /// Whose enrollment has ended, by how.
    pub ended: BTreeMap<FinishReason, i64>,
}

impl People {
    /// How many ended this way.
    pub fn ended_by(&self, reason: FinishReason) -> i64 {
        self.ended.get(&reason).copied().unwrap_or(0)
    }

    /// How many answered.
    pub fn replied(&self) -> i64 {
        self.ended_by(FinishReason::Replied)
    }

    /// How many have an address that does not exist.
    pub fn bounced(&self) -> i64 {
        self.ended_by(FinishReason::Bounced)
    }

    /// How many asked for no more mail.
    pub fn unsubscribed(&self) -> i64 {
        self.ended_by(FinishReason::Unsubscribed)
    }

    /// How many are still on their way.
    pub fn running(&self) -> i64 {
        self.enrolled - self.ended.values().sum::<i64>()
    }
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
            EventKind::ObjectionDismissed,
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
            unsubscribes: n[6] - n[9],
            complaints: n[7],
            finished: n[8],
        })
    }

    /// How the people of a campaign fared.
    ///
    /// # Errors
    /// As the store.
    pub async fn people(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<People, StoreError> {
        let of = [RollupPart::Campaign(campaign)];
        let enrolled = rollup_key(EventKind::Enrolled, &of);
        let enrolled = self.counts(workspace, &[enrolled]).await?[0];
        let mut ended = BTreeMap::new();
        for (parts, count) in self.below(workspace, EventKind::Finished, &of).await? {
            if let [RollupPart::Reason(code)] = parts[..]
                && let Ok(reason) = FinishReason::from_code(code)
            {
                ended.insert(reason, count);
            }
        }
        // Whose words a person found to be no objection.
        let corrected = EventKind::FinishCorrected;
        for (parts, count) in self.below(workspace, corrected, &of).await? {
            if let [RollupPart::Reason(code)] = parts[..]
                && let Ok(reason) = FinishReason::from_code(code)
            {
                *ended.entry(FinishReason::Unsubscribed).or_insert(0) -= count;
                *ended.entry(reason).or_insert(0) += count;
            }
        }
        ended.retain(|_, count| *count != 0);
        Ok(People { enrolled, ended })
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
            EventKind::ObjectionDismissed,
        ]
        .map(|kind| rollup_key(kind, &of));
        let n = self.counts(workspace, &keys).await?;
        Ok(StepNumbers {
            sent: n[0],
            replies: n[1],
            bounces: n[2],
            unsubscribes: n[3] - n[4],
        })
    }
}
