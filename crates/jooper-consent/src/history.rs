//! What the log keeps of a person for good: every basis that was recorded, and who took them off the
//! list.

use jiff::Timestamp;
use jooper_core::{BasisKind, Code, EventId, EventKind, LeadId, LiftedBy, Sealed, WorkspaceId};
use jooper_storage::{LogCursor, LogEntry, Storage, StoreError};

use crate::basis::BasisReceipt;
use crate::note::Note;

/// What the log keeps of a person, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct History {
    /// Each basis that was recorded, also one that a later one replaced.
    pub receipts: Vec<Receipt>,
    /// How they came off the do-not-mail list, if they did.
    pub lifts: Vec<Lifted>,
}

/// The receipt of one basis.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// What a permit that relies on the basis names.
    pub id: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Which basis.
    pub kind: BasisKind,
    /// What was recorded, sealed under the person's key at the log's place of the id. Receipts of
    /// earlier versions kept nothing.
    pub kept: Option<Sealed<BasisReceipt>>,
}

/// One time that a person came off the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifted {
    /// When they came off.
    pub at: Timestamp,
    /// When they acted.
    pub acted_at: Timestamp,
    /// Who took them off, and what proves it; nobody in entries of earlier versions.
    pub by: Option<LiftedBy>,
}

impl std::fmt::Display for Lifted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.by {
            Some(by) => write!(f, "taken off the do-not-mail list by {by}"),
            None => f.write_str("taken off the do-not-mail list; by whom was not kept"),
        }
    }
}

impl History {
    /// Reads a person's history. Reads the whole log of the workspace: for answers on demand, not
    /// for lists.
    ///
    /// # Errors
    /// As [`Storage::read_log`].
    pub async fn read(
        storage: &dyn Storage,
        ws: WorkspaceId,
        lead: LeadId,
    ) -> Result<Self, StoreError> {
        let mut history = Self::default();
        let mut cursor = LogCursor::start();
        loop {
            let page = storage.read_log(ws, cursor).await?;
            if page.records.is_empty() {
                return Ok(history);
            }
            for record in page.records {
                if record.entry.lead == Some(lead) {
                    history.take(record.entry);
                }
            }
            cursor.after = page.next;
        }
    }

    fn take(&mut self, entry: LogEntry) {
        match entry.kind {
            EventKind::BasisRecorded => {
                let kind = entry.dimensions.reason;
                let Some(Ok(kind)) = kind.map(BasisKind::from_code) else {
                    return;
                };
                self.receipts.push(Receipt {
                    id: entry.id,
                    recorded_at: entry.at,
                    kind,
                    kept: entry.payload.map(Sealed::from_envelope),
                });
            }
            EventKind::Resumed => {
                let note = entry.payload.as_deref().and_then(Note::from_payload);
                if let Some(Note::Lift { by, acted_at, .. }) = note {
                    let at = entry.at;
                    self.lifts.push(Lifted { at, acted_at, by });
                }
            }
            _ => {}
        }
    }
}
