//! That data was put back from a copy stands in each workspace's log, before what the witness adds.

use jiff::Timestamp;
use jooper_core::{Dimensions, EventId, EventKind, WorkspaceId};
use jooper_storage::tables::SettingRow;
use jooper_storage::{Batch, LogEntry, Storage, StorageExt, StoreError, Value};

use super::replay::ATTEMPTS;
use crate::note::Note;

/// The setting that names the last epoch whose beginning was written down.
const SETTING_RESTORED: &str = "consent.restored_epoch";

/// Writes down that the data of a workspace was put back, and which epoch begins with it: whoever
/// checks the chain sees which part of it is a copy's. Idempotent.
///
/// # Errors
/// As [`Storage::commit`]; call again.
pub async fn tell_restored(
    storage: &dyn Storage,
    ws: WorkspaceId,
    epoch: u64,
    at: Timestamp,
) -> Result<(), StoreError> {
    let number = i64::try_from(epoch).unwrap_or(i64::MAX);
    for _ in 0..ATTEMPTS {
        let name = SETTING_RESTORED.to_owned();
        let known = storage
            .find::<SettingRow>(ws, vec![Value::Text(name.clone())])
            .await?;
        if known
            .as_ref()
            .is_some_and(|row| row.record.number == number)
        {
            return Ok(());
        }
        let row = SettingRow {
            name,
            number,
            value: None,
        };
        let batch = match known {
            Some(known) => Batch::new(ws).update(&row, known.version),
            None => Batch::new(ws).insert(&row),
        };
        match storage.commit(batch.append(restored(ws, epoch, at))).await {
            Err(error) if error.is_conflict() => {}
            other => return other,
        }
    }
    Err(StoreError::Busy(None))
}

fn restored(ws: WorkspaceId, epoch: u64, at: Timestamp) -> LogEntry {
    LogEntry {
        id: EventId::from_source(
            EventKind::Restored,
            &[ws.uuid().as_bytes(), &epoch.to_be_bytes()],
        ),
        at,
        kind: EventKind::Restored,
        dimensions: Dimensions::default(),
        lead: None,
        subject: None,
        payload: Some(Note::Restored { epoch }.to_payload()),
        rollups: Vec::new(),
    }
}
