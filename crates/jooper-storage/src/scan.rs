//! Rows, scopes and ordered reads.

use std::ops::Bound;

use jooper_core::WorkspaceId;
use serde::{Deserialize, Serialize};

use crate::table::{TableDef, Version};
use crate::{StoreError, Value};

/// Whose data a call is about.
///
/// Every tenant call names one workspace (law L7); the platform scope reaches the short, closed
/// list of platform tables and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One workspace.
    Workspace(WorkspaceId),
    /// The installation's own tables.
    Platform,
}

impl From<WorkspaceId> for Scope {
    fn from(workspace: WorkspaceId) -> Self {
        Self::Workspace(workspace)
    }
}

/// A stored row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The cells, in the order of the table's columns.
    pub values: Vec<Value>,
    /// Its version.
    pub version: Version,
}

/// An ordered read of one table in one scope.
///
/// Rows come in the order of the index's columns, then of the key; without an index in the order
/// of the key. Pages continue behind the last row seen, so concurrent writers can neither hide nor
/// repeat a row that does not itself move in the order.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The table.
    pub table: &'static TableDef,
    /// The index to walk, or `None` for the primary key.
    pub index: Option<&'static str>,
    /// Values of the first columns of that order: equality.
    pub prefix: Vec<Value>,
    /// Bounds of the next column of that order.
    pub range: (Bound<Value>, Bound<Value>),
    /// Continue behind this position, from [`Page::next`].
    pub after: Option<Vec<Value>>,
    /// At most this many rows, 1 to 10,000.
    pub limit: usize,
}

impl Scan {
    /// The most rows that one page may ask for.
    pub const MAX_LIMIT: usize = 10_000;

    /// Every row of the table in key order, 1,000 a page.
    pub const fn table(table: &'static TableDef) -> Self {
        Self {
            table,
            index: None,
            prefix: Vec::new(),
            range: (Bound::Unbounded, Bound::Unbounded),
            after: None,
            limit: 1000,
        }
    }

    /// Walks this index instead of the key.
    pub const fn by(mut self, index: &'static str) -> Self {
        self.index = Some(index);
        self
    }

    /// Requires these values in the first columns of the order.
    pub fn prefix(mut self, prefix: Vec<Value>) -> Self {
        self.prefix = prefix;
        self
    }

    /// Bounds the column after the prefix.
    pub fn range(mut self, from: Bound<Value>, to: Bound<Value>) -> Self {
        self.range = (from, to);
        self
    }

    /// Asks for at most this many rows.
    pub const fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Continues where a page ended.
    pub fn after(mut self, position: Option<Vec<Value>>) -> Self {
        self.after = position;
        self
    }

    /// Positions of the columns that the order is made of: the index's, then the key's.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the table has no such index, the prefix, the range or the
    /// position does not fit its columns, or the limit is out of range.
    pub fn order(&self) -> Result<Vec<usize>, StoreError> {
        let order = Self::table_order(self.table, self.index)
            .ok_or_else(|| self.invalid("no such index or column"))?;
        self.fits(&order)?;
        Ok(order)
    }

    fn invalid(&self, what: &str) -> StoreError {
        StoreError::Invalid(format!("scan of {}: {what}", self.table.name))
    }

    /// Whether prefix, range, position and limit fit this order, which is its own.
    pub(crate) fn fits(&self, order: &[usize]) -> Result<(), StoreError> {
        let ranged = !matches!(self.range, (Bound::Unbounded, Bound::Unbounded));
        if self.prefix.len() + usize::from(ranged) > order.len() {
            return Err(self.invalid("more conditions than columns in the order"));
        }
        if self
            .after
            .as_ref()
            .is_some_and(|after| after.len() != order.len())
        {
            return Err(self.invalid("a position of another scan"));
        }
        if !(1..=Self::MAX_LIMIT).contains(&self.limit) {
            return Err(self.invalid("the limit must be 1 to 10,000"));
        }
        let depth = self.prefix.len();
        if self
            .after
            .as_ref()
            .is_some_and(|after| after[..depth] != self.prefix[..])
        {
            return Err(self.invalid("a position of another scan"));
        }
        let fits = |at: usize, value: &Value| {
            *value == Value::Null || value.fits(&self.table.columns[order[at]])
        };
        let mut ends = [&self.range.0, &self.range.1].into_iter();
        let ends_fit = ends.all(|end| match end {
            Bound::Included(value) | Bound::Excluded(value) => fits(depth, value),
            Bound::Unbounded => true,
        });
        let given = self.after.as_ref().unwrap_or(&self.prefix);
        if !ends_fit || !given.iter().enumerate().all(|(at, value)| fits(at, value)) {
            return Err(self.invalid("a value of another kind than its column"));
        }
        Ok(())
    }

    /// The order of an index (or of the key) as positions of columns; `None`: no such index.
    pub fn table_order(table: &TableDef, index: Option<&str>) -> Option<Vec<usize>> {
        let columns = match index {
            Some(name) => table.index(name)?.columns,
            None => &[],
        };
        let mut order = Vec::with_capacity(columns.len() + table.key_len);
        for column in columns {
            order.push(table.position(column)?);
        }
        for key in 0..table.key_len {
            if !order.contains(&key) {
                order.push(key);
            }
        }
        Some(order)
    }
}

/// One page of a [`Scan`].
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Where to continue; `None` when this was the last page.
    pub next: Option<Vec<Value>>,
}
