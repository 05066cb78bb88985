//! The funnel, step by step.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{
    CampaignId, Code, EnrollmentState, EventKind, NotSentReason, RollupPart, SendState, SkipReason,
    WorkspaceId,
};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, SEND, SendRow};
use jooper_storage::{Column, Scan, StorageExt, StoreError};
use serde::Serialize;

use crate::Analytics;
use crate::balance::Term;
use crate::by_rows::decided;

/// One step of the funnel.
///
/// What is over for good comes from rollups. What may still change (failed, unknown, pending) is
/// read from the few rows that stand there now, since a later fact takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StepFunnel {
    /// People whose version of the sequence has this step.
    pub audience: i64,
    /// Mails that were accepted.
    pub sent: i64,
    /// Mails that are never sent, by reason.
    pub skipped: BTreeMap<SkipReason, i64>,
    /// Mails that were refused for good, by reason.
    pub failed: BTreeMap<NotSentReason, i64>,
    /// Mails that are still to come.
    pub pending: i64,
    /// Mails of which nobody knows, or on which a person gave up.
    pub unknown: i64,
    /// Answers by people, while this was the last mail.
    pub replies: i64,
    /// Mails that came back for good.
    pub bounces: i64,
    /// Requests to stop.
    pub unsubscribes: i64,
}

impl StepFunnel {
    /// Whether audience = sent + skipped + failed + pending + unknown.
    pub fn balances(&self) -> bool {
        let skipped: i64 = self.skipped.values().sum();
        let failed: i64 = self.failed.values().sum();
        self.audience == self.sent + skipped + failed + self.pending + self.unknown
    }
}

impl Analytics {
    /// The funnel of a campaign, step by step.
    ///
    /// # Errors
    /// As the store.
    pub async fn steps(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Vec<StepFunnel>, StoreError> {
        let mut steps = Vec::new();
        self.settled(workspace, campaign, &mut steps).await?;
        self.open(workspace, campaign, &mut steps).await?;
        Ok(steps)
    }

    /// From rollups.
    async fn settled(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        steps: &mut Vec<StepFunnel>,
    ) -> Result<(), StoreError> {
        let of = [RollupPart::Campaign(campaign)];
        for (parts, people) in self.below(workspace, EventKind::Enrolled, &of).await? {
            // The reason of an enrollment is the number of its steps.
            if let [RollupPart::Reason(length)] = parts[..] {
                for step in 0..u16::try_from(length).unwrap_or(0) {
                    at(steps, step).audience += people;
                }
            }
        }
        for (parts, people) in self.below(workspace, EventKind::Moved, &of).await? {
            // Whoever moves keeps the mails of the old version and gets those that are new.
            if let [RollupPart::Reason(lengths)] = parts[..] {
                for step in (lengths >> 8)..(lengths & 0xff) {
                    at(steps, step as u16).audience += people;
                }
            }
        }
        for kind in [
            EventKind::Sent,
            EventKind::Skipped,
            EventKind::Replied,
            EventKind::Bounced,
            EventKind::Unsubscribed,
            EventKind::ObjectionDismissed,
        ] {
            for (parts, count) in self.below(workspace, kind, &of).await? {
                match (kind, &parts[..]) {
                    (EventKind::Skipped, [RollupPart::Step(step), RollupPart::Reason(reason)]) => {
                        if let Ok(reason) = SkipReason::from_code(*reason) {
                            *at(steps, step.0).skipped.entry(reason).or_default() += count;
                        }
                    }
                    (EventKind::Sent, [RollupPart::Step(step)]) => at(steps, step.0).sent += count,
                    (EventKind::Replied, [RollupPart::Step(step)]) => {
                        at(steps, step.0).replies += count;
                    }
                    (EventKind::Bounced, [RollupPart::Step(step)]) => {
                        at(steps, step.0).bounces += count;
                    }
                    (EventKind::Unsubscribed, [RollupPart::Step(step)]) => {
                        at(steps, step.0).unsubscribes += count;
                    }
                    (EventKind::ObjectionDismissed, [RollupPart::Step(step)]) => {
                        at(steps, step.0).unsubscribes -= count;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// From rows that may still change.
    async fn open(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        steps: &mut Vec<StepFunnel>,
    ) -> Result<(), StoreError> {
        let mut stuck = BTreeSet::new();
        for state in [SendState::NotSent, SendState::Unknown, SendState::Abandoned] {
            let prefix = vec![campaign.to_value(), state.to_value()];
            let scan = Scan::table(&SEND).by("by_campaign").prefix(prefix);
            for row in self.storage.collect::<SendRow>(workspace, scan).await? {
                let send = row.record;
                let (Some(enrollment), Some(step)) = (send.enrollment, send.step) else {
                    continue;
                };
                match decided(&send) {
                    Some(Term::Failed(reason)) => {
                        *at(steps, step.0).failed.entry(reason).or_default() += 1;
                    }
                    Some(Term::Unknown) => at(steps, step.0).unknown += 1,
                    _ => continue,
                }
                stuck.insert((enrollment, step.0));
            }
        }
        let mut lengths = BTreeMap::new();
        for state in [
            EnrollmentState::Active,
            EnrollmentState::Paused,
            EnrollmentState::Parked,
        ] {
            let prefix = vec![campaign.to_value(), state.to_value()];
            let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
            for row in self
                .storage
                .collect::<EnrollmentRow>(workspace, scan)
                .await?
            {
                let enrollment = row.record;
                let version = enrollment.sequence_version;
                if !lengths.contains_key(&version) {
                    let asked = [version].into();
                    lengths.extend(self.versions(workspace, campaign, asked).await?);
                }
                let length = lengths.get(&version).copied().unwrap_or(0);
                let settled = enrollment.settled_mails();
                for step in 0..length {
                    let open = settled >> step.min(63) & 1 == 0;
                    if open && !stuck.contains(&(enrollment.id, step)) {
                        at(steps, step).pending += 1;
                    }
                }
            }
        }
        Ok(())
    }
}

fn at(steps: &mut Vec<StepFunnel>, step: u16) -> &mut StepFunnel {
    let at = usize::from(step);
    if steps.len() <= at {
        steps.resize_with(at + 1, StepFunnel::default);
    }
    &mut steps[at]
}
