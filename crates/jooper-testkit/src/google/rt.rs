//! The seam to the real machine: tasks and real pauses, in one place.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;

/// Starts a task; the caller keeps the handle and ends it at shutdown.
#[allow(
    clippy::disallowed_methods,
    reason = "the spawn seam of simulator and DNS emulator, which keep every handle"
)]
pub(crate) fn spawn<F>(task: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(task)
}

/// Waits in real time; virtual time is `SimClock`'s business.
#[allow(
    clippy::disallowed_methods,
    reason = "the simulator's sleep seam: network slowness is real time"
)]
pub(crate) async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}
