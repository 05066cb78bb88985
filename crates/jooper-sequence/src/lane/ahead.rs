//! A lane whose highest time was a mistake: a named person says that the clock is right now.

use jiff::SignedDuration;
use jooper_storage::{Batch, Column, ColumnOp, Write};

use super::Lane;
use crate::error::EngineError;
use crate::planner::LATEST;

/// How long such a mailbox sends nothing. What went while the clock was ahead stands under times that no
/// budget looks at any more, in the counters that mailboxes share as well: behind a whole day none of it
/// counts in truth either (law L12).
const QUIET: SignedDuration = SignedDuration::from_hours(24);

impl Lane<'_> {
    /// Counts from the clock as it is. Whoever does it twice does it once: the second finds nothing ahead.
    pub(super) async fn trust_clock(&mut self) -> Result<(), EngineError> {
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
}
