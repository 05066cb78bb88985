//! A domain on the list holds for those below it, for the checker too.

use jooper_consent::{Acquired, Finding, Note, StopScope};
use jooper_core::{Clock, EventKind, StopReason, StopSource};

use crate::Audited;
use crate::erased::erase;
use crate::support::index;

#[tokio::test]
async fn a_mail_behind_the_stop_of_a_domain_above_its_own_is_found() {
    let (between, above) = (index("ws between"), index("ws above"));
    for (stopped, found) in [(above, 2), (between, 2), (index("ws beside"), 0)] {
        let audited = Audited::new().await;
        let world = &audited.world;
        world.consented(6).await;
        let mut intent = world.intent(6);
        intent.recipient.parent_domains = vec![between, above];
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("refused");
        };
        world.gate.release(permit).await.unwrap();
        let page = world
            .store
            .read_log(world.ws, jooper_storage::LogCursor::after(13));
        let permitted = page.await.unwrap().records.remove(0).entry;
        let scope = StopScope::Domain(stopped);
        let (reason, source) = (StopReason::Listed, StopSource::User);
        let stop = world.stops.stop(world.ws, scope, reason, source);
        stop.await.unwrap();
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
        let of_stop = |one: &&Finding| {
            matches!(
                one,
                Finding::PermitAfterStop { .. } | Finding::SendAfterStop { .. }
            )
        };
        assert_eq!(
            findings.iter().filter(of_stop).count(),
            found,
            "{findings:?}"
        );
        // Which domains are above it, only the permit's note told.
        erase(&audited, 6).await;
        let report = audited.verify().await;
        assert_eq!((report.findings, report.unjudged), (vec![], 1));
    }
}
