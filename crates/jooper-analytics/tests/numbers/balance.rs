//! Law L3.

use jooper_core::{FinishReason, NotSentReason, SkipReason};
use jooper_storage::{Batch, Storage};

use crate::world::{Fate, World, enrollment};

#[tokio::test]
async fn every_step_is_accounted_for_twice_and_both_agree() {
    let world = World::busy().await;
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(
        checked.quiet && checked.agrees(),
        "{:?}",
        checked.differences()
    );
    let steps = &checked.rows.steps;
    assert_eq!(steps.len(), 3);
    assert_eq!((steps[0].audience, steps[0].sent), (8, 7));
    assert_eq!(steps[0].skipped[&SkipReason::Ended], 1);
    assert_eq!(
        (steps[1].audience, steps[1].sent, steps[1].unknown),
        (8, 1, 2)
    );
    assert_eq!(steps[1].failed[&NotSentReason::Invalid], 1);
    assert_eq!(steps[1].skipped[&SkipReason::ByPerson], 1);
    assert_eq!(steps[1].skipped[&SkipReason::Ended], 2);
    assert_eq!(steps[1].pending, 1);
    assert_eq!((steps[2].audience, steps[2].pending), (7, 6));
}

#[tokio::test]
async fn evidence_after_unknown_wins_and_a_release_opens_again() {
    let world = World::new().await;
    world.enroll(1, 2).await;
    let unknown = |checked: &jooper_analytics::Checked| checked.rows.steps[0].unknown;
    world.settle(1, 0, Fate::Unknown, 1).await;
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(checked.agrees() && unknown(&checked) == 1);
    world.settle(1, 0, Fate::Released, 2).await;
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(checked.agrees() && checked.rows.steps[0].pending == 1);
    world.settle(1, 0, Fate::Unknown, 3).await;
    world.settle(1, 0, Fate::Sent, 4).await;
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(checked.agrees() && unknown(&checked) == 0 && checked.rows.steps[0].sent == 1);
}

#[tokio::test]
async fn what_was_released_and_then_given_up_is_unknown_again() {
    let world = World::new().await;
    world.enroll(1, 2).await;
    for (fate, day) in [
        (Fate::Unknown, 1),
        (Fate::Released, 2),
        (Fate::Abandoned, 3),
    ] {
        world.settle(1, 0, fate, day).await;
    }
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(checked.agrees(), "{:?}", checked.differences());
    assert_eq!(checked.rows.steps[0].unknown, 1);
}

#[tokio::test]
async fn what_was_accepted_stays_accepted_whatever_is_heard_later() {
    let world = World::new().await;
    world.enroll(1, 2).await;
    world.settle(1, 0, Fate::Sent, 1).await;
    // A worker that lost its lane tells late that it does not know.
    let late = world.fact(1, 0, Fate::Unknown, 2).unwrap();
    world
        .store
        .commit(Batch::new(world.ws).append(late))
        .await
        .unwrap();
    let checked = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(checked.agrees(), "{:?}", checked.differences());
}

async fn wrong(world: &World, batch: Batch) -> Vec<String> {
    let before = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(before.agrees());
    world.store.commit(batch).await.unwrap();
    let after = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert!(!after.agrees());
    after.differences()
}

#[tokio::test]
async fn a_row_without_its_fact_is_named() {
    let world = World::busy().await;
    let row = world.send_row(4, 1, Fate::Sent);
    let said = wrong(&world, Batch::new(world.ws).put(&row)).await;
    let expected = ["step 2: sent 2 against 1", "step 2: pending 0 against 1"];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_fact_without_its_row_is_named() {
    let world = World::busy().await;
    let fact = world
        .fact(4, 1, Fate::Skipped(SkipReason::Branch), 9)
        .unwrap();
    let said = wrong(&world, Batch::new(world.ws).append(fact)).await;
    let expected = [
        "step 2: skipped (branch) 0 against 1",
        "step 2: pending 1 against 0",
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn another_reason_in_the_log_is_named() {
    let world = World::new().await;
    world.enroll(1, 2).await;
    let row = world.send_row(1, 0, Fate::Skipped(SkipReason::NoBasis));
    let fact = world
        .fact(1, 0, Fate::Skipped(SkipReason::Suppressed), 1)
        .unwrap();
    let said = wrong(&world, Batch::new(world.ws).put(&row).append(fact)).await;
    assert_eq!(said.len(), 2);
    assert!(
        said[0].contains("no_basis") && said[1].contains("suppressed"),
        "{said:?}"
    );
}

#[tokio::test]
async fn an_enrollment_that_ends_without_telling_how_is_lost_in_both() {
    let world = World::busy().await;
    let batch = world.finish_batch(3, FinishReason::Completed).await;
    let said = wrong(&world, batch).await;
    let rows = "step 3: the rows do not add up to 7";
    let log = "step 3: the log do not add up to 7";
    assert_eq!(said, [rows, log]);
    let balance = world
        .analytics
        .balance_from_rows(world.ws, world.campaign)
        .await
        .unwrap();
    assert_eq!(balance.steps[2].lost, 1);
}

#[tokio::test]
async fn a_send_of_nobody_breaks_the_sum() {
    let world = World::busy().await;
    let row = world.send_row(99, 0, Fate::Sent);
    let said = wrong(&world, Batch::new(world.ws).put(&row)).await;
    assert!(said[0].contains("the rows do not add up"), "{said:?}");
}

#[tokio::test]
async fn a_skip_without_a_reason_is_no_account() {
    let world = World::busy().await;
    let mut row = world.send_row(0, 2, Fate::Skipped(SkipReason::Ended));
    row.skip = None;
    let said = wrong(&world, Batch::new(world.ws).put(&row)).await;
    assert!(
        said[0].contains("step 3: the rows do not add up"),
        "{said:?}"
    );
}

#[tokio::test]
async fn other_campaigns_and_other_kinds_of_sends_do_not_count() {
    let world = World::busy().await;
    let before = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    let mut other = world.send_row(50, 0, Fate::Sent);
    other.campaign = Some(jooper_core::CampaignId::from_uuid(enrollment(9).uuid()));
    let mut reply = world.send_row(51, 0, Fate::Sent);
    reply.key = jooper_core::SendKey::Reply {
        thread: jooper_core::ThreadId::from_uuid(enrollment(1).uuid()),
        key: enrollment(2).uuid(),
    };
    reply.kind = reply.key.kind();
    world
        .store
        .commit(Batch::new(world.ws).put(&other).put(&reply))
        .await
        .unwrap();
    let after = world
        .analytics
        .check(world.ws, world.campaign)
        .await
        .unwrap();
    assert_eq!(before, after);
}
