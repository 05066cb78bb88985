//! The provider as a worker talks to it: late, lossy, and honest about what it took.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jooper_core::{Clock, LeaseClock, MailboxId, NotSentReason};
use jooper_storage::tables::{LaneRow, SendRow};
use jooper_storage::{Column, StorageExt};
use jooper_transport::{
    Arrived, Attempt, Cleared, Cursor, Delta, EvidenceBase, Inbox, MailboxRef, Outcome, Receipt,
    Reconciliation, Transport, TransportCapabilities, TransportError, UnknownCause,
};

use super::{Mail, Provider};
use crate::executor::{Suspend, complete};
use crate::invariants::Accepted;
use crate::mutant::Mutant;
use crate::office::Errand;
use crate::stage::{Phase, Stage};
use crate::time::{Lease, Wall};

/// How many mails one page of changes holds: few, so that pages matter.
const PAGE: usize = 4;

/// How many seconds an answer waits for another worker to take the lane: where all have died, for none.
const LONGEST: u32 = 600;

/// What goes wrong with one handing-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// 429 with a time.
    RateLimitedUntil,
    /// 429 without.
    RateLimited,
    /// No connection.
    Unreachable,
    /// Nothing is heard, nothing was taken.
    LostBefore,
    /// Taken; the answer is lost.
    LostAfter(UnknownCause),
    /// Taken; the answer comes when the lane is long somebody else's.
    SlowAnswer,
    /// The body takes long to leave.
    SlowBody,
}

/// A worker's connection to the provider.
#[derive(Debug)]
pub(crate) struct SimTransport {
    pub(crate) stage: Arc<Stage>,
    pub(crate) provider: Arc<Mutex<Provider>>,
    pub(crate) worker: Option<usize>,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) late_answers: bool,
}

impl SimTransport {
    fn provider(&self) -> MutexGuard<'_, Provider> {
        self.provider.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fails(&self, one_in: u64) -> bool {
        let fails = self.stage.chaos() && self.provider().chance.one_in(one_in);
        if fails {
            self.stage.counts().provider_faults += 1;
        }
        fails
    }

    fn fault(&self) -> Fault {
        if !self.stage.chaos() {
            return Fault::None;
        }
        let drawn = self.provider().chance.below(60);
        let fault = match drawn {
            0 => Fault::RateLimitedUntil,
            1 => Fault::RateLimited,
            2 => Fault::Unreachable,
            3 | 4 => Fault::LostBefore,
            5 | 6 => Fault::LostAfter(UnknownCause::Timeout),
            7 => Fault::LostAfter(UnknownCause::ConnectionLost),
            8 => Fault::LostAfter(UnknownCause::ServerError),
            9..=11 => Fault::SlowAnswer,
            12..=14 => Fault::SlowBody,
            _ => Fault::None,
        };
        if fault != Fault::None {
            self.stage.counts().provider_faults += 1;
        }
        fault
    }

    /// Whether the mailbox's grant is dead; sometimes that is when it dies.
    fn is_dead(&self, mailbox: MailboxId, one_in: u64) -> bool {
        let mut provider = self.provider();
        if provider.dead.contains(&mailbox) {
            return true;
        }
        if !self.stage.chaos() || !provider.chance.one_in(one_in) {
            return false;
        }
        provider.dead.insert(mailbox);
        let minutes = provider.chance.between(5, 1500);
        drop(provider);
        self.stage.counts().provider_faults += 1;
        self.stage
            .trace()
            .add(&format!("the grant of {mailbox} dies"));
        self.stage
            .errand_in(minutes * 60_000, Errand::Reconnect(mailbox));
        true
    }

    async fn wait(&self, low: u64, high: u64) {
        let millis = self.provider().chance.between(low, high);
        self.stage.time.sleep(millis).await;
    }

    /// The moment at which the provider takes the mail, judged by every law.
    fn accept(&self, cleared: &Cleared) -> Mail {
        let mailbox = cleared.mailbox().mailbox;
        let workspace = cleared.mailbox().workspace;
        let key = *cleared.send_key();
        let time = &self.stage.time;
        let store = &self.stage.store;
        let row = complete(store.find::<SendRow>(workspace, vec![key.to_value()]));
        let lane = complete(store.find::<LaneRow>(workspace, vec![mailbox.to_value()]));
        let lane = lane.ok().and_then(Result::ok).flatten();
        let accepted = Accepted {
            key,
            mailbox,
            row: row
                .ok()
                .and_then(Result::ok)
                .flatten()
                .map(|row| row.record),
            high_water: lane.map_or(Timestamp::MIN, |lane| lane.record.high_water),
            wall: time.wall(),
            elapsed: time.elapsed(),
            jumps: time.jumps(),
            since_jump: time.since_jump(),
        };
        let line = format!("accepted {key:?} from {mailbox} at {}", accepted.wall);
        self.stage.trace().add(&line);
        self.stage.counts().accepted += 1;
        let mut provider = self.provider();
        let (wall, elapsed) = (accepted.wall, accepted.elapsed);
        let mail = provider.accept(mailbox, key, cleared.mail(), wall, elapsed);
        drop(provider);
        self.stage.accepted(&accepted);
        mail
    }

    /// Waits until another worker has the lane.
    async fn until_taken(&self, mailbox: MailboxRef) {
        let holder = || {
            let key = vec![mailbox.mailbox.to_value()];
            let found = complete(self.stage.store.find::<LaneRow>(mailbox.workspace, key));
            let lane = found.ok().and_then(Result::ok).flatten();
            lane.map(|lane| lane.record.fence)
        };
        let own = holder();
        for _ in 0..LONGEST {
            if holder() != own {
                return;
            }
            self.stage.time.sleep(1_000).await;
        }
    }

    fn retry_at(&self) -> Option<Timestamp> {
        let minutes = self.provider().chance.between(2, 40);
        let pause = SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(2));
        Wall(Arc::clone(&self.stage.time))
            .now()
            .checked_add(pause)
            .ok()
    }

    async fn hand_over(&self, cleared: &Cleared) -> Outcome {
        let refused = |reason, retry_at| Outcome::NotSent { reason, retry_at };
        let fault = self.fault();
        match fault {
            Fault::SlowBody => self.wait(2_000, 12_000).await,
            _ => self.wait(20, 400).await,
        }
        if self.is_dead(cleared.mailbox().mailbox, 120) {
            return refused(NotSentReason::Unauthorized, None);
        }
        match fault {
            Fault::RateLimitedUntil => {
                return refused(NotSentReason::RateLimited, self.retry_at());
            }
            Fault::RateLimited => return refused(NotSentReason::RateLimited, None),
            Fault::Unreachable => return refused(NotSentReason::Unreachable, None),
            Fault::LostBefore => return Outcome::Unknown(UnknownCause::Timeout),
            _ => {}
        }
        // The contract of the last byte: withheld until the lease was checked once more.
        if Lease(Arc::clone(&self.stage.time)).now() >= cleared.last_byte_before() {
            return refused(NotSentReason::LeaseExpired, None);
        }
        let mail = self.accept(cleared);
        if self.late_answers {
            self.until_taken(cleared.mailbox()).await;
        }
        match fault {
            Fault::SlowAnswer => self.wait(25_000, 80_000).await,
            _ => self.wait(5, 200).await,
        }
        match fault {
            Fault::LostAfter(cause) => Outcome::Unknown(cause),
            _ => Outcome::Sent(receipt(&mail, false)),
        }
    }

    fn set_phase(&self, mailbox: MailboxId, phase: Phase) {
        if let Some(worker) = self.worker {
            self.stage.set_phase(worker, mailbox, phase);
        }
    }
}

fn receipt(mail: &Mail, whole: bool) -> Receipt {
    let id = mail.header("Message-ID").map(str::to_owned);
    Receipt {
        provider_id: mail.id.clone(),
        thread: mail.thread.clone(),
        message_id: id.filter(|_| whole),
        at: None,
    }
}

#[async_trait]
impl Transport for SimTransport {
    fn capabilities(&self) -> TransportCapabilities {
        TransportCapabilities::new("recording", 25 << 20, true)
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        Suspend::once().await;
        if self.is_dead(mailbox.mailbox, 400) {
            return Err(TransportError::NeedsReauth);
        }
        if self.fails(80) {
            return Err(TransportError::Unavailable);
        }
        let provider = self.provider();
        let seen = provider.boxes.get(&mailbox.mailbox).map_or(0, Vec::len);
        Ok(EvidenceBase(seen.to_string()))
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        let _busy = self.stage.busy();
        let mailbox = cleared.mailbox().mailbox;
        self.set_phase(mailbox, Phase::Waiting);
        let outcome = self.hand_over(&cleared).await;
        self.set_phase(mailbox, Phase::Settle);
        outcome
    }

    async fn read_back(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Receipt, TransportError> {
        Suspend::once().await;
        if self.fails(30) {
            return Err(TransportError::Unavailable);
        }
        let provider = self.provider();
        let mails = provider.boxes.get(&mailbox.mailbox);
        let found = mails.and_then(|mails| mails.iter().find(|mail| mail.id == provider_id));
        found
            .map(|mail| receipt(mail, true))
            .ok_or(TransportError::Gone)
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        Suspend::once().await;
        if self.mutant == Some(Mutant::Evidence) {
            return Ok(Reconciliation::NotFound { complete: true });
        }
        if self.is_dead(attempt.mailbox.mailbox, u64::MAX) {
            return Err(TransportError::NeedsReauth);
        }
        if self.fails(20) {
            return Err(TransportError::Unavailable);
        }
        if self.fails(20) {
            return Ok(Reconciliation::Inconclusive);
        }
        let base = attempt.evidence_base.as_ref();
        let Some(base) = base.and_then(|base| base.0.parse::<usize>().ok()) else {
            return Ok(Reconciliation::Inconclusive);
        };
        let now = self.stage.time.elapsed();
        let provider = self.provider();
        let mails = provider.boxes.get(&attempt.mailbox.mailbox);
        let ours = |mail: &&Mail| {
            let references = mail.header("References").unwrap_or_default();
            mail.outgoing && attempt.tokens().any(|token| references.contains(token))
        };
        let found = mails.and_then(|mails| mails.iter().skip(base).find(ours));
        Ok(match found {
            Some(mail) if mail.findable <= now => Reconciliation::Found(receipt(mail, true)),
            Some(_) => Reconciliation::NotFound { complete: false },
            None => Reconciliation::NotFound { complete: true },
        })
    }
}

#[async_trait]
impl Inbox for SimTransport {
    async fn baseline(&self, mailbox: MailboxRef) -> Result<Cursor, TransportError> {
        Suspend::once().await;
        let provider = self.provider();
        let seen = provider.boxes.get(&mailbox.mailbox).map_or(0, Vec::len);
        Ok(Cursor(seen.to_string()))
    }

    async fn changes(
        &self,
        mailbox: MailboxRef,
        cursor: &Cursor,
        _: Timestamp,
    ) -> Result<Delta, TransportError> {
        Suspend::once().await;
        if self.is_dead(mailbox.mailbox, 2_000) {
            return Err(TransportError::NeedsReauth);
        }
        if self.fails(120) {
            return Err(TransportError::Unavailable);
        }
        if self.fails(400) {
            let after = Some(Duration::from_secs(300));
            return Err(TransportError::RateLimited { after });
        }
        let from: usize = cursor.0.parse().unwrap_or(0);
        let now = self.stage.time.elapsed();
        let provider = self.provider();
        let none = Vec::new();
        let mails = provider.boxes.get(&mailbox.mailbox).unwrap_or(&none);
        // History is in order: nothing behind a mail that lags is shown before it.
        let shown = mails[from.min(mails.len())..]
            .iter()
            .take_while(|mail| mail.findable <= now);
        let mut arrived: Vec<Arrived> = shown.take(PAGE + 1).map(arrived).collect();
        let more = arrived.len() > PAGE;
        arrived.truncate(PAGE);
        let next = Cursor((from + arrived.len()).to_string());
        if self.mutant == Some(Mutant::Evidence) {
            arrived.retain(|mail| !mail.outgoing);
        }
        if self.mutant == Some(Mutant::Owner) {
            let marked = |(name, _): &(String, String)| name == "In-Reply-To";
            arrived.retain(|mail| !mail.outgoing || !mail.headers.iter().any(marked));
        }
        Ok(Delta {
            arrived,
            next,
            more,
            resynced: false,
        })
    }

    async fn fetch(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Vec<u8>, TransportError> {
        Suspend::once().await;
        if self.fails(120) {
            return Err(TransportError::Unavailable);
        }
        let provider = self.provider();
        let mails = provider.boxes.get(&mailbox.mailbox);
        let found = mails.and_then(|mails| mails.iter().find(|mail| mail.id == provider_id));
        found
            .map(|mail| mail.raw.clone())
            .ok_or(TransportError::Gone)
    }
}

fn arrived(mail: &Mail) -> Arrived {
    Arrived {
        provider_id: mail.id.clone(),
        thread: mail.thread.clone(),
        at: mail.at,
        outgoing: mail.outgoing,
        headers: mail.headers.clone(),
    }
}
