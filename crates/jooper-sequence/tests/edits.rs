//! Live edits, one after the other.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::BTreeSet;

use jooper_sequence::model::{Action, Cohort, Edit, Schedule, Sequence};
use jooper_storage::Scan;
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
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
