//! Revoking a grant while the mailbox has other causes to stand still: each comes and goes alone.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::StopScope;
use jooper_core::{MailboxState, StopReason, UserId};
use jooper_sequence::{Engine, EngineError, EngineSettings, VaultCredentials};
use jooper_storage::tables::MailboxRow;
use jooper_storage::{Column, StorageExt, Versioned};
use jooper_transport::{Cursor, Delta, Inbox, MailboxRef, TransportError};
use support::{HandInbox, LeaseOf, Passing, Process, World};

/// An inbox whose provider takes as long to revoke a grant as the test wants, or refuses to.
#[derive(Debug)]
struct Revoking {
    inner: Arc<HandInbox>,
    asked: AtomicBool,
    answers: AtomicBool,
    refuses: bool,
}

#[async_trait]
impl Inbox for Revoking {
    async fn baseline(&self, account: MailboxRef) -> Result<Cursor, TransportError> {
        self.inner.baseline(account).await
    }

    async fn changes(
        &self,
        account: MailboxRef,
        cursor: &Cursor,
        since: Timestamp,
    ) -> Result<Delta, TransportError> {
        self.inner.changes(account, cursor, since).await
    }

    async fn fetch(&self, account: MailboxRef, id: &str) -> Result<Vec<u8>, TransportError> {
        self.inner.fetch(account, id).await
    }

    async fn revoke(&self, _: MailboxRef) -> Result<(), TransportError> {
        self.asked.store(true, Ordering::SeqCst);
        while !self.answers.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        match self.refuses {
            true => Err(TransportError::Unavailable),
            false => Ok(()),
        }
    }
}

impl Revoking {
    fn new(world: &World, answers: bool, refuses: bool) -> Arc<Self> {
        Arc::new(Self {
            inner: world.inbox.clone(),
            asked: AtomicBool::new(false),
            answers: AtomicBool::new(answers),
            refuses,
        })
    }
}

fn process(world: &World, inbox: Arc<dyn Inbox>) -> Engine {
    Process {
        store: world.store.clone(),
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

async fn revoke(world: &World, engine: &Engine) -> Result<(), EngineError> {
    let (store, vault) = (world.store.clone(), world.vault.clone());
    let credentials = VaultCredentials::new(store, vault, world.clock.clone());
    let mailboxes = engine.mailboxes(world.workspace);
    mailboxes
        .revoke_and_disconnect(&credentials, world.mailbox)
        .await
}

async fn state(world: &World) -> MailboxState {
    let key = vec![world.mailbox.to_value()];
    let row = world.store.find(world.workspace, key).await.unwrap();
    let row: Versioned<MailboxRow> = row.unwrap();
    row.record.state
}

async fn causes(world: &World) -> Vec<StopReason> {
    let scope = StopScope::Mailbox(world.mailbox);
    let causes = world.stops().causes(world.workspace, &scope).await.unwrap();
    causes.into_iter().map(|cause| cause.reason).collect()
}

fn owner() -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(1))
}

#[tokio::test]
async fn a_pause_that_comes_while_a_grant_is_revoked_stays_whatever_the_provider_answers() {
    for refuses in [false, true] {
        let world = World::new(1).await;
        world.campaign().await;
        let mailboxes = world.engine.mailboxes(world.workspace);
        let inbox = Revoking::new(&world, false, refuses);
        let engine = process(&world, inbox.clone());
        let meanwhile = async {
            while !inbox.asked.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            assert_eq!(causes(&world).await, [StopReason::Disconnected]);
            mailboxes.pause(world.mailbox).await.unwrap();
            inbox.answers.store(true, Ordering::SeqCst);
        };
        let (done, ()) = tokio::join!(revoke(&world, &engine), meanwhile);
        assert_eq!(done.is_err(), refuses);
        let both = [StopReason::Disconnected, StopReason::Paused];
        assert_eq!(causes(&world).await, both);
        world.connect(1).await;
        assert_eq!(causes(&world).await, [StopReason::Paused]);
        assert_eq!(state(&world).await, MailboxState::Paused);
        world.run_for(48).await;
        assert!(
            world.transport.accepted().is_empty(),
            "nobody has resumed it"
        );
        mailboxes.resume(world.mailbox, owner()).await.unwrap();
        world.run_for(48).await;
        assert_eq!(world.transport.accepted().len(), 1);
    }
}

#[tokio::test]
async fn an_account_whose_grant_stands_is_held_as_disconnected_until_it_is_connected_again() {
    let world = World::new(1).await;
    world.campaign().await;
    let engine = process(&world, Revoking::new(&world, true, true));
    for _ in 0..2 {
        let refused = revoke(&world, &engine).await;
        assert!(
            matches!(refused, Err(EngineError::Transport(_))),
            "{refused:?}"
        );
        assert_eq!(causes(&world).await, [StopReason::Disconnected]);
        assert_eq!(state(&world).await, MailboxState::Connected, "it is read");
    }
    // Nobody paused it, so that a resume lets nothing go.
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.resume(world.mailbox, owner()).await.unwrap();
    world.run_for(48).await;
    assert!(world.transport.accepted().is_empty());
    world.connect(1).await;
    assert_eq!(causes(&world).await, []);
    world.run_for(48).await;
    assert_eq!(world.transport.accepted().len(), 1);
}
