//! One mailbox at several domains of its provider.

use jooper_consent::{Acquired, RefusalReason, StopScope};
use jooper_core::{Sealed, StopReason, StopSource};
use jooper_storage::tables::{ContactFenceRow, EarlierMails, LeadAddressRow};
use jooper_storage::{Column as _, StorageExt as _};

use super::support::{World, known_as, start};

/// What was remembered under another domain of the same mailbox is forgotten with the person.
#[tokio::test]
async fn an_erasure_forgets_the_mails_of_every_form() {
    let world = World::new().await;
    let erased = known_as(world.recipient(1), "ada@me.com");
    let other = known_as(world.recipient(1), "ada@icloud.com").contact_index;
    let mails = EarlierMails {
        campaign: world.campaign,
        mails: 2,
        last_at: start(),
    };
    let known = ContactFenceRow::of(other).remembering(&[mails]).unwrap();
    world.commit(world.batch().put(&known)).await;
    let scope = StopScope::person(erased.contact_index, erased.variants);
    let (why, who) = (StopReason::Erased, StopSource::Person);
    world.stops.stop(world.ws, scope, why, who).await.unwrap();
    let left = world
        .store
        .find::<ContactFenceRow>(world.ws, vec![other.to_value()])
        .await
        .unwrap();
    assert_eq!(left.unwrap().record.earlier_mails().unwrap(), []);
}

/// A stop for `ada@me.com` is one for `ada@icloud.com`: it waits for a leave that is out, and keeps back
/// what comes later, also where it names that one address alone.
#[tokio::test]
async fn a_stop_reaches_a_mailbox_at_every_domain_of_its_provider() {
    for (stopped, mailed) in [
        ("ada@me.com", "ada+x@icloud.com"),
        ("ada@protonmail.com", "ada@pm.me"),
        ("a.da@gmail.com", "ada@googlemail.com"),
    ] {
        let world = World::new().await;
        let lead = world.consented(1).await;
        let mut intent = world.intent(1);
        intent.recipient = known_as(intent.recipient, mailed);
        let to = &intent.recipient;
        let row = LeadAddressRow {
            email_index: to.email_index,
            lead,
            contact_index: to.contact_index,
            domain_index: to.domain_index,
            address: Sealed::from_envelope(vec![3]),
        };
        world.commit(world.batch().put(&row)).await;
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("refused");
        };
        let other = known_as(world.recipient(1), stopped);
        let (why, who) = (StopReason::Unsubscribed, StopSource::Person);
        let scope = StopScope::person(other.contact_index, other.variants);
        let ack = world.stops.stop(world.ws, scope, why, who).await.unwrap();
        assert!(ack.acknowledged_at >= permit.lease_until(), "{stopped}");
        let judged = world.gate.judge(world.ws, &intent).await.unwrap();
        let refused = Some(&RefusalReason::Suppressed(why));
        assert_eq!(judged.verdict.reason(), refused, "{stopped}");

        let world = World::new().await;
        world.consented(1).await;
        world.commit(world.batch().put(&row)).await;
        let alone = StopScope::person(other.contact_index, vec![other.email_index]);
        world.stops.stop(world.ws, alone, why, who).await.unwrap();
        let judged = world.gate.judge(world.ws, &intent).await.unwrap();
        assert_eq!(judged.verdict.reason(), refused, "{stopped}, alone");
    }
}
