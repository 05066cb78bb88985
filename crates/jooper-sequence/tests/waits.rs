//! Waits that time ends, or a field; and what a mailbox has before it today.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{EnrollmentState, StepIndex};
use jooper_sequence::QueuedStep;
use jooper_sequence::model::Schedule;
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Scan, StorageExt};
use support::World;
use support::people::rename;

const DAY: i64 = 24;

async fn enrollment(world: &World, n: usize) -> EnrollmentRow {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect::<EnrollmentRow>(world.workspace, scan);
    let mut rows = rows.await.unwrap().into_iter().map(|row| row.record);
    rows.find(|row| row.lead == world.leads[n]).unwrap()
}

fn waiting_for(event: &str) -> String {
    format!(
        r#"
        name = "Waits"
        on_reply = "continue"
        [[step]]
        [[step.variant]]
        subject = "Hello {{{{ first_name }}}}"
        body = "First."
        [[step]]
        id = "wait"
        wait_for = {{ event = {event}, at_most = "40 days", otherwise = "end" }}
        [[step]]
        wait = "1 day"
        [[step.variant]]
        body = "Second."
        "#
    )
}

#[tokio::test]
async fn a_wait_for_time_ends_when_the_time_has_passed() {
    let world = World::new(1).await;
    let event = r#"{ any = [{ replied = "any" }, { elapsed = { since = "last_mail", at_least = "4 days" } }] }"#;
    world
        .campaign_of(&waiting_for(event), Schedule::default())
        .await;
    world.run_for(5 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 1);
    // Four days end on Friday, and the day behind them on the weekend.
    world.run_for(3 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 2, "not after forty days");
}

#[tokio::test]
async fn a_wait_for_a_field_ends_within_a_day_of_its_import_and_is_told_once() {
    let world = World::new(2).await;
    let event = r#"{ field = { name = "first_name", is = "Ready" } }"#;
    world
        .campaign_of(&waiting_for(event), Schedule::default())
        .await;
    world.run_for(7 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 2);
    rename(&world, world.leads[0], "Ready").await;
    world.run_for(3 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 3, "not after forty days");
    assert_eq!(enrollment(&world, 0).await.state, EnrollmentState::Finished);
    assert_eq!(enrollment(&world, 1).await.state, EnrollmentState::Active);
    let campaigns = world.engine.campaigns(world.workspace);
    // Who waits on is not told so every day.
    for (lead, times) in [(0, 1), (1, 0)] {
        let view = campaigns
            .explain(world.leads[lead])
            .await
            .unwrap()
            .remove(0);
        let told = view.decisions.iter();
        let told = told.filter(|(_, why)| why.summary.contains("Waited for"));
        assert_eq!(told.count(), times, "{:?}", view.decisions);
    }
}

#[tokio::test]
async fn today_has_what_the_budget_of_the_day_leaves_in_the_order_of_the_lane() {
    let world = World::new(9).await;
    let schedule = Schedule {
        daily_cap: 3,
        ..Schedule::default()
    };
    let id = world.campaign_of(support::SEQUENCE, schedule).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(DAY).await;
    assert_eq!(world.transport.accepted().len(), 3);
    // Six are late; three of them go today.
    let today = campaigns.today(world.mailbox).await.unwrap();
    assert_eq!(today.len(), 3, "{today:?}");
    world.run_for(10).await;
    assert_eq!(world.transport.accepted().len(), 6);
    let sent: Vec<_> = world.transport.accepted()[3..]
        .iter()
        .map(|(_, key, _)| *key)
        .collect();
    let told = today.iter().map(|entry| jooper_core::SendKey::Step {
        enrollment: entry.enrollment,
        step: StepIndex(0),
    });
    assert_eq!(sent, told.collect::<Vec<_>>(), "as it was told");
    assert!(today.iter().all(|entry| entry.next == QueuedStep::Mail(1)));
    assert_eq!(campaigns.today(world.mailbox).await.unwrap(), []);
    campaigns.pause(id).await.unwrap();
    world.run_for(DAY).await;
    assert_eq!(campaigns.today(world.mailbox).await.unwrap(), []);
}

#[tokio::test]
async fn a_mail_is_named_by_the_place_that_people_count() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(1).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let id = enrollment(&world, 0).await.id;
    assert_eq!(campaigns.mail_at(id, 1).await.unwrap(), StepIndex(0));
    assert_eq!(campaigns.mail_at(id, 3).await.unwrap(), StepIndex(2));
    assert!(
        campaigns.mail_at(id, 0).await.is_err(),
        "people count from 1"
    );
    assert!(campaigns.mail_at(id, 4).await.is_err());
}

/// A full budget holds back mails, not what people have to do.
#[tokio::test]
async fn tasks_are_asked_for_while_the_mails_before_them_wait_for_room() {
    let half = r#"
        name = "Half are called"
        [[step]]
        id = "way"
        split = [{ weight = 1, go_to = "mail" }, { weight = 1, go_to = "call" }]
        [[step]]
        id = "mail"
        then = "end"
        [[step.variant]]
        subject = "Hello {{ first_name }}"
        body = "First."
        [[step]]
        id = "call"
        task = { title = "Call" }
        "#;
    let world = World::new(16).await;
    let schedule = Schedule {
        daily_cap: 1,
        ..Schedule::default()
    };
    world.campaign_of(half, schedule).await;
    world.run_for(12).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let rows = world
        .store
        .collect::<EnrollmentRow>(world.workspace, Scan::table(&ENROLLMENT));
    let rows: Vec<_> = rows
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.record)
        .collect();
    let waiting = rows
        .iter()
        .filter(|row| row.state == EnrollmentState::Active);
    let asked = rows
        .iter()
        .filter(|row| row.state == EnrollmentState::Parked);
    let (waiting, asked) = (waiting.count(), asked.count());
    assert!(asked > 3, "another seed: {asked} are called");
    assert_eq!(waiting + asked, 15, "{rows:?}");
    let held = world.engine.campaigns(world.workspace);
    assert_eq!(held.today(world.mailbox).await.unwrap().len(), 0);
}
