//! Stop words hold back, and a user who has looked says that they were no objection.

use std::sync::Arc;

use jooper_consent::{LiftAck, RefusalReason, StopError, Verdict, replay};
use jooper_core::{Clock as _, StopReason, StopSource, UserId};
use jooper_storage::{MemoryStore, Witness as _, WitnessEntry};

use super::listed;
use super::support::{World, id};

/// Looks, and dismisses at once.
async fn dismiss(world: &World, by: UserId) -> Result<LiftAck, StopError> {
    let to = world.recipient(1);
    let stops = &world.stops;
    let seen = stops.provisional(world.ws, to.contact_index, &to.variants);
    let seen = seen.await?;
    stops
        .dismiss(world.ws, to.contact_index, &to.variants, by, &seen)
        .await
}

/// Between the look and the dismissal the person writes once more, or presses the button of a mail, or a
/// colleague dismissed and they wrote again: that stands, and the user is told.
#[tokio::test]
async fn what_was_said_since_somebody_looked_stands() {
    for (since, dismissed_before) in [
        (StopReason::StopWords, false),
        (StopReason::Unsubscribed, false),
        (StopReason::StopWords, true),
    ] {
        let world = World::new().await;
        let (to, by) = (world.recipient(1), UserId::from_uuid(id(9)));
        let stop = async |reason| {
            world.clock.advance_millis(1_000);
            let stop = world
                .stops
                .stop(world.ws, world.person(1), reason, StopSource::Person);
            stop.await.unwrap();
        };
        stop(StopReason::StopWords).await;
        let seen = world
            .stops
            .provisional(world.ws, to.contact_index, &to.variants);
        let seen = seen.await.unwrap();
        if dismissed_before {
            assert!(dismiss(&world, by).await.unwrap().lifted > 0);
        }
        stop(since).await;
        let before = listed(&world).await;
        let dismissed = world
            .stops
            .dismiss(world.ws, to.contact_index, &to.variants, by, &seen);
        let told = dismissed.await;
        assert!(matches!(told, Err(StopError::NotAsSeen)), "{told:?}");
        assert_eq!(listed(&world).await, before);
    }
}

#[tokio::test]
async fn stop_words_hold_back_until_somebody_has_looked() {
    let world = World::new().await;
    world.consented(1).await;
    let by = UserId::from_uuid(id(9));
    let words = StopReason::StopWords;
    let stop = |reason| {
        world
            .stops
            .stop(world.ws, world.person(1), reason, StopSource::Person)
    };
    stop(words).await.unwrap();
    let judged = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    let waits = Verdict::Defer {
        until: None,
        reason: RefusalReason::Suppressed(words),
    };
    assert_eq!(judged.verdict, waits);
    let dismiss = || dismiss(&world, by);
    assert!(dismiss().await.unwrap().lifted > 0);
    stop(words).await.unwrap();
    stop(StopReason::Objected).await.unwrap();
    assert_eq!(dismiss().await.unwrap().lifted, 0, "it was confirmed");
    assert!(listed(&world).await.values().all(|row| !row.provisional));
}

/// The person presses "unsubscribe" while a user presses "no objection": the first is in the witness,
/// its commit comes behind the second, and it is acknowledged.
#[tokio::test]
async fn a_user_who_dismisses_takes_no_stop_out_of_the_witness_that_they_did_not_see() {
    let world = World::new().await;
    world.consented(1).await;
    let person = world.person(1);
    let words = world.stops.stop(
        world.ws,
        person.clone(),
        StopReason::StopWords,
        StopSource::Person,
    );
    words.await.unwrap();
    world.clock.advance_millis(1);
    let since = world.clock.now();
    let said: Vec<_> = listed(&world)
        .await
        .into_keys()
        .map(|index| WitnessEntry::Suppressed {
            workspace: world.ws,
            index,
            reason: StopReason::Unsubscribed,
            source: StopSource::Person,
        })
        .collect();
    world.witness.append(since, &said).await.unwrap();
    world.clock.advance_millis(5_000);
    let dismissed = dismiss(&world, UserId::from_uuid(id(9)));
    assert_eq!(dismissed.await.unwrap().lifted, said.len());
    let restored = async || {
        let store = Arc::new(MemoryStore::with_clock(world.clock.clone()));
        let copy = world.with_store(store);
        let records = world.witness.read(0, usize::MAX).await.unwrap();
        replay(&copy.store, &records).await.unwrap();
        listed(&copy).await
    };
    let known = restored().await;
    assert_eq!(known.len(), said.len(), "forgotten");
    let reasons = known.values().map(|row| row.reason);
    assert!(
        reasons
            .into_iter()
            .all(|reason| reason == StopReason::Unsubscribed)
    );
}

/// What the user saw is taken away in a restored copy as well.
#[tokio::test]
async fn a_dismissal_is_replayed() {
    let world = World::new().await;
    world.consented(1).await;
    let words = StopReason::StopWords;
    let stop = world
        .stops
        .stop(world.ws, world.person(1), words, StopSource::Person);
    stop.await.unwrap();
    let dismissed = dismiss(&world, UserId::from_uuid(id(9)));
    assert!(dismissed.await.unwrap().lifted > 0);
    let copy = world.with_store(Arc::new(MemoryStore::with_clock(world.clock.clone())));
    let records = world.witness.read(0, usize::MAX).await.unwrap();
    replay(&copy.store, &records).await.unwrap();
    assert!(listed(&copy).await.is_empty());
}
