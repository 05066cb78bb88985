//! What the checker says of a chain behind a copy that was put back.

use jooper_consent::{Finding, Note, PersonalAct, SENT_ADOPTED, StopScope, replay, tell_restored};
use jooper_core::{
    Clock, Dimensions, EnrollmentId, EventKind, SendKey, StepIndex, StopReason, StopSource,
};
use jooper_storage::{Batch, LogEntry, MemoryStore, Witness};

use crate::Audited;
use crate::support;

/// Data of before, put back beside the witness of today.
async fn put_back(audited: Audited, copy: &MemoryStore) -> Audited {
    let records = audited.world.witness.read(0, usize::MAX).await.unwrap();
    let copy = copy.snapshot();
    let at = audited.world.clock.now();
    // As a start does that was killed, and begins again.
    for _ in 0..2 {
        tell_restored(&copy, audited.world.ws, 2, at).await.unwrap();
        replay(&copy, &records).await.unwrap();
    }
    audited.over(copy)
}

/// A mail that was found in its mailbox, of which the copy knows nothing.
async fn found_in_its_mailbox(audited: &Audited, n: u128, at: jiff::Timestamp) {
    let world = &audited.world;
    let lead = world.recipient(n).lead.unwrap();
    let send_key = SendKey::Step {
        enrollment: EnrollmentId::from_uuid(support::id(n)),
        step: StepIndex(1),
    };
    let dimensions = Dimensions {
        campaign: Some(world.campaign),
        step: Some(StepIndex(1)),
        mailbox: Some(world.mailbox),
        reason: Some(SENT_ADOPTED),
        ..Dimensions::default()
    };
    let source = [b"found", &n.to_be_bytes()[..]];
    let mut entry = LogEntry::new(EventKind::Sent, at, &source, dimensions).about(lead);
    let began = None;
    entry.payload = Some(Note::Send { send_key, began }.to_payload());
    entry.subject = Some(lead.into());
    world.commit(Batch::new(world.ws).append(entry)).await;
}

/// More than a lease and a minute: the provider's clock is not ours.
const LATE: i64 = 90_000;

#[tokio::test]
async fn a_mail_behind_a_stop_that_the_backup_had_forgotten_is_found_and_the_copy_s_part_is_named()
{
    let (audited, memory) = Audited::copied().await;
    let world = &audited.world;
    let before = memory.snapshot();
    let newest = world.clock.now();
    world.clock.advance_millis(60_000);
    // Lost with the machine: a person says stop.
    let stop = world.stops.stop(
        world.ws,
        world.person(3),
        StopReason::Unsubscribed,
        StopSource::Person,
    );
    stop.await.unwrap();
    let stopped = world.clock.now();
    world.clock.advance_millis(LATE);
    let late = world.clock.now();
    world.clock.advance_millis(60_000);

    let audited = put_back(audited, &before).await;
    // Mails to others.
    found_in_its_mailbox(&audited, 4, late).await;
    found_in_its_mailbox(&audited, 1, late).await;
    audited.writer.seal(audited.world.ws).await.unwrap();
    let report = audited.verify().await;
    assert_eq!(report.findings, []);
    assert_eq!(report.adopted, 2);
    let [part] = report.restored[..] else {
        panic!("{:?}", report.restored);
    };
    assert_eq!((part.epoch, part.at), (Some(2), audited.world.clock.now()));
    assert!(part.behind.unwrap() <= newest);
    let told = part.to_string();
    let copy = format!("entries up to {} are of a copy", part.seq - 1);
    assert!(told.starts_with(&copy), "{told}");

    found_in_its_mailbox(&audited, 3, late).await;
    audited.writer.seal(audited.world.ws).await.unwrap();
    let found = audited.verify().await.findings;
    let [Finding::SendAfterStop { stop, .. }] = found[..] else {
        panic!("{found:?}");
    };
    assert!(stop > part.seq, "the witness told of it");
    assert!(stopped < late);
}

#[tokio::test]
async fn a_permit_behind_a_stop_that_the_witness_brought_back_is_found() {
    let (audited, memory) = Audited::copied().await;
    let before = memory.snapshot();
    let world = &audited.world;
    world.clock.advance_millis(60_000);
    let (why, who) = (StopReason::Paused, StopSource::User);
    let scope = StopScope::Campaign(world.campaign);
    world.stops.stop(world.ws, scope, why, who).await.unwrap();
    world.clock.advance_millis(LATE);
    let audited = put_back(audited, &before).await;
    // A gate that would not look.
    audited.append(EventKind::Permitted, 4, None).await;
    audited.writer.seal(audited.world.ws).await.unwrap();
    let found = audited.verify().await.findings;
    let late = matches!(found[..], [Finding::PermitAfterStop { .. }]);
    assert!(late, "{found:?}");
}

/// What was taken back in the lost time, and stopped again later, accuses no mail in between.
#[tokio::test]
async fn a_mail_between_a_lift_and_the_next_stop_is_held_against_nobody() {
    let (audited, memory) = Audited::copied().await;
    let world = &audited.world;
    let to = world.recipient(2);
    let before = memory.snapshot();
    world.clock.advance_millis(60_000);
    // The copy has the stop of this person.
    let act = PersonalAct {
        proof: support::opted_in(),
        at: world.clock.now(),
    };
    let lift = world
        .stops
        .lift(world.ws, to.contact_index, &to.variants, act);
    assert!(lift.await.unwrap().lifted > 0);
    world.clock.advance_millis(60_000);
    let between = world.clock.now();
    world.clock.advance_millis(60_000);
    let stop = world.stops.stop(
        world.ws,
        world.person(2),
        StopReason::Objected,
        StopSource::Person,
    );
    stop.await.unwrap();
    world.clock.advance_millis(LATE);
    let late = world.clock.now();
    let audited = put_back(audited, &before).await;
    found_in_its_mailbox(&audited, 2, between).await;
    audited.writer.seal(audited.world.ws).await.unwrap();
    assert_eq!(audited.verify().await.findings, []);
    found_in_its_mailbox(&audited, 2, late).await;
    audited.writer.seal(audited.world.ws).await.unwrap();
    let found = audited.verify().await.findings;
    assert!(
        matches!(found[..], [Finding::SendAfterStop { .. }]),
        "{found:?}"
    );
}
