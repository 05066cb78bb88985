//! Sequences that branch, budgets, live edits and daily verbs, over a store in memory and a
//! transport that records.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    CampaignId, Clock, EnrollmentState, EventKind, FinishReason, SendKey, SendState, SkipReason,
    StepIndex, UserId, WaitReason,
};
use jooper_sequence::model::{
    Action, CampaignSettings, Cohort, Condition, Delay, Edit, FieldTest, InvalidSequence, Limits,
    Schedule, Sequence, StepBuilder, Window,
};
use jooper_sequence::{
    EngineError, EngineSettings, NewCampaign, QueuedStep, Skipping, TestMail, Tested,
};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LANE_COMMAND, SEND, SendRow};
use jooper_storage::{LogCursor, Scan, Storage, StorageExt};
use jooper_transport::{Outcome, UnknownCause};
use support::{SEQUENCE, World};
use uuid::Uuid;

const BRANCHES: &str = r#"
    name = "Branches"
    on_reply = "continue"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    id = "looked"
    wait_for = { event = { clicked = "hello" }, at_most = "2 days", otherwise = "nudge" }
    [[step]]
    id = "call"
    task = { title = "Call {{ first_name }}" }
    then = "last"
    [[step]]
    id = "nudge"
    wait = "2 days"
    when = { not = { field = { name = "first_name", is = "jo2" } } }
    [[step.variant]]
    body = "Did you see this?"
    [[step]]
    id = "last"
    wait = "4 days"
    [[step.variant]]
    body = "Last."
"#;

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn sends(world: &World) -> Vec<SendRow> {
    let scan = Scan::table(&SEND);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn enrollment_of(world: &World, lead: usize) -> EnrollmentRow {
    let all = enrollments(world).await;
    all.into_iter()
        .find(|row| row.lead == world.leads[lead])
        .unwrap()
}

fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

/// Conservation from rows: every mail of every enrollment that has ended has one row, settled.
async fn assert_balance(world: &World, mails: usize) {
    let ended = enrollments(world).await;
    let ended: BTreeSet<_> = ended
        .iter()
        .filter(|row| row.state == EnrollmentState::Finished)
        .map(|row| row.id)
        .collect();
    let mut counted: BTreeMap<_, usize> = BTreeMap::new();
    for row in sends(world).await {
        let Some(id) = row.enrollment.filter(|id| ended.contains(id)) else {
            continue;
        };
        assert!(
            matches!(row.state, SendState::Sent | SendState::Skipped),
            "{row:?}"
        );
        *counted.entry(id).or_default() += 1;
    }
    assert_eq!(counted.len(), ended.len());
    assert!(counted.values().all(|count| *count == mails), "{counted:?}");
}

/// What became of each mail of a lead: sent, or the reason why not.
async fn fates(world: &World, n: usize) -> BTreeMap<u16, Option<SkipReason>> {
    let lead = Some(world.leads[n]);
    let rows = sends(world).await;
    let theirs = rows.into_iter().filter(|row| row.lead == lead);
    theirs.map(|row| (row.step.unwrap().0, row.skip)).collect()
}

#[tokio::test]
async fn leads_go_the_way_that_fits_them_and_every_mail_is_accounted_for() {
    let world = World::new(3).await;
    let campaign = world.campaign_of(BRANCHES, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 3);
    // The first one follows the link: a person calls, then the last mail goes.
    let eager = enrollment_of(&world, 0).await;
    campaigns.clicked(eager.id, StepIndex(0)).await.unwrap();
    world.run_for(2).await;
    let tasks = campaigns.tasks(campaign).await.unwrap();
    assert_eq!(tasks.len(), 1);
    assert_eq!(
        (tasks[0].enrollment, tasks[0].title.as_str()),
        (eager.id, "Call Jo0")
    );
    campaigns.task_done(eager.id).await.unwrap();
    world.run_for(24 * 21).await;
    let branch = Some(SkipReason::Branch);
    assert_eq!(
        fates(&world, 0).await,
        BTreeMap::from([(0, None), (1, branch), (2, None)])
    );
    assert_eq!(
        fates(&world, 1).await,
        BTreeMap::from([(0, None), (1, None), (2, None)])
    );
    assert_eq!(
        fates(&world, 2).await,
        BTreeMap::from([(0, None), (1, branch), (2, None)])
    );
    for row in enrollments(&world).await {
        assert_eq!(row.finish, Some(FinishReason::Completed));
    }
    assert_balance(&world, 3).await;
}

#[tokio::test]
async fn a_skipped_step_a_hurried_one_and_the_queue_are_what_people_see() {
    let world = World::new(2).await;
    let campaign = world.campaign_of(SEQUENCE, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    let first = enrollment_of(&world, 0).await;
    let week = world.clock.now() + SignedDuration::from_hours(24 * 7);
    let queue = campaigns.queue(world.mailbox, week, 100).await.unwrap();
    assert_eq!(queue.len(), 2);
    assert!(queue.iter().all(|entry| entry.next == QueuedStep::Mail(2)));
    assert!(queue[0].due_at <= queue[1].due_at);
    let entry = queue.iter().find(|entry| entry.enrollment == first.id);
    let place = entry.unwrap().place;
    // Pressed again before anything is seen of it, it skips once.
    campaigns.skip_at(first.id, place).await.unwrap();
    campaigns.skip_at(first.id, place).await.unwrap();
    world.run_for(1).await;
    let late = campaigns.skip_at(first.id, place).await.unwrap();
    assert_eq!(late, Skipping::Past);
    let late = campaigns.send_now_at(first.id, place).await;
    assert!(matches!(late, Err(EngineError::Passed)), "{late:?}");
    world.run_for(1).await;
    let queue = campaigns.queue(world.mailbox, week, 100).await.unwrap();
    let entry = queue.iter().find(|entry| entry.enrollment == first.id);
    assert_eq!(entry.map(|entry| &entry.next), Some(&QueuedStep::Mail(3)));
    // "Now" passes over the planned time and the window, never over the gate: two days and a half
    // between two mails to one person hold.
    campaigns.send_now(first.id).await.unwrap();
    world.run_for(2).await;
    assert_eq!(world.transport.accepted().len(), 2);
    world.run_for(60).await;
    let now = sends(&world).await;
    let third = now.iter().find(|row| row.key == step(&first, 2)).unwrap();
    assert_eq!(third.state, SendState::Sent);
    world.run_for(24 * 21).await;
    assert_balance(&world, 3).await;
    assert!(campaigns.get(campaign).await.is_ok());
}

const CALLS: &str = r#"
    name = "Two calls"
    [[step]]
    task = { title = "Call" }
    [[step]]
    task = { title = "Call again" }
    [[step]]
    wait = "3 days"
    [[step.variant]]
    subject = "Hello"
    body = "Hello."
"#;

#[tokio::test]
async fn a_task_is_done_once_however_often_it_is_pressed() {
    let world = World::new(1).await;
    let campaign = world.campaign_of(CALLS, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    let task = campaigns.tasks(campaign).await.unwrap().remove(0);
    assert_eq!(task.title, "Call");
    for _ in 0..2 {
        let done = campaigns.task_done_at(task.enrollment, task.place);
        done.await.unwrap();
    }
    world.run_for(24).await;
    let late = campaigns.task_done_at(task.enrollment, task.place).await;
    assert!(matches!(late, Err(EngineError::Passed)), "{late:?}");
    world.run_for(1).await;
    let next = campaigns.tasks(campaign).await.unwrap().remove(0);
    assert_eq!(next.title, "Call again");
    let done = campaigns.task_done_at(next.enrollment, next.place);
    done.await.unwrap();
    world.run_for(1).await;
    assert_eq!(campaigns.tasks(campaign).await.unwrap(), []);
    // Somebody else ends it meanwhile.
    let place = campaigns.explain(world.leads[0]).await.unwrap()[0].place;
    campaigns.end_enrollment(task.enrollment).await.unwrap();
    world.run_for(1).await;
    let late = campaigns.skip_at(task.enrollment, place.unwrap()).await;
    assert_eq!(late.unwrap(), Skipping::Ended);
}

fn mails(count: usize) -> Sequence {
    let first = StepBuilder::mail("Hello", "First.").id("m1");
    let mails = Sequence::builder("Mails").step(first);
    let later = |n: usize| {
        let mail = StepBuilder::follow_up("More.").id(format!("m{n}"));
        mail.wait(Delay::days(3))
    };
    let mails = (2..=count).fold(mails, |mails, n| mails.step(later(n)));
    mails.build().unwrap()
}

#[tokio::test]
async fn a_sequence_whose_last_mails_could_never_go_is_refused_with_the_setting_and_the_remedy() {
    for (follow_ups, most) in [(3, 4), (1, 2), (6, 7), (60, 7)] {
        let settings = EngineSettings {
            follow_ups,
            ..EngineSettings::default()
        };
        let store = std::sync::Arc::new(jooper_storage::MemoryStore::new());
        let world = World::paced(store, 1, settings).await;
        let campaigns = world.engine.campaigns(world.workspace);
        let new = |count| NewCampaign {
            settings: CampaignSettings {
                name: "Test".to_owned(),
                mailboxes: vec![world.mailbox],
                schedule: Schedule::default(),
            },
            sequence: mails(count),
            seed: 7,
        };
        let id = campaigns.create(&new(most)).await.unwrap();
        campaigns.activate(id, &world.leads).await.unwrap();
        if most == 7 {
            continue;
        }
        let created = campaigns.create(&new(most + 1)).await.unwrap_err();
        let (longer, edit) = (mails(most + 1), Edit::move_all());
        let edited = campaigns.edit(id, &longer, &edit).await.unwrap_err();
        let seen = campaigns.preview_edit(id, &longer, &edit).await;
        for refused in [created, edited, seen.unwrap_err()] {
            let told = refused.to_string();
            let wrong = matches!(
                refused,
                EngineError::Sequence(InvalidSequence::FollowUps { step, .. }) if step == most + 1
            );
            assert!(wrong, "{told}");
            let says = format!(
                "The engine's setting `follow_ups` is {follow_ups}, the gate's ceiling 6: raise the \
                 lower of them, or take mails out"
            );
            assert!(told.contains(&says), "{told}");
        }
    }
}

#[tokio::test]
async fn a_draft_is_not_started_whose_mails_became_too_many() {
    let settings = EngineSettings {
        follow_ups: 6,
        ..EngineSettings::default()
    };
    let store = std::sync::Arc::new(jooper_storage::MemoryStore::new());
    let world = World::paced(store.clone(), 1, settings).await;
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Test".to_owned(),
            mailboxes: vec![world.mailbox],
            schedule: Schedule::default(),
        },
        sequence: mails(6),
        seed: 7,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns.create(&new).await.unwrap();
    let lowered = world.restarted(store, EngineSettings::default());
    let campaigns = lowered.engine.campaigns(world.workspace);
    let refused = campaigns.activate(id, &world.leads).await;
    assert!(
        matches!(
            refused,
            Err(EngineError::Sequence(InvalidSequence::FollowUps {
                step: 5,
                ..
            }))
        ),
        "{refused:?}"
    );
}

fn step(enrollment: &EnrollmentRow, step: u16) -> SendKey {
    SendKey::Step {
        enrollment: enrollment.id,
        step: StepIndex(step),
    }
}

#[tokio::test]
async fn a_test_goes_to_the_user_and_never_to_the_lead() {
    let world = World::new(1).await;
    let campaign = world.campaign_of(BRANCHES, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let test = TestMail {
        campaign,
        step: StepIndex(0),
        variant: 0,
        lead: world.leads[0],
        mailbox: world.mailbox,
        user: user(),
    };
    let key = Uuid::from_u128(77);
    campaigns.test_mail(&test, key).await.unwrap();
    // The button pressed twice is one mail.
    let send_key = campaigns.test_mail(&test, key).await.unwrap();
    let before = campaigns.tested(&send_key).await.unwrap();
    assert_eq!((before, before.is_settled()), (Tested::Waits, false));
    world.run_for(1).await;
    let tested = campaigns.tested(&send_key).await.unwrap();
    assert!(matches!(tested, Tested::Sent(at) if at <= world.clock.now()));
    let tests: Vec<_> = world
        .transport
        .accepted()
        .into_iter()
        .filter(|(_, key, _)| *key == send_key)
        .collect();
    assert_eq!(tests.len(), 1);
    let mail = &tests[0].2;
    assert!(mail.to().to_string().ends_with("@sender.example"));
    let raw = String::from_utf8_lossy(mail.raw()).into_owned();
    assert!(raw.contains("Subject: Hello Jo0"), "{raw}");
    assert!(
        !raw.contains("t.example.com/u/"),
        "a link that unsubscribes: {raw}"
    );
    let row = sends(&world)
        .await
        .into_iter()
        .find(|row| row.key == send_key);
    assert_eq!(row.unwrap().state, SendState::Sent);
    assert!(raw.contains("We have your contact details"), "{raw}");
    let follow_up = TestMail {
        step: StepIndex(1),
        ..test
    };
    let of_follow_up = campaigns.test_mail(&follow_up, Uuid::from_u128(79));
    let of_follow_up = of_follow_up.await.unwrap();
    world.run_for(1).await;
    let accepted = world.transport.accepted();
    let mut mails = accepted.iter();
    let (_, _, mail) = mails.find(|(_, key, _)| *key == of_follow_up).unwrap();
    let raw = String::from_utf8_lossy(mail.raw()).into_owned();
    assert!(raw.contains("Subject: Re: Hello Jo0"), "{raw}");
    assert!(raw.contains("Did you see this?"), "{raw}");
    assert!(!raw.contains("We have your contact details"), "{raw}");
    let stranger = TestMail {
        user: UserId::from_uuid(Uuid::from_u128(2)),
        ..test
    };
    assert!(
        campaigns
            .test_mail(&stranger, Uuid::from_u128(78))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_unknown_send_is_released_once_under_a_name() {
    let world = World::new(1).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world
        .transport
        .script(Outcome::Unknown(UnknownCause::Timeout));
    world.campaign_of(SEQUENCE, Schedule::default()).await;
    world
        .inbox
        .1
        .store(true, std::sync::atomic::Ordering::SeqCst);
    world.run_for(1).await;
    let enrollment = enrollment_of(&world, 0).await;
    let key = step(&enrollment, 0);
    let find = || async {
        let rows = sends(&world).await;
        rows.into_iter().find(|row| row.key == key).unwrap()
    };
    if find().await.state == SendState::Unknown {
        campaigns
            .release(enrollment.id, StepIndex(0), user())
            .await
            .unwrap();
        world.run_for(1).await;
        let row = find().await;
        assert_eq!((row.released, row.released_by), (1, Some(user())));
        assert_eq!(row.attempt, 2);
        let again = campaigns.release(enrollment.id, StepIndex(0), user()).await;
        assert!(again.is_err(), "never twice");
    }
    let nothing = campaigns.release(enrollment.id, StepIndex(2), user()).await;
    assert!(nothing.is_err());
}

async fn times_of(world: &World) -> Vec<(CampaignId, Timestamp)> {
    let mut times: Vec<_> = sends(world)
        .await
        .into_iter()
        .filter(|row| row.state == SendState::Sent)
        .filter_map(|row| Some((row.campaign?, row.posting_at?)))
        .collect();
    times.sort_by_key(|(_, at)| *at);
    times
}

#[tokio::test]
async fn budgets_hold_and_campaigns_that_share_a_mailbox_take_turns() {
    let mut world = World::new(30).await;
    let schedule = Schedule {
        limits: Limits {
            hourly: Some(6),
            workspace: Some(20),
            ..Limits::default()
        },
        ..Schedule::default()
    };
    let one = world.campaign_of(SEQUENCE, schedule.clone()).await;
    world.leads.clear();
    for n in 100..130 {
        world.add_lead(n, true).await;
    }
    let other = world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(9).await;
    let times = times_of(&world).await;
    assert_eq!(times.len(), 20, "the workspace's budget of the day");
    for (at, (_, first)) in times.iter().enumerate() {
        let hour = SignedDuration::from_hours(1);
        let within = times[at..]
            .iter()
            .filter(|(_, t)| t.duration_since(*first) < hour);
        assert!(within.count() <= 6);
    }
    let mine = times
        .iter()
        .filter(|(campaign, _)| *campaign == one)
        .count();
    let theirs = times
        .iter()
        .filter(|(campaign, _)| *campaign == other)
        .count();
    assert!(mine.abs_diff(theirs) <= 1, "{mine} and {theirs}");
    world.run_for(24).await;
    assert_eq!(times_of(&world).await.len(), 40, "and again the day after");
}

#[tokio::test]
async fn a_shared_budget_counts_the_mails_of_campaigns_that_set_none() {
    let mut world = World::new(8).await;
    let late = world.leads.split_off(4);
    world.campaign().await;
    world.run_for(4).await;
    assert_eq!(times_of(&world).await.len(), 4);
    world.leads = late;
    let schedule = Schedule {
        limits: Limits {
            workspace: Some(5),
            ..Limits::default()
        },
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(5).await;
    assert_eq!(
        times_of(&world).await.len(),
        5,
        "four had gone when the limited campaign began"
    );
}

#[tokio::test]
async fn a_shared_budget_holds_across_midnight() {
    let world = World::new(10).await;
    // In the evening: five before midnight (UTC), and none behind it for a day.
    world.clock.advance_millis(14 * 3_600_000);
    let all_day = (1..=7).map(|weekday| Window {
        weekday,
        from: jiff::civil::time(0, 0, 0, 0),
        to: jiff::civil::time(23, 59, 0, 0),
    });
    let schedule = Schedule {
        windows: all_day.collect(),
        limits: Limits {
            workspace: Some(5),
            ..Limits::default()
        },
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(20).await;
    assert_eq!(
        times_of(&world).await.len(),
        5,
        "the day before has taken all"
    );
    world.run_for(8).await;
    let times = times_of(&world).await;
    assert_eq!(times.len(), 10, "they go a day later");
    for ((_, first), (_, at)) in times.iter().zip(&times[5..]) {
        assert!(at.duration_since(*first) >= SignedDuration::from_hours(24));
    }
}

#[tokio::test]
async fn one_recipient_domain_gets_no_more_than_its_share() {
    let world = World::new(4).await;
    let schedule = Schedule {
        limits: Limits {
            recipient_domain: Some(1),
            ..Limits::default()
        },
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(9).await;
    assert_eq!(
        times_of(&world).await.len(),
        4,
        "four domains, one mail each"
    );
}

fn second_version() -> Sequence {
    let mail = |id: &str, body: &str| StepBuilder::follow_up(body).id(id).wait(Delay::days(3));
    Sequence::builder("Three mails")
        .step(StepBuilder::mail("Hello {{ first_name }}", "First.").id("1"))
        .step(mail("new", "A new one."))
        .step(mail("2", "Second."))
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_edit_does_what_its_preview_said_and_keeps_the_balance() {
    let mut world = World::new(3).await;
    let campaign = world.campaign_of(SEQUENCE, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    // Three have had the first mail; one more has had nothing when the edit comes.
    world.leads.clear();
    let late = world.add_lead(50, true).await;
    campaigns.activate(campaign, &[late]).await.unwrap();
    world.clock.advance_millis(1000 * 60 * 60 * 10);
    let edit = Edit {
        rules: vec![(Cohort::At("2".to_owned()), Action::Move)],
        otherwise: Action::Stay,
    };
    let new = second_version();
    let preview = campaigns.preview_edit(campaign, &new, &edit).await.unwrap();
    assert_eq!(preview.version, 2);
    let moving: usize = preview.steps.iter().map(|step| step.moving()).sum();
    assert_eq!(moving, 3, "{preview:?}");
    assert_eq!(
        preview.steps.last().unwrap().go_on_with.get("new"),
        Some(&3)
    );
    assert_eq!(
        campaigns.get(campaign).await.unwrap().sequence_version,
        1,
        "only looked"
    );
    assert_eq!(campaigns.edit(campaign, &new, &edit).await.unwrap(), 2);
    world.run_for(24 * 30).await;
    let rows = enrollments(&world).await;
    let moved = rows.iter().filter(|row| row.sequence_version == 2).count();
    assert_eq!(moved, 3);
    for row in &rows {
        assert_eq!(row.finish, Some(FinishReason::Completed), "{row:?}");
        let mails = if row.sequence_version == 2 { 4 } else { 3 };
        let all = sends(&world).await;
        let theirs = all
            .iter()
            .filter(|send| send.enrollment == Some(row.id))
            .count();
        assert_eq!(theirs, mails);
    }
    let log = world
        .store
        .read_log(
            world.workspace,
            LogCursor {
                after: 0,
                limit: 10_000,
            },
        )
        .await
        .unwrap();
    let facts = log
        .records
        .iter()
        .filter(|fact| fact.entry.kind == EventKind::Moved);
    let reasons: Vec<_> = facts.map(|fact| fact.entry.dimensions.reason).collect();
    assert_eq!(reasons, [Some(3 * 256 + 4); 3]);
    let unnamed = Sequence::builder("x")
        .step(StepBuilder::mail("s", "b"))
        .build()
        .unwrap();
    assert!(
        campaigns
            .edit(campaign, &unnamed, &Edit::move_all())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn after_a_long_downtime_what_is_late_asks_first() {
    let world = World::new(2).await;
    let campaign = world.campaign_of(SEQUENCE, Schedule::default()).await;
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 2);
    // Nothing runs for three weeks.
    world.clock.advance_millis(1000 * 60 * 60 * 24 * 21);
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 2);
    for row in enrollments(&world).await {
        assert_eq!(row.wait, Some(WaitReason::Overdue));
    }
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.resume_overdue(campaign).await.unwrap();
    world.run_for(24 * 21).await;
    assert_balance(&world, 3).await;
    assert_eq!(world.transport.accepted().len(), 6);
}

#[tokio::test]
async fn whoever_may_come_back_comes_back_after_the_time_that_the_rule_says() {
    let rule = "[re_enroll]\nafter = \"30 days\"\n[[step]]";
    let once = "name = \"Once\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"b\"\n";
    let again = once.replace("[[step]]", rule);
    for (text, comes_back) in [(once, false), (again.as_str(), true)] {
        let world = World::new(1).await;
        let campaign = world.campaign_of(text, Schedule::default()).await;
        let campaigns = world.engine.campaigns(world.workspace);
        world.run_for(24).await;
        let early = campaigns.activate(campaign, &world.leads).await.unwrap();
        assert_eq!(early.enrolled, 0, "{early:?}");
        world.run_for(24 * 40).await;
        let late = campaigns.activate(campaign, &world.leads).await.unwrap();
        assert_eq!(late.enrolled, usize::from(comes_back), "{late:?}");
        world.run_for(24 * 7).await;
        let mails = 1 + usize::from(comes_back);
        assert_eq!(world.transport.accepted().len(), mails);
        assert_balance(&world, 1).await;
    }
}

#[tokio::test]
async fn whoever_is_to_go_now_is_the_next_mail_of_the_mailbox_that_day_or_the_day_after() {
    let world = World::new(30).await;
    let schedule = Schedule {
        daily_cap: 5,
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(24).await;
    assert_eq!(times_of(&world).await.len(), 5, "the first day");
    let campaigns = world.engine.campaigns(world.workspace);
    let mut waiting = enrollments(&world).await;
    waiting.retain(|row| row.sent == 0);
    waiting.sort_by_key(|row| (row.due_at, row.id));
    let (last, before) = (waiting.pop().unwrap(), waiting.pop().unwrap());
    campaigns.send_now(last.id).await.unwrap();
    world.clock.advance_millis(1000);
    campaigns.send_now(before.id).await.unwrap();
    let order = async || {
        let mut sent = sends(&world).await;
        sent.retain(|row| row.state == SendState::Sent);
        sent.sort_by_key(|row| row.posting_at);
        sent.iter()
            .map(|row| row.enrollment.unwrap())
            .collect::<Vec<_>>()
    };
    world.run_for(12).await;
    let second = order().await;
    assert_eq!(second[5..7], [last.id, before.id], "of {}", second.len());
    assert_eq!(second.len(), 10);
    // The day's budget is used up: they are the first of the next day.
    let mut waiting = enrollments(&world).await;
    waiting.retain(|row| row.sent == 0);
    waiting.sort_by_key(|row| (row.due_at, row.id));
    let last = waiting.pop().unwrap();
    campaigns.send_now(last.id).await.unwrap();
    world.run_for(24).await;
    let third = order().await;
    assert_eq!(third[10], last.id, "of {}", third.len());
    let commands = Scan::table(&LANE_COMMAND);
    let left = world.store.scan(world.workspace.into(), commands).await;
    assert!(left.unwrap().rows.is_empty(), "no wish is kept for ever");
}

#[tokio::test]
async fn a_preview_judges_conditions_by_what_is_known_of_each_lead() {
    let world = World::new(3).await;
    let campaign = world.campaign_of(SEQUENCE, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    let named = FieldTest {
        name: "first_name".to_owned(),
        is: Some("jo1".to_owned()),
        ..FieldTest::default()
    };
    let mail = |id: &str, body: &str| StepBuilder::follow_up(body).id(id).wait(Delay::days(3));
    let new = Sequence::builder("Three mails")
        .step(StepBuilder::mail("Hello {{ first_name }}", "First.").id("1"))
        .step(StepBuilder::branch(Condition::Field(named), "3").id("way"))
        .step(mail("2", "Second."))
        .step(mail("3", "Third."))
        .build()
        .unwrap();
    let edit = Edit::move_all();
    let preview = campaigns.preview_edit(campaign, &new, &edit).await.unwrap();
    let ways = &preview.steps.last().unwrap().go_on_with;
    assert_eq!(
        (ways.get("2"), ways.get("3")),
        (Some(&2), Some(&1)),
        "{preview:?}"
    );
    campaigns.edit(campaign, &new, &edit).await.unwrap();
    world.run_for(24 * 30).await;
    let all = sends(&world).await;
    let sent = all.iter().filter(|send| send.state == SendState::Sent);
    assert_eq!(sent.count(), 3 * 3 - 1, "as it said");
}
