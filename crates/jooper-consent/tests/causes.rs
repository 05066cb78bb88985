//! A person's pause and a breaker's stop of one scope are two causes: ending one leaves the other.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use jooper_consent::{
    Acquired, BreakerScope, Breakers, Ceilings, RefusalReason, SendIntent, StopError, StopScope,
    explain, replay,
};
use jooper_core::{
    Clock, CompanyId, EventKind, ManualClock, ScopeKind, StopReason, StopSource, UserId,
};
use jooper_storage::tables::{LEAD, SCOPE_STOP, ScopeStopRow};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, LogCursor, MemoryStore, Scan, Storage, StorageExt, Witness,
    WitnessEntry, Write,
};
use support::{World, id, start};

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
    kept_back_from(world, &world.intent(1)).await
}

async fn kept_back_from(world: &World, intent: &SendIntent) -> Vec<StopReason> {
    let said = world.gate.judge(world.ws, intent).await.unwrap();
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

/// A world whose data can be copied, with a lead who works somewhere.
async fn copied() -> (World, MemoryStore, CompanyId) {
    let clock = Arc::new(ManualClock::new(start()));
    let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
    let world = World::over(Arc::new(memory.clone()), clock).await;
    let lead = world.consented(1).await;
    let company = CompanyId::from_uuid(id(0xC0));
    let key = Key::new(&LEAD, vec![lead.to_value()]);
    let works = vec![("company", ColumnOp::Set(company.to_value()))];
    let batch = world.batch().write(Write::Patch(key, works));
    world.commit(batch).await;
    (world, memory, company)
}

/// The copy, put back beside the witness of today.
async fn put_back(world: &World, copy: &MemoryStore) -> World {
    let records = world.witness.read(0, usize::MAX).await.unwrap();
    let copy = copy.snapshot();
    // As a start does that was killed, and begins again.
    for _ in 0..2 {
        replay(&copy, &records).await.unwrap();
    }
    world.with_store(Arc::new(copy))
}

#[tokio::test]
async fn a_stop_of_any_scope_stands_again_in_a_restored_backup_and_so_does_its_end() {
    let (world, memory, company) = copied().await;
    let intent = world.intent(1);
    let pause = StopReason::Paused;
    for scope in [
        StopScope::Company(company),
        StopScope::Lead(intent.recipient.lead.unwrap()),
        StopScope::Enrollment(intent.enrollment().unwrap()),
        StopScope::Campaign(world.campaign),
        StopScope::Mailbox(world.mailbox),
        StopScope::Workspace,
    ] {
        let before = memory.snapshot();
        stop(&world, &scope, pause).await;
        stop(&world, &scope, StopReason::Disconnected).await;
        let stopped = memory.snapshot();
        let back = put_back(&world, &before).await;
        let both = [StopReason::Disconnected, pause];
        assert_eq!(kept_back(&back).await, both, "{scope:?}");
        let causes = back.stops.causes(world.ws, &scope).await.unwrap();
        let here = world.stops.causes(world.ws, &scope).await.unwrap();
        assert_eq!(causes, here, "the same causes, since the same time");

        world.clock.advance_millis(1000);
        let resumed = world.stops.resume(world.ws, scope.clone(), by());
        resumed.await.unwrap();
        for copy in [&before, &stopped] {
            let back = put_back(&world, copy).await;
            let one = [StopReason::Disconnected];
            assert_eq!(kept_back(&back).await, one, "{scope:?}: the other stands");
        }
        let (reason, stops) = (StopReason::Disconnected, &world.stops);
        let connected = stops.resume_from(world.ws, scope.clone(), reason, by());
        connected.await.unwrap();
        for copy in [&before, &stopped] {
            let back = put_back(&world, copy).await;
            assert_eq!(kept_back(&back).await, [], "{scope:?}");
        }
        // Stopped once more, it is stopped, whatever was said of it before.
        world.clock.advance_millis(1000);
        stop(&world, &scope, pause).await;
        let back = put_back(&world, &stopped).await;
        assert_eq!(kept_back(&back).await, [pause], "{scope:?}");
        let resumed = world.stops.resume(world.ws, scope.clone(), by());
        resumed.await.unwrap();
    }
}

/// A resume is written down behind its commit: a stop that came in between stands before it in the
/// witness, and holds.
#[tokio::test]
async fn a_stop_that_came_before_the_word_of_an_older_resume_holds() {
    let (world, memory, _) = copied().await;
    let at = |seconds| start() + jiff::SignedDuration::from_secs(seconds);
    let (workspace, scope, id) = (world.ws, ScopeKind::Campaign, world.campaign.uuid());
    let (reason, source) = (StopReason::Paused, StopSource::User);
    let stopped = |since| WitnessEntry::Stopped {
        workspace,
        scope,
        id,
        reason,
        source,
        since,
    };
    let resumed = |since| WitnessEntry::Resumed {
        workspace,
        scope,
        id,
        reason,
        since,
    };
    let told = [stopped(at(1)), stopped(at(3)), resumed(at(1))];
    world.witness.append(at(4), &told).await.unwrap();
    let back = put_back(&world, &memory).await;
    assert_eq!(kept_back(&back).await, [reason]);
    // What a running process stopped since is not of the witness's past either.
    world
        .witness
        .append(at(5), &[resumed(at(3))])
        .await
        .unwrap();
    let row = |since| {
        let cause = jooper_storage::tables::StopCause {
            reason,
            source,
            since,
        };
        ScopeStopRow::of(scope, id, vec![cause]).unwrap()
    };
    for (since, stands) in [(at(3), false), (at(6), true)] {
        let copy = memory.snapshot();
        let batch = Batch::new(world.ws).put(&row(since));
        copy.commit(batch).await.unwrap();
        let back = put_back(&world, &copy).await;
        assert_eq!(!kept_back(&back).await.is_empty(), stands, "{since}");
        let rows = Scan::table(&SCOPE_STOP);
        let rows = back.store.collect::<ScopeStopRow>(world.ws, rows).await;
        assert_eq!(rows.unwrap().len(), usize::from(stands));
        let cursor = LogCursor::start();
        let log = back.store.read_log(world.ws, cursor).await.unwrap();
        let told = log
            .records
            .iter()
            .filter(|record| record.entry.kind == EventKind::Resumed);
        assert_eq!(told.count(), usize::from(!stands), "the chain says so too");
    }
}

/// The lead's row and whoever sends may name two companies: a stop of either waits for the permit.
#[tokio::test]
async fn a_stop_waits_for_a_permit_under_which_its_company_was_judged_beside_another() {
    let (world, _, own) = copied().await;
    let told = CompanyId::from_uuid(id(0xC7));
    for company in [own, told] {
        let mut intent = world.intent(1);
        intent.recipient.company = Some(told);
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("refused");
        };
        let scope = StopScope::Company(company);
        let ack = stop_of(&world, &scope).await.unwrap();
        assert!(ack.acknowledged_at >= permit.lease_until(), "{company}");
        let causes = kept_back_from(&world, &intent).await;
        assert_eq!(causes, [StopReason::Paused]);
        let resumed = world.stops.resume(world.ws, scope, by());
        resumed.await.unwrap();
        world.clock.advance_millis(60_000);
    }
}

/// A machine that started with a wrong clock gave a permit that ends hours from now.
#[tokio::test]
async fn a_stop_waits_one_lease_however_far_ahead_the_clock_was() {
    let clock = Arc::new(ManualClock::new(start()));
    clock.advance_millis(6 * 3_600_000);
    let world = World::timed(clock.clone(), Arc::new(ManualClock::new(start()))).await;
    world.consented(1).await;
    let intent = world.intent(1);
    let acquired = world.gate.acquire(world.ws, &intent, world.batch());
    let Acquired::Permit(permit, _) = acquired.await.unwrap() else {
        panic!("refused");
    };
    clock.set(start());
    let scope = StopScope::Mailbox(world.mailbox);
    let began = world.lease.now();
    stop_of(&world, &scope).await.unwrap();
    let took = world.lease.now().since(began);
    assert!(
        permit.deadline().since(began) < took,
        "the mail may go no more"
    );
    assert!(took.as_secs() < 12, "{took:?}");
}

#[tokio::test]
async fn only_what_nobody_decided_ends_by_itself() {
    let world = World::new().await;
    world.consented(1).await;
    let scope = StopScope::Campaign(world.campaign);
    for reason in [StopReason::Paused, StopReason::Breaker] {
        stop(&world, &scope, reason).await;
        let ended = world.stops.ended(world.ws, scope.clone(), reason).await;
        assert!(matches!(ended, Err(StopError::NotResumable)), "{ended:?}");
    }
    let causes = world.stops.causes(world.ws, &scope).await.unwrap();
    assert_eq!(causes.len(), 2);
}

/// What was ended has a stop of its own, beside a pause and behind its resume.
#[tokio::test]
async fn nothing_takes_away_what_was_ended() {
    let (ended, pause) = (StopReason::Ended, StopReason::Paused);
    let world = World::new().await;
    world.consented(1).await;
    let scope = StopScope::Campaign(world.campaign);
    stop(&world, &scope, pause).await;
    stop(&world, &scope, ended).await;
    assert_eq!(kept_back(&world).await, [ended, pause]);
    let resumed = world.stops.resume(world.ws, scope.clone(), by());
    resumed.await.unwrap();
    assert_eq!(kept_back(&world).await, [ended]);
    for _ in 0..2 {
        let resumed = world
            .stops
            .resume_from(world.ws, scope.clone(), ended, by());
        assert!(matches!(resumed.await, Err(StopError::NotResumable)));
    }
    assert_eq!(kept_back(&world).await, [ended]);
}

/// A pause that is said again while somebody resumes takes nothing new away, and stands.
#[tokio::test]
async fn a_resume_yields_to_a_pause_that_is_said_meanwhile() {
    let world = World::new().await;
    world.consented(1).await;
    let (stops, scope) = (&world.stops, StopScope::Campaign(world.campaign));
    let before = stops.as_it_stands(world.ws, &scope).await.unwrap();
    stop(&world, &scope, StopReason::Paused).await;
    let seen = stops.as_it_stands(world.ws, &scope).await.unwrap();
    assert_ne!(seen, before);
    // Said once more: nothing new is stopped, and whoever began to resume before finds it changed.
    stop(&world, &scope, StopReason::Paused).await;
    for stale in [before, seen] {
        let batch = Batch::new(world.ws).check(stale);
        let resumed = stops.resume_with(world.ws, scope.clone(), by(), batch);
        assert!(matches!(resumed.await, Err(StopError::Contended)));
        assert_eq!(kept_back(&world).await, [StopReason::Paused]);
    }
    let seen = stops.as_it_stands(world.ws, &scope).await.unwrap();
    let batch = Batch::new(world.ws).check(seen);
    let resumed = stops.resume_with(world.ws, scope.clone(), by(), batch);
    resumed.await.unwrap();
    assert_eq!(kept_back(&world).await, []);
}
