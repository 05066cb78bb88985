//! A person's pause and a breaker's stop of one scope are two causes: ending one leaves the other.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use jooper_consent::{
    Acquired, BreakerScope, Breakers, Ceilings, RefusalReason, StopError, StopScope, explain,
};
use jooper_core::{EventKind, StopReason, StopSource, UserId};
use jooper_storage::LogCursor;
use support::{World, id};

fn by() -> UserId {
    UserId::from_uuid(id(9))
}

async fn stop(world: &World, scope: &StopScope, reason: StopReason) {
    let source = match reason {
        StopReason::Breaker => StopSource::System,
        _ => StopSource::User,
    };
    let stopped = world.stops.stop(world.ws, scope.clone(), reason, source);
    stopped.await.unwrap();
}

/// Why the gate keeps the mail back, by every cause; empty when it goes.
async fn kept_back(world: &World) -> Vec<StopReason> {
    let said = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    let steps = said.trace.0.iter();
    let found: Vec<_> = steps
        .filter_map(|step| match step.verdict.reason() {
            Some(RefusalReason::Stopped { reason, .. }) => Some(*reason),
            _ => None,
        })
        .collect();
    assert_eq!(found.is_empty(), said.verdict.is_allow());
    found
}

#[tokio::test]
async fn a_reset_leaves_a_persons_pause_and_a_resume_leaves_a_breakers_stop() {
    let (pause, breaker) = (StopReason::Paused, StopReason::Breaker);
    let world = World::new().await;
    world.consented(1).await;
    let breakers = Breakers::new(
        world.store.clone(),
        world.stops.clone(),
        world.clock.clone(),
        Ceilings::new(),
    );
    for (scope, tripped) in [
        (
            StopScope::Campaign(world.campaign),
            BreakerScope::Campaign(world.campaign),
        ),
        (
            StopScope::Mailbox(world.mailbox),
            BreakerScope::Mailbox(world.mailbox),
        ),
    ] {
        for order in [[pause, breaker], [breaker, pause]] {
            for reason in order {
                stop(&world, &scope, reason).await;
            }
            assert_eq!(kept_back(&world).await, [breaker, pause]);
            breakers.reset(world.ws, tripped, by()).await.unwrap();
            assert_eq!(kept_back(&world).await, [pause], "{scope:?}");
            assert!(breakers.stopped(world.ws).await.unwrap().is_empty());
            world
                .stops
                .resume(world.ws, scope.clone(), by())
                .await
                .unwrap();
            assert_eq!(kept_back(&world).await, []);

            for reason in order {
                stop(&world, &scope, reason).await;
            }
            world
                .stops
                .resume(world.ws, scope.clone(), by())
                .await
                .unwrap();
            assert_eq!(kept_back(&world).await, [breaker], "{scope:?}");
            assert!(breakers.stopped(world.ws).await.unwrap().contains(&tripped));
            breakers.reset(world.ws, tripped, by()).await.unwrap();
            assert_eq!(kept_back(&world).await, []);
        }
    }
}

#[tokio::test]
async fn every_cause_is_told_with_its_own_source() {
    let world = World::new().await;
    world.consented(1).await;
    let scope = StopScope::Mailbox(world.mailbox);
    for reason in [StopReason::Paused, StopReason::Breaker] {
        stop(&world, &scope, reason).await;
        world.clock.advance_millis(86_400_000);
    }
    let said = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    let inputs: Vec<_> = said.trace.0.iter().map(|step| step.input.clone()).collect();
    for told in [
        "mailbox stopped: breaker, by system, since 2026-11-24",
        "mailbox stopped: paused, by user, since 2026-11-23",
    ] {
        assert!(inputs.iter().any(|input| input == told), "{inputs:?}");
    }
    let words = explain(&said.trace).join(" ");
    assert!(words.contains("is paused"), "{words}");
    assert!(words.contains("was stopped automatically"), "{words}");
    let causes = world.stops.causes(world.ws, &scope).await.unwrap();
    assert_eq!(causes.len(), 2);
}

#[tokio::test]
async fn a_stop_that_was_taken_away_while_it_waited_is_not_acknowledged() {
    let world = World::new().await;
    world.consented(1).await;
    let (intent, batch) = (world.intent(1), world.batch());
    let acquired = world.gate.acquire(world.ws, &intent, batch).await.unwrap();
    let Acquired::Permit(_permit, _) = acquired else {
        panic!("refused");
    };
    let scope = StopScope::Mailbox(world.mailbox);
    let stopping = stop_of(&world, &scope);
    let resuming = async {
        // The stop waits for the permit that is out.
        tokio::task::yield_now().await;
        world.stops.resume(world.ws, scope.clone(), by()).await
    };
    let (stopped, resumed) = tokio::join!(stopping, resuming);
    resumed.unwrap();
    assert!(matches!(stopped, Err(StopError::Contended)), "{stopped:?}");
    let page = world.store.read_log(world.ws, LogCursor::after(0)).await;
    let mut kinds = page
        .unwrap()
        .records
        .into_iter()
        .map(|record| record.entry.kind);
    assert!(!kinds.any(|kind| kind == EventKind::Stopped));

    // Another cause beside it is no reason to promise nothing.
    let other = async {
        tokio::task::yield_now().await;
        stop(&world, &scope, StopReason::Breaker).await;
    };
    let (intent, batch) = (world.step(2, 0), world.batch());
    world.consented(2).await;
    let acquired = world.gate.acquire(world.ws, &intent, batch).await.unwrap();
    assert!(acquired.verdict().is_allow());
    let (stopped, ()) = tokio::join!(stop_of(&world, &scope), other);
    stopped.unwrap();
    let why = kept_back(&world).await;
    assert_eq!(why, [StopReason::Breaker, StopReason::Paused]);
}

async fn stop_of(world: &World, scope: &StopScope) -> Result<jooper_consent::StopAck, StopError> {
    let (why, who) = (StopReason::Paused, StopSource::User);
    world.stops.stop(world.ws, scope.clone(), why, who).await
}
