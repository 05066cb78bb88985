//! Who goes before all others of a mailbox: somebody said "now".
//!
//! The command stays in the lane's inbox until the mail has gone, so that a day whose budget is used
//! up changes nothing about whose turn it is on the next.

use std::collections::BTreeSet;

use jooper_core::{CampaignId, EnrollmentId, EnrollmentState, StepIndex};
use jooper_storage::tables::{EnrollmentRow, LaneCommandRow};
use jooper_storage::{Record, Versioned, Write};

use super::{Command, Lane, Wake};
use crate::decide::{Event, Memory};
use crate::error::EngineError;
use crate::planner::Head;

/// A wish for "now" that waits, as it was when the pass began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    id: EnrollmentId,
    step: StepIndex,
    campaign: CampaignId,
    /// Whether it is the enrollment's first mail.
    begins: bool,
    /// Whether anything can go at all; what changes that wakes the lane for another pass.
    active: bool,
}

impl Wish {
    fn of(row: &EnrollmentRow) -> Self {
        Self {
            id: row.id,
            step: row.step,
            campaign: row.campaign,
            begins: row.sent == 0,
            active: row.state == EnrollmentState::Active,
        }
    }
}

impl Lane<'_> {
    /// Takes a wish for "now" in; returns whether the command is done with: no mail waits for its
    /// time.
    pub(super) async fn hurry(
        &mut self,
        row: LaneCommandRow,
        id: EnrollmentId,
    ) -> Result<bool, EngineError> {
        self.happen(id, &Event::SendNow).await?;
        let found = self.enrollment(id).await?.map(|found| found.record);
        let Some(enrollment) = found.filter(Memory::hurries) else {
            let done = self.batch().write(Write::Delete(row.key()));
            self.engine.storage().commit(done).await?;
            return Ok(true);
        };
        let kept = Command::First(id, enrollment.step);
        let command = serde_json::to_vec(&kept).map_err(|_| EngineError::Content("command"))?;
        let batch = self.batch().put(&LaneCommandRow { command, ..row });
        self.engine.storage().commit(batch).await?;
        self.first.push(Wish::of(&enrollment));
        Ok(false)
    }

    /// Keeps the place of somebody whose mail has not gone yet; returns whether it has.
    pub(super) async fn keep_first(
        &mut self,
        row: &LaneCommandRow,
        id: EnrollmentId,
        step: StepIndex,
    ) -> Result<bool, EngineError> {
        let found = self.enrollment(id).await?.map(|found| found.record);
        let waits = |row: &EnrollmentRow| row.step == step && row.finish.is_none();
        if let Some(found) = found.filter(waits) {
            self.first.push(Wish::of(&found));
            return Ok(false);
        }
        let done = self.batch().write(Write::Delete(row.key()));
        self.engine.storage().commit(done).await?;
        Ok(true)
    }

    /// Whose turn it is before all others, in the order in which somebody said so. Those of campaigns
    /// that may not send, or not begin, wait with the others.
    pub(super) async fn first_in_line(
        &self,
        full: &BTreeSet<CampaignId>,
        sampled: &BTreeSet<CampaignId>,
        wake: &mut Wake,
    ) -> Result<Option<Head>, EngineError> {
        // Without a read: this is asked before each mail of the mailbox, and wishes may wait for days.
        let may_go = |wish: &&Wish| {
            let held = wish.begins && sampled.contains(&wish.campaign);
            wish.active && !held && !full.contains(&wish.campaign)
        };
        for wish in self.first.iter().filter(may_go) {
            let Some(Versioned { record: row, .. }) = self.enrollment(wish.id).await? else {
                continue;
            };
            let waits = row.state == EnrollmentState::Active && row.step == wish.step;
            let Some(due_at) = row.due_at.filter(|_| waits) else {
                continue;
            };
            if due_at > self.now() {
                wake.sooner(due_at);
                continue;
            }
            return Ok(Some(Head {
                campaign: row.campaign,
                sent: row.sent,
                due_at,
                id: row.id,
            }));
        }
        Ok(None)
    }
}
