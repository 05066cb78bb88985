//! Mails of which the list tells little, or which the provider cannot give.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{
    Clock, EmailAddress, EnrollmentState, FinishReason, LeadId, SendKey, UserId, WaitReason,
};
use jooper_sequence::{EngineSettings, Runner};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, MAILBOX, MailboxRow, SEND, SendRow};
use jooper_storage::{Scan, StorageExt};
use jooper_transport::Arrived;
use support::World;

const DAYS: i64 = 24;

async fn enrollment(world: &World, lead: LeadId) -> EnrollmentRow {
    let rows = world
        .store
        .collect::<EnrollmentRow>(world.workspace, Scan::table(&ENROLLMENT));
    let mut rows = rows.await.unwrap().into_iter().map(|row| row.record);
    rows.find(|row| row.lead == lead).unwrap()
}

/// The conversation that was begun with this person.
async fn thread_of(world: &World, lead: LeadId) -> String {
    let theirs = enrollment(world, lead).await.id;
    let rows = world
        .store
        .collect::<SendRow>(world.workspace, Scan::table(&SEND));
    let mut rows = rows.await.unwrap().into_iter().map(|row| row.record);
    let sent = rows
        .find(|row| matches!(row.key, SendKey::Step { enrollment, .. } if enrollment == theirs));
    sent.unwrap().provider_thread.unwrap()
}

/// Of a mail in this conversation the list tells no header; an empty text cannot be fetched.
fn arrive(world: &World, id: &str, thread: String, raw: &str) {
    let arrived = Arrived {
        provider_id: id.to_owned(),
        thread,
        at: world.clock.now(),
        outgoing: false,
        headers: Vec::new(),
    };
    let mail = (arrived, raw.as_bytes().to_vec());
    world.inbox.0.lock().unwrap().push(mail);
}

const ANSWER: &str = "From: Jo <lead0@person0.example>\r\nSubject: Re: Hello\r\n\
                      Message-ID: <in1@person0.example>\r\n\r\nYes, please call me.\r\n";

#[tokio::test]
async fn a_mail_is_judged_by_its_raw_text_when_the_list_tells_none_of_its_headers() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let thread = thread_of(&world, world.leads[0]).await;
    arrive(&world, "in1", thread, ANSWER);
    world.run_for(20 * DAYS).await;
    let row = enrollment(&world, world.leads[0]).await;
    assert_eq!(row.finish, Some(FinishReason::Replied));
    assert_eq!(world.transport.accepted().len(), 1);
}

/// It began a conversation of its own, so that nothing but its own header says whom it is from.
#[tokio::test]
async fn such_a_mail_in_a_conversation_of_its_own_is_known_by_the_header_in_its_text() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    arrive(&world, "in1", "another".to_owned(), ANSWER);
    world.run_for(20 * DAYS).await;
    let row = enrollment(&world, world.leads[0]).await;
    assert_eq!(row.finish, Some(FinishReason::Replied));
    assert_eq!(world.transport.accepted().len(), 1);
}

#[tokio::test]
async fn a_mail_that_the_provider_cannot_give_stops_its_person_and_hides_nobody_else() {
    let world = World::new(2).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    assert_eq!(world.transport.accepted().len(), 2);
    let (mute, heard) = (world.leads[1], world.leads[0]);
    arrive(&world, "in0", thread_of(&world, mute).await, "");
    arrive(&world, "in1", thread_of(&world, heard).await, ANSWER);
    world.run_for(20 * DAYS).await;
    assert_eq!(world.transport.accepted().len(), 2, "nobody is followed up");
    let row = enrollment(&world, heard).await;
    assert_eq!(row.finish, Some(FinishReason::Replied));
    let row = enrollment(&world, mute).await;
    assert_eq!(row.state, EnrollmentState::Paused);
    assert_eq!(row.wait, Some(WaitReason::Unread));
    let views = world.engine.campaigns(world.workspace);
    let next = views.explain(mute).await.unwrap().remove(0).next.unwrap();
    assert!(next.summary.contains("cannot give it"), "{next:?}");
}

/// A mail with its headers, whose text the provider never gives.
fn withheld(world: &World, id: &str, headers: &[(&str, &str)]) {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let arrived = Arrived {
        provider_id: id.to_owned(),
        thread: format!("thread of {id}"),
        at: world.clock.now(),
        outgoing: false,
        headers: headers.collect(),
    };
    world.inbox.0.lock().unwrap().push((arrived, Vec::new()));
}

async fn read_to(world: &World) -> Option<String> {
    let rows = world
        .store
        .collect::<MailboxRow>(world.workspace, Scan::table(&MAILBOX));
    rows.await.unwrap().remove(0).record.cursor
}

#[tokio::test]
async fn a_strangers_mail_that_the_provider_never_gives_does_not_deafen_the_mailbox() {
    let world = World::new(2).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    assert_eq!(world.transport.accepted().len(), 2);
    let heard = world.leads[0];
    let report = [
        ("From", "mailer-daemon@stranger.example"),
        ("Subject", "Undelivered"),
    ];
    withheld(&world, "in0", &report);
    arrive(&world, "in1", thread_of(&world, heard).await, ANSWER);
    Runner::new(world.engine.clone()).turn().await.unwrap();
    world.clock.advance_millis(60_000);
    world.run_for(1).await;
    let row = enrollment(&world, heard).await;
    assert_eq!(row.finish, Some(FinishReason::Replied), "on the same page");
    world.run_for(3).await;
    assert_eq!(read_to(&world).await.as_deref(), Some("2"), "given up");
    world.run_for(20 * DAYS).await;
    let accepted = world.transport.accepted().len();
    assert_eq!(accepted, 4, "the other one is followed up");
    // It may have said that a mail of ours came back: it is kept in sight until somebody has looked.
    let mailboxes = world.engine.mailboxes(world.workspace);
    let lost = mailboxes.unreadable().await.unwrap();
    assert_eq!(lost.len(), 1);
    assert_eq!(
        (lost[0].mailbox, lost[0].provider_id.as_str()),
        (world.mailbox, "in0")
    );
    mailboxes.looked_at(world.mailbox, "in0").await.unwrap();
    assert_eq!(mailboxes.unreadable().await.unwrap(), []);
}

#[tokio::test]
async fn a_mail_is_not_given_up_in_an_outage_however_often_the_mailbox_is_looked_at() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let report = [
        ("From", "mailer-daemon@person0.example"),
        ("Content-Type", "multipart/report"),
    ];
    withheld(&world, "in0", &report);
    let before = read_to(&world).await;
    let runner = Runner::new(world.engine.clone());
    let mailboxes = world.engine.mailboxes(world.workspace);
    let address = EmailAddress::parse("ada1@sender.example").unwrap();
    // Told of it by push, again and again, for half an hour.
    for _ in 0..30 {
        assert!(mailboxes.wake(&address).await.unwrap());
        while runner.turn().await.unwrap() > 0 {}
        world.clock.advance_millis(60_000);
    }
    assert_eq!(read_to(&world).await, before, "it is still waited for");
    // The provider can give it now.
    let bounce = "From: mailer-daemon@person0.example\r\nTo: ada1@sender.example\r\n\
                  Subject: Undelivered\r\nMessage-ID: <b@person0.example>\r\n\r\nNo such user.\r\n";
    world.inbox.0.lock().unwrap()[0].1 = bounce.as_bytes().to_vec();
    world.run_for(1).await;
    assert_ne!(read_to(&world).await, before, "it was read");
    assert_eq!(mailboxes.unreadable().await.unwrap(), []);
}

#[tokio::test]
async fn whoever_wrote_a_mail_that_the_provider_never_gives_waits_for_a_person() {
    let world = World::new(2).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let from = |from| [("From", from), ("Subject", "Re: Hello")];
    withheld(&world, "in0", &from("Jo <lead0@person0.example>"));
    // Of somebody's company alone: nobody is stopped for what nobody can read.
    withheld(&world, "in1", &from("boss@person1.example"));
    world.run_for(4).await;
    assert_eq!(read_to(&world).await.as_deref(), Some("2"), "given up");
    let row = enrollment(&world, world.leads[0]).await;
    assert_eq!(row.state, EnrollmentState::Paused);
    assert_eq!(row.wait, Some(WaitReason::Unread));
    let row = enrollment(&world, world.leads[1]).await;
    assert_eq!(row.state, EnrollmentState::Active);
}

/// Lets so many minutes pass, ten at a time.
async fn minutes(world: &World, minutes: i64) {
    let runner = Runner::new(world.engine.clone());
    for _ in 0..minutes / 10 {
        while runner.turn().await.unwrap() > 0 {}
        world.clock.advance_millis(10 * 60_000);
    }
}

#[tokio::test]
async fn mails_that_the_provider_cannot_give_are_waited_for_side_by_side() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let report = [
        ("From", "mailer-daemon@stranger.example"),
        ("Subject", "Undelivered"),
    ];
    for n in 0..12 {
        withheld(&world, &format!("in{n}"), &report);
    }
    minutes(&world, 60).await;
    assert_ne!(read_to(&world).await.as_deref(), Some("12"), "an hour each");
    minutes(&world, 60).await;
    assert_eq!(
        read_to(&world).await.as_deref(),
        Some("12"),
        "not one behind another"
    );
    let mailboxes = world.engine.mailboxes(world.workspace);
    assert_eq!(mailboxes.unreadable().await.unwrap().len(), 12);
}

#[tokio::test]
async fn what_follows_from_a_mail_that_was_given_up_is_done_once() {
    let mut world = World::new(2).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let from = |from| [("From", from), ("Subject", "Re: Hello")];
    withheld(&world, "in0", &from("Jo <lead0@person0.example>"));
    minutes(&world, 40).await;
    // Of somebody's company alone; it holds the page up for half an hour longer.
    withheld(&world, "in1", &from("boss@person1.example"));
    minutes(&world, 30).await;
    let lead = world.leads[0];
    let row = enrollment(&world, lead).await;
    assert_eq!(row.wait, Some(WaitReason::Unread));
    let campaigns = world.engine.campaigns(world.workspace);
    let by = UserId::from_uuid(uuid::Uuid::from_u128(1));
    campaigns.resume_enrollment(row.id, by).await.unwrap();
    let mailboxes = world.engine.mailboxes(world.workspace);
    for _ in 0..4 {
        minutes(&world, 10).await;
        let row = enrollment(&world, lead).await;
        assert_eq!(row.state, EnrollmentState::Active, "a person has looked");
        // Another process knows no mail that fails.
        world = world.restarted(world.store.clone(), EngineSettings::default());
    }
    assert_ne!(read_to(&world).await.as_deref(), Some("2"), "it is held up");
    minutes(&world, 100).await;
    assert_eq!(read_to(&world).await.as_deref(), Some("2"));
    let row = enrollment(&world, lead).await;
    assert_eq!(row.state, EnrollmentState::Active);
    assert_eq!(mailboxes.unreadable().await.unwrap().len(), 1);
}
