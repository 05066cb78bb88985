//! Rows that do not open: they stop nobody but the one they belong to.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{
    CampaignId, CommandId, CompanyId, EnrollmentId, EnrollmentState, FinishReason, SendState,
    SkipReason, StepIndex, UserId, WaitReason,
};
use jooper_sequence::model::Schedule;
use jooper_sequence::{LaneCommand, Missing, Runner, TestMail};
use jooper_storage::tables::{
    CampaignRow, ENROLLMENT, EnrollmentRow, LaneCommandRow, LeadRow, SendRow, SequenceRow, TRACE,
    TraceRow,
};
use jooper_storage::{Batch, Column, Record, Scan, StorageExt, Versioned, Write};
use support::arrivals::{arrive, arrived, token};
use support::{SEQUENCE, World};
use uuid::Uuid;

const BY_FIELD: &str = r#"
    name = "By field"
    [[step]]
    id = "which"
    when = { field = { name = "first_name", is = "Jo1" } }
    then = "one"
    [[step]]
    [[step.variant]]
    subject = "Hello"
    body = "To the others."
    [[step]]
    id = "one"
    wait = "3 working days"
    new_thread = true
    [[step.variant]]
    subject = "Hello you"
    body = "To Jo1."
"#;

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn row<R: Record>(world: &World, key: Vec<jooper_storage::Value>) -> Versioned<R> {
    let found = world.store.find(world.workspace, key).await.unwrap();
    found.unwrap()
}

async fn write<R: Record>(world: &World, row: &R, version: u64) {
    let batch = Batch::new(world.workspace).update(row, version);
    world.store.commit(batch).await.unwrap();
}

/// The first lead's profile becomes one that was sealed for the second; returns what it was.
async fn damage(world: &World) -> LeadRow {
    let ours = row::<LeadRow>(world, vec![world.leads[0].to_value()]).await;
    let theirs = row::<LeadRow>(world, vec![world.leads[1].to_value()]).await;
    let damaged = LeadRow {
        profile: theirs.record.profile,
        ..ours.record.clone()
    };
    write(world, &damaged, ours.version).await;
    ours.record
}

/// The damaged lead waits, and everybody else is done.
async fn assert_waits(world: &World) {
    for row in enrollments(world).await {
        if row.lead == world.leads[0] {
            let waits = (EnrollmentState::Parked, Some(WaitReason::Unreadable));
            assert_eq!((row.state, row.wait), waits);
        } else {
            assert_eq!(row.state, EnrollmentState::Finished, "{row:?}");
        }
    }
}

#[tokio::test]
async fn a_lead_whose_data_does_not_open_waits_and_holds_up_nobody() {
    let world = World::new(4).await;
    world.campaign_of(SEQUENCE, Schedule::default()).await;
    let whole = damage(&world).await;
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 9);
    assert_waits(&world).await;
    // Put back, a person lets it go on.
    let damaged = row::<LeadRow>(&world, vec![world.leads[0].to_value()]).await;
    write(&world, &whole, damaged.version).await;
    let id = enrollments(&world).await.into_iter();
    let id = id
        .filter(|row| row.lead == world.leads[0])
        .map(|row| row.id);
    let by = user();
    let campaigns = world.engine.campaigns(world.workspace);
    for id in id {
        campaigns.resume_enrollment(id, by).await.unwrap();
    }
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 12);
}

fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

#[tokio::test]
async fn a_test_mail_that_cannot_be_written_and_a_command_about_nothing_hold_up_nobody() {
    let world = World::new(2).await;
    let campaign = world.campaign_of(SEQUENCE, Schedule::default()).await;
    damage(&world).await;
    let test = TestMail {
        campaign,
        step: StepIndex(0),
        variant: 0,
        lead: world.leads[0],
        mailbox: world.mailbox,
        user: user(),
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let key = campaigns.test_mail(&test, Uuid::from_u128(77)).await;
    let key = key.unwrap();
    let nothing = LaneCommand::Enroll {
        campaign: CampaignId::from_uuid(Uuid::from_u128(404)),
        version: 1,
        leads: vec![(
            EnrollmentId::from_uuid(Uuid::from_u128(405)),
            world.leads[1],
        )],
    };
    let first = LaneCommandRow {
        mailbox: world.mailbox,
        id: CommandId::from_uuid(Uuid::from_u128(1)),
        command: serde_json::to_vec(&nothing).unwrap(),
    };
    let batch = Batch::new(world.workspace).insert(&first);
    world.store.commit(batch).await.unwrap();
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 3, "the other's mails");
    let sent = row::<SendRow>(&world, vec![key.to_value()]).await.record;
    let why = Some(SkipReason::Unrenderable);
    assert_eq!((sent.state, sent.skip), (SendState::Skipped, why));
    // What it names is not there: it does not wait, and somebody can see that it was not done.
    let key = first.key().values().to_vec();
    let waits = world.store.find::<LaneCommandRow>(world.workspace, key);
    assert_eq!(waits.await.unwrap(), None);
    let mailboxes = world.engine.mailboxes(world.workspace);
    let undone = mailboxes.undone().await.unwrap().remove(0);
    assert_eq!((undone.mailbox, undone.id), (world.mailbox, first.id));
    let why = (undone.command.as_str(), undone.missing);
    assert_eq!(why, ("enroll", Missing::Campaign));
    mailboxes.looked_at_undone(undone.id).await.unwrap();
    assert_eq!(mailboxes.undone().await.unwrap(), []);
}

#[tokio::test]
async fn what_is_told_of_a_person_holds_in_every_campaign_that_is_there() {
    let company = CompanyId::from_uuid(Uuid::from_u128(0xc0));
    for (told, gone) in (0..4).flat_map(|told| [(told, 0), (told, 1)]) {
        let world = World::new(2).await;
        let lead = world.leads[1];
        let (command, name) = [
            (LaneCommand::EndLead(lead, FinishReason::Erased), "end_lead"),
            (LaneCommand::Unsubscribed(lead), "unsubscribed"),
            (LaneCommand::ColleagueReplied(lead), "colleague_replied"),
            (
                LaneCommand::LeaveColleagues {
                    answered: world.leads[0],
                    company,
                },
                "leave_colleagues",
            ),
        ][told]
            .clone();
        for id in &world.leads {
            let known = row::<LeadRow>(&world, vec![id.to_value()]).await;
            let employed = LeadRow {
                company: Some(company),
                ..known.record
            };
            write(&world, &employed, known.version).await;
        }
        let both = [
            world.campaign_of(SEQUENCE, Schedule::default()).await,
            world.campaign_of(SEQUENCE, Schedule::default()).await,
        ];
        world.run_for(1).await;
        let missing = row::<CampaignRow>(&world, vec![both[gone].to_value()]).await;
        let delete = Write::Delete(missing.record.key());
        let batch = Batch::new(world.workspace).write(delete);
        world.store.commit(batch).await.unwrap();
        let campaigns = world.engine.campaigns(world.workspace);
        campaigns.tell_lead(lead, &command).await.unwrap();
        Runner::new(world.engine.clone()).turn().await.unwrap();
        let ended = enrollments(&world).await.into_iter();
        let ended = ended.filter(|row| row.lead == lead && row.finish.is_some());
        let ended: Vec<_> = ended.map(|row| row.campaign).collect();
        assert_eq!(ended, [both[1 - gone]], "{name}, without campaign {gone}");
        let mailboxes = world.engine.mailboxes(world.workspace);
        let undone = mailboxes.undone().await.unwrap();
        let undone: Vec<_> = undone
            .iter()
            .map(|undone| (undone.command.as_str(), undone.missing))
            .collect();
        assert_eq!(undone, [(name, Missing::Campaign)], "it is kept in sight");
    }
}

#[tokio::test]
async fn nothing_is_decided_by_fields_that_do_not_open() {
    let world = World::new(4).await;
    world.campaign_of(BY_FIELD, Schedule::default()).await;
    damage(&world).await;
    world.run_for(24 * 21).await;
    let to_others = 2;
    assert_eq!(world.transport.accepted().len(), to_others * 2 + 1);
    assert_waits(&world).await;
}

#[tokio::test]
async fn a_campaign_that_does_not_open_holds_up_no_other() {
    let world = World::new(3).await;
    let broken = world.campaign_of(SEQUENCE, Schedule::default()).await;
    let other = world.campaign_of(SEQUENCE, Schedule::default()).await;
    world.run_for(1).await;
    let ours = row::<CampaignRow>(&world, vec![broken.to_value()]).await;
    let theirs = row::<CampaignRow>(&world, vec![other.to_value()]).await;
    let damaged = CampaignRow {
        content: theirs.record.content,
        ..ours.record
    };
    write(&world, &damaged, ours.version).await;
    world.run_for(24 * 40).await;
    for row in enrollments(&world).await {
        if row.campaign == broken {
            let waits = (EnrollmentState::Parked, Some(WaitReason::Unreadable));
            assert_eq!((row.state, row.wait), waits);
        } else {
            assert_eq!(row.state, EnrollmentState::Finished, "{row:?}");
        }
    }
}

#[tokio::test]
async fn a_campaign_that_is_not_there_holds_up_no_other() {
    for sequence in [false, true] {
        let world = World::new(3).await;
        let gone = world.campaign_of(SEQUENCE, Schedule::default()).await;
        world.campaign_of(SEQUENCE, Schedule::default()).await;
        world.run_for(1).await;
        let campaign = row::<CampaignRow>(&world, vec![gone.to_value()])
            .await
            .record;
        let key = vec![campaign.sequence.to_value(), 1_u32.to_value()];
        let version = row::<SequenceRow>(&world, key).await.record;
        let (delete, put_back) = match sequence {
            false => (
                campaign.key(),
                Batch::new(world.workspace).insert(&campaign),
            ),
            true => (version.key(), Batch::new(world.workspace).insert(&version)),
        };
        let delete = Batch::new(world.workspace).write(Write::Delete(delete));
        world.store.commit(delete).await.unwrap();
        world.run_for(24 * 40).await;
        let campaigns = world.engine.campaigns(world.workspace);
        let waits = (EnrollmentState::Parked, Some(WaitReason::CampaignMissing));
        for row in enrollments(&world).await {
            if row.campaign != gone {
                assert_eq!(row.state, EnrollmentState::Finished, "{row:?}");
                continue;
            }
            assert_eq!((row.state, row.wait), waits);
            let views = campaigns.explain(row.lead).await.unwrap();
            let view = views.iter().find(|view| view.enrollment.id == row.id);
            let (_, last) = view.unwrap().decisions.last().unwrap();
            for told in [last, view.unwrap().next.as_ref().unwrap()] {
                assert!(told.summary.contains("is not here"), "{told:?}");
            }
        }
        // Put back, a person lets them go on.
        world.store.commit(put_back).await.unwrap();
        for row in enrollments(&world).await {
            if row.campaign == gone {
                campaigns.resume_enrollment(row.id, user()).await.unwrap();
            }
        }
        world.run_for(24 * 40).await;
        let ended = enrollments(&world).await.into_iter();
        assert_eq!(ended.filter(|row| row.finish.is_some()).count(), 6);
        assert_eq!(world.transport.accepted().len(), 18);
    }
}

#[tokio::test]
async fn an_answer_where_the_campaign_is_not_there_is_read_and_so_are_the_others() {
    let mut world = World::new(1).await;
    let gone = world.campaign_of(SEQUENCE, Schedule::default()).await;
    world.run_for(1).await;
    let mail = world.transport.accepted()[0].2.clone();
    let campaign = row::<CampaignRow>(&world, vec![gone.to_value()]).await;
    let delete = Write::Delete(campaign.record.key());
    let batch = Batch::new(world.workspace).write(delete);
    world.store.commit(batch).await.unwrap();
    world.leads.clear();
    world.add_lead(1, true).await;
    world.campaign_of(SEQUENCE, Schedule::default()).await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    world.run_for(24 * 21).await;
    assert_eq!(arrived(&world).await.len(), 1);
    assert_eq!(world.transport.accepted().len(), 4, "the other's three");
    for row in enrollments(&world).await {
        let waits = Some(WaitReason::CampaignMissing);
        assert_eq!(row.wait, waits.filter(|_| row.campaign == gone));
    }
}

/// A record of the first lead's becomes one that was sealed for another place.
async fn damage_a_record(world: &World) {
    let scan = Scan::table(&TRACE);
    let rows = world.store.collect::<TraceRow>(world.workspace, scan).await;
    let rows = rows.unwrap();
    let of = |lead| {
        rows.iter()
            .find(move |row| row.record.lead == lead)
            .unwrap()
    };
    let (ours, theirs) = (of(world.leads[0]), of(world.leads[1]));
    let damaged = TraceRow {
        trace: theirs.record.trace.clone(),
        ..ours.record.clone()
    };
    write(world, &damaged, ours.version).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_told_in_its_place_and_hides_nothing_else() {
    let world = World::new(2).await;
    let broken = world.campaign_of(SEQUENCE, Schedule::default()).await;
    world.run_for(24 * 4).await;
    damage_a_record(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let explained = async || campaigns.explain(world.leads[0]).await.unwrap().remove(0);
    let view = explained().await;
    let told: Vec<_> = view
        .decisions
        .iter()
        .map(|(_, why)| &*why.summary)
        .collect();
    let unreadable = |text: &&&str| text.contains("cannot be read");
    assert_eq!(told.iter().filter(unreadable).count(), 1, "{told:?}");
    assert!(told.iter().any(|text| text.contains("Mail 2 was sent")));
    let next = view.next.unwrap().summary;
    assert!(next.starts_with("Mail 3 goes at"), "{next}");
    // The profile of somebody who waits for their next mail.
    let whole = damage(&world).await;
    let view = explained().await;
    assert_eq!(view.decisions.len(), told.len());
    let next = view.next.unwrap().summary;
    assert!(next.contains("the stored profile cannot be read"), "{next}");
    // The campaign itself.
    let damaged = row::<LeadRow>(&world, vec![world.leads[0].to_value()]).await;
    write(&world, &whole, damaged.version).await;
    let ours = row::<CampaignRow>(&world, vec![broken.to_value()]).await;
    let other = world.campaign_of(SEQUENCE, Schedule::default()).await;
    let theirs = row::<CampaignRow>(&world, vec![other.to_value()]).await;
    let damaged = CampaignRow {
        content: theirs.record.content,
        ..ours.record
    };
    write(&world, &damaged, ours.version).await;
    let views = campaigns.explain(world.leads[1]).await.unwrap();
    let view = views.iter().find(|view| view.enrollment.campaign == broken);
    let view = view.unwrap();
    assert_eq!(view.place, None);
    let next = &view.next.as_ref().unwrap().summary;
    assert!(
        next.contains("the stored campaign cannot be read"),
        "{next}"
    );
    assert!(!view.decisions.is_empty());
}
