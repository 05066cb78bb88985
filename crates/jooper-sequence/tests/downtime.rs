//! Behind a downtime or a restore, a forecast and whatever else tells what comes next say what the lanes
//! then do: a person is asked first about what is long overdue.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{CampaignId, Clock, EnrollmentId, EnrollmentState, MailboxState, WaitReason};
use jooper_sequence::model::{CatchUp, Schedule};
use jooper_sequence::{Forecast, ForecastRequest, Runner, Warning};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LANE, MAILBOX};
use jooper_storage::{Batch, Column, ColumnOp, Key, Scan, StorageExt, Write};
use support::World;
use support::foreseen::{Mails, SEQUENCE, foreseen, happened, run, seven_a_day, world};

const HOUR: i64 = 60 * 60 * 1000;
/// From Tuesday afternoon to the Monday morning behind it.
const DOWN: i64 = (5 * 24 + 18) * HOUR;

async fn enrollments(world: &World, campaign: CampaignId) -> Vec<EnrollmentRow> {
    let all = Scan::table(&ENROLLMENT);
    let rows = world.store.collect::<EnrollmentRow>(world.workspace, all);
    let rows = rows.await.unwrap().into_iter().map(|row| row.record);
    rows.filter(|row| row.campaign == campaign).collect()
}

async fn who_waits(world: &World, campaign: CampaignId, why: WaitReason) -> BTreeSet<EnrollmentId> {
    let rows = enrollments(world, campaign).await.into_iter();
    let waits = rows.filter(|row| row.wait == Some(why));
    waits.map(|row| row.id).collect()
}

/// A campaign that runs on three mailboxes, where some wait for their first mail and some for the next.
async fn under_way(schedule: Schedule) -> (World, CampaignId) {
    let (world, _) = world(40).await;
    let id = world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(30).await;
    let rows = enrollments(&world, id).await;
    let begun = rows.iter().filter(|row| row.sent > 0).count();
    assert!((10..40).contains(&begun), "{begun} have had a mail");
    (world, id)
}

/// Has the campaign run, and compares: every mail is one that was foreseen, at its time.
async fn is_what_happens(world: &World, id: CampaignId, forecast: &Forecast) {
    let before = happened(world, id).await;
    let last = forecast.capacity.last_mail;
    let last = last.unwrap_or_else(|| world.clock.now());
    run(world, forecast, last + SignedDuration::from_hours(24 * 8)).await;
    let mut fact: Mails = happened(world, id).await;
    fact.retain(|mail, _| !before.contains_key(mail));
    assert_eq!(foreseen(forecast), fact);
}

async fn foresee(world: &World, id: CampaignId) -> Forecast {
    let campaigns = world.engine.campaigns(world.workspace);
    let forecast = campaigns.simulate(id, &ForecastRequest::new(1)).await;
    forecast.unwrap()
}

fn waiting(forecast: &Forecast, words: &str) -> usize {
    let waiting = forecast.waiting.iter();
    waiting.filter(|skip| skip.why.contains(words)).count()
}

const OVERDUE: &str = "it is long overdue, please look first";

#[tokio::test]
async fn what_is_long_overdue_waits_in_the_forecast_as_it_does_at_the_lanes() {
    let (world, id) = under_way(seven_a_day()).await;
    let before = who_waits(&world, id, WaitReason::Overdue).await;
    world.clock.advance_millis(DOWN);
    let forecast = foresee(&world, id).await;
    assert_eq!(who_waits(&world, id, WaitReason::Overdue).await, before);
    let late = waiting(&forecast, OVERDUE);
    assert!((5..40).contains(&late), "{:?}", forecast.waiting);
    assert!(!forecast.mails.is_empty(), "some were due later");
    let warned = Warning::Waits { leads: late };
    assert!(forecast.warnings.contains(&warned));
    is_what_happens(&world, id, &forecast).await;
    assert_eq!(who_waits(&world, id, WaitReason::Overdue).await.len(), late);
}

#[tokio::test]
async fn what_is_long_overdue_goes_where_the_schedule_says_so() {
    let schedule = Schedule {
        catch_up: CatchUp::Send,
        ..seven_a_day()
    };
    let (world, id) = under_way(schedule).await;
    let before = happened(&world, id).await.len();
    world.clock.advance_millis(DOWN);
    let forecast = foresee(&world, id).await;
    assert_eq!(forecast.mails.len() + before, 40 * 3);
    is_what_happens(&world, id, &forecast).await;
}

#[tokio::test]
async fn a_forecast_of_another_day_takes_the_lanes_to_work_until_then() {
    let (world, id) = under_way(seven_a_day()).await;
    let before = happened(&world, id).await.len();
    let campaigns = world.engine.campaigns(world.workspace);
    let start = world.clock.now() + SignedDuration::from_hours(24 * 30);
    let request = ForecastRequest::new(1).start(start);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    assert_eq!(waiting(&forecast, OVERDUE), 0, "{:?}", forecast.waiting);
    assert_eq!(forecast.mails.len() + before, 40 * 3);
}

async fn set_account(world: &World, state: MailboxState) {
    let whose = vec![world.mailbox.to_value()];
    let state = ("state", ColumnOp::Set(state.to_value()));
    let wake = ColumnOp::Min(world.clock.now().as_millisecond());
    let batch = Batch::new(world.workspace)
        .write(Write::Patch(Key::new(&MAILBOX, whose.clone()), vec![state]))
        .write(Write::Patch(
            Key::new(&LANE, whose),
            vec![("wake_at", wake)],
        ));
    world.store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn whoever_waited_for_a_mailbox_that_is_connected_again_goes_on() {
    let (world, id) = under_way(seven_a_day()).await;
    set_account(&world, MailboxState::NeedsReauth).await;
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
    let down = who_waits(&world, id, WaitReason::MailboxDown).await.len();
    assert!(down > 5, "{down} wait for their mailbox");
    let before = happened(&world, id).await.len();
    let forecast = foresee(&world, id).await;
    assert_eq!(forecast.waiting.len(), down, "nobody connects it");
    set_account(&world, MailboxState::Connected).await;
    let forecast = foresee(&world, id).await;
    assert_eq!(forecast.waiting.len(), 0, "{:?}", forecast.waiting);
    assert_eq!(forecast.mails.len() + before, 40 * 3);
    is_what_happens(&world, id, &forecast).await;
}

#[tokio::test]
async fn a_restored_copy_is_held_in_the_forecast_as_the_lanes_hold_it() {
    let (world, id) = under_way(seven_a_day()).await;
    world.clock.advance_millis(DOWN);
    world.engine.hold_until_rebuilt(2).await.unwrap();
    let forecast = foresee(&world, id).await;
    let first = forecast.mails.iter().map(|mail| mail.at).min().unwrap();
    let held = SignedDuration::from_mins(10);
    assert!(first.duration_since(world.clock.now()) >= held, "{first}");
    assert!(waiting(&forecast, OVERDUE) > 5, "{:?}", forecast.waiting);
    for mailbox in &world.senders {
        let warned = Warning::Restored { mailbox: *mailbox };
        assert!(forecast.warnings.contains(&warned));
        assert!(warned.to_string().contains("restored from a backup"));
    }
    is_what_happens(&world, id, &forecast).await;
}

#[tokio::test]
async fn where_nobody_can_read_what_a_restored_copy_sent_a_person_is_asked() {
    let (world, id) = under_way(seven_a_day()).await;
    set_account(&world, MailboxState::SendOnly).await;
    world.engine.hold_until_rebuilt(2).await.unwrap();
    world.clock.advance_millis(66 * HOUR);
    let forecast = foresee(&world, id).await;
    let asked = waiting(&forecast, "the data was restored from a backup");
    assert!(asked > 2, "{:?}", forecast.waiting);
    is_what_happens(&world, id, &forecast).await;
    let restored = who_waits(&world, id, WaitReason::Restored).await;
    assert_eq!(restored.len(), asked);
}

/// Who is due at the world's first mailbox before this time.
async fn due(world: &World, id: CampaignId, before: Timestamp) -> BTreeSet<EnrollmentId> {
    let rows = enrollments(world, id).await.into_iter();
    let due = rows.filter(|row| {
        row.mailbox == world.mailbox
            && row.state == EnrollmentState::Active
            && row.due_at.is_some_and(|due| due < before)
    });
    due.map(|row| row.id).collect()
}

#[tokio::test]
async fn no_mail_is_promised_about_which_a_person_is_asked_first() {
    for catch_up in [CatchUp::Ask, CatchUp::Send] {
        let schedule = Schedule {
            catch_up,
            ..seven_a_day()
        };
        let (world, id) = under_way(schedule).await;
        let campaigns = world.engine.campaigns(world.workspace);
        world.clock.advance_millis(DOWN);
        let late = world.clock.now() - SignedDuration::from_hours(72);
        let late = due(&world, id, late).await;
        assert!(late.len() > 2, "{late:?}");
        for lead in &world.leads {
            let view = campaigns.explain(*lead).await.unwrap().remove(0);
            if view.enrollment.mailbox != world.mailbox {
                continue;
            }
            let asks = catch_up == CatchUp::Ask && late.contains(&view.enrollment.id);
            let next = view.next.unwrap();
            assert_eq!(next.summary.contains(OVERDUE), asks, "{next:?}");
            let mut lines = next.lines.iter();
            let why = lines.any(|line| line.rule == "catch-up");
            assert_eq!(why, asks, "{next:?}");
        }
        let today = campaigns.today(world.mailbox).await.unwrap();
        let today: BTreeSet<_> = today.iter().map(|entry| entry.enrollment).collect();
        assert!(!today.is_empty(), "the others go");
        assert_eq!(today.is_disjoint(&late), catch_up == CatchUp::Ask);
        let runner = Runner::new(world.engine.clone());
        while runner.turn().await.unwrap() > 0 {}
        let asked = who_waits(&world, id, WaitReason::Overdue).await;
        assert_eq!(late.is_subset(&asked), catch_up == CatchUp::Ask);
        assert!(asked.is_disjoint(&today));
    }
}

#[tokio::test]
async fn whom_somebody_wanted_to_have_a_mail_at_once_is_asked_about_too() {
    let (world, id) = under_way(seven_a_day()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.clock.advance_millis(DOWN);
    let late = world.clock.now() - SignedDuration::from_hours(72);
    let late = due(&world, id, late).await;
    let wanted = *late.first().unwrap();
    campaigns.send_now(wanted).await.unwrap();
    let today = campaigns.today(world.mailbox).await.unwrap();
    assert!(today.iter().all(|entry| entry.enrollment != wanted));
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
    let asked = who_waits(&world, id, WaitReason::Overdue).await;
    assert!(asked.contains(&wanted));
}

#[tokio::test]
async fn a_mailbox_of_a_restored_copy_has_nothing_to_do_today_until_it_was_read() {
    let (world, _) = under_way(seven_a_day()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.clock.advance_millis(66 * HOUR);
    assert!(!campaigns.today(world.mailbox).await.unwrap().is_empty());
    world.engine.hold_until_rebuilt(2).await.unwrap();
    assert_eq!(campaigns.today(world.mailbox).await.unwrap(), []);
}
