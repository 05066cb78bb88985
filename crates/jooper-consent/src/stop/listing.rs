//! Filling the list from other tools' exports, and from the witness after a restore.

use jooper_core::{KeyedIndex, StopReason, StopSource, WorkspaceId};
use jooper_storage::tables::{ContactFenceRow, DO_NOT_CONTACT, DoNotContactRow, SuppressionRow};
use jooper_storage::{
    Batch, Check, Column, Key, Record, Scope, Storage, StorageExt, StoreError, Versioned,
    WitnessEntry, WitnessRecord, Write,
};

use super::error::StopError;
use super::stops::Stops;
use crate::gate::rows::suppression_key;

/// How many people one commit puts on the list.
const CHUNK: usize = 100;

/// One line of another tool's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The widest form of the address; the domain itself for a domain.
    pub contact_index: KeyedIndex,
    /// Every variant.
    pub variants: Vec<KeyedIndex>,
    /// Why it was there: unsubscribed, bounced, complained, or just listed.
    pub reason: StopReason,
}

/// What an import of a list did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListedReport {
    /// Entries that are new.
    pub added: usize,
    /// Entries that stood there already.
    pub known: usize,
}

impl Stops {
    /// Puts people and domains on the workspace's list. Never removes or weakens an entry.
    ///
    /// Not a stop of a running send: it returns at once, and permits that are out end by
    /// themselves. Sends that start later see it.
    ///
    /// # Errors
    /// [`StopError`]; what was listed before stays listed. Call again with the same lines.
    pub async fn import(
        &self,
        ws: WorkspaceId,
        lines: &[Listed],
    ) -> Result<ListedReport, StopError> {
        let mut report = ListedReport::default();
        for chunk in lines.chunks(CHUNK) {
            let mut wanted: Vec<SuppressionRow> = Vec::new();
            let since = self.wall.now();
            for line in chunk {
                let all = line.variants.iter().chain([&line.contact_index]);
                for index in all {
                    let row = SuppressionRow {
                        index: *index,
                        reason: line.reason,
                        source: StopSource::Import,
                        since,
                        provisional: false,
                    };
                    match wanted.iter_mut().find(|known| known.index == *index) {
                        Some(known) => *known = known.raised_by(&row),
                        None => wanted.push(row),
                    }
                }
            }
            wanted.sort_by_key(|row| row.index);
            let entries: Vec<_> = wanted
                .iter()
                .map(|row| WitnessEntry::Suppressed {
                    workspace: ws,
                    index: row.index,
                    reason: row.reason,
                    source: row.source,
                })
                .collect();
            let position = self.witness.append(since, &entries).await?;
            let added = self.commit_chunk(ws, chunk, &wanted).await?;
            self.remember(position).await?;
            report.added += added;
            report.known += wanted.len() - added;
        }
        Ok(report)
    }

    async fn commit_chunk(
        &self,
        ws: WorkspaceId,
        chunk: &[Listed],
        wanted: &[SuppressionRow],
    ) -> Result<usize, StopError> {
        for _ in 0..8 {
            let mut batch = Batch::new(ws).bulk();
            for line in chunk {
                let fence = ContactFenceRow {
                    contact_index: line.contact_index,
                };
                batch = batch.write(Write::Upsert(fence.key(), fence.to_values(), Vec::new()));
            }
            let keys: Vec<Key> = wanted
                .iter()
                .map(|row| suppression_key(row.index))
                .collect();
            let standing = self.storage.get(Scope::Workspace(ws), &keys).await?;
            let added = standing.iter().filter(|row| row.is_none()).count();
            for row in wanted {
                batch = self.list(ws, batch, row.clone()).await?;
            }
            match self.storage.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => {
                    other?;
                    return Ok(added);
                }
            }
        }
        Err(StopError::Contended)
    }
}

/// Brings restored data up to what the witness knows: lists, lifts, and the platform's list.
///
/// Call it with every record behind the data's own position, in order, before any send. Erasures
/// are replayed by their owner. Idempotent.
///
/// # Errors
/// As [`Storage::commit`]; call again from the same position.
pub async fn replay(storage: &dyn Storage, records: &[WitnessRecord]) -> Result<(), StoreError> {
    for record in records {
        match &record.entry {
            WitnessEntry::Suppressed {
                workspace,
                index,
                reason,
                source,
            } => {
                let row = SuppressionRow {
                    index: *index,
                    reason: *reason,
                    source: *source,
                    since: record.at,
                    provisional: *reason == StopReason::StopWords,
                };
                replay_listed(storage, *workspace, row).await?;
            }
            WitnessEntry::Lifted { workspace, index } => {
                let batch = Batch::new(*workspace).write(Write::Delete(suppression_key(*index)));
                storage.commit(batch).await?;
            }
            WitnessEntry::DoNotContact { index, reason } => {
                let row = DoNotContactRow {
                    index: *index,
                    reason: *reason,
                    since: record.at,
                };
                let key = Key::new(&DO_NOT_CONTACT, vec![index.to_value()]);
                let write = Write::Upsert(key, row.to_values(), Vec::new());
                storage
                    .commit(Batch::new(Scope::Platform).write(write))
                    .await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn replay_listed(
    storage: &dyn Storage,
    ws: WorkspaceId,
    row: SuppressionRow,
) -> Result<(), StoreError> {
    let key = suppression_key(row.index);
    let standing = storage
        .find::<SuppressionRow>(ws, key.values().to_vec())
        .await?;
    let batch = match standing {
        None => Batch::new(ws).check(Check::Absent(key)).put(&row),
        Some(Versioned { record, version }) => {
            Batch::new(ws).update(&record.raised_by(&row), version)
        }
    };
    storage.commit(batch).await
}
