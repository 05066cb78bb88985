//! Every rollup, counted again from the log.

use std::collections::BTreeMap;

use jooper_core::{EventKind, WorkspaceId};
use jooper_storage::tables::{ROLLUP, RollupRow};
use jooper_storage::{Scan, StorageExt, StoreError};

use crate::Analytics;
use crate::keys::decode;

/// A rollup whose stored number is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RollupDifference {
    /// The rollup's key.
    pub key: Vec<u8>,
    /// What it counts, as far as the key tells.
    pub kind: Option<EventKind>,
    /// The stored number.
    pub stored: i64,
    /// The number by the log.
    pub recounted: i64,
}

/// Whether facts of this kind are counted. The notes of the gate, of stops and of rights are read
/// one by one, never counted.
const fn is_counted(kind: EventKind) -> bool {
    !matches!(
        kind,
        EventKind::Permitted
            | EventKind::Stopped
            | EventKind::Resumed
            | EventKind::PolicyInstalled
            | EventKind::BasisRecorded
            | EventKind::BasisWithdrawn
            | EventKind::Erased
            | EventKind::Exported
            | EventKind::Restored
    )
}

impl Analytics {
    /// Counts the rollups of a workspace again from the log: key and number, as they must be
    /// stored.
    ///
    /// # Errors
    /// As the store.
    pub async fn recounted(
        &self,
        workspace: WorkspaceId,
    ) -> Result<BTreeMap<Vec<u8>, i64>, StoreError> {
        let mut counts: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        self.read_from(workspace, 0, |entry| {
            if is_counted(entry.kind) {
                for key in entry.dimensions.rollups(entry.kind, entry.at) {
                    *counts.entry(key).or_default() += 1;
                }
            }
        })
        .await?;
        Ok(counts)
    }

    /// Where stored rollups are not what the log says. Empty: they agree.
    ///
    /// Meant for a log that stands still; facts that arrive meanwhile show as differences.
    ///
    /// # Errors
    /// As the store.
    pub async fn rollup_differences(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<RollupDifference>, StoreError> {
        let mut expected = self.recounted(workspace).await?;
        let scan = Scan::table(&ROLLUP).limit(Scan::MAX_LIMIT);
        let mut found = Vec::new();
        for row in self.storage.collect::<RollupRow>(workspace, scan).await? {
            let RollupRow { key, count } = row.record;
            let recounted = expected.remove(&key).unwrap_or(0);
            found.push((key, count, recounted));
        }
        found.extend(
            expected
                .into_iter()
                .map(|(key, recounted)| (key, 0, recounted)),
        );
        Ok(found
            .into_iter()
            .filter(|(_, stored, recounted)| stored != recounted)
            .map(|(key, stored, recounted)| RollupDifference {
                kind: decode(&key).map(|coordinates| coordinates.kind),
                key,
                stored,
                recounted,
            })
            .collect())
    }
}
