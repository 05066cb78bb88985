//! The host's runtime as a seam.

use std::time::Duration;

use async_trait::async_trait;
use jooper_core::Sleeper;

/// Waits by tokio's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleeper;

#[async_trait]
impl Sleeper for TokioSleeper {
    #[allow(clippy::disallowed_methods, reason = "this is the seam")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
