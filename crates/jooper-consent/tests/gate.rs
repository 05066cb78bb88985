//! What lets a mail through, and what does not.

mod support;

use jooper_consent::{Acquired, RefusalReason, Verdict};
use jooper_core::{StopReason, StopSource};
use support::World;

#[tokio::test]
async fn a_consented_lead_gets_a_permit_and_a_stopped_one_none() {
    let world = World::new().await;
    world.consented(1).await;
    let intent = world.intent(1);
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    let Acquired::Permit(permit, trace) = acquired.unwrap() else {
        panic!("refused");
    };
    assert!(
        trace.0.iter().all(|step| step.verdict.is_allow()),
        "{trace:?}"
    );
    assert_eq!(permit.recipient(), &intent.recipient.address);
    world.gate.release(world.ws, permit.id()).await.unwrap();
    world
        .stops
        .stop(
            world.ws,
            world.person(1),
            StopReason::Unsubscribed,
            StopSource::Person,
        )
        .await
        .unwrap();
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    let refused = Verdict::Deny {
        reason: RefusalReason::Suppressed(StopReason::Unsubscribed),
        permanent: true,
    };
    assert_eq!(acquired.unwrap().verdict(), &refused);
}
