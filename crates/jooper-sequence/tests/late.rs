//! What a provider did not take, where another worker had the lane by the time that it said so: a mail that
//! somebody waits for, an answer, and a test.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jooper_consent::{OPT_IN_REQUESTED, ServiceRequest};
use jooper_core::{
    Clock, EmailAddress, ManualClock, NotSentReason, SendKey, SendState, StepIndex, WorkspaceId,
};
use jooper_sequence::{EngineSettings, TestMail};
use jooper_storage::tables::{LaneRow, PendingRow, SendRow, THREAD, ThreadRow};
use jooper_storage::{Batch, Column, Scan, Storage, StorageExt};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError,
};
use support::arrivals::{all, arrive, me, token, written_to};
use support::links::ASKED;
use support::{LeaseOf, Passing, Process, World, at};
use uuid::Uuid;

/// Refuses one mail, for which it takes so long that another worker has had the lane meanwhile.
#[derive(Debug)]
struct Late {
    inner: RecordingTransport,
    store: Arc<dyn Storage>,
    workspace: WorkspaceId,
    late: AtomicBool,
}

#[async_trait]
impl Transport for Late {
    fn capabilities(&self) -> TransportCapabilities {
        self.inner.capabilities()
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        self.inner.evidence_base(mailbox).await
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        if !self.late.swap(false, Ordering::SeqCst) {
            return self.inner.send(cleared).await;
        }
        let key = vec![cleared.mailbox().mailbox.to_value()];
        let found = self.store.find::<LaneRow>(self.workspace, key).await;
        let found = found.unwrap().unwrap();
        let another = LaneRow {
            fence: found.record.fence + 1,
            lease_until: at("1970-01-01T00:00:00Z"),
            ..found.record
        };
        let batch = Batch::new(self.workspace).update(&another, found.version);
        self.store.commit(batch).await.unwrap();
        Outcome::NotSent {
            reason: NotSentReason::Unreachable,
            retry_at: None,
        }
    }

    async fn read_back(&self, mailbox: MailboxRef, id: &str) -> Result<Receipt, TransportError> {
        self.inner.read_back(mailbox, id).await
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        self.inner.reconcile(attempt).await
    }
}

/// The next mail of this world is refused late.
fn go_on_late(world: &mut World) -> Arc<Late> {
    let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let transport = Arc::new(Late {
        inner: RecordingTransport::new(),
        store: world.store.clone(),
        workspace: world.workspace,
        late: AtomicBool::new(true),
    });
    world.engine = Process {
        store: world.store.clone(),
        clock: world.clock.clone(),
        lease: Arc::new(LeaseOf(lease.clone())),
        sleeper: Arc::new(Passing(lease)),
        transport: transport.clone(),
        inbox: world.inbox.clone(),
        settings: EngineSettings::default(),
        number: 8,
    }
    .engine();
    transport
}

async fn send(world: &World, key: SendKey) -> SendRow {
    let key = vec![key.to_value()];
    let found = world.store.find::<SendRow>(world.workspace, key).await;
    found.unwrap().unwrap().record
}

#[tokio::test]
async fn a_mail_that_somebody_waits_for_is_tried_again() {
    let mut world = World::new(0).await;
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let asked = EmailAddress::parse(ASKED).unwrap();
    let (contact, now) = (vault.contact_index(&asked), world.clock.now());
    let week = ServiceRequest::week_of(now);
    let request = ServiceRequest::OptIn { contact, week }.id();
    let pending = PendingRow {
        id: request,
        kind: OPT_IN_REQUESTED,
        expires_at: ServiceRequest::opt_in_ends(now),
        content: None,
    };
    let batch = Batch::new(world.workspace).put(&pending);
    world.store.commit(batch).await.unwrap();
    let transport = go_on_late(&mut world);
    let served = world.engine.serve(world.workspace, request, 1);
    served.await.unwrap();
    world.run_for(3).await;
    assert!(!transport.late.load(Ordering::SeqCst), "it was refused");
    let row = send(&world, SendKey::Service { request, kind: 1 }).await;
    assert_eq!((row.state, row.attempt), (SendState::Sent, 2));
    assert_eq!(transport.inner.accepted().len(), 1);
}

#[tokio::test]
async fn an_answer_is_shown_as_not_sent_and_its_writer_sends_it_again() {
    let (mut world, mail) = written_to().await;
    let headers = [
        ("From", "Jo <lead0@person0.example>"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    world.run_for(2).await;
    let transport = go_on_late(&mut world);
    let threads = all::<ThreadRow>(&world, Scan::table(&THREAD)).await;
    let theirs = |thread: &&ThreadRow| thread.provider_thread == "their-thread-1";
    let thread = threads.iter().find(theirs).unwrap().id;
    let desk = world.engine.conversations(world.workspace);
    let id = Uuid::from_u128(0xfeed);
    let answer = desk.reply(thread, id, "Gladly.", me()).await.unwrap();
    world.run_for(3).await;
    assert!(!transport.late.load(Ordering::SeqCst), "it was refused");
    let row = send(&world, answer).await;
    let refused = Some(NotSentReason::Unreachable);
    assert_eq!((row.state, row.not_sent), (SendState::NotSent, refused));
    assert_eq!(transport.inner.accepted().len(), 0);
    let again = desk.reply(thread, id, "Gladly.", me()).await.unwrap();
    assert_eq!(again, answer);
    world.run_for(3).await;
    assert_eq!(send(&world, answer).await.state, SendState::Sent);
    assert_eq!(transport.inner.accepted().len(), 1);
}

#[tokio::test]
async fn a_test_is_shown_as_not_sent() {
    let mut world = World::new(1).await;
    let campaign = world.campaign().await;
    world.run_for(24).await;
    let transport = go_on_late(&mut world);
    let test = TestMail {
        campaign,
        step: StepIndex(0),
        variant: 0,
        lead: world.leads[0],
        mailbox: world.mailbox,
        user: me(),
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let id = Uuid::from_u128(0xfeed);
    let key = campaigns.test_mail(&test, id).await.unwrap();
    world.run_for(3).await;
    assert!(!transport.late.load(Ordering::SeqCst), "it was refused");
    let row = send(&world, key).await;
    let refused = Some(NotSentReason::Unreachable);
    assert_eq!((row.state, row.not_sent), (SendState::NotSent, refused));
    assert_eq!(campaigns.test_mail(&test, id).await.unwrap(), key);
    world.run_for(3).await;
    assert_eq!(send(&world, key).await.state, SendState::Sent);
}
