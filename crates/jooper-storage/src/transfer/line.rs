//! The lines of an export.

use jooper_core::{
    Code, Dimensions, EventId, EventKind, LeadId, SubjectId, WorkspaceId, from_millis, to_millis,
};
use serde::{Deserialize, Serialize};

use super::{Transferred, cell};
use crate::{LogEntry, TableDef, Value};

/// The version of the form.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    Header {
        format: u32,
        workspace: WorkspaceId,
    },
    Row {
        table: String,
        cells: Vec<serde_json::Value>,
    },
    Fact(Fact),
    End {
        rows: u64,
        facts: u64,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    id: String,
    at: i64,
    kind: i64,
    dimensions: Dimensions,
    lead: Option<LeadId>,
    subject: Option<SubjectId>,
    payload: Option<String>,
}

pub(super) const fn header(workspace: WorkspaceId) -> Line {
    Line::Header {
        format: FORMAT,
        workspace,
    }
}

pub(super) fn row(table: &TableDef, values: &[Value]) -> Line {
    Line::Row {
        table: table.name.to_owned(),
        cells: values.iter().map(cell::json).collect(),
    }
}

pub(super) fn fact(entry: &LogEntry) -> Line {
    Line::Fact(Fact {
        id: cell::hex(entry.id.as_bytes()),
        at: to_millis(entry.at),
        kind: entry.kind.code(),
        dimensions: entry.dimensions,
        lead: entry.lead,
        subject: entry.subject,
        payload: entry.payload.as_deref().map(cell::hex),
    })
}

pub(super) const fn end(done: &Transferred) -> Line {
    Line::End {
        rows: done.rows,
        facts: done.facts,
    }
}

impl Line {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("numbers and texts always serialize");
        bytes.push(b'\n');
        bytes
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) const fn workspace(&self) -> Option<WorkspaceId> {
        match self {
            Self::Header {
                format: FORMAT,
                workspace,
            } => Some(*workspace),
            _ => None,
        }
    }
}

impl Fact {
    pub(super) fn entry(self) -> Option<LogEntry> {
        let payload = self.payload.map(|text| cell::unhex(&text));
        let payload = match payload {
            Some(bytes) => Some(bytes?),
            None => None,
        };
        Some(LogEntry {
            id: EventId::from_bytes(cell::unhex(&self.id)?.try_into().ok()?),
            at: from_millis(self.at),
            kind: EventKind::from_code(self.kind).ok()?,
            dimensions: self.dimensions,
            lead: self.lead,
            subject: self.subject,
            payload,
            rollups: Vec::new(),
        })
    }
}
