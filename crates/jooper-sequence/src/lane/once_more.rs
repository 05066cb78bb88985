//! A mail that was refused for good, and that a person looked at or wrote anew: it is tried once more.

use jooper_core::{EnrollmentId, EventKind, SendKey, UserId, WaitReason};
use jooper_storage::tables::{EnrollmentRow, SendRow};
use jooper_storage::{Batch, Column, StorageExt};

use super::Lane;
use crate::error::EngineError;
use crate::ledger;
use crate::model::Sequence;

/// Whether a mail says something else in a later version.
pub(super) fn is_written_anew(
    step: jooper_core::StepIndex,
    old: &Sequence,
    new: &Sequence,
) -> bool {
    let words = |of: &Sequence| of.step(step).map(|step| step.variants.clone());
    words(old) != words(new)
}

impl Lane<'_> {
    /// Somebody goes on with a lead: the mail that was refused is tried once more.
    pub(super) async fn resumed_by(
        &self,
        batch: Batch,
        id: EnrollmentId,
        by: Option<UserId>,
    ) -> Result<Batch, EngineError> {
        let found = self.enrollment(id).await?;
        match found.filter(|row| row.record.wait == Some(WaitReason::SendRefused)) {
            Some(row) => self.once_more(batch, &row.record, by).await,
            None => Ok(batch),
        }
    }

    /// Plans the mail that an enrollment stands at once more, where it was refused for good. Nothing of
    /// it was accepted, so that law L1 knows of no try before the next.
    pub(super) async fn once_more(
        &self,
        batch: Batch,
        enrollment: &EnrollmentRow,
        by: Option<UserId>,
    ) -> Result<Batch, EngineError> {
        let key = SendKey::Step {
            enrollment: enrollment.id,
            step: enrollment.step,
        };
        let storage = self.engine.storage();
        let found = storage.find::<SendRow>(self.workspace, vec![key.to_value()]);
        let Some(found) = found.await? else {
            return Ok(batch);
        };
        let Some(row) = ledger::once_more(&found.record, by) else {
            return Ok(batch);
        };
        let fact = ledger::fact(&row, EventKind::Released, self.now(), Some(1));
        Ok(batch.update(&row, found.version).append(fact))
    }
}
