//! Pause, resume and end at every scope: what is acknowledged holds, and what goes on goes on at once.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_consent::{BreakerScope, Breakers, Ceilings, StopScope};
use jooper_core::{
    CampaignId, CampaignState, CompanyId, EnrollmentState, FinishReason, LeadState, StopReason,
    StopSource, UserId, WaitReason,
};
use jooper_sequence::model::Schedule;
use jooper_sequence::{Campaigns, EngineError, Runner};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LeadRow};
use jooper_storage::{Batch, Column, ColumnOp, Key, Record, Scan, StorageExt, Versioned, Write};
use support::office::while_a_mail_is_held;
use support::{SEQUENCE, World, arrival};

fn by() -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(1))
}

fn campaigns(world: &World) -> Campaigns {
    world.engine.campaigns(world.workspace)
}

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn turn(world: &World) {
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
}

/// Works, ten minutes after the other, until so many mails have gone.
async fn until_mailed(world: &World, mails: usize) {
    for _ in 0..200 {
        turn(world).await;
        if world.transport.accepted().len() == mails {
            return;
        }
        world.clock.advance_millis(600_000);
    }
    panic!("{mails} mails never went");
}

async fn at_one_company(world: &World) -> CompanyId {
    let company = CompanyId::from_uuid(uuid::Uuid::from_u128(77));
    for lead in &world.leads {
        let key = vec![lead.to_value()];
        let found: Option<Versioned<LeadRow>> =
            world.store.find(world.workspace, key).await.unwrap();
        let found = found.unwrap();
        let row = LeadRow {
            company: Some(company),
            ..found.record
        };
        let batch = Batch::new(world.workspace).update(&row, found.version);
        world.store.commit(batch).await.unwrap();
    }
    company
}

/// A worker stands still with a permit in its hand, right before the handing over; somebody stops
/// that one lead meanwhile. Returns how many mails went, and what became of the lead.
async fn stopped_in_mid_send(ends: bool) -> (usize, EnrollmentRow) {
    let world = while_a_mail_is_held(async |world, office| {
        let id = enrollments(world).await[0].id;
        let campaigns = office.campaigns(world.workspace);
        if ends {
            campaigns.end_enrollment(id).await.unwrap();
        } else {
            campaigns.pause_enrollment(id).await.unwrap();
        }
    });
    let world = world.await;
    let row = enrollments(&world).await.remove(0);
    (world.transport.accepted().len(), row)
}

#[tokio::test]
async fn a_permit_that_is_out_does_not_outlive_the_pause_of_its_lead() {
    let (mails, row) = stopped_in_mid_send(false).await;
    assert_eq!(mails, 0, "acknowledged: no send starts");
    assert_eq!(
        (row.state, row.wait),
        (EnrollmentState::Paused, Some(WaitReason::ByPerson))
    );
}

#[tokio::test]
async fn a_permit_that_is_out_does_not_outlive_the_end_of_its_lead() {
    let (mails, row) = stopped_in_mid_send(true).await;
    assert_eq!(mails, 0, "acknowledged: no send starts");
    assert_eq!(row.finish, Some(FinishReason::Removed));
}

#[tokio::test]
async fn a_paused_lead_waits_and_goes_on_where_it_stood() {
    let world = World::new(2).await;
    world.campaign().await;
    until_mailed(&world, 2).await;
    let row = enrollments(&world).await.remove(0);
    let campaigns = campaigns(&world);
    campaigns.pause_enrollment(row.id).await.unwrap();
    turn(&world).await;
    let paused = enrollments(&world).await.remove(0);
    assert_eq!(paused.state, EnrollmentState::Paused, "before it is due");
    world.run_for(24 * 14).await;
    assert_eq!(world.transport.accepted().len(), 4, "the other's");
    campaigns.resume_enrollment(row.id, by()).await.unwrap();
    world.run_for(24 * 14).await;
    assert_eq!(world.transport.accepted().len(), 6);
    let ended = campaigns.pause_enrollment(row.id).await;
    assert!(matches!(ended, Err(EngineError::State(_))), "{ended:?}");
    let ended = campaigns.resume_enrollment(row.id, by()).await;
    assert!(matches!(ended, Err(EngineError::State(_))), "{ended:?}");
    campaigns.end_enrollment(row.id).await.unwrap();
}

#[tokio::test]
async fn nobody_at_the_company_is_written_to_in_the_pass_that_reads_the_answer() {
    let world = World::new(3).await;
    at_one_company(&world).await;
    let sequence = format!("stop_company_on_reply = true\n{SEQUENCE}");
    world.campaign_of(&sequence, Schedule::default()).await;
    until_mailed(&world, 1).await;
    let mailed = world.transport.accepted()[0].1;
    let row = enrollments(&world).await.into_iter().find(|row| {
        matches!(mailed, jooper_core::SendKey::Step { enrollment, .. } if enrollment == row.id)
    });
    let number = world
        .leads
        .iter()
        .position(|lead| *lead == row.as_ref().unwrap().lead);
    let number = number.unwrap();
    // The gap has passed: the next of them is due when the answer is read.
    world.clock.advance_millis(3_600_000);
    let raw = format!(
        "From: Jo <lead{number}@person{number}.example>\r\nSubject: Your mail\r\n\
         Message-ID: <in1@elsewhere.example>\r\n\r\nI would like to know more, please call me.\r\n"
    );
    let mail = arrival(
        "in1",
        "their thread",
        jooper_core::Clock::now(&*world.clock),
        false,
        &raw,
    );
    world.inbox.0.lock().unwrap().push(mail);
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 1, "a colleague answered");
    world.run_for(24 * 14).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let mut ends: Vec<_> = enrollments(&world)
        .await
        .iter()
        .map(|row| row.finish)
        .collect();
    ends.sort();
    let colleague = Some(FinishReason::CompanyReplied);
    assert_eq!(ends, [Some(FinishReason::Replied), colleague, colleague]);
}

#[tokio::test]
async fn a_paused_campaign_leaves_its_leads_alone_and_goes_on_at_once() {
    let world = World::new(3).await;
    let id = world.campaign().await;
    turn(&world).await;
    let campaigns = campaigns(&world);
    campaigns.pause(id).await.unwrap();
    let before = enrollments(&world).await;
    world.run_for(6).await;
    assert_eq!(enrollments(&world).await, before, "nobody is asked about");
    assert!(world.transport.accepted().is_empty());
    // Its lane has just looked, and would not of itself at this minute.
    turn(&world).await;
    campaigns.resume(id, by()).await.unwrap();
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 1, "without waiting");
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 9);
}

#[tokio::test]
async fn a_paused_workspace_goes_on_at_once() {
    let world = World::new(2).await;
    world.campaign().await;
    turn(&world).await;
    let engine = &world.engine;
    engine.pause_workspace(world.workspace).await.unwrap();
    assert!(engine.is_workspace_paused(world.workspace).await.unwrap());
    let before = enrollments(&world).await;
    world.run_for(6).await;
    assert_eq!(enrollments(&world).await, before);
    turn(&world).await;
    let resumed = engine.resume_workspace(world.workspace, by());
    resumed.await.unwrap();
    assert!(!engine.is_workspace_paused(world.workspace).await.unwrap());
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 1);
}

#[tokio::test]
async fn a_paused_company_goes_on_at_once() {
    let mut world = World::new(2).await;
    let company = at_one_company(&world).await;
    world.add_lead(2, true).await;
    world.campaign().await;
    turn(&world).await;
    let campaigns = campaigns(&world);
    campaigns.pause_company(company).await.unwrap();
    world.run_for(8).await;
    assert_eq!(world.transport.accepted().len(), 1, "who works elsewhere");
    // In the middle of the next day's window, between two times of asking.
    world.run_for(20).await;
    world.clock.advance_millis(7 * 60_000);
    turn(&world).await;
    campaigns.resume_company(company, by()).await.unwrap();
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 2, "without waiting");
}

async fn state(world: &World, id: CampaignId) -> CampaignState {
    campaigns(world).get(id).await.unwrap().state
}

#[tokio::test]
async fn leads_that_are_added_to_a_paused_campaign_wait_with_it() {
    let mut world = World::new(1).await;
    let id = world.campaign().await;
    let campaigns = campaigns(&world);
    campaigns.pause(id).await.unwrap();
    let more = world.add_lead(1, true).await;
    let report = campaigns.activate(id, &[more]).await.unwrap();
    assert_eq!(report.enrolled, 1);
    assert_eq!(state(&world, id).await, CampaignState::Paused);
    world.run_for(24).await;
    assert!(world.transport.accepted().is_empty());
    assert_eq!(enrollments(&world).await.len(), 2);
    campaigns.resume(id, by()).await.unwrap();
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 6);
}

#[tokio::test]
async fn only_what_runs_is_paused_and_resumed() {
    let world = World::new(1).await;
    let campaigns = campaigns(&world);
    let running = world.campaign().await;
    let summary = campaigns.get(running).await.unwrap();
    let draft = jooper_sequence::NewCampaign {
        settings: summary.settings,
        sequence: summary.sequence,
        seed: 1,
    };
    let draft = campaigns.create(&draft).await.unwrap();
    let refused = |done: Result<(), EngineError>| matches!(done, Err(EngineError::State(_)));
    assert!(refused(campaigns.pause(draft).await));
    assert!(refused(campaigns.resume(draft, by()).await));
    assert_eq!(state(&world, draft).await, CampaignState::Draft);
    campaigns.pause(running).await.unwrap();
    campaigns.pause(running).await.unwrap();
    campaigns.resume(running, by()).await.unwrap();
    turn(&world).await;
    world.clock.advance_millis(1);
    campaigns.end(running).await.unwrap();
    campaigns.end(running).await.unwrap();
    turn(&world).await;
    let row = enrollments(&world).await.remove(0);
    assert_eq!(row.finish, Some(FinishReason::Stopped));
    assert!(refused(campaigns.pause(running).await));
    assert!(refused(campaigns.resume(running, by()).await));
    assert_eq!(state(&world, running).await, CampaignState::Stopped);
}

#[tokio::test]
async fn a_resume_does_not_pass_over_a_circuit_breaker() {
    let world = World::new(1).await;
    let id = world.campaign().await;
    let mailboxes = world.engine.mailboxes(world.workspace);
    for scope in [StopScope::Campaign(id), StopScope::Mailbox(world.mailbox)] {
        let (why, who) = (StopReason::Breaker, StopSource::System);
        let stops = world.stops();
        stops.stop(world.workspace, scope, why, who).await.unwrap();
    }
    let campaign = campaigns(&world).resume(id, by()).await;
    assert!(matches!(campaign, Err(EngineError::State(_))));
    let mailbox = mailboxes.resume(world.mailbox, by()).await;
    assert!(matches!(mailbox, Err(EngineError::State(_))));
    world.run_for(24).await;
    assert!(world.transport.accepted().is_empty());
}

#[tokio::test]
async fn a_reset_lets_no_campaign_go_on_that_a_person_paused() {
    let world = World::new(1).await;
    let id = world.campaign().await;
    let (scope, tripped) = (StopScope::Campaign(id), BreakerScope::Campaign(id));
    let breakers = || {
        let (store, clock) = (world.store.clone(), world.clock.clone());
        Breakers::new(store, world.stops(), clock, Ceilings::new())
    };
    let trip = || async {
        let (why, who) = (StopReason::Breaker, StopSource::System);
        let stops = world.stops();
        let stopped = stops.stop(world.workspace, scope.clone(), why, who);
        stopped.await.unwrap();
    };
    campaigns(&world).pause(id).await.unwrap();
    trip().await;
    let reset = || async { breakers().reset(world.workspace, tripped, by()).await };
    reset().await.unwrap();
    assert_eq!(state(&world, id).await, CampaignState::Paused);
    world.run_for(24).await;
    assert!(
        world.transport.accepted().is_empty(),
        "it is shown as paused"
    );
    campaigns(&world).resume(id, by()).await.unwrap();
    // The window has opened for everybody.
    world.clock.advance_millis(120_000);
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 1);
    // The other way round; and what is reset goes on at once.
    trip().await;
    campaigns(&world).pause(id).await.unwrap();
    assert!(campaigns(&world).resume(id, by()).await.is_err());
    reset().await.unwrap();
    world.run_for(24 * 7).await;
    assert_eq!(world.transport.accepted().len(), 1);
    campaigns(&world).resume(id, by()).await.unwrap();
    trip().await;
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 1);
    reset().await.unwrap();
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn a_restricted_lead_waits_and_goes_on_when_the_restriction_ends() {
    let world = World::new(1).await;
    world.campaign().await;
    let lead = world.leads[0];
    let key = Key::new(LeadRow::TABLE, vec![lead.to_value()]);
    let set = |state: LeadState| {
        let columns = vec![("state", ColumnOp::Set(state.to_value()))];
        let batch = Batch::new(world.workspace).write(Write::Patch(key.clone(), columns));
        world.store.commit(batch)
    };
    let (stops, reason) = (world.stops(), StopReason::Restricted);
    let scope = StopScope::Lead(lead);
    let stopped = stops.stop(world.workspace, scope.clone(), reason, StopSource::Person);
    stopped.await.unwrap();
    for state in [LeadState::Active, LeadState::Restricted] {
        set(state).await.unwrap();
        world.run_for(24).await;
        let row = enrollments(&world).await.remove(0);
        assert_ne!(
            row.state,
            EnrollmentState::Finished,
            "{state:?}: {:?}",
            row.finish
        );
    }
    assert!(world.transport.accepted().is_empty());
    set(LeadState::Active).await.unwrap();
    stops
        .resume_from(world.workspace, scope, reason, by())
        .await
        .unwrap();
    campaigns(&world).ask_again(lead).await.unwrap();
    turn(&world).await;
    assert_eq!(world.transport.accepted().len(), 1, "at once");
}

#[tokio::test]
async fn a_paused_campaign_whose_last_lead_ends_is_finished_and_its_pause_stands() {
    let mut world = World::new(1).await;
    let id = world.campaign().await;
    until_mailed(&world, 1).await;
    let campaigns = campaigns(&world);
    campaigns.pause(id).await.unwrap();
    let row = enrollments(&world).await.remove(0);
    campaigns.end_enrollment(row.id).await.unwrap();
    turn(&world).await;
    assert_eq!(state(&world, id).await, CampaignState::Finished);
    // There is nothing to pause, and nothing to go on with.
    let told = [campaigns.pause(id).await, campaigns.resume(id, by()).await];
    for refused in told {
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("before leads are added"), "{refused}");
    }
    let late = world.add_lead(1, true).await;
    campaigns.activate(id, &[late]).await.unwrap();
    assert_eq!(state(&world, id).await, CampaignState::Paused, "as before");
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1);
    campaigns.resume(id, by()).await.unwrap();
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 4);
    assert_eq!(state(&world, id).await, CampaignState::Finished);
    // Not paused, it leaves nothing behind that keeps further leads back.
    assert!(campaigns.pause(id).await.is_err());
    let later = world.add_lead(2, true).await;
    campaigns.activate(id, &[later]).await.unwrap();
    assert_eq!(state(&world, id).await, CampaignState::Active);
    until_mailed(&world, 5).await;
}
