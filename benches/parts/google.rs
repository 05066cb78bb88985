//! Google in a process of its own, so that only our memory is counted.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use jooper_core::{Clock as _, SystemClock};
use jooper_gmail::{GMAIL_READONLY, GMAIL_SEND};
use jooper_testkit::google::{GoogleSimulator, Mix, SimClock, UserSpec};
use serde_json::{Value, json};

use crate::office::{account, block_on, start};

/// The first word of the process that plays Google.
pub(crate) const CHILD: &str = "simulator";

/// What the process that plays Google is told behind its first word: how many accounts, whether
/// people react to what they get, and by how many hours its time lies behind the machine's, beside which it runs; it stands
/// where it is moved by hand.
pub(crate) fn child(words: &[String]) {
    let accounts: usize = words[0].parse().unwrap();
    let lively: bool = words[1].parse().unwrap();
    block_on(serve(accounts, lively, words[2].parse().ok()));
}

/// Plays Google: says where, and with which tokens, as one line; ends with its input.
async fn serve(accounts: usize, lively: bool, behind: Option<i64>) {
    let mut mix = Mix::silent();
    if lively {
        (mix.reply, mix.away, mix.hard_bounce) = (100, 50, 5);
    }
    let mut builder = GoogleSimulator::builder()
        .clock(match behind {
            Some(hours) => {
                let from = SystemClock.now() - jiff::SignedDuration::from_hours(hours);
                SimClock::accelerated(from, 1.0)
            }
            None => SimClock::manual(start()),
        })
        .mix(mix);
    for number in 0..accounts {
        builder = builder.user(UserSpec::new(&account(number)));
    }
    let sim = builder.start().await.unwrap();
    let (client, _) = GoogleSimulator::default_client();
    let tokens: Vec<[String; 2]> = (0..accounts)
        .map(|number| {
            let scopes = [GMAIL_SEND, GMAIL_READONLY];
            let tokens = sim.grant(&account(number), client, &scopes).unwrap();
            [tokens.access_token, tokens.refresh_token]
        })
        .collect();
    println!(
        "{}",
        json!({"gmail": sim.gmail_url(), "control": sim.control_url(), "tokens": tokens})
    );
    std::io::stdout().flush().unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()))
        .await
        .unwrap()
        .unwrap();
}

/// The process that plays Google, ended when this is dropped.
pub(crate) struct Google {
    child: Child,
    http: reqwest::Client,
    control: String,
    /// The root of every Google path.
    pub(crate) root: String,
}

impl Drop for Google {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Google {
    /// Starts it; tells access and refresh token of each account as well.
    pub(crate) fn start(accounts: usize, lively: bool) -> (Self, Vec<[String; 2]>) {
        Self::spawn(accounts, lively, "by hand")
    }

    /// Starts one whose time runs by itself, so many hours behind the machine's; nobody reacts.
    #[allow(dead_code, reason = "each bench uses its own part")]
    pub(crate) fn behind(accounts: usize, hours: i64) -> Self {
        Self::spawn(accounts, false, &hours.to_string()).0
    }

    fn spawn(accounts: usize, lively: bool, time: &str) -> (Self, Vec<[String; 2]>) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(CHILD)
            .args([&accounts.to_string(), &lively.to_string(), time])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let mut said: Value = serde_json::from_str(&line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let google = Self {
            child,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            control: text(&said["control"]),
            root: text(&said["gmail"]),
        };
        let tokens = serde_json::from_value(said["tokens"].take()).unwrap();
        (google, tokens)
    }

    /// Moves its clock, and lets it do what is due by then.
    pub(crate) async fn advance(&self, ms: i64) {
        let moved = self.http.post(format!("{}/clock", self.control));
        let moved = moved.json(&json!({"advance_ms": ms})).send().await;
        assert!(moved.unwrap().status().is_success());
    }

    /// How many mails it has accepted.
    pub(crate) async fn accepted(&self) -> usize {
        let summary = self.http.get(format!("{}/summary", self.control));
        let summary: Value = summary.send().await.unwrap().json().await.unwrap();
        usize::try_from(summary["accepted"].as_u64().unwrap()).unwrap()
    }
}

/// Resident memory of this process in MiB.
pub(crate) fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<f64>().unwrap() / 1024.0
}
