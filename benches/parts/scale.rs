//! A server with a million open enrollments: how soon it sends again after a kill, and how much
//! memory it needs, idle and sending.
//!
//! The server is this program once more: store, witness, keys, gate, engine, Gmail, and everything that
//! follows the log, put together as an embedder does, over Google's simulator in a third process. The
//! first one is killed (SIGKILL) in the middle of its mails.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jooper::Jooper;
use jooper::core::{
    CampaignId, Clock, EnrollmentId, EnrollmentState, LeadId, LeaseClock, MailboxId, ManualClock,
    StepIndex, SystemClock, UserId,
};
use jooper::sequence::NewCampaign;
use jooper::sequence::model::{CampaignSettings, Sequence};
use jooper::sqlite::{FileWitness, SqliteStorage};
use jooper::storage::tables::EnrollmentRow;
use jooper::storage::{Batch, BulkBatches};
use jooper::vault::FileKms;
use uuid::Uuid;

use crate::google::Google;
use crate::memory_of;
use crate::office::{account, block_on};
use crate::sends::always;
use crate::world::{Database, Installation, Shared, installation};

/// Mailboxes that share the enrollments.
const MAILBOXES: usize = 100;
/// People who are written to: twenty a mailbox, as Google takes few more of one in a minute.
const PEOPLE: usize = 2_000;
/// How many hours ago everything is prepared, so that who waits for a day is due.
const BEHIND: i64 = 25;
/// The most seconds from the start of a process to its first mail, and to the last one of a lane that the
/// killed process held for a lease of a minute.
const MOST_SECONDS: f64 = 5.0;
const MOST_HELD_SECONDS: f64 = 60.0 + MOST_SECONDS;
/// The 57 MB that the peer with the smallest process says of its own, with seven million mails in its
/// database (listmonk.app: a screenshot, without a method): for a server that sends from 64 mailboxes at once,
/// has sent, or finds nothing to do. Ours holds its database's caches as well, and that peer's lies in another
/// process.
const MOST_MIB: f64 = 57e6 / 1_048_576.0;
/// The most MiB while the keys are opened, which takes 64 of them (Argon2id).
const MOST_OPENING_MIB: f64 = 128.0;
/// Lanes that a killed process held: a mail of each may be under way, and waits for a person if nobody
/// can tell what became of it.
const HELD: usize = 64;
/// How long nothing may happen until nothing more does: a lease, and then some.
const QUIET: Duration = Duration::from_secs(75);
/// How long a process is idle before its memory is looked at.
const IDLE: Duration = Duration::from_secs(5);

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

/// An enrollment that is due long after everything here.
fn open(now: Timestamp, campaign: CampaignId, mailboxes: &[MailboxId], n: u128) -> EnrollmentRow {
    let id =
        |kind: u128| Uuid::from_u128(kind << 96 | n.wrapping_mul(0x9e37_79b9_7f4a_7c15) << 32 | n);
    let due = now.checked_add(SignedDuration::from_hours(24 * 200));
    EnrollmentRow {
        id: EnrollmentId::from_uuid(id(7)),
        campaign,
        lead: LeadId::from_uuid(id(8)),
        mailbox: mailboxes[n as usize % MAILBOXES],
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

/// Everything over the files of this folder.
async fn assembled(dir: &Path, root: &str, clock: impl Clock) -> Jooper {
    let kms = FileKms::open_or_create(dir.join("keys"), "a passphrase for benches").unwrap();
    give_back().await;
    let storage = SqliteStorage::open(dir.join("jooper.db")).await.unwrap();
    let witness = FileWitness::open(dir.join("witness")).await.unwrap();
    Jooper::builder(storage, kms)
        .witness(witness)
        .transport(installation::settings(&root.parse().unwrap()))
        .tracking("http://127.0.0.1:9/".parse().unwrap())
        .clock(clock)
        .build()
        .unwrap()
}

/// `rows` enrollments that wait, and some people who have been due for an hour.
async fn prepare(dir: &Path, root: &str, rows: u128) {
    let yesterday = SystemClock.now() - SignedDuration::from_hours(BEHIND);
    let clock = Shared(Arc::new(ManualClock::new(yesterday)));
    let jooper = assembled(dir, root, clock.clone()).await;
    let nothing = tempfile::tempdir().unwrap();
    let at = root.parse().unwrap();
    let mut office = Installation::begin(nothing, Database::Files, clock.clone(), at, jooper).await;
    for number in 0..MAILBOXES {
        let mailbox = office.connect(&account(number)).await;
        office.season(mailbox).await;
        office.mailboxes.push(mailbox);
    }
    let mut csv = String::from(
        "Email,First name,Country,Legal basis,Consent source,Consent date,Consent proof,Notice version\n",
    );
    for n in 0..PEOPLE {
        csv.push_str(&format!(
            "person@firm{n}.example,Person{n},US,consent,A form,2026-10-01,form-export.csv,2026-02\n"
        ));
    }
    let leads = office.import_csv(&csv).await;
    let campaigns = office.jooper.workspace(office.workspace).campaigns();
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Many".to_owned(),
            mailboxes: office.mailboxes.clone(),
            schedule: always(),
        },
        sequence: Sequence::from_toml(TWO).unwrap(),
        seed: 1,
    };
    let id = campaigns.create(&new).await.unwrap();
    let report = campaigns.activate(id, &leads).await.unwrap();
    assert_eq!(report.enrolled, PEOPLE, "{report:?}");
    let by = UserId::from_uuid(Uuid::from_u128(1));
    let breakers = office.jooper.breakers();
    let passed = breakers.clear_sample(office.workspace, id, by);
    passed.await.unwrap();
    office.work().await;
    let storage = office.jooper.storage();
    let mut batches = BulkBatches::new(Batch::new(office.workspace));
    for n in 0..rows {
        let row = open(clock.now(), id, &office.mailboxes, n);
        if let Some(full) = batches.add(Batch::new(office.workspace).put(&row)) {
            storage.commit(full).await.unwrap();
        }
    }
    if let Some(rest) = batches.finish() {
        storage.commit(rest).await.unwrap();
    }
}

/// The process that is killed, and the ones behind it: runs until its input ends.
pub(crate) fn serve(dir: &Path, root: &str) {
    // As the reference server does: huge pages are kept whole for what little of each is used.
    #[cfg(target_os = "linux")]
    rustix::thread::disable_transparent_huge_pages(true).unwrap();
    block_on(async {
        let jooper = assembled(dir, root, SystemClock).await;
        println!("open");
        let end = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
        let end = async move { drop(end.await) };
        jooper.run(end).await.unwrap();
    });
}

/// As the reference server does: has the allocator give back what opening the keys took (64 MiB), before the
/// threads of the store begin with it.
async fn give_back() {
    pause(Duration::from_millis(120)).await;
    std::thread::scope(|scope| {
        scope.spawn(|| drop(std::hint::black_box(Box::new(0_u8))));
    });
}

/// Such a process, seen from here.
struct Server(Child);

impl Server {
    /// Starts one; returns when it has opened its store.
    fn start(dir: &Path, root: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("--serve")
            .arg(dir)
            .args(["--google", root])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let said = BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line);
        assert!(said.unwrap() > 0, "it ended");
        Self(child)
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        let signal = self.0.wait().unwrap().signal();
        assert_eq!(signal, Some(9), "it ended by itself");
    }

    fn stop(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }

    fn memory(&self, what: &str) -> f64 {
        memory_of(&self.0.id().to_string(), what)
    }
}

async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits until Google has accepted so many mails, or nothing more for a while; tells how many, and when
/// the last one was. Calls `look` again and again meanwhile.
async fn accepted(
    google: &Google,
    enough: usize,
    clock: &dyn LeaseClock,
    mut look: impl FnMut(),
) -> (usize, jooper::core::LeaseInstant) {
    let (mut seen, mut last) = (google.accepted().await, clock.now());
    while seen < enough && clock.now().since(last) < QUIET {
        pause(Duration::from_millis(20)).await;
        look();
        let now = google.accepted().await;
        if now > seen {
            (seen, last) = (now, clock.now());
        }
    }
    (seen, last)
}

/// Prepares a store on the disk below `dir`, kills a process in the middle of its mails, and lets
/// another one go on; returns whether the bounds were kept.
pub(crate) async fn run(dir: &Path, rows: u128, clock: &dyn LeaseClock) -> bool {
    let google = Google::behind(MAILBOXES, BEHIND);
    let root = &google.root;
    let began = clock.now();
    prepare(dir, root, rows).await;
    google.advance(BEHIND * 3_600_000).await;
    println!(
        "  {rows} open enrollments and {PEOPLE} due ones of {MAILBOXES} mailboxes, written in {:.0} s",
        clock.now().since(began).as_secs_f64()
    );
    let first = Server::start(dir, root);
    let (before, _) = accepted(&google, PEOPLE / 4, clock, || {}).await;
    first.kill();
    // What it had handed over is at Google now, or never will be.
    pause(Duration::from_secs(1)).await;
    let killed = google.accepted().await;
    assert!(
        before >= PEOPLE / 4 && killed < PEOPLE,
        "not in the middle: {killed}"
    );

    let began = clock.now();
    let second = Server::start(dir, root);
    let opened = clock.now().since(began).as_secs_f64();
    let (again, first_mail) = accepted(&google, killed + 1, clock, || {}).await;
    assert!(again > killed, "it sends nothing any more");
    let first_mail = first_mail.since(began).as_secs_f64();
    let mut sending = 0.0_f64;
    let look = || sending = sending.max(second.memory("VmRSS:"));
    let (all, last_mail) = accepted(&google, PEOPLE, clock, look).await;
    assert!(all + HELD >= PEOPLE && all <= PEOPLE, "{all} of {PEOPLE}");
    let last_mail = last_mail.since(began).as_secs_f64();
    let peak = second.memory("VmHWM:");
    pause(IDLE).await;
    let idle = second.memory("VmRSS:");
    second.stop();

    let third = Server::start(dir, root);
    pause(IDLE).await;
    let fresh = third.memory("VmRSS:");
    third.stop();
    let end = google.accepted().await;
    assert!(end <= PEOPLE, "somebody was written to twice");

    let quick = first_mail <= MOST_SECONDS && last_mail <= MOST_HELD_SECONDS;
    let small = sending.max(idle).max(fresh) <= MOST_MIB && peak <= MOST_OPENING_MIB;
    let sign = |held| if held { ' ' } else { '!' };
    println!(
        "{} killed behind mail {killed}: the next process has opened its store after {opened:.2} s and sends after \
         {first_mail:.2} s (at most {MOST_SECONDS}); the last of the other {} mails, whose lanes the killed one \
         held for a lease, goes after {last_mail:.1} s (at most {MOST_HELD_SECONDS})",
        sign(quick),
        end - killed,
    );
    println!(
        "{} that process: {sending:.0} MiB at most while it sends, {idle:.0} MiB when idle again; one that finds nothing to do: {fresh:.0} MiB (at \
         most {MOST_MIB:.0}, each); {peak:.0} MiB at most while it opens its keys (at most {MOST_OPENING_MIB:.0})",
        sign(small),
    );
    quick && small
}
