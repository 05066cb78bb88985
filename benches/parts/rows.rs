//! The rows that are written.

use jooper_core::{
    CampaignId, Dimensions, EventId, EventKind, KeyedIndex, LeadId, MailboxId, StepIndex,
    WorkspaceId, from_millis,
};
use jooper_storage::LogEntry;
use uuid::Uuid;

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007))
}

/// Facts that nobody has appended yet, with the dimensions that a send has.
pub(crate) struct Facts {
    stream: u64,
    next: u64,
}

impl Facts {
    pub(crate) const fn new(stream: u64) -> Self {
        Self { stream, next: 0 }
    }

    pub(crate) fn take(&mut self, count: usize) -> Vec<LogEntry> {
        (0..count).map(|_| self.one()).collect()
    }

    fn one(&mut self) -> LogEntry {
        self.next += 1;
        let n = self.next;
        let id = |kind: u64| Uuid::from_u128(u128::from(kind) << 64 | u128::from(n % 997));
        LogEntry {
            id: EventId::from_source(
                EventKind::Sent,
                &[&self.stream.to_be_bytes(), &n.to_be_bytes()],
            ),
            at: from_millis(1_800_000_000_000 + n as i64),
            kind: EventKind::Sent,
            dimensions: Dimensions {
                campaign: Some(CampaignId::from_uuid(id(1))),
                step: Some(StepIndex((n % 4) as u16)),
                variant: Some((n % 2) as u8),
                mailbox: Some(MailboxId::from_uuid(id(2))),
                domain: Some(KeyedIndex::from_bytes([(n % 251) as u8; 32])),
                reason: None,
            },
            lead: Some(LeadId::from_uuid(id(3))),
            subject: None,
            payload: None,
            rollups: Vec::new(),
        }
    }
}
