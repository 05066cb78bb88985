//! How often one person is written to, whichever campaigns do.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use jiff::SignedDuration;
use jooper_consent::{RefusalReason, SendIntent, Verdict, explain};
use jooper_core::{CampaignId, EnrollmentState, FinishReason};
use jooper_storage::tables::EnrollmentRow;
use support::{World, id, start};

async fn verdict(world: &World, intent: &SendIntent) -> Verdict {
    world.gate.judge(world.ws, intent).await.unwrap().verdict
}

/// A clone of a campaign, and whoever is enrolled again, begin nothing anew.
#[tokio::test]
async fn the_ceiling_for_follow_ups_holds_for_all_campaigns_of_a_month() {
    let world = World::new().await;
    let lead = world.consented(1).await;
    let had = async |n, campaign, sent, hours: i64, finish| {
        let row = EnrollmentRow {
            lead,
            campaign: CampaignId::from_uuid(id(campaign)),
            state: EnrollmentState::Finished,
            sent,
            last_sent_at: Some(start() - SignedDuration::from_hours(hours)),
            finish: Some(finish),
            ..world.enrollment(n)
        };
        world.commit(world.batch().put(&row)).await;
    };
    let day = SignedDuration::from_hours(24);
    let (done, replied) = (FinishReason::Completed, FinishReason::Replied);
    // One was answered to, and the others were six mails: the seventh is the last.
    had(2, 0xC2, 4, 72, replied).await;
    had(3, 0xC3, 5, 240, done).await;
    had(4, 0xC1, 1, 120, done).await;
    assert!(verdict(&world, &world.intent(1)).await.is_allow());
    let mut own = world.enrollment(1);
    own.sent = 1;
    own.last_sent_at = Some(start() - 3 * day);
    world.commit(world.batch().put(&own)).await;
    let second = verdict(&world, &world.step(1, 1)).await;
    let expected = Verdict::Defer {
        until: Some(start() + 20 * day),
        reason: RefusalReason::FollowUpCeiling,
    };
    assert_eq!(
        second, expected,
        "until the five of ten days ago count no more"
    );
    let told = world.gate.judge(world.ws, &world.step(1, 1)).await.unwrap();
    let told = explain(&told.trace).join("\n");
    assert!(told.contains("enough follow-ups"), "{told}");
    world.clock.set(start() + 20 * day);
    assert!(verdict(&world, &world.step(1, 1)).await.is_allow());
    // The campaign's own ceiling lasts.
    own.sent = 4;
    world.commit(world.batch().put(&own)).await;
    let last = verdict(&world, &world.step(1, 4)).await;
    assert!(matches!(last, Verdict::Deny { .. }), "{last:?}");
}
