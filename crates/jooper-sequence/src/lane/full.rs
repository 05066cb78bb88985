//! A budget that is used up: who waits for it.

use jiff::Timestamp;
use jooper_storage::tables::EnrollmentRow;

use super::Lane;
use super::send::Done;
use super::spent::UsedUp;
use crate::decide::{Event, Memory};
use crate::error::EngineError;

impl Lane<'_> {
    /// A budget that other lanes share is used up: the campaign waits, or this person alone does.
    pub(super) async fn used_up(
        &mut self,
        enrollment: &EnrollmentRow,
        used: UsedUp,
    ) -> Result<Done, EngineError> {
        if !used.of_recipient {
            return self.full(enrollment, used.until).await;
        }
        let event = Event::Deferred {
            until: used.until,
            reason: "recipient_domain".to_owned(),
            why: "As many mails as the campaign allows have gone to this domain within 24 hours."
                .to_owned(),
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
    ) -> Result<Done, EngineError> {
        if !Memory::hurries(enrollment) {
            return Ok(Done::Full(until));
        }
        let event = Event::Deferred {
            until,
            reason: "budget".to_owned(),
            why: "As many mails as the campaign allows have gone from this mailbox.".to_owned(),
        };
        self.happen(enrollment.id, &event).await?;
        Ok(Done::Moved)
    }
}
