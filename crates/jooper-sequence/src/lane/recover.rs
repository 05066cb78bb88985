//! After a crash: what stood under a dead fence.

use jooper_core::SendState;
use jooper_storage::tables::{EnrollmentRow, SEND, SendRow};
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
                    self.unknown = true;
                    let kind = jooper_core::EventKind::SendUnknown;
                    let at = ledger::began_at(&next);
                    batch = batch.append(ledger::fact(&next, kind, at, None));
                    self.apply_to_sender(batch, &next, &Event::SendUnknown { at })
                        .await?;
                } else {
                    let mut batch = self.place_back(&next, batch).await?;
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

    /// Has a batch give back the place in the campaign's first sample that a mail holds which did not
    /// go, or is no longer waited for.
    pub(super) async fn place_back(
        &self,
        send: &SendRow,
        batch: Batch,
    ) -> Result<Batch, EngineError> {
        let Some(campaign) = send.campaign else {
            return Ok(batch);
        };
        let gate = &self.engine.parts.gate;
        let freed = gate.give_place_back(self.workspace, campaign, send.key, batch);
        Ok(freed.await?)
    }

    /// The same for every mail of an enrollment of which nobody knows whether it went, as it ends: a
    /// campaign's first sample does not wait for what nobody may ever find out.
    pub(super) async fn places_back(
        &self,
        ended: &EnrollmentRow,
        mut batch: Batch,
    ) -> Result<Batch, EngineError> {
        let gate = &self.engine.parts.gate;
        let held = gate.places(self.workspace, ended.campaign, ended.id);
        for key in held.await? {
            let key = vec![key.to_value()];
            let storage = self.engine.storage();
            let found = storage.find::<SendRow>(self.workspace, key).await?;
            if let Some(send) = found.filter(|send| send.record.state == SendState::Unknown) {
                batch = self.place_back(&send.record, batch).await?;
            }
        }
        Ok(batch)
    }
}
