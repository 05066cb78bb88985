//! Accounts whose answers are not seen.

use jiff::SignedDuration;
use jooper_core::MailboxState;
use jooper_storage::tables::EnrollmentRow;

use super::Lane;
use crate::decide::Event;

/// When to look again whether an account may read by now.
const LATER: SignedDuration = SignedDuration::from_hours(24);

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
}
