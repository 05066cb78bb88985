//! A campaign whose rows and facts are written by hand, the way the engine writes them.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use jooper_analytics::Analytics;
use jooper_core::{
    CampaignId, CampaignState, Dimensions, EnrollmentId, EnrollmentState, EventKind, FinishReason,
    LeadId, MailboxId, NotSentReason, Sealed, SendKey, SendState, SequenceId, SkipReason,
    StepIndex, WorkspaceId,
};
use jooper_storage::tables::{CampaignRow, EnrollmentRow, SendRow, SequenceRow};
use jooper_storage::{Batch, Column, LogEntry, MemoryStore, Storage, StorageExt};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) store: Arc<dyn Storage>,
    pub(crate) analytics: Analytics,
    pub(crate) ws: WorkspaceId,
    pub(crate) campaign: CampaignId,
    pub(crate) mailbox: MailboxId,
}

pub(crate) fn start() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

/// Persons are known by a number: it is in the ids of lead and enrollment.
pub(crate) fn enrollment(person: u16) -> EnrollmentId {
    EnrollmentId::from_uuid(Uuid::from_u128(1000 + u128::from(person)))
}

fn lead(person: u16) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(2000 + u128::from(person)))
}

/// What a step ended as.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Sent,
    Skipped(SkipReason),
    Failed(NotSentReason),
    Retry,
    Unknown,
    Abandoned,
    Released,
    Posting,
}

impl World {
    /// Version 1 of the sequence has three steps, version 2 has two.
    pub(crate) async fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new())).await
    }

    pub(crate) async fn over(store: Arc<dyn Storage>) -> Self {
        let world = Self {
            analytics: Analytics::new(store.clone()),
            store,
            ws: WorkspaceId::from_uuid(Uuid::from_u128(1 << 64)),
            campaign: CampaignId::from_uuid(Uuid::from_u128(3)),
            mailbox: MailboxId::from_uuid(Uuid::from_u128(4)),
        };
        let sequence = SequenceId::from_uuid(Uuid::from_u128(5));
        let campaign = CampaignRow {
            id: world.campaign,
            state: CampaignState::Active,
            sequence,
            sequence_version: 1,
            seed: 7,
            created_at: start(),
            activated_at: Some(start()),
            content: Sealed::from_envelope(vec![1]),
        };
        let mut batch = Batch::new(world.ws).insert(&campaign);
        for (version, steps) in [(1, 3), (2, 2)] {
            batch = batch.insert(&SequenceRow {
                id: sequence,
                version,
                created_at: start(),
                steps,
                content: Sealed::from_envelope(vec![1]),
            });
        }
        world.store.commit(batch).await.unwrap();
        world
    }

    fn dimensions(&self) -> Dimensions {
        Dimensions {
            campaign: Some(self.campaign),
            mailbox: Some(self.mailbox),
            ..Dimensions::default()
        }
    }

    pub(crate) async fn enroll(&self, person: u16, version: u32) {
        let row = EnrollmentRow {
            id: enrollment(person),
            campaign: self.campaign,
            lead: lead(person),
            mailbox: self.mailbox,
            sequence_version: version,
            state: EnrollmentState::Active,
            step: StepIndex(0),
            sent: 0,
            due_at: None,
            wait: None,
            finish: None,
            thread: None,
            last_sent_at: None,
            memory: None,
            created_at: start(),
            settled: None,
        };
        let dimensions = Dimensions {
            reason: Some(if version == 1 { 3 } else { 2 }),
            ..self.dimensions()
        };
        let id = row.id.uuid();
        let source: &[&[u8]] = &[id.as_bytes()];
        let fact = LogEntry::new(EventKind::Enrolled, start(), source, dimensions);
        let batch = Batch::new(self.ws)
            .insert(&row)
            .append(fact.about(row.lead));
        self.store.commit(batch).await.unwrap();
    }

    /// Moves a person from version 2 of the sequence, which has two mails, to version 1 with three.
    pub(crate) async fn move_up(&self, person: u16) {
        let mut row = self.read(person).await;
        row.sequence_version = 1;
        let dimensions = Dimensions {
            reason: Some(2 * 256 + 3),
            ..self.dimensions()
        };
        let id = row.id.uuid();
        let source: &[&[u8]] = &[id.as_bytes()];
        let fact = LogEntry::new(EventKind::Moved, start(), source, dimensions);
        let batch = Batch::new(self.ws).put(&row).append(fact.about(row.lead));
        self.store.commit(batch).await.unwrap();
    }

    pub(crate) async fn read(&self, person: u16) -> EnrollmentRow {
        let key = vec![enrollment(person).to_value()];
        self.store
            .find::<EnrollmentRow>(self.ws, key)
            .await
            .unwrap()
            .unwrap()
            .record
    }

    pub(crate) fn send_row(&self, person: u16, step: u16, fate: Fate) -> SendRow {
        let key = SendKey::Step {
            enrollment: enrollment(person),
            step: StepIndex(step),
        };
        let mut row = SendRow {
            kind: key.kind(),
            key,
            state: SendState::Posting,
            enrollment: Some(enrollment(person)),
            step: Some(StepIndex(step)),
            campaign: Some(self.campaign),
            lead: Some(lead(person)),
            mailbox: self.mailbox,
            variant: 0,
            attempt: 1,
            fence: 1,
            permit: None,
            evidence_base: None,
            planned_at: start(),
            posting_at: None,
            posted_at: None,
            settled_at: None,
            not_sent: None,
            skip: None,
            provider_id: None,
            provider_thread: None,
            message_index: None,
            email_index: None,
            domain_index: None,
            released: 0,
            released_by: None,
            searched: None,
            searched_at: None,
        };
        match fate {
            Fate::Sent => row.state = SendState::Sent,
            Fate::Skipped(reason) => {
                (row.state, row.skip) = (SendState::Skipped, Some(reason));
            }
            Fate::Failed(reason) => {
                (row.state, row.not_sent) = (SendState::NotSent, Some(reason));
            }
            Fate::Retry => {
                (row.state, row.not_sent) = (SendState::NotSent, Some(NotSentReason::RateLimited));
            }
            Fate::Unknown => row.state = SendState::Unknown,
            Fate::Abandoned => row.state = SendState::Abandoned,
            Fate::Released => row.state = SendState::Planned,
            Fate::Posting => {}
        }
        row
    }

    pub(crate) fn fact(&self, person: u16, step: u16, fate: Fate, day: i64) -> Option<LogEntry> {
        let (kind, reason) = match fate {
            Fate::Sent => (EventKind::Sent, None),
            Fate::Skipped(reason) => (EventKind::Skipped, Some(reason.code())),
            Fate::Failed(reason) => (EventKind::Failed, Some(reason.code())),
            Fate::Unknown => (EventKind::SendUnknown, None),
            Fate::Abandoned => (EventKind::Released, Some(0)),
            Fate::Released => (EventKind::Released, Some(1)),
            Fate::Retry | Fate::Posting => return None,
        };
        let dimensions = Dimensions {
            step: Some(StepIndex(step)),
            variant: Some(0),
            reason,
            ..self.dimensions()
        };
        let at = start().checked_add((day * 24).hours()).unwrap();
        let id = enrollment(person).uuid();
        let source: &[&[u8]] = &[id.as_bytes(), &step.to_be_bytes(), &day.to_be_bytes()];
        Some(LogEntry::new(kind, at, source, dimensions).about(lead(person)))
    }

    /// A batch that settles one step, and moves the enrollment on as the engine does.
    pub(crate) async fn settle_batch(&self, person: u16, step: u16, fate: Fate, day: i64) -> Batch {
        let mut batch = Batch::new(self.ws).put(&self.send_row(person, step, fate));
        batch.log.extend(self.fact(person, step, fate, day));
        let mut row = self.read(person).await;
        if matches!(fate, Fate::Sent | Fate::Skipped(_) | Fate::Abandoned) && row.step.0 == step {
            row.settled = Some((row.settled_mails() | 1 << step) as i64);
            row.step.0 += 1;
            batch = batch.put(&row);
        }
        batch
    }

    pub(crate) async fn settle(&self, person: u16, step: u16, fate: Fate, day: i64) {
        let batch = self.settle_batch(person, step, fate, day).await;
        self.store.commit(batch).await.unwrap();
    }

    pub(crate) async fn finish_batch(&self, person: u16, reason: FinishReason) -> Batch {
        let mut row = self.read(person).await;
        (row.state, row.finish) = (EnrollmentState::Finished, Some(reason));
        let dimensions = Dimensions {
            reason: Some(reason.code()),
            ..self.dimensions()
        };
        let id = row.id.uuid();
        let source: &[&[u8]] = &[id.as_bytes()];
        let fact = LogEntry::new(EventKind::Finished, start(), source, dimensions);
        Batch::new(self.ws).put(&row).append(fact.about(row.lead))
    }

    /// Ends an enrollment and skips what is left, in one batch.
    pub(crate) async fn finish(&self, person: u16, reason: FinishReason, left: &[u16]) {
        let mut batch = self.finish_batch(person, reason).await;
        for step in left {
            let fate = Fate::Skipped(SkipReason::Ended);
            batch = batch.put(&self.send_row(person, *step, fate));
            batch.log.extend(self.fact(person, *step, fate, 50));
        }
        self.store.commit(batch).await.unwrap();
    }

    /// Some of everything.
    pub(crate) async fn busy() -> Self {
        let world = Self::new().await;
        for person in 0..8 {
            world.enroll(person, if person == 7 { 2 } else { 1 }).await;
        }
        for person in 0..7 {
            world.settle(person, 0, Fate::Sent, 0).await;
        }
        world.finish(0, FinishReason::Replied, &[1, 2]).await;
        world.settle(1, 1, Fate::Unknown, 3).await;
        world
            .settle(2, 1, Fate::Failed(NotSentReason::Invalid), 3)
            .await;
        world
            .settle(3, 1, Fate::Skipped(SkipReason::ByPerson), 3)
            .await;
        world.settle(4, 1, Fate::Retry, 3).await;
        world.settle(5, 1, Fate::Unknown, 3).await;
        world.settle(5, 1, Fate::Abandoned, 4).await;
        world.settle(6, 1, Fate::Unknown, 3).await;
        world.settle(6, 1, Fate::Sent, 4).await;
        world.finish(7, FinishReason::Refused, &[0, 1]).await;
        world
    }
}
