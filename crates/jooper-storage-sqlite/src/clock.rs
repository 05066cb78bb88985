//! The store's clock: the wall clock of the moment of opening, carried on by the monotonic one.
//!
//! Leases are stored times, so they need a wall clock; while they are held it must not jump.

use std::sync::Arc;

use jiff::Timestamp;
use jooper_core::{Clock, LeaseClock, LeaseInstant, SystemClock, SystemLeaseClock, from_millis};

/// A wall clock that a change of the machine's time does not move.
#[derive(Debug, Clone)]
pub(crate) struct AnchoredClock {
    wall: i64,
    anchor: LeaseInstant,
    lease: Arc<SystemLeaseClock>,
}

impl AnchoredClock {
    pub(crate) fn new() -> Self {
        let lease = SystemLeaseClock::new();
        Self {
            wall: SystemClock.now().as_millisecond(),
            anchor: lease.now(),
            lease: Arc::new(lease),
        }
    }
}

impl Clock for AnchoredClock {
    fn now(&self) -> Timestamp {
        let passed = self.lease.now().since(self.anchor).as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        from_millis(self.wall.saturating_add(passed))
    }
}
