//! Numbers by UTC day.

use std::ops::Range;

use jooper_core::{CampaignId, EventKind, MailboxId, RollupPart, WorkspaceId, rollup_key};
use jooper_storage::StoreError;

use crate::Analytics;

impl Analytics {
    /// How many facts of a kind a campaign saw on each of some UTC days (counted from the epoch,
    /// as [`day_of`](jooper_core::day_of) does).
    ///
    /// # Errors
    /// As the store.
    pub async fn by_day(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        kind: EventKind,
        days: Range<i32>,
    ) -> Result<Vec<(i32, i64)>, StoreError> {
        let of = RollupPart::Campaign(campaign);
        self.days(workspace, kind, of, days).await
    }

    /// How many facts of a kind a mailbox saw on each of some UTC days.
    ///
    /// # Errors
    /// As the store.
    pub async fn mailbox_by_day(
        &self,
        workspace: WorkspaceId,
        mailbox: MailboxId,
        kind: EventKind,
        days: Range<i32>,
    ) -> Result<Vec<(i32, i64)>, StoreError> {
        let of = RollupPart::Mailbox(mailbox);
        self.days(workspace, kind, of, days).await
    }

    async fn days(
        &self,
        workspace: WorkspaceId,
        kind: EventKind,
        of: RollupPart,
        days: Range<i32>,
    ) -> Result<Vec<(i32, i64)>, StoreError> {
        let key = |day| rollup_key(kind, &[of, RollupPart::Day(day)]);
        let keys: Vec<_> = days.clone().map(key).collect();
        Ok(days.zip(self.counts(workspace, &keys).await?).collect())
    }
}
