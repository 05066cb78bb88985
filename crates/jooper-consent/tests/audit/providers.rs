//! One mailbox at several domains of its provider, for the checker too.

use jooper_consent::{Acquired, Finding, Note, StopScope};
use jooper_core::{Clock, EventKind, Sealed, StopReason, StopSource};
use jooper_storage::LogCursor;
use jooper_storage::tables::LeadAddressRow;

use crate::Audited;
use crate::support::known_as;

/// The stop names one of its addresses, and the permit another.
#[tokio::test]
async fn a_mail_behind_the_stop_of_another_domain_of_its_provider_is_found() {
    for (stopped, mailed) in [
        ("ada@me.com", "ada+x@mac.com"),
        ("ada@protonmail.com", "ada@pm.me"),
        ("a.da@gmail.com", "ada@googlemail.com"),
    ] {
        let audited = Audited::new().await;
        let world = &audited.world;
        let lead = world.consented(6).await;
        let mut intent = world.intent(6);
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
        world.gate.release(permit).await.unwrap();
        let page = world.store.read_log(world.ws, LogCursor::after(13));
        let permitted = page.await.unwrap().records.remove(0).entry;
        let other = known_as(world.recipient(6), stopped);
        let scope = StopScope::person(other.contact_index, other.variants);
        let (why, who) = (StopReason::Unsubscribed, StopSource::Person);
        world.stops.stop(world.ws, scope, why, who).await.unwrap();
        world.clock.advance_millis(1_000);
        // Whoever writes around the gate leaves these traces.
        let note = Note::from_payload(permitted.payload.as_ref().unwrap());
        audited.append(EventKind::Permitted, 6, note).await;
        let note = Note::Send {
            send_key: intent.key,
            began: Some(Clock::now(&*world.clock)),
        };
        audited.append(EventKind::Sent, 6, Some(note)).await;
        audited.writer.seal(world.ws).await.unwrap();
        let findings = audited.verify().await.findings;
        let late = |one: &Finding| matches!(one, Finding::SendAfterStop { .. });
        assert!(findings.iter().any(late), "{stopped}: {findings:?}");
    }
}
