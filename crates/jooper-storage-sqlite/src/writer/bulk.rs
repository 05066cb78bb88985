//! How long bulk work may hold up what is urgent: [`MOST`].
//!
//! What a batch takes depends on its rows, their indexes and the machine, so it is measured: a bulk
//! batch that has run for so long is undone as soon as something urgent waits, and begins anew
//! behind it. After [`SET_BACK`] times it runs to its end, or it might never. `cargo bench --bench
//! storage -- --only bulk` tells what the fullest batches take.

use std::cell::Cell;
use std::time::Duration;

use jooper_core::{LeaseClock, LeaseInstant};
use jooper_storage::{Batch, StoreError};

/// How long a group takes in bulk work before it lets go of the store.
const MOST: Duration = Duration::from_millis(20);

/// How often a batch is undone for others at most.
const SET_BACK: u8 = 3;

/// Ends a bulk batch that has run for too long while something urgent waits.
pub(super) struct Patience<'a> {
    clock: &'a dyn LeaseClock,
    until: LeaseInstant,
    urgent: &'a dyn Fn() -> bool,
    ended: Cell<bool>,
}

impl<'a> Patience<'a> {
    /// For a batch that was set back so often, in a group that did so much bulk work before it;
    /// none for a batch that has waited enough.
    pub(super) fn with(
        work: &BulkWork,
        set_back: u8,
        clock: &'a dyn LeaseClock,
        urgent: &'a dyn Fn() -> bool,
    ) -> Option<Self> {
        (set_back < SET_BACK).then(|| Self {
            clock,
            until: clock.now().plus(MOST.saturating_sub(work.took)),
            urgent,
            ended: Cell::new(false),
        })
    }

    /// Asked between two statements.
    pub(super) fn last(&self) -> Result<(), StoreError> {
        if self.clock.now() < self.until || !(self.urgent)() {
            return Ok(());
        }
        self.ended.set(true);
        Err(StoreError::Busy(None))
    }

    /// Whether the batch was ended, and not refused by the store.
    pub(super) const fn ended(&self) -> bool {
        self.ended.get()
    }
}

/// The bulk work of one group so far.
#[derive(Debug, Default)]
pub(super) struct BulkWork {
    took: Duration,
    changes: usize,
    bytes: usize,
}

impl BulkWork {
    /// A bulk batch of this group ran for so long.
    pub(super) fn ran(&mut self, (changes, bytes): (usize, usize), took: Duration) {
        self.took += took;
        self.changes += changes;
        self.bytes += bytes;
    }

    pub(super) const fn is_none(&self) -> bool {
        self.changes == 0
    }

    /// Whether one more batch still belongs into the group. The first always does. Behind it
    /// those that are together no larger than one may be, and that will end in time if they go on
    /// as fast as those before.
    pub(super) fn has_room(&self, batch: &Batch) -> bool {
        let (changes, bytes) = batch.size();
        if self.changes == 0 {
            return true;
        }
        let behind = self.changes + changes;
        let share = behind as f64 / self.changes as f64;
        behind <= Batch::MAX_BULK
            && self.bytes + bytes <= Batch::MAX_BULK_BYTES
            && self.took.as_secs_f64() * share <= MOST.as_secs_f64()
    }
}
