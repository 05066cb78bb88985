//! A campaign's settings change while it runs: windows, caps, absences, mailboxes.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jiff::civil::{Time, date, time};
use jiff::tz::TimeZone;
use jooper_consent::Note;
use jooper_core::{
    CampaignId, EnrollmentState, FinishReason, LeadId, MailboxId, MailboxState, SendState, UserId,
    WaitReason,
};
use jooper_sequence::model::{
    Absence, Edit, InvalidCampaign, Limits, Schedule, Sequence, SettingsEdit, Window,
};
use jooper_sequence::{Campaigns, EngineError, EngineSettings, Runner};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE_COMMAND, LaneCommandRow, MAILBOX, SCOPE_STOP, SEND,
    SEQUENCE as SEQUENCES, SendRow,
};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, LogCursor, MemoryStore, Scan, Storage, StorageExt, TableDef,
    Write,
};
use support::{LeaseOf, Mortal, Passing, Process, SEQUENCE, World, at};
use uuid::Uuid;

const DAY: i64 = 24;

fn by() -> UserId {
    UserId::from_uuid(Uuid::from_u128(9))
}

fn campaigns(world: &World) -> Campaigns {
    world.engine.campaigns(world.workspace)
}

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn enrollment_of(world: &World, lead: LeadId) -> EnrollmentRow {
    let rows = enrollments(world).await;
    rows.into_iter().find(|row| row.lead == lead).unwrap()
}

/// Which mailbox each mail to a lead went from.
async fn senders_to(world: &World, lead: LeadId) -> Vec<MailboxId> {
    let scan = Scan::table(&SEND);
    let rows = world.store.collect::<SendRow>(world.workspace, scan).await;
    let rows = rows.unwrap().into_iter().map(|row| row.record);
    let theirs = rows.filter(|row| row.lead == Some(lead) && row.state == SendState::Sent);
    theirs.map(|row| row.mailbox).collect()
}

fn every_working_day(from: Time, to: Time) -> Vec<Window> {
    let window = |weekday| Window { weekday, from, to };
    (1..=5).map(window).collect()
}

async fn change(world: &World, id: CampaignId, edit: SettingsEdit) {
    campaigns(world).change(id, &edit, by()).await.unwrap();
}

async fn told(world: &World, lead: LeadId) -> Vec<String> {
    let view = campaigns(world).explain(lead).await.unwrap().remove(0);
    let decisions = view.decisions.into_iter();
    decisions.map(|(_, why)| why.summary).collect()
}

#[tokio::test]
async fn a_narrower_window_moves_the_next_mail_and_says_so() {
    let world = World::new(1).await;
    let id = world.campaign_of(SEQUENCE, Schedule::default()).await;
    world.run_for(DAY).await;
    let lead = world.leads[0];
    let planned = enrollment_of(&world, lead).await.due_at.unwrap();
    let (three, four) = (time(15, 0, 0, 0), time(16, 0, 0, 0));
    assert!(
        planned.to_zoned_datetime(TimeZone::UTC).time() < three,
        "{planned}"
    );
    let edit = SettingsEdit::new().windows(every_working_day(three, four));
    let preview = campaigns(&world).preview_change(id, &edit).await.unwrap();
    assert_eq!((preview.changed, preview.replanned), (vec!["windows"], 1));
    change(&world, id, edit).await;
    world.run_for(1).await;
    let due = enrollment_of(&world, lead).await.due_at.unwrap();
    let moved = due.to_zoned_datetime(TimeZone::UTC);
    assert_eq!(
        moved.date(),
        planned.to_zoned_datetime(TimeZone::UTC).date()
    );
    assert!((three..four).contains(&moved.time()), "{moved}");
    let told = told(&world, lead).await;
    let last = told.last().unwrap();
    assert!(last.contains("settings were changed"), "{told:?}");
    world.run_for(3 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 2);
    let sent = enrollment_of(&world, lead).await.last_sent_at.unwrap();
    let sent = sent.to_zoned_datetime(TimeZone::UTC);
    assert!((three..four).contains(&sent.time()), "{sent}");
}

#[tokio::test]
async fn a_wider_window_brings_a_mail_forward_that_waited_for_the_old_one() {
    let world = World::new(1).await;
    // Friday alone: the first mail is planned for the end of the week.
    let friday = vec![Window {
        weekday: 5,
        from: time(9, 0, 0, 0),
        to: time(10, 0, 0, 0),
    }];
    let schedule = Schedule {
        windows: friday,
        ..Schedule::default()
    };
    let id = world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(2).await;
    assert_eq!(world.transport.accepted().len(), 0);
    let all_day = every_working_day(time(9, 0, 0, 0), time(17, 0, 0, 0));
    change(&world, id, SettingsEdit::new().windows(all_day)).await;
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 1, "on Monday");
}

#[tokio::test]
async fn a_change_is_in_the_audit_log_with_who_made_it() {
    let world = World::new(1).await;
    let id = world.campaign().await;
    change(&world, id, SettingsEdit::new().daily_cap(3)).await;
    change(&world, id, SettingsEdit::new().daily_cap(3)).await;
    let log = world.store.read_log(world.workspace, LogCursor::start());
    let records = log.await.unwrap().records;
    let payloads = records
        .iter()
        .filter_map(|record| record.entry.payload.as_deref());
    let notes: Vec<Note> = payloads.filter_map(Note::from_payload).collect();
    let expected = Note::Settings {
        campaign: id,
        by: by(),
        changed: vec!["daily_cap".to_owned()],
        added: Vec::new(),
        removed: Vec::new(),
    };
    let ours = notes
        .iter()
        .filter(|note| matches!(note, Note::Settings { .. }));
    assert_eq!(
        ours.collect::<Vec<_>>(),
        [&expected],
        "what changes nothing is no change"
    );
}

#[tokio::test]
async fn a_mailbox_that_is_added_takes_new_leads_while_conversations_stay_where_they_began() {
    let mut world = World::new(4).await;
    let first = world.mailbox;
    let id = world.campaign().await;
    world.run_for(DAY).await;
    let second = world.connect(2).await;
    change(&world, id, SettingsEdit::new().add_mailbox(second)).await;
    let mut added = Vec::new();
    for n in 4..14 {
        added.push(world.add_lead(n, true).await);
    }
    let report = campaigns(&world).activate(id, &added).await.unwrap();
    assert_eq!(report.enrolled, 10);
    world.run_for(20 * DAY).await;
    for lead in &world.leads[..4] {
        assert_eq!(senders_to(&world, *lead).await, [first; 3]);
    }
    let mut by_second = 0;
    for lead in added {
        let senders = senders_to(&world, lead).await;
        assert!(
            senders == [first; 3] || senders == [second; 3],
            "{senders:?}"
        );
        by_second += usize::from(senders[0] == second);
    }
    assert!((1..10).contains(&by_second), "{by_second} of ten");
}

/// Two mailboxes with six leads who have all got their first mail; the second one is taken out.
async fn with_a_mailbox_taken_out() -> (World, CampaignId, MailboxId) {
    let mut world = World::new(6).await;
    let second = world.connect(2).await;
    world.senders = vec![world.mailbox, second];
    let id = world.campaign().await;
    world.run_for(DAY).await;
    assert_eq!(world.transport.accepted().len(), 6);
    let edit = SettingsEdit::new().remove_mailbox(second);
    let preview = campaigns(&world).preview_change(id, &edit).await.unwrap();
    let all = enrollments(&world).await;
    let theirs = all.iter().filter(|row| row.mailbox == second).count();
    assert!((1..6).contains(&theirs), "{theirs}");
    assert_eq!((preview.waiting, preview.replanned), (theirs, 6 - theirs));
    change(&world, id, edit).await;
    (world, id, second)
}

#[tokio::test]
async fn the_leads_of_a_mailbox_that_is_taken_out_wait_until_it_is_added_again() {
    let (world, id, second) = with_a_mailbox_taken_out().await;
    world.run_for(10 * DAY).await;
    let mut waiting = Vec::new();
    for row in enrollments(&world).await {
        let senders = senders_to(&world, row.lead).await;
        if row.mailbox == second {
            assert_eq!(senders.len(), 1, "nothing more goes from it");
            assert_eq!(row.state, EnrollmentState::Parked);
            assert_eq!(row.wait, Some(WaitReason::MailboxRemoved));
            waiting.push(row);
        } else {
            assert!(senders.len() > 1, "the other one goes on");
        }
    }
    let lead = waiting[0].lead;
    let told = told(&world, lead).await;
    let last = told.last().unwrap();
    assert!(last.contains("was taken out of the campaign"), "{told:?}");
    // Resumed by hand it waits again: nobody may send for it.
    let office = campaigns(&world);
    let resumed = office.resume_enrollment(waiting[0].id, by()).await;
    resumed.unwrap();
    world.run_for(2).await;
    let row = enrollment_of(&world, lead).await;
    assert_eq!(row.wait, Some(WaitReason::MailboxRemoved));
    change(&world, id, SettingsEdit::new().add_mailbox(second)).await;
    world.run_for(20 * DAY).await;
    for row in enrollments(&world).await {
        assert_eq!(row.finish, Some(FinishReason::Completed));
        assert_eq!(senders_to(&world, row.lead).await, [row.mailbox; 3]);
    }
}

#[tokio::test]
async fn an_end_reaches_the_leads_of_a_mailbox_that_was_taken_out() {
    let (world, id, _) = with_a_mailbox_taken_out().await;
    world.run_for(1).await;
    campaigns(&world).end(id).await.unwrap();
    world.run_for(1).await;
    for row in enrollments(&world).await {
        assert_eq!(row.finish, Some(FinishReason::Stopped));
    }
    let edit = SettingsEdit::new().daily_cap(5);
    let refused = campaigns(&world).change(id, &edit, by()).await;
    assert!(matches!(refused, Err(EngineError::State(_))), "{refused:?}");
}

#[tokio::test]
async fn an_absence_that_is_noted_later_holds_what_was_planned_for_it() {
    let world = World::new(1).await;
    let id = world.campaign().await;
    world.run_for(DAY).await;
    let lead = world.leads[0];
    let planned = enrollment_of(&world, lead).await.due_at.unwrap();
    let thursday = date(2026, 11, 26);
    assert_eq!(planned.to_zoned_datetime(TimeZone::UTC).date(), thursday);
    let away = Absence {
        mailbox: Some(world.mailbox),
        from: thursday,
        to: date(2026, 12, 1),
    };
    change(&world, id, SettingsEdit::new().add_absence(away)).await;
    world.run_for(1).await;
    let due = enrollment_of(&world, lead).await.due_at.unwrap();
    let morning = at("2026-12-02T09:00:00Z")..at("2026-12-02T09:02:00Z");
    assert!(morning.contains(&due), "the first morning back: {due}");
    world.run_for(7 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 1);
    world.run_for(2 * DAY).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn a_lower_cap_holds_from_the_next_mail_on() {
    let world = World::new(8).await;
    let id = world.campaign().await;
    world.run_for(1).await;
    let begun = world.transport.accepted().len();
    assert!((2..8).contains(&begun), "{begun}");
    change(&world, id, SettingsEdit::new().daily_cap(begun as u32)).await;
    world.run_for(12).await;
    assert_eq!(world.transport.accepted().len(), begun);
}

#[tokio::test]
async fn a_change_that_leaves_nothing_to_send_is_refused_and_changes_nothing() {
    let world = World::new(1).await;
    let id = world.campaign().await;
    let before = campaigns(&world).get(id).await.unwrap().settings;
    let none = SettingsEdit::new().remove_mailbox(world.mailbox);
    let refused = campaigns(&world).change(id, &none, by()).await;
    let no_mailbox = EngineError::Campaign(InvalidCampaign::NoMailbox);
    assert_eq!(refused.unwrap_err().to_string(), no_mailbox.to_string());
    let nobody = MailboxId::from_uuid(Uuid::from_u128(404));
    let unknown = SettingsEdit::new().add_mailbox(nobody);
    let refused = campaigns(&world).change(id, &unknown, by()).await;
    assert!(matches!(refused, Err(EngineError::NotFound("mailbox"))));
    assert_eq!(campaigns(&world).get(id).await.unwrap().settings, before);
}

fn to_one_domain(most: u32) -> Limits {
    Limits {
        recipient_domain: Some(most),
        ..Limits::default()
    }
}

fn from_one_domain(most: u32) -> Limits {
    Limits {
        sender_domain: Some(most),
        ..Limits::default()
    }
}

/// Two people at one domain, under these limits; the first mail has gone.
async fn limited(limits: Limits) -> (World, CampaignId, LeadId) {
    let mut world = World::new(0).await;
    for (n, name) in ["ann", "bob"].into_iter().enumerate() {
        let email = format!("{name}@same.example");
        world.add_person(n, &email, name).await;
    }
    let schedule = Schedule {
        limits,
        ..Schedule::default()
    };
    let id = world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(2).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let rows = enrollments(&world).await;
    let waits = rows.iter().find(|row| row.sent == 0).unwrap().lead;
    (world, id, waits)
}

#[tokio::test]
async fn a_raised_budget_of_a_domain_wakes_whoever_waited_for_it() {
    let (world, id, waits) = limited(to_one_domain(1)).await;
    let due = enrollment_of(&world, waits).await.due_at.unwrap();
    assert!(due > at("2026-11-24T09:00:00Z"), "{due}");
    change(&world, id, SettingsEdit::new().limits(to_one_domain(2))).await;
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 2, "at once");
    let told = told(&world, waits).await;
    let budget = told.iter().any(|text| text.contains("to this domain"));
    assert!(budget, "{told:?}");
}

#[tokio::test]
async fn a_raised_budget_that_mailboxes_share_wakes_whoever_was_to_go_now() {
    let (world, id, waits) = limited(from_one_domain(1)).await;
    let enrollment = enrollment_of(&world, waits).await.id;
    campaigns(&world).send_now(enrollment).await.unwrap();
    world.run_for(1).await;
    let due = enrollment_of(&world, waits).await.due_at.unwrap();
    assert!(due > at("2026-11-24T09:00:00Z"), "{due}");
    let before = told(&world, waits).await;
    let last = before.last().unwrap();
    assert!(last.contains("from the mailboxes of this domain"), "{last}");
    // A change that does not help them: they wait on.
    let edit = SettingsEdit::new().daily_cap(9);
    change(&world, id, edit).await;
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 1);
    change(&world, id, SettingsEdit::new().limits(from_one_domain(2))).await;
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 2, "at once");
}

fn reads_whoever_is_active(scan: &Scan) -> bool {
    let active = Some(&EnrollmentState::Active.to_value());
    scan.table.name == ENROLLMENT.name && scan.limit == 200 && scan.prefix.get(1) == active
}

/// Whoever is active comes before whoever waits; and where a claim's time is over in between, its mailbox
/// may have come back before the next.
#[tokio::test]
async fn a_change_reaches_whoever_goes_on_while_it_is_carried_out() {
    let store = Mortal::new(Arc::new(MemoryStore::new()));
    let world = World::on(store.clone(), 2).await;
    let id = world.campaign().await;
    world.run_for(DAY).await;
    assert_eq!(world.transport.accepted().len(), 2);
    let key = Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
    let down = ("state", ColumnOp::Set(MailboxState::NeedsReauth.to_value()));
    let batch = Batch::new(world.workspace).write(Write::Patch(key, vec![down]));
    store.commit(batch).await.unwrap();
    world.run_for(1).await;
    for row in enrollments(&world).await {
        assert_eq!(row.wait, Some(WaitReason::MailboxDown));
    }
    let (three, four) = (time(15, 0, 0, 0), time(16, 0, 0, 0));
    let edit = SettingsEdit::new().windows(every_working_day(three, four));
    change(&world, id, edit).await;
    assert_eq!(world.connect(1).await, world.mailbox);
    store.slow_down(reads_whoever_is_active, world.lease.clone(), 25_000);
    world.run_for(1).await;
    for row in enrollments(&world).await {
        assert_eq!(row.state, EnrollmentState::Active);
        let due = row.due_at.unwrap().to_zoned_datetime(TimeZone::UTC);
        assert!((three..four).contains(&due.time()), "{due}");
    }
}

fn writes(batch: &Batch, table: &TableDef) -> bool {
    let of_table =
        |write: &Write| matches!(write, Write::Put(key, _) if key.table().name == table.name);
    batch.writes.iter().any(of_table)
}

/// A mailbox is added, and has somebody, while another process is about to write such a batch.
async fn added_meanwhile<T>(
    world: &mut World,
    before: fn(&Batch) -> bool,
    id: CampaignId,
    what: impl AsyncFnOnce(Campaigns) -> T,
) -> T {
    let way = Mortal::new(world.store.clone());
    let clock = world.clock.clone();
    let other = Process {
        store: way.clone(),
        clock: clock.clone(),
        lease: Arc::new(LeaseOf(clock.clone())),
        sleeper: Arc::new(Passing(clock)),
        transport: world.transport.clone(),
        inbox: world.inbox.clone(),
        settings: EngineSettings::default(),
        number: 9,
    };
    let asked = other.engine().campaigns(world.workspace);
    way.freeze_before(before);
    let meanwhile = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        let second = world.connect(2).await;
        change(world, id, SettingsEdit::new().add_mailbox(second)).await;
        let late: Vec<_> = (10..20).collect();
        let mut leads = Vec::new();
        for n in late {
            leads.push(world.add_lead(n, true).await);
        }
        let report = campaigns(world).activate(id, &leads).await;
        assert_eq!(report.unwrap().enrolled, 10);
        Runner::new(world.engine.clone()).turn().await.unwrap();
        let rows = enrollments(world).await;
        assert!(rows.iter().any(|row| row.mailbox == second), "another seed");
        way.thaw();
    };
    tokio::join!(what(asked), meanwhile).0
}

#[tokio::test]
async fn an_edit_reaches_a_mailbox_that_is_added_while_it_is_made() {
    let mut world = World::new(1).await;
    let id = world.campaign().await;
    let next = SEQUENCE.replace("Hello {{ first_name }}", "Good day {{ first_name }}");
    let next = Sequence::from_toml(&next).unwrap();
    let writes_it = |batch: &Batch| writes(batch, &SEQUENCES);
    let edit = async |asked: Campaigns| asked.edit(id, &next, &Edit::move_all()).await;
    let edited = added_meanwhile(&mut world, writes_it, id, edit).await;
    assert_eq!(edited.unwrap(), 2);
    world.run_for(1).await;
    for row in enrollments(&world).await {
        assert_eq!(row.sequence_version, 2, "{row:?}");
    }
}

#[tokio::test]
async fn an_end_reaches_a_mailbox_that_is_added_while_it_is_awaited() {
    let mut world = World::new(1).await;
    let id = world.campaign().await;
    let stops_it = |batch: &Batch| writes(batch, &SCOPE_STOP);
    let end = async |asked: Campaigns| asked.end(id).await;
    let ended = added_meanwhile(&mut world, stops_it, id, end).await;
    ended.unwrap();
    world.run_for(1).await;
    for row in enrollments(&world).await {
        assert_eq!(row.state, EnrollmentState::Finished, "{row:?}");
    }
    // Whoever is not sure that every lane heard of it says it again.
    let waiting = async || {
        let scan = Scan::table(&LANE_COMMAND);
        let rows = world.store.collect::<LaneCommandRow>(world.workspace, scan);
        rows.await.unwrap().len()
    };
    assert_eq!(waiting().await, 0);
    campaigns(&world).end(id).await.unwrap();
    assert_eq!(waiting().await, 2);
}
