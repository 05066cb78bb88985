//! Waiting until no leave is out that a stop forbids.

use std::time::Duration;

use jiff::Timestamp;
use jooper_core::{LeaseClock, LeaseInstant, Sleeper, WorkspaceId};
use jooper_storage::tables::{PERMIT, PermitRow};
use jooper_storage::{Column, Scan, Storage, StorageExt, StoreError};

use super::scope::StopScope;
use crate::gate::PERMIT_LEASE;

/// How often to look whether the permits in the way were given back early.
const LOOK: Duration = Duration::from_millis(100);

/// Returns the store's time when no permit in scope is left, or none of them can live any more; not before
/// a whole lease, where the store cannot show every permit (`whole`).
///
/// No permit of before the stop's commit lives longer than a whole lease. The store's clock does not tell
/// when that is over: it may have been hours ahead when the permit was given, or have been set forward since,
/// while the sender counts on a clock of its own. So a permit is over when its row is gone, or when this
/// process has itself waited for a lease.
pub(super) async fn until_quiet(
    storage: &dyn Storage,
    sleeper: &dyn Sleeper,
    lease: &dyn LeaseClock,
    ws: WorkspaceId,
    scope: &StopScope,
    whole: bool,
) -> Result<Timestamp, StoreError> {
    let mut waiting = Waiting::begin(lease);
    loop {
        let now = storage.now().await?;
        if waiting.is_over(lease) {
            return Ok(now);
        }
        let last = last_end(storage, ws, scope).await?;
        if last.is_none() && !whole {
            return Ok(now);
        }
        waiting.go_on(sleeper, pause(now, last)).await;
    }
}

/// Returns the store's time when a whole lease has passed here.
pub(super) async fn a_lease(
    storage: &dyn Storage,
    sleeper: &dyn Sleeper,
    lease: &dyn LeaseClock,
) -> Result<Timestamp, StoreError> {
    let mut waiting = Waiting::begin(lease);
    while !waiting.is_over(lease) {
        waiting.go_on(sleeper, LOOK).await;
    }
    storage.now().await
}

/// How long this process has waited, by both its clocks: a lease clock counts a wall clock that is set
/// forward, which ends a permit of this machine and of no other.
struct Waiting {
    began: LeaseInstant,
    slept: Duration,
}

impl Waiting {
    fn begin(lease: &dyn LeaseClock) -> Self {
        Self {
            began: lease.now(),
            slept: Duration::ZERO,
        }
    }

    fn is_over(&self, lease: &dyn LeaseClock) -> bool {
        self.slept > PERMIT_LEASE && lease.now().since(self.began) > PERMIT_LEASE
    }

    async fn go_on(&mut self, sleeper: &dyn Sleeper, rest: Duration) {
        sleeper.sleep(rest).await;
        self.slept = self.slept.saturating_add(rest);
    }
}

/// Until the last permit should end, at most until the next look.
fn pause(now: Timestamp, last: Option<Timestamp>) -> Duration {
    let rest = last.and_then(|last| Duration::try_from(last.duration_since(now)).ok());
    let rest = rest.filter(|rest| !rest.is_zero()).unwrap_or(LOOK);
    rest.clamp(Duration::from_millis(1), LOOK)
}

/// When the last permit in scope ends, by the store's clock; also of those that it calls ended.
async fn last_end(
    storage: &dyn Storage,
    ws: WorkspaceId,
    scope: &StopScope,
) -> Result<Option<Timestamp>, StoreError> {
    let scans = match scope {
        // One mailbox may have permits under several addresses, each with its own widest form, and a lead's
        // under a form that an earlier version did not file.
        StopScope::Person { lead: None, .. } => scope
            .listed()
            .into_iter()
            .map(|form| {
                Scan::table(&PERMIT)
                    .by("by_contact")
                    .prefix(vec![form.to_value()])
            })
            .collect(),
        _ => vec![Scan::table(&PERMIT).by("by_lease")],
    };
    let mut last = None;
    for scan in scans {
        let permits = storage.collect::<PermitRow>(ws, scan).await?;
        let permits = permits.iter().map(|row| &row.record);
        let covered = permits.filter(|permit| scope.covers(permit));
        last = last.max(covered.map(|permit| permit.lease_until).max());
    }
    Ok(last)
}
