//! A process that is frozen while it sends, for longer than its permit lasts.
//!
//! The test plays both parts: it starts itself again as the process that will be frozen.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jooper_conformance::mint::Mint;
use jooper_core::{
    LeaseClock, LeaseInstant, ManualClock, NotSentReason, SystemLeaseClock, from_millis,
};
use jooper_gmail::{Endpoints, GMAIL_READONLY, GMAIL_SEND, Gmail};
use jooper_transport::{
    CredentialStore, Credentials, DispatchRefusal, MemoryCredentialStore, Outcome, OutgoingMail,
    ReqwestClient, ReqwestSettings, Transport,
};

use crate::lab::{ADA, Lab, Passing};

const NAME: &str = "frozen::a_process_frozen_past_its_permit_sends_nothing";
const ROLE: &str = "JOOPER_TEST_FROZEN";
/// How long a permit lasts here: the gate takes nine of its ten seconds off.
const LEASE: Duration = Duration::from_secs(1);

/// A lease clock that freezes its own process when it is read for the nth time from now.
#[derive(Debug)]
struct Freezing {
    clock: SystemLeaseClock,
    left: AtomicU32,
}

impl Freezing {
    /// The signal takes its time on a busy machine: this reading ends behind the frozen time.
    #[allow(
        clippy::disallowed_methods,
        reason = "only real time shows that a process was frozen"
    )]
    fn wait_for_the_gap(&self, mut last: LeaseInstant) {
        loop {
            let now = self.clock.now();
            if now.since(last) > LEASE {
                return;
            }
            last = now;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl LeaseClock for Freezing {
    fn now(&self) -> LeaseInstant {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let me = std::process::id().to_string();
            let before = self.clock.now();
            assert!(
                Command::new("kill")
                    .args(["-STOP", &me])
                    .status()
                    .unwrap()
                    .success()
            );
            self.wait_for_the_gap(before);
        }
        self.clock.now()
    }
}

/// The process that is frozen: sends one mail and prints what it thinks became of it.
async fn child(role: &str) {
    let mut words = role.split(' ');
    let mut word = || words.next().unwrap().to_owned();
    let (root, token, access, readings) = (word(), word(), word(), word());
    let lease = Arc::new(Freezing {
        clock: SystemLeaseClock::new(),
        left: AtomicU32::new(readings.parse().unwrap()),
    });
    let mint = Mint::new("gmail", lease.clone())
        .await
        .with_margin(Duration::from_secs(10) - LEASE);
    let clock = Arc::new(ManualClock::new(from_millis(1_795_000_000_000)));
    let settings = crate::lab::settings(&Endpoints::below(&root.parse().unwrap()).unwrap());
    let http = Arc::new(ReqwestClient::new(lease, ReqwestSettings::default()).unwrap());
    let credentials = Arc::new(MemoryCredentialStore::new());
    let mailbox = mint.mailbox();
    let tokens = Credentials {
        refresh_token: "none".into(),
        access_token: Some((access.into(), jiff::Timestamp::MAX)),
        scopes: vec![GMAIL_SEND.to_owned(), GMAIL_READONLY.to_owned()],
    };
    credentials.save(mailbox, None, &tokens).await.unwrap();
    let sleeper = Arc::new(Passing(clock.clone()));
    let gmail = Gmail::new(settings, http, credentials, clock, sleeper);
    let raw = format!(
        "From: {ADA}\r\nTo: p@firm.example\r\nSubject: s\r\nReferences: <jp.{token}@sender.example>\r\n\
         List-Unsubscribe: <https://t.sender.example/u>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nhttps://t.sender.example/u {}\r\n",
        "text ".repeat(3_000)
    );
    let mail = OutgoingMail::new(raw.into_bytes(), None)
        .unwrap()
        .with_notice();
    gmail.evidence_base(mailbox).await.unwrap();
    let permit = mint.permit(mailbox, mail.to()).await;
    let outcome = mint
        .dispatcher(Arc::new(gmail))
        .dispatch(mailbox.workspace, mailbox.mailbox, permit, mail)
        .await;
    let said = match outcome {
        Ok(Outcome::NotSent {
            reason: NotSentReason::LeaseExpired,
            ..
        })
        | Err(DispatchRefusal::Expired) => "expired",
        Err(other) => panic!("{other}"),
        Ok(Outcome::Sent(_)) => "sent",
        Ok(Outcome::NotSent { .. }) => "not sent",
        Ok(Outcome::Unknown(_)) => "unknown",
    };
    println!("outcome={said};");
}

/// A process that ends with the test, however that ends.
#[derive(Debug)]
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_stopped(child: &Child) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| rest.starts_with('T'))
}

#[allow(
    clippy::disallowed_methods,
    reason = "another process is frozen in real time"
)]
async fn wait(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Starts the other process, freezes it at a reading of its clock, lets it go on after the lease.
async fn run(lab: &Lab, token: &str, readings: u32) -> String {
    let scopes = ["openid", "email", GMAIL_SEND, GMAIL_READONLY];
    let tokens = lab.sim.grant(ADA, "mailbox-client", &scopes).unwrap();
    let role = format!(
        "{} {token} {} {readings}",
        lab.sim.gmail_url(),
        tokens.access_token
    );
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(ROLE, role)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Guarded(child);
    let mut frozen = false;
    while child.0.try_wait().unwrap().is_none() {
        if is_stopped(&child.0) {
            frozen = true;
            wait(LEASE + Duration::from_millis(200)).await;
            let id = child.0.id().to_string();
            assert!(
                Command::new("kill")
                    .args(["-CONT", &id])
                    .status()
                    .unwrap()
                    .success()
            );
        }
        wait(Duration::from_millis(10)).await;
    }
    assert_eq!(frozen, readings < 100, "{token}");
    let mut said = String::new();
    child
        .0
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    let (_, said) = said
        .split_once("outcome=")
        .unwrap_or_else(|| panic!("{said}"));
    said.split_once(';').unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_frozen_past_its_permit_sends_nothing() {
    if let Ok(role) = std::env::var(ROLE) {
        return child(&role).await;
    }
    let lab = Lab::new(80).await;
    // The clock is read by the gate (1), the dispatcher (2), before the connection (3) and, with all
    // but one byte of the mail written, before the last byte (4).
    for reading in [2, 3, 4] {
        let token = format!("frozen{reading}");
        assert_eq!(
            run(&lab, &token, reading).await,
            "expired",
            "frozen at reading {reading}"
        );
        assert_eq!(lab.accepted(&token), 0, "frozen at reading {reading}");
    }
    assert_eq!(
        run(&lab, "free", 1_000).await,
        "sent",
        "the same process, not frozen"
    );
    assert_eq!(lab.accepted("free"), 1);
}
