//! A seeded campaign against everything that goes wrong with Google, with the simulator's own ledger
//! as the judge.
//!
//! One seed is one installation with one mailbox: it sends to a number of people, each of whom
//! answers, while every knob is on. Then the faults end, and what is open must come out right:
//! each mail accepted at most once, each unknown outcome resolved or parked with its reason, each
//! answer found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jooper_conformance::transport::ManualLease;
use jooper_core::{Clock, Draw, DrawPurpose, NotSentReason};
use jooper_gmail::{GMAIL_READONLY, GMAIL_SEND, PushEndpoint};
use jooper_testkit::google::{
    Canned, DeathCause, Fault, FaultRule, FiredFault, HistoryFault, Inbound, Mood, PushFault,
    ReplyForm, When,
};
use jooper_transport::{
    Attempt, CredentialStore, Cursor, EvidenceBase, Inbox, MailboxRef, Outcome, Reconciliation,
    Transport, TransportError,
};

use tokio::net::TcpListener;

use crate::lab::{ADA, Lab, Slow, start_time};
use crate::pushes::{endpoint, pushes, set_up, target};

/// People who are written to under one seed.
const PEOPLE: usize = 10;
/// Tries of one mail, as long as each is certainly not accepted.
const TRIES: usize = 6;
/// How long evidence is waited for before a person is asked.
const SETTLE: Duration = Duration::from_secs(15 * 60);

/// What came out, summed over seeds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub sends: usize,
    pub attempts: usize,
    /// Attempts into a thread that was there.
    pub follow_ups: usize,
    pub sent: usize,
    pub unknown: usize,
    pub resolved: usize,
    /// Parked: a complete search found nothing.
    pub absent: usize,
    /// Parked: the search could not see everything.
    pub unseen: usize,
    /// Parked: several mails fit.
    pub unclear: usize,
    /// Answers that came when the permit had long ended.
    pub late_answers: usize,
    /// Handings-over that were too late for their last byte.
    pub withheld: usize,
    /// Genuine notifications, those that came twice counted twice.
    pub pushes: usize,
    pub given_up: usize,
    pub replies: usize,
    pub faults: usize,
    /// How often each kind of fault struck, also where it never did.
    pub kinds: BTreeMap<String, usize>,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.sends += other.sends;
        self.attempts += other.attempts;
        self.follow_ups += other.follow_ups;
        self.sent += other.sent;
        self.unknown += other.unknown;
        self.resolved += other.resolved;
        self.absent += other.absent;
        self.unseen += other.unseen;
        self.unclear += other.unclear;
        self.late_answers += other.late_answers;
        self.withheld += other.withheld;
        self.pushes += other.pushes;
        self.given_up += other.given_up;
        self.replies += other.replies;
        self.faults += other.faults;
        for (kind, times) in other.kinds {
            *self.kinds.entry(kind).or_default() += times;
        }
    }

    /// The kinds of faults that never struck: nothing was shown about them.
    pub fn idle(&self) -> Vec<&str> {
        let clocks = [
            ("a last byte withheld", self.withheld),
            ("an answer behind the permit's end", self.late_answers),
            ("a notification", self.pushes),
            ("a follow-up", self.follow_ups),
        ];
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, times)| (kind.as_str(), *times));
        let all = kinds.chain(clocks);
        all.filter(|(_, times)| *times == 0)
            .map(|(kind, _)| kind)
            .collect()
    }

    pub fn parked(&self) -> usize {
        self.absent + self.unseen + self.unclear
    }
}

/// What is slow at which handing-over, and how often it was.
#[derive(Debug, Default)]
struct Weather {
    late_answers: AtomicUsize,
    withheld: AtomicUsize,
}

impl Weather {
    /// Longer than any permit lasts.
    const LONG: Duration = Duration::from_secs(30);

    fn begin(self: &Arc<Self>, lab: &Lab, lease: &Arc<ManualLease>, seed: u64) {
        let (weather, draw) = (Arc::clone(self), Draw::new(seed));
        let when = move |nth: usize| {
            let nth = u16::try_from(nth).unwrap();
            match draw.below(10, uuid::Uuid::nil(), nth, DrawPurpose::Gap) {
                0 => {
                    weather.withheld.fetch_add(1, Ordering::SeqCst);
                    Some(Slow::Sender(Self::LONG))
                }
                1 => {
                    weather.late_answers.fetch_add(1, Ordering::SeqCst);
                    Some(Slow::Provider(Self::LONG))
                }
                _ => None,
            }
        };
        *lab.recorder.weather.lock().unwrap() = Some((Arc::clone(lease), Box::new(when)));
    }
}

/// Every knob, with the chances of this seed; each rule's number with the kind of its fault.
fn knobs(lab: &Lab, seed: u64) -> BTreeMap<u64, String> {
    let mut kinds = BTreeMap::new();
    let mut add = |place: &str, rule: FaultRule| {
        let kind = format!("{place}: {:?}", rule.fault);
        kinds.insert(lab.sim.add_fault(rule), kind);
    };
    let draw = |number: u16, bound: u64| {
        Draw::new(seed).below(bound, uuid::Uuid::nil(), number, DrawPurpose::Split)
    };
    let chance = |number: u16| When::PerMille(u32::try_from(20 + draw(number, 80)).unwrap());
    let on_send = [
        Fault::DropUnread,
        Fault::ResetUnread,
        Fault::CommitThenClose,
        Fault::CommitThenReset,
        Fault::CommitThenStatus(502),
        Fault::CommitThenStatus(504),
        Fault::CommitThenHang,
        Fault::CommitThenPause(1_200),
        Fault::Truncate(10),
        Fault::ExpireAccess,
        Fault::Answer(Canned::Backend(500)),
        Fault::Answer(Canned::TooMany429(Some(90_000))),
        Fault::Answer(Canned::UserRate403(None)),
        Fault::Answer(Canned::SendingLimit429(Some(600_000))),
        Fault::DuplicateChunk,
        Fault::SlowToAccept(200),
        Fault::Answer(Canned::Concurrent429),
        Fault::Answer(Canned::NotFound404),
        Fault::Answer(Canned::Html(404)),
    ];
    for (number, fault) in (0..).zip(on_send) {
        // Hanging and pausing cost real time.
        let slow = matches!(
            fault,
            Fault::CommitThenHang | Fault::CommitThenPause(_) | Fault::SlowToAccept(_)
        );
        let rule = FaultRule::new(fault).on_send().when(chance(number));
        add("send", if slow { rule.times(1) } else { rule });
    }
    let on_read = [
        Fault::DropUnread,
        Fault::CommitThenReset,
        Fault::Answer(Canned::Html(502)),
        Fault::Answer(Canned::ForeignJson(500)),
        Fault::Truncate(25),
        Fault::Trickle {
            bytes: 60,
            pause_ms: 1,
        },
        Fault::UnknownField,
        Fault::UnknownEnum,
        Fault::ExpireAccess,
        Fault::ClockJump(-40_000),
        Fault::ClockJump(90_000),
    ];
    for (number, fault) in (100..).zip(on_read) {
        let rule = FaultRule::new(fault).on("GET", "*/users/me/*");
        add("read", rule.when(chance(number)));
    }
    for (number, kind) in (200..).zip([
        HistoryFault::EmptyPage,
        HistoryFault::OutOfOrder,
        HistoryFault::Duplicates,
        HistoryFault::Vanished,
        HistoryFault::LabelRace,
    ]) {
        let rule = FaultRule::new(Fault::History(kind)).when(chance(number));
        add("history", rule);
    }
    let gap = FaultRule::new(Fault::Answer(Canned::NotFound404)).on("GET", "*/history");
    add("history", gap.when(chance(300)));
    for (number, fault) in (400..).zip([
        PushFault::Duplicate,
        PushFault::Drop,
        PushFault::Delay(90_000),
        PushFault::Forged,
        PushFault::WrongAudience,
        PushFault::UnknownKey,
        PushFault::Expired,
        PushFault::WrongAccount,
    ]) {
        let rule = FaultRule::new(Fault::Push(fault)).on("PUSH", "*");
        add("push", rule.when(chance(number)));
    }
    // Once in a while the watch ends without a word, and only polling is left.
    let silence = FaultRule::new(Fault::ExpireWatch).on("GET", "*/history");
    add("history", silence.when(When::PerMille(20)));
    let death = FaultRule::new(Fault::KillGrant(DeathCause::PasswordChange)).on("POST", "/token");
    add("token", death.when(chance(301)).times(1));
    for (number, scope) in [(304, GMAIL_SEND), (305, GMAIL_READONLY)] {
        let shrink = Fault::ShrinkScope(scope.to_owned());
        let rule = FaultRule::new(shrink).on("POST", "/token");
        add("token", rule.when(chance(number)).times(1));
    }
    lab.sim.set_knobs(|knobs| {
        knobs.search_lag_max_ms = 3_600_000;
        knobs.search_missing_per_mille = 300;
        knobs.history_lag_ms = i64::try_from(draw(302, 5)).unwrap() * 10_000;
        knobs.label_list_lag_ms = i64::try_from(draw(303, 5)).unwrap() * 10_000;
    });
    kinds
}

/// How often each kind struck a call that it can do something to.
fn struck(fired: &[FiredFault], kinds: &BTreeMap<u64, String>) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> =
        kinds.values().map(|kind| (kind.clone(), 0)).collect();
    for one in fired {
        // These stand on every call and change a page of history alone.
        let idle = matches!(one.fault, Fault::History(_)) && !one.call.ends_with("/history");
        if let Some(kind) = kinds.get(&one.rule).filter(|_| !idle) {
            *counts.entry(kind.clone()).or_default() += 1;
        }
    }
    counts
}

/// The installation under test: what its runner would keep in the ledger.
struct Runner<'a> {
    lab: &'a Lab,
    mailbox: MailboxRef,
    cursor: Cursor,
    seen: BTreeSet<String>,
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
        let connected = self
            .lab
            .finish(self.lab.connect_flow().begin(Some(ADA)))
            .await;
        let connected = match connected {
            Ok(connected) => connected,
            Err(error) => panic!("a reconnection by hand works: {error:?}"),
        };
        let stored = self.lab.credentials.load(self.mailbox).await.unwrap();
        let version = stored.map(|stored| stored.version);
        let fresh = connected.tokens.into_credentials();
        self.lab
            .credentials
            .save(self.mailbox, version, &fresh)
            .await
            .unwrap();
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
                    self.unknown.push((person, attempt));
                    return;
                }
            }
        }
        self.tally.given_up += 1;
    }

    /// Takes what Pub/Sub brings: each genuine hint wakes the mailbox, however often it comes.
    async fn listen(&mut self, endpoint: &PushEndpoint, listener: &TcpListener) {
        let (statuses, hints) = pushes(self.lab, endpoint, listener).await;
        let kept = statuses.iter().filter(|status| **status == 204).count();
        assert_eq!(kept, hints.len(), "{statuses:?}");
        self.tally.pushes += hints.len();
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
    let mut runner = Runner {
        lab: &lab,
        mailbox,
        cursor,
        seen: BTreeSet::new(),
        unknown: Vec::new(),
        thread: None,
        tally: Tally::default(),
    };
    let kinds = knobs(&lab, seed);
    let mut answered = 0;
    for person in 0..PEOPLE {
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
    lab.advance(Duration::from_secs(3_600));
    runner.settle().await;
    for _ in 0..12 {
        runner.read().await;
        lab.advance(Duration::from_secs(300));
    }

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
    tally.kinds = struck(&fired, &kinds);
    lab.sim.shutdown().await;
    tally
}
