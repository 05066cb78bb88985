//! A thousand mailboxes of a whole installation in one process: lanes, gate, ledger, polls and deltas
//! over some days, and whether its memory stays flat.

use std::sync::Arc;

use jooper::core::{CampaignId, LeaseClock as _, ManualClock, SystemLeaseClock, UserId};
use jooper::sqlite::{FileWitness, SqliteOptions};
use jooper::storage::tables::{MAILBOX, MESSAGE, MailboxRow, MessageRow};
use jooper::storage::{Scan, StorageExt as _};
use uuid::Uuid;

use crate::google::{Google, resident};
use crate::office::{account, most, start};
use crate::world::{Database, Installation, Shared, launch};

const MAILBOXES: usize = 1_000;
/// People of each mailbox. One is written to a day, so that each day has as much to do.
const LEADS: usize = 4;
const CAP: u32 = 1;
/// From Monday on.
const DAYS: usize = 4;
/// Days until pools, caches and the allocator have what they need.
const WARM: usize = 2;
/// Each mailbox is polled, and what is due is sent, at the end of so many hours.
const HOURS: i64 = 2;
/// A page cache that is full after a day: what grows behind it is no cache.
const CACHE_KIB: u32 = 8 << 10;

async fn installed(google: &Google, clock: &Shared) -> Installation {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(dir.path().join("jooper.db")).cache_kib(CACHE_KIB);
    let storage = options.open().await.unwrap();
    let witness = FileWitness::open(dir.path().join("witness")).await.unwrap();
    let root = google.root.parse().unwrap();
    let jooper = launch(storage, witness, dir.path(), clock, &root);
    Installation::begin(dir, Database::Files, clock.clone(), root, jooper).await
}

/// Whether memory stayed flat.
pub(crate) async fn measure() -> bool {
    let (google, _) = Google::start(MAILBOXES, true);
    let clock = Shared(Arc::new(ManualClock::new(start())));
    let mut office = installed(&google, &clock).await;
    for number in 0..MAILBOXES {
        let mailbox = office.connect(&account(number)).await;
        office.mailboxes.push(mailbox);
    }
    let leads = office.import(MAILBOXES * LEADS, "people.example").await;
    let campaign = office.campaign_of(&leads, CAP).await;
    drop(leads);
    passed(&office, campaign).await;

    let watch = SystemLeaseClock::new();
    let (mut warm, mut accepted, mut stops) = (0.0, 0, 0);
    for day in 1..=DAYS {
        let began = watch.now();
        for _ in 0..24 / HOURS {
            clock.0.advance_millis(HOURS * 3_600_000);
            google.advance(HOURS * 3_600_000).await;
            office.work().await;
            stops += looked_at(&office, campaign).await;
        }
        let (took, held) = (watch.now().since(began), resident());
        let all = google.accepted().await;
        println!(
            "  the whole engine, day {day}: {MAILBOXES} mailboxes, {} polls of each, {} mails in {:.0} s: \
             {held:.1} MiB",
            24 / HOURS,
            all - accepted,
            took.as_secs_f64()
        );
        assert!(all >= accepted + MAILBOXES / 2, "each day mails are sent");
        accepted = all;
        if day == WARM {
            warm = held;
        }
    }
    let end = resident();
    println!("  breakers stopped something {stops} times, and a person let it go on");
    told(&office, accepted).await;
    most(
        "the whole engine's memory at the end beside that of the warm process",
        end / warm,
        1.1,
    )
}

/// A person passes over the first sample: what comes back of it is of no interest here.
async fn passed(office: &Installation, campaign: CampaignId) {
    let by = UserId::from_uuid(Uuid::from_u128(1));
    let breakers = office.jooper.breakers();
    let passed = breakers.clear_sample(office.workspace, campaign, by);
    passed.await.unwrap();
}

/// A person looks at what breakers have stopped, and lets it go on; says how much it was.
async fn looked_at(office: &Installation, campaign: CampaignId) -> usize {
    let by = UserId::from_uuid(Uuid::from_u128(1));
    let breakers = office.jooper.breakers();
    let stopped = breakers.stopped(office.workspace).await.unwrap();
    for scope in &stopped {
        let reset = breakers.reset(office.workspace, *scope, by);
        reset.await.unwrap();
    }
    if !stopped.is_empty() {
        passed(office, campaign).await;
    }
    stopped.len()
}

/// What the mailboxes say themselves: all are connected and read, and know what came in.
async fn told(office: &Installation, accepted: usize) {
    let storage = office.jooper.storage();
    let rows = storage.collect::<MailboxRow>(office.workspace, Scan::table(&MAILBOX));
    let read = rows.await.unwrap();
    let read = read.iter().filter(|row| row.record.cursor.is_some());
    assert_eq!(read.count(), MAILBOXES);
    let rows = storage.collect::<MessageRow>(office.workspace, Scan::table(&MESSAGE));
    let answers = rows.await.unwrap();
    let answers = answers.iter().filter(|row| row.record.kind.is_some());
    let answers = answers.count();
    assert!(answers >= accepted / 50, "{answers} answers to {accepted}");
    println!("  {accepted} mails were accepted and {answers} answers and notices heard");
}
