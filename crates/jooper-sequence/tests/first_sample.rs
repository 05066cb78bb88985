//! What takes a place in a campaign's first sample, and what gives it back.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jooper_core::{CampaignId, ManualClock, NotSentReason, SendState};
use jooper_sequence::Runner;
use jooper_storage::tables::{CounterRow, SEND, SendRow};
use jooper_storage::{Batch, Column, MemoryStore, Record, Scan, StorageExt, Write};
use jooper_transport::Outcome;
use support::{Mortal, World, at};

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
