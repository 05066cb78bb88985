//! A mailbox that dies mid-thread parks its leads, with the reason; connected again, they go on.
//!
//! Follow-ups stay on the mailbox that began the thread, so that there is nobody else to send them.

use jooper_core::{EnrollmentId, EnrollmentState, MailboxState, WaitReason};
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
        loop {
            let waiting = self.in_state(from).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            for id in waiting {
                if self.out_of_time() {
                    wake.sooner(self.now());
                    return Ok(());
                }
                self.happen(id, &event).await?;
            }
        }
    }

    /// Active enrollments, or those that are parked for the mailbox.
    async fn in_state(&self, state: EnrollmentState) -> Result<Vec<EnrollmentId>, EngineError> {
        let prefix = vec![self.mailbox.to_value(), state.to_value()];
        let mut scan = Scan::table(&ENROLLMENT)
            .by("by_due")
            .prefix(prefix)
            .limit(PAGE);
        let parked = state == EnrollmentState::Parked;
        let mut found = Vec::new();
        loop {
            let page = self
                .engine
                .storage()
                .page::<EnrollmentRow>(self.workspace, scan.clone())
                .await?;
            let ours = page
                .records
                .iter()
                .filter(|row| !parked || row.record.wait == Some(WaitReason::MailboxDown));
            found.extend(ours.map(|row| row.record.id));
            match page.next {
                Some(next) if found.is_empty() => scan = scan.after(Some(next)),
                _ => return Ok(found),
            }
        }
    }
}
