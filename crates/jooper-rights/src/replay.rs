//! Erasures, repeated in data that does not know of them.

use jooper_consent::erased_fact;
use jooper_core::{LeadId, LeadState, SubjectId};
use jooper_storage::tables::LeadRow;
use jooper_storage::{
    Batch, Bytes, Column, Erase, Storage, StorageExt, WitnessEntry, WitnessRecord,
};

use crate::error::RightsError;
use crate::restriction::move_state;

/// How often a store is asked to let go of old pages.
const ATTEMPTS: usize = 20;

/// Repeats the erasures and restrictions that the witness knows, in data that was restored from a
/// backup.
///
/// Call it with every record behind the data's own position, in order, before anything is served
/// (law L13), after [`jooper_consent::replay`]. Idempotent. Returns how many erasures it repeated.
///
/// # Errors
/// [`RightsError::StillHeld`] and [`RightsError::Store`]: call again from the same position.
pub async fn replay(
    storage: &dyn Storage,
    records: &[WitnessRecord],
) -> Result<usize, RightsError> {
    let mut repeated = 0;
    for record in records {
        let (active, restricted) = (LeadState::Active, LeadState::Restricted);
        match record.entry {
            WitnessEntry::Erased { workspace, subject } => {
                let lead = lead_of(subject);
                let said = Batch::new(workspace).append(erased_fact(lead, record.at));
                // Data that knows of the erasure says so already.
                let key = vec![lead.to_value()];
                let stands = storage.find::<LeadRow>(workspace, key).await?.is_some();
                if stands {
                    storage.commit(said.clone()).await?;
                }
                let removed = erase_rows(storage, Erase { workspace, subject }).await?;
                if !stands && removed.payloads > 0 {
                    storage.commit(said).await?;
                }
                repeated += 1;
            }
            WitnessEntry::Restricted { workspace, subject } => {
                move_state(storage, workspace, lead_of(subject), active, restricted).await?;
            }
            WitnessEntry::Unrestricted { workspace, subject } => {
                move_state(storage, workspace, lead_of(subject), restricted, active).await?;
            }
            _ => {}
        }
    }
    Ok(repeated)
}

fn lead_of(subject: SubjectId) -> LeadId {
    LeadId::from_uuid(subject.uuid())
}

/// What a store removed, summed over the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Removed {
    pub(crate) deleted: u64,
    pub(crate) scrubbed: u64,
    pub(crate) payloads: u64,
    /// Whether the bytes go by the database's own housekeeping.
    pub(crate) later: bool,
}

/// Erases until the store finds nothing more and can do nothing more about its files.
pub(crate) async fn erase_rows(
    storage: &dyn Storage,
    erase: Erase,
) -> Result<Removed, RightsError> {
    let mut removed = Removed::default();
    for _ in 0..ATTEMPTS {
        let done = storage.erase(erase).await?;
        removed.deleted += done.deleted;
        removed.scrubbed += done.scrubbed;
        removed.payloads += done.payloads;
        // A writer that was late by a moment is found by the second look.
        removed.later = done.bytes == Bytes::Later;
        if done.bytes != Bytes::Held && done.deleted + done.scrubbed + done.payloads == 0 {
            return Ok(removed);
        }
    }
    Err(RightsError::StillHeld {
        lead: lead_of(erase.subject),
    })
}
