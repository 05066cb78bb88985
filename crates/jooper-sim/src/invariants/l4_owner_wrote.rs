//! L4: a mail that the owner of the mailbox writes by hand pauses that lead until somebody resumes it.

use std::collections::BTreeMap;

use jooper_core::{EnrollmentId, EnrollmentState, SendKey};

use super::{Accepted, Change, Heard, Invariant, Spoke, Violation};
use crate::population::Said;

/// What owners wrote, as long as nobody has resumed the lead.
#[derive(Debug, Default)]
pub(crate) struct OwnerWrote {
    wrote: BTreeMap<EnrollmentId, Vec<Spoke>>,
    heard: Heard,
}

impl Invariant for OwnerWrote {
    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        self.heard.follow(change);
        for moved in &change.enrollments {
            let was = moved.before.as_ref().map(|row| row.state);
            let resumed = was == Some(EnrollmentState::Paused)
                && moved.after.state != EnrollmentState::Paused;
            if resumed && let Some(wrote) = self.wrote.get_mut(&moved.after.id) {
                let heard = &self.heard;
                wrote.retain(|spoke| !heard.has_read(spoke));
            }
        }
        Ok(())
    }

    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let SendKey::Step { enrollment, .. } = accepted.key else {
            return Ok(());
        };
        let wrote = self.wrote.get(&enrollment);
        if wrote.is_some_and(|wrote| wrote.iter().any(|spoke| self.heard.has_read(spoke))) {
            let key = accepted.key;
            return Err(Violation::SentAfterOwner { key });
        }
        Ok(())
    }

    fn spoke(&mut self, spoke: &Spoke) {
        if spoke.said == Said::Owner {
            self.wrote.entry(spoke.enrollment).or_default().push(*spoke);
        }
    }
}
