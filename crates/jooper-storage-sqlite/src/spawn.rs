//! The crate's spawn seam: SQLite blocks, so it gets threads of its own, and the store keeps and
//! joins every handle.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

#[allow(
    clippy::disallowed_methods,
    reason = "this is the seam; the handle goes to the caller"
)]
pub(crate) fn thread(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(work)
}

/// Does one piece of a thread's work; `None` if it panicked, which the thread outlives: what is lost
/// is the answer to this piece. Whoever calls sees to what it may have left half-way.
pub(crate) fn survives<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
