//! Filling the list from other tools' exports.

use jooper_core::{KeyedIndex, StopReason, StopSource, WorkspaceId};
use jooper_storage::tables::{CONTACT_FENCE, ContactFenceRow, SUPPRESSION, SuppressionRow};
use jooper_storage::{Batch, Key, Record, Scope, StoreError, WitnessEntry, Write};

use super::error::StopError;
use super::stops::Stops;
use crate::gate::rows::suppression_key;

/// How many people one commit puts on the list at most.
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
        let mut rest = lines;
        while !rest.is_empty() {
            let (chunk, behind) = rest.split_at(fitting(rest));
            rest = behind;
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
                        renewed_at: None,
                        beside: None,
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
            self.witness.append(since, &entries).await?;
            let added = self.commit_chunk(ws, chunk, &wanted).await?;
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
                let fence = ContactFenceRow::of(line.contact_index);
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

/// With how many of these lines one bulk batch is full; at least one.
fn fitting(lines: &[Listed]) -> usize {
    let mut entries = 0;
    let fit = lines.iter().take(CHUNK).take_while(|line| {
        entries += CONTACT_FENCE.entries() + (line.variants.len() + 1) * SUPPRESSION.entries();
        entries <= Batch::MAX_BULK
    });
    fit.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_holds_as_many_people_as_their_addresses_leave_room_for() {
        let line = |variants: usize| {
            let index = KeyedIndex::from_bytes([1; 32]);
            Listed {
                contact_index: index,
                variants: vec![index; variants],
                reason: StopReason::Unsubscribed,
            }
        };
        let of = |variants, count| fitting(&vec![line(variants); count]);
        assert_eq!([of(3, 0), of(3, 7), of(3, 500)], [1, 7, CHUNK]);
        let each = CONTACT_FENCE.entries() + 21 * SUPPRESSION.entries();
        assert_eq!(of(20, 500), Batch::MAX_BULK / each);
        assert_eq!(of(5_000, 3), 1);
    }
}
