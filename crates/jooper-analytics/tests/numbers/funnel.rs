//! Rollups, and what is read from them.

use jooper_core::{
    Dimensions, EventKind, FinishReason, RollupPart, SkipReason, StepIndex, day_of, rollup_key,
};
use jooper_storage::tables::RollupRow;
use jooper_storage::{Batch, LogEntry, Storage};

use crate::world::{Fate, World, start};

#[tokio::test]
async fn the_funnel_tells_what_the_balance_tells() {
    let world = World::busy().await;
    let balance = world
        .analytics
        .balance_from_rows(world.ws, world.campaign)
        .await
        .unwrap();
    let funnel = world
        .analytics
        .steps(world.ws, world.campaign)
        .await
        .unwrap();
    assert_eq!(funnel.len(), balance.steps.len());
    for (step, counted) in funnel.iter().zip(&balance.steps) {
        assert!(step.balances(), "{step:?}");
        assert_eq!(step.audience, counted.audience as i64);
        assert_eq!(step.sent, counted.sent as i64);
        assert_eq!(
            (step.pending, step.unknown),
            (counted.pending as i64, counted.unknown as i64)
        );
        let skipped: Vec<_> = step
            .skipped
            .iter()
            .map(|(reason, n)| (*reason, *n as u64))
            .collect();
        assert_eq!(
            skipped,
            counted.skipped.clone().into_iter().collect::<Vec<_>>()
        );
        assert_eq!(
            step.failed.values().sum::<i64>(),
            counted.failed_in_all() as i64
        );
    }
}

#[tokio::test]
async fn a_refused_mail_that_is_skipped_later_counts_once() {
    let world = World::busy().await;
    world
        .settle(2, 1, Fate::Skipped(SkipReason::ByPerson), 6)
        .await;
    let step = &world
        .analytics
        .steps(world.ws, world.campaign)
        .await
        .unwrap()[1];
    assert!(step.failed.is_empty() && step.balances(), "{step:?}");
    assert!(
        world
            .analytics
            .check(world.ws, world.campaign)
            .await
            .unwrap()
            .agrees()
    );
}

#[tokio::test]
async fn people_are_counted_by_how_they_ended() {
    let world = World::busy().await;
    let people = world
        .analytics
        .people(world.ws, world.campaign)
        .await
        .unwrap();
    assert_eq!(
        (people.enrolled, people.replied(), people.running()),
        (8, 1, 6)
    );
    assert_eq!(people.ended_by(FinishReason::Refused), 1);
    assert_eq!((people.bounced(), people.unsubscribed()), (0, 0));
    let funnel = world
        .analytics
        .funnel(world.ws, world.campaign)
        .await
        .unwrap();
    assert_eq!((funnel.enrolled, funnel.sent, funnel.finished), (8, 8, 2));
    let first = world
        .analytics
        .step(world.ws, world.campaign, StepIndex(0), Some(0))
        .await
        .unwrap();
    assert_eq!(first.sent, 7);
}

#[tokio::test]
async fn days_are_counted_for_campaign_and_mailbox() {
    let world = World::busy().await;
    let today = day_of(start());
    let days = today..today + 6;
    let (ws, kind) = (world.ws, EventKind::Sent);
    let campaign = world
        .analytics
        .by_day(ws, world.campaign, kind, days.clone())
        .await
        .unwrap();
    let counts: Vec<_> = campaign.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [7, 0, 0, 0, 1, 0]);
    let mailbox = world
        .analytics
        .mailbox_by_day(ws, world.mailbox, kind, days)
        .await
        .unwrap();
    assert_eq!(mailbox, campaign);
}

#[tokio::test]
async fn stored_rollups_equal_what_the_log_says_and_a_wrong_one_is_named() {
    let world = World::busy().await;
    assert_eq!(
        world.analytics.rollup_differences(world.ws).await.unwrap(),
        []
    );
    let key = rollup_key(EventKind::Sent, &[RollupPart::Campaign(world.campaign)]);
    let wrong = RollupRow {
        key: key.clone(),
        count: 7,
    };
    let extra = RollupRow {
        key: vec![9],
        count: 1,
    };
    world
        .store
        .commit(Batch::new(world.ws).put(&wrong).put(&extra))
        .await
        .unwrap();
    let said = world.analytics.rollup_differences(world.ws).await.unwrap();
    assert_eq!(said.len(), 2);
    assert_eq!(
        (said[0].kind, said[0].stored, said[0].recounted),
        (Some(EventKind::Sent), 7, 8)
    );
    assert_eq!(said[0].key, key);
    assert_eq!(
        (said[1].kind, said[1].stored, said[1].recounted),
        (None, 1, 0)
    );
}

#[tokio::test]
async fn what_a_person_found_to_be_no_objection_is_none_in_any_number() {
    let world = World::new().await;
    let tell = async |kind: EventKind, n: u8, reason: i64| {
        let dimensions = Dimensions {
            campaign: Some(world.campaign),
            step: (!matches!(kind, EventKind::Finished | EventKind::FinishCorrected))
                .then_some(StepIndex(0)),
            reason: Some(reason),
            ..Dimensions::default()
        };
        let fact = LogEntry::new(kind, start(), &[&[n][..]], dimensions);
        let batch = Batch::new(world.ws).append(fact);
        world.store.commit(batch).await.unwrap();
    };
    let (objected, answered) = (FinishReason::Unsubscribed, FinishReason::Replied);
    for n in 0..3 {
        tell(EventKind::Unsubscribed, n, 0).await;
        tell(EventKind::Finished, n, objected.code()).await;
    }
    for n in 0..2 {
        tell(EventKind::ObjectionDismissed, n, 0).await;
        tell(EventKind::Replied, n, 0).await;
        tell(EventKind::FinishCorrected, n, answered.code()).await;
    }
    let (numbers, ws, campaign) = (&world.analytics, world.ws, world.campaign);
    let funnel = numbers.funnel(ws, campaign).await.unwrap();
    assert_eq!((funnel.unsubscribes, funnel.replies), (1, 2));
    assert_eq!(funnel.finished, 3);
    let step = numbers.step(ws, campaign, StepIndex(0), None).await;
    let step = step.unwrap();
    assert_eq!((step.unsubscribes, step.replies), (1, 2));
    let steps = numbers.steps(ws, campaign).await.unwrap();
    assert_eq!((steps[0].unsubscribes, steps[0].replies), (1, 2));
    let people = numbers.people(ws, campaign).await.unwrap();
    assert_eq!((people.unsubscribed(), people.replied()), (1, 2));
    assert_eq!(numbers.rollup_differences(ws).await.unwrap(), []);
}
