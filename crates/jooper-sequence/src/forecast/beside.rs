//! Other mailboxes that write to the same people: one campaign at a time does.

use std::collections::BTreeSet;

use jooper_core::{EnrollmentState, LeadId, MailboxId};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LANE_COMMAND, LaneCommandRow};
use jooper_storage::{Column, Scan, StorageExt};

use crate::campaigns::Campaigns;
use crate::error::EngineError;
use crate::lane::Command;

impl Campaigns {
    /// Whether somebody of these people waits at a mailbox for a mail of another campaign, or is about
    /// to. Read up to the first of them. Whoever a person paused is left out: nothing goes on by itself.
    pub(super) async fn writes_to(
        &self,
        mailbox: MailboxId,
        people: &BTreeSet<LeadId>,
    ) -> Result<bool, EngineError> {
        let storage = self.engine.storage();
        let mut after = None;
        loop {
            let scan = Scan::table(&LANE_COMMAND).prefix(vec![mailbox.to_value()]);
            let scan = scan.after(after);
            let page = storage.page::<LaneCommandRow>(self.workspace, scan).await?;
            let mut commands = page.records.iter();
            if commands.any(|found| enrolls(&found.record, people)) {
                return Ok(true);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        for state in [EnrollmentState::Active, EnrollmentState::Parked] {
            let prefix = vec![mailbox.to_value(), state.to_value()];
            let all = Scan::table(&ENROLLMENT).by("by_due").prefix(prefix);
            let mut after = None;
            loop {
                let scan = all.clone().after(after);
                let page = storage.page::<EnrollmentRow>(self.workspace, scan).await?;
                let mut rows = page.records.iter();
                if rows.any(|found| people.contains(&found.record.lead)) {
                    return Ok(true);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(false)
    }
}

fn enrolls(row: &LaneCommandRow, people: &BTreeSet<LeadId>) -> bool {
    match serde_json::from_slice(&row.command) {
        Ok(Command::Enroll { leads, .. }) => leads.iter().any(|(_, lead)| people.contains(lead)),
        _ => false,
    }
}
