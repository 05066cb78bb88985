//! Skipping what comes next for a lead: a lane does it, and what it will find is told at once.

use jooper_core::{EnrollmentId, EnrollmentState, SendKey, SendState};
use jooper_storage::tables::{EnrollmentRow, SendRow};
use jooper_storage::{Column, StorageExt};

use crate::campaigns::Campaigns;
use crate::daily::StepPlace;
use crate::error::EngineError;
use crate::lane::Command;

/// What becomes of a step that somebody wants skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skipping {
    /// It waits. Its lane skips it when it looks next, unless it has gone by then.
    Asked,
    /// It is being sent. Its lane skips it if it does not go.
    UnderWay,
    /// It has gone: nothing is skipped.
    Sent,
    /// Nobody knows whether it went: nothing is skipped.
    Unknown,
    /// It is not what comes next any more, and did not go: nothing is skipped.
    Past,
    /// Nothing comes next for this lead any more.
    Ended,
}

impl Skipping {
    /// Whether a lane was told.
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::Asked | Self::UnderWay)
    }
}

impl Campaigns {
    /// Does not send the mail, or does not do the task, that comes next for this lead as things stand;
    /// the step after it follows. Says what can be known of it now: the mail may go before its lane
    /// hears of this, and then none is skipped in its place.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn skip(&self, enrollment: EnrollmentId) -> Result<Skipping, EngineError> {
        let row = self.enrollment(enrollment).await?;
        if row.state == EnrollmentState::Finished {
            return Ok(Skipping::Ended);
        }
        let sequence = self.sequence_of(row.campaign, row.sequence_version).await?;
        let place = StepPlace::of(&row, &sequence);
        self.skip_at(enrollment, place).await
    }

    /// Like [`Campaigns::skip`], of the step at this place, which somebody saw: pressed twice, or behind
    /// the mail, it skips no other.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn skip_at(
        &self,
        enrollment: EnrollmentId,
        place: StepPlace,
    ) -> Result<Skipping, EngineError> {
        let skipping = self.skipping(enrollment, place).await?;
        if skipping.is_asked() {
            let StepPlace { version, node } = place;
            self.ask(enrollment, |enrollment| Command::SkipAt {
                enrollment,
                version,
                node,
            })
            .await?;
        }
        Ok(skipping)
    }

    async fn skipping(
        &self,
        enrollment: EnrollmentId,
        place: StepPlace,
    ) -> Result<Skipping, EngineError> {
        let row = self.enrollment(enrollment).await?;
        let send = self.mail_of(&row, place).await?;
        let sequence = self.sequence_of(row.campaign, row.sequence_version).await?;
        let stands = StepPlace::of(&row, &sequence) == place;
        Ok(match send.map(|send| send.state) {
            Some(SendState::Sent) => Skipping::Sent,
            Some(SendState::Unknown) => Skipping::Unknown,
            _ if row.state == EnrollmentState::Finished => Skipping::Ended,
            _ if !stands => Skipping::Past,
            Some(SendState::Reserved | SendState::Posting) => Skipping::UnderWay,
            _ => Skipping::Asked,
        })
    }

    /// What the ledger has of the mail at a place.
    async fn mail_of(
        &self,
        row: &EnrollmentRow,
        place: StepPlace,
    ) -> Result<Option<SendRow>, EngineError> {
        let sequence = self.sequence_of(row.campaign, place.version).await?;
        let Some(step) = sequence.number_at(usize::from(place.node)) else {
            return Ok(None);
        };
        let enrollment = row.id;
        let key = SendKey::Step { enrollment, step };
        let storage = self.engine.storage();
        let found = storage.find::<SendRow>(self.workspace, vec![key.to_value()]);
        Ok(found.await?.map(|send| send.record))
    }
}
