//! A thousand mailboxes in one process, and whether its memory stays flat.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use jooper_core::{LeaseClock as _, ManualClock, SystemLeaseClock};
use jooper_gmail::{GMAIL_READONLY, GMAIL_SEND};
use jooper_testkit::google::{ClientSpec, GoogleSimulator, Mix, ProjectSpec, SimClock, UserSpec};
use jooper_transport::{Cursor, Inbox as _, MailboxRef};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::office::{CLIENT, Office, PROJECT, SECRET, account, block_on, most, start};

/// The first word of the process that plays Google.
pub(crate) const CHILD: &str = "simulator";
const MAILBOXES: usize = 1_000;
/// Virtual minutes, each with a poll of every mailbox.
const ROUNDS: usize = 40;
/// Rounds until pools, caches and the allocator have what they need.
const WARM: usize = 10;
/// Mails that leave in each round, from mailboxes in turn.
const SENDS: usize = 50;
const PARALLEL: usize = 16;

/// Plays Google: says where, and with which tokens, as one line; ends with its input.
pub(crate) fn child(mailboxes: usize) {
    block_on(async {
        let mut builder = GoogleSimulator::builder()
            .clock(SimClock::manual(start()))
            .project(ProjectSpec::new(PROJECT))
            .client(ClientSpec::loopback(PROJECT, CLIENT, SECRET))
            .mix(Mix::silent());
        for number in 0..mailboxes {
            builder = builder.user(UserSpec::new(&account(number)));
        }
        let sim = builder.start().await.unwrap();
        sim.set_knobs(|knobs| knobs.access_token_seconds = 366 * 86_400);
        let tokens: Vec<[String; 2]> = (0..mailboxes)
            .map(|number| {
                let scopes = [GMAIL_SEND, GMAIL_READONLY];
                let tokens = sim.grant(&account(number), CLIENT, &scopes).unwrap();
                [tokens.access_token, tokens.refresh_token]
            })
            .collect();
        let line =
            json!({"gmail": sim.gmail_url(), "control": sim.control_url(), "tokens": tokens});
        println!("{line}");
        std::io::stdout().flush().unwrap();
        tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()))
            .await
            .unwrap()
            .unwrap();
    });
}

/// The process that plays Google, ended when this is dropped.
struct Google(Child);

impl Drop for Google {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Resident memory of this process in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib / 1024.0
}

/// Polls every mailbox once, so many at a time.
async fn poll(office: &Office, mailboxes: &mut [(MailboxRef, Cursor)]) -> usize {
    let mut arrived = 0;
    for group in mailboxes.chunks_mut(PARALLEL) {
        let mut polls = JoinSet::new();
        for (place, (mailbox, cursor)) in group.iter().enumerate() {
            let (gmail, mailbox, cursor) = (office.gmail.clone(), *mailbox, cursor.clone());
            polls.spawn(async move { (place, gmail.changes(mailbox, &cursor, start()).await) });
        }
        while let Some(polled) = polls.join_next().await {
            let (place, delta) = polled.unwrap();
            let delta = delta.unwrap();
            arrived += delta.arrived.len();
            group[place].1 = delta.next;
        }
    }
    arrived
}

/// Whether memory stayed flat.
pub(crate) async fn measure() -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args([CHILD, &MAILBOXES.to_string()]);
    let child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut google = Google(child.unwrap());
    let mut line = String::new();
    BufReader::new(google.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let control = format!("{}/clock", text(&said["control"]));
    let mut office = Office::open(&text(&said["gmail"]), Arc::new(ManualClock::new(start()))).await;
    let mut mailboxes = Vec::with_capacity(MAILBOXES);
    for number in 0..MAILBOXES {
        let tokens = &said["tokens"][number];
        let (access, refresh) = (text(&tokens[0]), text(&tokens[1]));
        let mailbox = office.connect(number, &access, &refresh).await;
        let cursor = office.gmail.baseline(mailbox).await.unwrap();
        mailboxes.push((mailbox, cursor));
    }
    drop(said);
    let http = reqwest::Client::new();
    let watch = SystemLeaseClock::new();
    let began = watch.now();
    let (mut warm, mut seen, mut sent) = (0.0, 0, 0);
    for round in 0..ROUNDS {
        for _ in 0..SENDS {
            let number = sent % MAILBOXES;
            office
                .send(mailboxes[number].0, &account(number), sent)
                .await;
            sent += 1;
        }
        office.clear_desk().await;
        office.clock.advance_millis(60_000);
        let moved = http
            .post(&control)
            .json(&json!({"advance_ms": 60_000}))
            .send();
        assert!(moved.await.unwrap().status().is_success());
        seen += poll(&office, &mut mailboxes).await;
        if round + 1 == WARM {
            warm = resident();
        }
    }
    let took = watch.now().since(began);
    assert_eq!(seen, sent, "each mailbox saw what it sent");
    let end = resident();
    println!(
        "  {MAILBOXES} mailboxes, {ROUNDS} polls of each and {sent} sends in {:.1} s: {warm:.1} MiB after \
         {WARM} rounds, {end:.1} MiB at the end",
        took.as_secs_f64()
    );
    most(
        "memory at the end beside that of the warm process",
        end / warm,
        1.05,
    )
}
