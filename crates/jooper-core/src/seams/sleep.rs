//! Waiting, as a seam, so that a simulation can pass the time itself.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

/// Waits. The host's runtime, or a simulation, decides how.
#[async_trait]
pub trait Sleeper: Debug + Send + Sync + 'static {
    /// Returns after about `duration` of *real* time; dropping the future stops the wait.
    async fn sleep(&self, duration: Duration);
}
