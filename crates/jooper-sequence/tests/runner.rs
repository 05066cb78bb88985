//! Lanes from claim to release: what they write down, and what pauses, parks and ends them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::SignedDuration;
use jooper_consent::Note;
use jooper_core::{
    Clock, CompanyId, EnrollmentId, EnrollmentState, EventKind, FinishReason, ManualClock,
    NotSentReason, Origin, SendState, UserId, WaitReason,
};
use jooper_sequence::model::Schedule;
use jooper_sequence::{Campaigns, LaneCommand, Runner, mailboxes_ahead};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE_COMMAND, LEAD, LeadProfile, LeadRow, MESSAGE, SEND, SendRow,
};
use jooper_storage::{
    Batch, Column, LogCursor, LogEntry, MemoryStore, Record, Scan, StorageExt, Versioned, Write,
};
use jooper_transport::{Arrived, Outcome, UnknownCause};
use jooper_vault::Place;
use support::{Moment, Mortal, SEQUENCE, World, arrival, at};

async fn sends(world: &World) -> Vec<SendRow> {
    let rows = world
        .store
        .collect(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn log(world: &World) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    let mut cursor = LogCursor::start();
    loop {
        let page = world.store.read_log(world.workspace, cursor).await.unwrap();
        if page.records.is_empty() {
            return entries;
        }
        cursor.after = page.next;
        entries.extend(page.records.into_iter().map(|record| record.entry));
    }
}

#[tokio::test]
async fn facts_of_a_mail_carry_the_time_at_which_it_began() {
    let world = World::new(1).await;
    world
        .transport
        .script(Outcome::Unknown(UnknownCause::Timeout));
    world.campaign().await;
    world.run_for(24).await;
    let first = sends(&world).await.remove(0);
    let began = first.posting_at.unwrap();
    assert!(first.settled_at.unwrap() > began, "found later");
    let facts: Vec<_> = log(&world)
        .await
        .into_iter()
        .filter(|entry| matches!(entry.kind, EventKind::Sent | EventKind::SendUnknown))
        .collect();
    // By the store's clock as well, which stops go by.
    assert!(first.posted_at.is_some());
    let note = Note::Send {
        send_key: first.key,
        began: first.posted_at,
    };
    let told = |entry: &LogEntry| Note::from_payload(entry.payload.as_ref()?);
    assert!(
        facts
            .iter()
            .all(|entry| told(entry).as_ref() == Some(&note))
    );
    let told: Vec<_> = facts.iter().map(|entry| (entry.kind, entry.at)).collect();
    assert_eq!(
        told,
        [(EventKind::SendUnknown, began), (EventKind::Sent, began)]
    );
}

fn touches(batch: &Batch, table: &str) -> bool {
    batch
        .writes
        .iter()
        .any(|write| write.key().table().name == table)
}

fn in_state(batch: &Batch, state: SendState) -> bool {
    batch.writes.iter().any(|write| {
        matches!(write, Write::Put(key, values) if key.table().name == SEND.name
            && SendRow::from_values(values.clone()).is_ok_and(|row| row.state == state))
    })
}

/// A world whose store forgets leases when told to, and a process that can die.
async fn mortal(leads: usize) -> (World, Arc<Mortal>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let store = Mortal::new(Arc::new(MemoryStore::with_clock(clock.clone())));
    (World::on(store.clone(), leads).await, store, clock)
}

async fn turn(world: &World) {
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.is_ok_and(|lanes| lanes > 0) {}
}

/// Works, ten minutes after the other, until this is so.
async fn until(world: &World, so: impl Fn() -> bool) {
    for _ in 0..50 {
        turn(world).await;
        if so() {
            return;
        }
        world.clock.advance_millis(600_000);
    }
    panic!("it did not come about");
}

async fn until_mailed(world: &World, mails: usize) {
    until(world, || world.transport.accepted().len() == mails).await;
}

/// The first enrollment, and who does something with it.
async fn first(world: &World) -> (Campaigns, EnrollmentId) {
    let id = enrollments(world).await[0].id;
    (world.engine.campaigns(world.workspace), id)
}

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

fn arrives(world: &World, id: &str, from: &str) {
    let headers = vec![
        ("From".to_owned(), from.to_owned()),
        ("Subject".to_owned(), "About your mail".to_owned()),
        ("Message-ID".to_owned(), format!("<{id}@elsewhere.example>")),
    ];
    let head: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let arrived = Arrived {
        provider_id: id.to_owned(),
        thread: format!("thread of {id}"),
        at: world.clock.now(),
        outgoing: false,
        headers,
    };
    let raw = format!("{head}\r\nI would like to know more, please call me.\r\n");
    world
        .inbox
        .0
        .lock()
        .unwrap()
        .push((arrived, raw.into_bytes()));
}

#[tokio::test]
async fn a_pause_holds_when_evidence_settles_an_unknown_send() {
    let world = World::new(1).await;
    let lost = Outcome::Unknown(UnknownCause::Timeout);
    world.transport.script(lost);
    world.campaign().await;
    until_mailed(&world, 1).await;
    assert_eq!(sends(&world).await[0].state, SendState::Unknown);
    let (campaigns, id) = first(&world).await;
    campaigns.pause_enrollment(id).await.unwrap();
    turn(&world).await;
    assert_eq!(sends(&world).await[0].state, SendState::Sent, "found");
    world.run_for(24 * 14).await;
    let row = enrollments(&world).await.remove(0);
    assert_eq!(
        (row.state, row.wait),
        (EnrollmentState::Paused, Some(WaitReason::ByPerson))
    );
    assert_eq!(world.transport.accepted().len(), 1, "paused is paused");
    let by = UserId::from_uuid(uuid::Uuid::from_u128(1));
    campaigns.resume_enrollment(id, by).await.unwrap();
    world.run_for(24 * 14).await;
    assert_eq!(world.transport.accepted().len(), 3);
}

#[tokio::test]
async fn an_answer_in_a_thread_of_its_own_counts_while_the_first_mail_is_unknown() {
    let world = World::new(1).await;
    let lost = Outcome::Unknown(UnknownCause::Timeout);
    world.transport.script(lost);
    world.campaign().await;
    until_mailed(&world, 1).await;
    assert_eq!(sends(&world).await[0].state, SendState::Unknown);
    arrives(&world, "in1", "Jo <lead0@person0.example>");
    world.run_for(24 * 14).await;
    let row = enrollments(&world).await.remove(0);
    assert_eq!(row.finish, Some(FinishReason::Replied));
    assert_eq!(world.transport.accepted().len(), 1);
    assert_eq!(sends(&world).await[0].state, SendState::Sent, "found later");
}

#[tokio::test]
async fn a_day_that_was_seen_counts_after_a_crash_and_a_clock_set_back() {
    let (world, process, leases) = mortal(6).await;
    let schedule = Schedule {
        daily_cap: 2,
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    // Enrolled on Monday; then the clock is set to Tuesday, and the process dies with the first
    // mail of that day on its way.
    world.clock.advance_millis(24 * 3_600_000);
    process.die_with(|batch| in_state(batch, SendState::Posting));
    until(&world, || process.is_dead()).await;
    world.clock.advance_millis(-24 * 3_600_000);
    leases.advance_millis(120_000);
    process.revive();
    // The whole Monday again, and the Tuesday: two mails, not two and then two.
    world.run_for(12).await;
    assert!(world.transport.accepted().len() <= 1, "Tuesday was seen");
    world.run_for(24).await;
    assert!(world.transport.accepted().len() <= 2, "the cap of Tuesday");
    world.run_for(24).await;
    assert!(world.transport.accepted().len() > 2, "Wednesday");
}

#[tokio::test]
async fn a_step_is_skipped_once_whatever_dies_in_between() {
    let (world, process, leases) = mortal(1).await;
    world.campaign().await;
    until_mailed(&world, 1).await;
    let (campaigns, id) = first(&world).await;
    campaigns.skip(id).await.unwrap();
    process.die_with(|batch| in_state(batch, SendState::Skipped));
    turn(&world).await;
    assert!(process.is_dead());
    leases.advance_millis(120_000);
    process.revive();
    world.run_for(24 * 14).await;
    let states: Vec<_> = sends(&world).await.iter().map(|row| row.state).collect();
    let skipped = states.iter().filter(|state| **state == SendState::Skipped);
    assert_eq!(skipped.count(), 1, "{states:?}");
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn colleagues_are_told_in_the_batch_that_takes_the_answer_in() {
    let (world, process, leases) = mortal(2).await;
    let company = CompanyId::from_uuid(uuid::Uuid::from_u128(77));
    for lead in &world.leads {
        let key = vec![lead.to_value()];
        let found: Versioned<LeadRow> = world
            .store
            .find(world.workspace, key)
            .await
            .unwrap()
            .unwrap();
        let row = LeadRow {
            company: Some(company),
            ..found.record
        };
        let batch = Batch::new(world.workspace).update(&row, found.version);
        world.store.commit(batch).await.unwrap();
    }
    let sequence = format!("stop_company_on_reply = true\n{SEQUENCE}");
    world.campaign_of(&sequence, Schedule::default()).await;
    world.run_for(4).await;
    assert_eq!(world.transport.accepted().len(), 2);
    arrives(&world, "in1", "Jo <lead0@person0.example>");
    process.die_with(|batch| touches(batch, MESSAGE.name));
    world.clock.advance_millis(3_600_000);
    turn(&world).await;
    assert!(process.is_dead());
    leases.advance_millis(120_000);
    process.revive();
    world.run_for(24 * 14).await;
    let mut ends: Vec<_> = enrollments(&world)
        .await
        .iter()
        .map(|row| row.finish)
        .collect();
    ends.sort();
    assert_eq!(
        ends,
        [
            Some(FinishReason::Replied),
            Some(FinishReason::CompanyReplied)
        ]
    );
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn colleagues_are_left_alone_also_where_whoever_answered_is_elsewhere_by_then() {
    let (world, process, _) = mortal(2).await;
    let mut moved = Batch::new(world.workspace);
    for (number, lead) in world.leads.iter().enumerate() {
        let key = vec![lead.to_value()];
        let found: Option<Versioned<LeadRow>> =
            world.store.find(world.workspace, key).await.unwrap();
        let found = found.unwrap();
        let row = LeadRow {
            company: Some(CompanyId::from_uuid(uuid::Uuid::from_u128(77))),
            ..found.record.clone()
        };
        let batch = Batch::new(world.workspace).update(&row, found.version);
        world.store.commit(batch).await.unwrap();
        if number == 0 {
            moved = moved.put(&found.record);
        }
    }
    let sequence = format!("stop_company_on_reply = true\n{SEQUENCE}");
    world.campaign_of(&sequence, Schedule::default()).await;
    world.run_for(4).await;
    arrives(&world, "in1", "Jo <lead0@person0.example>");
    process.slip_in(
        Moment::Commit(|batch| touches(batch, MESSAGE.name) && touches(batch, LANE_COMMAND.name)),
        moved,
    );
    world.run_for(24).await;
    assert!(process.slipped());
    let rows = enrollments(&world).await;
    let colleague = rows.iter().find(|row| row.lead == world.leads[1]).unwrap();
    assert_eq!(colleague.finish, Some(FinishReason::CompanyReplied));
    // Those of earlier versions are read.
    let old = format!("{{\"company_replied\":\"{}\"}}", world.leads[0].uuid());
    let old: LaneCommand = serde_json::from_str(&old).unwrap();
    assert_eq!(old, LaneCommand::CompanyReplied(world.leads[0]));
}

#[tokio::test]
async fn a_mailbox_that_dies_parks_its_leads_until_it_is_connected_again() {
    let world = World::new(3).await;
    world.campaign().await;
    world.run_for(4).await;
    assert_eq!(world.transport.accepted().len(), 3);
    let reason = NotSentReason::Unauthorized;
    world.transport.script(Outcome::NotSent {
        reason,
        retry_at: None,
    });
    world.run_for(24 * 7).await;
    assert_eq!(world.transport.accepted().len(), 3, "nobody else sends");
    for row in enrollments(&world).await {
        assert_eq!(row.wait, Some(WaitReason::MailboxDown), "{row:?}");
        assert_eq!(row.state, EnrollmentState::Parked);
    }
    assert_eq!(world.connect(1).await, world.mailbox, "the same mailbox");
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 9);
}

#[tokio::test]
async fn nobody_is_followed_up_on_while_the_mailbox_cannot_be_read() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1);
    world.inbox.1.store(true, Ordering::SeqCst);
    world.run_for(24 * 7).await;
    assert_eq!(
        world.transport.accepted().len(),
        1,
        "they may have answered"
    );
    world.inbox.1.store(false, Ordering::SeqCst);
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn a_lead_that_cannot_be_read_waits_for_a_person_and_holds_up_nobody() {
    let world = World::new(3).await;
    let campaign = world.campaign().await;
    let lead = world.leads[0];
    let key = vec![lead.to_value()];
    let found: Versioned<LeadRow> = world
        .store
        .find(world.workspace, key.clone())
        .await
        .unwrap()
        .unwrap();
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let subject = vault.subject(lead).await.unwrap();
    let broken = LeadProfile {
        email: "no address".to_owned(),
        ..LeadProfile::default()
    };
    let place = Place::new(&LEAD, "profile", &key);
    let row = LeadRow {
        profile: subject.seal(&place, Origin::Customer, &broken).unwrap(),
        ..found.record
    };
    let batch = Batch::new(world.workspace).update(&row, found.version);
    world.store.commit(batch).await.unwrap();
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 6);
    let rows = enrollments(&world).await;
    let waits = rows.iter().find(|row| row.lead == lead).unwrap();
    assert_eq!(waits.campaign, campaign);
    assert_eq!(
        (waits.state, waits.wait),
        (EnrollmentState::Parked, Some(WaitReason::Unreadable))
    );
}

#[tokio::test]
async fn a_pause_of_a_mailbox_or_of_the_workspace_holds_until_somebody_ends_it() {
    let world = World::new(2).await;
    world.campaign().await;
    let by = UserId::from_uuid(uuid::Uuid::from_u128(1));
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.pause(world.mailbox).await.unwrap();
    world.run_for(7).await;
    assert!(world.transport.accepted().is_empty(), "the mailbox");
    world.engine.pause_workspace(world.workspace).await.unwrap();
    mailboxes.resume(world.mailbox, by).await.unwrap();
    world.run_for(24).await;
    assert!(world.transport.accepted().is_empty(), "the workspace");
    let engine = &world.engine;
    engine.resume_workspace(world.workspace, by).await.unwrap();
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 6);
}

/// For a minute the clock of the host is a year ahead, and every lane is worked.
#[tokio::test]
async fn a_mailbox_is_read_though_a_clock_that_was_ahead_saw_a_time_that_has_not_come() {
    let world = World::new(1).await;
    world.campaign().await;
    until_mailed(&world, 1).await;
    let runner = Runner::new(world.engine.clone());
    let work = async || while runner.turn().await.unwrap() > 0 {};
    work().await;
    let ahead = async || {
        let now = world.clock.now();
        mailboxes_ahead(&*world.store, world.workspace, now).await
    };
    assert!(ahead().await.unwrap().is_empty());
    let right = world.clock.now();
    world.clock.advance_millis(365 * 24 * 3_600_000);
    let seen = world.clock.now();
    work().await;
    world.clock.set(right + SignedDuration::from_mins(1));
    let thread = sends(&world).await[0].provider_thread.clone().unwrap();
    let raw = "From: Jo <lead0@person0.example>\r\nSubject: Re: Hello Jo0\r\n\
               Message-ID: <in1@person0.example>\r\n\r\nI would like to know more.\r\n";
    let reply = arrival("in1", &thread, world.clock.now(), false, raw);
    world.inbox.0.lock().unwrap().push(reply);
    let before = world.transport.accepted().len();
    for _ in 0..5 {
        work().await;
        world.clock.advance_millis(60_000);
    }
    let row = enrollments(&world).await.remove(0);
    assert_eq!(row.finish, Some(FinishReason::Replied), "it was read");
    assert_eq!(world.transport.accepted().len(), before);
    // What its limits count from is in sight.
    let ahead = ahead().await.unwrap();
    assert_eq!(ahead.get(&world.mailbox), Some(&seen));
}
