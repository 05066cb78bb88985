//! What the checker says of mails around a pause.

use std::sync::Arc;

use jooper_consent::{Acquired, AuditKey, AuditWriter, Finding};
use jooper_core::{EventKind, StopReason, StopSource};

use crate::Audited;
use crate::support::{self, World};

/// A permit was out when the pause was acknowledged, and its mail began behind that: told of only
/// when the pause has ended.
#[tokio::test]
async fn a_mail_that_began_during_a_pause_is_found_behind_its_end() {
    for (began, found) in [(-1, false), (2_000, true), (10_000, false), (12_000, false)] {
        let world = World::new().await;
        world.consented(1).await;
        let audited = Audited {
            key: Arc::new(AuditKey::from_seed(&[7; 32])),
            writer: AuditWriter::new(
                world.store.clone(),
                Arc::new(AuditKey::from_seed(&[7; 32])),
                world.clock.clone(),
            ),
            world,
        };
        let world = &audited.world;
        let acquired = world
            .gate
            .acquire(world.ws, &world.intent(1), world.batch())
            .await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("refused");
        };
        world.gate.release(permit).await.unwrap();
        world.clock.advance_millis(10_000);
        let scope = jooper_consent::StopScope::Mailbox(world.mailbox);
        let (paused, by) = (
            StopReason::Paused,
            jooper_core::UserId::from_uuid(support::id(9)),
        );
        world
            .stops
            .stop(world.ws, scope.clone(), paused, StopSource::User)
            .await
            .unwrap();
        let acknowledged = jooper_core::Clock::now(&*world.clock);
        world.clock.advance_millis(10_000);
        world.stops.resume(world.ws, scope, by).await.unwrap();
        world.clock.advance_millis(10_000);
        let at = acknowledged + jiff::SignedDuration::from_millis(began);
        audited.append_at(EventKind::Sent, 1, None, at).await;
        audited.writer.seal(world.ws).await.unwrap();
        let findings = audited.verify().await.findings;
        let late = |finding: &Finding| matches!(finding, Finding::SendAfterStop { .. });
        assert_eq!(findings.iter().any(late), found, "{began}: {findings:?}");
        assert_eq!(findings.len(), usize::from(found), "{began}: {findings:?}");
    }
}

#[tokio::test]
async fn a_pause_is_checked_on_when_a_breaker_was_reset_or_the_sample_passed_over() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let by = jooper_core::UserId::from_uuid(support::id(9));
    let breakers = jooper_consent::Breakers::new(
        world.store.clone(),
        world.stops.clone(),
        world.clock.clone(),
        jooper_consent::Ceilings::new(),
    );
    for (reason, source) in [
        (StopReason::Paused, StopSource::User),
        (StopReason::Breaker, StopSource::System),
    ] {
        let scope = jooper_consent::StopScope::Campaign(world.campaign);
        let stopped = world.stops.stop(world.ws, scope, reason, source);
        stopped.await.unwrap();
    }
    let scope = jooper_consent::BreakerScope::Campaign(world.campaign);
    breakers.reset(world.ws, scope, by).await.unwrap();
    let passed = breakers.clear_sample(world.ws, world.campaign, by);
    passed.await.unwrap();
    world.clock.advance_millis(1000);
    audited.append(EventKind::Permitted, 3, None).await;
    audited.writer.seal(world.ws).await.unwrap();
    let found = audited.verify().await.findings;
    let paused = matches!(found[..], [Finding::PermitAfterStop { stop: 14, .. }]);
    assert!(paused, "{found:?}");
}
