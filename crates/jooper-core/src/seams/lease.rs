//! The lease clock: how long something is still ours. Never accelerated, never set back.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

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

/// The machine's time, which goes on while the machine is suspended.
///
/// [`Instant`] is `CLOCK_MONOTONIC` on Linux, which stands still in suspend (`clock_gettime(2)`): a
/// lease that is counted by it alone is still ours when the lid opens, hours after everybody else saw
/// it end. So a step between two readings counts by the wall clock where that has gone more than a
/// second further: one that is set forward ends leases early, one that is set back changes nothing.
#[derive(Debug, Clone)]
pub struct SystemLeaseClock(Arc<Mutex<Elapsed>>);

impl SystemLeaseClock {
    /// A clock that begins now.
    pub fn new() -> Self {
        let (monotonic, wall) = readings();
        let elapsed = Elapsed {
            monotonic,
            wall,
            passed: Duration::ZERO,
        };
        Self(Arc::new(Mutex::new(elapsed)))
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the seam")]
fn readings() -> (Instant, SystemTime) {
    (Instant::now(), SystemTime::now())
}

/// By how much the wall clock goes further than the other in a step that counts by it: less is the time
/// between the two readings, or the wall clock being slewed, and would add up.
const SUSPENDED: Duration = Duration::from_secs(1);

/// What has passed until the last reading of two clocks.
#[derive(Debug)]
struct Elapsed {
    monotonic: Instant,
    wall: SystemTime,
    passed: Duration,
}

impl Elapsed {
    fn advance(&mut self, monotonic: Instant, wall: SystemTime) -> Duration {
        let awake = monotonic.saturating_duration_since(self.monotonic);
        let shown = wall.duration_since(self.wall).unwrap_or_default();
        let step = match shown > awake.saturating_add(SUSPENDED) {
            true => shown,
            false => awake,
        };
        self.passed = self.passed.saturating_add(step);
        self.monotonic = self.monotonic.max(monotonic);
        self.wall = wall;
        self.passed
    }
}

impl Default for SystemLeaseClock {
    fn default() -> Self {
        Self::new()
    }
}

impl LeaseClock for SystemLeaseClock {
    fn now(&self) -> LeaseInstant {
        let mut elapsed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: of two threads the later reading is never the earlier one.
        let (monotonic, wall) = readings();
        LeaseInstant(elapsed.advance(monotonic, wall))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_ends_while_the_machine_is_suspended_and_outlives_no_clock_that_is_set_back() {
        let (start, shown) = readings();
        let mut elapsed = Elapsed {
            monotonic: start,
            wall: shown,
            passed: Duration::ZERO,
        };
        let second = |seconds: u64| Duration::from_secs(seconds);
        let mut read =
            |awake: u64, wall: u64| elapsed.advance(start + second(awake), shown + second(wall));
        assert_eq!(read(2, 2), second(2));
        assert_eq!(read(3, 3_603), second(3_603), "an hour with the lid closed");
        assert_eq!(read(5, 5), second(3_605), "set back by that hour");
        assert_eq!(read(6, 3_606), second(7_206), "and suspended again");
        assert_eq!(read(7, 3_607), second(7_207));
    }

    #[test]
    fn readings_never_go_back() {
        let clock = SystemLeaseClock::new();
        let readings: Vec<_> = (0..100).map(|_| clock.now()).collect();
        assert!(readings.is_sorted());
    }
}
