//! After a restore every mailbox is held until its sends are rebuilt (law L13).

use jooper_core::{UserId, WorkspaceId};
use jooper_storage::tables::{LANE, LaneRow, MAILBOX, MailboxRow, REBUILD, RebuildRow};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, Record, Scan, StorageExt, Versioned, WitnessEntry, WitnessRecord,
    Write,
};
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::lane::{Command, append};
use crate::mailboxes::seasoned;
use crate::planner::Recent;

impl Engine {
    /// Holds every mailbox until its lane has read what it sent since the copy was made. Call it
    /// before any lane is worked. Idempotent. Returns how many mailboxes are held.
    ///
    /// # Errors
    /// [`EngineError::Store`]: call again.
    pub async fn hold_until_rebuilt(&self, epoch: u64) -> Result<usize, EngineError> {
        let mut held = 0;
        for workspace in self.workspaces().await? {
            let mailboxes = self
                .storage()
                .collect::<MailboxRow>(workspace, Scan::table(&MAILBOX))
                .await?;
            for mailbox in mailboxes {
                let now = self.now();
                let row = RebuildRow {
                    mailbox: mailbox.record.id,
                    epoch: i64::try_from(epoch).unwrap_or(i64::MAX),
                    since: now,
                };
                let set = |name: &'static str, value| (name, ColumnOp::Set(value));
                let ops = vec![
                    set("epoch", row.epoch.to_value()),
                    set("since", row.since.to_value()),
                ];
                let lane = Key::new(&LANE, vec![row.mailbox.to_value()]);
                let wake = ColumnOp::Min(now.as_millisecond());
                let batch = Batch::new(workspace)
                    .write(Write::Upsert(row.key(), row.to_values(), ops))
                    .write(Write::Patch(lane, vec![("wake_at", wake)]));
                self.storage().commit(batch).await?;
                held += 1;
            }
        }
        Ok(held)
    }

    /// Declares once more what the witness knows of mailboxes that are not new, where this data does not.
    /// Call it with every record behind the data's own position. Idempotent.
    ///
    /// How many healthy days a mailbox has sent is no part of it: a copy knows of fewer.
    ///
    /// # Errors
    /// [`EngineError::Store`]: call again.
    pub async fn recall_seasoned(&self, records: &[WitnessRecord]) -> Result<(), EngineError> {
        for record in records {
            let WitnessEntry::Seasoned { workspace, mailbox } = record.entry else {
                continue;
            };
            let key = vec![mailbox.to_value()];
            let lane = self.storage().find::<LaneRow>(workspace, key).await?;
            let Some(Versioned { record: lane, .. }) = lane else {
                continue;
            };
            let recent = Recent::from_bytes(lane.recent.as_deref().unwrap_or_default());
            if recent.healthy_days().is_none() {
                continue;
            }
            // Who it was went with the data that was lost.
            let nobody = UserId::from_uuid(Uuid::nil());
            let batch = seasoned(Batch::new(workspace), mailbox, None, nobody, record.at);
            let season = Command::Season(nobody);
            let batch = append(self, batch, mailbox, &season).await?;
            self.storage().commit(batch).await?;
        }
        Ok(())
    }

    /// The mailboxes of a workspace that are still held.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn held_mailboxes(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<RebuildRow>, EngineError> {
        let rows = self
            .storage()
            .collect::<RebuildRow>(workspace, Scan::table(&REBUILD))
            .await?;
        Ok(rows.into_iter().map(|row| row.record).collect())
    }
}
