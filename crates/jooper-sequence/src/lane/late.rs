//! Answers of the provider's that come when another worker has the lane, or has had it meanwhile.
//!
//! Either is evidence, whoever holds the lane. A receipt is written down under any fence. A certain refusal
//! decides what happens next, which is for the lane's holder to do: it is told by a command.

use jiff::Timestamp;
use jooper_core::{EventKind, NotSentReason, SendKey, SendState, SkipReason};
use jooper_storage::tables::SendRow;
use jooper_storage::{Batch, Column, StorageExt, Versioned, Write};
use jooper_transport::{DispatchRefusal, Outcome, Receipt};

use super::{Command, Lane, append};
use crate::decide::Event;
use crate::error::EngineError;
use crate::ledger;

/// How often a receipt is written anew when the row changed meanwhile.
const TRIES: usize = 5;

/// Why a try was certainly not accepted, and when to try again, where the provider says so.
pub(super) type Refusal = (NotSentReason, Option<Timestamp>);

/// What the ledger says of a try that certainly did not go.
pub(super) fn refusal_of(outcome: &Result<Outcome, DispatchRefusal>) -> Option<Refusal> {
    match outcome {
        Ok(Outcome::NotSent { reason, retry_at }) => Some((*reason, *retry_at)),
        Err(refusal) => Some((refusal.not_sent(), None)),
        Ok(_) => None,
    }
}

/// Whether a receipt of this try may be written over the row. Of a try that a person released it may
/// as well while no other is under way: that other must not go.
fn takes_receipt(row: &SendRow, attempt: u16) -> bool {
    let out = match row.state {
        SendState::Posting | SendState::Unknown => true,
        SendState::Planned => row.released > 0,
        _ => false,
    };
    out && row.attempt == attempt
}

impl Lane<'_> {
    /// Writes a receipt down though the lane is lost, or its row is another than it was; whoever has the
    /// lane moves the enrollment on. Says whether the row tells now that the mail was accepted.
    pub(super) async fn sent_late(
        &self,
        known: &SendRow,
        receipt: &Receipt,
        writes: &[Write],
    ) -> Result<bool, EngineError> {
        let index = receipt.message_id.as_deref();
        let index = index.map(|id| self.message_index(id));
        for _ in 0..TRIES {
            let row = self.reread(&known.key).await?;
            if !takes_receipt(&row.record, known.attempt) {
                return Ok(row.record.state == SendState::Sent);
            }
            let next = ledger::sent(row.record, receipt, index, self.now());
            let at = ledger::began_at(&next);
            let batch = Batch::new(self.workspace)
                .update(&next, row.version)
                .append(ledger::fact(&next, EventKind::Sent, at, None));
            let batch = writes.iter().cloned().fold(batch, Batch::write);
            let settled = Command::Settled(next.key);
            let batch = append(self.engine, batch, self.mailbox, &settled).await?;
            match self.engine.storage().commit(batch).await {
                Err(error) if error.is_conflict() => {}
                done => {
                    done?;
                    tracing::info!(send = ?next.key, "a receipt came late");
                    return Ok(true);
                }
            }
        }
        Err(EngineError::State(
            "the send changed during every attempt to write its receipt down",
        ))
    }

    /// What came of writing down what became of a try; where the lane was lost by then, whoever has it is
    /// told that the try was refused.
    pub(super) async fn or_late<T>(
        &self,
        written: Result<T, EngineError>,
        known: &SendRow,
        refusal: Option<Refusal>,
        release: Write,
    ) -> Result<T, EngineError> {
        if let (Err(EngineError::LaneLost), Some(refusal)) = (&written, refusal) {
            self.refused_late(known, refusal, release).await?;
        }
        written
    }

    /// Tells whoever has the lane that this try was certainly not accepted.
    async fn refused_late(
        &self,
        known: &SendRow,
        (reason, retry_at): Refusal,
        release: Write,
    ) -> Result<(), EngineError> {
        let refused = Command::Refused {
            send: known.key,
            attempt: known.attempt,
            reason,
            retry_at,
        };
        let batch = Batch::new(self.workspace).write(release);
        let batch = append(self.engine, batch, self.mailbox, &refused).await?;
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// Settles a try as refused that was taken for unknown, as its worker had lost the lane.
    ///
    /// Its budgets stay spent: rather too few mails than too many. What its account may do is heard at
    /// the next try. Done twice it is done once.
    ///
    /// A mail that somebody waits for is asked for once more: its command was done with when nobody knew.
    /// An answer and a test are shown as not sent, as they would have been in time: their writer sends
    /// them again.
    pub(super) async fn refused_behind(
        &mut self,
        send: SendKey,
        attempt: u16,
        (reason, retry_at): Refusal,
    ) -> Result<(), EngineError> {
        let storage = self.engine.storage();
        let found = storage.find::<SendRow>(self.workspace, vec![send.to_value()]);
        let is_out = |row: &Versioned<SendRow>| {
            row.record.state == SendState::Unknown && row.record.attempt == attempt
        };
        let Some(found) = found.await?.filter(is_out) else {
            return Ok(());
        };
        let now = self.now();
        let refused = ledger::refused(found.record, reason, now);
        if refused.state == SendState::Unknown {
            return Ok(());
        }
        let (next, fact) = if !ledger::may_reserve(&refused) {
            let code = Some(reason.code());
            let fact = ledger::fact(&refused, EventKind::Failed, now, code);
            (refused, fact)
        } else if self.has_ended(refused.enrollment).await? {
            ledger::ended(refused, SkipReason::Ended, now)
        } else {
            let how = Some(ledger::NOT_ACCEPTED);
            let fact = ledger::fact(&refused, EventKind::Released, now, how);
            (refused, fact)
        };
        let event = match next.state {
            SendState::Abandoned => Event::SendAbandoned,
            _ => Event::NotSent { reason, retry_at },
        };
        let mut batch = self.batch().update(&next, found.version).append(fact);
        if let SendKey::Service { request, kind } = next.key
            && ledger::may_reserve(&next)
        {
            let again = Command::Serve {
                request,
                kind,
                not_before: retry_at,
            };
            batch = append(self.engine, batch, self.mailbox, &again).await?;
        }
        self.apply_to_sender(batch, &next, &event).await
    }
}
