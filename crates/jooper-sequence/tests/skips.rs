//! Skipping a step while its mail goes: what is answered is true, and no other step is skipped.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{CampaignState, CommandId, SendState, StepIndex};
use jooper_sequence::{Runner, Skipping, StepPlace};
use jooper_storage::tables::{
    CampaignRow, ENROLLMENT, EnrollmentRow, LaneCommandRow, SEND, SendRow,
};
use jooper_storage::{Batch, Column, Scan, StorageExt};
use jooper_transport::{Outcome, UnknownCause};
use support::World;
use support::office::while_a_mail_is_held;

async fn enrollment(world: &World) -> EnrollmentRow {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).next().unwrap()
}

async fn sends(world: &World) -> Vec<SendRow> {
    let scan = Scan::table(&SEND);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

const FIRST: StepPlace = StepPlace {
    version: 1,
    node: 0,
};

#[tokio::test]
async fn a_mail_that_has_gone_is_not_skipped_and_no_other_in_its_place() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(24).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let id = enrollment(&world).await.id;
    let second = StepPlace { node: 1, ..FIRST };
    let told = campaigns.skip_at(id, FIRST).await.unwrap();
    assert_eq!(told, Skipping::Sent);
    for _ in ["pressed", "twice"] {
        let told = campaigns.skip_at(id, second).await.unwrap();
        assert_eq!(told, Skipping::Asked);
    }
    world.run_for(1).await;
    let told = campaigns.skip_at(id, second).await.unwrap();
    assert_eq!(told, Skipping::Past);
    world.run_for(24 * 14).await;
    let skipped = sends(&world).await.into_iter();
    let skipped = skipped.filter(|row| row.state == SendState::Skipped);
    let skipped: Vec<_> = skipped.map(|row| row.step).collect();
    assert_eq!(skipped, [Some(StepIndex(1))]);
    let told = campaigns.skip_at(id, second).await.unwrap();
    assert_eq!(told, Skipping::Ended);
    assert_eq!(campaigns.skip(id).await.unwrap(), Skipping::Ended);
}

#[tokio::test]
async fn a_skip_that_an_earlier_version_wrote_is_carried_out_and_the_campaign_ends() {
    let world = World::new(1).await;
    let campaign = world.campaign().await;
    world.run_for(24).await;
    let id = enrollment(&world).await.id;
    let stored = LaneCommandRow {
        mailbox: world.mailbox,
        id: CommandId::from_uuid(uuid::Uuid::from_u128(1)),
        command: serde_json::to_vec(&serde_json::json!({ "skip": id })).unwrap(),
    };
    let batch = Batch::new(world.workspace).insert(&stored);
    world.store.commit(batch).await.unwrap();
    world.run_for(24 * 21).await;
    let skipped = sends(&world).await.into_iter();
    let skipped = skipped.filter(|row| row.state == SendState::Skipped);
    let skipped: Vec<_> = skipped.map(|row| row.step).collect();
    assert_eq!(skipped, [Some(StepIndex(1))]);
    let key = vec![campaign.to_value()];
    let row = world.store.find::<CampaignRow>(world.workspace, key).await;
    let state = row.unwrap().unwrap().record.state;
    assert_eq!(state, CampaignState::Finished);
}

#[tokio::test]
async fn a_mail_of_which_nobody_knows_is_not_skipped() {
    let world = World::new(1).await;
    world.campaign().await;
    let unknown = Outcome::Unknown(UnknownCause::Timeout);
    world.transport.script(unknown);
    let runner = Runner::new(world.engine.clone());
    while !sends(&world).await.iter().any(is_unknown) {
        world.clock.advance_millis(600_000);
        while runner.turn().await.unwrap() > 0 {}
    }
    let id = enrollment(&world).await.id;
    let campaigns = world.engine.campaigns(world.workspace);
    let told = campaigns.skip(id).await.unwrap();
    assert_eq!(told, Skipping::Unknown);
}

fn is_unknown(row: &SendRow) -> bool {
    row.state == SendState::Unknown
}

#[tokio::test]
async fn a_mail_that_is_being_sent_is_told_to_be_and_the_next_one_is_not_skipped() {
    let world = while_a_mail_is_held(async |world, office| {
        let id = enrollment(world).await.id;
        let told = office.campaigns(world.workspace).skip(id).await.unwrap();
        assert_eq!(told, Skipping::UnderWay);
    });
    let world = world.await;
    world.run_for(24 * 21).await;
    let states: Vec<_> = sends(&world).await.iter().map(|row| row.state).collect();
    assert_eq!(states, [SendState::Sent; 3]);
}
