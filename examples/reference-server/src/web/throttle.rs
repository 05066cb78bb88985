//! How often somebody may try a password.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jooper::core::{LeaseClock, LeaseInstant};

use super::known::Browser;

/// Tries within [`WINDOW`]: of a browser that is known, or of all strangers together, because there is
/// one password to guess.
const TRIES: usize = 10;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts tries in a sliding window.
pub(crate) struct Throttle {
    tries: Mutex<BTreeMap<Browser, VecDeque<LeaseInstant>>>,
    clock: Arc<dyn LeaseClock>,
}

impl Throttle {
    pub(crate) fn new(clock: Arc<dyn LeaseClock>) -> Self {
        Self {
            tries: Mutex::new(BTreeMap::new()),
            clock,
        }
    }

    /// Counts a try; false when there were too many and this one must not be looked at.
    pub(crate) fn admit(&self, browser: &Browser) -> bool {
        let now = self.clock.now();
        let mut all = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, tries| tries.back().is_some_and(|last| now.since(*last) < WINDOW));
        let tries = all.entry(browser.clone()).or_default();
        while tries
            .front()
            .is_some_and(|first| now.since(*first) >= WINDOW)
        {
            tries.pop_front();
        }
        if tries.len() >= TRIES {
            return false;
        }
        tries.push_back(now);
        true
    }

    /// The right password was given: forget the wrong ones before it.
    pub(crate) fn clear(&self, browser: &Browser) {
        self.tries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(browser);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Hand(Mutex<Duration>);

    impl LeaseClock for Hand {
        fn now(&self) -> LeaseInstant {
            LeaseInstant::from_elapsed(*self.0.lock().unwrap())
        }
    }

    #[test]
    fn the_eleventh_try_waits_for_the_first_to_be_a_minute_old() {
        let clock = Arc::new(Hand::default());
        let throttle = Throttle::new(clock.clone());
        let (stranger, known) = (None, Some("browser".to_owned()));
        assert!((0..TRIES).all(|_| throttle.admit(&stranger)));
        assert!(!throttle.admit(&stranger));
        assert!(throttle.admit(&known), "strangers lock out strangers only");
        *clock.0.lock().unwrap() += WINDOW;
        assert!(throttle.admit(&stranger));
        throttle.clear(&stranger);
        assert!((0..TRIES).all(|_| throttle.admit(&stranger)));
    }
}
