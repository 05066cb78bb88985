//! The crate's spawn seam: a connection is driven by a task, and so is a shared commit, so that a
//! caller who gives up does not take the others' answers along.

use std::future::Future;

use tokio::task::JoinHandle;

#[allow(
    clippy::disallowed_methods,
    reason = "this is the seam; the handle goes to the caller"
)]
pub(crate) fn task<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tokio::spawn(work)
}
