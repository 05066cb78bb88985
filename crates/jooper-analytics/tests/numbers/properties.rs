//! Whatever happens in whatever order, both counts agree.

use jooper_core::{FinishReason, NotSentReason, SkipReason};
use proptest::prelude::*;

use crate::world::{Fate, World};

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Sent),
        1 => Just(Fate::Skipped(SkipReason::Branch)),
        1 => Just(Fate::Failed(NotSentReason::TooLarge)),
        1 => Just(Fate::Retry),
        2 => Just(Fate::Unknown),
        1 => Just(Fate::Posting),
    ]
}

/// What happens to one person: fates of the steps in order, what an unknown one becomes, and
/// whether the rest is ended. Whoever has version 2 may move to version 1.
type Life = (u32, bool, Vec<(Fate, Option<Fate>)>, bool);

fn life() -> impl Strategy<Value = Life> {
    let resolved = prop_oneof![
        Just(None),
        Just(Some(Fate::Sent)),
        Just(Some(Fate::Abandoned)),
        Just(Some(Fate::Released)),
    ];
    (
        1..3_u32,
        any::<bool>(),
        prop::collection::vec((fate(), resolved), 0..3),
        any::<bool>(),
    )
}

async fn live(world: &World, person: u16, (version, moves, fates, ends): &Life) {
    world.enroll(person, *version).await;
    let moves = *moves && *version == 2;
    if moves {
        world.move_up(person).await;
    }
    let steps: u16 = if moves || *version == 1 { 3 } else { 2 };
    let mut open: Vec<u16> = (0..steps).collect();
    for (step, (fate, then)) in (0..steps).zip(fates) {
        let day = i64::from(step) * 10;
        world.settle(person, step, *fate, day).await;
        let last = match (fate, then) {
            (Fate::Unknown, Some(then)) => {
                world.settle(person, step, *then, day + 1).await;
                *then
            }
            _ => *fate,
        };
        let settled = matches!(last, Fate::Sent | Fate::Skipped(_) | Fate::Abandoned);
        if settled || matches!(last, Fate::Unknown) {
            open.retain(|left| *left != step);
        }
        if !settled {
            break;
        }
    }
    if *ends {
        world
            .finish(person, FinishReason::Unsubscribed, &open)
            .await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn both_counts_and_the_funnel_agree(lives in prop::collection::vec(life(), 0..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            for (person, life) in (0..).zip(&lives) {
                live(&world, person, life).await;
            }
            let checked = world.analytics.check(world.ws, world.campaign).await.unwrap();
            prop_assert!(checked.agrees(), "{:?}", checked.differences());
            let people: u64 = checked.rows.steps.first().map_or(0, |step| step.audience);
            prop_assert_eq!(people, lives.len() as u64);
            let funnel = world.analytics.steps(world.ws, world.campaign).await.unwrap();
            for (step, counted) in funnel.iter().zip(&checked.rows.steps) {
                prop_assert!(step.balances(), "{:?}", step);
                prop_assert_eq!(step.pending, counted.pending as i64);
            }
            let wrong = world.analytics.rollup_differences(world.ws).await.unwrap();
            prop_assert_eq!(wrong, vec![]);
            Ok(())
        })?;
    }
}
