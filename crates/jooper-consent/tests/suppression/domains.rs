//! A whole domain is nobody's own: no act of one person takes it off the list.

use std::sync::Arc;

use jooper_consent::{Acquired, Listed, PersonalAct, RefusalReason, StopError, StopScope, replay};
use jooper_core::{StopReason, StopSource, UserId};
use jooper_storage::{MemoryStore, Witness as _};

use super::listed;
use super::support::{World, id, in_writing, index, on_their_page, opted_in, start};

/// Every way of one person off the list, with the domain's index alone and among the person's own.
async fn stands(world: &World, after: &str) {
    let to = world.recipient(1);
    let before = listed(world).await;
    assert!(before.contains_key(&to.domain_index), "{after}");
    world.clock.advance_millis(1_000);
    let mut all = to.variants.clone();
    all.push(to.domain_index);
    for proof in [on_their_page(), in_writing(), opted_in()] {
        let at = jooper_core::Clock::now(&*world.clock);
        let act = PersonalAct { proof, at };
        for (contact, variants) in [(to.domain_index, &[][..]), (to.contact_index, &all[..])] {
            let lifted = world.stops.lift(world.ws, contact, variants, act).await;
            let refused = Err(StopReason::WholeDomain);
            let lifted = lifted.map_err(|error| match error {
                StopError::NotLiftable(reason) => reason,
                other => panic!("{other:?}"),
            });
            assert_eq!(lifted.map(|ack| ack.lifted), refused, "{after}: {proof:?}");
        }
    }
    let by = UserId::from_uuid(id(9));
    let seen = world.stops.provisional(world.ws, to.domain_index, &all);
    let seen = seen.await.unwrap();
    let dismissed = world
        .stops
        .dismiss(world.ws, to.domain_index, &all, by, &seen);
    assert_eq!(dismissed.await.unwrap().lifted, 0, "{after}");
    assert_eq!(listed(world).await, before, "{after}");
}

#[tokio::test]
async fn no_act_of_one_person_lifts_a_whole_domain() {
    for reason in [
        StopReason::Listed,
        StopReason::Complained,
        StopReason::StopWords,
    ] {
        let world = World::new().await;
        let domain = world.recipient(1).domain_index;
        let stop = StopScope::Domain(domain);
        let stop = world.stops.stop(world.ws, stop, reason, StopSource::User);
        stop.await.unwrap();
        stands(&world, "a stop").await;
        assert_eq!(listed(&world).await[&domain].reason, reason);
        // Nor what a backup hears of it, and nor when a list names it once more.
        let records = world.witness.read(0, usize::MAX).await.unwrap();
        let restored = world.with_store(Arc::new(MemoryStore::new()));
        replay(&*restored.store, &records).await.unwrap();
        stands(&restored, "a restore").await;
        assert_eq!(listed(&restored).await[&domain].reason, reason);
        let line = |reason| Listed {
            contact_index: domain,
            variants: Vec::new(),
            whole_domain: true,
            reason,
        };
        let by = UserId::from_uuid(id(9));
        let lines = [line(StopReason::Bounced), line(StopReason::Objected)];
        world.stops.import(world.ws, &lines, by).await.unwrap();
        stands(&world, "a list").await;
        let fresh = World::new().await;
        fresh.stops.import(fresh.ws, &lines, by).await.unwrap();
        stands(&fresh, "a list alone").await;
        let records = fresh.witness.read(0, usize::MAX).await.unwrap();
        let restored = fresh.with_store(Arc::new(MemoryStore::new()));
        replay(&*restored.store, &records).await.unwrap();
        stands(&restored, "a list, restored").await;
    }
}

/// Whoever lists `acme.com` means `mail.acme.com` too, and a permit names only the domain itself.
#[tokio::test]
async fn a_domain_on_the_list_reaches_those_below_it() {
    let world = World::new().await;
    world.consented(1).await;
    let above = index("ws above");
    let mut intent = world.intent(1);
    intent.recipient.parent_domains = vec![index("ws between"), above];
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    let Acquired::Permit(permit, _) = acquired.unwrap() else {
        panic!("refused");
    };
    let scope = StopScope::Domain(above);
    let stop = world
        .stops
        .stop(world.ws, scope, StopReason::Listed, StopSource::User);
    let ack = stop.await.unwrap();
    assert!(ack.acknowledged_at >= permit.lease_until(), "{ack:?}");
    assert!(ack.acknowledged_at > start());
    let judged = world.gate.judge(world.ws, &intent).await.unwrap();
    let listed = RefusalReason::Suppressed(StopReason::Listed);
    assert_eq!(judged.verdict.reason(), Some(&listed));
    let mut said = judged.trace.0.iter().map(|step| &step.input);
    assert!(said.any(|input| input.starts_with("a domain above it is on the list")));
    let other = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    assert_ne!(other.verdict.reason(), Some(&listed));
}
