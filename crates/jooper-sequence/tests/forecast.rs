//! The forecast is the campaign: the same mails, at the same instants, by the same code.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use jooper_consent::Ceilings;
use jooper_core::{Draw, LeadId};
use jooper_sequence::model::{Edit, Limits, Ramp, Schedule, Sequence};
use jooper_sequence::{
    Answer, Behavior, EngineSettings, Forecast, ForecastMail, ForecastRequest, Mailed, Population,
    Rates, Senses, Warning,
};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{LogCursor, MemoryStore, Scan, Storage, StorageExt};
use jooper_storage_sqlite::SqliteStorage;
use support::World;
use support::foreseen::{
    SEQUENCE, draft, forecast_equals_fact, forecast_equals_fact_of, forecast_equals_fact_on,
    foreseen, happened, launch_and_compare, seven_a_day, world, world_on,
};

#[tokio::test]
async fn forecast_equals_fact_when_nobody_answers() {
    let forecast = forecast_equals_fact(60, Rates::default(), 11).await;
    assert_eq!(forecast.mails.len(), 180);
    let variants = forecast
        .mails
        .iter()
        .filter(|mail| mail.variant == 1)
        .count();
    assert!((15..55).contains(&variants), "{variants} of 60");
    for mailbox in &forecast.mailboxes {
        assert!(mailbox.mails > 0 && mailbox.most_a_day <= 7, "{mailbox:?}");
    }
    let first = &forecast.mails[0];
    assert!(
        first.subject.contains("Jo"),
        "the subject as the person reads it"
    );
    assert!(
        !format!("{forecast:?} {first:?}").contains("Jo"),
        "names stay out of logs"
    );
}

#[tokio::test]
async fn forecast_equals_fact_when_people_answer_as_foreseen() {
    let rates = Rates {
        replies: 0.2,
        ..Rates::default()
    };
    let forecast = forecast_equals_fact(56, rates, 5).await;
    assert!(forecast.answers.len() > 10, "{}", forecast.answers.len());
    assert!(forecast.mails.len() < 168, "answers end enrollments");
    let replied = forecast
        .skipped
        .iter()
        .filter(|skip| &*skip.reason == "replied");
    assert!(replied.count() > 5);
}

#[tokio::test]
async fn forecast_equals_fact_when_people_are_away_addresses_are_dead_and_some_want_no_more() {
    let rates = Rates {
        replies: 0.05,
        absences: 0.1,
        unsubscribes: 0.05,
        bounces: 0.015,
        ..Rates::default()
    };
    // Within the first sample, and beyond it.
    for (leads, seed, dead) in [(48, 1, 0), (120, 4, 5)] {
        let forecast = forecast_equals_fact(leads, rates, seed).await;
        let count = |what: fn(&Behavior) -> bool| {
            let answers = forecast.answers.iter();
            answers.filter(|answer| what(&answer.what)).count()
        };
        assert!(count(|what| matches!(what, Behavior::Away(_))) > 10);
        assert!(count(|what| *what == Behavior::Unsubscribe) > 5);
        assert_eq!(count(|what| *what == Behavior::Bounce), dead);
    }
}

/// Bounces what two people got first, and what a third got from the same mailbox later.
#[derive(Debug)]
struct Bounces(BTreeSet<(LeadId, u16)>);

impl Population for Bounces {
    fn answer(&self, mail: &Mailed, _: Draw) -> Option<Answer> {
        let bounces = self.0.contains(&(mail.lead, mail.step.0 + 1));
        bounces.then_some(Answer {
            after: SignedDuration::from_mins(1),
            what: Behavior::Bounce,
        })
    }
}

#[tokio::test]
async fn a_mailbox_that_a_breaker_stops_ends_its_own_mails_alone() {
    let (world, id) = world(120).await;
    let campaign = world.engine.campaigns(world.workspace).campaign(id);
    let silent = campaign.simulate(&ForecastRequest::new(7)).await.unwrap();
    // Three of some sixty-five mails are too many for a mailbox, and few enough for the campaign.
    let of = |mailbox| {
        silent
            .mails
            .iter()
            .filter(move |mail| mail.mailbox == mailbox)
    };
    let is_third = |mail: &&ForecastMail| of(mail.mailbox).take(2).all(|one| one.lead != mail.lead);
    let third = silent.mails[70..].iter().find(is_third).unwrap();
    let bounced = of(third.mailbox).take(2).chain([third]);
    let bounced = bounced
        .map(|mail| (mail.lead, mail.step))
        .collect::<BTreeSet<_>>();
    let request = ForecastRequest::new(7).population(Bounces(bounced));
    let forecast = campaign.simulate(&request).await.unwrap();
    let stopped = |mailbox| {
        let mut warnings = forecast.warnings.iter();
        warnings.any(|warning| matches!(warning, Warning::MailboxStopped { mailbox: of, .. } if *of == mailbox))
    };
    for mailbox in &world.senders {
        let mails = forecast
            .mails
            .iter()
            .filter(|mail| mail.mailbox == *mailbox);
        let mails = mails.map(|mail| mail.at).max().unwrap();
        let goes_on = mails.duration_since(third.at) > SignedDuration::from_hours(24);
        assert_ne!(stopped(*mailbox), goes_on);
        assert_eq!(stopped(*mailbox), *mailbox == third.mailbox);
    }
    assert!(
        forecast
            .waiting
            .iter()
            .any(|skip| &*skip.why == "Waits: the mailbox is stopped."),
        "{:?}",
        forecast.waiting
    );
    launch_and_compare(&world, id, &forecast).await;
}

/// Goes on by what people do: a click, an answer in one sense, a task.
const REACTIVE: &str = r#"
    name = "Reactive"
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
    then = "offer"
    [[step]]
    id = "nudge"
    wait = "2 days"
    when = { not = { replied = "meeting" } }
    [[step.variant]]
    body = "Did you see this?"
    [[step]]
    id = "offer"
    wait = "4 days"
    [[step.variant]]
    body = "Last."
"#;

#[tokio::test]
async fn forecast_equals_fact_when_people_click_answer_in_a_sense_and_tasks_are_done() {
    let (world, id) = world_on(Arc::new(MemoryStore::new()), 24, REACTIVE).await;
    let rates = Rates {
        replies: 0.25,
        clicks: 0.4,
        senses: Senses {
            meeting: 1.0,
            ..Senses::default()
        },
        task_hours: Some(30),
        ..Rates::default()
    };
    let forecast = forecast_equals_fact_of(&world, id, rates, 4).await;
    let count = |what: fn(&Behavior) -> bool| {
        let answers = forecast.answers.iter();
        answers.filter(|answer| what(&answer.what)).count()
    };
    let tasks = count(|what| *what == Behavior::TaskDone);
    assert!(tasks > 3, "{tasks} tasks are asked for and done");
    assert!(count(|what| matches!(what, Behavior::Answer(_))) > 3);
    assert!(forecast.waiting.is_empty(), "{:?}", forecast.waiting);
    let mails = |step| {
        forecast
            .mails
            .iter()
            .filter(|mail| mail.step == step)
            .count()
    };
    assert_eq!(mails(3), 24, "everybody gets the last one");
    assert!((4..20).contains(&mails(2)), "{} are nudged", mails(2));
}

#[tokio::test]
async fn forecast_equals_fact_on_sqlite() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("forecast-equals-fact");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let store = SqliteStorage::open(dir.join("jooper.db")).await.unwrap();
    let rates = Rates {
        replies: 0.2,
        ..Rates::default()
    };
    let forecast = forecast_equals_fact_on(Arc::new(store), 24, rates, 7).await;
    assert!(forecast.mails.len() > 40, "{}", forecast.mails.len());
    assert!(!forecast.answers.is_empty());
    let variants = forecast.mails.iter().filter(|mail| mail.variant == 1);
    assert!(variants.count() > 3);
}

#[tokio::test]
async fn forecast_equals_fact_beside_a_campaign_that_writes_to_some_of_the_same_people() {
    let (mut world, id) = world(36).await;
    let all = world.leads.clone();
    world.leads.truncate(15);
    let other = world.campaign_of(SEQUENCE, seven_a_day()).await;
    world.run_for(30).await;
    let begun = happened(&world, other).await.len();
    assert!((5..=15).contains(&begun), "it writes to people: {begun}");
    let shared = std::mem::replace(&mut world.leads, all);
    let forecast = forecast_equals_fact_of(&world, id, Rates::default(), 3).await;
    assert_eq!(forecast.mails.len(), 36 * 3, "{:?}", forecast.warnings);
    // One campaign at a time writes to a person, and never so soon behind the other's last mail.
    let rows = world
        .store
        .collect::<EnrollmentRow>(world.workspace, Scan::table(&ENROLLMENT))
        .await
        .unwrap();
    for lead in shared {
        let mut theirs = rows.iter().map(|row| &row.record);
        let theirs = theirs.find(|row| row.lead == lead && row.campaign == other);
        let last = theirs.unwrap().last_sent_at.unwrap();
        let first = forecast
            .mails
            .iter()
            .find(|mail| mail.lead == lead)
            .unwrap();
        let between = first.at.duration_since(last);
        assert!(
            between >= Ceilings::new().gap(),
            "{between} between two campaigns"
        );
    }
}

#[tokio::test]
async fn a_stop_ends_what_another_campaign_foresees_for_the_same_person() {
    let (mut world, id) = world(12).await;
    let all = world.leads.clone();
    world.leads.truncate(6);
    world.campaign_of(SEQUENCE, seven_a_day()).await;
    world.run_for(30).await;
    world.leads = all;
    let shared = world.leads[0];
    let reason = jooper_core::StopReason::Unsubscribed;
    let scope = jooper_consent::StopScope::Lead(shared);
    let source = jooper_core::StopSource::Person;
    let stops = world.stops();
    let stopped = stops.stop(world.workspace, scope, reason, source);
    stopped.await.unwrap();
    let campaigns = world.engine.campaigns(world.workspace);
    let forecast = campaigns.simulate(id, &ForecastRequest::new(3)).await;
    let forecast = forecast.unwrap();
    assert!(forecast.mails.iter().all(|mail| mail.lead != shared));
    assert_eq!(forecast.mails.len(), 11 * 3, "{:?}", forecast.warnings);
}

#[tokio::test]
async fn mails_are_counted_by_their_places_when_an_edit_has_put_one_in_between() {
    let (world, _) = world(4).await;
    let two = "name = \"Two\"\n[[step]]\nid = \"a\"\n[[step.variant]]\nsubject = \"Hello\"\n\
               body = \"First.\"\n[[step]]\nid = \"b\"\nwait = \"3 days\"\n[[step.variant]]\n\
               body = \"Last.\"";
    let id = world.campaign_of(two, seven_a_day()).await;
    world.run_for(30).await;
    let between = "[[step]]\nid = \"c\"\nwait = \"3 days\"\n[[step.variant]]\nbody = \"Between.\"\n\
                   [[step]]\nid = \"b\"";
    let three = two.replace("[[step]]\nid = \"b\"", between);
    let campaigns = world.engine.campaigns(world.workspace);
    let edited = Sequence::from_toml(&three).unwrap();
    let edit = Edit::move_all();
    campaigns.edit(id, &edited, &edit).await.unwrap();
    let rates = Rates {
        replies: 0.4,
        ..Rates::default()
    };
    let request = ForecastRequest::new(1).population(rates);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    let answered = |lead: &LeadId, step| {
        let mut all = forecast.answers.iter();
        all.any(|answer| answer.lead == *lead && answer.step == step)
    };
    for lead in &world.leads {
        let mails = forecast.mails.iter().filter(|mail| mail.lead == *lead);
        let steps: Vec<_> = mails.map(|mail| mail.step).collect();
        let whole = if answered(lead, 2) {
            vec![2]
        } else {
            vec![2, 3]
        };
        assert_eq!(steps, whole, "the ledger calls them 3 and 2: {forecast:?}");
    }
    assert!(
        world.leads.iter().any(|lead| answered(lead, 2)),
        "{:?}",
        forecast.answers
    );
    assert!(
        world.leads.iter().any(|lead| !answered(lead, 2)),
        "{:?}",
        forecast.answers
    );
}

#[tokio::test]
async fn forecast_equals_fact_under_every_limit() {
    let limits = Limits {
        hourly: Some(2),
        rolling_day: Some(6),
        sender_domain: Some(14),
        recipient_domain: Some(1),
        workspace: Some(13),
        ramp: Some(Ramp { start: 2, add: 1 }),
    };
    let (world, _) = world(30).await;
    let schedule = Schedule {
        limits,
        ..seven_a_day()
    };
    let id = draft(&world, SEQUENCE, schedule).await;
    let rates = Rates {
        replies: 0.1,
        absences: 0.0,
        ..Rates::default()
    };
    let forecast = forecast_equals_fact_of(&world, id, rates, 9).await;
    let days = forecast.capacity.first_mail_days;
    assert!(days >= 4, "30 first mails at 6, 9, 12 and 13 a day: {days}");
    for mailbox in &forecast.mailboxes {
        assert!(mailbox.most_a_day <= 6, "{mailbox:?}");
    }
}

const WAYS: &str = r#"
    name = "Two ways"
    on_reply = "pause"
    [[step]]
    id = "first"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    id = "lot"
    split = [{ weight = 1, go_to = "left" }, { weight = 1, go_to = "right" }]
    [[step]]
    id = "left"
    wait = "2 days"
    then = "end"
    [[step.variant]]
    body = "Left."
    [[step]]
    id = "right"
    wait = "3 days"
    [[step.variant]]
    body = "Right."
"#;

#[tokio::test]
async fn forecast_equals_fact_of_mailboxes_that_begin_slowly() {
    let (world, _) = world(120).await;
    world.begin_slowly().await;
    let schedule = Schedule {
        zone: "America/Los_Angeles".to_owned(),
        daily_cap: 100,
        ..Schedule::default()
    };
    let id = draft(&world, SEQUENCE, schedule).await;
    let forecast = forecast_equals_fact_of(&world, id, Rates::default(), 5).await;
    assert_eq!(forecast.mails.len(), 360);
    let most = forecast.mailboxes.iter().map(|mailbox| mailbox.most_a_day);
    let most = most.max().unwrap();
    assert!(
        (24..60).contains(&most),
        "more than at first, and no hundred: {most}"
    );
}

#[tokio::test]
async fn mails_on_the_way_that_is_not_taken_are_told() {
    let (world, id) = world_on(Arc::new(MemoryStore::new()), 12, WAYS).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let forecast = campaigns.simulate(id, &ForecastRequest::new(1)).await;
    let forecast = forecast.unwrap();
    assert_eq!(forecast.mails.len(), 24, "two of three mails each");
    let branched = forecast.skipped.iter();
    let branched: Vec<_> = branched.filter(|skip| &*skip.reason == "branch").collect();
    assert_eq!(branched.len(), 12, "one each");
    for skip in branched {
        let other = if skip.step == 2 { 3 } else { 2 };
        let mut mails = forecast.mails.iter().filter(|mail| mail.lead == skip.lead);
        assert!(mails.any(|mail| mail.step == other), "{skip:?}");
    }
    let table = forecast.to_table(0);
    assert!(table.contains("goes another way for them"), "{table}");
    assert!(forecast.waiting.is_empty(), "{:?}", forecast.waiting);
}

#[tokio::test]
async fn whoever_answers_waits_where_the_sequence_pauses_and_a_stop_is_the_persons() {
    let (world, id) = world_on(Arc::new(MemoryStore::new()), 30, WAYS).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let rates = Rates {
        replies: 0.3,
        unsubscribes: 0.3,
        ..Rates::default()
    };
    let request = ForecastRequest::new(2).population(rates);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    let paused = forecast.waiting.iter();
    let paused = paused
        .filter(|skip| skip.why.contains("they answered"))
        .count();
    assert!(paused > 3, "{:?}", forecast.waiting);
    let waits = Warning::Waits { leads: paused };
    assert!(
        forecast.warnings.contains(&waits),
        "{:?}",
        forecast.warnings
    );
    let stopped = forecast.skipped.iter();
    let stopped: Vec<_> = stopped
        .filter(|skip| &*skip.reason == "unsubscribed")
        .collect();
    assert!(stopped.len() > 3, "{:?}", forecast.skipped);
    for skip in stopped {
        let late = |mail: &&jooper_sequence::ForecastMail| {
            mail.lead == skip.lead && Some(mail.at) > skip.at
        };
        assert_eq!(forecast.mails.iter().filter(late).count(), 0);
    }
    let table = forecast.to_table(0);
    assert!(table.contains("they answered"), "{table}");
    assert!(table.contains("asked for no more mail"), "{table}");
}

#[tokio::test]
async fn a_task_at_the_beginning_is_what_everybody_waits_for() {
    let sequence = "name = \"A call first\"\n[[step]]\ntask = { title = \"Call\" }\n[[step]]\n\
                    [[step.variant]]\nsubject = \"Hello\"\nbody = \"First.\"";
    let (world, id) = world_on(Arc::new(MemoryStore::new()), 5, sequence).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let forecast = campaigns.simulate(id, &ForecastRequest::new(1)).await;
    let forecast = forecast.unwrap();
    assert_eq!(forecast.mails.len(), 0);
    assert_eq!(forecast.waiting.len(), 5);
    for skip in &forecast.waiting {
        assert_eq!(&*skip.why, "Waits for a task.");
    }
    assert!(forecast.to_table(0).contains("Waits for a task."));
}

#[tokio::test]
async fn a_forecast_writes_nothing_and_is_the_same_twice() {
    let (world, id) = world(12).await;
    let rows = async || {
        let mut all = Vec::new();
        for table in jooper_storage::tables::all() {
            let scope = match table.scope {
                jooper_storage::TableScope::Tenant => world.workspace.into(),
                jooper_storage::TableScope::Platform => jooper_storage::Scope::Platform,
            };
            let page = jooper_storage::Storage::scan(&*world.store, scope, Scan::table(table));
            all.push(page.await.unwrap().rows);
        }
        let log = world.store.read_log(world.workspace, LogCursor::start());
        (all, log.await.unwrap())
    };
    let before = rows().await;
    let campaigns = world.engine.campaigns(world.workspace);
    let request = ForecastRequest::new(3);
    let once = campaigns.simulate(id, &request).await.unwrap();
    assert!(once == campaigns.simulate(id, &request).await.unwrap());
    let other = campaigns
        .simulate(id, &ForecastRequest::new(4))
        .await
        .unwrap();
    assert_ne!(
        foreseen(&once),
        foreseen(&other),
        "another seed draws otherwise"
    );
    assert!(rows().await == before, "the store beneath is as it was");
    assert_eq!(world.transport.accepted().len(), 0);
    let text = serde_json::to_string(&once).unwrap();
    let back: Forecast = serde_json::from_str(&text).unwrap();
    assert!(back == once, "a forecast is data");
}

#[tokio::test]
async fn what_does_not_go_is_told_with_its_reason() {
    let (mut world, id) = world(40).await;
    let barred = world.add_lead(900, false).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let forecast = campaigns
        .simulate(id, &ForecastRequest::new(1))
        .await
        .unwrap();
    let skip = forecast
        .skipped
        .iter()
        .find(|skip| skip.lead == barred)
        .unwrap();
    assert!(
        skip.why.contains("Nothing is recorded that allows"),
        "{}",
        skip.why
    );
    assert!(forecast.mails.iter().all(|mail| mail.lead != barred));
    let lost = Warning::NoMail { leads: 1, of: 41 };
    assert!(forecast.warnings.contains(&lost), "{:?}", forecast.warnings);
    let table = forecast.to_table(3);
    assert!(table.contains("Nothing is recorded that allows"), "{table}");
    assert!(
        table.contains("ada1@sender.example") && table.contains("more"),
        "{table}"
    );
    let picture = forecast.to_svg();
    assert!(picture.contains("<title>") && !picture.contains("style="));
    assert!(
        !picture.contains("Jo") && !picture.contains('@'),
        "counts only"
    );
}

#[tokio::test]
async fn a_list_that_is_too_long_for_its_mailboxes_says_how_long_it_takes() {
    let (world, id) = world(100).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let forecast = campaigns
        .simulate(id, &ForecastRequest::new(1))
        .await
        .unwrap();
    assert_eq!(forecast.mails.len(), 300);
    // 300 mails at 21 a day are 15 days at least; the steps alone take 8.
    let days = forecast.capacity.working_days;
    assert!((15..24).contains(&days), "{days}");
    let said: Vec<String> = forecast.warnings.iter().map(ToString::to_string).collect();
    let sentence = format!("This list needs {days} working days with these 3 mailboxes.");
    assert!(said.contains(&sentence), "{said:?}");
}

#[tokio::test]
async fn too_many_bounces_stop_the_forecast_as_they_would_stop_the_campaign() {
    let (world, id) = world(100).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let rates = Rates {
        bounces: 0.5,
        ..Rates::default()
    };
    let request = ForecastRequest::new(1).population(rates);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    let stopped = forecast.warnings.iter();
    let stopped = stopped.filter(|warning| matches!(warning, Warning::Stopped { .. }));
    assert_eq!(stopped.count(), 1, "{:?}", forecast.warnings);
    assert!(forecast.mails.len() < 100, "{}", forecast.mails.len());
}

#[tokio::test]
async fn a_running_campaign_is_foreseen_with_the_leads_that_it_has() {
    let (mut world, _) = world(6).await;
    let id = world.campaign_of(SEQUENCE, seven_a_day()).await;
    world.run_for(6).await;
    let stranger = world.add_lead(900, true).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let request = ForecastRequest::new(1);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    let before = happened(&world, id).await.len();
    assert_eq!(forecast.mails.len() + before, 6 * 3);
    assert!(forecast.mails.iter().all(|mail| mail.lead != stranger));
    assert_eq!((forecast.leads.len(), forecast.enrolled), (0, 0));
    let table = forecast.to_table(0);
    let begins = format!("{} mails to 6 leads", forecast.mails.len());
    assert!(table.starts_with(&begins), "{table}");
    // Whoever asks for the rest has them, and is told of those alone who are added.
    let barred = world.add_lead(901, false).await;
    let rest = campaigns.audience(id).await.unwrap();
    assert_eq!(rest, [stranger, barred]);
    let forecast = campaigns.simulate(id, &request.leads(rest)).await.unwrap();
    assert_eq!(forecast.mails.len() + before, 7 * 3);
    let lost = Warning::NoMail { leads: 1, of: 2 };
    assert!(forecast.warnings.contains(&lost), "{:?}", forecast.warnings);
}

#[tokio::test]
async fn whoever_waited_before_is_told_with_the_reason() {
    let (world, _) = world(4).await;
    let id = world.campaign_of(SEQUENCE, seven_a_day()).await;
    world.run_for(30).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let rows = world
        .store
        .collect::<EnrollmentRow>(world.workspace, Scan::table(&ENROLLMENT))
        .await
        .unwrap();
    let paused = rows[0].record.clone();
    campaigns.pause_enrollment(paused.id).await.unwrap();
    world.run_for(1).await;
    let foresee = async || campaigns.simulate(id, &ForecastRequest::new(1)).await;
    let forecast = foresee().await.unwrap();
    assert_eq!(forecast.mails.len(), 3 * 2);
    assert_eq!(forecast.waiting.len(), 1, "{:?}", forecast.waiting);
    let waits = &forecast.waiting[0];
    assert_eq!((waits.lead, waits.step), (paused.lead, 2));
    assert_eq!(&*waits.why, "Paused by hand.");
    assert!(forecast.warnings.contains(&Warning::Waits { leads: 1 }));
    campaigns.pause(id).await.unwrap();
    world.run_for(1).await;
    let forecast = foresee().await.unwrap();
    assert_eq!(forecast.mails.len(), 0);
    assert_eq!(forecast.waiting.len(), 4, "{:?}", forecast.waiting);
    let mut words: Vec<_> = forecast.waiting.iter().map(|skip| &*skip.why).collect();
    words.sort_unstable();
    assert_eq!(words[0], "Paused by hand.");
    assert_eq!(words[3], "Waits: the campaign is paused.");
}

#[tokio::test]
async fn forecast_equals_fact_beside_mailboxes_that_share_a_budget_of_the_workspace() {
    let (mut world, _) = world(40).await;
    let all = world.leads.clone();
    let elsewhere = world.senders.split_off(1);
    let own = std::mem::replace(&mut world.senders, elsewhere);
    world.leads = all[20..].to_vec();
    let other = world.campaign_of(SEQUENCE, seven_a_day()).await;
    world.senders = own;
    let schedule = Schedule {
        limits: Limits {
            workspace: Some(9),
            ..Limits::default()
        },
        ..seven_a_day()
    };
    let id = draft(&world, SEQUENCE, schedule).await;
    let leads = all[..20].to_vec();
    let campaigns = world.engine.campaigns(world.workspace);
    let request = ForecastRequest::new(2).leads(leads);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    launch_and_compare(&world, id, &forecast).await;
    assert_eq!(forecast.mails.len(), 60, "{:?}", forecast.warnings);
    assert_eq!(happened(&world, other).await.len(), 60);
    let mailboxes: Vec<_> = forecast
        .mailboxes
        .iter()
        .map(|mailbox| mailbox.id)
        .collect();
    assert_eq!(mailboxes, world.senders, "its own alone are told");
}

#[tokio::test]
async fn forecast_equals_fact_beside_a_campaign_whose_rest_waits_for_its_first_sample() {
    let settings = EngineSettings {
        sync_seconds: 1_800,
        ..EngineSettings::default()
    };
    let mut world = World::paced(Arc::new(MemoryStore::new()), 80, settings).await;
    world.senders.push(world.mailbox);
    for number in 2..4 {
        let next = world.connect(number).await;
        world.senders.push(next);
    }
    let schedule = Schedule {
        daily_cap: 60,
        ..seven_a_day()
    };
    let ours = world.leads.drain(..20).collect();
    let other = world.campaign_of(SEQUENCE, schedule.clone()).await;
    let limits = Limits {
        hourly: Some(10),
        ..Limits::default()
    };
    let id = draft(&world, SEQUENCE, Schedule { limits, ..schedule }).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let request = ForecastRequest::new(2).leads(ours);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    launch_and_compare(&world, id, &forecast).await;
    assert_eq!(forecast.mails.len(), 60, "{:?}", forecast.warnings);
    assert!(
        happened(&world, other).await.len() > 60,
        "behind its sample"
    );
}

#[tokio::test]
async fn forecast_equals_fact_beside_a_campaign_on_other_mailboxes_that_writes_to_the_same_people()
{
    for begun in [false, true] {
        let (mut world, _) = world(24).await;
        let all = world.leads.clone();
        let elsewhere = world.senders.split_off(1);
        let own = std::mem::replace(&mut world.senders, elsewhere);
        world.leads.truncate(8);
        let other = world.campaign_of(SEQUENCE, seven_a_day()).await;
        if begun {
            world.run_for(30).await;
            assert!(!happened(&world, other).await.is_empty());
        }
        let shared = std::mem::replace(&mut world.leads, all);
        world.senders = own;
        let id = draft(&world, SEQUENCE, seven_a_day()).await;
        let forecast = forecast_equals_fact_of(&world, id, Rates::default(), 3).await;
        assert_eq!(forecast.mails.len(), 24 * 3, "{:?}", forecast.warnings);
        assert_eq!(forecast.waiting.len(), 0, "{:?}", forecast.waiting);
        if begun {
            assert_eq!(happened(&world, other).await.len(), shared.len() * 3);
        }
        let mailboxes = forecast.mailboxes.iter().map(|mailbox| mailbox.id);
        assert_eq!(
            mailboxes.collect::<Vec<_>>(),
            world.senders,
            "its own alone"
        );
    }
}
