//! People connect, pause and disconnect accounts while their lanes are at work, also from other
//! processes: what a lane concluded from the old grant never stands over what they did.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{BreakerScope, Breakers, Ceilings, StopScope};
use jooper_core::{MailboxState, SendKey, StepIndex, StopReason, StopSource, UserId};
use jooper_sequence::{AttemptToken, Engine, EngineSettings, Runner, VaultCredentials};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE, MAILBOX, MailboxRow, SCOPE_STOP, ScopeStopRow,
};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, MemoryStore, Scan, Storage, StorageExt, Versioned, Write,
};
use jooper_storage_sqlite::SqliteStorage;
use jooper_transport::{Cursor, Delta, Inbox, MailboxRef, TransportError};
use support::{HandInbox, LeaseOf, Mortal, Passing, Process, Side, World, arrival};

/// An inbox whose first answer takes as long as the test wants.
#[derive(Debug)]
struct Slow {
    inner: Arc<HandInbox>,
    asked: AtomicBool,
    answers: AtomicBool,
    /// The old grant is dead: the first answer is a refusal.
    dead: bool,
}

#[async_trait]
impl Inbox for Slow {
    async fn baseline(&self, account: MailboxRef) -> Result<Cursor, TransportError> {
        self.inner.baseline(account).await
    }

    async fn changes(
        &self,
        account: MailboxRef,
        cursor: &Cursor,
        since: Timestamp,
    ) -> Result<Delta, TransportError> {
        let delta = self.inner.changes(account, cursor, since).await;
        if self.asked.swap(true, Ordering::SeqCst) {
            return delta;
        }
        while !self.answers.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        match self.dead {
            true => Err(TransportError::NeedsReauth),
            false => delta,
        }
    }

    async fn fetch(&self, account: MailboxRef, id: &str) -> Result<Vec<u8>, TransportError> {
        self.inner.fetch(account, id).await
    }
}

impl Slow {
    fn new(world: &World, dead: bool) -> Arc<Self> {
        Arc::new(Self {
            inner: world.inbox.clone(),
            asked: AtomicBool::new(false),
            answers: AtomicBool::new(false),
            dead,
        })
    }

    async fn until_asked(&self) {
        while !self.asked.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }

    fn answer(&self) {
        self.answers.store(true, Ordering::SeqCst);
    }
}

/// Another process of the same installation.
fn process(world: &World, store: Arc<dyn Storage>, inbox: Arc<dyn Inbox>) -> Engine {
    Process {
        store,
        inbox,
        clock: world.clock.clone(),
        lease: Arc::new(LeaseOf(world.clock.clone())),
        sleeper: Arc::new(Passing(world.clock.clone())),
        transport: world.transport.clone(),
        settings: EngineSettings::default(),
        number: 8,
    }
    .engine()
}

async fn mailbox(world: &World) -> MailboxRow {
    let key = vec![world.mailbox.to_value()];
    let row = world.store.find(world.workspace, key).await.unwrap();
    let row: Versioned<MailboxRow> = row.unwrap();
    row.record
}

async fn set(world: &World, state: MailboxState) {
    let key = Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
    let patch = Write::Patch(key, vec![("state", ColumnOp::Set(state.to_value()))]);
    let batch = Batch::new(world.workspace).write(patch);
    world.store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn a_dead_grant_that_was_replaced_meanwhile_ends_no_connection() {
    let world = World::new(0).await;
    let inbox = Slow::new(&world, true);
    let runner = Runner::new(process(&world, world.store.clone(), inbox.clone()));
    let meanwhile = async {
        inbox.until_asked().await;
        world.connect(1).await;
        inbox.answer();
    };
    let (turn, ()) = tokio::join!(runner.turn(), meanwhile);
    assert_eq!(turn.unwrap(), 1);
    let row = mailbox(&world).await;
    assert_eq!(row.state, MailboxState::Connected);
    assert!(row.synced_at.is_some(), "and it is read at once");
}

#[tokio::test]
async fn a_dead_grant_that_nobody_replaced_ends_the_connection() {
    let world = World::new(0).await;
    let inbox = Slow::new(&world, true);
    inbox.answer();
    let runner = Runner::new(process(&world, world.store.clone(), inbox));
    assert_eq!(runner.turn().await.unwrap(), 1);
    assert_eq!(mailbox(&world).await.state, MailboxState::NeedsReauth);
}

#[tokio::test]
async fn a_disconnected_account_is_not_said_to_need_a_new_grant() {
    let world = World::new(0).await;
    let inbox = Slow::new(&world, true);
    let runner = Runner::new(process(&world, world.store.clone(), inbox.clone()));
    let (store, clock) = (world.store.clone(), world.clock.clone());
    let credentials = VaultCredentials::new(store, world.vault.clone(), clock);
    let meanwhile = async {
        inbox.until_asked().await;
        let mailboxes = world.engine.mailboxes(world.workspace);
        mailboxes
            .disconnect(&credentials, world.mailbox)
            .await
            .unwrap();
        inbox.answer();
    };
    let (turn, ()) = tokio::join!(runner.turn(), meanwhile);
    assert_eq!(turn.unwrap(), 1);
    assert_eq!(mailbox(&world).await.state, MailboxState::Disconnected);
}

#[tokio::test]
async fn an_account_connected_again_behind_the_lanes_look_is_worked_in_the_same_turn() {
    let world = World::new(1).await;
    set(&world, MailboxState::NeedsReauth).await;
    world.campaign().await;
    let store = Mortal::new(world.store.clone());
    let runner = Runner::new(process(&world, store.clone(), world.inbox.clone()));
    // The last thing a lane does is to look at its own row.
    store.freeze_reading(|key| std::ptr::eq(key.table(), &LANE), Side::Before);
    let meanwhile = async {
        while !store.is_frozen() {
            tokio::task::yield_now().await;
        }
        world.connect(1).await;
        store.thaw();
    };
    let (turn, ()) = tokio::join!(runner.turn(), meanwhile);
    assert_eq!(turn.unwrap(), 1);
    let row = mailbox(&world).await;
    assert_eq!(row.state, MailboxState::Connected);
    assert!(row.synced_at.is_some(), "read before the lane was let go");
}

#[tokio::test]
async fn a_second_copys_mail_stops_the_account_also_when_it_is_connected_again_meanwhile() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(24).await;
    let rows = world
        .store
        .collect(world.workspace, Scan::table(&ENROLLMENT));
    let enrollment: EnrollmentRow = rows.await.unwrap().remove(0).record;
    let send_key = SendKey::Step {
        enrollment: enrollment.id,
        step: StepIndex(2),
    };
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let attempt = 1;
    let token = AttemptToken { send_key, attempt }.write(&vault, "sender.example");
    let raw = format!(
        "From: ada@sender.example\r\nTo: lead0@person0.example\r\nSubject: Hello\r\n\
         Message-ID: <x1@mail.example>\r\nReferences: <{token}>\r\n\r\nHi.\r\n"
    );
    let now = jooper_core::Clock::now(&*world.clock);
    let mail = arrival("x1", "t9", now, true, &raw);
    world.inbox.0.lock().unwrap().push(mail);
    let inbox = Slow::new(&world, false);
    let runner = Runner::new(process(&world, world.store.clone(), inbox.clone()));
    let meanwhile = async {
        inbox.until_asked().await;
        world.connect(1).await;
        inbox.answer();
    };
    let (turn, ()) = tokio::join!(runner.turn(), meanwhile);
    assert_eq!(turn.unwrap(), 1);
    assert_eq!(mailbox(&world).await.state, MailboxState::Contested);
}

#[tokio::test]
async fn connecting_again_lifts_what_disconnecting_stopped_and_nothing_that_a_breaker_did() {
    let world = World::new(0).await;
    let standing = || async {
        let rows = world
            .store
            .collect(world.workspace, Scan::table(&SCOPE_STOP));
        let rows: Vec<Versioned<ScopeStopRow>> = rows.await.unwrap();
        rows.first().map(|row| row.record.reason)
    };
    for (reason, after) in [
        (StopReason::Disconnected, None),
        (StopReason::Breaker, Some(StopReason::Breaker)),
    ] {
        let scope = StopScope::Mailbox(world.mailbox);
        let stops = world.stops();
        stops
            .stop(world.workspace, scope, reason, StopSource::System)
            .await
            .unwrap();
        assert_eq!(standing().await, Some(reason));
        world.connect(1).await;
        assert_eq!(standing().await, after);
    }
}

#[tokio::test]
async fn pausing_and_connecting_hold_when_the_lane_writes_the_same_row_meanwhile() {
    let world = World::new(0).await;
    for connects in [false, true] {
        let store = Mortal::new(world.store.clone());
        let other = world.restarted(store.clone(), EngineSettings::default());
        let key = Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
        let cursor = ColumnOp::Set(Some("0".to_owned()).to_value());
        // Between the look at the row and the writing over it.
        let lane = async {
            while !store.is_frozen() {
                tokio::task::yield_now().await;
            }
            let patch = Write::Patch(key, vec![("cursor", cursor)]);
            let batch = Batch::new(world.workspace).write(patch);
            world.store.commit(batch).await.unwrap();
            store.thaw();
        };
        if connects {
            let mailboxes = world.engine.mailboxes(world.workspace);
            mailboxes.resume(world.mailbox, owner()).await.unwrap();
            set(&world, MailboxState::NeedsReauth).await;
        }
        store.freeze_reading(|key| std::ptr::eq(key.table(), &MAILBOX), Side::Behind);
        let person = async {
            if connects {
                other.connect(1).await;
            } else {
                let mailboxes = other.engine.mailboxes(world.workspace);
                mailboxes.pause(world.mailbox).await.unwrap();
            }
        };
        tokio::join!(person, lane);
        let state = match connects {
            false => MailboxState::Paused,
            true => MailboxState::Connected,
        };
        assert_eq!(mailbox(&world).await.state, state);
    }
}

#[tokio::test]
async fn a_breakers_stop_outlives_a_disconnection_and_a_new_grant() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("breaker-and-grant");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let sqlite = SqliteStorage::open(dir.join("jooper.db")).await;
    let stores: [Arc<dyn Storage>; 2] = [Arc::new(MemoryStore::new()), Arc::new(sqlite.unwrap())];
    for store in stores {
        let world = World::on(store, 1).await;
        world.campaign().await;
        let scope = StopScope::Mailbox(world.mailbox);
        let (why, who) = (StopReason::Breaker, StopSource::System);
        let stops = world.stops();
        let stopped = stops.stop(world.workspace, scope.clone(), why, who);
        stopped.await.unwrap();
        disconnect(&world).await;
        let causes = || async {
            let causes = stops.causes(world.workspace, &scope).await.unwrap();
            let reasons = causes.into_iter().map(|cause| cause.reason);
            reasons.collect::<Vec<_>>()
        };
        assert_eq!(causes().await, [StopReason::Disconnected, why]);
        world.connect(1).await;
        assert_eq!(causes().await, [why]);
        // Into a window, and not to its first minute, in which everybody has a place in line.
        world.run_for(49).await;
        assert!(world.transport.accepted().is_empty(), "nobody has looked");
        let runner = Runner::new(world.engine.clone());
        while runner.turn().await.unwrap() > 0 {}
        let breakers = Breakers::new(
            world.store.clone(),
            stops.clone(),
            world.clock.clone(),
            Ceilings::new(),
        );
        let mailbox = BreakerScope::Mailbox(world.mailbox);
        breakers
            .reset(world.workspace, mailbox, owner())
            .await
            .unwrap();
        while runner.turn().await.unwrap() > 0 {}
        assert_eq!(world.transport.accepted().len(), 1, "it goes on at once");
    }
}

#[tokio::test]
async fn a_pause_outlives_a_dead_grant_a_disconnection_and_a_new_grant() {
    let world = World::new(1).await;
    world.campaign().await;
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.pause(world.mailbox).await.unwrap();
    set(&world, MailboxState::NeedsReauth).await;
    world.connect(1).await;
    assert_eq!(mailbox(&world).await.state, MailboxState::Paused);
    disconnect(&world).await;
    world.connect(1).await;
    assert_eq!(mailbox(&world).await.state, MailboxState::Paused);
    world.run_for(48).await;
    assert!(
        world.transport.accepted().is_empty(),
        "nobody has resumed it"
    );
    mailboxes.resume(world.mailbox, owner()).await.unwrap();
    assert_eq!(mailbox(&world).await.state, MailboxState::Connected);
    world.run_for(48).await;
    assert_eq!(world.transport.accepted().len(), 1);
}

fn owner() -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(1))
}

async fn disconnect(world: &World) {
    let (store, vault) = (world.store.clone(), world.vault.clone());
    let credentials = VaultCredentials::new(store, vault, world.clock.clone());
    let mailboxes = world.engine.mailboxes(world.workspace);
    let done = mailboxes.disconnect(&credentials, world.mailbox);
    done.await.unwrap();
}

#[tokio::test]
async fn a_hint_that_comes_while_the_mailbox_is_being_read_is_followed_in_the_same_turn() {
    let world = World::new(0).await;
    let inbox = Slow::new(&world, false);
    let runner = Runner::new(process(&world, world.store.clone(), inbox.clone()));
    let meanwhile = async {
        inbox.until_asked().await;
        // Behind what the provider has just answered with.
        let now = jooper_core::Clock::now(&*world.clock);
        let raw = "From: jo@person0.example\r\nSubject: Hello\r\n\r\nHi.\r\n";
        let mail = arrival("x1", "t1", now, false, raw);
        world.inbox.0.lock().unwrap().push(mail);
        let address = jooper_core::EmailAddress::parse("ada1@sender.example").unwrap();
        for _ in 0..3 {
            let mailboxes = world.engine.mailboxes(world.workspace);
            assert!(mailboxes.wake(&address).await.unwrap());
        }
        inbox.answer();
    };
    let (turn, ()) = tokio::join!(runner.turn(), meanwhile);
    assert_eq!(turn.unwrap(), 1);
    let cursor = mailbox(&world).await.cursor;
    assert_eq!(
        cursor.as_deref(),
        Some("1"),
        "read before the lane was let go"
    );
}
