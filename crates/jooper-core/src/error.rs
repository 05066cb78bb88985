//! The one question every public error answers: may the caller try again?

use std::time::Duration;

/// What a caller may do with a failed call.
///
/// Decided where the knowledge is (next to the wire or the database), so that nobody above looks
/// at HTTP codes or SQL states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// The same call will fail again; change the input or the configuration.
    Never,
    /// Try again with growing, jittered pauses.
    Backoff,
    /// Try again, but not before this much time has passed.
    After(Duration),
    /// The effect may have happened. Look for evidence before anything else.
    Unknown,
}
