//! Goals and exits that hold though nothing happened to the lead: looked at before any mail goes.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jooper_core::{FinishReason, ManualClock};
use jooper_sequence::model::Schedule;
use jooper_sequence::{EngineSettings, Runner};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, SEND};
use jooper_storage::{MemoryStore, Scan, Storage, StorageExt};
use support::people::rename;
use support::{LeaseOf, Mortal, Passing, Process, SEQUENCE, Side, World, at};

const DAY: i64 = 24;

/// Three mails, with a rule that ends them.
fn until(rule: &str, when: &str) -> String {
    format!("{SEQUENCE}\n[[{rule}]]\nname = \"Enough\"\nwhen = {when}\n")
}

const GONE: &str = r#"{ field = { name = "first_name", is = "Gone" } }"#;
const TWO_DAYS: &str = r#"{ elapsed = { since = "enrolled", at_least = "2 days" } }"#;

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn whoever_leaves_by_a_field_or_by_time_gets_no_further_mail() {
    let rules = [("goal", FinishReason::Goal), ("exit", FinishReason::Exit)];
    for (rule, reason) in rules {
        for (when, first, mails) in [(GONE, 0, 3 + 1), (TWO_DAYS, DAY, 2)] {
            let world = World::new(2).await;
            let sequence = until(rule, when);
            world.campaign_of(&sequence, Schedule::default()).await;
            world.run_for(first.max(1)).await;
            rename(&world, world.leads[0], "Gone").await;
            world.run_for(21 * DAY).await;
            let told = format!("{rule} {when}");
            assert!(world.transport.accepted().len() <= mails, "{told}");
            for row in enrollments(&world).await {
                let holds = when == TWO_DAYS || row.lead == world.leads[0];
                let ends = if holds {
                    reason
                } else {
                    FinishReason::Completed
                };
                assert_eq!(row.finish, Some(ends), "{told}");
                assert!(row.sent <= if holds { 1 } else { 3 }, "{told}");
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_hurried_or_resumed_is_looked_at_first() {
    let world = World::new(2).await;
    let sequence = until("exit", GONE);
    world.campaign_of(&sequence, Schedule::default()).await;
    world.run_for(DAY).await;
    let before = world.transport.accepted().len();
    let campaigns = world.engine.campaigns(world.workspace);
    let rows = enrollments(&world).await;
    campaigns.pause_enrollment(rows[0].id).await.unwrap();
    world.run_for(7 * DAY).await;
    for lead in &world.leads {
        rename(&world, *lead, "Gone").await;
    }
    let by = support::arrivals::me();
    let resumed = campaigns.resume_enrollment(rows[0].id, by);
    resumed.await.unwrap();
    campaigns.send_now(rows[1].id).await.unwrap();
    let sent = world.transport.accepted().len();
    world.run_for(DAY).await;
    assert_eq!(world.transport.accepted().len(), sent);
    assert!(sent <= before + 1, "the other's second one");
    for row in enrollments(&world).await {
        assert_eq!(row.finish, Some(FinishReason::Exit), "{row:?}");
    }
}

/// Somebody imports the field between the choice of a mail and its reservation.
#[tokio::test]
async fn a_mail_is_reserved_by_the_fields_as_they_are_or_not_at_all() {
    let time = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let store: Arc<dyn Storage> = Arc::new(MemoryStore::with_clock(time.clone()));
    let world = World::on(store.clone(), 1).await;
    let way = Mortal::new(store);
    let process = Process {
        store: way.clone(),
        clock: world.clock.clone(),
        lease: Arc::new(LeaseOf(time.clone())),
        sleeper: Arc::new(Passing(time)),
        transport: world.transport.clone(),
        inbox: world.inbox.clone(),
        settings: EngineSettings::default(),
        number: 9,
    };
    let runner = Runner::new(process.engine());
    let sequence = until("exit", GONE);
    world.campaign_of(&sequence, Schedule::default()).await;
    way.freeze_reading(|key| key.table().name == SEND.name, Side::Behind);
    let working = async {
        for _ in 0..12 {
            while runner.turn().await.unwrap() > 0 {}
            world.clock.advance_millis(600_000);
        }
    };
    let importing = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        rename(&world, world.leads[0], "Gone").await;
        way.thaw();
    };
    tokio::join!(working, importing);
    assert_eq!(world.transport.accepted().len(), 0);
    let row = enrollments(&world).await.remove(0);
    assert_eq!(row.finish, Some(FinishReason::Exit));
}
