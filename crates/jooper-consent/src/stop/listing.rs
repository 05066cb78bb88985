//! Filling the list from other tools' exports.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper_core::{
    Dimensions, EventKind, KeyedIndex, StopReason, StopSource, UserId, WorkspaceId, to_millis,
};
use jooper_storage::tables::{CONTACT_FENCE, ContactFenceRow, SUPPRESSION, SuppressionRow};
use jooper_storage::{Batch, Key, LogEntry, Record, Scope, StoreError, WitnessEntry, Write};

use super::error::StopError;
use super::lift::known_as;
use super::scope::StopScope;
use super::stops::Stops;
use crate::gate::rows::suppression_key;
use crate::note::Note;

/// How many people one commit puts on the list at most.
const CHUNK: usize = 100;
/// What [`Batch::MAX_BULK`] counts for the fact that tells of them.
const TOLD: usize = 4;

/// One line of another tool's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The widest form of the address; the domain itself for a domain.
    pub contact_index: KeyedIndex,
    /// Every variant; none of a domain.
    pub variants: Vec<KeyedIndex>,
    /// Whether it names everybody at a domain.
    pub whole_domain: bool,
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
    /// themselves. Sends that start later see it. The audit chain has who imported how much and when
    /// ([`Note::ListImported`]), in the commit that lists it.
    ///
    /// # Errors
    /// [`StopError`]; what was listed before stays listed. Call again with the same lines.
    pub async fn import(
        &self,
        ws: WorkspaceId,
        lines: &[Listed],
        by: UserId,
    ) -> Result<ListedReport, StopError> {
        let mut report = ListedReport::default();
        let lines = self.with_other_addresses(ws, lines).await?;
        let mut rest = &lines[..];
        while !rest.is_empty() {
            let (chunk, behind) = rest.split_at(fitting(rest));
            rest = behind;
            let mut wanted: Vec<SuppressionRow> = Vec::new();
            let since = self.wall.now();
            for line in chunk {
                let beside = line.whole_domain.then_some(StopReason::WholeDomain);
                let all = line.variants.iter().chain([&line.contact_index]);
                for index in all {
                    let row = SuppressionRow {
                        index: *index,
                        reason: line.reason,
                        source: StopSource::Import,
                        since,
                        provisional: false,
                        renewed_at: None,
                        beside,
                    };
                    match wanted.iter_mut().find(|known| known.index == *index) {
                        Some(known) => *known = known.raised_by(&row),
                        None => wanted.push(row),
                    }
                }
            }
            wanted.sort_by_key(|row| row.index);
            let said = wanted.iter().flat_map(|row| {
                let reasons = [Some(row.reason), row.beside].into_iter().flatten();
                reasons.map(move |reason| (row, reason))
            });
            let entries: Vec<_> = said
                .map(|(row, reason)| WitnessEntry::Suppressed {
                    workspace: ws,
                    index: row.index,
                    reason,
                    source: row.source,
                })
                .collect();
            self.witness.append(since, &entries).await?;
            let added = self.commit_chunk(ws, chunk, &wanted, by).await?;
            report.added += added;
            report.known += wanted.len() - added;
        }
        Ok(report)
    }

    /// The lines, and one for every other address that the leads of theirs have: who wants no mail wants none
    /// under any. A bounce speaks of one address only.
    async fn with_other_addresses(
        &self,
        ws: WorkspaceId,
        lines: &[Listed],
    ) -> Result<Vec<Listed>, StopError> {
        let mut all = lines.to_vec();
        let people = lines
            .iter()
            .filter(|line| !line.whole_domain && line.reason != StopReason::Bounced);
        for line in people {
            // Earlier versions filed a lead under another form of the address.
            let forms: BTreeSet<_> = line.variants.iter().chain([&line.contact_index]).collect();
            let mut leads = BTreeSet::new();
            for form in forms {
                leads.extend(known_as(&*self.storage, ws, *form).await?);
            }
            for lead in leads.into_iter().flatten() {
                let others = self.others(ws, lead, line.contact_index).await?;
                all.extend(others.into_iter().filter_map(|other| match other {
                    StopScope::Person {
                        contact_index,
                        variants,
                        ..
                    } => Some(Listed {
                        contact_index,
                        variants,
                        whole_domain: false,
                        reason: line.reason,
                    }),
                    _ => None,
                }));
            }
        }
        Ok(all)
    }

    async fn commit_chunk(
        &self,
        ws: WorkspaceId,
        chunk: &[Listed],
        wanted: &[SuppressionRow],
        by: UserId,
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
            let now = self.wall.now();
            let fact = imported(now, wanted, added, by);
            match self.storage.commit(batch.append(fact)).await {
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

/// The fact that a user imported these entries, of which so many are new.
fn imported(at: Timestamp, wanted: &[SuppressionRow], added: usize, by: UserId) -> LogEntry {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let note = Note::ListImported {
        added: count(added),
        known: count(wanted.len() - added),
        by,
    };
    let millis = to_millis(at).to_be_bytes();
    // Told apart from the same list once more, which finds everything known.
    let new = count(added).to_be_bytes();
    let mut source: Vec<&[u8]> = vec![b"list", &millis, &new];
    source.extend(wanted.iter().map(|row| row.index.as_bytes().as_slice()));
    let kind = EventKind::Imported;
    let mut fact = LogEntry::new(kind, at, &source, Dimensions::default());
    fact.payload = Some(note.to_payload());
    fact
}

/// With how many of these lines one bulk batch is full; at least one.
fn fitting(lines: &[Listed]) -> usize {
    let mut entries = TOLD;
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
                whole_domain: false,
                reason: StopReason::Unsubscribed,
            }
        };
        let of = |variants, count| fitting(&vec![line(variants); count]);
        assert_eq!([of(3, 0), of(3, 7), of(3, 500)], [1, 7, CHUNK]);
        let each = CONTACT_FENCE.entries() + 21 * SUPPRESSION.entries();
        assert_eq!(of(20, 500), (Batch::MAX_BULK - TOLD) / each);
        let (at, by) = (Timestamp::UNIX_EPOCH, UserId::from_uuid(uuid::Uuid::nil()));
        let ws = WorkspaceId::from_uuid(uuid::Uuid::nil());
        let fact = Batch::new(ws).append(imported(at, &[], 0, by));
        assert_eq!(fact.size().0, TOLD);
        assert_eq!(of(5_000, 3), 1);
    }
}
