//! The restore drill: an old backup is put back, and nothing of what happened since is forgotten.
//! The simulator's own ledger is the judge.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use std::collections::BTreeMap;
use std::path::Path;

use jooper::consent::StopScope;
use jooper::core::{
    Clock, EmailAddress, EnrollmentState, LeadId, MailboxId, MailboxState, RequestId, SendState,
    StepIndex, StopReason, StopSource, UserId, WaitReason,
};
use jooper::rights::ErasureRequest;
use jooper::sequence::TestMail;
use jooper::sequence::planner::Recent;
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    ENROLLMENT, EnrollmentRow, LaneRow, LeadRow, MAILBOX, MailboxRow, REBUILD, RebuildRow, SEND,
    SUPPRESSION, SendRow, SuppressionRow,
};
use jooper::storage::{Batch, Column, ContinuityError, Record, Scan, StorageExt, Versioned};
use jooper::vault::{Place, VaultError};
use jooper::{Jooper, RunError};
use jooper_testkit::google::Mix;
use uuid::Uuid;
use world::{Database, World, open, open_on};

const OWNER: &str = "ada@sender.example";

fn backup_file(world: &World) -> std::path::PathBuf {
    world.dir.path().join("backup")
}

async fn back_up(world: &World) {
    let (dir, to) = (world.dir.path(), backup_file(world));
    world.database.back_up(dir, &to).await;
}

/// The machine is lost and another one gets the data of the backup; keys and witness are newer.
async fn put_back(world: &mut World, elsewhere: &tempfile::TempDir) {
    let kept: &[&str] = match world.database {
        Database::Files => &["keys", "witness"],
        Database::Postgres(_) => &["keys"],
    };
    for kept in kept {
        copy(&world.dir.path().join(kept), &elsewhere.path().join(kept));
    }
    let (from, database) = (backup_file(world), &world.database);
    database.restore(&from, elsewhere.path()).await;
    world.jooper = open_on(database, elsewhere, &world.clock, &world.google).await;
}

fn elsewhere() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

async fn all<R: Record>(jooper: &Jooper, world: &World, scan: Scan) -> Vec<R> {
    let rows = jooper.storage().collect::<R>(world.workspace, scan).await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    all(&world.jooper, world, Scan::table(&ENROLLMENT)).await
}

fn waiting(rows: &[EnrollmentRow], reason: WaitReason) -> usize {
    rows.iter().filter(|row| row.wait == Some(reason)).count()
}

/// How many mails each person was given.
fn mails(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for send in world.google.ledger().accepted() {
        for delivery in &send.deliveries {
            *counts.entry(delivery.recipient.clone()).or_insert(0) += 1;
        }
    }
    counts
}

fn nothing_twice(world: &World) {
    for (reference, count) in world.google.ledger().sends_per_reference() {
        if reference.trim_start_matches('<').starts_with("jp.") {
            assert_eq!(count, 1, "{reference} was accepted twice");
        }
    }
}

async fn person(world: &World, lead: LeadId) -> EmailAddress {
    let key = vec![lead.to_value()];
    let storage = world.jooper.storage();
    let row = storage.find::<LeadRow>(world.workspace, key).await;
    let row = row.unwrap().unwrap().record;
    let vault = world.jooper.vault().workspace(world.workspace).await;
    let subject = vault.unwrap().subject(lead).await.unwrap();
    let profile = subject
        .open(&Place::of(&row.key(), "profile"), &row.profile)
        .unwrap();
    EmailAddress::parse(&profile.email).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_backup_forgets_no_stop_no_erasure_and_no_mail() {
    drill(Database::Files).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_of_postgresql_that_is_put_back_forgets_no_stop_no_erasure_and_no_mail() {
    drill(Database::postgres()).await;
}

/// A person says stop, and another one is erased.
async fn stop_and_erase(world: &World, stopped: LeadId, erased: LeadId) -> (String, String) {
    let name = person(world, erased).await.to_string();
    let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
    let stopped = stop_first(world, stopped, reason, source).await;
    erase(world, erased, 9).await;
    (stopped, name)
}

/// Returns their address.
async fn stop_first(world: &World, lead: LeadId, reason: StopReason, source: StopSource) -> String {
    let name = person(world, lead).await;
    let vault = world.jooper.vault().workspace(world.workspace);
    let vault = vault.await.unwrap();
    let scope = StopScope::Person {
        contact_index: vault.contact_index(&name),
        variants: vault.variant_indexes(&name),
        lead: Some(lead),
    };
    let stops = world.jooper.stops();
    let stop = stops.stop(world.workspace, scope, reason, source);
    stop.await.unwrap();
    name.to_string()
}

async fn erase(world: &World, lead: LeadId, request: u128) {
    let request = ErasureRequest {
        id: RequestId::from_uuid(Uuid::from_u128(request)),
        received_at: world.clock.now(),
    };
    let workspace = world.jooper.workspace(world.workspace);
    let rights = workspace.rights();
    let erasure = rights.erase_lead(world.workspace, lead, request);
    erasure.await.unwrap();
}

/// The copy knows neither their campaign nor that they were ever written to: their mailbox tells of the
/// mail, in whatever spelling it went to, and the list tells that they were erased.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_whoever_was_erased_since_the_backup_no_address_comes_back() {
    let mut world = World::on(Database::Files, &[OWNER], Mix::silent()).await;
    let leads = world.import(4, "people.example").await;
    back_up(&world).await;
    world.campaign(&leads).await;
    world.pass(10).await;
    assert_eq!(world.google.ledger().accepted().len(), 4, "the first step");
    let other = person(&world, leads[2]).await.to_string();
    // On their page they say stop before they ask to be erased, and others complain before.
    let reasons = [
        (StopReason::Unsubscribed, StopSource::Person),
        (StopReason::Complained, StopSource::Provider),
    ];
    let mut gone = Vec::new();
    for (n, (reason, source)) in reasons.into_iter().enumerate() {
        let lead = leads[[1, 3][n]];
        let said = stop_first(&world, lead, reason, source).await;
        erase(&world, lead, 9 + n as u128).await;
        gone.push(said);
    }
    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    world.jooper.remember().await.unwrap();
    world.work().await;
    let rebuilt = all::<SendRow>(&world.jooper, &world, Scan::table(&SEND)).await;
    assert_eq!(rebuilt.len(), 4, "read from SENT");
    let vault = world.jooper.vault().workspace(world.workspace);
    let vault = vault.await.unwrap();
    let index = |text: &str| vault.email_index(&EmailAddress::parse(text).unwrap());
    let kept = |theirs| rebuilt.iter().any(|row| row.email_index == Some(theirs));
    assert!(kept(index(&other)), "whoever said nothing is known still");
    for gone in gone {
        assert!(!kept(index(&gone)), "nothing is written down of them again");
    }
}

/// What a person paused or ended is known to the witness as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_paused_or_ended_since_the_backup_stays_so_after_it_is_put_back() {
    let mut world = World::on(Database::Files, &[OWNER], Mix::silent()).await;
    let leads = world.import(6, "people.example").await;
    world.campaign(&leads).await;
    world.pass(10).await;
    let by = UserId::from_uuid(Uuid::from_u128(1));
    let campaigns = |world: &World| world.jooper.workspace(world.workspace).campaigns();
    let way = async |world: &World, lead| {
        let views = campaigns(world).explain(lead).await.unwrap();
        views[0].enrollment.clone()
    };
    // Known to the backup as paused, and resumed behind it.
    let resumed = way(&world, leads[0]).await.id;
    campaigns(&world).pause_enrollment(resumed).await.unwrap();
    world.work().await;
    back_up(&world).await;
    let (paused, ended) = (
        way(&world, leads[1]).await.id,
        way(&world, leads[2]).await.id,
    );
    campaigns(&world)
        .resume_enrollment(resumed, by)
        .await
        .unwrap();
    campaigns(&world).pause_enrollment(paused).await.unwrap();
    campaigns(&world).end_enrollment(ended).await.unwrap();
    let scope = StopScope::Lead(leads[3]);
    let (reason, source) = (StopReason::Paused, StopSource::User);
    let stop = world
        .jooper
        .stops()
        .stop(world.workspace, scope, reason, source);
    stop.await.unwrap();
    world.work().await;

    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    world.pass(24 * 14).await;
    nothing_twice(&world);
    let mails = mails(&world);
    let counts: Vec<_> = (0..6)
        .map(|n| mails[&format!("person{n}@people.example")])
        .collect();
    assert_eq!(
        counts[1..],
        [1, 1, 1, 3, 3],
        "whoever was stopped, and the others"
    );
    assert_eq!(way(&world, leads[0]).await.wait, Some(WaitReason::ByPerson));
    // Whoever was paused in the copy is resumed there; the gate keeps nothing of them back.
    campaigns(&world)
        .resume_enrollment(resumed, by)
        .await
        .unwrap();
    world.pass(24 * 14).await;
    assert_eq!(self::mails(&world)["person0@people.example"], 3);
    // The backup had forgotten the resume: the log is told of it.
    let audit = world.jooper.audit_verify(world.workspace).await.unwrap();
    assert_eq!(audit.findings, []);
}

/// The backup knows that a test was asked for, and not that it went.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_mail_that_went_since_the_backup_does_not_go_again() {
    let mut world = World::on(Database::Files, &[OWNER], Mix::silent()).await;
    let leads = world.import(1, "people.example").await;
    let campaign = world.campaign(&leads).await;
    let mailbox = all::<MailboxRow>(&world.jooper, &world, Scan::table(&MAILBOX)).await;
    let test = TestMail {
        campaign,
        step: StepIndex(0),
        variant: 0,
        lead: leads[0],
        mailbox: mailbox[0].id,
        user: mailbox[0].owner,
    };
    let campaigns = world.jooper.workspace(world.workspace).campaigns();
    let asked = campaigns.test_mail(&test, Uuid::from_u128(77)).await;
    asked.unwrap();
    drop(campaigns);
    back_up(&world).await;
    world.pass(2).await;
    assert_eq!(mails(&world)[OWNER], 1);
    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    world.pass(24 * 3).await;
    assert_eq!(mails(&world)[OWNER], 1);
    nothing_twice(&world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_was_paused_since_the_backup_sends_nothing_until_it_is_resumed() {
    let mut world = World::on(Database::Files, &[OWNER], Mix::silent()).await;
    let leads = world.import(3, "people.example").await;
    let campaign = world.campaign(&leads).await;
    back_up(&world).await;
    let campaigns = |world: &World| world.jooper.workspace(world.workspace).campaigns();
    campaigns(&world).pause(campaign).await.unwrap();
    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    world.pass(24).await;
    assert_eq!(mails(&world), BTreeMap::new());
    let by = UserId::from_uuid(Uuid::from_u128(1));
    campaigns(&world).resume(campaign, by).await.unwrap();
    world.pass(24).await;
    assert_eq!(mails(&world).len(), 3);
}

/// As if nobody had declared a mailbox to be old.
async fn made_new(world: &World, mailbox: MailboxId) {
    let storage = world.jooper.storage();
    let key = vec![mailbox.to_value()];
    let lane = storage.find::<LaneRow>(world.workspace, key).await;
    let Versioned { record, version } = lane.unwrap().unwrap();
    let lane = LaneRow {
        recent: None,
        ..record
    };
    let batch = Batch::new(world.workspace).update(&lane, version);
    storage.commit(batch).await.unwrap();
}

async fn new_today(world: &World) -> Option<u32> {
    let mailboxes = world.jooper.workspace(world.workspace).mailboxes();
    mailboxes.new_today(world.mailboxes[0]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_was_declared_old_since_the_backup_is_not_new_after_it() {
    let mut world = World::on(Database::Files, &[OWNER], Mix::silent()).await;
    let mailbox = world.mailboxes[0];
    world.work().await;
    made_new(&world, mailbox).await;
    back_up(&world).await;
    assert_eq!(new_today(&world).await, Some(20));
    world.season(mailbox).await;
    world.work().await;
    assert_eq!(new_today(&world).await, None);
    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    world.pass(1).await;
    assert_eq!(new_today(&world).await, None);
    // And the data knows it from there on.
    world.pass(1).await;
    assert_eq!(new_today(&world).await, None);
}

/// A copy knows of fewer good days and adds none for what it reads back, which counts all the same,
/// also where the copy knows nothing of the campaign.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_mailbox_may_send_no_more_after_a_restore_than_before_it() {
    let mut world = World::unseasoned(&[OWNER]).await;
    world.work().await;
    back_up(&world).await;
    let leads = world.import(45, "people.example").await;
    world.campaign(&leads).await;
    world.pass(48).await;
    let (first, before) = (mails(&world).len(), new_today(&world).await);
    assert_eq!(
        (first, before),
        (44, Some(28)),
        "20 and 24, and 28 on the third day"
    );
    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    world.pass(1).await;
    // As if the day that it reads back were its first.
    assert_eq!(new_today(&world).await, Some(24));
    let storage = world.jooper.storage();
    let key = vec![world.mailboxes[0].to_value()];
    let lane = storage.find::<LaneRow>(world.workspace, key).await;
    let recent = lane.unwrap().unwrap().record.recent.unwrap_or_default();
    let counted = Recent::from_bytes(&recent).times().count();
    assert_eq!(counted, 24, "what went within a day");
    nothing_twice(&world);
}

/// Which part of the chain is the copy's, and what the witness brought back; nobody is accused.
async fn the_chain_tells_of_it(world: &World) {
    let report = world.jooper.audit_verify(world.workspace).await.unwrap();
    assert_eq!(report.findings, []);
    let [part] = report.restored[..] else {
        panic!("{:?}", report.restored);
    };
    assert_eq!(part.epoch, Some(2));
    assert!(part.behind.is_some_and(|behind| behind < part.at));
    assert!(report.stops > 0, "the copy had heard of none");
    assert!(report.adopted >= 11, "{report:?}");
}

async fn drill(database: Database) {
    let mut world = World::on(database, &[OWNER], Mix::silent()).await;
    let leads = world.import(12, "people.example").await;
    let campaign = world.campaign(&leads).await;
    world.pass(10).await;
    back_up(&world).await;
    assert_eq!(world.google.ledger().accepted().len(), 12, "the first step");

    // What the backup does not know: the second step to everybody, one who said stop, one erased.
    world.pass(92).await;
    assert_eq!(
        world.google.ledger().accepted().len(),
        24,
        "the second step"
    );
    let (stopped, erased) = stop_and_erase(&world, leads[0], leads[1]).await;

    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    let listed = all::<SuppressionRow>(&world.jooper, &world, Scan::table(&SUPPRESSION)).await;
    assert!(listed.is_empty(), "the copy has heard of no stop");
    let vault = world
        .jooper
        .vault()
        .workspace(world.workspace)
        .await
        .unwrap();
    vault.subject(leads[1]).await.expect("the copy has his key");
    let due = |row: &EnrollmentRow| row.due_at.is_some_and(|due| due <= world.clock.now());
    let overdue = enrollments(&world)
        .await
        .iter()
        .filter(|row| due(row))
        .count();
    assert_eq!(overdue, 12, "the copy believes that the second step is due");

    // Started: the witness is replayed, the epoch is new, and the mailbox is held.
    let standing = world.jooper.remember().await.unwrap();
    assert!(standing.restored);
    assert_eq!((standing.epoch, standing.next_epoch()), (1, 2));
    let listed = all::<SuppressionRow>(&world.jooper, &world, Scan::table(&SUPPRESSION)).await;
    assert!(!listed.is_empty(), "the stop stands");
    let gone = vault.subject(leads[1]).await;
    assert!(
        matches!(gone, Err(VaultError::NoKey { .. })),
        "the erasure stands"
    );
    world.work().await;
    assert_eq!(world.google.ledger().accepted().len(), 24, "held at first");
    let held = all::<RebuildRow>(&world.jooper, &world, Scan::table(&REBUILD)).await;
    assert_eq!(held.len(), 1);
    let rebuilt = all::<SendRow>(&world.jooper, &world, Scan::table(&SEND)).await;
    let sent = |row: &&SendRow| row.state == SendState::Sent;
    assert_eq!(rebuilt.iter().filter(sent).count(), 24, "read from SENT");

    // It goes on where the lost machine was, for all but the two.
    world.pass(24 * 6).await;
    nothing_twice(&world);
    let mails = mails(&world);
    assert_eq!(mails[&stopped], 2, "nothing after the stop");
    assert_eq!(mails[&erased], 2, "nothing after the erasure");
    let others = mails
        .iter()
        .filter(|(to, _)| **to != stopped && **to != erased);
    let counts: Vec<_> = others.map(|(_, count)| *count).collect();
    assert_eq!(counts, vec![3; 10], "all three steps, each once");
    let held = all::<RebuildRow>(&world.jooper, &world, Scan::table(&REBUILD)).await;
    assert!(held.is_empty(), "let go");
    the_chain_tells_of_it(&world).await;
    let workspace = world.jooper.workspace(world.workspace);
    let analytics = workspace.analytics();
    let rows = analytics
        .balance_from_rows(world.workspace, campaign)
        .await
        .unwrap();
    let log = analytics
        .balance_from_log(world.workspace, campaign)
        .await
        .unwrap();
    assert_eq!(rows.differences(&log), Vec::<String>::new());
    drop((workspace, vault));
    let audit = world.jooper.audit_verify(world.workspace).await.unwrap();
    assert_eq!(audit.findings, [], "the loss is no offence");
    assert_eq!(audit.adopted, 12, "their permits are lost: {audit:?}");

    // Its own data is no copy.
    world.jooper = open(&elsewhere(), &world.clock, &world.google).await;
    world.jooper = open_on(&world.database, &machine, &world.clock, &world.google).await;
    let again = world.jooper.remember().await.unwrap();
    assert_eq!((again.restored, again.epoch), (false, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_is_long_overdue_after_a_restore_asks_first() {
    let mut world = World::new(&[OWNER]).await;
    let leads = world.import(4, "people.example").await;
    world.campaign(&leads).await;
    // Commands become enrollments; nothing has been sent when the copy is made.
    world.clock.0.advance_millis(12 * 3_600_000);
    world.work().await;
    assert_eq!(
        world.google.ledger().accepted().len(),
        0,
        "outside of the window"
    );
    back_up(&world).await;
    world.clock.0.advance_millis(24 * 8 * 3_600_000);
    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    world.pass(48).await;
    assert_eq!(
        world.google.ledger().accepted().len(),
        0,
        "nobody was asked"
    );
    let rows = enrollments(&world).await;
    assert_eq!(waiting(&rows, WaitReason::Overdue), 4, "{rows:?}");
    assert!(rows.iter().all(|row| row.state == EnrollmentState::Parked));
    let campaigns = world.jooper.workspace(world.workspace).campaigns();
    let campaign = rows[0].campaign;
    campaigns.resume_overdue(campaign).await.unwrap();
    world.pass(24).await;
    assert_eq!(
        world.google.ledger().accepted().len(),
        4,
        "a person said yes"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overdue_work_of_a_mailbox_that_cannot_be_read_is_parked() {
    let mut world = World::new(&[OWNER]).await;
    let leads = world.import(4, "people.example").await;
    world.campaign(&leads).await;
    world.pass(10).await;
    back_up(&world).await;
    world.pass(92).await;
    assert_eq!(world.google.ledger().accepted().len(), 8);
    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    let storage = world.jooper.storage();
    let found = storage
        .collect::<MailboxRow>(world.workspace, Scan::table(&MAILBOX))
        .await;
    let found = found.unwrap().remove(0);
    let blind = MailboxRow {
        state: MailboxState::SendOnly,
        ..found.record
    };
    let batch = Batch::new(world.workspace).update(&blind, found.version);
    storage.commit(batch).await.unwrap();
    world.pass(24).await;
    assert_eq!(
        world.google.ledger().accepted().len(),
        8,
        "the second step had gone"
    );
    let rows = enrollments(&world).await;
    assert_eq!(waiting(&rows, WaitReason::Restored), 4, "{rows:?}");
    assert!(rows.iter().all(|row| row.state == EnrollmentState::Parked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clone_that_sends_elsewhere_stops_the_mailbox_at_the_next_look() {
    let mut world = World::new(&[OWNER]).await;
    let leads = world.import(4, "people.example").await;
    world.campaign(&leads).await;
    world.clock.0.advance_millis(12 * 3_600_000);
    world.work().await;
    // Data, keys and witness, copied while nothing runs.
    let clone = elsewhere();
    let nobody = elsewhere();
    world.jooper = open(&nobody, &world.clock, &world.google).await;
    for file in ["jooper.db", "keys", "witness"] {
        copy(&world.dir.path().join(file), &clone.path().join(file));
    }
    world.jooper = open(&world.dir, &world.clock, &world.google).await;
    let other = open(&clone, &world.clock, &world.google).await;
    assert!(
        !other.remember().await.unwrap().restored,
        "nothing tells it"
    );

    world.clock.0.advance_millis(20 * 3_600_000);
    world.work().await;
    world.google.settle().await;
    assert_eq!(world.google.ledger().accepted().len(), 4);
    world.clock.0.advance_millis(600_000);
    let runner = other.runner().await.unwrap();
    while runner.turn().await.unwrap() > 0 {}
    assert_eq!(
        world.google.ledger().accepted().len(),
        4,
        "it saw the others' mails"
    );
    let mailboxes = all::<MailboxRow>(&other, &world, Scan::table(&MAILBOX)).await;
    assert_eq!(mailboxes[0].state, MailboxState::Contested);
    nothing_twice(&world);
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

#[tokio::test]
async fn data_of_another_installation_is_refused_before_anything_is_sent() {
    let mut world = World::new(&[OWNER]).await;
    world.jooper.remember().await.unwrap();
    back_up(&world).await;
    let machine = elsewhere();
    SqliteStorage::restore(backup_file(&world), machine.path().join("jooper.db"))
        .await
        .unwrap();
    world.jooper = open(&machine, &world.clock, &world.google).await;
    let refused = world.jooper.remember().await;
    assert!(
        matches!(
            refused,
            Err(RunError::Continuity(ContinuityError::OtherInstallation))
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_was_lost_is_written_again_before_an_old_backup_needs_it() {
    lost_witness(Database::Files, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_was_lost_before_the_second_start_is_written_again() {
    lost_witness(Database::Files, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_in_postgresql_that_was_lost_before_the_second_start_is_written_again() {
    lost_witness(Database::postgres(), false).await;
}

/// The witness is on a disk of its own, which is lost; then the data is, too.
async fn lost_witness(database: Database, started_again: bool) {
    let mut world = World::on(database, &[OWNER], Mix::silent()).await;
    let leads = world.import(4, "people.example").await;
    world.campaign(&leads).await;
    world.pass(10).await;
    back_up(&world).await;
    let (stopped, erased) = stop_and_erase(&world, leads[0], leads[1]).await;
    if started_again {
        // The data knows how much the witness holds.
        world.jooper.remember().await.unwrap();
    }
    world.jooper = open(&elsewhere(), &world.clock, &world.google).await;
    world.database.lose_witness(world.dir.path());
    world.jooper = open_on(&world.database, &world.dir, &world.clock, &world.google).await;
    let standing = world.jooper.remember().await.unwrap();
    assert_eq!((standing.witness_lost, standing.restored), (true, false));
    let again = world.jooper.remember().await.unwrap();
    assert!(!again.witness_lost, "it is whole again");

    let machine = elsewhere();
    put_back(&mut world, &machine).await;
    let standing = world.jooper.remember().await.unwrap();
    assert_eq!((standing.restored, standing.witness_lost), (true, false));
    let listed = all::<SuppressionRow>(&world.jooper, &world, Scan::table(&SUPPRESSION)).await;
    assert!(!listed.is_empty(), "the stop stands");
    let vault = world.jooper.vault().workspace(world.workspace);
    let gone = vault.await.unwrap().subject(leads[1]).await.map(|_| ());
    assert!(
        matches!(gone, Err(VaultError::NoKey { .. })),
        "the erasure stands: {gone:?}"
    );
    world.pass(24 * 10).await;
    nothing_twice(&world);
    let mails = mails(&world);
    assert_eq!((mails[&stopped], mails[&erased]), (1, 1), "{mails:?}");
    assert_eq!(mails.values().sum::<usize>(), 8, "all three steps for two");
}
