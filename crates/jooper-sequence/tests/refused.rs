//! A permit that its dispatcher refuses: what the ledger says of the mail, whoever it is from.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jooper_consent::{OPT_IN_REQUESTED, ServiceRequest};
use jooper_core::{
    CampaignId, Clock, EmailAddress, EventKind, ManualClock, NotSentReason, SendKey, SendState,
    StepIndex, WaitReason,
};
use jooper_sequence::model::{Edit, Schedule, Sequence};
use jooper_sequence::{EngineSettings, Runner, TestMail};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, PendingRow, SEND, SendRow, THREAD, ThreadRow,
};
use jooper_storage::{
    Batch, Column, LogCursor, MemoryStore, Record, Scan, Storage, StorageExt, Write,
};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError,
};
use support::arrivals::{all, arrive, me, token, written_to};
use support::links::ASKED;
use support::{LeaseOf, Mortal, Passing, Process, World, at};
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

/// The same of a mail that somebody asked for.
#[tokio::test]
async fn a_service_mail_whose_permit_ends_before_it_begins_never_begins() {
    let mut world = World::new(0).await;
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let asked = EmailAddress::parse(ASKED).unwrap();
    let (contact, now) = (vault.contact_index(&asked), world.clock.now());
    let week = ServiceRequest::week_of(now);
    let id = ServiceRequest::OptIn { contact, week }.id();
    let request = PendingRow {
        id,
        kind: OPT_IN_REQUESTED,
        expires_at: ServiceRequest::opt_in_ends(now),
        content: None,
    };
    let batch = Batch::new(world.workspace).put(&request);
    world.store.commit(batch).await.unwrap();
    let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let transport = Arc::new(Slow {
        inner: RecordingTransport::new(),
        lease: lease.clone(),
        slow: AtomicBool::new(true),
    });
    go_on_over(&mut world, &lease, transport.clone());
    world.engine.serve(world.workspace, id, 1).await.unwrap();
    let mail = async || {
        let mut rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    };
    world.run_for(2).await;
    let row = mail().await;
    assert_eq!(
        row.key,
        SendKey::Service {
            request: id,
            kind: 1
        }
    );
    assert_eq!(row.not_sent, Some(NotSentReason::LeaseExpired));
    assert_eq!((row.state, row.posting_at), (SendState::NotSent, None));
    assert_eq!(transport.inner.accepted().len(), 0);
    transport.slow.store(false, Ordering::SeqCst);
    world.run_for(24).await;
    assert_eq!(mail().await.state, SendState::Sent, "it is tried again");
    assert_eq!(transport.inner.accepted().len(), 1);
}

const LONG: &str = r#"
    name = "A long mail"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Hello"
    body = "This mail is longer than its provider takes."
"#;

/// The only lead's first mail is too large for the provider.
async fn too_large_on(store: Arc<dyn Storage>) -> (World, CampaignId) {
    let world = World::on(store, 1).await;
    world.transport.take_at_most(10);
    let campaign = world.campaign_of(LONG, Schedule::default()).await;
    world.run_for(24).await;
    let row = enrollment(&world).await;
    assert_eq!(row.wait, Some(WaitReason::SendRefused));
    (world, campaign)
}

async fn too_large() -> (World, CampaignId) {
    too_large_on(Arc::new(MemoryStore::new())).await
}

async fn enrollment(world: &World) -> EnrollmentRow {
    let mut rows = all::<EnrollmentRow>(world, Scan::table(&ENROLLMENT)).await;
    rows.remove(0)
}

async fn send(world: &World) -> SendRow {
    let mut rows = all::<SendRow>(world, Scan::table(&SEND)).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

async fn resume(world: &World) {
    let campaigns = world.engine.campaigns(world.workspace);
    let id = enrollment(world).await.id;
    campaigns.resume_enrollment(id, me()).await.unwrap();
}

/// What the log says of the mail, in its order.
async fn facts(world: &World) -> Vec<EventKind> {
    let all = LogCursor {
        after: 0,
        limit: 10_000,
    };
    let log = world.store.read_log(world.workspace, all).await.unwrap();
    let kinds = log.records.iter().map(|record| record.entry.kind);
    let of_mail = [EventKind::Failed, EventKind::Released, EventKind::Sent];
    kinds.filter(|kind| of_mail.contains(kind)).collect()
}

async fn told(world: &World) -> Vec<String> {
    let campaigns = world.engine.campaigns(world.workspace);
    let view = campaigns.explain(world.leads[0]).await.unwrap().remove(0);
    let decisions = view.decisions.into_iter();
    decisions.map(|(_, why)| why.summary).collect()
}

#[tokio::test]
async fn whoever_resumes_a_lead_has_the_refused_mail_tried_once_more() {
    let (world, _) = too_large().await;
    world.run_for(24).await;
    assert_eq!(send(&world).await.attempt, 1, "nobody tries by themselves");
    resume(&world).await;
    world.run_for(24).await;
    let row = send(&world).await;
    assert_eq!((row.attempt, row.state), (2, SendState::NotSent), "once");
    assert_eq!(row.released_by, Some(me()));
    assert_eq!(enrollment(&world).await.wait, Some(WaitReason::SendRefused));
    world.transport.take_at_most(25 << 20);
    resume(&world).await;
    world.run_for(24).await;
    let row = send(&world).await;
    assert_eq!((row.attempt, row.state), (3, SendState::Sent));
    assert_eq!(world.transport.accepted().len(), 1);
    let (failed, again) = (EventKind::Failed, EventKind::Released);
    let expected = [failed, again, failed, again, EventKind::Sent];
    assert_eq!(facts(&world).await, expected);
    let told = told(&world).await;
    let again = "It goes on: mail 1 is tried once more.";
    assert_eq!(
        told.iter().filter(|text| *text == again).count(),
        2,
        "{told:?}"
    );
}

#[tokio::test]
async fn an_edit_that_changes_the_text_has_a_refused_mail_tried_once_more() {
    for (short, attempts) in [(false, 1), (true, 2)] {
        let (world, campaign) = too_large().await;
        world.transport.take_at_most(25 << 20);
        let text = match short {
            true => LONG.replace("This mail is longer than its provider takes.", "Short."),
            false => LONG.replace("A long mail", "A mail"),
        };
        let next = Sequence::from_toml(&text).unwrap();
        let campaigns = world.engine.campaigns(world.workspace);
        let all = Edit::move_all();
        campaigns.edit(campaign, &next, &all).await.unwrap();
        world.run_for(48).await;
        let row = send(&world).await;
        assert_eq!(
            (row.attempt, row.state == SendState::Sent),
            (attempts, short)
        );
        let waits = (!short).then_some(WaitReason::SendRefused);
        assert_eq!(enrollment(&world).await.wait, waits);
        assert_eq!(world.transport.accepted().len(), usize::from(short));
    }
}

fn in_state(batch: &Batch, state: SendState) -> bool {
    batch.writes.iter().any(|write| {
        matches!(write, Write::Put(key, values) if key.table().name == SEND.name
            && SendRow::from_values(values.clone()).is_ok_and(|row| row.state == state))
    })
}

#[tokio::test]
async fn a_refused_mail_goes_once_whatever_dies_while_it_is_tried_once_more() {
    for dies_with in [
        (|batch| in_state(batch, SendState::Planned)) as fn(&Batch) -> bool,
        |batch| in_state(batch, SendState::Reserved),
        |batch| in_state(batch, SendState::Sent),
    ] {
        let time = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
        let process = Mortal::new(Arc::new(MemoryStore::with_clock(time.clone())));
        let (world, _) = too_large_on(process.clone()).await;
        world.transport.take_at_most(25 << 20);
        process.die_with(dies_with);
        resume(&world).await;
        let runner = Runner::new(world.engine.clone());
        for _ in 0..100 {
            let _ = runner.turn().await;
            world.clock.advance_millis(600_000);
        }
        assert!(process.is_dead());
        time.advance_millis(120_000);
        process.revive();
        world.run_for(48).await;
        assert_eq!(world.transport.accepted().len(), 1);
        assert_eq!(send(&world).await.state, SendState::Sent);
        assert_eq!(facts(&world).await.last(), Some(&EventKind::Sent));
    }
}
