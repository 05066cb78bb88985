//! By which clock the checker decides what was first.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{Finding, Note};
use jooper_core::{EventKind, StopReason, StopSource};

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
