//! What was approved is what goes: a forecast names the settings and the sequence that it was made by.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{CampaignId, CampaignState, UserId};
use jooper_sequence::model::{CampaignSettings, Edit, Schedule, Sequence, SettingsEdit};
use jooper_sequence::{Campaign, Campaigns, EngineError, Forecast, ForecastRequest, NewCampaign};
use support::{SEQUENCE, World};
use uuid::Uuid;

fn by() -> UserId {
    UserId::from_uuid(Uuid::from_u128(9))
}

async fn draft(world: &World) -> (Campaigns, CampaignId) {
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Foreseen".to_owned(),
            mailboxes: vec![world.mailbox],
            schedule: Schedule::default(),
        },
        sequence: Sequence::from_toml(SEQUENCE).unwrap(),
        seed: 1,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns.create(&new).await.unwrap();
    (campaigns, id)
}

async fn foresee(campaign: &Campaign) -> Forecast {
    let request = ForecastRequest::new(5);
    campaign.simulate(&request).await.unwrap()
}

/// Launching it asks for another forecast, and does nothing.
async fn asks_anew(campaign: &Campaign, forecast: Forecast) {
    let before = campaign.get().await.unwrap();
    let refused = campaign.activate(forecast.approve()).await;
    let Err(EngineError::State(told)) = refused else {
        panic!("{refused:?}");
    };
    assert!(told.contains("simulate it again"), "{told}");
    let after = campaign.get().await.unwrap();
    assert_eq!((before.state, before.seed), (after.state, after.seed));
}

#[tokio::test]
async fn a_forecast_of_other_settings_or_another_sequence_is_not_launched() {
    let mut world = World::new(3).await;
    let (campaigns, id) = draft(&world).await;
    let campaign = campaigns.campaign(id);
    let first = foresee(&campaign).await;
    let edit = SettingsEdit::new().daily_cap(1);
    campaigns.change(id, &edit, by()).await.unwrap();
    asks_anew(&campaign, first).await;
    let second = foresee(&campaign).await;
    let shorter = "name = \"One\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"b\"\n";
    let shorter = Sequence::from_toml(shorter).unwrap();
    let steps = campaigns.edit(id, &shorter, &Edit::stay_all()).await;
    assert!(steps.is_err(), "steps without ids");
    let reworded = SEQUENCE.replace("Second.", "The second.");
    let reworded = Sequence::from_toml(&reworded).unwrap();
    let version = campaigns.edit(id, &reworded, &Edit::stay_all()).await;
    assert_eq!(version.unwrap(), 2);
    asks_anew(&campaign, second).await;
    assert_eq!(campaign.get().await.unwrap().state, CampaignState::Draft);
    let third = foresee(&campaign).await;
    let report = campaign.activate(third.approve()).await.unwrap();
    assert_eq!(report.enrolled, 3);
    world.run_for(1).await;
    // What changes neither, a pause say, asks nothing anew; also where the campaign runs.
    let added = world.add_lead(3, true).await;
    let request = ForecastRequest::new(5).leads(vec![added]);
    let fourth = campaign.simulate(&request).await.unwrap();
    campaigns.pause(id).await.unwrap();
    campaigns.resume(id, by()).await.unwrap();
    let stored = serde_json::to_string(&fourth).unwrap();
    let fourth: Forecast = serde_json::from_str(&stored).unwrap();
    let report = campaign.activate(fourth.approve()).await.unwrap();
    assert_eq!(report.enrolled, 1);
}

#[tokio::test]
async fn what_was_seen_of_a_forecast_starts_it_unless_people_or_settings_changed() {
    let mut world = World::new(3).await;
    let (campaigns, id) = draft(&world).await;
    let seen = foresee(&campaigns.campaign(id)).await.seen();
    let late = world.add_lead(3, true).await;
    let refused = campaigns.approve(id, seen).await;
    let Err(EngineError::State(told)) = refused else {
        panic!("{refused:?}");
    };
    assert!(told.contains("people came or went"), "{told}");
    let forecast = foresee(&campaigns.campaign(id)).await;
    assert!(forecast.leads.contains(&late));
    let seen = forecast.seen();
    let approved = campaigns.approve(id, seen).await.unwrap();
    assert_eq!(approved, forecast.approve(), "the same plan");
    let edit = SettingsEdit::new().daily_cap(1);
    campaigns.change(id, &edit, by()).await.unwrap();
    let refused = campaigns.launch(approved).await;
    assert!(matches!(refused, Err(EngineError::State(_))), "{refused:?}");
    let seen = foresee(&campaigns.campaign(id)).await.seen();
    let approved = campaigns.approve(id, seen).await.unwrap();
    let report = campaigns.launch(approved).await.unwrap();
    assert_eq!(report.enrolled, 4);
    assert_eq!(campaigns.get(id).await.unwrap().seed, 5);
}
