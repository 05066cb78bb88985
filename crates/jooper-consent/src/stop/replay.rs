//! The list as the witness knows it, put into data that may have forgotten it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jooper_core::{
    Dimensions, EventId, EventKind, KeyedIndex, LeadId, LiftedBy, StopReason, StopSource,
    WorkspaceId,
};
use jooper_storage::tables::{DO_NOT_CONTACT, DoNotContactRow, SuppressionRow};
use jooper_storage::{
    Batch, Check, Column, Key, LogEntry, Record, Scope, Storage, StoreError, Version, WitnessEntry,
    WitnessRecord, Write,
};

use super::lift::{known_as, taken_back};
use super::recalled::Recalled;
use super::stops::lease;
use crate::gate::rows::suppression_key;
use crate::memory::forget_mails;
use crate::note::{Note, StopNote, StoppedScope};
use crate::tightening::recall;

/// How many entries one commit compares and writes.
pub(super) const CHUNK: usize = 500;
/// How often a chunk is compared anew because somebody wrote meanwhile.
pub(super) const ATTEMPTS: usize = 32;

/// The last word of the witness about one entry of the list.
enum Word {
    Listed(Listing),
    Lifted(Lift),
}

/// What was listed, and what the log has to know of it where the data had forgotten it.
struct Listing {
    row: SuppressionRow,
    /// What came before it: the data may have an entry that the person had lifted.
    after: Option<Lift>,
    /// Since when it stands for each reason.
    stops: BTreeMap<StopReason, (Timestamp, StopSource)>,
}

/// A lift is written down after its commit, so a stop that came in between stands before it in the
/// witness: the time of the act tells which was later.
#[derive(Clone, Copy)]
struct Lift {
    written_at: Timestamp,
    /// None in records of older versions.
    acted_at: Option<Timestamp>,
    by: Option<LiftedBy>,
}

/// What the log of one workspace has to know of an entry of the list.
struct Facts {
    lift: Option<Lift>,
    stops: Vec<(StopReason, Timestamp, StopSource)>,
}

impl Lift {
    fn undoes(self, row: &SuppressionRow) -> bool {
        match self.acted_at {
            Some(acted_at) => row.last_stopped() < acted_at,
            None => row.last_stopped() <= self.written_at,
        }
    }
}

impl Listing {
    fn first(row: SuppressionRow, after: Option<Lift>) -> Self {
        let stops = BTreeMap::from([(row.reason, (row.since, row.source))]);
        Self { row, after, stops }
    }

    fn again(&mut self, row: &SuppressionRow) {
        self.row = self.row.raised_by(row);
        // Tells of whom the entry is, beside a reason.
        if row.reason != StopReason::WholeDomain {
            self.stops
                .entry(row.reason)
                .or_insert((row.since, row.source));
        }
    }

    /// What an older copy remembers of mails to an erased person, whose lead was deleted, goes; whatever else
    /// was said of them that weighs more.
    fn forgetting(&self, batch: Batch) -> Batch {
        let mut reasons = self.stops.keys();
        if reasons.any(|reason| matches!(reason, StopReason::Erased | StopReason::Objected)) {
            return forget_mails(batch, self.row.index);
        }
        batch
    }
}

impl Word {
    /// What the data needs, if anything. A lift takes away what is older than itself and nothing
    /// else: a running process may have listed the person again since.
    fn applied(&self, batch: Batch, standing: Option<&(SuppressionRow, Version)>) -> Batch {
        match (self, standing) {
            (Self::Listed(listing), None) => listing.forgetting(batch.insert(&listing.row)),
            (Self::Listed(listing), Some((record, version))) => {
                let raised = record.raised_by(&listing.row);
                if raised == *record {
                    batch
                } else {
                    listing.forgetting(batch.update(&raised, *version))
                }
            }
            (Self::Lifted(lift), Some((record, version))) if lift.undoes(record) => batch
                .check(Check::Version(record.key(), *version))
                .write(Write::Delete(record.key())),
            (Self::Lifted(_), _) => batch,
        }
    }

    /// What the log has to know, where the data changes: that a stop ended, so that whoever checks
    /// it does not take what goes from here on for mail behind a stop, and what stands since when.
    fn facts(&self, standing: Option<&SuppressionRow>) -> Facts {
        let undoes = |lift: &Lift| standing.is_some_and(|row| lift.undoes(row));
        match self {
            Self::Lifted(lift) => Facts {
                lift: Some(*lift).filter(undoes),
                stops: Vec::new(),
            },
            Self::Listed(listing) => {
                let stops = listing.stops.iter();
                let stops = stops.map(|(reason, (since, source))| (*reason, *since, *source));
                Facts {
                    lift: listing.after.filter(undoes),
                    stops: stops.collect(),
                }
            }
        }
    }
}

/// Tells the log what the data had forgotten.
async fn told(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    mut batch: Batch,
    index: KeyedIndex,
    facts: Facts,
) -> Result<Batch, StoreError> {
    for lead in known_as(storage, workspace, index).await? {
        if let Some(lift) = facts.lift {
            let note = Note::Lift {
                indexes: vec![index],
                by: lift.by,
                acted_at: lift.acted_at.unwrap_or(lift.written_at),
            };
            batch = batch.append(taken_back(index, lead, lift.written_at, note.to_payload()));
        }
        for (reason, since, source) in &facts.stops {
            batch = batch.append(listed_again(index, lead, *reason, *since, *source));
        }
    }
    Ok(batch)
}

/// The fact that somebody was on the list before a copy was put back.
fn listed_again(
    index: KeyedIndex,
    lead: Option<LeadId>,
    reason: StopReason,
    since: Timestamp,
    source: StopSource,
) -> LogEntry {
    let at = promised(since);
    let note = Note::Stop(StopNote {
        scope: StoppedScope::Listed(index),
        reason,
        source,
        acknowledged_at: at,
        recalled: true,
    });
    let whose = lead.map(|lead| lead.uuid());
    let whose: &[u8] = whose.as_ref().map_or(&[], |id| id.as_bytes());
    let source: &[&[u8]] = &[
        index.as_bytes(),
        &reason.code().to_be_bytes(),
        whose,
        b"witness",
    ];
    LogEntry {
        id: EventId::from_source(EventKind::Stopped, source),
        at,
        kind: EventKind::Stopped,
        dimensions: Dimensions {
            reason: Some(reason.code()),
            ..Dimensions::default()
        },
        lead,
        subject: lead.map(Into::into),
        payload: Some(note.to_payload()),
        rollups: Vec::new(),
    }
}

/// When a stop of this time was promised at the latest, by what the witness knows: it hears of a stop
/// first, and a permit of before may have been out for one lease.
pub(super) fn promised(since: Timestamp) -> Timestamp {
    since.checked_add(lease()).unwrap_or(Timestamp::MAX)
}

/// Whose data hears what the witness knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    /// A copy that was put back: it has forgotten what was promised.
    PutBack,
    /// The installation's own: what it does not know was never promised, since a crash came between.
    Own,
}

/// Brings a copy that was put back up to what the witness knows: lists, lifts, the platform's list, which
/// bases a workspace refuses and which were withdrawn, and what is stopped. The log, and so the audit chain, gets each stop and each lift that the copy
/// had forgotten, with its own time.
///
/// Call it with every record behind the data's own position, in order, before any send. Erasures
/// are replayed by their owner. Idempotent; what the data knows already is only read.
///
/// # Errors
/// As [`Storage::commit`]; call again from the same position.
pub async fn replay(storage: &dyn Storage, records: &[WitnessRecord]) -> Result<(), StoreError> {
    apply(storage, records, Data::PutBack).await
}

/// As [`replay`], for data that nobody put back: what it lacks, a crash kept from its commit, so
/// that nobody was told that it holds, and the log says nothing of it either.
///
/// # Errors
/// As [`replay`].
pub async fn catch_up(storage: &dyn Storage, records: &[WitnessRecord]) -> Result<(), StoreError> {
    apply(storage, records, Data::Own).await
}

async fn apply(
    storage: &dyn Storage,
    records: &[WitnessRecord],
    data: Data,
) -> Result<(), StoreError> {
    let mut words: BTreeMap<WorkspaceId, BTreeMap<KeyedIndex, Word>> = BTreeMap::new();
    let mut nobody = BTreeMap::new();
    let mut stopped = Recalled::default();
    for record in records {
        stopped.take(record);
        recall_tightened(storage, record).await?;
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
                let after = match list.get_mut(index) {
                    Some(Word::Listed(standing)) => {
                        standing.again(&row);
                        continue;
                    }
                    Some(Word::Lifted(lift)) => Some(*lift),
                    None => None,
                };
                list.insert(*index, Word::Listed(Listing::first(row, after)));
            }
            WitnessEntry::Lifted {
                workspace,
                index,
                acted_at,
                by,
            } => {
                let lift = Lift {
                    written_at: record.at,
                    acted_at: *acted_at,
                    by: *by,
                };
                let list = words.entry(*workspace).or_default();
                match list.get(index) {
                    Some(Word::Listed(listing)) if !lift.undoes(&listing.row) => {}
                    _ => {
                        list.insert(*index, Word::Lifted(lift));
                    }
                }
            }
            WitnessEntry::DoNotContact { index, reason, .. } => {
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
            listed(storage, workspace, chunk, data).await?;
        }
    }
    stopped.apply(storage, data).await?;
    let nobody: Vec<_> = nobody.into_values().collect();
    for chunk in nobody.chunks(CHUNK) {
        not_contacted(storage, chunk).await?;
    }
    Ok(())
}

/// What a workspace refuses, and what was withdrawn.
async fn recall_tightened(storage: &dyn Storage, record: &WitnessRecord) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        match recall(storage, record).await {
            Err(error) if error.is_conflict() => {}
            other => return other,
        }
    }
    Err(StoreError::Busy(None))
}

async fn listed(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    words: &[(KeyedIndex, Word)],
    data: Data,
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
            let before = batch.writes.len();
            batch = word.applied(batch, standing.as_ref());
            if batch.writes.len() == before {
                continue;
            }
            let mut facts = word.facts(standing.as_ref().map(|(row, _)| row));
            if data == Data::Own {
                facts.stops.clear();
            }
            batch = told(storage, workspace, batch, *index, facts).await?;
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
