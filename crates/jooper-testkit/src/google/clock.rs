//! The virtual clock: still until a test moves it, or running at any speed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

type Source = Arc<dyn Fn() -> Timestamp + Send + Sync>;

enum Mode {
    Manual,
    Running { since: Instant, factor: f64 },
    External(Source),
}

struct Inner {
    mode: Mode,
    /// Milliseconds: the instant itself when manual, the start when running, a shift when external.
    base: i64,
}

/// The simulator's only notion of time; clones share one clock.
#[derive(Clone)]
pub struct SimClock(Arc<Mutex<Inner>>);

impl SimClock {
    /// A clock that stands at `start` until [`advance`](Self::advance) or [`set`](Self::set) moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self::from_parts(Mode::Manual, start.as_millisecond())
    }

    /// A clock that runs from `start`, `factor` virtual seconds for each real one (3600.0: an hour a second).
    #[must_use]
    pub fn accelerated(start: Timestamp, factor: f64) -> Self {
        Self::from_parts(
            Mode::Running {
                since: real_now(),
                factor,
            },
            start.as_millisecond(),
        )
    }

    /// The machine's own wall clock.
    #[must_use]
    pub fn wall() -> Self {
        #[allow(
            clippy::disallowed_methods,
            reason = "this module is the simulator's clock seam"
        )]
        Self::accelerated(Timestamp::now(), 1.0)
    }

    /// A clock that somebody else owns; moving it here shifts what the simulator sees of it.
    pub fn external(source: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self::from_parts(Mode::External(Arc::new(source)), 0)
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::MAX)
    }

    /// Moves time forward.
    pub fn advance(&self, by: Duration) {
        self.shift(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Moves time back, as a clock correction does.
    pub fn rewind(&self, by: Duration) {
        self.shift(-i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Jumps to an instant; a running clock goes on from there.
    pub fn set(&self, to: Timestamp) {
        self.shift(to.as_millisecond().saturating_sub(self.now_ms()));
    }

    /// Goes forward to `at` if it is earlier; somebody else's clock is left alone.
    pub(crate) fn not_before(&self, at: i64) {
        let external = matches!(
            self.0.lock().unwrap_or_else(PoisonError::into_inner).mode,
            Mode::External(_)
        );
        if !external {
            self.shift(at.saturating_sub(self.now_ms()).max(0));
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &inner.mode {
            Mode::Manual => inner.base,
            Mode::Running { since, factor } => {
                let elapsed = real_now().duration_since(*since).as_secs_f64() * factor * 1000.0;
                inner.base.saturating_add(elapsed as i64)
            }
            Mode::External(source) => source().as_millisecond().saturating_add(inner.base),
        }
    }

    fn shift(&self, by: i64) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.base = inner.base.saturating_add(by);
    }

    fn from_parts(mode: Mode, base: i64) -> Self {
        Self(Arc::new(Mutex::new(Inner { mode, base })))
    }
}

impl fmt::Debug for SimClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimClock").field(&self.now()).finish()
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "this module is the simulator's clock seam"
)]
fn real_now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = SimClock::manual(noon());
        assert_eq!(clock.now(), noon());
        clock.clone().advance(Duration::from_secs(90));
        assert_eq!(clock.now_ms() - noon().as_millisecond(), 90_000);
        clock.rewind(Duration::from_secs(30));
        assert_eq!(clock.now_ms() - noon().as_millisecond(), 60_000);
        clock.set(noon());
        assert_eq!(clock.now(), noon());
    }

    #[test]
    fn an_external_clock_is_followed_and_can_be_shifted() {
        let master = SimClock::manual(noon());
        let source = master.clone();
        let clock = SimClock::external(move || source.now());
        master.advance(Duration::from_secs(5));
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now_ms() - noon().as_millisecond(), 6_000);
    }

    #[test]
    fn an_accelerated_clock_outruns_real_time() {
        let clock = SimClock::accelerated(noon(), 1e6);
        let begin = real_now();
        while real_now().duration_since(begin) < Duration::from_millis(2) {}
        assert!(clock.now_ms() - noon().as_millisecond() >= 2_000_000);
    }
}
