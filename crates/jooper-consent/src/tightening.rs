//! What a workspace refuses beyond the policy tables.

use std::collections::BTreeSet;

use jooper_core::{BasisKind, WorkspaceId};
use jooper_storage::tables::{SETTING, SettingRow};
use jooper_storage::{Batch, Storage, StorageExt, StoreError, Value};

/// The setting that holds the refused kinds, one bit each.
pub(crate) const SETTING_REFUSED: &str = "consent.refused_bases";

pub(crate) fn is_refused(mask: i64, kind: BasisKind) -> bool {
    mask & (1 << kind.code()) != 0
}

/// The bases that a workspace does not use, whatever the policy tables admit.
///
/// # Errors
/// As [`Storage::get`].
pub async fn refused_bases(
    storage: &dyn Storage,
    ws: WorkspaceId,
) -> Result<BTreeSet<BasisKind>, StoreError> {
    let row = storage
        .find::<SettingRow>(ws, vec![Value::Text(SETTING_REFUSED.to_owned())])
        .await?;
    let mask = row.map_or(0, |row| row.record.number);
    Ok(jooper_core::Code::all()
        .iter()
        .copied()
        .filter(|kind| is_refused(mask, *kind))
        .collect())
}

/// Makes a workspace refuse these bases. It can refuse what the tables admit, and nothing else:
/// there is no setting that admits.
///
/// # Errors
/// As [`Storage::commit`].
pub async fn refuse_bases(
    storage: &dyn Storage,
    ws: WorkspaceId,
    kinds: &BTreeSet<BasisKind>,
) -> Result<(), StoreError> {
    debug_assert_eq!(SETTING.key_len, 1);
    let row = SettingRow {
        name: SETTING_REFUSED.to_owned(),
        number: kinds.iter().fold(0, |mask, kind| mask | (1 << kind.code())),
        value: None,
    };
    storage.commit(Batch::new(ws).put(&row)).await
}
