//! Every decision about a lead is told in words that are true of it, with the rules that were asked.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jooper_core::{
    Clock, EnrollmentState, LeadId, MailboxState, ManualClock, NotSentReason, WaitReason,
};
use jooper_sequence::decide::Explanation;
use jooper_sequence::model::{Delay, Edit, Limits, Schedule, Sequence, StepBuilder};
use jooper_sequence::{EngineSettings, EnrollmentView};
use jooper_storage::tables::MAILBOX;
use jooper_storage::{Batch, Column, ColumnOp, Key, MemoryStore, Storage as _, Write};
use jooper_transport::{Outcome, UnknownCause};
use support::office::is_posting;
use support::{Mortal, World, at};

async fn explained(world: &World, lead: LeadId) -> EnrollmentView {
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.explain(lead).await.unwrap().remove(0)
}

fn told(view: &EnrollmentView) -> Vec<&str> {
    let past = view.decisions.iter();
    past.map(|(_, explanation)| &*explanation.summary).collect()
}

fn line<'a>(explanation: &'a Explanation, rule: &str) -> Vec<(&'a str, &'a str)> {
    let lines = explanation.lines.iter().filter(|line| line.rule == rule);
    lines.map(|line| (&*line.input, &*line.verdict)).collect()
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
    id = "looked"
    wait_for = { event = { clicked = "first" }, at_most = "1 days", otherwise = "last" }
    [[step]]
    id = "thanks"
    wait = "1 days"
    [[step.variant]]
    body = "You looked."
    [[step]]
    id = "call"
    task = { title = "Call" }
    [[step]]
    id = "last"
    wait = "1 days"
    [[step.variant]]
    body = "Last."
"#;

#[tokio::test]
async fn mails_on_another_way_are_told_and_the_end_does_not_say_that_they_went() {
    let world = World::on(Arc::new(MemoryStore::new()), 1).await;
    world.campaign_of(WAYS, Schedule::default()).await;
    world.run_for(24 * 14).await;
    let view = explained(&world, world.leads[0]).await;
    assert_eq!(view.enrollment.state, EnrollmentState::Finished);
    let told = told(&view);
    let way = told.iter().find(|text| text.contains("goes another way"));
    let way = way.unwrap_or_else(|| panic!("{told:?}"));
    assert!(way.contains("did not happen in time"), "{way}");
    assert!(way.contains("mail 2"), "{way}");
    let last = told.last().unwrap();
    assert!(last.starts_with("Mail 3 was sent."), "{told:?}");
    assert!(
        last.ends_with("The sequence is over: 2 mails were sent, 1 mail was skipped."),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_task_and_every_kind_of_pause_have_words_of_their_own() {
    let text = "name = \"A call\"\n[[step]]\ntask = { title = \"Call\" }\n[[step]]\n\
                [[step.variant]]\nsubject = \"Hello\"\nbody = \"First.\"";
    let world = World::on(Arc::new(MemoryStore::new()), 1).await;
    world.campaign_of(text, Schedule::default()).await;
    world.run_for(24).await;
    let view = explained(&world, world.leads[0]).await;
    assert_eq!(view.enrollment.wait, Some(WaitReason::ManualTask));
    assert_eq!(told(&view), ["Waits for a task."]);
    let campaigns = world.engine.campaigns(world.workspace);
    let ask = campaigns.pause_enrollment(view.enrollment.id);
    ask.await.unwrap();
    world.run_for(1).await;
    let view = explained(&world, world.leads[0]).await;
    assert_eq!(told(&view).last(), Some(&"Paused by hand."));
}

#[tokio::test]
async fn two_decisions_of_one_instant_are_both_told() {
    let world = World::on(Arc::new(MemoryStore::new()), 1).await;
    let sequence = support::SEQUENCE;
    world.campaign_of(sequence, Schedule::default()).await;
    world.run_for(24).await;
    let view = explained(&world, world.leads[0]).await;
    let (known, id) = (view.decisions.len(), view.enrollment.id);
    let now = world.clock.now();
    let by = jooper_core::UserId::from_uuid(uuid::Uuid::from_u128(1));
    let twice = ["Paused by hand.", "It goes on."].repeat(4);
    // Then another process, which knows of no other, at the same instant.
    let next = world.restarted(world.store.clone(), EngineSettings::default());
    for (process, known) in [(&world, known), (&next, known + twice.len())] {
        let campaigns = process.engine.campaigns(process.workspace);
        for _ in 0..4 {
            campaigns.pause_enrollment(id).await.unwrap();
            campaigns.resume_enrollment(id, by).await.unwrap();
        }
        // The lane hears of all at once, and in their order.
        let runner = jooper_sequence::Runner::new(process.engine.clone());
        while runner.turn().await.unwrap() > 0 {}
        let view = explained(&world, world.leads[0]).await;
        assert_eq!(told(&view)[known..], twice);
    }
    assert_eq!(world.clock.now(), now);
}

fn five_a_day_two_an_hour() -> Schedule {
    Schedule {
        daily_cap: 5,
        limits: Limits {
            hourly: Some(2),
            ..Limits::default()
        },
        ..Schedule::default()
    }
}

#[tokio::test]
async fn budgets_and_the_pause_between_mails_stand_in_the_trace() {
    let world = World::on(Arc::new(MemoryStore::new()), 3).await;
    world.campaign_of(WAYS, five_a_day_two_an_hour()).await;
    world.run_for(24).await;
    let mut hours = Vec::new();
    for lead in &world.leads {
        let view = explained(&world, *lead).await;
        let sent = view.decisions.iter().map(|(_, explanation)| explanation);
        let mut sent = sent.filter(|explanation| explanation.summary == "Mail 1 was sent.");
        let sent = sent.next_back().unwrap();
        let budgets = line(sent, "budget");
        assert_eq!(budgets.len(), 3, "a day, 24 hours, an hour: {budgets:?}");
        assert!(budgets.iter().all(|(_, verdict)| *verdict == "goes on"));
        hours.push(budgets[2].0.to_owned());
        assert_eq!(line(sent, "gap").len(), 1, "{sent:?}");
    }
    hours.sort();
    let hour = "mails in an hour from this mailbox used, as the campaign \u{201c}Test\u{201d} says";
    assert_eq!(hours[0], format!("0 of 2 {hour}"));
    assert_eq!(hours[2], format!("1 of 2 {hour}"));
}

/// That something is told of mail 1 that begins like this, with whatever led to it.
fn is_told_with_why(view: &EnrollmentView, says: &str) {
    let mut past = view.decisions.iter().map(|(_, told)| told);
    let found = past.find(|told| told.summary.starts_with(says));
    let found = found.unwrap_or_else(|| panic!("{says}: {:?}", told(view)));
    assert_eq!(found.step, Some(1));
    assert_eq!(line(found, "budget").len(), 3, "{found:?}");
    assert_eq!(line(found, "gap").len(), 1, "{found:?}");
    for gate in ["your do-not-mail list", "the reason you may write"] {
        assert_eq!(line(found, gate).len(), 1, "{found:?}");
    }
}

#[tokio::test]
async fn what_led_to_a_mail_is_told_whatever_became_of_it() {
    let refused = |reason| Outcome::NotSent {
        reason,
        retry_at: None,
    };
    for (outcome, says) in [
        (
            Outcome::Unknown(UnknownCause::Timeout),
            "The provider gave no answer for mail 1.",
        ),
        (
            refused(NotSentReason::TooLarge),
            "Mail 1 was not sent: too large.",
        ),
        (
            refused(NotSentReason::Unreachable),
            "Mail 1 was not sent: unreachable.",
        ),
    ] {
        let world = World::on(Arc::new(MemoryStore::new()), 1).await;
        world.transport.script(outcome);
        world
            .campaign_of(support::SEQUENCE, five_a_day_two_an_hour())
            .await;
        world.run_for(24).await;
        is_told_with_why(&explained(&world, world.leads[0]).await, says);
    }
}

#[tokio::test]
async fn what_led_to_a_mail_is_told_where_its_process_died() {
    let leases = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let process = Mortal::new(Arc::new(MemoryStore::with_clock(leases.clone())));
    let world = World::on(process.clone(), 1).await;
    world
        .campaign_of(support::SEQUENCE, five_a_day_two_an_hour())
        .await;
    process.die_with(is_posting);
    let runner = jooper_sequence::Runner::new(world.engine.clone());
    while !process.is_dead() {
        while runner.turn().await.is_ok_and(|lanes| lanes > 0) {}
        world.clock.advance_millis(600_000);
    }
    process.revive();
    let handed = "Mail 1 was handed over to the provider.";
    is_told_with_why(&explained(&world, world.leads[0]).await, handed);
    leases.advance_millis(120_000);
    world.run_for(1).await;
    let view = explained(&world, world.leads[0]).await;
    is_told_with_why(&view, handed);
    let last = *told(&view).last().unwrap();
    assert!(last.starts_with("The provider gave no answer"), "{last}");
}

/// What is told of somebody who is due, and waits, soon behind so many mails.
async fn next_behind(world: &World, mails: usize) -> Explanation {
    let runner = jooper_sequence::Runner::new(world.engine.clone());
    while world.transport.accepted().len() < mails {
        world.clock.advance_millis(60_000);
        while runner.turn().await.unwrap() > 0 {}
    }
    // Late enough that the next is due, early enough that the hour is not over.
    for _ in 0..30 {
        for lead in &world.leads {
            let view = explained(world, *lead).await;
            if view.enrollment.sent == 0 && view.enrollment.due_at <= Some(world.clock.now()) {
                return view.next.unwrap();
            }
        }
        world.clock.advance_millis(60_000);
        while runner.turn().await.unwrap() > 0 {}
    }
    panic!("nobody is due");
}

#[tokio::test]
async fn budgets_that_mailboxes_share_are_told_with_whose_they_are() {
    let world = World::on(Arc::new(MemoryStore::new()), 4).await;
    let schedule = Schedule {
        limits: Limits {
            workspace: Some(1),
            sender_domain: Some(3),
            recipient_domain: Some(2),
            ..Limits::default()
        },
        ..Schedule::default()
    };
    world.campaign_of(support::SEQUENCE, schedule).await;
    let next = next_behind(&world, 1).await;
    let says = "as the campaign \u{201c}Test\u{201d} says";
    let shared = |all: &Explanation| -> Vec<String> {
        let lines = line(all, "budget").into_iter();
        let shared = lines.filter(|(input, _)| !input.contains("this mailbox"));
        shared.map(|(input, _)| input.to_owned()).collect()
    };
    let of = |used: [u32; 3]| {
        let [all, from, to] = used;
        let span = "mails in 24 hours";
        [
            format!("{all} of 1 {span} from all mailboxes together used, {says}"),
            format!("{from} of 3 {span} from the mailboxes of its domain used, {says}"),
            format!("{to} of 2 {span} to the domain of the recipient used, {says}"),
        ]
    };
    assert_eq!(shared(&next), of([1, 1, 0]));
    assert!(
        next.summary
            .contains("1 of 1 mails in 24 hours have gone from all mailboxes together, as"),
        "{}",
        next.summary
    );
    for lead in &world.leads {
        let view = explained(&world, *lead).await;
        let past = view.decisions.iter().map(|(_, explanation)| explanation);
        if let Some(sent) = past
            .into_iter()
            .find(|one| one.summary.contains("was sent"))
        {
            assert_eq!(shared(sent), of([0, 0, 0]));
            return;
        }
    }
    panic!("nobody was told that a mail went");
}

#[tokio::test]
async fn what_comes_next_is_told_with_the_budgets_as_they_are_used_now() {
    let world = World::on(Arc::new(MemoryStore::new()), 3).await;
    let schedule = five_a_day_two_an_hour();
    world.campaign_of(support::SEQUENCE, schedule).await;
    let next = next_behind(&world, 2).await;
    let budgets = line(&next, "budget");
    let [day, span, hour] = budgets[..] else {
        panic!("a day, 24 hours, an hour: {budgets:?}")
    };
    let whose = "from this mailbox used, as the campaign \u{201c}Test\u{201d} says";
    assert_eq!(day.0, format!("2 of 5 mails in a day {whose}"));
    assert_eq!(span.0, format!("2 of 5 mails in 24 hours {whose}"));
    assert_eq!([day.1, span.1], ["goes on"; 2]);
    assert_eq!(hour.0, format!("2 of 2 mails in an hour {whose}"));
    assert!(hour.1.starts_with("used up until 2026-11-23T"), "{hour:?}");
    let until = hour.1.trim_start_matches("used up until ");
    assert!(
        next.summary.contains(until),
        "it goes when the hour is over, {until}: {}",
        next.summary
    );
}

#[tokio::test]
async fn mails_are_counted_by_their_places_when_an_edit_has_put_one_in_between() {
    let world = World::new(1).await;
    let sequence = support::SEQUENCE;
    let campaign = world.campaign_of(sequence, Schedule::default()).await;
    world.run_for(24).await;
    let later = |id: &str, body: &str| StepBuilder::follow_up(body).id(id).wait(Delay::days(3));
    let new = Sequence::builder("Four mails")
        .step(StepBuilder::mail("Hello {{ first_name }}", "First.").id("1"))
        .step(later("new", "A new one."))
        .step(later("2", "Second."))
        .step(later("3", "Third."))
        .build()
        .unwrap();
    let campaigns = world.engine.campaigns(world.workspace);
    let edited = campaigns.edit(campaign, &new, &Edit::move_all()).await;
    edited.unwrap();
    world.run_for(1).await;
    let view = explained(&world, world.leads[0]).await;
    let next = view.next.unwrap();
    assert!(next.summary.starts_with("Mail 2 goes at"), "{next:?}");
    assert_eq!(next.step, Some(2), "the ledger calls it 3");
    assert!(view.enrollment.step.0 > 1, "{:?}", view.enrollment);
    world.run_for(24 * 30).await;
    let view = explained(&world, world.leads[0]).await;
    let told = told(&view);
    let sent: Vec<_> = told
        .iter()
        .filter(|text| text.contains("was sent"))
        .collect();
    for (at, text) in (1..).zip(&sent) {
        assert!(
            text.starts_with(&format!("Mail {at} was sent.")),
            "{told:?}"
        );
    }
    assert_eq!(sent.len(), 4, "{told:?}");
}

#[tokio::test]
async fn behind_a_sample_one_lead_of_a_pass_asks_and_the_others_keep_their_places() {
    let world = World::on(Arc::new(MemoryStore::new()), 62).await;
    let schedule = Schedule {
        gap_seconds_min: 0,
        gap_seconds_max: 0,
        daily_cap: 1_000,
        ..Schedule::default()
    };
    let text = "name = \"One\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"One.\"";
    world.campaign_of(text, schedule).await;
    let runner = jooper_sequence::Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
    let sent = world.transport.accepted().len();
    assert!(
        (40..60).contains(&sent),
        "{sent}: nobody has cleared the sample"
    );
    let mut asked = 0;
    for lead in &world.leads {
        let view = explained(&world, *lead).await;
        asked += usize::from(told(&view).iter().any(|text| text.contains("waits")));
    }
    assert_eq!(asked, 1, "of {}", 62 - sent);
}

const KINDS: &str = r#"
    name = "Every kind"
    [[step]]
    id = "first"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    id = "looked"
    wait_for = { event = { clicked = "first" }, at_most = "20 days", otherwise = "second" }
    [[step]]
    id = "second"
    wait = "1 days"
    [[step.variant]]
    body = "Second."
    [[step]]
    id = "call"
    wait = "1 days"
    task = { title = "Call" }
"#;

#[tokio::test]
async fn what_comes_next_and_what_was_skipped_are_named_by_what_they_are() {
    let world = World::on(Arc::new(MemoryStore::new()), 1).await;
    world.campaign_of(KINDS, Schedule::default()).await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24).await;
    let mut skipped = Vec::new();
    let mut ahead = Vec::new();
    for _ in 0..3 {
        let view = explained(&world, world.leads[0]).await;
        ahead.push(view.next.unwrap());
        campaigns.skip(view.enrollment.id).await.unwrap();
        world.run_for(1).await;
        let view = explained(&world, world.leads[0]).await;
        let told = told(&view).into_iter();
        let mut told = told.filter(|text| text.contains("by hand"));
        skipped.push(told.next_back().unwrap().to_owned());
    }
    assert!(
        ahead[0].summary.starts_with("Mail 2 follows at "),
        "{ahead:?}"
    );
    let soon = "Mail 2 would not go at ";
    assert!(ahead[1].summary.starts_with(soon), "{ahead:?}");
    let task = "A person is asked to do a task at ";
    assert!(ahead[2].summary.starts_with(task), "{ahead:?}");
    assert_eq!(ahead[2].step, None, "no mail comes behind the last one");
    assert_eq!(skipped[0], "The wait was skipped by hand.");
    assert_eq!(skipped[1], "Mail 2 was skipped by hand.");
    assert_eq!(
        skipped[2],
        "The task was skipped by hand. The sequence is over: 1 mail was sent, 1 mail was skipped."
    );
    let view = explained(&world, world.leads[0]).await;
    assert_eq!((view.place, view.next), (None, None), "it has ended");
}

#[tokio::test]
async fn where_an_exit_holds_already_no_mail_is_told_to_come() {
    let text = format!(
        "{}\n[[exit]]\nname = \"Too late\"\n\
         when = {{ elapsed = {{ since = \"enrolled\", at_least = \"2 days\" }} }}\n",
        support::SEQUENCE
    );
    let world = World::on(Arc::new(MemoryStore::new()), 1).await;
    world.campaign_of(&text, Schedule::default()).await;
    world.run_for(24).await;
    let next = explained(&world, world.leads[0]).await.next.unwrap();
    assert!(next.summary.starts_with("As things stand it ends at "));
    assert!(next.summary.contains("An exit rule of the sequence holds"));
}

async fn set_account(world: &World, state: MailboxState) {
    let key = Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
    let patch = Write::Patch(key, vec![("state", ColumnOp::Set(state.to_value()))]);
    let batch = Batch::new(world.workspace).write(patch);
    world.store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn no_mail_is_promised_from_a_mailbox_that_sends_none() {
    let world = World::on(Arc::new(MemoryStore::new()), 1).await;
    world
        .campaign_of(support::SEQUENCE, Schedule::default())
        .await;
    world.run_for(24).await;
    let next = async || explained(&world, world.leads[0]).await.next.unwrap();
    assert!(next().await.summary.starts_with("Mail 2 goes at "));
    for (state, says) in [
        (MailboxState::SendOnly, "may send but not read"),
        (MailboxState::NeedsReauth, "cannot send until its owner"),
        (
            MailboxState::Contested,
            "a second copy of this installation",
        ),
    ] {
        set_account(&world, state).await;
        let next = next().await;
        assert!(next.summary.starts_with("Mail 2 waits"), "{next:?}");
        assert!(next.summary.contains(says), "{next:?}");
        assert_eq!(line(&next, "mailbox").len(), 1, "{next:?}");
    }
    set_account(&world, MailboxState::Connected).await;
    world.engine.hold_until_rebuilt(2).await.unwrap();
    let next = next().await;
    assert!(next.summary.starts_with("Mail 2 waits"), "{next:?}");
    assert!(next.summary.contains("restored from a backup"), "{next:?}");
}

#[tokio::test]
async fn the_end_counts_what_went_what_was_passed_over_and_what_was_given_up() {
    let world = World::new(1).await;
    let campaign = world
        .campaign_of(support::SEQUENCE, Schedule::default())
        .await;
    let campaigns = world.engine.campaigns(world.workspace);
    world.run_for(24 * 4).await;
    assert_eq!(world.transport.accepted().len(), 2);
    // What has gone is taken out, and something comes in that they are past.
    let later = |id: &str, body: &str| StepBuilder::follow_up(body).id(id).wait(Delay::days(3));
    let new = Sequence::builder("Other mails")
        .step(StepBuilder::mail("Hello {{ first_name }}", "First.").id("1"))
        .step(later("new", "A new one."))
        .step(later("3", "Third."))
        .build()
        .unwrap();
    let edited = campaigns.edit(campaign, &new, &Edit::move_all()).await;
    edited.unwrap();
    world.run_for(24 * 21).await;
    let view = explained(&world, world.leads[0]).await;
    let last = told(&view).pop().unwrap();
    assert!(
        last.ends_with("The sequence is over: 3 mails were sent, 1 mail was skipped."),
        "{last}"
    );
}
