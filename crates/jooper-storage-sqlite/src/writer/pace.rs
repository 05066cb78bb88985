//! Whether this disk takes a commit at once, and whether anybody would have shared it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jooper_core::LeaseClock;

/// What a commit takes at most to run on the thread that asks: as long as the way to another thread
/// and back takes on a machine with something to do, and no longer than a task may keep others from
/// running (`cargo bench --bench gate`: 110 µs in memory, 200 µs behind a quick disk's cache).
const QUICK: Duration = Duration::from_micros(250);

/// How many groups of one job have to follow each other: where several wait at a time they share the
/// writer's commit.
const ALONE: u32 = 8;

/// How many of the last 32 commits have to be quick. Now and then one copies the log into the
/// file, and takes longer everywhere.
const MOST: u32 = 28;

/// One of so many that could run where they are called goes through the writer: only there others are
/// seen to wait. On a runtime with one thread nobody ever finds the place taken, and those that would
/// share one sync come one behind the other.
const LOOK: u32 = 32;

/// What the last commits were like.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The last 32 that wrote: a bit for each that was quick, the newest lowest.
    quick: AtomicU32,
    /// How many groups had one job since the last that had more.
    alone: AtomicU32,
    /// How many could have run where they are called.
    here: AtomicU32,
}

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
        let last = self.quick.load(Ordering::Relaxed);
        let last = (last << 1) | u32::from(quick);
        self.quick.store(last, Ordering::Relaxed);
        done
    }

    /// So many jobs shared a commit.
    pub(super) fn shared_by(&self, jobs: usize) {
        let alone = match jobs {
            0 | 1 => self.alone.load(Ordering::Relaxed).saturating_add(1),
            _ => 0,
        };
        self.alone.store(alone, Ordering::Relaxed);
    }

    /// Whether it is time to see how many share the writer's commit.
    pub(super) fn looks(&self) -> bool {
        self.here.fetch_add(1, Ordering::Relaxed) % LOOK == LOOK - 1
    }

    /// Whether the next will most likely be quick and nobody's but its caller's. Until enough were, it
    /// is not.
    pub(super) fn is_quick(&self) -> bool {
        self.quick.load(Ordering::Relaxed).count_ones() >= MOST
            && self.alone.load(Ordering::Relaxed) >= ALONE
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

    fn alone() -> Pace {
        let pace = Pace::default();
        (0..ALONE).for_each(|_| pace.shared_by(1));
        pace
    }

    fn run(pace: &Pace, times: u32, took: Duration) {
        let clock = Takes(Mutex::default(), took);
        (0..times).for_each(|n| assert_eq!(pace.of(&clock, true, || n), n));
    }

    #[test]
    fn whoever_is_not_alone_shares_the_writers_commit() {
        let pace = Pace::default();
        run(&pace, 32, QUICK);
        let alone = |groups| (0..groups).for_each(|_| pace.shared_by(1));
        alone(ALONE - 1);
        assert!(!pace.is_quick(), "not yet known");
        alone(1);
        assert!(pace.is_quick());
        pace.shared_by(2);
        assert!(!pace.is_quick());
        alone(ALONE);
        assert!(pace.is_quick(), "alone again");
    }

    #[test]
    fn now_and_then_the_writer_is_asked_who_waits() {
        let pace = Pace::default();
        let asked = (1..=96).filter(|_| pace.looks());
        assert_eq!(asked.count(), 3);
    }

    #[test]
    fn commits_that_write_nothing_make_no_slow_disk_quick() {
        let pace = alone();
        let clock = Takes(Mutex::default(), Duration::ZERO);
        for _ in 0..8 {
            (0..32).for_each(|n| assert_eq!(pace.of(&clock, false, || n), n));
            run(&pace, 1, 2 * QUICK);
            assert!(!pace.is_quick());
        }
    }

    #[test]
    fn a_disk_is_quick_once_it_was_and_until_it_is_not() {
        let pace = alone();
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
