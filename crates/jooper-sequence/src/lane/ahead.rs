//! A lane whose highest time was a mistake: a named person says that the clock is right now.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::remember_as_of_now;
use jooper_core::EnrollmentState;
use jooper_storage::tables::{EnrollmentRow, LaneCommandRow};
use jooper_storage::{Batch, Column, ColumnOp, Versioned, Write};

use super::walk::ToAll;
use super::{Command, Lane, Wake, append};
use crate::decide::{Event, Memory};
use crate::error::EngineError;
use crate::planner::LATEST;

/// How long such a mailbox sends nothing. What went while the clock was ahead counts as of now, in the
/// counters that mailboxes share as well: behind a whole day none of it counts in truth either (law L12).
const QUIET: SignedDuration = SignedDuration::from_hours(24);

/// How often an enrollment is set right that changes meanwhile.
const TRIES: usize = 5;

/// An enrollment to which nothing happened later than now.
fn seen_until(row: &EnrollmentRow, now: Timestamp) -> EnrollmentRow {
    let known = Memory::stored(row);
    let memory = known.clone().map(|memory| memory.seen_until(now));
    EnrollmentRow {
        last_sent_at: row.last_sent_at.map(|at| at.min(now)),
        created_at: row.created_at.min(now),
        memory: match memory == known {
            true => row.memory.clone(),
            false => memory.map(|memory| memory.to_bytes()),
        },
        ..row.clone()
    }
}

impl Lane<'_> {
    /// Counts from the clock as it is, with everything that was written under a later time: the lane itself,
    /// a pause of the provider, shared budgets, and whoever this mailbox writes to or wrote to. Returns
    /// whether it is through; each part does nothing where it was done before.
    pub(super) async fn trust_clock(
        &mut self,
        row: &LaneCommandRow,
        wake: &mut Wake,
    ) -> Result<bool, EngineError> {
        self.count_from_now().await?;
        self.cap_pause().await?;
        if !self.fold_future_counts().await? || !self.remember_as_of_now().await? {
            wake.sooner(self.now());
            return Ok(false);
        }
        self.tell_all(row, None, &ToAll::ClockTrusted, wake).await
    }

    /// What the gate remembers of leads that were deleted; returns whether that is all.
    async fn remember_as_of_now(&self) -> Result<bool, EngineError> {
        let (storage, now) = (self.engine.storage(), self.engine.now());
        let mut after = None;
        while !self.out_of_time() {
            after = remember_as_of_now(storage, self.workspace, now, after).await?;
            if after.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn count_from_now(&mut self) -> Result<(), EngineError> {
        let now = self.engine.now();
        if self.row.high_water <= now {
            return Ok(());
        }
        let later = now.checked_add(QUIET.saturating_add(LATEST));
        let next_slot = later.unwrap_or(now);
        let recent = self.recent.clone().seen_until(now);
        let columns = vec![
            ("high_water", ColumnOp::Set(now.to_value())),
            ("next_slot", ColumnOp::Set(next_slot.to_value())),
            ("recent", ColumnOp::Set(recent.to_bytes().to_value())),
        ];
        let batch: Batch = self.batch().write(Write::Patch(self.key(), columns));
        self.engine.storage().commit(batch).await?;
        self.row.high_water = now;
        self.row.next_slot = next_slot;
        self.recent = recent;
        Ok(())
    }
    /// Whoever was enrolled, mailed or planned by the wrong clock was so by now, and is planned anew. What
    /// the gate put off by such a mail is asked again, at other mailboxes too.
    pub(super) async fn set_right(
        &mut self,
        found: Versioned<EnrollmentRow>,
    ) -> Result<(), EngineError> {
        let id = found.record.id;
        let mut found = Some(found);
        for _ in 0..TRIES {
            let Some(known) = found.take() else { break };
            match self.try_set_right(&known).await {
                Err(EngineError::Store(error)) if error.is_conflict() => {
                    found = self.enrollment(id).await?;
                }
                done => return done,
            }
        }
        Ok(())
    }

    async fn try_set_right(&mut self, found: &Versioned<EnrollmentRow>) -> Result<(), EngineError> {
        let (row, now) = (&found.record, self.engine.now());
        let seen = seen_until(row, now);
        let is_planned = row.state != EnrollmentState::Finished
            && row.due_at.is_some_and(|at| at > now)
            && self.is_told(row).await?;
        let event = Event::ClockTrusted;
        let decision = match is_planned {
            true => Some(self.decision(&seen, &event).await?),
            false => None,
        };
        let next = decision.as_ref().map_or(&seen, |decision| &decision.next);
        if next == row {
            return Ok(());
        }
        let batch = match row.last_sent_at == seen.last_sent_at {
            true => self.batch(),
            false => self.ask_others(row).await?,
        };
        let batch = match &decision {
            Some(decision) => self.carry_out(batch, found, decision, &event).await?,
            None => {
                self.touched(&seen);
                batch.update(&seen, found.version)
            }
        };
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// Whether what an enrollment runs is there and opens: else it is told when it is due.
    async fn is_told(&mut self, row: &EnrollmentRow) -> Result<bool, EngineError> {
        match self.campaign(row.campaign, row.sequence_version).await {
            Ok(_) => Ok(true),
            Err(EngineError::Content(_) | EngineError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Has other mailboxes ask the gate again about the same lead: it put them off by this one's mail.
    async fn ask_others(&self, row: &EnrollmentRow) -> Result<Batch, EngineError> {
        let mut batch = self.batch();
        for other in self.engine.enrollments_of(self.workspace, row.lead).await? {
            let waits =
                other.state == EnrollmentState::Active && Memory::deferred_of(&other).is_some();
            if waits && other.mailbox != self.mailbox {
                let command = Command::AskAgain(other.id);
                batch = append(self.engine, batch, other.mailbox, &command).await?;
            }
        }
        Ok(batch)
    }
}
