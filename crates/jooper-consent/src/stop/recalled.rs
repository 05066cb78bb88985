//! Standing stops as the witness knows them, put into data that may have forgotten them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jooper_core::{
    CampaignId, Dimensions, EventId, EventKind, LeadId, MailboxId, ScopeKind, StopReason, UserId,
    WorkspaceId, to_millis,
};
use jooper_storage::tables::{ScopeStopRow, StopCause};
use jooper_storage::{
    Batch, Check, Key, LogEntry, Record, Storage, StoreError, Versioned, WitnessEntry,
    WitnessRecord, Write,
};
use uuid::Uuid;

use super::replay::{ATTEMPTS, CHUNK, Data, promised};
use crate::gate::rows::stop_key;
use crate::note::{Note, StopNote, StoppedScope};

/// The last word of the witness about one cause of a stop.
enum Word {
    /// With the end of the one before: the data may have that one still.
    Stands(StopCause, Option<Gone>),
    Gone(Gone),
}

/// A resume is written down behind its commit, so a stop that came in between stands before it in
/// the witness: it began later than the cause that went.
#[derive(Clone, Copy)]
struct Gone {
    since: Timestamp,
    at: Timestamp,
}

impl Gone {
    fn took(self, known: &StopCause) -> bool {
        known.since <= self.since
    }
}

type Stopped = (ScopeKind, Uuid);
type Words = BTreeMap<StopReason, Word>;

/// What the records say of standing stops, each cause by its last word.
#[derive(Default)]
pub(super) struct Recalled(BTreeMap<WorkspaceId, BTreeMap<Stopped, Words>>);

impl Recalled {
    pub(super) fn take(&mut self, record: &WitnessRecord) {
        match &record.entry {
            WitnessEntry::Stopped {
                workspace,
                scope,
                id,
                reason,
                source,
                since,
            } => {
                let cause = StopCause {
                    reason: *reason,
                    source: *source,
                    since: *since,
                };
                let words = self.words(*workspace, (*scope, *id));
                let after = match words.get(reason) {
                    Some(Word::Gone(gone)) => Some(*gone),
                    Some(Word::Stands(_, after)) => *after,
                    None => None,
                };
                words.insert(*reason, Word::Stands(cause, after));
            }
            WitnessEntry::Resumed {
                workspace,
                scope,
                id,
                reason,
                since,
            } => {
                let words = self.words(*workspace, (*scope, *id));
                match words.get(reason) {
                    Some(Word::Stands(cause, _)) if cause.since > *since => {}
                    _ => {
                        let (since, at) = (*since, record.at);
                        words.insert(*reason, Word::Gone(Gone { since, at }));
                    }
                }
            }
            _ => {}
        }
    }

    fn words(&mut self, workspace: WorkspaceId, stopped: Stopped) -> &mut Words {
        let of_workspace = self.0.entry(workspace).or_default();
        of_workspace.entry(stopped).or_default()
    }

    /// Puts it into the data; what the data knows already is only read.
    pub(super) async fn apply(self, storage: &dyn Storage, data: Data) -> Result<(), StoreError> {
        for (workspace, stops) in self.0 {
            let stops: Vec<_> = stops.into_iter().collect();
            for chunk in stops.chunks(CHUNK) {
                stopped(storage, workspace, chunk, data).await?;
            }
        }
        Ok(())
    }
}

async fn stopped(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    stops: &[(Stopped, Words)],
    data: Data,
) -> Result<(), StoreError> {
    let keys: Vec<Key> = stops
        .iter()
        .map(|((scope, id), _)| stop_key(*scope, *id))
        .collect();
    for _ in 0..ATTEMPTS {
        let standing = storage.get(workspace.into(), &keys).await?;
        let mut batch = Batch::new(workspace);
        for ((stopped, words), row) in stops.iter().zip(standing) {
            let standing = row
                .map(|row| {
                    let version = row.version;
                    ScopeStopRow::from_values(row.values)
                        .map(|record| Versioned { record, version })
                })
                .transpose()?;
            batch = applied(batch, *stopped, words, standing, data)?;
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

/// That a stop ended in the time that the data has forgotten; who ended it is forgotten too.
fn resumed((kind, id): Stopped, cause: &StopCause, at: Timestamp) -> LogEntry {
    let note = Note::Resume {
        scope: StoppedScope::Id(kind, id),
        by: UserId::from_uuid(Uuid::nil()),
        reason: Some(cause.reason),
    };
    fact(EventKind::Resumed, (kind, id), cause, at, &note)
}

/// That a stop stands of which the data has forgotten the beginning.
fn stopped_again((kind, id): Stopped, cause: &StopCause) -> LogEntry {
    let at = promised(cause.since);
    let note = Note::Stop(StopNote {
        scope: StoppedScope::Id(kind, id),
        reason: cause.reason,
        source: cause.source,
        acknowledged_at: at,
        recalled: true,
    });
    fact(EventKind::Stopped, (kind, id), cause, at, &note)
}

fn fact(
    what: EventKind,
    (kind, id): Stopped,
    cause: &StopCause,
    at: Timestamp,
    note: &Note,
) -> LogEntry {
    let mut dimensions = Dimensions {
        reason: Some(cause.reason.code()),
        ..Dimensions::default()
    };
    match kind {
        ScopeKind::Campaign => dimensions.campaign = Some(CampaignId::from_uuid(id)),
        ScopeKind::Mailbox => dimensions.mailbox = Some(MailboxId::from_uuid(id)),
        _ => {}
    }
    let lead = (kind == ScopeKind::Person).then(|| LeadId::from_uuid(id));
    let since = to_millis(cause.since).to_be_bytes();
    let mut source: Vec<&[u8]> = Vec::new();
    let (scope, reason) = (kind.code().to_be_bytes(), cause.reason.code().to_be_bytes());
    source.extend([&scope[..], id.as_bytes(), &since, b"witness"]);
    // Two causes may be of one moment.
    if what == EventKind::Stopped {
        source.push(&reason);
    }
    LogEntry {
        id: EventId::from_source(what, &source),
        at,
        kind: what,
        dimensions,
        lead,
        subject: lead.map(Into::into),
        payload: Some(note.to_payload()),
        rollups: Vec::new(),
    }
}

/// What one row needs. A resume takes away what is no later than the cause that went: a running
/// process may have stopped it again since. The log is told of it, so that whoever checks it does not
/// take what goes from here on for mail behind a stop.
fn applied(
    mut batch: Batch,
    stopped: Stopped,
    words: &Words,
    standing: Option<Versioned<ScopeStopRow>>,
    data: Data,
) -> Result<Batch, StoreError> {
    let known = match &standing {
        Some(row) => row.record.causes()?,
        None => Vec::new(),
    };
    let mut causes = known.clone();
    for (reason, word) in words {
        match word {
            Word::Stands(cause, after) => {
                let before = causes.iter_mut().find(|known| known.reason == *reason);
                match before {
                    Some(known) if known.since >= cause.since => continue,
                    // Stopped again behind the backup: a resume will name that moment.
                    Some(known) => {
                        if let Some(gone) = after.filter(|gone| gone.took(known)) {
                            batch = batch.append(resumed(stopped, known, gone.at));
                        }
                        *known = *cause;
                    }
                    None => causes.push(*cause),
                }
                if data == Data::PutBack {
                    batch = batch.append(stopped_again(stopped, cause));
                }
            }
            Word::Gone(gone) => {
                let goes = |known: &StopCause| known.reason == *reason && gone.took(known);
                for cause in causes.iter().filter(|cause| goes(cause)) {
                    batch = batch.append(resumed(stopped, cause, gone.at));
                }
                causes.retain(|known| !goes(known));
            }
        }
    }
    if causes == known {
        return Ok(batch);
    }
    let (scope, id) = stopped;
    let next = ScopeStopRow::of(scope, id, causes);
    Ok(match (next, standing) {
        (Some(row), None) => batch.insert(&row),
        (Some(row), Some(standing)) => batch.update(&row, standing.version),
        (None, Some(standing)) => batch
            .check(Check::Version(standing.record.key(), standing.version))
            .write(Write::Delete(standing.record.key())),
        (None, None) => batch,
    })
}
