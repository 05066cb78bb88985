//! What is not seen: accounts whose answers are not, and single mails that cannot be read.

use std::sync::PoisonError;

use jiff::SignedDuration;
use jooper_core::{MailboxState, WaitReason};
use jooper_storage::tables::EnrollmentRow;
use jooper_transport::{Arrived, TransportError};

use super::Lane;
use super::matching::Match;
use super::verdict::BY_COMPANY;
use crate::decide::Event;
use crate::error::EngineError;

/// When to look again whether an account may read by now.
const LATER: SignedDuration = SignedDuration::from_hours(24);

/// A mail whose text could not be had for so long is given up: a stranger can write one that the
/// provider never gives, and the mailbox must not be deaf behind it for ever. An outage of the
/// provider's is mostly shorter.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// A mailbox that is looked at seldom asks at least so often.
const TRIES: u8 = 3;

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
        let inbox = &self.engine.parts.inbox;
        let fetched = inbox.fetch(self.account_ref(), &arrived.provider_id).await;
        let mail = (self.mailbox, arrived.provider_id.clone());
        let failing = &self.engine.failing;
        let mut failing = failing.lock().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(raw) => {
                failing.remove(&mail);
                Ok(Some(raw))
            }
            Err(error @ (TransportError::Unavailable | TransportError::Protocol(_))) => {
                if failing.len() >= MAX_FAILING && !failing.contains_key(&mail) {
                    failing.pop_first();
                }
                let now = self.now();
                let (since, tries) = failing.entry(mail.clone()).or_insert((now, 0));
                *tries = tries.saturating_add(1);
                if *tries < TRIES || now.duration_since(*since) < PATIENCE {
                    return Err(error.into());
                }
                // The others of its page may still hold the page up: it is not waited for again.
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whoever a mail is from that cannot be read gets no further mail until a person has looked. One
    /// that nothing but the sender's company ties to anybody, or nothing at all, may be the report of
    /// a mail that came back: it is kept in sight with its mailbox.
    pub(super) async fn cannot_read(
        &mut self,
        arrived: &Arrived,
        found: &Match,
    ) -> Result<(), EngineError> {
        if found.enrollments.is_empty() || found.by == BY_COMPANY {
            tracing::warn!(mailbox = %self.mailbox, "a mail of nobody known cannot be read");
            let row = crate::unreadable::row(self.mailbox, &arrived.provider_id, arrived.at);
            return Ok(self.engine.storage().commit(self.batch().put(&row)).await?);
        }
        for id in &found.enrollments {
            tracing::warn!(enrollment = %id, "a mail in its conversation cannot be read");
            self.happen(*id, &Event::Paused(WaitReason::Unread)).await?;
        }
        Ok(())
    }
}
