//! How much this mailbox may send, whatever its campaigns allow.

use jooper_consent::{BreakerScope, Line, figures};
use jooper_storage::{Column, ColumnOp, Write};

use super::Lane;
use crate::error::EngineError;
use crate::planner::Volume;

impl Lane<'_> {
    pub(super) fn volume(&self) -> Volume {
        self.engine
            .volume(&self.profile.email, self.account.connected_at)
    }

    /// A look begins: how the mailbox stood at the one before says nothing any more. A forecast holds its
    /// lane from the first look to the last, and asks as often as one that is claimed for each.
    pub(super) fn ask_anew(&mut self) {
        self.recent = std::mem::take(&mut self.recent).asking_anew();
    }

    /// Looks, before the first mail of a day of a new mailbox, whether too many of its mails came back
    /// or were complained about: then it sends no more than on the day before.
    pub(super) async fn look_how_it_stands(&mut self) -> Result<(), EngineError> {
        let now = self.now();
        if !self.recent.asks_how_it_stands(now) {
            return Ok(());
        }
        let scope = BreakerScope::Mailbox(self.mailbox);
        let figures = figures(self.engine.storage(), self.workspace, scope).await?;
        let unwell = figures.line(scope) != Line::Clear;
        self.recent = self.recent.clone().standing(now, unwell);
        Ok(())
    }

    /// The mailbox is not new: a named person said so, which the log has.
    pub(super) async fn season(&mut self) -> Result<(), EngineError> {
        let seasoned = self.recent.clone().seasoned();
        let recent = ("recent", ColumnOp::Set(seasoned.to_bytes().to_value()));
        let batch = self.batch().write(Write::Patch(self.key(), vec![recent]));
        self.engine.storage().commit(batch).await?;
        self.recent = seasoned;
        Ok(())
    }
}
