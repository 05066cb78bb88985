//! A seeded campaign against everything that goes wrong with Google, with the simulator's own ledger
//! as the judge.
//!
//! One seed is one installation with one mailbox: it sends to a number of people, each of whom
//! answers, while every knob is on. Then the faults end, and what is open must come out right:
//! each mail accepted at most once, each unknown outcome resolved or parked with its reason, each
//! answer found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use jooper_conformance::transport::ManualLease;
use jooper_core::{Clock, NotSentReason};
use jooper_gmail::PushEndpoint;
use jooper_testkit::google::{Fault, Inbound, Mood, ReplyForm};
use jooper_transport::{
    Attempt, CredentialStore, Cursor, EvidenceBase, HttpRequest, Inbox, MailboxRef, Outcome,
    Reconciliation, Transport, TransportError,
};
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use crate::lab::{ADA, Lab, start_time};
use crate::pushes::{endpoint, pushes_kept_if, set_up, target};
use crate::tally::Tally;
use crate::weather::{Leap, Storm, Weather};

/// People who are written to under one seed.
const PEOPLE: usize = 10;
/// Tries of one mail, as long as each is certainly not accepted.
const TRIES: usize = 6;
/// How long evidence is waited for before a person is asked.
const SETTLE: Duration = Duration::from_secs(15 * 60);

/// The installation under test: what its runner would keep in the ledger.
struct Runner<'a> {
    lab: &'a Lab,
    storm: &'a Storm,
    mailbox: MailboxRef,
    cursor: Cursor,
    seen: BTreeSet<String>,
    /// Notifications that were kept, and those that were not.
    kept: BTreeSet<String>,
    refused: BTreeSet<String>,
    /// The faults are over: whatever comes is kept.
    calm: bool,
    unknown: Vec<(usize, Attempt)>,
    /// Where the next follow-up goes.
    thread: Option<String>,
    tally: Tally,
}

impl Runner<'_> {
    /// Connects again after a dead grant.
    async fn reconnect(&self) {
        // Clocks that have jumped apart by minutes are set right first: an ID token from the future
        // is refused, and rightly.
        self.lab.sim.clock().set(Clock::now(&*self.lab.clock));
        let mut refusal = None;
        // The token endpoint fails those who connect as well, and they try again.
        for _ in 0..10 {
            let begun = self.lab.connect_flow().begin(Some(ADA));
            match self.lab.finish(begun).await {
                Ok(connected) => {
                    let stored = self.lab.credentials.load(self.mailbox).await.unwrap();
                    let version = stored.map(|stored| stored.version);
                    let fresh = connected.tokens.into_credentials();
                    let saved = self.lab.credentials.save(self.mailbox, version, &fresh);
                    saved.await.unwrap();
                    return;
                }
                Err(error) => refusal = Some(error),
            }
            self.lab.advance(Duration::from_secs(5));
        }
        panic!("a reconnection by hand works: {refusal:?}");
    }

    async fn overcome(&self, error: &TransportError) {
        match error {
            TransportError::NeedsReauth | TransportError::Forbidden(_) => self.reconnect().await,
            TransportError::RateLimited { after: Some(after) } => self.lab.advance(*after),
            _ => self.lab.advance(Duration::from_secs(30)),
        }
    }

    async fn base(&self) -> Option<EvidenceBase> {
        for _ in 0..20 {
            match self.lab.gmail.evidence_base(self.mailbox).await {
                Ok(base) => return Some(base),
                Err(error) => self.overcome(&error).await,
            }
        }
        None
    }

    /// Sends one mail: tried again only while it is certain that it was not accepted. Every other one
    /// goes into the thread of the one before, as long as there is one.
    async fn send(&mut self, person: usize) {
        self.tally.sends += 1;
        let mut thread = self.thread.take().filter(|_| person % 2 == 1);
        let to = format!("p{person}@firm.example");
        for number in 0..TRIES {
            let Some(base) = self.base().await else { break };
            let token = token(person, number);
            let mut attempt = self.lab.attempt(self.mailbox, &to, &token, Some(base));
            attempt.number = u16::try_from(number).unwrap();
            self.tally.attempts += 1;
            let subject = "Re: Hello there";
            let mail = match &thread {
                Some(thread) => self.lab.mail_in(ADA, &to, &token, subject, Some(thread)),
                None => self.lab.mail(ADA, &to, &token),
            };
            self.tally.follow_ups += usize::from(thread.is_some());
            let outcome = self.lab.send(&self.lab.gmail, self.mailbox, mail).await;
            let accepted = self.lab.accepted(&token);
            match outcome {
                Outcome::Sent(receipt) => {
                    assert_eq!(accepted, 1, "{token}: sent means accepted");
                    assert!(!receipt.provider_id.is_empty());
                    self.thread = Some(receipt.thread);
                    self.tally.sent += 1;
                    return;
                }
                Outcome::NotSent { reason, retry_at } => {
                    assert_eq!(accepted, 0, "{token}: {reason:?} means not accepted");
                    if reason == NotSentReason::ThreadGone {
                        thread = None;
                    }
                    let now = self.lab.now_ms();
                    let wait = retry_at.map_or(5_000, |at| at.as_millisecond() - now);
                    self.lab.clock.advance_millis(wait.max(1_000));
                }
                Outcome::Unknown(_) => {
                    assert!(accepted <= 1, "{token}");
                    self.tally.unknown += 1;
                    if !self.look_at_once(person, &attempt).await {
                        self.unknown.push((person, attempt));
                    }
                    return;
                }
            }
        }
        self.tally.given_up += 1;
    }

    /// Looks for evidence while the faults last and before any lag has passed. Nothing that is not
    /// found now is given up.
    async fn look_at_once(&mut self, person: usize, attempt: &Attempt) -> bool {
        let token = token(person, usize::from(attempt.number));
        let found = self.lab.gmail.reconcile(attempt).await;
        let accepted = self.lab.accepted(&token) == 1;
        match found {
            Ok(Reconciliation::Found(_)) => {
                assert!(accepted, "{token}: found means accepted");
                self.tally.resolved += 1;
                let shown = self.index_shows(&format!("p{person}@firm.example")).await;
                self.tally.unindexed += usize::from(shown == Some(false));
                return true;
            }
            Ok(Reconciliation::NotFound { complete: true }) if accepted => {
                let fired = self.lab.sim.fired_faults();
                let jumped = fired
                    .iter()
                    .any(|one| matches!(one.fault, Fault::ClockJump(_)));
                let lagged = self.storm.both_lag;
                assert!(lagged || jumped, "{token}: only lag hides a mail");
                self.tally.lagged += usize::from(lagged);
            }
            Ok(_) => {}
            Err(error) => self.overcome(&error).await,
        }
        false
    }

    /// Whether Gmail's search shows mail to this person, as somebody would ask who trusts it.
    async fn index_shows(&self, to: &str) -> Option<bool> {
        let stored = self.lab.credentials.load(self.mailbox).await.unwrap()?;
        let (access, _) = stored.credentials.access_token?;
        let root = self.lab.sim.gmail_url();
        let url = format!("{root}/gmail/v1/users/me/messages?q=in:sent%20to:{to}");
        let request = http::Request::get(url)
            .header(
                "authorization",
                format!("Bearer {}", access.expose_secret()),
            )
            .body(Bytes::new())
            .unwrap();
        let request = HttpRequest {
            request,
            last_byte_before: None,
            timeout: Duration::from_secs(2),
        };
        let answer = self.lab.http.execute(request).await.ok()?;
        let list: serde_json::Value = serde_json::from_slice(answer.body()).ok()?;
        answer
            .status()
            .is_success()
            .then(|| list.get("messages").is_some())
    }

    /// Takes what Pub/Sub brings: each genuine hint wakes the mailbox, however often it comes. Some
    /// cannot be kept at first, and come again.
    async fn listen(&mut self, endpoint: &PushEndpoint, listener: &TcpListener) {
        let (before, refused) = (self.tally.pushes, std::sync::Mutex::new(BTreeSet::new()));
        let keep = |id: &str| {
            let mut refused = refused.lock().unwrap();
            let known = self.refused.contains(id) || self.kept.contains(id);
            self.calm
                || known
                || (before + refused.len()) % 4 != 3
                || !refused.insert(id.to_owned())
        };
        let (statuses, hints) = pushes_kept_if(self.lab, endpoint, listener, keep).await;
        let kept = statuses.iter().filter(|status| **status == 204).count();
        assert_eq!(kept, hints.len(), "{statuses:?}");
        self.tally.pushes += hints.len();
        let refused = refused.into_inner().unwrap();
        self.tally.again += refused.len();
        self.refused.extend(refused);
        self.kept.extend(hints.iter().cloned());
        for _ in hints {
            self.read().await;
        }
    }

    async fn read(&mut self) {
        match self
            .lab
            .gmail
            .changes(self.mailbox, &self.cursor, start_time())
            .await
        {
            Ok(delta) => {
                let incoming = delta.arrived.into_iter().filter(|mail| !mail.outgoing);
                self.seen.extend(incoming.map(|mail| mail.provider_id));
                self.cursor = delta.next;
                if !delta.more {
                    self.lab.gmail.keep_watch(self.mailbox).await;
                }
            }
            Err(error) => self.overcome(&error).await,
        }
    }

    /// Looks for evidence of what is unknown until it is found, or until nothing more can come.
    async fn settle(&mut self) {
        for (person, attempt) in std::mem::take(&mut self.unknown) {
            let token = token(person, usize::from(attempt.number));
            let mut last = None;
            let mut errors = Vec::new();
            for _ in 0..40 {
                match self.lab.gmail.reconcile(&attempt).await {
                    Ok(Reconciliation::Found(receipt)) => {
                        last = Some(Reconciliation::Found(receipt));
                        break;
                    }
                    Ok(other) => {
                        let done = self.lab.now_ms() - attempt.began_at.as_millisecond()
                            > i64::try_from(SETTLE.as_millis()).unwrap();
                        last = Some(other);
                        if done {
                            break;
                        }
                        self.lab.advance(Duration::from_secs(120));
                    }
                    Err(error) => {
                        self.overcome(&error).await;
                        errors.push(error);
                    }
                }
            }
            let accepted = self.lab.accepted(&token);
            match last {
                Some(Reconciliation::Found(_)) => {
                    assert_eq!(accepted, 1, "{token}: found means accepted");
                    self.tally.resolved += 1;
                }
                Some(Reconciliation::NotFound { complete: true }) => {
                    assert_eq!(accepted, 0, "{token}: a complete search misses nothing");
                    self.tally.absent += 1;
                }
                Some(Reconciliation::NotFound { complete: false }) => self.tally.unseen += 1,
                Some(Reconciliation::Inconclusive) => self.tally.unclear += 1,
                None => panic!("{token}: neither resolved nor parked: {errors:?}"),
            }
        }
    }
}

fn token(person: usize, number: usize) -> String {
    format!("p{person}n{number}x")
}

/// Runs one seed.
pub async fn run(seed: u64) -> Tally {
    let lease = Arc::new(ManualLease::default());
    let lab = Lab::by(lease.clone(), seed, set_up).await;
    let mailbox = lab.connect(ADA).await;
    let (listener, endpoint) = (target(&lab).await, endpoint(&lab));
    lab.gmail.watch(mailbox).await.unwrap();
    let weather = Arc::new(Weather::default());
    weather.begin(&lab, &lease, seed);
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let (storm, leap) = (Storm::begin(&lab, seed), Leap::of(seed));
    let mut runner = Runner {
        lab: &lab,
        storm: &storm,
        mailbox,
        cursor,
        seen: BTreeSet::new(),
        kept: BTreeSet::new(),
        refused: BTreeSet::new(),
        calm: false,
        unknown: Vec::new(),
        thread: None,
        tally: Tally::default(),
    };
    let mut answered = 0;
    for person in 0..PEOPLE {
        if let Some((leap, _)) = leap.filter(|(_, before)| *before == person) {
            leap.take(&lab);
        }
        runner.send(person).await;
        let accepted = lab.sim.ledger().accepted().len();
        for send in answered..accepted {
            let to = lab.sim.ledger().accepted()[send].deliveries[0]
                .recipient
                .clone();
            let act = if send % 5 == 4 {
                Inbound::JunkedReply
            } else {
                Inbound::Reply {
                    mood: Mood::Interested,
                    form: ReplyForm::TopPost,
                }
            };
            lab.react(send, &to, &act);
        }
        answered = accepted;
        lab.advance(Duration::from_secs(60));
        runner.listen(&endpoint, &listener).await;
        runner.read().await;
    }
    // The faults end; what is open must come out right.
    lab.sim.clear_faults();
    lab.sim.clock().set(Clock::now(&*lab.clock));
    runner.calm = true;
    lab.advance(Duration::from_secs(3_600));
    runner.settle().await;
    for _ in 0..12 {
        runner.read().await;
        lab.advance(Duration::from_secs(300));
        runner.listen(&endpoint, &listener).await;
    }
    assert!(
        runner.refused.is_subset(&runner.kept),
        "seed {seed}: what was not kept came again"
    );

    let ledger = lab.sim.ledger();
    let mut per_person: BTreeMap<String, usize> = BTreeMap::new();
    for accepted in ledger.accepted() {
        *per_person
            .entry(accepted.deliveries[0].recipient.clone())
            .or_default() += 1;
    }
    for (person, times) in &per_person {
        assert_eq!(
            *times, 1,
            "seed {seed}: {person} got the mail {times} times"
        );
    }
    let replies: BTreeSet<String> = ledger
        .reactions()
        .iter()
        .filter_map(|reaction| reaction.message_id.clone())
        .collect();
    let missed: Vec<_> = replies.difference(&runner.seen).collect();
    assert!(
        missed.is_empty(),
        "seed {seed}: replies {missed:?} were not found"
    );
    let mut tally = runner.tally;
    assert_eq!(
        tally.sends,
        tally.sent + tally.unknown + tally.given_up,
        "seed {seed}"
    );
    assert_eq!(
        tally.unknown,
        tally.resolved + tally.parked(),
        "seed {seed}"
    );
    assert_eq!(per_person.len(), tally.sent + tally.resolved, "seed {seed}");
    tally.replies = replies.len();
    tally.late_answers = weather.late_answers.load(Ordering::SeqCst);
    tally.withheld = weather.withheld.load(Ordering::SeqCst);
    let fired = lab.sim.fired_faults();
    tally.faults = fired.len();
    tally.kinds = storm.struck(&fired);
    tally.kinds.extend(leap.map(|(leap, _)| (leap.name(), 1)));
    lab.sim.shutdown().await;
    tally
}
