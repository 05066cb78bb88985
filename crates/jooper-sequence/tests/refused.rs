//! A permit that its dispatcher refuses: what the ledger says of the mail, whoever it is from.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jooper_core::{ManualClock, NotSentReason, SendKey, SendState, StepIndex};
use jooper_sequence::{EngineSettings, TestMail};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, SEND, SendRow, THREAD, ThreadRow};
use jooper_storage::{Column, Scan, StorageExt};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError,
};
use support::arrivals::{all, arrive, me, token, written_to};
use support::{LeaseOf, Passing, Process, World, at};
use uuid::Uuid;

/// It is another transport's as soon as a permit for it was given, and for one look.
#[derive(Debug, Default)]
struct Changes {
    inner: RecordingTransport,
    changed: AtomicBool,
}

#[async_trait]
impl Transport for Changes {
    fn capabilities(&self) -> TransportCapabilities {
        match self.changed.swap(false, Ordering::SeqCst) {
            true => TransportCapabilities::new("another", 25 << 20, true),
            false => self.inner.capabilities(),
        }
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        self.changed.store(true, Ordering::SeqCst);
        self.inner.evidence_base(mailbox).await
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        self.inner.send(cleared).await
    }

    async fn read_back(&self, mailbox: MailboxRef, id: &str) -> Result<Receipt, TransportError> {
        self.inner.read_back(mailbox, id).await
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        self.inner.reconcile(attempt).await
    }
}

/// Its evidence base takes longer than any permit lasts, as long as it is slow.
#[derive(Debug)]
struct Slow {
    inner: RecordingTransport,
    lease: Arc<ManualClock>,
    slow: AtomicBool,
}

#[async_trait]
impl Transport for Slow {
    fn capabilities(&self) -> TransportCapabilities {
        self.inner.capabilities()
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        if self.slow.load(Ordering::SeqCst) {
            self.lease.advance_millis(12_000);
        }
        self.inner.evidence_base(mailbox).await
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        self.inner.send(cleared).await
    }

    async fn read_back(&self, mailbox: MailboxRef, id: &str) -> Result<Receipt, TransportError> {
        self.inner.read_back(mailbox, id).await
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        self.inner.reconcile(attempt).await
    }
}

fn go_on_over(world: &mut World, lease: &Arc<ManualClock>, transport: Arc<dyn Transport>) {
    world.engine = Process {
        store: world.store.clone(),
        clock: world.clock.clone(),
        lease: Arc::new(LeaseOf(lease.clone())),
        sleeper: Arc::new(Passing(lease.clone())),
        transport,
        inbox: world.inbox.clone(),
        settings: EngineSettings::default(),
        number: 8,
    }
    .engine();
}

async fn refused(world: &World, key: SendKey) -> (SendState, Option<NotSentReason>) {
    let found = world
        .store
        .find::<SendRow>(world.workspace, vec![key.to_value()]);
    let row = found.await.unwrap().unwrap().record;
    (row.state, row.not_sent)
}

#[tokio::test]
async fn a_permit_for_another_transport_is_told_as_one_and_tried_no_more() {
    let (mut world, mail) = written_to().await;
    let headers = [
        ("From", "Jo <lead0@person0.example>"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    world.run_for(2).await;
    let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let transport = Arc::new(Changes::default());
    go_on_over(&mut world, &lease, transport.clone());
    let threads = all::<ThreadRow>(&world, Scan::table(&THREAD)).await;
    let thread = threads
        .iter()
        .find(|thread| thread.provider_thread == "their-thread-1")
        .unwrap();
    let desk = world.engine.conversations(world.workspace);
    let id = Uuid::from_u128(0xfeed);
    let answer = desk.reply(thread.id, id, "Gladly.", me()).await.unwrap();
    let enrollment = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    let test = TestMail {
        campaign: enrollment[0].campaign,
        step: StepIndex(0),
        variant: 0,
        lead: world.leads[0],
        mailbox: world.mailbox,
        user: me(),
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let test = campaigns.test_mail(&test, id).await.unwrap();
    world.run_for(2).await;
    let foreign = (SendState::NotSent, Some(NotSentReason::ForeignPermit));
    assert_eq!(refused(&world, answer).await, foreign, "an answer");
    assert_eq!(refused(&world, test).await, foreign, "a test");
    desk.reply(thread.id, id, "Gladly.", me()).await.unwrap();
    world.run_for(2).await;
    assert_eq!(refused(&world, answer).await, foreign, "nobody tries again");
    assert_eq!(transport.inner.accepted().len(), 0);

    // A step waits for a person.
    let lead = world.add_lead(1, true).await;
    world.campaign().await;
    world.run_for(24).await;
    let rows = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    let step = rows.iter().find(|row| row.lead == lead).unwrap();
    assert_eq!(step.wait, Some(jooper_core::WaitReason::SendRefused));
    assert_eq!(transport.inner.accepted().len(), 0);
}

/// Whoever dies behind the posting commit leaves a mail of which nobody knows whether it went: the
/// auditor would take it for one that began behind a stop that came when the permit had ended.
#[tokio::test]
async fn a_mail_whose_permit_ends_before_it_begins_never_begins() {
    let (mut world, mail) = written_to().await;
    let headers = [
        ("From", "Jo <lead0@person0.example>"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    world.run_for(2).await;
    let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let transport = Arc::new(Slow {
        inner: RecordingTransport::new(),
        lease: lease.clone(),
        slow: AtomicBool::new(true),
    });
    go_on_over(&mut world, &lease, transport.clone());
    let threads = all::<ThreadRow>(&world, Scan::table(&THREAD)).await;
    let thread = threads
        .iter()
        .find(|thread| thread.provider_thread == "their-thread-1")
        .unwrap();
    let desk = world.engine.conversations(world.workspace);
    let id = Uuid::from_u128(0xfeed);
    let answer = desk.reply(thread.id, id, "Gladly.", me()).await.unwrap();
    let lead = world.add_lead(1, true).await;
    world.campaign().await;
    let enrollment = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    let test = TestMail {
        campaign: enrollment[0].campaign,
        step: StepIndex(0),
        variant: 0,
        lead: world.leads[0],
        mailbox: world.mailbox,
        user: me(),
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let test = campaigns.test_mail(&test, id).await.unwrap();
    world.run_for(24).await;
    let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let late: Vec<_> = rows
        .iter()
        .filter(|row| row.not_sent == Some(NotSentReason::LeaseExpired))
        .collect();
    for key in [answer, test] {
        assert!(late.iter().any(|row| row.key == key), "{key:?}: {rows:?}");
    }
    let of_the_lead = |row: &&&SendRow| row.lead == Some(lead);
    assert_eq!(late.iter().filter(of_the_lead).count(), 1, "{rows:?}");
    for row in &late {
        assert_eq!((row.state, row.posting_at), (SendState::NotSent, None));
    }
    assert_eq!(transport.inner.accepted().len(), 0);
    transport.slow.store(false, Ordering::SeqCst);
    world.run_for(24).await;
    let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let step = rows.iter().find(|row| row.lead == Some(lead)).unwrap();
    assert_eq!(step.state, SendState::Sent, "it is tried again");
}
