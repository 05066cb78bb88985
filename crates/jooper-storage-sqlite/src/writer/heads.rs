//! Where the logs end, while a group's transaction is open.

use std::collections::BTreeMap;

use jooper_core::WorkspaceId;
use jooper_storage::StoreError;

use crate::catalog::{PUT_HEAD, SELECT_HEAD};
use crate::cell::Params;
use crate::session::Session;

/// The last place of each log that a group appends to: read once and written once, however many of
/// its batches append. Nobody else writes meanwhile.
#[derive(Debug, Default)]
pub(super) struct Heads(BTreeMap<WorkspaceId, Head>);

#[derive(Debug)]
struct Head {
    last: i64,
    moved: bool,
}

impl Heads {
    /// The last place that is taken; 0 when there is none.
    pub(super) fn last(
        &mut self,
        session: &Session,
        workspace: WorkspaceId,
    ) -> Result<i64, StoreError> {
        if let Some(head) = self.0.get(&workspace) {
            return Ok(head.last);
        }
        let found = session.integer(SELECT_HEAD, &Params::of(workspace.into()))?;
        let last = found.unwrap_or(0);
        self.0.insert(workspace, Head { last, moved: false });
        Ok(last)
    }

    /// A batch that stands has taken the places up to `last`.
    pub(super) fn advance(&mut self, workspace: WorkspaceId, last: i64) {
        self.0.insert(workspace, Head { last, moved: true });
    }

    /// Writes those that moved; the group cannot be committed without.
    pub(super) fn write(&self, session: &Session) -> Result<(), rusqlite::Error> {
        let mut put = session.connection.prepare_cached(PUT_HEAD)?;
        for (workspace, head) in self.0.iter().filter(|(_, head)| head.moved) {
            let bucket = workspace.bucket().bits();
            put.execute((bucket, workspace.uuid().as_bytes(), head.last))?;
        }
        Ok(())
    }
}
