//! Two of an installation's processes at one thing at the same moment: the interleavings that once
//! went wrong, or that a check is there for.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jiff::SignedDuration;
use jiff::civil::time;
use jooper_consent::{Breakers, Ceilings};
use jooper_core::{
    CampaignId, CampaignState, Clock, CommandId, CompanyId, Dimensions, EnrollmentState, EventKind,
    FinishReason, LeadId, LeaseClock, MailboxId, SendState, SkipReason,
};
use jooper_sequence::model::{Edit, Schedule, Sequence, SettingsEdit, Window};
use jooper_sequence::{Engine, Runner};
use jooper_storage::tables::{
    CAMPAIGN, ENROLLMENT, EnrollmentRow, LANE, LANE_COMMAND, LaneCommandRow, LeadRow, MESSAGE,
    SEND, SendRow, WORKSPACE,
};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, LogEntry, Record, Scan, Storage, StorageExt, Versioned, Write,
};
use support::house::{House, by, finishes, turn, writes};
use support::{LeaseOf, Moment, Mortal, SEQUENCE, Side, arrival, at};
use uuid::Uuid;

const DAY: i64 = 24;

#[tokio::test]
async fn whoever_changes_a_campaign_while_it_is_finished_does_not_keep_it_from_that() {
    let house = House::new(1).await;
    let id = house.world.campaign().await;
    house.world.run_for(1).await;
    let (way, worker) = house.mortal(9);
    let row = house.enrollments().await.remove(0);
    house.campaigns().end_enrollment(row.id).await.unwrap();
    let key = Key::new(&CAMPAIGN, vec![id.to_value()]);
    let seen = ColumnOp::Set(Some(house.world.clock.now()).to_value());
    let touched = Write::Patch(key, vec![("activated_at", seen)]);
    let other = Batch::new(house.world.workspace).write(touched);
    way.slip_in(Moment::Commit(finishes), other);
    turn(&worker).await;
    assert!(way.slipped());
    assert_eq!(house.state(id).await, CampaignState::Finished);
}

#[tokio::test]
async fn what_was_said_later_counts_also_behind_somebody_whose_clock_is_ahead() {
    let house = House::new(1).await;
    house.world.campaign().await;
    let ahead = house.ahead(6, 9);
    let theirs = ahead.campaigns(house.world.workspace);
    turn(&house.world.engine).await;
    let id = house.enrollments().await.remove(0).id;
    theirs.pause_enrollment(id).await.unwrap();
    let ours = house.campaigns();
    ours.resume_enrollment(id, by()).await.unwrap();
    turn(&house.world.engine).await;
    let row = house.enrollments().await.remove(0);
    assert_eq!(row.state, EnrollmentState::Active);
    // And the other way round, several times: each is behind the one before.
    ours.resume_enrollment(id, by()).await.unwrap();
    theirs.pause_enrollment(id).await.unwrap();
    ours.resume_enrollment(id, by()).await.unwrap();
    ours.pause_enrollment(id).await.unwrap();
    turn(&house.world.engine).await;
    let row = house.enrollments().await.remove(0);
    assert_eq!(row.state, EnrollmentState::Paused);
}

/// The commands of the house's one lane, by their names in the order in which it takes them.
async fn commands(house: &House) -> Vec<LaneCommandRow> {
    let scan = Scan::table(&LANE_COMMAND);
    let rows = house.store.collect(house.world.workspace, scan).await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn leads_that_reach_a_campaign_behind_its_end_are_ended_with_it() {
    let house = House::new(2).await;
    let id = house.world.campaign().await;
    let enroll = commands(&house).await.remove(0);
    house.campaigns().end(id).await.unwrap();
    // As an earlier version wrote them, which did not look at what waits there: behind the end.
    let late = LaneCommandRow {
        id: CommandId::from_uuid(Uuid::max()),
        ..enroll.clone()
    };
    let batch = Batch::new(house.world.workspace).write(Write::Delete(enroll.key()));
    house.store.commit(batch.insert(&late)).await.unwrap();
    house.world.run_for(DAY).await;
    assert_eq!(house.accepted(), 0);
    let rows = house.enrollments().await;
    assert_eq!(rows.len(), 2);
    for row in rows {
        let ended = (EnrollmentState::Finished, Some(FinishReason::Stopped));
        assert_eq!((row.state, row.finish), ended);
    }
    let scan = Scan::table(&SEND);
    let sends = house.store.collect::<SendRow>(house.world.workspace, scan);
    let sends = sends.await.unwrap().into_iter().map(|row| row.record);
    let why = sends.map(|row| (row.state, row.skip)).collect::<Vec<_>>();
    assert_eq!(why, [(SendState::Skipped, Some(SkipReason::Stopped)); 6]);
}

fn looks_at_paused(scan: &Scan) -> bool {
    let state = EnrollmentState::Paused.to_value();
    scan.index == Some("by_campaign") && scan.prefix.get(1) == Some(&state)
}

#[tokio::test]
async fn whoever_goes_on_while_a_campaign_is_looked_through_is_seen() {
    let house = House::new(2).await;
    let id = house.world.campaign().await;
    turn(&house.world.engine).await;
    let rows = house.enrollments().await;
    let (ends, stays) = (&rows[0], &rows[1]);
    let campaigns = house.campaigns();
    campaigns.pause_enrollment(stays.id).await.unwrap();
    turn(&house.world.engine).await;
    let paused = house.enrollments().await;
    let paused = paused.into_iter().find(|row| row.id == stays.id).unwrap();
    assert_eq!(paused.state, EnrollmentState::Paused);
    campaigns.end_enrollment(ends.id).await.unwrap();
    // Those who are active were looked at; now somebody resumes the last one, on another lane.
    let resumed = EnrollmentRow {
        state: EnrollmentState::Active,
        wait: None,
        due_at: Some(at("2027-01-04T09:00:00Z")),
        ..paused
    };
    let (way, worker) = house.mortal(9);
    let other = Batch::new(house.world.workspace).put(&resumed);
    way.slip_in(Moment::Scan(looks_at_paused), other);
    turn(&worker).await;
    assert!(way.slipped());
    assert_eq!(house.state(id).await, CampaignState::Active);
}

const COMPANY_STOPS: &str = r#"
    name = "A company at a time"
    stop_company_on_reply = true
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
"#;

async fn at_one_company(house: &House, lead: LeadId) {
    let (key, ws) = (vec![lead.to_value()], house.world.workspace);
    let found: Option<Versioned<LeadRow>> = house.store.find(ws, key).await.unwrap();
    let found = found.unwrap();
    let row = LeadRow {
        company: Some(CompanyId::from_uuid(Uuid::from_u128(77))),
        ..found.record
    };
    let batch = Batch::new(ws).update(&row, found.version);
    house.store.commit(batch).await.unwrap();
}

/// Somebody has had their first mail and answers it, and colleagues of theirs wait to be enrolled on
/// another mailbox. Returns that one, behind the one with the answer.
async fn answered_while_colleagues_come() -> (House, [MailboxId; 2]) {
    let mut house = House::new(1).await;
    at_one_company(&house, house.world.leads[0]).await;
    let second = house.world.connect(2).await;
    house.world.senders = vec![house.world.mailbox, second];
    let id = house.world.campaign_of(COMPANY_STOPS, Schedule::default());
    let id = id.await;
    house.world.run_for(DAY).await;
    assert_eq!(house.accepted(), 1);
    let first = house.enrollments().await.remove(0).mailbox;
    let mut senders = house.world.senders.clone();
    senders.retain(|mailbox| *mailbox != first);
    let mut colleagues = Vec::new();
    for n in 1..7 {
        let lead = house.world.add_lead(n, true).await;
        at_one_company(&house, lead).await;
        colleagues.push(lead);
    }
    let scan = Scan::table(&SEND);
    let sent = house.store.collect::<SendRow>(house.world.workspace, scan);
    let thread = sent.await.unwrap().remove(0).record.provider_thread;
    let raw = "From: Jo <lead0@person0.example>\r\nSubject: Re: Hello\r\n\
               Message-ID: <in1@person0.example>\r\n\r\nYes, please call me.\r\n";
    let now = house.world.clock.now();
    let mail = arrival("in1", &thread.unwrap(), now, false, raw);
    house.world.inbox.0.lock().unwrap().push(mail);
    let report = house.campaigns().activate(id, &colleagues).await.unwrap();
    assert_eq!(report.enrolled, 6, "nobody has read the answer yet");
    (house, [first, senders[0]])
}

/// A worker works a lane; in the middle of it, another works the other.
async fn in_between(
    house: &House,
    (way, outer, of): (&Mortal, &Engine, MailboxId),
    (inner, other): (&Engine, MailboxId),
) {
    let mut lanes = house.claim().await;
    let (outers, inners) = (lanes.remove(&of).unwrap(), lanes.remove(&other).unwrap());
    let claimed_at = LeaseOf(house.time.clone()).now();
    let working = outer.work_lane(outers, claimed_at);
    let meanwhile = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        inner.work_lane(inners, claimed_at).await.unwrap();
        // Whoever is enrolled in this pass is due within it.
        house.world.clock.advance_millis(3_600_000);
        way.thaw();
    };
    let (worked, ()) = tokio::join!(working, meanwhile);
    worked.unwrap();
}

/// Who of the colleagues on this mailbox was left alone.
async fn ends_on(house: &House, mailbox: MailboxId) -> Vec<Option<FinishReason>> {
    let rows = house.enrollments().await.into_iter();
    let theirs = rows.filter(|row| row.mailbox == mailbox);
    theirs.map(|row| row.finish).collect()
}

fn enrolls(batch: &Batch) -> bool {
    writes(batch, &ENROLLMENT)
}

#[tokio::test]
async fn an_answer_that_is_read_while_a_colleague_is_enrolled_elsewhere_stops_them() {
    let (house, [answered, enrolling]) = answered_while_colleagues_come().await;
    let (way, worker) = house.mortal(9);
    way.freeze_before(enrolls);
    let other = house.process(house.store.clone(), 10);
    in_between(&house, (&way, &worker, enrolling), (&other, answered)).await;
    let ends = ends_on(&house, enrolling).await;
    assert!(!ends.is_empty(), "another seed: nobody is enrolled there");
    house.world.run_for(20 * DAY).await;
    assert_eq!(house.accepted(), 1, "nobody at the company is written to");
    for end in ends_on(&house, enrolling).await {
        assert_eq!(end, Some(FinishReason::CompanyReplied));
    }
}

fn takes_in(batch: &Batch) -> bool {
    writes(batch, &MESSAGE)
}

#[tokio::test]
async fn a_colleague_who_is_enrolled_elsewhere_while_an_answer_is_taken_in_is_stopped() {
    let (house, [answered, enrolling]) = answered_while_colleagues_come().await;
    let (way, worker) = house.mortal(9);
    // Whose enrollments are to be stopped was looked up before.
    way.freeze_before(takes_in);
    let other = house.process(house.store.clone(), 10);
    in_between(&house, (&way, &worker, answered), (&other, enrolling)).await;
    let before = house.accepted();
    let ends = ends_on(&house, enrolling).await;
    assert!(!ends.is_empty(), "another seed: nobody is enrolled there");
    house.world.run_for(20 * DAY).await;
    assert_eq!(house.accepted(), before, "nobody at the company any more");
    for end in ends_on(&house, enrolling).await {
        assert_eq!(end, Some(FinishReason::CompanyReplied));
    }
}

#[tokio::test]
async fn a_colleague_on_a_mailbox_that_is_added_while_an_answer_is_taken_in_is_stopped() {
    let (mut house, [answered, enrolling]) = answered_while_colleagues_come().await;
    let (way, worker) = house.mortal(9);
    // Which mailboxes the campaign has was looked up before.
    way.freeze_before(takes_in);
    let mut lanes = house.claim().await;
    let (outer, inner) = (lanes.remove(&answered).unwrap(), lanes.remove(&enrolling));
    let other = house.process(house.store.clone(), 10);
    let claimed_at = LeaseOf(house.time.clone()).now();
    other.work_lane(inner.unwrap(), claimed_at).await.unwrap();
    let meanwhile = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        let third = house.world.connect(3).await;
        let scan = Scan::table(&ENROLLMENT);
        let rows = house
            .store
            .collect::<EnrollmentRow>(house.world.workspace, scan);
        let id = rows.await.unwrap().remove(0).record.campaign;
        let edit = SettingsEdit::new().add_mailbox(third);
        house.campaigns().change(id, &edit, by()).await.unwrap();
        let mut late = Vec::new();
        for n in 7..16 {
            let lead = house.world.add_lead(n, true).await;
            at_one_company(&house, lead).await;
            late.push(lead);
        }
        let report = house.campaigns().activate(id, &late).await.unwrap();
        assert_eq!(report.enrolled, 9);
        let lane = house.claim().await.remove(&third).unwrap();
        other.work_lane(lane, claimed_at).await.unwrap();
        way.thaw();
        third
    };
    let (worked, third) = tokio::join!(worker.work_lane(outer, claimed_at), meanwhile);
    worked.unwrap();
    let before = house.accepted();
    assert!(!ends_on(&house, third).await.is_empty(), "another seed");
    house.world.run_for(20 * DAY).await;
    assert_eq!(house.accepted(), before, "nobody at the company any more");
    for end in ends_on(&house, third).await {
        assert_eq!(end, Some(FinishReason::CompanyReplied));
    }
}

fn window(weekday: i8) -> Vec<Window> {
    vec![Window {
        weekday,
        from: time(9, 0, 0, 0),
        to: time(17, 0, 0, 0),
    }]
}

#[tokio::test]
async fn a_mail_is_reserved_by_the_settings_as_they_are_or_not_at_all() {
    let house = House::new(1).await;
    let id = house.world.campaign().await;
    let (way, worker) = house.mortal(9);
    // It has read the campaign, and found somebody whose turn it is.
    way.freeze_reading(|key| key.table().name == SEND.name, Side::Behind);
    let (clock, campaigns) = (house.world.clock.clone(), house.campaigns());
    let working = async {
        for _ in 0..12 {
            turn(&worker).await;
            clock.advance_millis(600_000);
        }
    };
    let changing = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        let friday = SettingsEdit::new().windows(window(5));
        campaigns.change(id, &friday, by()).await.unwrap();
        way.thaw();
    };
    tokio::join!(working, changing);
    assert_eq!(house.accepted(), 0, "it is Monday");
    house.world.run_for(5 * DAY).await;
    assert_eq!(house.accepted(), 1);
}

/// A machine falls asleep between the choice of a mail and its permit, and nobody takes its lane.
#[tokio::test]
async fn a_worker_that_wakes_hours_after_it_chose_a_mail_looks_at_the_window_again() {
    let house = House::new(1).await;
    house.world.campaign().await;
    let (way, worker) = house.mortal(9);
    // It has chosen the mail, and is under way to its text.
    way.freeze_reading(|key| key.table().name == WORKSPACE.name, Side::Behind);
    let (clock, time) = (house.world.clock.clone(), house.time.clone());
    let working = async {
        for _ in 0..12 {
            turn(&worker).await;
            clock.advance_millis(600_000);
        }
    };
    let sleeping = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        clock.advance_millis(12 * 3_600_000);
        time.advance_millis(12 * 3_600_000);
        way.thaw();
    };
    tokio::join!(working, sleeping);
    assert_eq!(house.accepted(), 0, "it is night");
    house.world.run_for(2 * DAY).await;
    assert_eq!(house.accepted(), 1);
}

/// A page of a campaign's people, as a command about all of them reads it.
fn page_of_all(scan: &Scan) -> bool {
    let many = scan.table.name == ENROLLMENT.name && scan.limit > 1;
    many && scan.index != Some("by_due")
}

#[tokio::test]
async fn a_change_of_settings_that_takes_longer_than_a_claim_goes_on_where_it_was() {
    let mut house = House::new(0).await;
    house.world.add_leads(0..250).await;
    let friday = Schedule {
        windows: window(5),
        ..Schedule::default()
    };
    let id = house.world.campaign_of(SEQUENCE, friday).await;
    turn(&house.world.engine).await;
    let thursday = SettingsEdit::new().windows(window(4));
    let changed = house.campaigns().change(id, &thursday, by()).await;
    changed.unwrap();
    let (way, worker) = house.mortal(9);
    // A third of a lease and more for each page of two hundred.
    way.slow_down(page_of_all, house.time.clone(), 25_000);
    let friday = at("2026-11-27T00:00:00Z");
    let mut moved = Vec::new();
    for _ in 0..5 {
        Runner::new(worker.clone()).turn().await.unwrap();
        let rows = house.enrollments().await.into_iter();
        moved.push(rows.filter(|row| row.due_at < Some(friday)).count());
        house.world.clock.advance_millis(60_000);
    }
    assert_eq!(moved, [200, 250, 250, 250, 250]);
    let commands = Scan::table(&LANE_COMMAND);
    let left = house.store.scan(house.world.workspace.into(), commands);
    assert!(left.await.unwrap().rows.is_empty(), "it is through");
}

/// So many leads who wait for a Friday, and a worker to whom each page of them takes long.
async fn slow(leads: usize) -> (House, CampaignId, Engine) {
    let mut house = House::new(0).await;
    house.world.add_leads(0..leads).await;
    let friday = Schedule {
        windows: window(5),
        ..Schedule::default()
    };
    let id = house.world.campaign_of(SEQUENCE, friday).await;
    turn(&house.world.engine).await;
    let (way, worker) = house.mortal(9);
    way.slow_down(page_of_all, house.time.clone(), 25_000);
    (house, id, worker)
}

impl House {
    /// One claim, which is over before its lease is.
    async fn claims_once(&self, worker: &Engine) {
        let before = self.time.now();
        Runner::new(worker.clone()).turn().await.unwrap();
        let took = self.time.now().duration_since(before);
        assert!(
            took < SignedDuration::from_mins(1),
            "longer than a lease: {took}"
        );
        self.world.clock.advance_millis(60_000);
    }

    async fn is_through(&self) -> bool {
        let commands = Scan::table(&LANE_COMMAND);
        let left = self.store.scan(self.world.workspace.into(), commands);
        left.await.unwrap().rows.is_empty()
    }
}

#[tokio::test]
async fn the_end_of_a_campaign_that_takes_longer_than_a_claim_goes_on_where_it_was() {
    let (house, id, worker) = slow(250).await;
    house.campaigns().end(id).await.unwrap();
    let mut ended = Vec::new();
    for _ in 0..4 {
        house.claims_once(&worker).await;
        let rows = house.enrollments().await.into_iter();
        let stopped = rows.filter(|row| row.finish == Some(FinishReason::Stopped));
        ended.push(stopped.count());
    }
    assert_eq!(ended, [200, 250, 250, 250]);
    assert!(house.is_through().await);
}

fn every_command(scan: &Scan) -> bool {
    scan.table.name == LANE_COMMAND.name && scan.prefix.is_empty()
}

#[tokio::test]
async fn nobody_reads_every_command_to_know_that_a_campaign_goes_on() {
    let house = House::new(10).await;
    let friday = Schedule {
        windows: window(5),
        ..Schedule::default()
    };
    house.world.campaign_of(SEQUENCE, friday).await;
    let (way, worker) = house.mortal(9);
    way.slow_down(every_command, house.time.clone(), 25_000);
    let before = house.time.now();
    turn(&worker).await;
    assert_eq!(house.enrollments().await.len(), 10);
    assert_eq!(house.time.now(), before);
}

fn shorter() -> Sequence {
    let text = SEQUENCE.replace("4 working days", "5 working days");
    Sequence::from_toml(&text).unwrap()
}

#[tokio::test]
async fn an_edit_that_takes_longer_than_a_claim_meets_whoever_is_resumed_meanwhile() {
    let (house, id, worker) = slow(250).await;
    let paused = house.enrollments().await[0].id;
    house.campaigns().pause_enrollment(paused).await.unwrap();
    turn(&house.world.engine).await;
    let edit = Edit::move_all();
    house.campaigns().edit(id, &shorter(), &edit).await.unwrap();
    house.claims_once(&worker).await;
    let moved = async || {
        let rows = house.enrollments().await.into_iter();
        rows.filter(|row| row.sequence_version == 2).count()
    };
    assert_eq!(moved().await, 200);
    // From among those who are still to come to those who were passed.
    let campaigns = house.campaigns();
    let resumed = campaigns.resume_enrollment(paused, by());
    resumed.await.unwrap();
    for _ in 0..3 {
        house.claims_once(&worker).await;
    }
    assert_eq!(moved().await, 250);
    assert!(house.is_through().await);
}

const ONE: &str = r#"
    name = "One mail"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Hello."
"#;

fn lets_go(batch: &Batch) -> bool {
    writes(batch, &LANE)
}

#[tokio::test]
async fn how_a_new_mailbox_stands_is_asked_anew_when_a_claim_looks_once_more() {
    let house = House::new(80).await;
    let (world, store) = (&house.world, house.store.clone());
    world.begin_slowly().await;
    let schedule = Schedule {
        daily_cap: 1_000,
        gap_seconds_min: 0,
        gap_seconds_max: 0,
        ..Schedule::default()
    };
    let id = world.campaign_of(ONE, schedule).await;
    let (stops, clock) = (world.stops(), world.clock.clone());
    let breakers = Breakers::new(store.clone(), stops, clock, Ceilings::new());
    let cleared = breakers.clear_sample(world.workspace, id, by());
    cleared.await.unwrap();
    world.run_for(DAY).await;
    assert_eq!(house.accepted(), 20);
    // Before the window of the second day a command wakes the lane, which finds nothing due.
    world.clock.advance_millis(-600_000);
    let mut rows = house.enrollments().await.into_iter();
    let waits = rows.find(|row| row.sent == 0).unwrap();
    let paused = house.campaigns().pause_enrollment(waits.id).await;
    paused.unwrap();
    let (way, worker) = house.mortal(9);
    way.freeze_before(lets_go);
    let meanwhile = async {
        while !way.is_frozen() {
            tokio::task::yield_now().await;
        }
        let dimensions = Dimensions {
            mailbox: Some(world.mailbox),
            ..Dimensions::default()
        };
        let now = world.clock.now();
        let complaint = LogEntry::new(EventKind::Complained, now, &[b"one"], dimensions);
        let wake = vec![("wake_at", ColumnOp::Min(now.as_millisecond()))];
        let lane = Key::new(&LANE, vec![world.mailbox.to_value()]);
        let batch = Batch::new(world.workspace).append(complaint);
        let batch = batch.write(Write::Patch(lane, wake));
        store.commit(batch).await.unwrap();
        breakers.follow(world.workspace).await.unwrap();
        world.clock.advance_millis(1_200_000);
        way.thaw();
    };
    tokio::join!(turn(&worker), meanwhile);
    assert!(house.accepted() > 20, "the same claim goes on");
    world.run_for(10).await;
    assert_eq!(house.accepted(), 40, "as many as on the day before");
}
