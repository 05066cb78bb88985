//! What is not seen: accounts whose answers are not, and single mails that cannot be read.

use std::sync::PoisonError;

use jiff::SignedDuration;
use jooper_core::MailboxState;
use jooper_storage::tables::EnrollmentRow;
use jooper_transport::{Arrived, TransportError};

use super::Lane;
use crate::decide::Event;
use crate::error::EngineError;

/// When to look again whether an account may read by now.
const LATER: SignedDuration = SignedDuration::from_hours(24);

/// A mail whose text could not be had in this many passes is given up: a stranger can write one that
/// the provider never gives, and the mailbox must not be deaf behind it.
const STRIKES: u8 = 5;

/// How many mails are remembered as failing.
const MAX_FAILING: usize = 1024;

impl Lane<'_> {
    /// Why a follow-up waits, if it does: the account may send but not read, so its person may have
    /// asked to be left alone, and nobody would know.
    pub(super) fn unread(&self, enrollment: &EnrollmentRow) -> Option<Event> {
        let blind =
            self.account.state == MailboxState::SendOnly && !self.engine.settings.follow_ups_unread;
        (blind && enrollment.sent > 0).then(|| Event::Deferred {
            until: self.now().saturating_add(LATER).unwrap_or(self.now()),
            reason: "mailbox_cannot_read".to_owned(),
            why: "The mailbox may send but not read, so an answer would not be seen: follow-ups \
                  wait until its owner connects it again and allows reading."
                .to_owned(),
        })
    }

    /// The raw text of a mail; `None`: it is given up, and not asked for any more.
    pub(super) async fn raw_of(&self, arrived: &Arrived) -> Result<Option<Vec<u8>>, EngineError> {
        let id = &arrived.provider_id;
        // Without another try, which may take longer than the lane is held.
        if self.strikes(id, 0) >= STRIKES {
            return Ok(None);
        }
        let inbox = &self.engine.parts.inbox;
        match inbox.fetch(self.account_ref(), id).await {
            Ok(raw) => Ok(Some(raw)),
            Err(error @ (TransportError::Unavailable | TransportError::Protocol(_))) => {
                // Without headers: the inbox has given up on it already.
                if arrived.headers.is_empty() || self.strikes(id, 1) >= STRIKES {
                    return Ok(None);
                }
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How often a mail could not be read so far, counted by this process alone; with `more` added.
    fn strikes(&self, id: &str, more: u8) -> u8 {
        let failing = &self.engine.failing;
        let mut all = failing.lock().unwrap_or_else(PoisonError::into_inner);
        let mail = (self.mailbox, id.to_owned());
        if more == 0 {
            return all.get(&mail).copied().unwrap_or(0);
        }
        if all.len() >= MAX_FAILING && !all.contains_key(&mail) {
            all.pop_first();
        }
        let count = all.entry(mail).or_default();
        *count = count.saturating_add(more);
        *count
    }
}
