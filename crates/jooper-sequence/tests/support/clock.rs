//! Leases and sleeps by time that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jooper_core::{Clock, LeaseClock, LeaseInstant, ManualClock, Sleeper, to_millis};

/// A lease clock that the hand-moved time moves.
#[derive(Debug)]
pub struct LeaseOf(pub Arc<ManualClock>);

impl LeaseClock for LeaseOf {
    fn now(&self) -> LeaseInstant {
        let millis = u64::try_from(to_millis(self.0.now())).unwrap_or(0);
        LeaseInstant::from_elapsed(Duration::from_millis(millis))
    }
}

/// Passes time by moving the clock.
#[derive(Debug)]
pub struct Passing(pub Arc<ManualClock>);

#[async_trait]
impl Sleeper for Passing {
    async fn sleep(&self, duration: Duration) {
        self.0.advance_millis(duration.as_millis() as i64);
        tokio::task::yield_now().await;
    }
}
