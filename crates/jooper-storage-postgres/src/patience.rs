//! The crate's timer seam: nobody waits for ever for a server that has fallen silent.

use std::future::Future;
use std::time::Duration;

use crate::error::Failure;

/// Waits for so long; behind it the connection counts as lost, for whoever waited must not use it
/// again.
#[allow(clippy::disallowed_methods, reason = "this is the seam")]
pub(crate) async fn wait<T>(most: Duration, work: impl Future<Output = T>) -> Result<T, Failure> {
    let waited = tokio::time::timeout(most, work).await;
    waited.map_err(|_| Failure::said(format!("the server has said nothing for {most:?}")))
}
