//! The store's clock: the wall clock of the moment of opening, carried on by the monotonic one.
//!
//! Leases are stored times, so they need a wall clock; while they are held it must not jump. In suspend
//! it stands still: a permit's end then lies behind its sender's deadline, and a stop waits for it.

use std::time::Instant;

use jiff::Timestamp;
use jooper_core::{Clock, SystemClock, from_millis};

/// A wall clock that a change of the machine's time does not move.
#[derive(Debug, Clone)]
pub(crate) struct AnchoredClock {
    wall: i64,
    anchor: Instant,
}

impl AnchoredClock {
    #[allow(clippy::disallowed_methods, reason = "this is the seam")]
    pub(crate) fn new() -> Self {
        Self {
            wall: SystemClock.now().as_millisecond(),
            anchor: Instant::now(),
        }
    }
}

impl Clock for AnchoredClock {
    fn now(&self) -> Timestamp {
        let passed = self.anchor.elapsed().as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        from_millis(self.wall.saturating_add(passed))
    }
}
