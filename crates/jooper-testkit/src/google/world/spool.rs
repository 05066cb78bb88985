//! Message bytes, written once and referred to by number, so that the rest of the state stays small.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The number of a stored message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Blob(pub(crate) usize);

/// Stored messages; none is ever changed or removed.
#[derive(Default)]
pub(crate) struct Spool(Vec<Arc<[u8]>>);

impl Spool {
    /// Stores bytes.
    pub(crate) fn put(&mut self, bytes: Vec<u8>) -> Blob {
        self.0.push(bytes.into());
        Blob(self.0.len() - 1)
    }

    /// Stored bytes; empty for a number that was never given out.
    pub(crate) fn get(&self, blob: Blob) -> Arc<[u8]> {
        self.0.get(blob.0).cloned().unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn since(&self, start: usize) -> &[Arc<[u8]>] {
        self.0.get(start..).unwrap_or_default()
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spool({} messages)", self.0.len())
    }
}
