//! A small batch on the thread that asks for it.
//!
//! The way to the writer's thread and back pays where a disk is waited for: the caller's thread
//! goes on with others, and batches that wait share the sync. Where the disk answers at once, in
//! memory or behind a cache that is safe without power, it costs more than the batch itself.

use jooper_core::LeaseClock;
use jooper_storage::{Batch, StoreError};

use super::{Heads, Job, Shared, Undo, end, run_batch};
use crate::desk::{Desk, Place};
use crate::error::Failure;
use crate::queue::Queue;

/// How many changes a batch has at most to run on the thread that asks.
const FEW: usize = 32;

/// Commits a batch now, if it is small, commits are quick, the writer is idle and nothing urgent was
/// there first; `None` if it has to wait for the writer, and nothing of it was done. Now and then one waits
/// although it need not, so that the writer sees whether others would share its commit.
pub(crate) fn commit_here(
    desk: &Desk,
    queue: &Queue<Job>,
    shared: &Shared,
    clock: &dyn LeaseClock,
    batch: &Batch,
) -> Option<Result<(), StoreError>> {
    let changes = batch.writes.len() + batch.log.len();
    if batch.bulk || changes > FEW || !shared.pace.is_quick() || shared.pace.looks() {
        return None;
    }
    let mut place = desk.idle()?;
    // The writer takes what waits only while it has the place: what is not in the queue now is done.
    if queue.has_urgent() {
        return None;
    }
    Some(commit(place.as_mut()?, shared, clock, batch))
}

fn commit(
    place: &mut Place,
    shared: &Shared,
    clock: &dyn LeaseClock,
    batch: &Batch,
) -> Result<(), StoreError> {
    let begun = place.session.control("BEGIN IMMEDIATE");
    begun.map_err(|error| Failure::new(&error).to_store_error())?;
    place.versions.trust(&place.session);
    let before = place.session.connection.total_changes();
    let mut heads = Heads::default();
    let result = run_batch(place, batch, &mut heads, Undo::Group, None);
    shared.count(1);
    if place.session.connection.is_autocommit() {
        // A full or failing disk made SQLite roll back; whatever the batch says, it is not there.
        return result.and(Err(Failure::rolled_back().to_store_error()));
    }
    let wrote = place.session.connection.total_changes() > before;
    let committed = shared.pace.of(clock, wrote, || end(&place.session, &heads));
    result.and(committed.map_err(|failure| failure.to_commit_error()))
}
