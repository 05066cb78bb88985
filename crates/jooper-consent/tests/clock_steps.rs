//! The store's clock is set while leaves to send are out: no stop believes that they have ended (law L4).

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use jooper_consent::{Acquired, PERMIT_LEASE, PersonalAct, SendPermit, StopScope};
use jooper_core::{LeadId, LeaseInstant, ManualClock, PermitId, StopReason, StopSource};
use jooper_storage::tables::{PERMIT, PermitRow};
use jooper_storage::{Scan, StorageExt};
use support::{World, id, index, start};

/// A world whose machine counts leases by a clock of its own, beside that of the store.
async fn two_clocks() -> (Arc<ManualClock>, World) {
    let clock = Arc::new(ManualClock::new(start()));
    let world = World::timed(clock.clone(), Arc::new(ManualClock::new(start()))).await;
    world.consented(1).await;
    (clock, world)
}

async fn permit(world: &World) -> SendPermit {
    let intent = world.intent(1);
    let acquired = world.gate.acquire(world.ws, &intent, world.batch());
    match acquired.await.unwrap() {
        Acquired::Permit(permit, _) => permit,
        refused => panic!("{refused:?}"),
    }
}

async fn stopped(world: &World, scope: StopScope) -> LeaseInstant {
    let (reason, source) = match scope {
        StopScope::Person { .. } => (StopReason::Unsubscribed, StopSource::Person),
        _ => (StopReason::Paused, StopSource::User),
    };
    let stop = world.stops.stop(world.ws, scope, reason, source).await;
    stop.unwrap();
    world.lease.now()
}

#[tokio::test]
async fn a_clock_that_is_set_forward_ends_no_permit() {
    for forward in [8_000, 60_000, 1_800_000] {
        for wide in [false, true] {
            let (clock, world) = two_clocks().await;
            let permit = permit(&world).await;
            clock.advance_millis(forward);
            world.gate.sweep(world.ws).await.unwrap();
            let scope = match wide {
                true => StopScope::Campaign(world.campaign),
                false => world.person(1),
            };
            let acknowledged = stopped(&world, scope).await;
            let left = permit.deadline().since(acknowledged);
            assert_eq!(left, Duration::ZERO, "{forward} {wide}: it may still go");
        }
    }
}

#[tokio::test]
async fn a_stop_waits_for_nothing_once_the_permit_is_back() {
    let (clock, world) = two_clocks().await;
    let permit = permit(&world).await;
    clock.advance_millis(60_000);
    world.gate.release(permit).await.unwrap();
    let before = world.lease.now();
    let took = stopped(&world, world.person(1)).await.since(before);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn whoever_is_kept_from_the_whole_platform_waits_a_lease_of_this_machine() {
    let (clock, world) = two_clocks().await;
    let (proof, at) = (support::on_their_page(), start());
    let act = PersonalAct { proof, at };
    let to = support::recipient(1);
    let before = world.lease.now();
    let stop = world
        .stops
        .do_not_contact(&to.platform_variants, StopReason::Objected, act);
    let step = async { clock.advance_millis(3_600_000) };
    let (stop, ()) = tokio::join!(stop, step);
    stop.unwrap();
    assert!(world.lease.now().since(before) > PERMIT_LEASE);
}

/// An entry of an earlier version is filed under a form that the permit does not name.
#[tokio::test]
async fn a_stop_of_a_lead_waits_for_the_permits_of_all_its_addresses() {
    for (whose, waits) in [(1, true), (2, false)] {
        let (_, world) = two_clocks().await;
        drop(permit(&world).await);
        let out = Scan::table(&PERMIT);
        let out = world.store.collect::<PermitRow>(world.ws, out).await;
        let out = out.unwrap().pop().unwrap();
        let lead = out.record.lead.unwrap();
        let other = PermitRow {
            contact_index: index("a form that is filed today"),
            lead: Some(match whose {
                1 => lead,
                _ => LeadId::from_uuid(id(0x77)),
            }),
            ..out.record
        };
        world
            .commit(world.batch().update(&other, out.version))
            .await;
        let before = world.lease.now();
        let took = stopped(&world, world.person(1)).await.since(before);
        assert_eq!(took > Duration::from_secs(9), waits, "{took:?}");
    }
}

/// A process died with its permit out: every stop of a person comes with one for each address, and more follow.
#[tokio::test]
async fn whoever_died_with_a_permit_is_waited_for_once() {
    let (clock, world) = two_clocks().await;
    drop(permit(&world).await);
    clock.advance_millis(60_000);
    let began = world.lease.now();
    let first = stopped(&world, world.person(1)).await;
    assert!(first.since(began) > PERMIT_LEASE);
    for scope in [world.person(1), StopScope::Campaign(world.campaign)] {
        let again = stopped(&world, scope).await;
        assert_eq!(again.since(first), Duration::ZERO);
    }
}

/// The campaign is stopped; an answer by hand, which that does not forbid, begins while the stop waits.
#[tokio::test]
async fn a_permit_that_came_while_a_stop_waited_is_waited_for_by_the_next() {
    let (_, world) = two_clocks().await;
    drop(permit(&world).await);
    let (out, lease) = (Scan::table(&PERMIT), Duration::from_secs(9));
    let old = world.store.collect::<PermitRow>(world.ws, out).await;
    let old = old.unwrap().pop().unwrap().record;
    let began = world.lease.now();
    let answering = async {
        while world.lease.now().since(began) < lease {
            tokio::task::yield_now().await;
        }
        let young = PermitRow {
            id: PermitId::from_uuid(id(0x99)),
            ..old
        };
        world.commit(world.batch().put(&young)).await;
    };
    let scope = StopScope::Campaign(world.campaign);
    let (first, ()) = tokio::join!(stopped(&world, scope), answering);
    let next = stopped(&world, world.person(1)).await;
    assert!(next.since(first) > PERMIT_LEASE);
}
