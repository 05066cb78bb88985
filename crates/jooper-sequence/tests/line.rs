//! Who goes before whom: whoever has waited longest, over nights as well, and what a person is told of it.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::BTreeMap;

use jooper_core::{CampaignId, Clock, EnrollmentId, LeadId, SendKey, StepIndex};
use jooper_sequence::model::Schedule;
use jooper_sequence::{EngineError, QueuedStep, Runner};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Scan, StorageExt};
use support::World;

const TWO: &str = r#"
    name = "Two mails"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    wait = "3 days"
    [[step.variant]]
    body = "Second."
"#;

async fn enrollments(world: &World) -> BTreeMap<EnrollmentId, LeadId> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect::<EnrollmentRow>(world.workspace, scan);
    let rows = rows.await.unwrap().into_iter().map(|row| row.record);
    rows.map(|row| (row.id, row.lead)).collect()
}

async fn enrollment_of(world: &World, n: usize) -> EnrollmentId {
    let found = enrollments(world).await;
    found
        .into_iter()
        .find(|(_, lead)| *lead == world.leads[n])
        .unwrap()
        .0
}

fn mailed(world: &World) -> Vec<(EnrollmentId, StepIndex)> {
    let accepted = world.transport.accepted();
    let steps = accepted.iter().filter_map(|(_, key, _)| match key {
        SendKey::Step { enrollment, step } => Some((*enrollment, *step)),
        _ => None,
    });
    steps.collect()
}

async fn add(world: &mut World, campaign: CampaignId, numbers: std::ops::Range<usize>) {
    let mut added = Vec::new();
    for n in numbers {
        added.push(world.add_lead(n, true).await);
    }
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.activate(campaign, &added).await.unwrap();
}

async fn until(world: &World, hour: i8) {
    loop {
        world.run_for(1).await;
        let now = world.clock.now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
        if now.hour() == hour {
            return;
        }
    }
}

/// Four mails a day go, as the pauses are long, and no budget is ever used up.
#[tokio::test]
async fn whoever_waited_yesterday_goes_before_whoever_came_overnight() {
    let mut world = World::new(10).await;
    let schedule = Schedule {
        gap_seconds_min: 7200,
        gap_seconds_max: 7200,
        ..Schedule::default()
    };
    let campaign = world.campaign_of(TWO, schedule).await;
    until(&world, 20).await;
    let first = mailed(&world).len();
    assert!((1..8).contains(&first), "{first} on the first day");
    add(&mut world, campaign, 10..20).await;
    let mut firsts = Vec::new();
    for _ in 0..20 {
        world.run_for(24).await;
        let mailed = mailed(&world).into_iter();
        firsts = mailed.filter(|(_, step)| step.0 == 0).collect();
        if firsts.len() == 20 {
            break;
        }
    }
    let leads = enrollments(&world).await;
    let places = firsts.iter().map(|(id, _)| {
        let lead = leads[id];
        world.leads.iter().position(|known| *known == lead).unwrap()
    });
    let places: Vec<_> = places.collect();
    let (before, behind) = places.split_at(10);
    assert!(before.iter().all(|n| *n < 10), "{places:?}");
    assert_eq!(behind.len(), 10);
}

/// One mail a day goes. What was sent on Wednesday is followed up on Monday, when the window opens for
/// people who have waited since the Monday before, too. The lane is awake at every second of that.
#[tokio::test]
async fn whoever_waited_long_for_a_first_mail_does_not_overtake_a_follow_up() {
    let world = World::new(10).await;
    let schedule = Schedule {
        daily_cap: 1,
        ..Schedule::default()
    };
    world.campaign_of(TWO, schedule).await;
    world.run_for(24 * 6 + 23).await;
    let week = mailed(&world).len();
    world.clock.advance_millis(59 * 60 * 1000);
    let runner = Runner::new(world.engine.clone());
    for _ in 0..180 {
        while runner.turn().await.unwrap() > 0 {}
        world.clock.advance_millis(1000);
    }
    let monday = mailed(&world).split_off(week);
    let monday: Vec<_> = monday.iter().map(|(_, step)| step.0).collect();
    assert_eq!(monday, [1]);
}

/// A follow-up is due in the afternoon, four first mails in the morning; the day has room for three.
#[tokio::test]
async fn today_is_told_as_it_comes_and_whom_somebody_wants_now_comes_first() {
    let mut world = World::new(0).await;
    let schedule = Schedule {
        daily_cap: 3,
        ..Schedule::default()
    };
    let campaign = world.campaign_of(TWO, schedule).await;
    until(&world, 14).await;
    add(&mut world, campaign, 0..1).await;
    // Three days on it is the afternoon again.
    world.run_for(24 * 2).await;
    assert_eq!(mailed(&world).len(), 1);
    until(&world, 20).await;
    add(&mut world, campaign, 1..5).await;
    until(&world, 8).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let last = campaigns.today(world.mailbox).await.unwrap();
    let last = last.last().unwrap().enrollment;
    campaigns.send_now(last).await.unwrap();
    let today = campaigns.today(world.mailbox).await.unwrap();
    assert_eq!(today.len(), 3, "{today:?}");
    assert_eq!(
        today[0].enrollment, last,
        "somebody said \u{201c}now\u{201d}"
    );
    assert!(
        today.iter().all(|entry| entry.next == QueuedStep::Mail(1)),
        "{today:?}"
    );
    until(&world, 20).await;
    let went = mailed(&world)[1..].to_vec();
    let told = today.iter().map(|entry| (entry.enrollment, StepIndex(0)));
    assert_eq!(went, told.collect::<Vec<_>>(), "as it was told");
}

#[tokio::test]
async fn nothing_is_sent_now_where_no_mail_comes_next() {
    let world = World::new(1).await;
    let waits = TWO.replacen("name", "on_reply = \"continue\"\n    name", 1);
    let waits = waits.replace(
        "wait = \"3 days\"",
        "wait_for = { event = { replied = \"any\" }, at_most = \"40 days\", otherwise = \"end\" }\n    [[step]]\n    wait = \"3 days\"",
    );
    world.campaign_of(&waits, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(10).await;
    assert_eq!(mailed(&world).len(), 1);
    let id = enrollment_of(&world, 0).await;
    let views = campaigns.explain(world.leads[0]).await.unwrap();
    let place = views[0].place.unwrap();
    assert!(!views[0].at_mail);
    for told in [
        campaigns.send_now(id).await,
        campaigns.send_now_at(id, place).await,
    ] {
        assert!(matches!(told, Err(EngineError::State(_))), "{told:?}");
    }
}
