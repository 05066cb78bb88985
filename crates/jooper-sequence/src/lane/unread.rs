//! What is not seen: accounts whose answers are not, and single mails that cannot be read.

use std::sync::PoisonError;

use jiff::SignedDuration;
use jooper_core::{MailboxState, WaitReason};
use jooper_storage::tables::{EnrollmentRow, SettingRow};
use jooper_storage::{Column, StorageExt};
use jooper_transport::{Arrived, TransportError};

use super::Lane;
use super::matching::Match;
use super::verdict::BY_COMPANY;
use crate::decide::Event;
use crate::engine::EngineSettings;
use crate::error::EngineError;
use crate::unreadable;

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

/// Whether a mail is a follow-up of an account that may send but not read, and nobody opted in to that.
pub(crate) fn is_unread(
    enrollment: &EnrollmentRow,
    account: Option<MailboxState>,
    settings: &EngineSettings,
) -> bool {
    let blind = account == Some(MailboxState::SendOnly) && !settings.follow_ups_unread;
    blind && enrollment.sent > 0
}

impl Lane<'_> {
    /// Why a follow-up waits, if it does: the account may send but not read, so its person may have
    /// asked to be left alone, and nobody would know.
    pub(super) fn unread(&self, enrollment: &EnrollmentRow) -> Option<Event> {
        let state = Some(self.account.state);
        is_unread(enrollment, state, &self.engine.settings).then(|| Event::Deferred {
            until: self.now().saturating_add(LATER).unwrap_or(self.now()),
            reason: "mailbox_cannot_read".to_owned(),
            why: crate::explain::UNREAD.to_owned(),
        })
    }

    /// Whether a mail was given up before, by whichever process: the others of its page hold the page
    /// up, or it is shown once more. What somebody decided since about its person stands.
    pub(super) async fn was_given_up(&self, arrived: &Arrived) -> Result<bool, EngineError> {
        let row = unreadable::given_up(self.mailbox, &arrived.provider_id, arrived.at);
        let storage = self.engine.storage();
        let found = storage.find::<SettingRow>(self.workspace, vec![row.name.to_value()]);
        Ok(found.await?.is_some())
    }

    /// Whether this process waits for a mail already: it says nothing new about the provider.
    pub(super) fn is_failing(&self, arrived: &Arrived) -> bool {
        let failing = &self.engine.failing;
        let failing = failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.contains_key(&(self.mailbox, arrived.provider_id.clone()))
    }

    /// The raw text of a mail; `None`: it is to be given up.
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
                let now = self.engine.now();
                let (since, tries) = failing.entry(mail.clone()).or_insert((now, 0));
                *tries = tries.saturating_add(1);
                *since = now.min(*since);
                if *tries < TRIES || now.duration_since(*since) < PATIENCE {
                    return Err(error.into());
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whoever a mail is from that cannot be read gets no further mail until a person has looked. One
    /// that nothing but the sender's company ties to anybody, or nothing at all, may be the report of
    /// a mail that came back: it is kept in sight with its mailbox. Either is done once.
    pub(super) async fn cannot_read(
        &mut self,
        arrived: &Arrived,
        found: &Match,
    ) -> Result<(), EngineError> {
        let (mailbox, provider_id) = (self.mailbox, &arrived.provider_id);
        let given_up = unreadable::given_up(mailbox, provider_id, arrived.at);
        let mut batch = self.batch().put(&given_up);
        if found.enrollments.is_empty() || found.by == BY_COMPANY {
            tracing::warn!(%mailbox, "a mail of nobody known cannot be read");
            batch = batch.put(&unreadable::row(mailbox, provider_id, arrived.at));
        }
        let event = Event::Paused(WaitReason::Unread);
        let theirs: &[_] = match found.by {
            BY_COMPANY => &[],
            _ => &found.enrollments,
        };
        // The row goes with the last of them: a crash before it does the others once more.
        let mut written = false;
        for (at, id) in theirs.iter().enumerate() {
            tracing::warn!(enrollment = %id, "a mail in its conversation cannot be read");
            let last = at + 1 == theirs.len();
            let batch = if last { batch.clone() } else { self.batch() };
            written = self.happen_with(*id, &event, batch).await? && last;
        }
        if !written {
            self.engine.storage().commit(batch).await?;
        }
        let mail = (mailbox, provider_id.clone());
        let failing = &self.engine.failing;
        let mut failing = failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.remove(&mail);
        Ok(())
    }
}
