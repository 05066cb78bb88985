//! Waiting until no leave is out that a stop forbids.

use std::ops::Bound;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{LeaseClock, Sleeper, WorkspaceId, to_millis};
use jooper_storage::tables::{PERMIT, PermitRow};
use jooper_storage::{Column, Scan, Storage, StorageExt, StoreError, Value};

use super::scope::StopScope;
use crate::gate::PERMIT_LEASE;

/// How often to look whether the permits in the way were given back early.
const LOOK: Duration = Duration::from_millis(100);

/// Returns the store's time when no unexpired permit in scope exists and `not_before` has passed.
///
/// No permit of before the stop's commit lives longer than a whole lease, whatever the store's clock
/// showed when it was given: that clock may have been hours ahead, and been set right since.
pub(super) async fn until_quiet(
    storage: &dyn Storage,
    sleeper: &dyn Sleeper,
    lease: &dyn LeaseClock,
    ws: WorkspaceId,
    scope: &StopScope,
    not_before: Option<Timestamp>,
) -> Result<Timestamp, StoreError> {
    // By both: a lease clock counts a wall clock that is set forward, which ends a permit of this
    // machine and of no other.
    let (began, mut waited) = (lease.now(), Duration::ZERO);
    loop {
        let now = storage.now().await?;
        if waited > PERMIT_LEASE && lease.now().since(began) > PERMIT_LEASE {
            return Ok(now);
        }
        let open = open_until(storage, ws, scope, now).await?;
        let wait = open
            .into_iter()
            .chain(not_before)
            .filter(|until| *until > now)
            .max();
        let Some(until) = wait else {
            return Ok(now);
        };
        let rest = pause(now, until);
        sleeper.sleep(rest).await;
        waited = waited.saturating_add(rest);
    }
}

/// Returns when the store's time has reached `until`.
pub(super) async fn until_store_time(
    storage: &dyn Storage,
    sleeper: &dyn Sleeper,
    until: Timestamp,
) -> Result<Timestamp, StoreError> {
    loop {
        let now = storage.now().await?;
        if now >= until {
            return Ok(now);
        }
        let rest = until.duration_since(now);
        sleeper
            .sleep(
                rest.try_into()
                    .unwrap_or(LOOK)
                    .max(Duration::from_millis(1)),
            )
            .await;
    }
}

fn pause(now: Timestamp, until: Timestamp) -> Duration {
    let rest: SignedDuration = until.duration_since(now);
    Duration::try_from(rest)
        .unwrap_or(LOOK)
        .clamp(Duration::from_millis(1), LOOK)
}

/// The end of the last unexpired permit in scope.
async fn open_until(
    storage: &dyn Storage,
    ws: WorkspaceId,
    scope: &StopScope,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let unexpired = (
        Bound::Excluded(Value::Int(to_millis(now))),
        Bound::Unbounded,
    );
    let scans = match scope {
        // One mailbox may have permits under several addresses, each with its own widest form.
        StopScope::Person { .. } => scope
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
        let scan = scan.range(unexpired.0.clone(), unexpired.1.clone());
        let permits = storage.collect::<PermitRow>(ws, scan).await?;
        let permits = permits.iter().map(|row| &row.record);
        let covered = permits.filter(|permit| scope.covers(permit));
        last = last.max(covered.map(|permit| permit.lease_until).max());
    }
    Ok(last)
}
