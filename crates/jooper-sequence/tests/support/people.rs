//! What somebody else changes about the people of a small world.

use jooper_core::{LeadId, Origin};
use jooper_storage::tables::{LEAD, LeadProfile, LeadRow};
use jooper_storage::{Batch, Column, StorageExt};
use jooper_vault::Place;

use super::World;

/// Somebody imports another first name for a lead.
pub async fn rename(world: &World, lead: LeadId, name: &str) {
    let key = vec![lead.to_value()];
    let found = world
        .store
        .find::<LeadRow>(world.workspace, key.clone())
        .await;
    let found = found.unwrap().unwrap();
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let subject = vault.subject(lead).await.unwrap();
    let place = Place::new(&LEAD, "profile", &key);
    let known: LeadProfile = subject.open(&place, &found.record.profile).unwrap();
    let profile = LeadProfile {
        first_name: Some(name.to_owned()),
        ..known
    };
    let row = LeadRow {
        profile: subject.seal(&place, Origin::Customer, &profile).unwrap(),
        ..found.record
    };
    let batch = Batch::new(world.workspace).update(&row, found.version);
    world.store.commit(batch).await.unwrap();
}
