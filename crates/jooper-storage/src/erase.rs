//! Making one subject's rows disappear.

use jooper_core::{SubjectId, WorkspaceId};

/// Asks a store to remove one subject, as each table declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erase {
    /// Whose data.
    pub workspace: WorkspaceId,
    /// Whom.
    pub subject: SubjectId,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Erased {
    /// Rows removed.
    pub deleted: u64,
    /// Rows whose personal columns were emptied.
    pub scrubbed: u64,
    /// Log payloads removed.
    pub payloads: u64,
    /// Whether the bytes are gone from the live files too. `false`: a long reader still holds an
    /// old page; ask again until it is `true`.
    pub physical: bool,
}
