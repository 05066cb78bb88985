//! What the mailbox itself tells: mails that the ledger does not know, and what cannot be read.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jooper_core::{
    Clock, EmailAddress, EnrollmentState, MailboxState, NotSentReason, ParkReason, SendKey,
    SendState, StepIndex, UserId,
};
use jooper_sequence::{AttemptToken, ConnectMailbox, VaultCredentials};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LaneRow, MAILBOX, MailboxRow, SEND, SendRow,
};
use jooper_storage::{Batch, Column, ColumnOp, Scan, Storage, StorageExt, Write};
use jooper_transport::{
    CredentialError, CredentialStore, Credentials, MailboxRef, Outcome, StoredCredentials,
};
use support::{World, arrival};
use uuid::Uuid;

async fn mailbox(world: &World) -> MailboxRow {
    let key = vec![world.mailbox.to_value()];
    let row = world.store.find(world.workspace, key).await.unwrap();
    let row: jooper_storage::Versioned<MailboxRow> = row.unwrap();
    row.record
}

async fn sends(world: &World) -> Vec<SendRow> {
    let rows = world.store.collect(world.workspace, Scan::table(&SEND));
    rows.await
        .unwrap()
        .into_iter()
        .map(|row| row.record)
        .collect()
}

async fn enrollment(world: &World) -> EnrollmentRow {
    let rows = world
        .store
        .collect(world.workspace, Scan::table(&ENROLLMENT));
    rows.await.unwrap().remove(0).record
}

/// Lets a mail stand in the mailbox that this account sent, with a token.
async fn appears(world: &World, id: &str, token: AttemptToken) {
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let token = token.write(&vault, "sender.example");
    let raw = format!(
        "From: ada@sender.example\r\nTo: lead0@person0.example\r\nSubject: Hello\r\n\
         Message-ID: <{id}@mail.example>\r\nReferences: <{token}>\r\n\r\nHi.\r\n"
    );
    let mail = arrival(id, "t9", world.clock.now(), true, &raw);
    world.inbox.0.lock().unwrap().push(mail);
}

fn step(enrollment: &EnrollmentRow, step: u16) -> SendKey {
    SendKey::Step {
        enrollment: enrollment.id,
        step: StepIndex(step),
    }
}

#[tokio::test]
async fn a_token_that_the_ledger_lacks_stops_the_mailbox_for_a_person_to_look() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1);
    assert_eq!(mailbox(&world).await.state, MailboxState::Connected);
    let send_key = step(&enrollment(&world).await, 2);
    appears(
        &world,
        "x1",
        AttemptToken {
            send_key,
            attempt: 1,
        },
    )
    .await;
    world.run_for(24 * 21).await;
    assert_eq!(mailbox(&world).await.state, MailboxState::Contested);
    assert_eq!(
        world.transport.accepted().len(),
        1,
        "nothing leaves any more"
    );
}

#[tokio::test]
async fn an_attempt_that_the_ledger_lacks_stops_the_mailbox_and_counts_as_sent() {
    let world = World::new(1).await;
    // The provider refuses the first try; the second one is another copy's.
    world.transport.script(Outcome::NotSent {
        reason: NotSentReason::Unreachable,
        retry_at: None,
    });
    world.campaign().await;
    world.run_for(1).await;
    let row = sends(&world).await.remove(0);
    let attempt = row.attempt + 5;
    appears(
        &world,
        "x1",
        AttemptToken {
            send_key: row.key,
            attempt,
        },
    )
    .await;
    let before = world.transport.accepted().len();
    world.run_for(24 * 21).await;
    assert_eq!(mailbox(&world).await.state, MailboxState::Contested);
    assert_eq!(world.transport.accepted().len(), before);
    assert_eq!(sends(&world).await[0].state, SendState::Sent);
}

#[tokio::test]
async fn what_its_owner_writes_into_the_thread_ends_the_sequence_although_it_carries_our_token() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(24).await;
    let row = sends(&world).await.remove(0);
    let token = AttemptToken {
        send_key: row.key,
        attempt: row.attempt,
    };
    // Its own copy is nothing new; the next mail in the thread is somebody's own.
    appears(&world, row.provider_id.as_deref().unwrap(), token).await;
    world.run_for(1).await;
    assert_eq!(enrollment(&world).await.state, EnrollmentState::Active);
    appears(&world, "by-hand", token).await;
    world.run_for(24 * 21).await;
    assert_eq!(mailbox(&world).await.state, MailboxState::Connected);
    assert_eq!(
        world.transport.accepted().len(),
        1,
        "the owner has taken over"
    );
}

#[tokio::test]
async fn a_mailbox_that_cannot_read_sends_no_follow_up_and_says_why() {
    let world = World::new(1).await;
    world.campaign().await;
    let set = |state: MailboxState| {
        let key = jooper_storage::Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
        let patch = Write::Patch(key, vec![("state", ColumnOp::Set(state.to_value()))]);
        world.store.commit(Batch::new(world.workspace).write(patch))
    };
    set(MailboxState::SendOnly).await.unwrap();
    world.run_for(24 * 14).await;
    assert_eq!(world.transport.accepted().len(), 1, "the first mail alone");
    let views = world.engine.campaigns(world.workspace);
    let views = views.explain(world.leads[0]).await.unwrap();
    let told = views[0]
        .decisions
        .iter()
        .any(|(_, decision)| decision.summary.contains("may send but not read"));
    assert!(told, "{:?}", views[0].decisions);
    set(MailboxState::Connected).await.unwrap();
    world.run_for(24 * 21).await;
    assert_eq!(
        world.transport.accepted().len(),
        3,
        "and goes on once it may"
    );
}

#[tokio::test]
async fn too_fast_without_a_time_pauses_for_ten_minutes_and_changes_no_state() {
    for state in [MailboxState::Connected, MailboxState::SendOnly] {
        let world = World::new(1).await;
        let key = jooper_storage::Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
        let patch = Write::Patch(key, vec![("state", ColumnOp::Set(state.to_value()))]);
        let batch = Batch::new(world.workspace).write(patch);
        world.store.commit(batch).await.unwrap();
        world.campaign().await;
        world.transport.script(Outcome::NotSent {
            reason: NotSentReason::RateLimited,
            retry_at: None,
        });
        let mut parked = None;
        for _ in 0..24 {
            let before = world.clock.now();
            world.run_for(1).await;
            let row = mailbox(&world).await;
            assert_eq!(row.state, state, "what it may do");
            if let (None, Some(until)) = (parked, row.parked_until) {
                // Time moves by ten minutes: it was refused at one of the hour's six moments.
                let at = until - jiff::SignedDuration::from_mins(10);
                assert!(at >= before && at < world.clock.now(), "{at} {before}");
                assert_eq!(row.park_reason, Some(ParkReason::RateLimited));
                parked = Some(until);
            }
        }
        assert!(parked.is_some());
        assert_eq!(world.transport.accepted().len(), 1, "by itself");
    }
}

#[tokio::test]
async fn a_parked_mailbox_says_until_when_and_why_for_every_lead_that_waits_for_it() {
    let world = World::new(2).await;
    let until = world.clock.now() + jiff::SignedDuration::from_hours(100);
    world.transport.script(Outcome::NotSent {
        reason: NotSentReason::SendingLimit,
        retry_at: Some(until),
    });
    world.campaign().await;
    world.run_for(24).await;
    let row = mailbox(&world).await;
    assert_eq!(row.parked_until, Some(until));
    assert_eq!(row.park_reason, Some(ParkReason::SendingLimit));
    // Connecting again does not end it.
    world.connect(1).await;
    assert_eq!(mailbox(&world).await.park_reason, row.park_reason);
    for lead in &world.leads {
        let views = world.engine.campaigns(world.workspace);
        let next = views.explain(*lead).await.unwrap().remove(0).next.unwrap();
        let why = "the account's sending limit is reached";
        assert!(
            next.summary.contains(&format!("waits until {until:.0}")),
            "{next:?}"
        );
        assert!(next.summary.contains(why), "{next:?}");
        let line = next.lines.last().unwrap();
        assert_eq!(
            (line.rule.as_str(), line.verdict.as_str()),
            ("mailbox", why)
        );
    }
    world.run_for(24 * 7).await;
    assert_eq!(world.transport.accepted().len(), 2, "and goes on");
    let views = world.engine.campaigns(world.workspace);
    let next = views.explain(world.leads[0]).await.unwrap().remove(0).next;
    let told = next.is_some_and(|next| next.summary.contains("limit"));
    assert!(!told, "no longer");
}

#[tokio::test]
async fn what_earlier_versions_parked_goes_on_by_itself() {
    let world = World::new(1).await;
    let key = jooper_storage::Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
    let until = Some(world.clock.now() + jiff::SignedDuration::from_hours(2));
    let columns = vec![
        ("state", ColumnOp::Set(MailboxState::Parked.to_value())),
        ("parked_until", ColumnOp::Set(until.to_value())),
    ];
    let batch = Batch::new(world.workspace).write(Write::Patch(key, columns));
    world.store.commit(batch).await.unwrap();
    world.campaign().await;
    world.run_for(1).await;
    let row = mailbox(&world).await;
    assert_eq!(row.state, MailboxState::Connected);
    assert_eq!(row.parked_until, until);
    assert_eq!(world.transport.accepted().len(), 0);
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1);
}

/// Tells whether the account was in sight of workers before its tokens were kept.
#[derive(Debug)]
struct Watched {
    inner: VaultCredentials,
    store: Arc<dyn Storage>,
    shown: AtomicBool,
}

#[async_trait]
impl CredentialStore for Watched {
    async fn load(
        &self,
        mailbox: MailboxRef,
    ) -> Result<Option<StoredCredentials>, CredentialError> {
        self.inner.load(mailbox).await
    }

    async fn save(
        &self,
        mailbox: MailboxRef,
        expected: Option<u64>,
        credentials: &Credentials,
    ) -> Result<u64, CredentialError> {
        let key = vec![mailbox.mailbox.to_value()];
        let row = self.store.find::<MailboxRow>(mailbox.workspace, key).await;
        let connected = row.unwrap().map(|row| row.record.state) == Some(MailboxState::Connected);
        self.shown.fetch_or(connected, Ordering::SeqCst);
        self.inner.save(mailbox, expected, credentials).await
    }

    async fn delete(&self, mailbox: MailboxRef) -> Result<(), CredentialError> {
        self.inner.delete(mailbox).await
    }
}

#[tokio::test]
async fn a_connection_is_seen_by_workers_only_with_its_tokens() {
    let world = World::new(0).await;
    let store: Arc<dyn Storage> = world.store.clone();
    let watched = Watched {
        inner: VaultCredentials::new(store.clone(), world.vault.clone(), world.clock.clone()),
        store,
        shown: AtomicBool::new(false),
    };
    let mailboxes = world.engine.mailboxes(world.workspace);
    let new = ConnectMailbox {
        owner: UserId::from_uuid(Uuid::from_u128(9)),
        sub: "sub-9".to_owned(),
        email: EmailAddress::parse("ada9@sender.example").unwrap(),
        display_name: "Ada".to_owned(),
        aliases: Vec::new(),
        state: MailboxState::Connected,
        credentials: Credentials {
            refresh_token: "r".into(),
            access_token: None,
            scopes: Vec::new(),
        },
    };
    let first = mailboxes.connect(&watched, new.clone()).await.unwrap();
    mailboxes.disconnect(&watched, first).await.unwrap();
    let again = mailboxes.connect(&watched, new).await.unwrap();
    assert_eq!(again, first);
    assert!(!watched.shown.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_hint_has_the_mailbox_read_at_once_and_finds_it_by_its_address_only() {
    let world = World::new(0).await;
    let mailboxes = world.engine.mailboxes(world.workspace);
    let lane = || async {
        let key = vec![world.mailbox.to_value()];
        let row = world.store.find::<LaneRow>(world.workspace, key).await;
        row.unwrap().unwrap().record.wake_at
    };
    world.run_for(1).await;
    let before = lane().await;
    // A moment before its next reading.
    let wait = world.clock.now().duration_until(before).as_millis() as i64;
    world.clock.advance_millis(wait - 30_000);
    assert!(before > world.clock.now());
    let nobody = EmailAddress::parse("ada2@sender.example").unwrap();
    assert!(!mailboxes.wake(&nobody).await.unwrap());
    assert_eq!(lane().await, before);
    let ada = EmailAddress::parse("Ada1@Sender.Example").unwrap();
    assert!(mailboxes.wake(&ada).await.unwrap());
    assert_eq!(lane().await, world.clock.now());
    world.clock.advance_millis(1000);
    assert!(mailboxes.wake(&ada).await.unwrap());
    assert!(lane().await < world.clock.now(), "never raised");
}
