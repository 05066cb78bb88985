//! Leads who are added to a campaign, and a campaign that is through with all of them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{CampaignState, Clock, CompanyId, FinishReason, LeadId, SendState};
use jooper_sequence::Campaigns;
use jooper_sequence::model::Schedule;
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE_COMMAND, LEAD, LaneCommandRow, LeadRow, SEND, SendRow,
};
use jooper_storage::{Batch, Column, Key, Record, Scan, StorageExt, Versioned, Write};
use support::{World, arrival};
use uuid::Uuid;

const DAY: i64 = 24;

const COMPANY_STOPS: &str = r#"
    name = "A company at a time"
    stop_company_on_reply = true
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
"#;

fn campaigns(world: &World) -> Campaigns {
    world.engine.campaigns(world.workspace)
}

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn sends(world: &World) -> Vec<SendRow> {
    let scan = Scan::table(&SEND);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn a_lead_who_is_named_twice_is_enrolled_once_and_nobody_is_held_up() {
    let mut world = World::new(3).await;
    let id = world.campaign().await;
    let late = world.add_lead(3, true).await;
    let other = world.add_lead(4, true).await;
    let report = campaigns(&world)
        .activate(id, &[late, late, other])
        .await
        .unwrap();
    assert_eq!(report.enrolled, 2);
    assert_eq!(report.refused.len(), 1);
    assert_eq!(report.refused[0].lead, late);
    assert!(report.refused[0].reason.contains("twice"), "{report:?}");
    world.run_for(DAY).await;
    assert_eq!(enrollments(&world).await.len(), 5);
    assert_eq!(world.transport.accepted().len(), 5);
}

async fn at_one_company(world: &World, lead: LeadId) {
    let key = vec![lead.to_value()];
    let found: Option<Versioned<LeadRow>> = world.store.find(world.workspace, key).await.unwrap();
    let found = found.unwrap();
    let row = LeadRow {
        company: Some(CompanyId::from_uuid(Uuid::from_u128(77))),
        ..found.record
    };
    let batch = Batch::new(world.workspace).update(&row, found.version);
    world.store.commit(batch).await.unwrap();
}

/// The first lead answers in its conversation.
async fn answer(world: &World) {
    let lead = world.leads[0];
    let sent = sends(world).await;
    let sent = sent.into_iter().find(|row| row.lead == Some(lead)).unwrap();
    let raw = "From: Jo <lead0@person0.example>\r\nSubject: Re: Hello\r\n\
               Message-ID: <in1@person0.example>\r\n\r\nYes, please call me.\r\n";
    let thread = sent.provider_thread.unwrap();
    let mail = arrival("in1", &thread, world.clock.now(), false, raw);
    world.inbox.0.lock().unwrap().push(mail);
}

#[tokio::test]
async fn a_colleague_who_is_added_after_an_answer_is_not_written_to() {
    let mut world = World::new(1).await;
    at_one_company(&world, world.leads[0]).await;
    let id = world.campaign_of(COMPANY_STOPS, Schedule::default()).await;
    world.run_for(DAY).await;
    answer(&world).await;
    world.run_for(1).await;
    let colleague = world.add_lead(1, true).await;
    at_one_company(&world, colleague).await;
    let stranger = world.add_lead(2, true).await;
    let report = campaigns(&world).activate(id, &[colleague, stranger]).await;
    let report = report.unwrap();
    assert_eq!(report.enrolled, 1);
    assert_eq!(report.refused[0].lead, colleague);
    assert!(report.refused[0].reason.contains("colleague"), "{report:?}");
    world.run_for(DAY).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn a_colleague_who_was_on_the_way_to_a_lane_when_the_answer_came_is_not_written_to() {
    let mut world = World::new(1).await;
    at_one_company(&world, world.leads[0]).await;
    let id = world.campaign_of(COMPANY_STOPS, Schedule::default()).await;
    world.run_for(DAY).await;
    let colleague = world.add_lead(1, true).await;
    at_one_company(&world, colleague).await;
    answer(&world).await;
    let report = campaigns(&world).activate(id, &[colleague]).await.unwrap();
    assert_eq!(report.enrolled, 1, "nobody has read the answer yet");
    // The lane that is to enroll them looks behind the one that reads the answer.
    let commands = Scan::table(&LANE_COMMAND);
    let commands = world
        .store
        .collect::<LaneCommandRow>(world.workspace, commands);
    let command = commands.await.unwrap().remove(0).record;
    let taken = Batch::new(world.workspace).write(Write::Delete(command.key()));
    world.store.commit(taken).await.unwrap();
    world.run_for(1).await;
    let back = Batch::new(world.workspace).insert(&command);
    world.store.commit(back).await.unwrap();
    world.run_for(DAY).await;
    let row = enrollments(&world).await;
    let row = row.iter().find(|row| row.lead == colleague).unwrap();
    assert_eq!(row.finish, Some(FinishReason::CompanyReplied));
    assert_eq!(world.transport.accepted().len(), 1);
    let theirs = sends(&world).await.into_iter();
    let theirs: Vec<_> = theirs.filter(|row| row.lead == Some(colleague)).collect();
    assert_eq!(theirs.len(), 2, "both mails are accounted for");
    assert!(theirs.iter().all(|row| row.state == SendState::Skipped));
}

#[tokio::test]
async fn a_campaign_is_finished_when_nothing_is_to_come_and_goes_on_with_further_leads() {
    let mut world = World::new(2).await;
    let id = world.campaign().await;
    let state = async |world: &World| campaigns(world).get(id).await.unwrap().state;
    world.run_for(5 * DAY).await;
    assert_eq!(state(&world).await, CampaignState::Active);
    world.run_for(15 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 6);
    assert_eq!(state(&world).await, CampaignState::Finished);
    let late = world.add_lead(2, true).await;
    let report = campaigns(&world).activate(id, &[late]).await.unwrap();
    assert_eq!(report.enrolled, 1);
    assert_eq!(state(&world).await, CampaignState::Active);
    world.run_for(20 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 9);
    assert_eq!(state(&world).await, CampaignState::Finished);
    campaigns(&world).end(id).await.unwrap();
    assert_eq!(state(&world).await, CampaignState::Stopped);
}

#[tokio::test]
async fn a_campaign_whose_leads_were_all_deleted_before_they_were_enrolled_is_finished() {
    let world = World::new(2).await;
    let id = world.campaign().await;
    for lead in &world.leads {
        let lead = Key::new(&LEAD, vec![lead.to_value()]);
        let gone = Batch::new(world.workspace).write(Write::Delete(lead));
        world.store.commit(gone).await.unwrap();
    }
    world.run_for(1).await;
    assert_eq!(enrollments(&world).await, []);
    let state = campaigns(&world).get(id).await.unwrap().state;
    assert_eq!(state, CampaignState::Finished);
}

#[tokio::test]
async fn a_campaign_that_was_started_with_nobody_is_finished_and_goes_on_with_leads() {
    let mut world = World::new(0).await;
    let id = world.campaign().await;
    let state = async |world: &World| campaigns(world).get(id).await.unwrap().state;
    world.run_for(1).await;
    assert_eq!(state(&world).await, CampaignState::Finished);
    let late = world.add_lead(0, true).await;
    campaigns(&world).activate(id, &[late]).await.unwrap();
    // Started with nobody more, it goes on with whom it has.
    let report = campaigns(&world).activate(id, &[]).await.unwrap();
    assert_eq!(report.enrolled, 0);
    world.run_for(DAY).await;
    assert_eq!(state(&world).await, CampaignState::Active);
    assert_eq!(world.transport.accepted().len(), 1);
}
