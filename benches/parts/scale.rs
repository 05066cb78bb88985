//! A server with a million open enrollments: how soon it sends again after a kill, and how much
//! memory it needs, idle and sending.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{Breakers, Ceilings};
use jooper_core::{
    CampaignId, Clock, EnrollmentId, EnrollmentState, LeadId, LeaseClock, MailboxId, ManualClock,
    SendState, StepIndex, UserId, from_millis,
};
use jooper_sequence::model::{CampaignSettings, Sequence};
use jooper_sequence::{EngineSettings, NewCampaign, Runner};
use jooper_storage::tables::{EnrollmentRow, SEND, SendRow};
use jooper_storage::{Batch, BulkBatches, Record, Storage, Write};
use jooper_storage_sqlite::SqliteStorage;
use jooper_transport::RecordingTransport;
use uuid::Uuid;

use crate::memory;
use crate::sends::{always, settings};
use crate::support::{HandInbox, LeaseOf, Mortal, Passing, Process, World};

/// Mailboxes that share the enrollments.
const MAILBOXES: u128 = 100;
/// People who are written to while memory is looked at.
const SENT: usize = 1_000;
/// The most seconds from the start of a process to its first mail, the lease that the killed one
/// still held apart; and the most MiB of a process that sends.
const MOST_SECONDS: f64 = 5.0;
const MOST_MIB: f64 = 256.0;
/// A lease that ends soon: what is measured is the work behind it.
const LEASE: u64 = 1_000;

const TWO: &str = r#"
    name = "Two mails"
    [[step]]
    wait = "1 days"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Hello, {{ first_name }}."
    [[step]]
    wait = "300 days"
    [[step.variant]]
    body = "Still there?"
"#;

fn quick() -> EngineSettings {
    EngineSettings {
        lease_millis: LEASE,
        ..settings()
    }
}

/// An enrollment that is due long after everything here.
fn open(now: Timestamp, campaign: CampaignId, mailboxes: &[MailboxId], n: u128) -> EnrollmentRow {
    let id =
        |kind: u128| Uuid::from_u128(kind << 96 | n.wrapping_mul(0x9e37_79b9_7f4a_7c15) << 32 | n);
    let due = now.checked_add(SignedDuration::from_hours(24 * 200));
    EnrollmentRow {
        id: EnrollmentId::from_uuid(id(7)),
        campaign,
        lead: LeadId::from_uuid(id(8)),
        mailbox: mailboxes[(n % MAILBOXES) as usize],
        sequence_version: 1,
        state: EnrollmentState::Active,
        step: StepIndex(0),
        sent: 0,
        due_at: due.ok(),
        wait: None,
        finish: None,
        thread: None,
        last_sent_at: None,
        memory: None,
        created_at: now,
        settled: None,
    }
}

/// `rows` enrollments that wait, and some people who are due.
async fn prepared(store: &SqliteStorage, rows: u128) -> World {
    let mut world = World::paced(Arc::new(store.clone()), 0, quick()).await;
    let mut mailboxes = vec![world.mailbox];
    for number in 2..=MAILBOXES {
        mailboxes.push(world.connect(number).await);
    }
    world.add_leads(0..SENT * 2).await;
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Many".to_owned(),
            mailboxes: mailboxes.clone(),
            schedule: always(),
        },
        sequence: Sequence::from_toml(TWO).unwrap(),
        seed: 1,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns.create(&new).await.unwrap();
    campaigns.activate(id, &world.leads).await.unwrap();
    let parts = (world.store.clone(), world.clock.clone());
    let breakers = Breakers::new(parts.0, world.stops(), parts.1, Ceilings::new());
    let by = UserId::from_uuid(Uuid::from_u128(1));
    breakers
        .clear_sample(world.workspace, id, by)
        .await
        .unwrap();
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
    let mut batches = BulkBatches::new(Batch::new(world.workspace));
    for n in 0..rows {
        let row = open(world.clock.now(), id, &mailboxes, n);
        if let Some(full) = batches.add(Batch::new(world.workspace).put(&row)) {
            world.store.commit(full).await.unwrap();
        }
    }
    if let Some(rest) = batches.finish() {
        world.store.commit(rest).await.unwrap();
    }
    world
}

fn is_posting(batch: &Batch) -> bool {
    batch.writes.iter().any(|write| match write {
        Write::Put(key, values) if key.table().name == SEND.name => {
            let row = SendRow::from_values(values.clone());
            row.is_ok_and(|row| row.state == SendState::Posting)
        }
        _ => false,
    })
}

/// Prepares a store on the disk below `dir`, kills a process in the middle of its sends, and lets
/// another one, which is this program once more, go on; returns whether the bounds were kept.
pub(crate) async fn run(dir: &Path, rows: u128, clock: &dyn LeaseClock) -> bool {
    let file = dir.join("many.db");
    let store = SqliteStorage::open(&file).await.unwrap();
    let world = prepared(&store, rows).await;
    world.clock.advance_millis(25 * 3_600_000);
    // A process that dies while a mail is at the provider: no lane of it is released.
    let mortal = Mortal::new(Arc::new(store.clone()));
    mortal.die_with(is_posting);
    let dying = world.restarted(mortal.clone(), quick());
    let _ = Runner::new(dying.engine.clone()).turn().await;
    assert!(mortal.is_dead(), "nobody was killed");
    store.close();
    let killed = clock.now();
    while clock.now().since(killed) < Duration::from_millis(LEASE * 2) {
        std::hint::spin_loop();
    }
    let now = world.clock.now().as_millisecond().to_string();
    let status = Command::new(std::env::current_exe().unwrap())
        .arg("--serve")
        .arg(&file)
        .args(["--now", &now])
        .status();
    status.unwrap().success()
}

/// The process that goes on: opens the store, sends, and then idles.
pub(crate) async fn serve(file: &Path, now: i64, clock: &dyn LeaseClock) -> bool {
    let wall = Arc::new(ManualClock::new(from_millis(now)));
    let began = clock.now();
    let store = SqliteStorage::open(file).await.unwrap();
    let opened = clock.now().since(began).as_secs_f64();
    let transport = Arc::new(RecordingTransport::new());
    let lease = Arc::new(ManualClock::new(from_millis(now)));
    let process = Process {
        store: Arc::new(store.clone()),
        clock: wall.clone(),
        lease: Arc::new(LeaseOf(lease.clone())),
        sleeper: Arc::new(Passing(lease)),
        transport: transport.clone(),
        inbox: Arc::new(HandInbox::default()),
        settings: settings(),
        number: 99,
    };
    let runner = Runner::new(process.engine());
    let first = memory("VmHWM:");
    while transport.accepted().is_empty() {
        runner.turn().await.unwrap();
    }
    let took = clock.now().since(began).as_secs_f64();
    while runner.turn().await.unwrap() > 0 {}
    let peak = memory("VmHWM:");
    let (sent, idle) = (transport.accepted().len(), memory("VmRSS:"));
    store.close();
    let (quick, small) = (took <= MOST_SECONDS, peak <= MOST_MIB);
    let sign = |held| if held { ' ' } else { '!' };
    println!(
        "{} after the kill: store open in {opened:.2} s, all lanes looked at and mails again in {took:.2} s (at \
         most {MOST_SECONDS})",
        sign(quick),
    );
    println!(
        "{} the process: {first:.0} MiB once open, {peak:.0} MiB at most while it sent {sent} mails (at most \
         {MOST_MIB}), {idle:.0} MiB when idle again",
        sign(small),
    );
    quick && small
}
