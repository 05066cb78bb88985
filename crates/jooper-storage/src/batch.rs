//! Many writes that happen together or not at all.

use jooper_core::{MailboxId, WorkspaceId};

use crate::log::LogEntry;
use crate::record::Record;
use crate::scan::Scope;
use crate::table::{Key, Version};
use crate::tables::LANE;
use crate::{Column, Value};

/// A set of checks, writes and log entries of one scope; all or nothing, durable on `Ok`.
///
/// The store evaluates every check and applies every write at one point in time: no other batch
/// comes between. Checks see the rows before the writes, except [`Check::AtMost`], which sees them
/// after.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whose rows.
    pub scope: Scope,
    /// What must hold.
    pub checks: Vec<Check>,
    /// What changes, in order.
    pub writes: Vec<Write>,
    /// What is appended to the workspace's log, in order.
    pub log: Vec<LogEntry>,
    /// Whether this batch may wait behind others: imports and sweeps, never reserve or settle.
    /// Bounded by [`Batch::MAX_BULK`] and [`Batch::MAX_BULK_BYTES`].
    pub bulk: bool,
}

/// A condition of a [`Batch`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// No such row exists.
    Absent(Key),
    /// The row exists with exactly this version.
    Version(Key, Version),
    /// The fence column of this claimable row equals the token; else
    /// [`StoreError::FenceLost`](crate::StoreError::FenceLost).
    Fence(Key, i64),
    /// After the writes, this integer column of the row is at most so much. An absent row is 0.
    AtMost(Key, &'static str, i64),
}

/// A change of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Write {
    /// Writes the whole row, new or not. The version becomes one more, or 1.
    Put(Key, Vec<Value>),
    /// Removes the row, if it is there.
    Delete(Key),
    /// Changes some columns of an existing row; an absent row is left absent.
    Patch(Key, Vec<(&'static str, ColumnOp)>),
    /// Writes the whole row if it is absent, else changes some columns. With no columns to change
    /// it only raises the version: how gate and stop meet on a fence row.
    Upsert(Key, Vec<Value>, Vec<(&'static str, ColumnOp)>),
}

/// A change of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnOp {
    /// Becomes this value.
    Set(Value),
    /// Grows by so much; `Null` counts as 0.
    Add(i64),
    /// Becomes the smaller of itself and this; `Null` becomes this.
    Min(i64),
    /// Becomes the larger of itself and this; `Null` becomes this.
    Max(i64),
}

impl Write {
    /// The row that changes.
    pub const fn key(&self) -> &Key {
        match self {
            Self::Put(key, _)
            | Self::Delete(key)
            | Self::Patch(key, _)
            | Self::Upsert(key, _, _) => key,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let cells = |values: &[Value]| values.iter().map(Value::size).sum::<usize>();
        let changed = |ops: &[(&str, ColumnOp)]| {
            let set = ops.iter().map(|(_, op)| match op {
                ColumnOp::Set(value) => value.size(),
                ColumnOp::Add(_) | ColumnOp::Min(_) | ColumnOp::Max(_) => 8,
            });
            set.sum::<usize>()
        };
        match self {
            Self::Put(_, values) => cells(values),
            Self::Delete(key) => cells(key.values()),
            Self::Patch(key, ops) => cells(key.values()) + changed(ops),
            Self::Upsert(_, values, ops) => cells(values) + changed(ops),
        }
    }
}

impl Batch {
    /// An empty batch of one scope.
    pub fn new(scope: impl Into<Scope>) -> Self {
        Self {
            scope: scope.into(),
            checks: Vec::new(),
            writes: Vec::new(),
            log: Vec::new(),
            bulk: false,
        }
    }

    /// Lets reserve and settle go first. Then [`Batch::MAX_BULK`] bounds its size.
    #[must_use]
    pub const fn bulk(mut self) -> Self {
        self.bulk = true;
        self
    }

    /// Adds a check.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Requires that this worker still holds the mailbox's lane.
    #[must_use]
    pub fn fenced(self, mailbox: MailboxId, token: i64) -> Self {
        self.check(Check::Fence(
            Key::new(&LANE, vec![mailbox.to_value()]),
            token,
        ))
    }

    /// Writes a record that must not exist yet.
    #[must_use]
    pub fn insert<R: Record>(mut self, record: &R) -> Self {
        let key = record.key();
        self.checks.push(Check::Absent(key.clone()));
        self.writes.push(Write::Put(key, record.to_values()));
        self
    }

    /// Writes a record over the version that was read.
    #[must_use]
    pub fn update<R: Record>(mut self, record: &R, version: Version) -> Self {
        let key = record.key();
        self.checks.push(Check::Version(key.clone(), version));
        self.writes.push(Write::Put(key, record.to_values()));
        self
    }

    /// Writes a record, whatever stood there.
    #[must_use]
    pub fn put<R: Record>(mut self, record: &R) -> Self {
        self.writes
            .push(Write::Put(record.key(), record.to_values()));
        self
    }

    /// Adds a write.
    #[must_use]
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// Appends a fact to the log.
    #[must_use]
    pub fn append(mut self, entry: LogEntry) -> Self {
        self.log.push(entry);
        self
    }

    /// The workspace, unless this is a platform batch.
    pub const fn workspace(&self) -> Option<WorkspaceId> {
        match self.scope {
            Scope::Workspace(workspace) => Some(workspace),
            Scope::Platform => None,
        }
    }
}
