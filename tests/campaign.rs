//! A whole campaign: CSV, OAuth, Gmail over HTTP, SQLite; the simulator's own ledger is the judge.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use std::collections::BTreeMap;

use jooper::core::{FinishReason, SendState, UserId};
use jooper::storage::tables::{ENROLLMENT, EnrollmentRow, ROLLUP, RollupRow, SEND, SendRow};
use jooper::storage::{Scan, StorageExt};
use jooper_testkit::google::Mix;
use uuid::Uuid;
use world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_ends_and_its_numbers_are_those_of_the_simulator() {
    let mut mix = Mix::default();
    mix.earliest_ms = 60_000;
    let world = World::with_mix(&["ada@sender.example", "ben@sender.example"], mix).await;
    let leads = world.import(60, "people.example").await;
    assert_eq!(leads.len(), 60);
    let campaign = world.campaign(&leads).await;
    world.pass(24 * 30).await;

    let storage = world.jooper.storage();
    let sends = storage
        .collect::<SendRow>(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    let sent = sends
        .iter()
        .filter(|row| row.record.state == SendState::Sent)
        .count();
    let ledger = world.google.ledger();
    let ours = ledger
        .sends_per_reference()
        .into_iter()
        .filter(|(reference, _)| reference.trim_start_matches('<').starts_with("jp."))
        .collect::<Vec<_>>();
    assert!(
        ours.iter().all(|(_, count)| *count == 1),
        "a mail was accepted twice"
    );
    assert_eq!(sent, ours.len(), "counted here and accepted there");
    assert_eq!(sent, ledger.accepted().len());

    let analytics = world.jooper.workspace(world.workspace);
    let analytics = analytics.analytics();
    let rows = analytics
        .balance_from_rows(world.workspace, campaign)
        .await
        .unwrap();
    let log = analytics
        .balance_from_log(world.workspace, campaign)
        .await
        .unwrap();
    assert_eq!(rows.differences(&log), Vec::<String>::new());
    assert!(rows.balances(), "{rows:?}");
    assert_eq!(rows.steps.len(), 3);
    assert_eq!(rows.steps[0].audience, 60);

    let stored = storage
        .collect::<RollupRow>(world.workspace, Scan::table(&ROLLUP))
        .await
        .unwrap();
    let stored: BTreeMap<Vec<u8>, i64> = stored
        .into_iter()
        .map(|row| (row.record.key, row.record.count))
        .collect();
    let recounted = analytics.recounted(world.workspace).await.unwrap();
    let differing: Vec<_> = recounted
        .keys()
        .chain(stored.keys())
        .filter(|key| recounted.get(*key) != stored.get(*key))
        .collect();
    assert!(
        differing.is_empty(),
        "rollups that the log does not confirm: {differing:?}"
    );

    let enrollments = storage
        .collect::<EnrollmentRow>(world.workspace, Scan::table(&ENROLLMENT))
        .await
        .unwrap();
    let ended = |reason| {
        enrollments
            .iter()
            .filter(|row| row.record.finish == Some(reason))
            .count()
    };
    for reason in [
        FinishReason::Completed,
        FinishReason::Replied,
        FinishReason::Bounced,
    ] {
        assert!(
            ended(reason) > 0,
            "nobody ended as {reason:?}: {enrollments:?}"
        );
    }
    assert!(
        world.google.unexpected_calls().is_empty(),
        "{:?}",
        world.google.unexpected_calls()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_waited_for_a_restriction_goes_as_soon_as_it_ends() {
    let world = World::new(&["ada@sender.example"]).await;
    let leads = world.import(1, "people.example").await;
    let workspace = world.jooper.workspace(world.workspace);
    world.campaign(&leads).await;
    let (rights, lead) = (workspace.rights(), leads[0]);
    rights.restrict_lead(world.workspace, lead).await.unwrap();
    world.pass(26).await;
    // Asked just now, and not to be asked again before an hour has passed.
    world.work().await;
    assert_eq!(world.google.ledger().accepted().len(), 0);
    let by = UserId::from_uuid(Uuid::from_u128(1));
    let ended = rights.end_restriction(world.workspace, lead, by);
    ended.await.unwrap();
    world.work().await;
    assert_eq!(world.google.ledger().accepted().len(), 1, "at once");
}
