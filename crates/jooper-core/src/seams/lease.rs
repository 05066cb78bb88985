//! The lease clock: how long something is still ours. Never accelerated, never set back.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A reading of a [`LeaseClock`]: time since that clock began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeaseInstant(Duration);

impl LeaseInstant {
    /// A reading from the time since the clock began.
    pub const fn from_elapsed(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// The instant `duration` later.
    pub const fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// How long from `earlier` to this; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// A monotonic clock, local to one process.
///
/// Who takes a lease reads it *before* asking the store, and counts the lease from there: the
/// local deadline then never lies behind the store's.
pub trait LeaseClock: Debug + Send + Sync + 'static {
    /// The time since this clock began.
    fn now(&self) -> LeaseInstant;
}

/// The machine's monotonic clock.
#[derive(Debug, Clone)]
pub struct SystemLeaseClock(Arc<Instant>);

impl SystemLeaseClock {
    /// A clock that begins now.
    #[allow(clippy::disallowed_methods, reason = "this is the seam")]
    pub fn new() -> Self {
        Self(Arc::new(Instant::now()))
    }
}

impl Default for SystemLeaseClock {
    fn default() -> Self {
        Self::new()
    }
}

impl LeaseClock for SystemLeaseClock {
    fn now(&self) -> LeaseInstant {
        LeaseInstant(self.0.elapsed())
    }
}
