//! The gate of a forecast.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jooper_consent::{Acquired, Breakers, Ceilings};
use jooper_core::{EventKind, SeededIds, UserId};
use jooper_storage::{LogCursor, Storage};
use support::{World, id};

#[tokio::test]
async fn a_forecasts_permit_is_of_no_installation_and_tells_nothing() {
    let world = World::new().await;
    world.consented(1).await;
    let (store, ids) = (world.store.clone(), Arc::new(SeededIds::new(8)));
    let foreseen = world
        .gate
        .foreseeing(store, world.clock.clone(), world.lease.clone(), ids);
    // Whatever it was made of, a gate of this installation is audited.
    let real = foreseen.over(
        world.store.clone(),
        world.gate.installation(),
        world.clock.clone(),
        world.lease.clone(),
        Arc::new(SeededIds::new(9)),
    );
    let breakers = Breakers::new(
        world.store.clone(),
        world.stops.clone(),
        world.clock.clone(),
        Ceilings::new(),
    );
    let mut told = Vec::new();
    for sampled in [true, false] {
        if !sampled {
            let by = UserId::from_uuid(id(9));
            let passed = breakers.clear_sample(world.ws, world.campaign, by);
            passed.await.unwrap();
        }
        for gate in [&foreseen, &world.gate, &real] {
            let intent = world.intent(1);
            let acquired = gate.acquire(world.ws, &intent, world.batch());
            let Acquired::Permit(permit, _) = acquired.await.unwrap() else {
                panic!("refused");
            };
            assert_eq!(permit.installation(), gate.installation());
            gate.release(permit).await.unwrap();
            let page = world.store.read_log(world.ws, LogCursor::after(0)).await;
            let entry = page.unwrap().records.pop().unwrap().entry;
            assert_eq!(entry.kind, EventKind::Permitted);
            told.push(entry.payload.is_some());
        }
    }
    assert_ne!(foreseen.installation(), world.gate.installation());
    assert_eq!(real.installation(), world.gate.installation());
    assert_eq!(told, [false, true, true, false, true, true]);
}
