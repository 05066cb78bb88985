//! Mailboxes that die under many leads and come back.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{
    CampaignId, EnrollmentState, LeaseClock, LeaseInstant, MailboxState, SendState, WaitReason,
    WorkspaceId,
};
use jooper_sequence::{EngineSettings, Runner};
use jooper_storage::tables::{
    CampaignRow, ENROLLMENT, EnrollmentRow, MAILBOX, MailboxRow, SEND, SendRow,
};
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Column, ColumnOp, Erase, Erased, Key, LogCursor, LogPage,
    MemoryStore, Page, Record, Row, Scan, Scope, Storage, StorageExt, StoreError, Write,
};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError, UnknownCause,
};
use support::{LeaseOf, Passing, Process, World, at};

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn count(world: &World, state: EnrollmentState, wait: Option<WaitReason>) -> usize {
    let rows = enrollments(world).await;
    let like = |row: &&EnrollmentRow| (row.state, row.wait) == (state, wait);
    rows.iter().filter(like).count()
}

/// The account becomes this; connected again as its owner does it, which wakes its lane.
async fn set(world: &World, state: MailboxState) {
    if state == MailboxState::Connected {
        world.connect(1).await;
        return;
    }
    let key = Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
    let patch = Write::Patch(key, vec![("state", ColumnOp::Set(state.to_value()))]);
    let batch = Batch::new(world.workspace).write(patch);
    world.store.commit(batch).await.unwrap();
}

/// A lease clock on which every look at it takes a moment.
#[derive(Debug, Default)]
struct Ticking(AtomicU64);

impl LeaseClock for Ticking {
    fn now(&self) -> LeaseInstant {
        let millis = self.0.fetch_add(20, Ordering::SeqCst);
        LeaseInstant::from_elapsed(Duration::from_millis(millis))
    }
}

/// A process on a machine so slow that one claim's time ends in mid-page.
fn slow(world: &World) -> Runner {
    let process = Process {
        store: world.store.clone(),
        clock: world.clock.clone(),
        lease: Arc::new(Ticking::default()),
        sleeper: Arc::new(Passing(world.clock.clone())),
        transport: world.transport.clone(),
        inbox: world.inbox.clone(),
        settings: EngineSettings {
            lease_millis: 3_000,
            ..EngineSettings::default()
        },
        number: 9,
    };
    Runner::new(process.engine())
}

#[tokio::test]
async fn hundreds_of_leads_wait_and_go_on_with_their_mailbox_also_where_time_runs_out() {
    let mut world = World::new(0).await;
    world.add_leads(0..450).await;
    world.campaign().await;
    let quick = Runner::new(world.engine.clone());
    while quick.turn().await.unwrap() > 0 {}
    let runner = slow(&world);
    let waits = (EnrollmentState::Parked, Some(WaitReason::MailboxDown));
    for (state, like) in [
        (MailboxState::NeedsReauth, waits),
        (MailboxState::Connected, (EnrollmentState::Active, None)),
    ] {
        set(&world, state).await;
        let mut turns = 0;
        while count(&world, like.0, like.1).await < 440 {
            world.clock.advance_millis(61_000);
            runner.turn().await.unwrap();
            turns += 1;
            assert!(turns < 200, "{state:?}: it comes to an end");
        }
        assert!(turns > 1, "{state:?}: no claim was long enough for all");
    }
}

#[tokio::test]
async fn a_campaign_that_does_not_open_holds_up_no_mailbox_that_comes_back() {
    let world = World::new(3).await;
    let broken = world.campaign().await;
    let whole = world.campaign().await;
    Runner::new(world.engine.clone()).turn().await.unwrap();
    set(&world, MailboxState::NeedsReauth).await;
    world.run_for(24).await;
    let waits = Some(WaitReason::MailboxDown);
    assert_eq!(count(&world, EnrollmentState::Parked, waits).await, 6);
    let row = |id: CampaignId| {
        let key = vec![id.to_value()];
        world.store.find::<CampaignRow>(world.workspace, key)
    };
    let ours = row(broken).await.unwrap().unwrap();
    let damaged = CampaignRow {
        content: row(whole).await.unwrap().unwrap().record.content,
        ..ours.record
    };
    let batch = Batch::new(world.workspace).update(&damaged, ours.version);
    world.store.commit(batch).await.unwrap();
    set(&world, MailboxState::Connected).await;
    world.run_for(48).await;
    for row in enrollments(&world).await {
        if row.campaign == broken {
            let person = (EnrollmentState::Parked, Some(WaitReason::Unreadable));
            assert_eq!((row.state, row.wait), person);
        } else {
            assert_eq!((row.wait, row.sent), (None, 1), "{row:?}");
        }
    }
}

/// Counts how many enrollments are read by their state.
#[derive(Debug)]
struct Counting {
    inner: Arc<dyn Storage>,
    read: AtomicUsize,
}

#[async_trait]
impl Storage for Counting {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        let of_leads = std::ptr::eq(scan.table, &ENROLLMENT) && scan.index == Some("by_due");
        let page = self.inner.scan(scope, scan).await?;
        if of_leads {
            self.read.fetch_add(page.rows.len(), Ordering::SeqCst);
        }
        Ok(page)
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.inner.claim(claim).await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.inner.read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.inner.erase(erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}

#[tokio::test]
async fn leads_that_wait_for_a_person_are_not_read_again_at_every_pass() {
    let task = "name = \"Call\"\n[[step]]\ntask = { title = \"Call\" }\n\
                [[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"b\"\n";
    let store = Arc::new(Counting {
        inner: Arc::new(MemoryStore::new()),
        read: AtomicUsize::new(0),
    });
    let world = World::on(store.clone(), 30).await;
    world.campaign_of(task, Default::default()).await;
    world.run_for(10).await;
    let person = Some(WaitReason::ManualTask);
    assert_eq!(count(&world, EnrollmentState::Parked, person).await, 30);
    let before = store.read.load(Ordering::SeqCst);
    world.run_for(10).await;
    let read = store.read.load(Ordering::SeqCst) - before;
    assert!(read < 30, "{read} rows in sixty passes");
    // What another process parked meanwhile is found all the same.
    let other = world.restarted(store.clone(), EngineSettings::default());
    set(&world, MailboxState::NeedsReauth).await;
    let key = Key::new(
        &ENROLLMENT,
        vec![enrollments(&world).await[0].id.to_value()],
    );
    let active = ("state", ColumnOp::Set(EnrollmentState::Active.to_value()));
    let none = ("wait", ColumnOp::Set(None::<WaitReason>.to_value()));
    let patch = Batch::new(world.workspace).write(Write::Patch(key, vec![active, none]));
    world.store.commit(patch).await.unwrap();
    other.run_for(1).await;
    let down = Some(WaitReason::MailboxDown);
    assert_eq!(count(&world, EnrollmentState::Parked, down).await, 1);
    set(&world, MailboxState::Connected).await;
    world.run_for(1).await;
    assert_eq!(count(&world, EnrollmentState::Parked, down).await, 0);
}

/// An account whose tokens are gone: whatever is looked for there is refused.
#[derive(Debug, Default)]
struct Gone {
    inner: RecordingTransport,
    looks: AtomicUsize,
    dead: bool,
}

#[async_trait]
impl Transport for Gone {
    fn capabilities(&self) -> TransportCapabilities {
        self.inner.capabilities()
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        self.inner.evidence_base(mailbox).await
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        self.inner.send(cleared).await
    }

    async fn read_back(&self, mailbox: MailboxRef, id: &str) -> Result<Receipt, TransportError> {
        self.inner.read_back(mailbox, id).await
    }

    async fn reconcile(&self, _: &Attempt) -> Result<Reconciliation, TransportError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        Err(match self.dead {
            true => TransportError::NeedsReauth,
            false => TransportError::Credentials(None),
        })
    }
}

#[tokio::test]
async fn the_search_for_evidence_changes_no_account_that_its_owner_or_a_second_copy_stopped() {
    for (state, dead, looked) in [
        (MailboxState::Disconnected, false, false),
        (MailboxState::Contested, true, true),
    ] {
        let mut world = World::new(1).await;
        let transport = Arc::new(Gone {
            dead,
            ..Gone::default()
        });
        let lease = Arc::new(jooper_core::ManualClock::new(at("2026-01-01T00:00:00Z")));
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
        let unknown = Outcome::Unknown(UnknownCause::Timeout);
        transport.inner.script(unknown);
        world.campaign().await;
        let runner = Runner::new(world.engine.clone());
        let scan = || Scan::table(&SEND);
        loop {
            runner.turn().await.unwrap();
            let rows = world
                .store
                .collect::<SendRow>(world.workspace, scan())
                .await;
            if rows
                .unwrap()
                .iter()
                .any(|row| row.record.state == SendState::Unknown)
            {
                break;
            }
            world.clock.advance_millis(60_000);
        }
        set(&world, state).await;
        let before = transport.looks.load(Ordering::SeqCst);
        world.run_for(24).await;
        let key = vec![world.mailbox.to_value()];
        let row = world.store.find::<MailboxRow>(world.workspace, key).await;
        assert_eq!(row.unwrap().unwrap().record.state, state);
        let looks = transport.looks.load(Ordering::SeqCst) - before;
        assert_eq!(looks > 0, looked, "{state:?}: {looks} looks");
    }
}

#[tokio::test]
async fn a_campaign_that_is_not_there_holds_up_no_mailbox_that_comes_back() {
    let world = World::new(3).await;
    let gone = world.campaign().await;
    world.campaign().await;
    Runner::new(world.engine.clone()).turn().await.unwrap();
    let key = vec![gone.to_value()];
    let found = world.store.find::<CampaignRow>(world.workspace, key);
    let delete = Write::Delete(found.await.unwrap().unwrap().record.key());
    let batch = Batch::new(world.workspace).write(delete);
    world.store.commit(batch).await.unwrap();
    let days = [
        (MailboxState::NeedsReauth, 1),
        (MailboxState::Connected, 40),
    ];
    for (state, days) in days {
        set(&world, state).await;
        world.run_for(24 * days).await;
        let waits = Some(WaitReason::CampaignMissing);
        assert_eq!(count(&world, EnrollmentState::Parked, waits).await, 3);
    }
    assert_eq!(count(&world, EnrollmentState::Finished, None).await, 3);
}
