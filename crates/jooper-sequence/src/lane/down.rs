//! A mailbox that dies mid-thread parks its leads, with the reason; connected again, they go on.
//!
//! Follow-ups stay on the mailbox that began the thread, so that there is nobody else to send them.

use std::sync::PoisonError;

use jooper_core::{EnrollmentState, MailboxState, WaitReason};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt};

use super::{Lane, Wake};
use crate::decide::Event;
use crate::error::EngineError;

/// How many enrollments are read at once.
const PAGE: usize = 200;

impl Lane<'_> {
    /// Parks what is active while only a person can bring the mailbox back, and wakes it after.
    pub(super) async fn follow_mailbox(&mut self, wake: &mut Wake) -> Result<(), EngineError> {
        let (from, event) = match self.account.state {
            MailboxState::NeedsReauth
            | MailboxState::Disconnected
            | MailboxState::Contested
            | MailboxState::ReadOnly => (EnrollmentState::Active, Event::MailboxDown),
            MailboxState::Connected | MailboxState::SendOnly => {
                (EnrollmentState::Parked, Event::MailboxUp)
            }
            _ => return Ok(()),
        };
        if from == EnrollmentState::Parked && self.is_followed() {
            self.set_followed(true);
            return Ok(());
        }
        // Forward through the list, and once: whoever stays as they are is not met again.
        let prefix = vec![self.mailbox.to_value(), from.to_value()];
        let all = Scan::table(&ENROLLMENT)
            .by("by_due")
            .prefix(prefix)
            .limit(PAGE);
        let mut after = None;
        loop {
            let scan = all.clone().after(after);
            let storage = self.engine.storage();
            let page = storage.page::<EnrollmentRow>(self.workspace, scan).await?;
            for found in page.records {
                if from == EnrollmentState::Parked
                    && found.record.wait != Some(WaitReason::MailboxDown)
                {
                    continue;
                }
                if self.out_of_time() {
                    wake.sooner(self.now());
                    return Ok(());
                }
                self.happen(found.record.id, &event).await?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if from == EnrollmentState::Parked {
            self.set_followed(true);
        }
        Ok(())
    }

    /// Whether nobody waits for this mailbox, by what this process knows: it has woken them all, and
    /// nobody else had the lane since.
    fn is_followed(&self) -> bool {
        let followed = &self.engine.followed;
        let all = followed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(&self.mailbox);
        known.is_some_and(|token| (self.token - 1..=self.token).contains(token))
    }

    /// Remembers that nobody waits for this mailbox, or that somebody does.
    pub(super) fn set_followed(&self, nobody_waits: bool) {
        let followed = &self.engine.followed;
        let mut all = followed.lock().unwrap_or_else(PoisonError::into_inner);
        if nobody_waits {
            all.insert(self.mailbox, self.token);
        } else {
            all.remove(&self.mailbox);
        }
    }
}
