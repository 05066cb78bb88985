//! A transport that delivers nothing and remembers everything: for embedders' tests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jooper_core::{NotSentReason, SendKey};

use crate::dispatch::Cleared;
use crate::mail::OutgoingMail;
use crate::outcome::{Outcome, Receipt};
use crate::transport::{
    Attempt, EvidenceBase, MailboxRef, Reconciliation, Transport, TransportCapabilities,
    TransportError,
};

/// What most providers take.
const MAX_BYTES: usize = 25 << 20;

#[derive(Debug, Default)]
struct State {
    most: Option<usize>,
    accepted: Vec<(MailboxRef, SendKey, OutgoingMail)>,
    script: VecDeque<Outcome>,
}

/// Accepts every mail into memory, or answers as scripted.
///
/// A scripted [`Outcome::Unknown`] is accepted all the same, as a provider would that lost only
/// its answer: reconciliation finds it.
#[derive(Debug, Default)]
pub struct RecordingTransport {
    state: Mutex<State>,
}

impl RecordingTransport {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the next send end like this; scripted outcomes queue up.
    pub fn script(&self, outcome: Outcome) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .script
            .push_back(outcome);
    }

    /// Makes it take no larger mails than this.
    pub fn take_at_most(&self, bytes: usize) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .most = Some(bytes);
    }

    /// Everything that was accepted, in order.
    pub fn accepted(&self) -> Vec<(MailboxRef, SendKey, OutgoingMail)> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .accepted
            .clone()
    }
}

impl State {
    fn most(&self) -> usize {
        self.most.unwrap_or(MAX_BYTES)
    }

    fn receipt(&self, number: usize) -> Receipt {
        let sent = number.checked_sub(1).and_then(|at| self.accepted.get(at));
        receipt(number, sent.map(|(_, _, mail)| mail))
    }
}

/// What the provider says of a mail: it stands in the thread that it was sent into, or begins one.
fn receipt(number: usize, mail: Option<&OutgoingMail>) -> Receipt {
    let thread = mail.and_then(OutgoingMail::thread);
    Receipt {
        provider_id: format!("m{number}"),
        thread: thread.map_or_else(|| format!("t{number}"), str::to_owned),
        message_id: Some(format!("<m{number}@recording.invalid>")),
        at: None,
    }
}

#[async_trait]
impl Transport for RecordingTransport {
    fn capabilities(&self) -> TransportCapabilities {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        TransportCapabilities::new("recording", state.most(), true)
    }

    async fn evidence_base(&self, _: MailboxRef) -> Result<EvidenceBase, TransportError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(EvidenceBase(state.accepted.len().to_string()))
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if cleared.mail().raw().len() > state.most() {
            let reason = NotSentReason::TooLarge;
            return Outcome::NotSent {
                reason,
                retry_at: None,
            };
        }
        let scripted = state.script.pop_front();
        if !matches!(scripted, Some(Outcome::NotSent { .. })) {
            let accepted = (
                cleared.mailbox(),
                *cleared.send_key(),
                cleared.mail().clone(),
            );
            state.accepted.push(accepted);
        }
        scripted.unwrap_or_else(|| Outcome::Sent(state.receipt(state.accepted.len())))
    }

    async fn read_back(&self, _: MailboxRef, provider_id: &str) -> Result<Receipt, TransportError> {
        let number = provider_id.strip_prefix('m').and_then(|n| n.parse().ok());
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let receipt = number.map(|number| state.receipt(number));
        receipt.ok_or(TransportError::Gone)
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let found = state.accepted.iter().position(|(mailbox, key, mail)| {
            *mailbox == attempt.mailbox && *key == attempt.send_key && {
                let raw = String::from_utf8_lossy(mail.raw());
                attempt.tokens().any(|token| raw.contains(token))
            }
        });
        Ok(
            found.map_or(Reconciliation::NotFound { complete: true }, |at| {
                Reconciliation::Found(state.receipt(at + 1))
            }),
        )
    }
}
