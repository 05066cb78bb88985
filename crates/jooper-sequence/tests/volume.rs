//! A mailbox that is new to this begins slowly, and none sends more than its ceiling.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jooper_consent::{Breakers, Ceilings, Note};
use jooper_core::{
    CampaignId, Clock, Dimensions, EventKind, ManualClock, NotSentReason, SendState, StepIndex,
    UserId,
};
use jooper_sequence::model::Schedule;
use jooper_sequence::{Runner, TestMail};
use jooper_storage::tables::{SEND, SendRow};
use jooper_storage::{Batch, Column, LogCursor, LogEntry, MemoryStore, Record, StorageExt, Write};
use support::{Mortal, World, at};
use uuid::Uuid;

const ONE: &str = r#"
    name = "One mail"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Hello."
"#;

fn by() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

/// A campaign that would send to everybody on the first day, from a mailbox that nobody declared to be
/// old.
async fn begun(leads: usize) -> (World, CampaignId) {
    begun_in(World::new(leads).await).await
}

async fn begun_in(world: World) -> (World, CampaignId) {
    world.begin_slowly().await;
    let schedule = Schedule {
        daily_cap: 1_000,
        gap_seconds_min: 0,
        gap_seconds_max: 0,
        ..Schedule::default()
    };
    let id = world.campaign_of(ONE, schedule).await;
    let breakers = breakers(&world);
    let passed = breakers.clear_sample(world.workspace, id, by());
    passed.await.unwrap();
    (world, id)
}

fn breakers(world: &World) -> Breakers {
    let (store, clock) = (world.store.clone(), world.clock.clone());
    Breakers::new(store, world.stops(), clock, Ceilings::new())
}

/// How many mails go on each of the next days.
async fn days(world: &World, many: usize) -> Vec<usize> {
    let mut each = Vec::new();
    let mut before = world.transport.accepted().len();
    for _ in 0..many {
        world.run_for(24).await;
        let now = world.transport.accepted().len();
        each.push(now - before);
        before = now;
    }
    each
}

#[tokio::test]
async fn a_new_mailbox_sends_twenty_and_a_fifth_more_each_day_whatever_its_campaign_allows() {
    let (world, _) = begun(80).await;
    assert_eq!(days(&world, 4).await, [20, 24, 28, 8]);
    let campaigns = world.engine.campaigns(world.workspace);
    let view = campaigns.explain(world.leads[0]).await.unwrap().remove(0);
    let (_, sent) = &view.decisions[0];
    let ramp = sent.lines.iter().find(|line| line.rule == "ramp");
    let ramp = ramp.unwrap_or_else(|| panic!("{:?}", sent.lines));
    assert!(ramp.input.starts_with("a new mailbox"), "{}", ramp.input);
}

#[tokio::test]
async fn what_a_new_mailbox_keeps_back_is_not_laid_to_its_campaign_and_a_test_says_so_too() {
    let (world, campaign) = begun(25).await;
    world.run_for(2).await;
    assert_eq!(world.transport.accepted().len(), 20);
    let campaigns = world.engine.campaigns(world.workspace);
    let mut waits = None;
    for lead in &world.leads {
        let view = campaigns.explain(*lead).await.unwrap().remove(0);
        if view.enrollment.sent == 0 {
            waits = view.next;
        }
    }
    let next = waits.unwrap();
    assert!(next.summary.contains("as it is new"), "{}", next.summary);
    let test = TestMail {
        campaign,
        step: StepIndex(0),
        variant: 0,
        lead: world.leads[0],
        mailbox: world.mailbox,
        user: by(),
    };
    let key = campaigns.test_mail(&test, Uuid::from_u128(77)).await;
    let key = key.unwrap();
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 20);
    let row = world
        .store
        .find::<SendRow>(world.workspace, vec![key.to_value()]);
    let row = row.await.unwrap().unwrap().record;
    let limit = Some(NotSentReason::SendingLimit);
    assert_eq!((row.state, row.not_sent), (SendState::NotSent, limit));
}

#[tokio::test]
async fn it_does_not_grow_while_too_many_people_complain() {
    let (world, _) = begun(80).await;
    assert_eq!(days(&world, 1).await, [20]);
    let dimensions = Dimensions {
        mailbox: Some(world.mailbox),
        ..Dimensions::default()
    };
    let now = world.clock.now();
    let complaint = LogEntry::new(EventKind::Complained, now, &[b"one"], dimensions);
    let batch = Batch::new(world.workspace).append(complaint);
    world.store.commit(batch).await.unwrap();
    assert_eq!(
        breakers(&world).follow(world.workspace).await.unwrap(),
        [],
        "a warning"
    );
    assert_eq!(days(&world, 2).await, [20, 20]);
}

fn is_reserved(batch: &Batch) -> bool {
    batch.writes.iter().any(|write| match write {
        Write::Put(key, values) if key.table().name == SEND.name => {
            SendRow::from_values(values.clone()).is_ok_and(|row| row.state == SendState::Reserved)
        }
        _ => false,
    })
}

#[tokio::test]
async fn a_process_that_dies_in_the_middle_of_a_day_adds_no_day_on_which_nothing_went() {
    let leases = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let process = Mortal::new(Arc::new(MemoryStore::with_clock(leases.clone())));
    let (world, _) = begun_in(World::on(process.clone(), 90).await).await;
    assert_eq!(days(&world, 1).await, [20]);
    // The second day has one reservation, behind which its process dies; nobody starts another.
    process.die_with(is_reserved);
    let runner = Runner::new(world.engine.clone());
    while !process.is_dead() {
        while runner.turn().await.is_ok_and(|lanes| lanes > 0) {}
        world.clock.advance_millis(600_000);
    }
    let morning = at("2026-11-25T09:00:00Z");
    let night = morning.duration_since(world.clock.now());
    let night = i64::try_from(night.as_millis()).unwrap();
    world.clock.advance_millis(night);
    leases.advance_millis(120_000);
    process.revive();
    assert_eq!(
        days(&world, 2).await,
        [24, 28],
        "one day with mail, then two"
    );
}

#[tokio::test]
async fn whom_a_named_person_declares_to_be_old_does_not_begin_slowly_and_keeps_its_ceiling() {
    let (world, _) = begun(430).await;
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.season(world.mailbox, by()).await.unwrap();
    assert_eq!(days(&world, 2).await, [400, 30]);
    let mut log = Vec::new();
    let mut cursor = LogCursor::start();
    loop {
        let page = world.store.read_log(world.workspace, cursor).await.unwrap();
        if page.records.is_empty() {
            break;
        }
        cursor = LogCursor::after(page.next);
        log.extend(page.records);
    }
    let payloads = log
        .iter()
        .filter_map(|record| record.entry.payload.as_deref());
    let said = payloads.filter_map(Note::from_payload);
    let said: Vec<_> = said
        .filter(|note| matches!(note, Note::Seasoned { .. }))
        .collect();
    let mailbox = world.mailbox;
    assert_eq!(said, [Note::Seasoned { mailbox, by: by() }]);
}
