//! Pauses, resumes and ends of one thing at the same moment: a pause that is acknowledged stands, and nothing
//! takes an end back.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_consent::{StopError, StopScope};
use jooper_core::{CampaignState, CompanyId, EnrollmentState, ScopeKind, StopReason};
use jooper_sequence::{Campaigns, EngineError};
use jooper_storage::tables::{LANE_COMMAND, SCOPE_STOP, SEND};
use jooper_storage::{Batch, Column, Key, Value, Write};
use support::house::{House, by, finishes, turn, writes};
use support::{Mortal, Side};
use uuid::Uuid;

const DAY: i64 = 24;

/// The end of a campaign that a version without stops of its own for that wrote, whose stop a resume took away,
/// met by a lane that has obeyed its commands before.
#[tokio::test]
async fn a_lane_sends_nothing_of_a_campaign_that_ended_though_no_stop_stands() {
    let house = House::new(1).await;
    let id = house.world.campaign().await;
    let (way, worker) = house.mortal(9);
    way.freeze_reading(|key| key.table().name == SEND.name, Side::Behind);
    let (clock, campaigns) = (house.world.clock.clone(), house.campaigns());
    let working = async {
        for _ in 0..12 {
            turn(&worker).await;
            clock.advance_millis(600_000);
        }
    };
    let ending = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        campaigns.end(id).await.unwrap();
        let stop = vec![ScopeKind::Campaign.to_value(), Value::Id(id.uuid())];
        let lifted = Write::Delete(Key::new(&SCOPE_STOP, stop));
        let lifted = Batch::new(house.world.workspace).write(lifted);
        house.store.commit(lifted).await.unwrap();
        way.thaw();
    };
    tokio::join!(working, ending);
    assert_eq!(house.accepted(), 0);
}

fn lifts(batch: &Batch) -> bool {
    let stop = |write: &Write| match write {
        Write::Delete(key) => key.table().name == SCOPE_STOP.name,
        _ => false,
    };
    batch.writes.iter().any(stop)
}

/// What somebody does, which `way` freezes, while somebody else does something to its end.
async fn meanwhile<T>(way: &Mortal, does: impl Future<Output = T>, other: impl Future) -> T {
    let other = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        other.await;
        way.thaw();
    };
    tokio::join!(does, other).0
}

/// Somebody pauses a campaign, a lead or a mailbox again, which somebody else is resuming.
#[tokio::test]
async fn a_pause_stands_that_is_said_while_somebody_resumes() {
    let house = House::new(1).await;
    let (id, workspace) = (house.world.campaign().await, house.world.workspace);
    turn(&house.world.engine).await;
    let lead = house.enrollments().await.remove(0).id;
    let mailbox = house.world.mailbox;
    let (ours, mailboxes) = (house.campaigns(), house.world.engine.mailboxes(workspace));
    let (way, other) = house.mortal(9);
    let (theirs, their_mailboxes) = (other.campaigns(workspace), other.mailboxes(workspace));
    let stands = async |scope| {
        let causes = house.world.stops().causes(workspace, &scope).await;
        let reasons = causes.unwrap().into_iter().map(|cause| cause.reason);
        assert!(reasons.eq([StopReason::Paused]), "{scope:?}");
    };

    ours.pause(id).await.unwrap();
    way.freeze_before(lifts);
    let resumed = meanwhile(&way, theirs.resume(id, by()), ours.pause(id)).await;
    assert!(matches!(resumed, Err(EngineError::State(_))), "{resumed:?}");
    assert_eq!(house.state(id).await, CampaignState::Paused);
    stands(StopScope::Campaign(id)).await;

    ours.pause_enrollment(lead).await.unwrap();
    way.freeze_before(lifts);
    let again = ours.pause_enrollment(lead);
    let resumed = meanwhile(&way, theirs.resume_enrollment(lead, by()), again).await;
    assert!(matches!(resumed, Err(EngineError::State(_))), "{resumed:?}");
    stands(StopScope::Enrollment(lead)).await;

    mailboxes.pause(mailbox).await.unwrap();
    way.freeze_before(lifts);
    let again = mailboxes.pause(mailbox);
    let resumed = meanwhile(&way, their_mailboxes.resume(mailbox, by()), again).await;
    assert!(matches!(resumed, Err(EngineError::State(_))), "{resumed:?}");
    stands(StopScope::Mailbox(mailbox)).await;

    // It has looked at the stop, and has not begun to take it away.
    let company = CompanyId::from_uuid(Uuid::from_u128(77));
    ours.pause_company(company).await.unwrap();
    way.freeze_reading(|key| key.table().name == SCOPE_STOP.name, Side::Behind);
    let again = ours.pause_company(company);
    let resumed = meanwhile(&way, theirs.resume_company(company, by()), again).await;
    assert!(matches!(resumed, Err(EngineError::State(_))), "{resumed:?}");
    stands(StopScope::Company(company)).await;

    ours.resume(id, by()).await.unwrap();
    ours.resume_enrollment(lead, by()).await.unwrap();
    house.world.run_for(DAY).await;
    assert_eq!(house.accepted(), 0, "the mailbox is paused");
    // Two who resume it at once want the same.
    way.freeze_before(lifts);
    let ours = mailboxes.resume(mailbox, by());
    let both = meanwhile(&way, their_mailboxes.resume(mailbox, by()), ours).await;
    both.unwrap();
    house.world.run_for(DAY).await;
    assert_eq!(house.accepted(), 1, "it goes on");
}

/// Somebody resumes between the two acts of a pause: its stop, and its word to those who obey it.
#[tokio::test]
async fn a_pause_whose_stop_was_taken_away_under_it_stops_again() {
    let house = House::new(1).await;
    let (id, workspace) = (house.world.campaign().await, house.world.workspace);
    turn(&house.world.engine).await;
    let lead = house.enrollments().await.remove(0).id;
    let ours = house.campaigns();
    let (way, other) = house.mortal(9);
    let theirs = other.campaigns(workspace);

    way.freeze_before(finishes);
    let resumes = async { ours.resume(id, by()).await.unwrap() };
    let paused = meanwhile(&way, theirs.pause(id), resumes).await;
    paused.unwrap();
    assert_eq!(house.state(id).await, CampaignState::Paused);
    way.freeze_before(|batch| writes(batch, &LANE_COMMAND));
    let resumes = async { ours.resume_enrollment(lead, by()).await.unwrap() };
    let paused = meanwhile(&way, theirs.pause_enrollment(lead), resumes).await;
    paused.unwrap();
    for scope in [StopScope::Campaign(id), StopScope::Enrollment(lead)] {
        let stands = house.world.stops().causes(workspace, &scope).await;
        assert_eq!(stands.unwrap().len(), 1, "{scope:?}");
    }
    house.world.run_for(DAY).await;
    assert_eq!(house.accepted(), 0);
}

/// Somebody takes a lead out, or ends the campaign, while somebody else resumes it: nothing lifts that.
#[tokio::test]
async fn no_resume_takes_an_end_back() {
    for whole in [false, true] {
        let house = House::new(1).await;
        let (id, workspace) = (house.world.campaign().await, house.world.workspace);
        turn(&house.world.engine).await;
        let lead = house.enrollments().await.remove(0).id;
        let ours = house.campaigns();
        let (way, other) = house.mortal(9);
        let theirs = other.campaigns(workspace);
        let scope = match whole {
            true => StopScope::Campaign(id),
            false => StopScope::Enrollment(lead),
        };
        let resume = async |campaigns: &Campaigns| match whole {
            true => campaigns.resume(id, by()).await,
            false => campaigns.resume_enrollment(lead, by()).await,
        };
        let pause = async |campaigns: &Campaigns| match whole {
            true => campaigns.pause(id).await,
            false => campaigns.pause_enrollment(lead).await,
        };
        let end = async |campaigns: &Campaigns| match whole {
            true => campaigns.end(id).await,
            false => campaigns.end_enrollment(lead).await,
        };
        let refused = |resumed| {
            assert!(matches!(resumed, Err(EngineError::State(_))), "{resumed:?}");
        };
        pause(&ours).await.unwrap();
        way.freeze_before(|batch| writes(batch, &LANE_COMMAND));
        // Its stop stands, and no lane knows yet.
        let resumes = async { refused(resume(&ours).await) };
        meanwhile(&way, end(&theirs), resumes).await.unwrap();
        refused(resume(&ours).await);
        // Whatever else somebody has taken away.
        let stops = house.world.stops();
        stops.resume(workspace, scope.clone(), by()).await.unwrap();
        let ended = stops.resume_from(workspace, scope.clone(), StopReason::Ended, by());
        assert!(matches!(ended.await, Err(StopError::NotResumable)));
        let causes = stops.causes(workspace, &scope).await.unwrap();
        let reasons = causes.into_iter().map(|cause| cause.reason);
        assert!(reasons.eq([StopReason::Ended]), "{scope:?}");
        house.world.run_for(DAY).await;
        assert_eq!(house.accepted(), 0);
        let row = house.enrollments().await.remove(0);
        assert_eq!(row.state, EnrollmentState::Finished);
    }
}
