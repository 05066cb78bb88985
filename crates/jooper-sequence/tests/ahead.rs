//! A mailbox whose limits count from a time that was a mistake: a named person says that the clock is right.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jiff::{SignedDuration, Timestamp};
use jooper_consent::Note;
use jooper_core::{Clock, NotSentReason, UserId};
use jooper_sequence::model::{CatchUp, Limits, Schedule};
use jooper_sequence::{EngineError, Runner, mailboxes_ahead};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LANE, MailboxRow};
use jooper_storage::{Batch, Column, ColumnOp, Key, LogCursor, Scan, StorageExt, Write};
use jooper_transport::Outcome;
use support::World;

const ONE: &str = r#"
    name = "One mail"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Hello."
"#;

const TWO: &str = r#"
    name = "Two mails"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Hello."
    [[step]]
    wait = "3 days"
    [[step.variant]]
    body = "Once more."
"#;

/// Two mails a day. One goes on the first; then the clock shows a time a year ahead until two more have
/// gone, and is set right.
async fn behind_a_clock_that_was_ahead() -> World {
    let world = World::new(6).await;
    let schedule = Schedule {
        daily_cap: 2,
        catch_up: CatchUp::Send,
        ..Schedule::default()
    };
    world.campaign_of(ONE, schedule).await;
    until_mailed(&world, 1).await;
    let right = world.clock.now();
    world
        .clock
        .set(right + SignedDuration::from_hours(24 * 364));
    until_mailed(&world, 3).await;
    world.clock.set(right + SignedDuration::from_mins(30));
    world
}

async fn until_mailed(world: &World, mails: usize) {
    let runner = Runner::new(world.engine.clone());
    for _ in 0..200 {
        while runner.turn().await.unwrap() > 0 {}
        if world.transport.accepted().len() >= mails {
            return;
        }
        world.clock.advance_millis(600_000);
    }
    panic!("{mails} mails never went");
}

fn by() -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(1))
}

#[tokio::test]
async fn a_named_person_has_a_mailbox_count_from_the_clock_as_it_is_and_a_day_passes_first() {
    let world = behind_a_clock_that_was_ahead().await;
    world.run_for(72).await;
    assert_eq!(world.transport.accepted().len(), 3, "it counts from there");
    let ahead = async || mailboxes_ahead(&*world.store, world.workspace, world.clock.now()).await;
    let seen = ahead().await.unwrap()[&world.mailbox];
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.trust_clock(world.mailbox, by()).await.unwrap();
    world.run_for(23).await;
    assert_eq!(
        world.transport.accepted().len(),
        3,
        "what went may be of today"
    );
    assert!(ahead().await.unwrap().is_empty());
    world.run_for(25).await;
    assert_eq!(world.transport.accepted().len(), 5, "two a day");
    world.run_for(72).await;
    assert_eq!(world.transport.accepted().len(), 6);
    let again = mailboxes.trust_clock(world.mailbox, by()).await;
    assert!(matches!(again, Err(EngineError::State(_))), "{again:?}");
    let page = world.store.read_log(world.workspace, LogCursor::start());
    let page = page.await.unwrap();
    let payloads = page
        .records
        .iter()
        .filter_map(|it| it.entry.payload.as_deref());
    let said = payloads.filter_map(Note::from_payload);
    let said: Vec<_> = said
        .filter(|note| matches!(note, Note::ClockTrusted { .. }))
        .collect();
    let (mailbox, by) = (world.mailbox, by());
    assert_eq!(said, [Note::ClockTrusted { mailbox, seen, by }]);
}

/// They are enrolled at the right time, and then the clock shows a time a year ahead. It returns the time
/// that is right half an hour later.
async fn enrolled_then_ahead(world: &World, sequence: &str, limits: Limits) -> Timestamp {
    let schedule = Schedule {
        catch_up: CatchUp::Send,
        limits,
        ..Schedule::default()
    };
    world.campaign_of(sequence, schedule).await;
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
    let right = world.clock.now();
    let ahead = right + SignedDuration::from_hours(24 * 364);
    world.clock.set(ahead);
    right + SignedDuration::from_mins(30)
}

async fn trust(world: &World) {
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.trust_clock(world.mailbox, by()).await.unwrap();
}

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn parked_until(world: &World) -> Option<Timestamp> {
    let key = vec![world.mailbox.to_value()];
    let row = world.store.find::<MailboxRow>(world.workspace, key).await;
    row.unwrap().unwrap().record.parked_until
}

fn sending_limit() -> Outcome {
    Outcome::NotSent {
        reason: NotSentReason::SendingLimit,
        retry_at: None,
    }
}

#[tokio::test]
async fn whoever_was_mailed_by_the_wrong_clock_has_the_second_mail_after_its_delay() {
    let world = World::new(2).await;
    let right = enrolled_then_ahead(&world, TWO, Limits::default()).await;
    until_mailed(&world, 2).await;
    world.clock.set(right);
    trust(&world).await;
    world.run_for(70).await;
    assert_eq!(world.transport.accepted().len(), 2, "three days");
    for row in enrollments(&world).await {
        assert!(row.last_sent_at.unwrap() < world.clock.now());
        assert!(row.created_at < world.clock.now());
    }
    world.run_for(24 * 6).await;
    assert_eq!(world.transport.accepted().len(), 4);
}

#[tokio::test]
async fn whoever_ended_by_the_wrong_clock_is_written_to_by_another_campaign() {
    let mut world = World::new(1).await;
    let right = enrolled_then_ahead(&world, ONE, Limits::default()).await;
    until_mailed(&world, 1).await;
    world.clock.set(right);
    let first = world.mailbox;
    let other = world.connect(2).await;
    world.senders = vec![other];
    world.campaign_of(ONE, Schedule::default()).await;
    world.run_for(24 * 5).await;
    assert_eq!(world.transport.accepted().len(), 1, "too soon");
    world.mailbox = first;
    trust(&world).await;
    world.run_for(24 * 2).await;
    assert_eq!(world.transport.accepted().len(), 1, "60 hours between two");
    world.run_for(24 * 5).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn what_all_mailboxes_may_send_is_free_again_behind_the_day() {
    let mut world = World::new(4).await;
    let limits = Limits {
        workspace: Some(2),
        ..Limits::default()
    };
    let later = world.leads.split_off(3);
    let right = enrolled_then_ahead(&world, ONE, limits).await;
    until_mailed(&world, 2).await;
    world.clock.set(right);
    world.leads = later;
    world.senders = vec![world.connect(2).await];
    let schedule = Schedule {
        limits,
        ..Schedule::default()
    };
    world.campaign_of(ONE, schedule).await;
    world.run_for(24 * 2).await;
    assert_eq!(world.transport.accepted().len(), 2, "the budget is full");
    trust(&world).await;
    world.run_for(23).await;
    assert_eq!(world.transport.accepted().len(), 2, "what went counts");
    world.run_for(26).await;
    assert_eq!(world.transport.accepted().len(), 4);
}

#[tokio::test]
async fn a_pause_of_the_provider_counts_from_the_clock_as_it_is() {
    let world = World::new(1).await;
    let right = enrolled_then_ahead(&world, ONE, Limits::default()).await;
    let seen = world.clock.now();
    world.clock.set(right);
    // The lane saw the later time, and no mail has gone.
    let lane = Key::new(&LANE, vec![world.mailbox.to_value()]);
    let column = ("high_water", ColumnOp::Set(seen.to_value()));
    let batch = Batch::new(world.workspace).write(Write::Patch(lane, vec![column]));
    world.store.commit(batch).await.unwrap();
    world.transport.script(sending_limit());
    world.run_for(24).await;
    let until = parked_until(&world).await.unwrap();
    assert!(until <= right + SignedDuration::from_hours(48), "{until}");
    assert_eq!(world.transport.accepted().len(), 0, "it holds");
}

#[tokio::test]
async fn a_pause_that_the_wrong_clock_wrote_ends() {
    let world = World::new(1).await;
    let right = enrolled_then_ahead(&world, ONE, Limits::default()).await;
    world.transport.script(sending_limit());
    for _ in 0..200 {
        if parked_until(&world).await.is_some() {
            break;
        }
        world.run_for(1).await;
    }
    assert!(parked_until(&world).await.is_some());
    world.clock.set(right);
    trust(&world).await;
    world.run_for(23).await;
    assert_eq!(world.transport.accepted().len(), 0, "a day at most");
    world.run_for(26).await;
    assert_eq!(world.transport.accepted().len(), 1);
}

#[tokio::test]
async fn what_is_decided_by_the_right_clock_is_told_behind_what_the_wrong_one_saw() {
    let world = World::new(1).await;
    let right = enrolled_then_ahead(&world, TWO, Limits::default()).await;
    until_mailed(&world, 1).await;
    world.clock.set(right);
    trust(&world).await;
    world.run_for(1).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let id = enrollments(&world).await.remove(0).id;
    campaigns.pause_enrollment(id).await.unwrap();
    world.run_for(1).await;
    let view = campaigns.explain(world.leads[0]).await.unwrap().remove(0);
    let (_, last) = view.decisions.last().unwrap();
    assert!(last.summary.contains("Paused by hand"), "{}", last.summary);
}
