//! The wall clock: schedules, laws and people. May be virtual or accelerated.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the wall-clock time, to the millisecond.
///
/// Never used for leases; see [`LeaseClock`](crate::LeaseClock).
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time now, truncated to whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// Milliseconds since the Unix epoch, as stores keep times.
pub fn to_millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// The instant for a stored number of milliseconds; out-of-range values saturate.
pub fn from_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the seam")]
    fn now(&self) -> Timestamp {
        from_millis(Timestamp::now().as_millisecond())
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(to_millis(start)))
    }

    /// Shows another time, earlier or later.
    pub fn set(&self, time: Timestamp) {
        self.0.store(to_millis(time), Ordering::SeqCst);
    }

    /// Moves by this many milliseconds, forward or back.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A clock that runs `factor` times as fast as the machine's, from a given pair of instants.
///
/// Two processes that share the pair and the factor show the same time, so a restarted
/// demonstration goes on where it stopped.
#[derive(Debug, Clone, Copy)]
pub struct AcceleratedClock {
    real_start: Timestamp,
    virtual_start: Timestamp,
    factor: u32,
}

impl AcceleratedClock {
    /// Shows `virtual_start` when the machine's clock shows `real_start`.
    pub const fn new(real_start: Timestamp, virtual_start: Timestamp, factor: u32) -> Self {
        Self {
            real_start,
            virtual_start,
            factor,
        }
    }
}

impl Clock for AcceleratedClock {
    fn now(&self) -> Timestamp {
        let real = to_millis(SystemClock.now()).saturating_sub(to_millis(self.real_start));
        let shown = real.saturating_mul(i64::from(self.factor));
        from_millis(to_millis(self.virtual_start).saturating_add(shown))
    }
}
