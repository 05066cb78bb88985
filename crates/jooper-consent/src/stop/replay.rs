//! The list as the witness knows it, put into data that may have forgotten it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jooper_core::{KeyedIndex, StopReason, WorkspaceId};
use jooper_storage::tables::{
    DO_NOT_CONTACT, DoNotContactRow, LEAD_ADDRESS, LeadAddressRow, SuppressionRow,
};
use jooper_storage::{
    Batch, Check, Column, Key, Record, Scan, Scope, Storage, StorageExt, StoreError, Version,
    WitnessEntry, WitnessRecord, Write,
};

use super::lift::taken_back;
use super::recalled::Recalled;
use crate::gate::rows::suppression_key;
use crate::memory::forget_mails;
use crate::note::Note;

/// How many entries one commit compares and writes.
pub(super) const CHUNK: usize = 500;
/// How often a chunk is compared anew because somebody wrote meanwhile.
pub(super) const ATTEMPTS: usize = 32;

/// The last word of the witness about one entry of the list.
enum Word {
    Listed(SuppressionRow),
    Lifted(Lift),
}

/// A lift is written down after its commit, so a stop that came in between stands before it in the
/// witness: the time of the act tells which was later.
#[derive(Clone, Copy)]
struct Lift {
    written_at: Timestamp,
    /// None in records of older versions.
    acted_at: Option<Timestamp>,
}

impl Lift {
    fn undoes(self, row: &SuppressionRow) -> bool {
        match self.acted_at {
            Some(acted_at) => row.last_stopped() < acted_at,
            None => row.last_stopped() <= self.written_at,
        }
    }
}

impl Word {
    /// What the data needs, if anything. A lift takes away what is older than itself and nothing
    /// else: a running process may have listed the person again since.
    fn applied(&self, batch: Batch, standing: Option<(SuppressionRow, Version)>) -> Batch {
        match (self, standing) {
            (Self::Listed(row), None) => forgetting(batch.insert(row), row),
            (Self::Listed(row), Some((record, version))) => {
                let raised = record.raised_by(row);
                if raised == record {
                    batch
                } else {
                    forgetting(batch.update(&raised, version), row)
                }
            }
            (Self::Lifted(lift), Some((record, version))) if lift.undoes(&record) => batch
                .check(Check::Version(record.key(), version))
                .write(Write::Delete(record.key())),
            (Self::Lifted(_), _) => batch,
        }
    }

    /// When a lift takes a standing entry away, what the log has to know of it.
    fn undone(&self, standing: Option<&(SuppressionRow, Version)>) -> Option<Lift> {
        match self {
            Self::Lifted(lift) => standing
                .is_some_and(|(row, _)| lift.undoes(row))
                .then_some(*lift),
            Self::Listed(_) => None,
        }
    }
}

/// Tells the log of a lift that the data had forgotten, so that whoever checks it does not take what
/// goes from here on for mail behind a stop.
async fn told(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    mut batch: Batch,
    index: KeyedIndex,
    lift: Lift,
) -> Result<Batch, StoreError> {
    let known = Scan::table(&LEAD_ADDRESS)
        .by("by_contact")
        .prefix(vec![index.to_value()]);
    let rows = storage.collect::<LeadAddressRow>(workspace, known).await?;
    let mut leads: BTreeSet<_> = rows.iter().map(|row| Some(row.record.lead)).collect();
    if leads.is_empty() {
        leads.insert(None);
    }
    let note = Note::Lift {
        indexes: vec![index],
        how: "before a backup was put back".to_owned(),
        acted_at: lift.acted_at.unwrap_or(lift.written_at),
    };
    let said = note.to_payload();
    for lead in leads {
        batch = batch.append(taken_back(index, lead, lift.written_at, said.clone()));
    }
    Ok(batch)
}

/// What an older copy remembers of mails to an erased person, whose lead was deleted, goes.
fn forgetting(batch: Batch, row: &SuppressionRow) -> Batch {
    if row.reason != StopReason::Erased {
        return batch;
    }
    forget_mails(batch, row.index)
}

/// Brings data up to what the witness knows: lists, lifts, the platform's list, and what is stopped.
///
/// Call it with every record behind the data's own position, in order, before any send. Erasures
/// are replayed by their owner. Idempotent; what the data knows already is only read.
///
/// # Errors
/// As [`Storage::commit`]; call again from the same position.
pub async fn replay(storage: &dyn Storage, records: &[WitnessRecord]) -> Result<(), StoreError> {
    let mut words: BTreeMap<WorkspaceId, BTreeMap<KeyedIndex, Word>> = BTreeMap::new();
    let mut nobody = BTreeMap::new();
    let mut stopped = Recalled::default();
    for record in records {
        stopped.take(record);
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
                    renewed_at: None,
                    beside: None,
                };
                let list = words.entry(*workspace).or_default();
                let row = match list.get(index) {
                    Some(Word::Listed(standing)) => standing.raised_by(&row),
                    _ => row,
                };
                list.insert(*index, Word::Listed(row));
            }
            WitnessEntry::Lifted {
                workspace,
                index,
                acted_at,
            } => {
                let lift = Lift {
                    written_at: record.at,
                    acted_at: *acted_at,
                };
                let list = words.entry(*workspace).or_default();
                match list.get(index) {
                    Some(Word::Listed(row)) if !lift.undoes(row) => {}
                    _ => {
                        list.insert(*index, Word::Lifted(lift));
                    }
                }
            }
            WitnessEntry::DoNotContact { index, reason } => {
                let row = DoNotContactRow {
                    index: *index,
                    reason: *reason,
                    since: record.at,
                };
                nobody.entry(*index).or_insert(row);
            }
            _ => {}
        }
    }
    for (workspace, words) in words {
        let words: Vec<_> = words.into_iter().collect();
        for chunk in words.chunks(CHUNK) {
            listed(storage, workspace, chunk).await?;
        }
    }
    stopped.apply(storage).await?;
    let nobody: Vec<_> = nobody.into_values().collect();
    for chunk in nobody.chunks(CHUNK) {
        not_contacted(storage, chunk).await?;
    }
    Ok(())
}

async fn listed(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    words: &[(KeyedIndex, Word)],
) -> Result<(), StoreError> {
    let keys: Vec<Key> = words
        .iter()
        .map(|(index, _)| suppression_key(*index))
        .collect();
    for _ in 0..ATTEMPTS {
        let standing = storage.get(workspace.into(), &keys).await?;
        let mut batch = Batch::new(workspace);
        for ((index, word), row) in words.iter().zip(standing) {
            let standing = row
                .map(|row| SuppressionRow::from_values(row.values).map(|read| (read, row.version)))
                .transpose()?;
            if let Some(lift) = word.undone(standing.as_ref()) {
                batch = told(storage, workspace, batch, *index, lift).await?;
            }
            batch = word.applied(batch, standing);
        }
        if batch.writes.is_empty() {
            return Ok(());
        }
        match storage.commit(batch).await {
            Err(error) if error.is_conflict() => {}
            other => return other,
        }
    }
    Err(StoreError::Busy(None))
}

async fn not_contacted(storage: &dyn Storage, rows: &[DoNotContactRow]) -> Result<(), StoreError> {
    let key = |row: &DoNotContactRow| Key::new(&DO_NOT_CONTACT, vec![row.index.to_value()]);
    let keys: Vec<Key> = rows.iter().map(key).collect();
    let standing = storage.get(Scope::Platform, &keys).await?;
    let missing = rows
        .iter()
        .zip(standing)
        .filter(|(_, standing)| standing.is_none());
    let batch = missing.fold(Batch::new(Scope::Platform), |batch, (row, _)| {
        batch.write(Write::Upsert(key(row), row.to_values(), Vec::new()))
    });
    if batch.writes.is_empty() {
        return Ok(());
    }
    storage.commit(batch).await
}
