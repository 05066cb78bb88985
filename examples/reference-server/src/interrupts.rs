//! Ctrl-C, and the system's request to end.

use crate::error::{Context, ServerError};

/// Requests to end. Every one since [`Interrupts::heed`] counts, also those that nobody waited for yet:
/// a program that says it is up must already end as it should.
pub(crate) struct Interrupts {
    #[cfg(unix)]
    ctrl_c: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Interrupts {
    /// From here on a request no longer ends the process by itself.
    #[cfg(unix)]
    pub(crate) fn heed() -> Result<Self, ServerError> {
        use tokio::signal::unix::{SignalKind, signal};
        let heed = |kind| signal(kind).context("signals of the system cannot be heard");
        Ok(Self {
            ctrl_c: heed(SignalKind::interrupt())?,
            terminate: heed(SignalKind::terminate())?,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn heed() -> Result<Self, ServerError> {
        Ok(Self {})
    }

    /// Resolves at the next request.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            biased;
            _ = self.ctrl_c.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
