//! What takes a place in a campaign's first sample, and what gives it back.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jooper_consent::{Breakers, Ceilings};
use jooper_core::{
    CampaignId, EnrollmentId, LeadId, ManualClock, NotSentReason, SendState, StepIndex, UserId,
};
use jooper_sequence::Runner;
use jooper_storage::tables::{COUNTER, CounterRow, EnrollmentRow, SEND, SendRow};
use jooper_storage::{Batch, Column, MemoryStore, Record, Scan, StorageExt, Write};
use jooper_transport::Outcome;
use support::{Mortal, World, at};
use uuid::Uuid;

/// The places that are taken.
async fn taken(world: &World, campaign: CampaignId) -> i64 {
    let mut key = b"consent.sample.".to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    let row = world
        .store
        .find::<CounterRow>(world.workspace, vec![key.to_value()]);
    row.await.unwrap().map_or(0, |row| row.record.count)
}

async fn is_sent(world: &World) -> bool {
    let rows = world
        .store
        .collect::<SendRow>(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    rows.iter().any(|row| row.record.state == SendState::Sent)
}

#[tokio::test]
async fn a_mail_that_did_not_go_gives_its_place_back() {
    let world = World::new(1).await;
    for _ in 0..4 {
        world.transport.script(Outcome::NotSent {
            reason: NotSentReason::Unreachable,
            retry_at: None,
        });
    }
    let campaign = world.campaign().await;
    for _ in 0..48 {
        world.run_for(1).await;
        let so_far = i64::from(is_sent(&world).await);
        assert_eq!(taken(&world, campaign).await, so_far);
    }
    assert!(is_sent(&world).await);
}

/// The batch that holds the permit as well: what follows hands the mail over.
fn is_reserved(batch: &Batch) -> bool {
    batch.writes.iter().any(|write| match write {
        Write::Put(key, values) if key.table().name == SEND.name => {
            SendRow::from_values(values.clone()).is_ok_and(|row| row.state == SendState::Reserved)
        }
        _ => false,
    })
}

#[tokio::test]
async fn a_process_that_dies_before_a_mail_leaves_takes_no_place() {
    let clock = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let process = Mortal::new(Arc::new(MemoryStore::with_clock(clock.clone())));
    let world = World::on(process.clone(), 1).await;
    let campaign = world.campaign().await;
    process.die_with(is_reserved);
    while !process.is_dead() {
        let runner = Runner::new(world.engine.clone());
        while runner.turn().await.is_ok_and(|lanes| lanes > 0) {}
        world.clock.advance_millis(600_000);
    }
    clock.advance_millis(120_000);
    process.revive();
    assert_eq!(taken(&world, campaign).await, 1, "reserved before it died");
    world.run_for(24).await;
    assert!(is_sent(&world).await);
    assert_eq!(taken(&world, campaign).await, 1, "the same mail, once");
}

/// What came of the first list says nothing about the second, also where that comes in pieces.
#[tokio::test]
async fn many_people_behind_a_sample_that_was_let_go_begin_another_at_once_or_bit_by_bit() {
    let mut world = World::new(3).await;
    let campaign = world.campaign().await;
    let breakers = Breakers::new(
        world.store.clone(),
        world.stops(),
        world.clock.clone(),
        Ceilings::new(),
    );
    let by = UserId::from_uuid(Uuid::from_u128(9));
    for pieces in [&[50, 1][..], &[51], &[20, 20, 10, 1]] {
        let clear = breakers.clear_sample(world.workspace, campaign, by);
        clear.await.unwrap();
        for (n, people) in pieces.iter().enumerate() {
            let known = world.leads.len();
            for n in 0..*people {
                world.add_lead(known + n, true).await;
            }
            let more = world.leads[known..].to_vec();
            let campaigns = world.engine.campaigns(world.workspace);
            let report = campaigns.activate(campaign, &more).await.unwrap();
            assert_eq!(report.enrolled, *people);
            let sample = breakers.sample(world.workspace, campaign).await.unwrap();
            let runs = (n + 1 == pieces.len()).then_some(0);
            assert_eq!(sample, runs, "{pieces:?}: {n}");
        }
    }
}

/// Whom the places of a campaign's sample went to.
async fn sampled(world: &World) -> Vec<LeadId> {
    const PREFIX: &[u8] = b"consent.sampled/";
    let rows = Scan::table(&COUNTER);
    let rows = world.store.collect::<CounterRow>(world.workspace, rows);
    let mut people = Vec::new();
    for row in rows.await.unwrap() {
        let Some(place) = row.record.key.strip_prefix(PREFIX) else {
            continue;
        };
        let id = EnrollmentId::from_uuid(Uuid::from_slice(&place[16..32]).unwrap());
        let key = vec![id.to_value()];
        let found = world.store.find::<EnrollmentRow>(world.workspace, key);
        people.push(found.await.unwrap().unwrap().record.lead);
    }
    people
}

/// A second list is not let go by what came of the first.
#[tokio::test]
async fn a_sample_behind_a_second_list_is_made_of_its_people() {
    let mut world = World::new(0).await;
    world.add_leads(0..45).await;
    let campaign = world.campaign().await;
    let breakers = Breakers::new(
        world.store.clone(),
        world.stops(),
        world.clock.clone(),
        Ceilings::new(),
    );
    world.run_for(1).await;
    let by = UserId::from_uuid(Uuid::from_u128(9));
    let clear = breakers.clear_sample(world.workspace, campaign, by);
    clear.await.unwrap();
    let first = world.leads.clone();
    let sends = Scan::table(&SEND);
    let sends = world.store.collect::<SendRow>(world.workspace, sends);
    let sent = sends.await.unwrap().len();
    assert!(sent < first.len(), "some of the first list wait: {sent}");
    world.add_leads(100..151).await;
    let second = world.leads[first.len()..].to_vec();
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.activate(campaign, &second).await.unwrap();
    let runs = breakers.sample(world.workspace, campaign).await.unwrap();
    assert_eq!(runs, Some(0));
    world.run_for(24 * 4).await;
    let people = sampled(&world).await;
    assert!(!people.is_empty());
    assert!(people.iter().all(|lead| second.contains(lead)));
    let sends = Scan::table(&SEND);
    let sends = world.store.collect::<SendRow>(world.workspace, sends);
    let sends = sends.await.unwrap();
    let went = |row: &SendRow| row.state == SendState::Sent && row.step == Some(StepIndex(0));
    let went = sends.iter().filter(|row| went(&row.record));
    let of_first = went.filter(|row| row.record.lead.is_some_and(|lead| first.contains(&lead)));
    assert_eq!(of_first.count(), first.len(), "the first list goes on");
}
