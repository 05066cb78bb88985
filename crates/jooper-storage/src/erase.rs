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
    /// Where the bytes of what was removed are.
    pub bytes: Bytes,
}

/// Where the bytes of erased rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Bytes {
    /// A long reader still holds an old page: ask again.
    #[default]
    Held,
    /// The database lets go of them by its own housekeeping, some time later (vacuum, recycled
    /// logs). Asking again changes nothing. Until then nobody reaches them through the database,
    /// and what was sealed is noise: its key went with it (law L9).
    Later,
    /// Gone from the live files.
    Gone,
}
