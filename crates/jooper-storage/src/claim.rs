//! Leasing due rows to one worker at a time.

use jooper_core::{Bucket, WorkspaceId};

use crate::scan::Row;
use crate::table::TableDef;

/// Asks for due rows of a claimable table in one bucket, across its workspaces.
///
/// A row is due when its due column is at most `due_before` and its lease has ended by the store's
/// own clock. Claiming raises the fence by one and sets the lease to the store's now plus
/// `lease_millis`. A row whose fence cannot grow any more is never handed out: the token of the
/// holder before would be the new holder's as well.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The table; it must declare how it is claimed.
    pub table: &'static TableDef,
    /// The bucket to look in.
    pub bucket: Bucket,
    /// Wall-clock time: rows due later stay.
    pub due_before: i64,
    /// At most this many rows.
    pub limit: usize,
    /// How long the rows are held, in milliseconds of store time.
    pub lease_millis: i64,
}

/// A row that this caller holds until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Whose row.
    pub workspace: WorkspaceId,
    /// The row as claimed: its fence is the caller's token.
    pub row: Row,
}
