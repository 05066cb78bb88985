//! A lane as a forecast works it: held from the first mail to the last, by the same rules.

use jiff::Timestamp;
use jooper_core::{
    EnrollmentId, EventKind, MailboxId, MailboxState, SendKey, StepIndex, StopReason,
};
use jooper_storage::tables::SendRow;
use jooper_storage::{Column, StorageExt};
use jooper_transport::Cursor;

use super::{Lane, Wake};
use crate::decide::Event;
use crate::error::EngineError;
use crate::ledger;

impl Lane<'_> {
    pub(crate) const fn mailbox(&self) -> MailboxId {
        self.mailbox
    }

    /// Begins as a claim does: with what a dead one left, and with what a downtime made late. Where the
    /// forecast begins later than now, this mailbox is taken to be worked until then, so that nothing is
    /// late, and what it sent since a restore was read.
    pub(crate) async fn begin(&mut self, later: bool) -> Result<(), EngineError> {
        self.recover().await?;
        if later {
            self.rebuild = None;
            return Ok(());
        }
        // To its end, since no lease ends here.
        self.catch_up().await
    }

    /// Whether it is held until what it has sent since a restore is read.
    pub(crate) const fn is_held(&self) -> bool {
        self.rebuild.is_some()
    }

    /// The mailbox was read at this time: everything that people did by then was told.
    pub(crate) async fn was_read(&mut self, at: Timestamp) -> Result<(), EngineError> {
        if matches!(
            self.account.state,
            MailboxState::Connected | MailboxState::ReadOnly | MailboxState::Paused
        ) {
            let cursor = Cursor(self.account.cursor.clone().unwrap_or_default());
            self.remember_cursor(cursor, Some(at)).await?;
        }
        Ok(())
    }

    /// Does what is due, and says when to look again; `None`: there is nothing more to come.
    pub(crate) async fn look(&mut self, now: Timestamp) -> Result<Option<Timestamp>, EngineError> {
        self.row.high_water = self.row.high_water.max(now);
        let mut wake = Wake(Timestamp::MAX);
        self.ask_anew();
        self.obey_commands(&mut wake).await?;
        // Whatever people do was told to this lane before it looks.
        self.heard = true;
        self.follow_mailbox(&mut wake).await?;
        if self.is_rebuilt(&mut wake).await? {
            // A lane that is held from the first mail to the last knows which of its sends are unknown.
            if self.unknown {
                self.look_for_evidence(&mut wake).await?;
            }
            self.send_due(&mut wake).await?;
        }
        Ok(Some(wake.0).filter(|wake| *wake < Timestamp::MAX))
    }

    /// Something that a person is foreseen to do, as if it had arrived by mail just now, or been told
    /// by a command, which leaves no fact. A stop is one of the person, wherever else they are
    /// written to.
    pub(crate) async fn foresee(
        &mut self,
        enrollment: EnrollmentId,
        step: StepIndex,
        event: &Event,
        kind: Option<EventKind>,
    ) -> Result<(), EngineError> {
        let key = SendKey::Step { enrollment, step };
        let storage = self.engine.storage();
        let found = storage
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let stop = match event {
            Event::Unsubscribed => Some(StopReason::Unsubscribed),
            Event::HardBounce => Some(StopReason::Bounced),
            _ => None,
        };
        if let Some(reason) = stop
            && let Some(row) = self.enrollment(enrollment).await?
        {
            self.stop_person(&row.record, reason, None).await?;
        }
        let mut batch = self.batch();
        if let (Some(row), Some(kind)) = (found, kind) {
            batch = batch.append(ledger::fact(&row.record, kind, self.now(), None));
        }
        self.happen_with(enrollment, event, batch).await?;
        Ok(())
    }
}
