//! A whole campaign: CSV, OAuth, Gmail over HTTP, SQLite; the simulator's own ledger is the judge.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jooper::Jooper;
use jooper::consent::Ceilings;
use jooper::core::{FinishReason, LeadId, SendState, UserId};
use jooper::storage::tables::{
    COUNTER, CounterRow, ENROLLMENT, EnrollmentRow, ROLLUP, RollupRow, SEND, SendRow,
};
use jooper::storage::{Batch, MemoryStore, Scan, Storage, StorageExt};
use jooper::vault::MemoryKms;
use jooper_testkit::google::Mix;
use uuid::Uuid;
use world::installation::settings;
use world::{Database, Installation, World};

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

/// Deleting somebody and importing them anew is no way to write sooner, or more often.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_deleted_and_imported_anew_is_written_to_no_sooner_and_no_more_often() {
    let world = World::new(&["ada@sender.example"]).await;
    let workspace = world.jooper.workspace(world.workspace);
    let (leads, campaigns) = (workspace.leads(), workspace.campaigns());
    let again = async |before: LeadId| {
        leads.delete(world.workspace, before).await.unwrap();
        let new = world.import(1, "people.example").await;
        assert_ne!(new, [before]);
        new
    };
    let mails = || world.google.ledger().accepted().len();

    let first = world.import(1, "people.example").await;
    let campaign = world.campaign(&first).await;
    world.pass(24 * 4).await;
    assert_eq!(mails(), 2, "the first mail and a follow-up");
    let way = campaigns.explain(first[0]).await.unwrap()[0]
        .enrollment
        .clone();
    let last = way.last_sent_at.unwrap();
    campaigns.end_enrollment(way.id).await.unwrap();
    world.work().await;

    // Another campaign, under another lead: no sooner than sixty hours after the last mail.
    let second = again(first[0]).await;
    world.campaign(&second).await;
    while mails() == 2 {
        world.pass(1).await;
    }
    let way = campaigns.explain(second[0]).await.unwrap()[0]
        .enrollment
        .clone();
    let pause = way.last_sent_at.unwrap().duration_since(last);
    assert!(pause >= SignedDuration::from_hours(60), "{pause:?}");
    campaigns.end_enrollment(way.id).await.unwrap();
    world.work().await;

    // The same campaign once more: it has sent two, and three follow-ups are the most.
    let third = again(second[0]).await;
    let added = campaigns.activate(campaign, &third).await.unwrap();
    assert_eq!(added.enrolled, 1);
    world.pass(24 * 30).await;
    let way = campaigns.explain(third[0]).await.unwrap()[0]
        .enrollment
        .clone();
    assert_eq!((way.sent, way.finish), (2, Some(FinishReason::Refused)));
    assert_eq!(mails(), 5);
}

#[tokio::test]
async fn counters_whose_time_is_over_are_removed_by_whoever_works() {
    let world = World::new(&[]).await;
    let counter = |n: u8, expires_at| CounterRow {
        key: vec![n],
        count: 1,
        expires_at,
    };
    let batch = Batch::new(world.workspace)
        .put(&counter(1, 0))
        .put(&counter(2, i64::MAX));
    world.jooper.storage().commit(batch).await.unwrap();
    world.work().await;
    let scan = Scan::table(&COUNTER);
    let left = world
        .jooper
        .storage()
        .collect::<CounterRow>(world.workspace, scan)
        .await;
    let left: Vec<_> = left
        .unwrap()
        .into_iter()
        .map(|row| row.record.key)
        .collect();
    assert_eq!(left, [[2]]);
}

/// A mailbox that is not new, in an installation that was built with these.
async fn held_to(ceilings: Ceilings) -> World {
    let mut world = World::new(&["ada@sender.example"]).await;
    let root = world.google.gmail_url().parse().unwrap();
    let jooper = Jooper::builder(MemoryStore::new(), MemoryKms::from_seed(7))
        .transport(settings(&root))
        .tracking("http://127.0.0.1:9/".parse().unwrap())
        .clock(world.clock.clone())
        .ceilings(ceilings)
        .build()
        .unwrap();
    let (dir, clock) = (tempfile::tempdir().unwrap(), world.clock.clone());
    let lowered = Installation::begin(dir, Database::Files, clock, root, jooper);
    world.installation = lowered.await;
    let mailbox = world.connect("ada@sender.example").await;
    world.season(mailbox).await;
    world.mailboxes.push(mailbox);
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lower_ceilings_hold_for_what_is_built_with_them() {
    let world = held_to(Ceilings::new().with_mails_a_day(3)).await;
    let leads = world.import(8, "people.example").await;
    world.campaign(&leads).await;
    world.pass(24).await;
    assert_eq!(world.google.ledger().accepted().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_smaller_sample_is_looked_at_when_it_is_out() {
    let world = held_to(Ceilings::new().with_sample(2)).await;
    let leads = world.import(5, "people.example").await;
    world.campaign(&leads).await;
    world.pass(24).await;
    assert_eq!(world.google.ledger().accepted().len(), 5);
}
