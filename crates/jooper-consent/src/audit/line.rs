//! The lines of an export.

use jiff::Timestamp;
use jooper_core::{
    Dimensions, EventId, EventKind, LeadId, SubjectId, WorkspaceId, from_millis, to_millis,
};
use jooper_storage::{LogEntry, LogRecord};
use serde::{Deserialize, Serialize};

use super::chain::Hash;

/// One line of an export: an object with one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first line.
    Start(StartLine),
    /// A link of the chain, in order.
    Leaf(Box<LeafLine>),
    /// A signed head, behind the last leaf that it covers.
    Head(HeadLine),
    /// How long the chain is by now, behind the last leaf that was announced before: leaves that came while
    /// those were written follow.
    More(StartLine),
}

/// What the export is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartLine {
    /// Whose chain.
    pub workspace: WorkspaceId,
    /// How many leaves follow.
    pub leaves: u64,
}

/// A link, with the entry behind it where that still exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafLine {
    /// Its place, from 1.
    pub seq: u64,
    /// The salt of both commitments.
    #[serde(with = "hex32")]
    pub salt: Hash,
    /// Commitment to the payload as it was appended.
    #[serde(with = "hex32")]
    pub payload: Hash,
    /// Commitment to the entry.
    #[serde(with = "hex32")]
    pub leaf: Hash,
    /// The chain up to here.
    #[serde(with = "hex32")]
    pub chain: Hash,
    /// The entry, unless retention has removed it.
    pub record: Option<RecordLine>,
}

/// A log entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordLine {
    /// Its identity.
    pub id: EventId,
    /// When it happened, Unix milliseconds.
    pub at: i64,
    /// What happened.
    pub kind: EventKind,
    /// What numbers are grouped by.
    pub dimensions: Dimensions,
    /// The lead it is about.
    pub lead: Option<LeadId>,
    /// Whose key seals the payload.
    pub subject: Option<SubjectId>,
    /// The payload, hexadecimal; absent when there was none or it was erased.
    pub payload: Option<String>,
}

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadLine {
    /// How many leaves it covers.
    pub size: u64,
    /// The chain at that size.
    #[serde(with = "hex32")]
    pub chain: Hash,
    /// When it was signed, Unix milliseconds.
    pub signed_at: i64,
    /// The public key.
    #[serde(with = "hex32")]
    pub public_key: Hash,
    /// The signature, hexadecimal.
    pub signature: String,
}

impl RecordLine {
    pub(super) fn new(record: &LogRecord) -> Self {
        let entry = &record.entry;
        Self {
            id: entry.id,
            at: to_millis(entry.at),
            kind: entry.kind,
            dimensions: entry.dimensions,
            lead: entry.lead,
            subject: entry.subject,
            payload: entry.payload.as_deref().map(hex),
        }
    }

    /// The entry again; a payload that is no hexadecimal text is taken as it stands, and then does
    /// not match its commitment.
    pub(super) fn to_record(&self, seq: u64) -> LogRecord {
        let payload = self.payload.as_ref();
        LogRecord {
            seq,
            entry: LogEntry {
                id: self.id,
                at: self.at(),
                kind: self.kind,
                dimensions: self.dimensions,
                lead: self.lead,
                subject: self.subject,
                payload: payload.map(|text| unhex(text).unwrap_or_else(|| text.clone().into())),
                rollups: Vec::new(),
            },
        }
    }

    pub(super) fn at(&self) -> Timestamp {
        from_millis(self.at)
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

/// 32 bytes as hexadecimal text.
mod hex32 {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&super::hex(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(from)?;
        super::unhex(&text)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| D::Error::custom("expected 64 hexadecimal digits"))
    }
}
