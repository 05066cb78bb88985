//! What a workspace refuses beyond the policy tables. It can only ever refuse more.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper_core::{
    BasisKind, Code, Dimensions, EventId, EventKind, UserId, WorkspaceId, to_millis,
};
use jooper_storage::tables::SettingRow;
use jooper_storage::{Batch, LogEntry, Storage, StorageExt, StoreError, Value, Versioned};

use crate::note::Note;

/// The setting that holds the refused kinds, one bit each.
pub(crate) const SETTING_REFUSED: &str = "consent.refused_bases";

/// Why a workspace's own rules stay as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TightenError {
    /// It would rely again on what it refuses: a workspace only tightens.
    #[error("a workspace can only refuse more, and this would let {} count again", names(.0))]
    Loosens(BTreeSet<BasisKind>),
    /// The store failed, or somebody else changed the rules meanwhile: look, and ask again.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

fn names(kinds: &BTreeSet<BasisKind>) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

pub(crate) fn is_refused(mask: i64, kind: BasisKind) -> bool {
    mask & (1 << kind.code()) != 0
}

fn kinds_of(mask: i64) -> BTreeSet<BasisKind> {
    let all = BasisKind::all().iter().copied();
    all.filter(|kind| is_refused(mask, *kind)).collect()
}

async fn standing(
    storage: &dyn Storage,
    ws: WorkspaceId,
) -> Result<Option<Versioned<SettingRow>>, StoreError> {
    let key = vec![Value::Text(SETTING_REFUSED.to_owned())];
    storage.find::<SettingRow>(ws, key).await
}

/// The bases that a workspace does not use, whatever the policy tables admit.
///
/// # Errors
/// As [`Storage::get`].
pub async fn refused_bases(
    storage: &dyn Storage,
    ws: WorkspaceId,
) -> Result<BTreeSet<BasisKind>, StoreError> {
    let row = standing(storage, ws).await?;
    Ok(row.map_or_else(BTreeSet::new, |row| kinds_of(row.record.number)))
}

/// Makes a workspace refuse these bases, and no others than it refused before: what it refuses once, it
/// refuses for good. The audit chain has who said so. It can refuse what the tables admit, and nothing
/// else: there is no setting that admits.
///
/// # Errors
/// [`TightenError::Loosens`] names what the workspace refuses already and `kinds` leaves out; nothing
/// changes then. [`TightenError::Store`].
pub async fn refuse_bases(
    storage: &dyn Storage,
    ws: WorkspaceId,
    kinds: &BTreeSet<BasisKind>,
    by: UserId,
    now: Timestamp,
) -> Result<(), TightenError> {
    let known = standing(storage, ws).await?;
    let refused = known
        .as_ref()
        .map_or_else(BTreeSet::new, |row| kinds_of(row.record.number));
    let back: BTreeSet<_> = refused.difference(kinds).copied().collect();
    if !back.is_empty() {
        return Err(TightenError::Loosens(back));
    }
    if refused == *kinds {
        return Ok(());
    }
    let row = SettingRow {
        name: SETTING_REFUSED.to_owned(),
        number: kinds.iter().fold(0, |mask, kind| mask | (1 << kind.code())),
        value: None,
    };
    let batch = match known {
        Some(known) => Batch::new(ws).update(&row, known.version),
        None => Batch::new(ws).insert(&row),
    };
    Ok(storage
        .commit(batch.append(fact(&row, kinds, by, now)))
        .await?)
}

fn fact(row: &SettingRow, kinds: &BTreeSet<BasisKind>, by: UserId, now: Timestamp) -> LogEntry {
    let note = Note::Tightened {
        refused: kinds.iter().copied().collect(),
        by,
    };
    LogEntry {
        id: EventId::from_source(
            EventKind::PolicyInstalled,
            &[
                SETTING_REFUSED.as_bytes(),
                &row.number.to_be_bytes(),
                &to_millis(now).to_be_bytes(),
            ],
        ),
        at: now,
        kind: EventKind::PolicyInstalled,
        dimensions: Dimensions::default(),
        lead: None,
        subject: None,
        payload: Some(note.to_payload()),
        rollups: Vec::new(),
    }
}
