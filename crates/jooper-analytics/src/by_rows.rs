//! The balance from rows: enrollments and the send ledger.

use std::collections::BTreeMap;

use jooper_core::{
    CampaignId, EnrollmentState, NotSentReason, SendKey, SendState, SkipReason, StepIndex,
    WorkspaceId,
};
use jooper_storage::tables::{CampaignRow, ENROLLMENT, EnrollmentRow, SEND, SendRow, SequenceRow};
use jooper_storage::{Column, Scan, StorageExt, StoreError};

use crate::Analytics;
use crate::balance::{Balance, Term};

impl Analytics {
    /// Accounts for every step of a campaign from enrollments and ledger rows.
    ///
    /// # Errors
    /// As the store.
    pub async fn balance_from_rows(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Balance, StoreError> {
        let prefix = vec![campaign.to_value()];
        let sends: BTreeMap<Vec<u8>, SendRow> = self
            .storage
            .collect::<SendRow>(
                workspace,
                Scan::table(&SEND).by("by_campaign").prefix(prefix.clone()),
            )
            .await?
            .into_iter()
            .map(|row| (row.record.key.to_bytes(), row.record))
            .collect();
        let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
        let enrollments = self
            .storage
            .collect::<EnrollmentRow>(workspace, scan)
            .await?;
        let steps = self.steps(workspace, campaign, &enrollments).await?;
        let mut balance = Balance::default();
        for row in enrollments {
            let enrollment = row.record;
            for step in 0..steps
                .get(&enrollment.sequence_version)
                .copied()
                .unwrap_or(0)
            {
                let key = SendKey::Step {
                    enrollment: enrollment.id,
                    step: StepIndex(step),
                };
                let term = term(&enrollment, sends.get(&key.to_bytes()));
                balance.add(usize::from(step), term);
            }
        }
        Ok(balance)
    }

    /// How many steps each version of the campaign's sequence has.
    async fn steps(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        enrollments: &[jooper_storage::Versioned<EnrollmentRow>],
    ) -> Result<BTreeMap<u32, u16>, StoreError> {
        let mut steps = BTreeMap::new();
        let key = vec![campaign.to_value()];
        let Some(campaign) = self.storage.find::<CampaignRow>(workspace, key).await? else {
            return Ok(steps);
        };
        for row in enrollments {
            let version = row.record.sequence_version;
            if steps.contains_key(&version) {
                continue;
            }
            let key = vec![campaign.record.sequence.to_value(), version.to_value()];
            let found = self.storage.find::<SequenceRow>(workspace, key).await?;
            steps.insert(version, found.map_or(0, |row| row.record.steps));
        }
        Ok(steps)
    }
}

fn term(enrollment: &EnrollmentRow, send: Option<&SendRow>) -> Term {
    let open = || match enrollment.state {
        EnrollmentState::Finished => Term::Lost,
        _ => Term::Pending,
    };
    let Some(send) = send else { return open() };
    match send.state {
        SendState::Sent => Term::Sent,
        SendState::Skipped => Term::Skipped(send.skip.unwrap_or(SkipReason::Ended)),
        SendState::Unknown | SendState::Abandoned => Term::Unknown,
        SendState::NotSent => match send.not_sent {
            Some(reason @ (NotSentReason::Invalid | NotSentReason::TooLarge)) => {
                Term::Failed(reason)
            }
            _ => open(),
        },
        _ => open(),
    }
}
