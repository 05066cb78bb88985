//! What became of a mail that a user sent to themselves.

use jiff::Timestamp;
use jooper_core::{NotSentReason, SendKey, SendState, SkipReason};
use jooper_storage::tables::SendRow;
use jooper_storage::{Column, StorageExt};

use crate::campaigns::Campaigns;
use crate::error::EngineError;

/// What became of a test mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tested {
    /// No worker has taken it up yet.
    Waits,
    /// A worker is sending it.
    UnderWay,
    /// The provider took it.
    Sent(Timestamp),
    /// The provider gave no answer: it may have gone, and does not go again.
    Unknown,
    /// It did not go, and goes only when it is asked for again.
    NotSent(NotSentReason),
    /// It cannot go: it cannot be written, or the gate refuses it.
    Skipped(SkipReason),
}

impl Tested {
    /// Whether it stays so unless somebody does something.
    pub const fn is_settled(&self) -> bool {
        !matches!(self, Self::Waits | Self::UnderWay)
    }

    fn of(row: &SendRow) -> Self {
        match row.state {
            SendState::Planned => Self::Waits,
            SendState::Sent => Self::Sent(row.settled_at.unwrap_or(row.planned_at)),
            SendState::Unknown | SendState::Abandoned => Self::Unknown,
            SendState::NotSent => Self::NotSent(row.not_sent.unwrap_or(NotSentReason::Unreachable)),
            SendState::Skipped => Self::Skipped(row.skip.unwrap_or(SkipReason::Refused)),
            _ => Self::UnderWay,
        }
    }
}

impl Campaigns {
    /// What became of the test mail of this key, as [`Campaigns::test_mail`] returned it. One that
    /// nobody asked for waits.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn tested(&self, key: &SendKey) -> Result<Tested, EngineError> {
        let storage = self.engine.storage();
        let found = storage.find::<SendRow>(self.workspace, vec![key.to_value()]);
        let row = found.await?;
        Ok(row.map_or(Tested::Waits, |row| Tested::of(&row.record)))
    }
}
