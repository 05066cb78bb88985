//! Commands that cannot be carried out as they are.

use jooper_core::{CampaignId, CampaignState, CommandId};
use jooper_storage::tables::{CampaignRow, LaneCommandRow};
use jooper_storage::{Column, Record, StorageExt, Write};

use super::Lane;
use crate::error::EngineError;
use crate::undone::{Missing, UndoneCommand};

/// The name of a stored command: that of its only field, or the whole of it.
fn name(row: &LaneCommandRow) -> String {
    let command = serde_json::from_slice(&row.command);
    let name = match command.unwrap_or_default() {
        serde_json::Value::String(name) => Some(name),
        serde_json::Value::Object(fields) => fields.into_iter().next().map(|(name, _)| name),
        _ => None,
    };
    name.unwrap_or_default()
}

impl Lane<'_> {
    /// What comes of a command that failed. One whose content does not read waits: it may once that is
    /// put back, or by a newer worker. What is not there comes back with a restore alone, which brings
    /// its own commands: such a command is taken out, and kept in sight with the reason.
    pub(super) async fn cannot_obey(
        &mut self,
        row: &LaneCommandRow,
        error: EngineError,
    ) -> Result<(), EngineError> {
        let (mailbox, id) = (self.mailbox, row.id);
        let missing = match error {
            EngineError::NotFound(what) => match Missing::named(what) {
                Some(missing) => missing,
                None => return self.hold(id, what),
            },
            EngineError::Content(what) => return self.hold(id, what),
            error => return Err(error),
        };
        let undone = UndoneCommand {
            mailbox,
            id,
            command: name(row),
            missing,
            at: self.now(),
        };
        let (command, missing) = (&undone.command, missing.name());
        tracing::error!(%mailbox, %id, command, missing, "a command names what is not there");
        let batch = self.batch().write(Write::Delete(row.key()));
        let storage = self.engine.storage();
        Ok(storage.commit(batch.put(&undone.row())).await?)
    }

    fn hold(&mut self, id: CommandId, what: &'static str) -> Result<(), EngineError> {
        tracing::error!(mailbox = %self.mailbox, %id, what, "a command waits");
        self.held.insert(id);
        Ok(())
    }

    /// Writes a command of a clock that runs ahead again, with the time as it is here.
    pub(super) async fn write_anew(&mut self, row: &LaneCommandRow) -> Result<(), EngineError> {
        let id = CommandId::from_uuid(self.engine.parts.ids.uuid(self.engine.now()));
        let again = LaneCommandRow { id, ..row.clone() };
        let batch = self.batch().write(Write::Delete(row.key()));
        let storage = self.engine.storage();
        Ok(storage.commit(batch.insert(&again)).await?)
    }

    /// Whether somebody ended a campaign for good, as it is now: a claim may have read it before. One
    /// that is ended behind this look has a command for every lane in the same batch.
    pub(super) async fn has_been_ended(&self, id: CampaignId) -> Result<bool, EngineError> {
        let storage = self.engine.storage();
        let found = storage.find::<CampaignRow>(self.workspace, vec![id.to_value()]);
        Ok(found
            .await?
            .is_some_and(|row| row.record.state == CampaignState::Stopped))
    }
}
