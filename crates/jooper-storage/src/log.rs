//! The one append-only log of a workspace.

use jiff::Timestamp;
use jooper_core::{Dimensions, EventId, EventKind, LeadId, SubjectId};
use serde::{Deserialize, Serialize};

/// A fact to append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Identity: the same (time, id) is appended once, however often it is delivered.
    pub id: EventId,
    /// When it happened, by its source. Part of the identity.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// What numbers are grouped by.
    pub dimensions: Dimensions,
    /// The lead it is about.
    pub lead: Option<LeadId>,
    /// Whose key seals the payload; erasing this subject removes the payload.
    pub subject: Option<SubjectId>,
    /// A sealed payload, if there is more to tell.
    pub payload: Option<Vec<u8>>,
    /// What changes in the rollups if, and only if, the entry is new.
    pub rollups: Vec<RollupDelta>,
}

impl LogEntry {
    /// A fact without lead or payload, counted into the rollups of its dimensions.
    ///
    /// `source` identifies it: the same kind, time and source is the same fact.
    pub fn new(kind: EventKind, at: Timestamp, source: &[&[u8]], dimensions: Dimensions) -> Self {
        let rollups = dimensions
            .rollups(kind, at)
            .into_iter()
            .map(|key| RollupDelta { key, add: 1 })
            .collect();
        Self {
            id: EventId::from_source(kind, source),
            at,
            kind,
            dimensions,
            lead: None,
            subject: None,
            payload: None,
            rollups,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let payload = self.payload.as_ref().map_or(0, Vec::len);
        let rollups = self.rollups.iter().map(|delta| delta.key.len());
        payload + rollups.sum::<usize>()
    }

    /// Says which lead it is about.
    #[must_use]
    pub const fn about(mut self, lead: LeadId) -> Self {
        self.lead = Some(lead);
        self
    }

    /// Adds a payload that this subject's key seals.
    #[must_use]
    pub fn sealed(mut self, subject: SubjectId, payload: Vec<u8>) -> Self {
        self.subject = Some(subject);
        self.payload = Some(payload);
        self
    }
}

/// An addition to one rollup row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollupDelta {
    /// Which number, by the encoding of the crate that owns it.
    pub key: Vec<u8>,
    /// How much it grows.
    pub add: i64,
}

/// A stored fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// Its place in the workspace's log: 1, 2, 3 ... without gaps among committed entries.
    pub seq: u64,
    /// The fact; its rollups are empty here.
    pub entry: LogEntry,
}

/// How far a reader has come in one workspace's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogCursor {
    /// The last place read; 0 before the first.
    pub after: u64,
    /// At most this many records, 1 to 10,000.
    pub limit: usize,
}

impl LogCursor {
    /// From the beginning, 1,000 records a page.
    pub const fn start() -> Self {
        Self {
            after: 0,
            limit: 1000,
        }
    }

    /// Behind this place, 1,000 records a page.
    pub const fn after(seq: u64) -> Self {
        Self {
            after: seq,
            limit: 1000,
        }
    }
}

/// Some records of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogPage {
    /// In order, without gap behind the cursor. Empty: nothing new.
    pub records: Vec<LogRecord>,
    /// Where to continue.
    pub next: u64,
}
