//! Live edits, one after the other.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::BTreeSet;

use jooper_sequence::model::{Action, Cohort, Edit, Schedule, Sequence};
use jooper_storage::tables::{CampaignRow, ENROLLMENT, EnrollmentRow, SequenceRow};
use jooper_storage::{Batch, Column, Scan, StorageExt};
use support::World;
use support::arrivals::all;

const NUDGED: &str = r#"
    name = "Nudged"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    id = "nudge"
    wait = "5 days"
    [[step.variant]]
    body = "Did you see this?"
    [[step]]
    id = "last"
    wait = "4 days"
    [[step.variant]]
    body = "Last."
"#;

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    all::<EnrollmentRow>(world, Scan::table(&ENROLLMENT)).await
}

#[tokio::test]
async fn a_later_edit_reaches_whoever_stayed_and_its_preview_counts_them() {
    let mut world = World::new(2).await;
    let campaign = world.campaign_of(NUDGED, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    let second = NUDGED.replace("Did you see this?", "Have you seen this?");
    let second = Sequence::from_toml(&second).unwrap();
    let stay = Edit::stay_all();
    campaigns.edit(campaign, &second, &stay).await.unwrap();
    // One more gets the second version.
    let late = world.add_lead(7, true).await;
    campaigns.activate(campaign, &[late]).await.unwrap();
    world.run_for(24).await;
    let versions = |rows: Vec<EnrollmentRow>| -> BTreeSet<_> {
        rows.iter().map(|row| row.sequence_version).collect()
    };
    assert_eq!(versions(enrollments(&world).await), BTreeSet::from([1, 2]));
    let third = NUDGED.replace("\"last\"", "\"end_of_it\"");
    let third = Sequence::from_toml(&third).unwrap();
    let those_at_the_nudge = Edit {
        rules: vec![(Cohort::At("nudge".to_owned()), Action::Move)],
        otherwise: Action::Stay,
    };
    for edit in [those_at_the_nudge, Edit::move_all()] {
        let preview = campaigns.preview_edit(campaign, &third, &edit).await;
        let preview = preview.unwrap();
        assert_eq!((preview.version, preview.older), (3, 2), "{preview:?}");
        let moves: usize = preview.steps.iter().map(|step| step.moving()).sum();
        assert_eq!(moves, 3, "{preview:?}");
        assert_eq!(preview.steps.len(), 1, "all are at one step: {preview:?}");
    }
    let all = Edit::move_all();
    campaigns.edit(campaign, &third, &all).await.unwrap();
    world.run_for(1).await;
    assert_eq!(versions(enrollments(&world).await), BTreeSet::from([3]));
    world.run_for(24 * 30).await;
    let mails = world.transport.accepted().len();
    assert_eq!(mails, 3 * 3, "each has each mail once");
}

/// The first version is one that was sealed as another: it does not open.
#[tokio::test]
async fn an_old_version_that_does_not_open_stands_in_no_edits_way() {
    let world = World::new(2).await;
    let campaign = world.campaign_of(NUDGED, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    let edited = |words| Sequence::from_toml(&NUDGED.replace("Last.", words)).unwrap();
    let all = Edit::move_all();
    campaigns
        .edit(campaign, &edited("The last."), &all)
        .await
        .unwrap();
    world.run_for(1).await;
    let (store, workspace) = (&world.store, world.workspace);
    let row = store.find::<CampaignRow>(workspace, vec![campaign.to_value()]);
    let sequence = row.await.unwrap().unwrap().record.sequence;
    let version = |number: u32| vec![sequence.to_value(), number.to_value()];
    let first = store.find::<SequenceRow>(workspace, version(1)).await;
    let second = store.find::<SequenceRow>(workspace, version(2)).await;
    let first = first.unwrap().unwrap();
    let broken = SequenceRow {
        content: second.unwrap().unwrap().record.content,
        ..first.record
    };
    let batch = Batch::new(workspace).update(&broken, first.version);
    store.commit(batch).await.unwrap();
    let third = edited("The very last.");
    let preview = campaigns.preview_edit(campaign, &third, &all).await;
    let moves: usize = preview.unwrap().steps.iter().map(|s| s.moving()).sum();
    assert_eq!(moves, 2);
    assert_eq!(campaigns.edit(campaign, &third, &all).await.unwrap(), 3);
    world.run_for(24 * 30).await;
    assert_eq!(world.transport.accepted().len(), 2 * 3);
    let versions = enrollments(&world).await.into_iter();
    let versions: BTreeSet<_> = versions.map(|row| row.sequence_version).collect();
    assert_eq!(versions, BTreeSet::from([3]));
}
