//! What a forecast has in place of the world.

use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jooper_core::{
    Clock, EmailAddress, LeadId, LeaseClock, LeaseInstant, ManualClock, SendKey, Sleeper,
    WorkspaceId,
};
use jooper_transport::{
    Attempt, Cleared, Cursor, Delta, EvidenceBase, Inbox, MailboxRef, Outcome, Receipt,
    Reconciliation, Transport, TransportCapabilities, TransportError,
};

use super::Recorder;
use crate::links::{LinkError, UnsubscribeLinks};
use crate::token::hex;

/// Accepts every mail, and delivers none.
#[derive(Debug)]
pub(super) struct Nowhere {
    pub(super) like: TransportCapabilities,
    pub(super) clock: Arc<ManualClock>,
    pub(super) recorder: Arc<Recorder>,
}

/// A mail that lies nowhere has no id by which it could be read back; its thread has one, as what
/// follows goes into it.
fn receipt(key: &SendKey, thread: Option<&str>) -> Receipt {
    Receipt {
        thread: thread.map_or_else(|| format!("t{}", hex(&key.to_bytes())), str::to_owned),
        provider_id: String::new(),
        message_id: None,
        at: None,
    }
}

#[async_trait]
impl Transport for Nowhere {
    fn capabilities(&self) -> TransportCapabilities {
        self.like.clone().delivering_nothing()
    }

    async fn evidence_base(&self, _: MailboxRef) -> Result<EvidenceBase, TransportError> {
        Ok(EvidenceBase(String::new()))
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        let (key, mailbox) = (*cleared.send_key(), cleared.mailbox());
        self.recorder.went(&key, mailbox, self.clock.now());
        Outcome::Sent(receipt(&key, cleared.mail().thread()))
    }

    /// Nobody answers the mail, so nobody needs to know what it is called on the wire.
    async fn read_back(&self, _: MailboxRef, _: &str) -> Result<Receipt, TransportError> {
        Err(TransportError::Gone)
    }

    /// What was under way when the forecast began is taken to have arrived.
    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        Ok(Reconciliation::Found(receipt(&attempt.send_key, None)))
    }
}

/// Nothing arrives by mail: people's behavior is told to the lanes as events.
#[derive(Debug)]
pub(super) struct Silence;

#[async_trait]
impl Inbox for Silence {
    async fn baseline(&self, _: MailboxRef) -> Result<Cursor, TransportError> {
        Ok(Cursor(String::new()))
    }

    async fn changes(
        &self,
        _: MailboxRef,
        cursor: &Cursor,
        _: Timestamp,
    ) -> Result<Delta, TransportError> {
        Ok(Delta {
            arrived: Vec::new(),
            next: cursor.clone(),
            more: false,
            resynced: false,
        })
    }

    async fn fetch(&self, _: MailboxRef, _: &str) -> Result<Vec<u8>, TransportError> {
        Err(TransportError::Gone)
    }
}

/// A link of the right length that leads nowhere.
#[derive(Debug)]
pub(super) struct DeadLinks;

#[async_trait]
impl UnsubscribeLinks for DeadLinks {
    async fn unsubscribe_url(
        &self,
        _: WorkspaceId,
        _: &EmailAddress,
        _: LeadId,
        _: &SendKey,
    ) -> Result<String, LinkError> {
        Ok("https://forecast.invalid/u/0000000000000000000000000000000000000000".to_owned())
    }
}

/// No real time passes in a forecast: no lease ends, nobody waits.
#[derive(Debug)]
pub(super) struct NoTime;

impl LeaseClock for NoTime {
    fn now(&self) -> LeaseInstant {
        LeaseInstant::from_elapsed(Duration::ZERO)
    }
}

#[async_trait]
impl Sleeper for NoTime {
    async fn sleep(&self, _: Duration) {}
}

/// Time that passes by being slept through: a stop waits for the permits that were out as the forecast began.
#[derive(Debug, Default)]
pub(super) struct Slept(AtomicU64);

impl LeaseClock for Slept {
    fn now(&self) -> LeaseInstant {
        LeaseInstant::from_elapsed(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }
}

#[async_trait]
impl Sleeper for Slept {
    async fn sleep(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 2);
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}
