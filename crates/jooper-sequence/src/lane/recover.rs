//! After a crash: what stood under a dead fence.

use jooper_consent::Gate;
use jooper_core::SendState;
use jooper_storage::tables::{SEND, SendRow};
use jooper_storage::{Batch, Column, ColumnOp, Scan, StorageExt, Write};

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
                    let at = ledger::began_at(&next);
                    batch = batch.append(ledger::fact(&next, kind, at, None));
                    self.apply_to_sender(batch, &next, &Event::SendUnknown { at })
                        .await?;
                } else {
                    batch.writes.extend(self.sample_place(&next).await?);
                    let recent = self.recent.last_died();
                    if recent != self.recent {
                        let column = ("recent", ColumnOp::Set(recent.to_bytes().to_value()));
                        batch = batch.write(Write::Patch(self.key(), vec![column]));
                    }
                    self.engine.storage().commit(batch).await?;
                    self.recent = recent;
                }
            }
        }
        Ok(())
    }

    /// Gives back the place in the campaign's first sample that a first mail took, which did not go
    /// or is no longer waited for.
    pub(super) async fn sample_place(&self, send: &SendRow) -> Result<Option<Write>, EngineError> {
        let Some(id) = send.enrollment else {
            return Ok(None);
        };
        let found = self.enrollment(id).await?;
        let first = found.filter(|found| found.record.sent == 0);
        Ok(first.map(|found| Gate::sample_write(found.record.campaign)))
    }
}
