//! The one error of this tool: a sentence for the person at the terminal.

use std::fmt;

/// Says what went wrong and what to do about it. Nothing branches on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// Wraps an I/O error with what was being done.
    pub(crate) fn io(doing: impl fmt::Display, error: &std::io::Error) -> Self {
        Self(format!("{doing}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
