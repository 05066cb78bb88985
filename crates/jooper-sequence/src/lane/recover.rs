//! After a crash: what stood under a dead fence.

use jooper_core::SendState;
use jooper_storage::tables::{SEND, SendRow};
use jooper_storage::{Batch, Column, Scan, StorageExt};

use super::Lane;
use crate::decide::Event;
use crate::error::EngineError;
use crate::ledger;

impl Lane<'_> {
    /// Plans dead reservations again and makes dead postings unknown.
    pub(crate) async fn recover(&mut self) -> Result<(), EngineError> {
        for state in [SendState::Reserved, SendState::Posting] {
            let prefix = vec![self.mailbox.to_value(), state.to_value()];
            let scan = Scan::table(&SEND).by("by_mailbox").prefix(prefix);
            let rows = self
                .engine
                .storage()
                .collect::<SendRow>(self.workspace, scan)
                .await?;
            for found in rows {
                let Some(next) = ledger::recovered(&found.record, self.token) else {
                    continue;
                };
                let mut batch: Batch = self.batch().update(&next, found.version);
                tracing::info!(send = ?next.key, state = next.state.name(), "recovered");
                if next.state == SendState::Unknown {
                    let kind = jooper_core::EventKind::SendUnknown;
                    batch = batch.append(ledger::fact(&next, kind, ledger::began_at(&next), None));
                    self.apply_to_sender(batch, &next, &Event::SendUnknown)
                        .await?;
                } else {
                    self.engine.storage().commit(batch).await?;
                }
            }
        }
        Ok(())
    }
}
