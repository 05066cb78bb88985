//! Who waits at this lane: one read for each campaign and number of mails, however many wait.

use std::ops::Bound;

use jiff::Timestamp;
use jooper_core::EnrollmentState;
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt, Value, Versioned};
use uuid::Uuid;

use super::Lane;
use crate::decide::Event;
use crate::error::EngineError;
use crate::model::CatchUp;
use crate::overdue::{is_overdue, late_since};
use crate::planner::Head;

/// How many enrollments are read at once.
const PAGE: usize = 200;

impl Lane<'_> {
    /// Whoever has waited longest of each campaign and number of mails, due or not.
    pub(super) async fn heads(&self) -> Result<Vec<Head>, EngineError> {
        let prefix = vec![self.mailbox.to_value(), EnrollmentState::Active.to_value()];
        let mut heads: Vec<Head> = Vec::new();
        let mut behind = None;
        loop {
            let scan = Scan::table(&ENROLLMENT)
                .by("by_turn")
                .prefix(prefix.clone())
                .after(behind)
                .limit(1);
            let page = self
                .engine
                .storage()
                .page::<EnrollmentRow>(self.workspace, scan)
                .await?;
            let Some(found) = page.records.into_iter().next() else {
                return Ok(heads);
            };
            let row = found.record;
            // Behind everybody of the same campaign with as many mails.
            let group = [row.sent.to_value(), row.campaign.to_value()];
            let last = [Value::Int(i64::MAX), Value::Id(Uuid::max())];
            behind = Some([prefix.clone(), group.into(), last.into()].concat());
            heads.push(Head {
                campaign: row.campaign,
                sent: row.sent,
                due_at: row.due_at.unwrap_or(Timestamp::MIN),
                id: row.id,
            });
        }
    }

    /// Some of what is due, earliest first.
    pub(super) async fn due(
        &self,
        before: Timestamp,
    ) -> Result<Vec<Versioned<EnrollmentRow>>, EngineError> {
        let prefix = vec![self.mailbox.to_value(), EnrollmentState::Active.to_value()];
        let scan = Scan::table(&ENROLLMENT)
            .by("by_due")
            .prefix(prefix)
            .range(
                Bound::Included(Value::Int(i64::MIN)),
                Bound::Included(before.to_value()),
            )
            .limit(50);
        let page = self
            .engine
            .storage()
            .page::<EnrollmentRow>(self.workspace, scan)
            .await?;
        Ok(page.records)
    }

    /// After a long downtime: what is late asks a person first, where the schedule says so.
    ///
    /// The lane's highest time stays what it was until this is done, so that the next claim does it
    /// again behind a crash, and where time was up.
    pub(super) async fn catch_up(&mut self) -> Result<(), EngineError> {
        let now = self.now();
        let (seen, settings) = (self.row.high_water, &self.engine.settings);
        let Some(late_since) = late_since(seen, now, settings) else {
            return Ok(());
        };
        let prefix = vec![self.mailbox.to_value(), EnrollmentState::Active.to_value()];
        let range = (
            Bound::Included(Value::Int(i64::MIN)),
            Bound::Excluded(late_since.to_value()),
        );
        let all = Scan::table(&ENROLLMENT)
            .by("by_due")
            .prefix(prefix)
            .range(range.0, range.1)
            .limit(PAGE);
        let mut after = None;
        self.caught_up = false;
        loop {
            let scan = all.clone().after(after);
            let storage = self.engine.storage();
            let page = storage.page::<EnrollmentRow>(self.workspace, scan).await?;
            for found in page.records {
                if self.out_of_time() {
                    return Ok(());
                }
                self.ask_if_late(found.record, now).await?;
            }
            after = page.next;
            if after.is_none() {
                self.caught_up = true;
                return Ok(());
            }
        }
    }

    async fn ask_if_late(&mut self, row: EnrollmentRow, now: Timestamp) -> Result<(), EngineError> {
        let found = self.campaign_if_there(row.campaign, row.sequence_version);
        let loaded = match found.await {
            // Waits for a person in any case.
            Err(EngineError::Content(_)) => None,
            loaded => loaded?,
        };
        let catch_up = loaded.map(|loaded| loaded.settings.schedule.catch_up);
        let catch_up = catch_up.unwrap_or(CatchUp::Ask);
        let (seen, settings) = (self.row.high_water, &self.engine.settings);
        let is_overdue = |due_at: &Timestamp| is_overdue(seen, now, *due_at, settings, catch_up);
        if let Some(due_at) = row.due_at.filter(is_overdue) {
            let late = now.duration_since(due_at);
            self.happen(row.id, &Event::Overdue { late }).await?;
        }
        Ok(())
    }
}
