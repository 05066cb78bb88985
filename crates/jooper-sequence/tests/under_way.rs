//! A forecast that begins while mails are on their way goes on from where they will be.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jiff::SignedDuration;
use jooper_core::{CampaignId, Clock, ManualClock, SendState};
use jooper_sequence::model::Schedule;
use jooper_sequence::{Behavior, EngineSettings, Forecast, ForecastRequest, Rates, Warning};
use jooper_storage::tables::{PERMIT, PermitRow, SEND, SendRow};
use jooper_storage::{Batch, MemoryStore, Record, Scan, StorageExt, Write};
use support::{Mortal, SEQUENCE, World, at, foreseen};

fn in_state(batch: &Batch, state: SendState) -> bool {
    batch.writes.iter().any(|write| {
        matches!(write, Write::Put(key, values) if key.table().name == SEND.name
            && SendRow::from_values(values.clone()).is_ok_and(|row| row.state == state))
    })
}

async fn only_send(world: &World) -> SendRow {
    let rows = world.store.collect(world.workspace, Scan::table(&SEND));
    let mut rows: Vec<_> = rows.await.unwrap();
    assert_eq!(rows.len(), 1);
    let row: jooper_storage::Versioned<SendRow> = rows.remove(0);
    row.record
}

/// A world whose worker died when the first mail of its only lead was in this state.
async fn died_in(state: fn(&Batch) -> bool) -> (World, CampaignId) {
    let clock = Arc::new(ManualClock::new(at("2026-11-24T00:00:00Z")));
    let process = Mortal::new(Arc::new(MemoryStore::with_clock(clock)));
    let world = World::paced(process.clone(), 1, EngineSettings::default()).await;
    let id = world.campaign_of(SEQUENCE, Schedule::default()).await;
    process.die_with(state);
    for _ in 0..500 {
        let runner = jooper_sequence::Runner::new(world.engine.clone());
        while !process.is_dead() && runner.turn().await.is_ok_and(|lanes| lanes > 0) {}
        if process.is_dead() {
            break;
        }
        world.clock.advance_millis(60_000);
    }
    assert!(process.is_dead());
    process.revive();
    let permits = world
        .store
        .collect::<PermitRow>(world.workspace, Scan::table(&PERMIT));
    assert_eq!(permits.await.unwrap().len(), 1, "the mail is under way");
    (world, id)
}

async fn foresee(world: &World, id: CampaignId) -> Forecast {
    let campaign = world.engine.campaigns(world.workspace).campaign(id);
    campaign.simulate(&ForecastRequest::new(7)).await.unwrap()
}

fn steps(forecast: &Forecast) -> Vec<u16> {
    forecast.mails.iter().map(|mail| mail.step).collect()
}

fn is_over(forecast: &Forecast) -> bool {
    let not =
        |warning: &Warning| matches!(warning, Warning::NotOver { .. } | Warning::Waits { .. });
    !forecast.warnings.iter().any(not) && forecast.waiting.is_empty()
}

#[tokio::test]
async fn a_mail_that_was_handed_over_is_taken_to_have_arrived_and_is_named() {
    let (world, id) = died_in(|batch| in_state(batch, SendState::Posting)).await;
    let row = only_send(&world).await;
    assert_eq!(row.state, SendState::Posting);
    let forecast = foresee(&world, id).await;
    assert_eq!(steps(&forecast), [2, 3], "{:?}", forecast.warnings);
    assert!(is_over(&forecast), "{:?}", forecast.warnings);
    let [named] = forecast.under_way.as_slice() else {
        panic!("{:?}", forecast.under_way);
    };
    assert_eq!((named.lead, named.step), (world.leads[0], 1));
    assert_eq!(Some(named.at), row.posting_at);
    let warned = Warning::UnderWay { mails: 1 };
    assert!(forecast.warnings.contains(&warned));
    assert_eq!(only_send(&world).await, row, "nothing is written beneath");
}

/// While a forecast reads the rows, workers go on: they hold the lane by a later token than the
/// forecast has read.
#[tokio::test]
async fn a_mail_of_a_worker_that_took_the_lane_meanwhile_is_taken_over_too() {
    for state in [SendState::Posting, SendState::Reserved] {
        let (world, id) = match state {
            SendState::Posting => died_in(|batch| in_state(batch, SendState::Posting)).await,
            _ => died_in(|batch| in_state(batch, SendState::Reserved)).await,
        };
        let mut row = only_send(&world).await;
        row.fence += 3;
        let batch = Batch::new(world.workspace).put(&row);
        world.store.commit(batch).await.unwrap();
        let forecast = foresee(&world, id).await;
        let mails = steps(&forecast);
        assert_eq!(mails.len() + forecast.under_way.len(), 3, "{mails:?}");
        assert!(is_over(&forecast), "{:?}", forecast.warnings);
    }
}

/// Leads that were activated, but that no worker has enrolled yet, are foreseen to the end.
#[tokio::test]
async fn leads_that_no_worker_has_enrolled_yet_are_foreseen_to_the_end() {
    let mut world = World::new(3).await;
    let id = world.campaign().await;
    let more = world.add_lead(900, true).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let request = ForecastRequest::new(7).leads(vec![more]);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    assert_eq!(forecast.mails.len(), 12);
}

#[tokio::test]
async fn a_mail_that_was_reserved_only_goes_in_the_forecast() {
    let (world, id) = died_in(|batch| in_state(batch, SendState::Reserved)).await;
    let row = only_send(&world).await;
    assert_eq!(row.state, SendState::Reserved);
    let forecast = foresee(&world, id).await;
    assert_eq!(steps(&forecast), [1, 2, 3], "{:?}", forecast.warnings);
    assert!(is_over(&forecast), "{:?}", forecast.warnings);
}

/// A call, then a mail: as far as its task.
const CALL: &str = r#"
    name = "A call first"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    id = "call"
    wait = "1 days"
    task = { title = "Call" }
    [[step]]
    id = "last"
    wait = "1 days"
    [[step.variant]]
    body = "Last."
"#;

#[tokio::test]
async fn tasks_that_are_open_already_take_as_long_as_others_do() {
    let (mut world, _) = foreseen::world(6).await;
    let all = world.leads.clone();
    world.leads.truncate(3);
    let id = world.campaign_of(CALL, foreseen::seven_a_day()).await;
    world.run_for(24 * 4).await;
    world.leads = all;
    let campaigns = world.engine.campaigns(world.workspace);
    let open = campaigns.tasks(id).await.unwrap();
    assert_eq!(open.len(), 3, "{open:?}");
    let silent = campaigns.simulate(id, &ForecastRequest::new(7)).await;
    assert_eq!(silent.unwrap().waiting.len(), 3, "nobody does them");
    let rates = Rates {
        task_hours: Some(30),
        ..Rates::default()
    };
    let request = ForecastRequest::new(7).population(rates);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    assert!(forecast.waiting.is_empty(), "{:?}", forecast.waiting);
    assert_eq!(steps(&forecast), [2, 2, 2]);
    let done = world.clock.now() + SignedDuration::from_hours(30);
    for answer in &forecast.answers {
        let told = (answer.what, answer.step, answer.at);
        assert_eq!(told, (Behavior::TaskDone, 2, done));
    }
    // And so it happens.
    let before = foreseen::happened(&world, id).await;
    let last = forecast.capacity.last_mail.unwrap();
    foreseen::run(&world, &forecast, last + SignedDuration::from_hours(48)).await;
    let mut fact = foreseen::happened(&world, id).await;
    fact.retain(|mail, _| !before.contains_key(mail));
    assert_eq!(fact, foreseen::foreseen(&forecast));
}
