//! A budget that is used up: who waits for it.

use jiff::Timestamp;
use jooper_storage::tables::EnrollmentRow;

use super::Lane;
use super::send::Done;
use super::spent::{Scope, UsedUp};
use crate::decide::{BUDGET, Event, Memory, RECIPIENT_DOMAIN};
use crate::error::EngineError;

impl Lane<'_> {
    /// A budget that other lanes share is used up: the campaign waits, or this person alone does.
    pub(super) async fn used_up(
        &mut self,
        enrollment: &EnrollmentRow,
        used: UsedUp,
    ) -> Result<Done, EngineError> {
        let why = match used.scope {
            Scope::Workspace => {
                "As many mails as the campaign allows have gone from all mailboxes together within 24 hours."
            }
            Scope::Sender => {
                "As many mails as the campaign allows have gone from the mailboxes of this domain within \
                 24 hours."
            }
            Scope::Recipient => {
                "As many mails as the campaign allows have gone to this domain within 24 hours."
            }
        };
        if used.scope != Scope::Recipient {
            return self.full(enrollment, used.until, why).await;
        }
        let event = Event::Deferred {
            until: used.until,
            reason: RECIPIENT_DOMAIN.to_owned(),
            why: why.to_owned(),
        };
        self.happen(enrollment.id, &event).await?;
        Ok(Done::Moved)
    }

    /// A budget is used up: the campaign waits, and everybody keeps their place. Whoever was to go
    /// at once is planned anew: windows do not count for them, so that they would go at midnight.
    pub(super) async fn full(
        &mut self,
        enrollment: &EnrollmentRow,
        until: Timestamp,
        why: &str,
    ) -> Result<Done, EngineError> {
        if !Memory::hurries(enrollment) {
            return Ok(Done::Full(until));
        }
        let event = Event::Deferred {
            until,
            reason: BUDGET.to_owned(),
            why: why.to_owned(),
        };
        self.happen(enrollment.id, &event).await?;
        Ok(Done::Moved)
    }
}
