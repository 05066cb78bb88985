//! By which clock the checker decides what was first.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{Acquired, Finding, Note};
use jooper_core::{Clock, EventKind, StopReason, StopSource};

use crate::Audited;

/// A mail to person 3 as the engine tells of it: when it began by the sender's wall clock, and by the
/// store's.
pub(super) async fn told(audited: &Audited, at: Timestamp, began: Option<Timestamp>) {
    let send_key = audited.world.intent(3).key;
    let note = Note::Send { send_key, began };
    audited.append_at(EventKind::Sent, 3, Some(note), at).await;
}

/// Stops person 3, whose permit is out no more; by both clocks at this time.
async fn stopped(audited: &Audited) -> Timestamp {
    let world = &audited.world;
    world.clock.advance_millis(60_000);
    let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
    let stop = world.stops.stop(world.ws, world.person(3), reason, source);
    stop.await.unwrap().acknowledged_at
}

/// Law L4: the wall clocks of the machine that sends and of the machine that stops may be minutes apart.
#[tokio::test]
async fn the_store_s_clock_decides_whether_a_mail_began_behind_a_stop() {
    let minute = SignedDuration::from_secs(60);
    let second = SignedDuration::from_secs(1);
    for (wall, store, late) in [
        // The sender's clock is slow, and would hide the mail.
        (-minute, second, true),
        // It is fast, and would accuse one that began before.
        (minute, -second, false),
        (second, second, true),
        (-second, -second, false),
    ] {
        let audited = Audited::new().await;
        let stop = stopped(&audited).await;
        told(&audited, stop + wall, Some(stop + store)).await;
        audited.writer.seal(audited.world.ws).await.unwrap();
        let found = audited.verify().await.findings;
        let behind = |one: &Finding| matches!(one, Finding::SendAfterStop { .. });
        assert_eq!(found.iter().any(behind), late, "{wall} {store}: {found:?}");
    }
}

/// An entry of an earlier version does not tell the store's clock.
#[tokio::test]
async fn an_entry_without_the_store_s_clock_is_held_against_stops_by_the_wall_clock() {
    let second = SignedDuration::from_secs(1);
    for (wall, late) in [(second, true), (-second, false)] {
        let audited = Audited::new().await;
        let stop = stopped(&audited).await;
        told(&audited, stop + wall, None).await;
        audited.writer.seal(audited.world.ws).await.unwrap();
        let found = audited.verify().await.findings;
        assert_eq!(!found.is_empty(), late, "{wall}: {found:?}");
    }
}

/// Law L4: a leave to send ends after ten seconds, and a mail on an older one is a mail around the gate.
#[tokio::test]
async fn a_mail_behind_the_end_of_its_permit_is_found() {
    let end = |millis| SignedDuration::from_millis(millis);
    for (behind, late) in [
        (-1, false),
        (3_000, false),
        (3_001, true),
        (86_400_000, true),
    ] {
        let audited = Audited::new().await;
        let world = &audited.world;
        world.consented(6).await;
        let intent = world.intent(6);
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("refused");
        };
        let began = permit.lease_until() + end(behind);
        world.gate.release(permit).await.unwrap();
        let send_key = intent.key;
        let note = |began| Note::Send { send_key, began };
        // Of a mail whose fate nobody knows it is not said that it went.
        for kind in [EventKind::SendUnknown, EventKind::Sent] {
            let told = Some(note(Some(began)));
            audited
                .append_at(kind, 6, told, Clock::now(&*world.clock))
                .await;
        }
        audited.writer.seal(world.ws).await.unwrap();
        let found = audited.verify().await.findings;
        let expected = Finding::SendAfterPermit {
            send: 16,
            permit: 14,
        };
        assert_eq!(found, Vec::from_iter(late.then_some(expected)), "{behind}");
    }
}

/// Where an entry tells no store's clock, or was erased, the wall clocks tell of days.
#[tokio::test]
async fn a_mail_a_day_behind_its_permit_is_found_without_the_store_s_clock() {
    for (hours, found) in [(23, 0), (25, 1)] {
        let audited = Audited::new().await;
        let at = Clock::now(&*audited.world.clock) + SignedDuration::from_hours(hours);
        audited.append_at(EventKind::Sent, 5, None, at).await;
        audited.writer.seal(audited.world.ws).await.unwrap();
        let report = audited.verify().await;
        assert_eq!(report.findings.len(), found, "{:?}", report.findings);
        let late = |one: &Finding| matches!(one, Finding::SendAfterPermit { .. });
        assert!(report.findings.iter().all(late));
    }
}

/// SQLite reads the machine's clock as its process begins, which may have been ahead before.
#[tokio::test]
async fn a_mail_of_before_the_store_s_clock_was_set_back_accuses_nobody() {
    for (ahead, late) in [(3_600_000, false), (0, true)] {
        let audited = Audited::new().await;
        let world = &audited.world;
        world.consented(6).await;
        let right = world.clock.now();
        world.clock.advance_millis(ahead);
        let intent = world.intent(6);
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        assert!(acquired.unwrap().verdict().is_allow());
        let began = world.clock.now() + SignedDuration::from_secs(5);
        world.clock.set(right);
        let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
        let stop = world.stops.stop(world.ws, world.person(6), reason, source);
        let stop = stop.await.unwrap().acknowledged_at;
        let began = if late {
            stop + SignedDuration::from_secs(1)
        } else {
            began
        };
        assert!(began > stop, "as far as the clock tells");
        let note = Note::Send {
            send_key: intent.key,
            began: Some(began),
        };
        let sent = audited.append_at(EventKind::Sent, 6, Some(note), world.clock.now());
        sent.await;
        audited.writer.seal(world.ws).await.unwrap();
        let found = audited.verify().await.findings;
        let behind = |one: &Finding| matches!(one, Finding::SendAfterStop { .. });
        assert_eq!(found.iter().any(behind), late, "{ahead}: {found:?}");
    }
}
