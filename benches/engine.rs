//! What the engine costs by itself: decisions on one core, a whole campaign foreseen, gated sends
//! beside a floor, and a server with a million open enrollments.
//!
//! `cargo bench --bench engine`; `-- --only decisions`, `forecast`, `sends` or `scale` for one part;
//! `-- --leads N` for a forecast of another size, `--each N` mails of each of the 64 lanes,
//! `--enrollments N` open ones. The store beneath the forecast is in memory, so that its rows count
//! in the memory that is told; it is made in a process of its own, as no other part's memory is.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    reason = "a benchmark tells and ends, and uses its part of the floors and of the tests' world"
)]

mod floors;
#[path = "parts/google.rs"]
mod google;
#[path = "parts/office.rs"]
mod office;
#[path = "parts/rows.rs"]
mod rows;
#[path = "parts/scale.rs"]
mod scale;
#[path = "parts/sends.rs"]
mod sends;
#[path = "floors/sends.rs"]
mod sends_floor;
#[path = "../crates/jooper-sequence/tests/support/mod.rs"]
mod support;
#[path = "../tests/world/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    CampaignId, Draw, EnrollmentId, EnrollmentState, LeadId, LeaseClock, MailboxId, StepIndex,
    SystemLeaseClock,
};
use jooper_sequence::decide::{Event, Facts, decide};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::{EngineSettings, ForecastRequest, NewCampaign};
use jooper_storage::MemoryStore;
use jooper_storage::tables::EnrollmentRow;
use support::World;
use uuid::Uuid;

/// That of the reference server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Leads whose whole sequence is decided.
const WALKS: u64 = 50_000;
/// Mailboxes that share the foreseen campaign.
const MAILBOXES: u128 = 100;
/// The most seconds a forecast of 100,000 leads may take, and the most MiB it may need.
const MOST_SECONDS: f64 = 60.0;
const MOST_MIB: f64 = 1024.0;

const SEQUENCE: &str = r#"
    name = "Four mails"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step.variant]]
    subject = "A question, {{ first_name }}"
    body = "First, said otherwise."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
    [[step]]
    wait = "4 working days"
    [[step.variant]]
    body = "Third."
    [[step]]
    wait = "5 working days"
    [[step.variant]]
    body = "Fourth."
"#;

fn enrolled(n: u64, now: Timestamp) -> EnrollmentRow {
    let id = |kind: u128| Uuid::from_u128(kind << 64 | u128::from(n));
    EnrollmentRow {
        id: EnrollmentId::from_uuid(id(1)),
        campaign: CampaignId::from_uuid(Uuid::from_u128(2)),
        lead: LeadId::from_uuid(id(3)),
        mailbox: MailboxId::from_uuid(Uuid::from_u128(4)),
        sequence_version: 1,
        state: EnrollmentState::Active,
        step: StepIndex(0),
        sent: 0,
        due_at: None,
        wait: None,
        finish: None,
        thread: None,
        last_sent_at: None,
        memory: None,
        created_at: now,
        settled: None,
    }
}

/// Every decision of a lead that never answers: enrolled, then due and sent for each mail.
fn decisions(clock: &dyn LeaseClock) {
    let sequence = Sequence::from_toml(SEQUENCE).unwrap();
    let (schedule, fields) = (Schedule::default(), BTreeMap::new());
    let facts = Facts {
        schedule: &schedule,
        zone: Some("Europe/Berlin"),
        country: None,
        fields: &fields,
        unreadable: false,
    };
    let start: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
    let draw = Draw::new(7);
    let mut count = 0_u64;
    let began = clock.now();
    for n in 0..WALKS {
        let mut row = enrolled(n, start);
        let mut now = start;
        let mut event = Event::Enrolled;
        while row.state != EnrollmentState::Finished {
            row = black_box(decide(&row, &facts, &event, now, &sequence, draw)).next;
            count += 1;
            now = row.due_at.unwrap_or(now).max(now);
            event = match event {
                Event::Due => Event::Sent {
                    at: now,
                    thread: "t".to_owned(),
                },
                _ => Event::Due,
            };
            assert!(count < WALKS * 100, "the sequence does not end");
        }
    }
    let took = clock.now().since(began).as_secs_f64();
    let rate = count as f64 / took;
    println!("  {count} decisions on one core: {rate:.0}/s");
}

/// A line of this process's memory, in MiB.
fn memory(what: &str) -> f64 {
    memory_of("self", what)
}

/// The same of any process.
fn memory_of(process: &str, what: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

/// Foresees a campaign; returns whether it kept its bounds, which are those of 100,000 leads.
async fn forecast(clock: &dyn LeaseClock, leads: usize) -> bool {
    let settings = EngineSettings::default();
    let mut world = World::paced(Arc::new(MemoryStore::new()), 0, settings).await;
    let mut mailboxes = vec![world.mailbox];
    for number in 2..=MAILBOXES {
        mailboxes.push(world.connect(number).await);
    }
    world.add_leads(0..leads).await;
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Foreseen".to_owned(),
            mailboxes,
            schedule: Schedule::default(),
        },
        sequence: Sequence::from_toml(SEQUENCE).unwrap(),
        seed: 1,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns.create(&new).await.unwrap();
    let before = memory("VmRSS:");
    let began = clock.now();
    let request = ForecastRequest::new(1);
    let foreseen = campaigns.simulate(id, &request).await.unwrap();
    let took = clock.now().since(began).as_secs_f64();
    let peak = memory("VmHWM:");
    // A forecast that ended early is no figure.
    assert_eq!(foreseen.mails.len(), leads * 4, "each of them four mails");
    let held = took <= MOST_SECONDS && peak <= MOST_MIB;
    let sign = if held { ' ' } else { '!' };
    let last = foreseen.capacity.last_mail.unwrap();
    let days = SignedDuration::as_hours(&last.duration_since(foreseen.start)) / 24;
    println!(
        "{sign} forecast of {leads} leads: {} mails over {days} days in {took:.1} s (at most \
         {MOST_SECONDS}), {peak:.0} MiB at most (at most {MOST_MIB}), {before:.0} of them before",
        foreseen.mails.len()
    );
    held
}

/// The same in a process of its own, whose memory is only this.
fn forecast_apart(leads: usize) -> bool {
    let program = std::env::current_exe().unwrap();
    let leads = leads.to_string();
    let arguments = ["--only", "forecast", "--leads", &leads];
    let ended = std::process::Command::new(program).args(arguments).status();
    ended.unwrap().success()
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if words.get(1).is_some_and(|word| word == google::CHILD) {
        return google::child(&words[2..]);
    }
    let behind = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    if let (Some(dir), Some(root)) = (behind("--serve"), behind("--google")) {
        return scale::serve(dir.as_ref(), &root);
    }
    let only = behind("--only");
    let does = |part: &str| only.as_ref().is_none_or(|only| only == part);
    let leads = behind("--leads").map_or(100_000, |leads| leads.parse().unwrap());
    let clock = SystemLeaseClock::new();
    if does("decisions") {
        decisions(&clock);
    }
    let number = |name: &str, usual: u64| -> u64 {
        behind(name).map_or(usual, |number| number.parse().unwrap())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let target = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let mut held = true;
    if only.as_deref() == Some("forecast") {
        held &= runtime.block_on(forecast(&clock, leads));
    } else if only.is_none() {
        held &= forecast_apart(leads);
    }
    if does("sends") {
        let dir = tempfile::tempdir_in(&target).unwrap();
        let each = usize::try_from(number("--each", 60)).unwrap();
        held &= runtime.block_on(sends::run(dir.path(), each, &clock));
    }
    if does("scale") {
        let dir = tempfile::tempdir_in(&target).unwrap();
        let rows = u128::from(number("--enrollments", 1_000_000));
        held &= office::block_on(scale::run(dir.path(), rows, &clock));
    }
    if !held {
        println!("FAIL: a line with ! is beyond its bound");
        std::process::exit(1);
    }
}
