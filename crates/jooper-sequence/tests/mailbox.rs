//! What the mailbox itself tells: mails that the ledger does not know, and what cannot be read.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{
    Clock, EnrollmentState, MailboxState, NotSentReason, SendKey, SendState, StepIndex,
};
use jooper_sequence::AttemptToken;
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, MAILBOX, MailboxRow, SEND, SendRow};
use jooper_storage::{Batch, Column, ColumnOp, Scan, StorageExt, Write};
use jooper_transport::Outcome;
use support::{World, arrival};

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
