//! What the checker says of mails behind entries that retention has removed.

use std::sync::Arc;

use jooper_consent::{AuditReport, Finding, verify};
use jooper_core::EventKind;

use crate::{Audited, Retained, support};

/// Without the oldest entries.
async fn without(audited: &Audited, gone: u64) -> AuditReport {
    let kept = Arc::new(Retained {
        inner: audited.world.store.clone(),
        gone,
    });
    let report = verify(kept, audited.world.ws, audited.key.clone());
    report.await.unwrap()
}

/// Law L6: one entry that is gone excuses the mails whose permit may have been there, and no others.
#[tokio::test]
async fn a_mail_without_a_permit_is_found_behind_entries_that_are_gone() {
    // Entry 1 is gone; the next was written when the chain began.
    for (seconds, excused) in [(0, true), (70, true), (71, false), (3_600, false)] {
        let audited = Audited::new().await;
        let world = &audited.world;
        world.lead(9, support::country("DE")).await;
        let at = support::start() + jiff::SignedDuration::from_secs(seconds);
        audited.append_at(EventKind::Sent, 9, None, at).await;
        audited.writer.seal(world.ws).await.unwrap();
        let report = without(&audited, 1).await;
        let expected = Finding::SendWithoutPermit { send: 14 };
        let expected = Vec::from_iter((!excused).then_some(expected));
        assert_eq!(report.findings, expected, "{seconds}");
        assert_eq!(report.unjudged, u64::from(excused), "{seconds}");
        // Nothing is excused where nothing is gone.
        let whole = audited.verify().await.findings;
        assert_eq!(whole, [Finding::SendWithoutPermit { send: 14 }]);
    }
}

/// What nobody could look at is no proof of anything.
#[tokio::test]
async fn a_chain_of_which_nothing_was_judged_says_so() {
    let audited = Audited::new().await;
    let said = |report: AuditReport| {
        assert_eq!(report.findings, []);
        (report.judged(), report.conclusion().unwrap())
    };
    let (judged, conclusion) = said(without(&audited, 13).await);
    assert_eq!(judged, 0);
    assert!(conclusion.starts_with("Nothing was judged"), "{conclusion}");
    // The last mail is there, and its permit is not.
    let (judged, conclusion) = said(without(&audited, 12).await);
    assert_eq!(judged, 0);
    assert!(conclusion.contains("Nothing was judged: of none of its mails"));
    // A permit and its mail.
    let (judged, conclusion) = said(without(&audited, 11).await);
    assert_eq!(judged, 1);
    assert!(!conclusion.contains("Nothing was judged"), "{conclusion}");
    let world = support::World::new().await;
    let key = audited.key.clone();
    let writer = jooper_consent::AuditWriter::new(world.store.clone(), key, world.clock.clone());
    writer.seal(world.ws).await.unwrap();
    let report = verify(world.store.clone(), world.ws, audited.key.clone());
    let (judged, conclusion) = said(report.await.unwrap());
    assert_eq!(judged, 0);
    assert!(conclusion.ends_with("Nothing was judged: it tells of no mail."));
}
