//! The crate's spawn seam: SQLite blocks, so it gets threads of its own, and the store keeps and
//! joins every handle.

use std::io;
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
