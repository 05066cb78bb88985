//! The fact that a lead's data was erased.

use jiff::Timestamp;
use jooper_core::{Dimensions, EventId, EventKind, LeadId};
use jooper_storage::LogEntry;

/// The entry of the log that says that a lead's data and keys are erased at this time. It holds nothing
/// else of the lead, and stays.
///
/// Whoever erases appends it, before the data goes: a [`Checker`](crate::Checker) takes a payload that is
/// not there for withheld where no such entry names its lead.
pub fn erased_fact(lead: LeadId, at: Timestamp) -> LogEntry {
    LogEntry {
        id: EventId::from_source(EventKind::Erased, &[lead.uuid().as_bytes()]),
        at,
        kind: EventKind::Erased,
        dimensions: Dimensions::default(),
        lead: Some(lead),
        subject: None,
        payload: None,
        rollups: Vec::new(),
    }
}
