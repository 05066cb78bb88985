//! Waiting until no leave is out that a stop forbids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jooper_core::{LeaseClock, LeaseInstant, PermitId, Sleeper, WorkspaceId};
use jooper_storage::tables::{PERMIT, PermitRow};
use jooper_storage::{Column, Scan, Storage, StorageExt, StoreError};

use super::scope::StopScope;
use crate::gate::PERMIT_LEASE;

/// How often to look whether the permits in the way were given back early.
const LOOK: Duration = Duration::from_millis(100);

/// The permits that this process has waited a whole lease for: whoever left them behind has died.
pub(super) type Outlived = Mutex<BTreeSet<PermitId>>;

/// Returns the store's time when no permit in scope is left, or none of them can live any more; not before
/// a whole lease, where the store cannot show every permit (`whole`).
///
/// No permit of before the stop's commit lives longer than a whole lease. The store's clock does not tell
/// when that is over: it may have been hours ahead when the permit was given, or have been set forward since,
/// while the sender counts on a clock of its own. So a permit is over when its row is gone, or when this
/// process has itself waited for a lease; once, and not with every later stop.
pub(super) async fn until_quiet(
    storage: &dyn Storage,
    sleeper: &dyn Sleeper,
    lease: &dyn LeaseClock,
    (ws, scope): (WorkspaceId, &StopScope),
    outlived: &Outlived,
    whole: bool,
) -> Result<Timestamp, StoreError> {
    let mut now = storage.now().await?;
    let mut waiting = Waiting::begin(now, lease);
    let mut open = open(storage, ws, scope, outlived).await?;
    let first: BTreeSet<PermitId> = open.keys().copied().collect();
    while (whole || !open.is_empty()) && !waiting.is_over(now, lease) {
        let last = open.values().copied().max();
        waiting.go_on(sleeper, pause(now, last)).await;
        now = storage.now().await?;
        open = self::open(storage, ws, scope, outlived).await?;
    }
    // What began under a permit that is gone by now began before this moment.
    now = storage.now().await?;
    // Those that came meanwhile are of mails that this stop does not forbid, and young.
    let left = open.into_keys().filter(|id| first.contains(id));
    let mut outlived = outlived.lock().unwrap_or_else(PoisonError::into_inner);
    outlived.extend(left);
    Ok(now)
}

/// Returns the store's time when a whole lease has passed here.
pub(super) async fn a_lease(
    storage: &dyn Storage,
    sleeper: &dyn Sleeper,
    lease: &dyn LeaseClock,
) -> Result<Timestamp, StoreError> {
    let mut now = storage.now().await?;
    let mut waiting = Waiting::begin(now, lease);
    while !waiting.is_over(now, lease) {
        waiting.go_on(sleeper, LOOK).await;
        now = storage.now().await?;
    }
    Ok(now)
}

/// How long this process has waited. It must have slept for so long: neither clock that is set forward ends
/// the wait. And one of the two must have passed as well.
struct Waiting {
    until: Timestamp,
    began: LeaseInstant,
    slept: Duration,
}

impl Waiting {
    fn begin(now: Timestamp, lease: &dyn LeaseClock) -> Self {
        Self {
            until: now.checked_add(super::stops::lease()).unwrap_or(now),
            began: lease.now(),
            slept: Duration::ZERO,
        }
    }

    fn is_over(&self, now: Timestamp, lease: &dyn LeaseClock) -> bool {
        let passed = now > self.until || lease.now().since(self.began) > PERMIT_LEASE;
        self.slept > PERMIT_LEASE && passed
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

/// The permits in scope, with their ends by the store's clock; also those that it calls ended.
async fn open(
    storage: &dyn Storage,
    ws: WorkspaceId,
    scope: &StopScope,
    outlived: &Outlived,
) -> Result<BTreeMap<PermitId, Timestamp>, StoreError> {
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
    let mut open = BTreeMap::new();
    for scan in scans {
        let permits = storage.collect::<PermitRow>(ws, scan).await?;
        let permits = permits.into_iter().map(|row| row.record);
        let covered = permits.filter(|permit| scope.covers(permit));
        open.extend(covered.map(|permit| (permit.id, permit.lease_until)));
    }
    let outlived = outlived.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|id, _| !outlived.contains(id));
    Ok(open)
}
