//! Whether this disk takes a commit at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jooper_core::LeaseClock;

/// What a commit takes at most where nothing waits for a disk: less than the way to another thread
/// and back (`cargo bench --bench gate`).
const QUICK: Duration = Duration::from_micros(100);

/// How many of the last 32 commits have to be quick. Now and then one copies the log into the
/// file, and takes longer everywhere.
const MOST: u32 = 28;

/// The last 32 commits that wrote: a bit for each that was quick, the newest lowest.
#[derive(Debug, Default)]
pub(super) struct Pace(AtomicU32);

impl Pace {
    /// Runs a commit, and keeps whether it was quick.
    ///
    /// One that wrote nothing waits for no disk, and says nothing about it.
    pub(super) fn of<T>(
        &self,
        clock: &dyn LeaseClock,
        wrote: bool,
        commit: impl FnOnce() -> T,
    ) -> T {
        if !wrote {
            return commit();
        }
        let began = clock.now();
        let done = commit();
        let quick = clock.now().since(began) <= QUICK;
        // Only whoever has the writer's place writes here.
        let last = self.0.load(Ordering::Relaxed);
        self.0
            .store((last << 1) | u32::from(quick), Ordering::Relaxed);
        done
    }

    /// Whether the next will most likely be quick. Until enough were, it is not.
    pub(super) fn is_quick(&self) -> bool {
        self.0.load(Ordering::Relaxed).count_ones() >= MOST
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use jooper_core::LeaseInstant;

    use super::*;

    /// Every other reading is so much later than the one before.
    #[derive(Debug)]
    struct Takes(Mutex<(Duration, bool)>, Duration);

    impl LeaseClock for Takes {
        fn now(&self) -> LeaseInstant {
            let mut now = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
            if now.1 {
                now.0 += self.1;
            }
            now.1 = !now.1;
            LeaseInstant::from_elapsed(now.0)
        }
    }

    fn run(pace: &Pace, times: u32, took: Duration) {
        let clock = Takes(Mutex::default(), took);
        (0..times).for_each(|n| assert_eq!(pace.of(&clock, true, || n), n));
    }

    #[test]
    fn commits_that_write_nothing_make_no_slow_disk_quick() {
        let pace = Pace::default();
        let clock = Takes(Mutex::default(), Duration::ZERO);
        for _ in 0..8 {
            (0..32).for_each(|n| assert_eq!(pace.of(&clock, false, || n), n));
            run(&pace, 1, 2 * QUICK);
            assert!(!pace.is_quick());
        }
    }

    #[test]
    fn a_disk_is_quick_once_it_was_and_until_it_is_not() {
        let pace = Pace::default();
        run(&pace, MOST - 1, QUICK);
        assert!(!pace.is_quick(), "not yet known");
        run(&pace, 1, QUICK);
        assert!(pace.is_quick());
        let slow = QUICK + Duration::from_micros(1);
        run(&pace, 4, QUICK);
        run(&pace, 4, slow);
        assert!(pace.is_quick(), "a few take longer everywhere");
        run(&pace, 1, slow);
        assert!(!pace.is_quick());
        run(&pace, 32, QUICK);
        assert!(pace.is_quick(), "quick again");
    }
}
