//! A batch evaluated over the rows it touches, for backends that can lock rows.
//!
//! A backend whose database has no such rules itself locks and reads [`Batch::touched`], applies
//! one or many batches here, and writes [`Overlay::changes`] back. Every rule of checks, versions
//! and column changes then lives in one place.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{from_millis, to_millis};

use crate::batch::{Batch, Check, ColumnOp, Write};
use crate::log::LogEntry;
use crate::record::Record;
use crate::scan::Row;
use crate::table::{Key, Version};
use crate::{StoreError, Value, tables};

type Rows = BTreeMap<Key, Option<Row>>;

/// The rows that some batches touch: as they were, and as they are after those that held.
#[derive(Debug, Clone, Default)]
pub struct Overlay<B = Rows> {
    before: B,
    now: Rows,
}

/// Rows as they were before a batch, for backends that need not copy them first.
pub trait Before {
    /// The version of a row, if there is one.
    fn version(&self, key: &Key) -> Option<Version>;

    /// The row, if there is one.
    fn row(&self, key: &Key) -> Option<Row>;

    /// One cell of the row, if there is one: for backends that need not read the others.
    fn cell(&self, key: &Key, position: usize) -> Option<Value> {
        self.row(key)
            .map(|mut row| row.values.swap_remove(position))
    }
}

impl Before for Rows {
    fn version(&self, key: &Key) -> Option<Version> {
        self.get(key)?.as_ref().map(|row| row.version)
    }

    fn row(&self, key: &Key) -> Option<Row> {
        self.get(key)?.clone()
    }
}

impl Batch {
    /// Every row that this batch checks or changes, rollups of its log entries included.
    pub fn touched(&self) -> BTreeSet<Key> {
        let checked = self.checks.iter().map(|check| {
            let (Check::Absent(key)
            | Check::Version(key, _)
            | Check::Fence(key, _)
            | Check::AtMost(key, _, _)) = check;
            key.clone()
        });
        let rollups = self.log.iter().flat_map(|entry| &entry.rollups);
        checked
            .chain(self.writes.iter().map(|write| write.key().clone()))
            .chain(rollups.map(|delta| rollup(&delta.key)))
            .collect()
    }
}

fn rollup(key: &[u8]) -> Key {
    Key::new(&tables::ROLLUP, vec![Value::Bytes(key.to_vec())])
}

impl Overlay {
    /// Rows as they are stored; `None` where there is none.
    pub fn new(rows: impl IntoIterator<Item = (Key, Option<Row>)>) -> Self {
        Self::over(rows.into_iter().collect())
    }
}

impl<B: Before> Overlay<B> {
    /// Rows that are read where they stand.
    pub const fn over(before: B) -> Self {
        Self {
            before,
            now: Rows::new(),
        }
    }

    /// Applies a valid batch: all of it, or nothing. Returns the log entries to append, in order,
    /// as they are stored.
    ///
    /// `is_new` answers whether an entry's identity is unknown so far, and from then on knows it.
    /// It is asked only when nothing can fail any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] or [`StoreError::FenceLost`], as
    /// [`Storage::commit`](crate::Storage::commit) says.
    pub fn apply(
        &mut self,
        batch: &Batch,
        is_new: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Vec<LogEntry>, StoreError> {
        let (writes, log) = (batch.writes.iter().cloned(), batch.log.iter().cloned());
        self.apply_parts(&batch.checks, writes, log, is_new)
    }

    /// Like [`Overlay::apply`], for a batch that nobody needs any more.
    pub(crate) fn apply_whole(
        &mut self,
        batch: Batch,
        is_new: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Vec<LogEntry>, StoreError> {
        self.apply_parts(&batch.checks, batch.writes, batch.log, is_new)
    }

    fn apply_parts(
        &mut self,
        checks: &[Check],
        writes: impl IntoIterator<Item = Write>,
        log: impl IntoIterator<Item = LogEntry>,
        mut is_new: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Vec<LogEntry>, StoreError> {
        self.check_before(checks)?;
        let mut scratch = Rows::new();
        for write in writes {
            self.write(&mut scratch, write)?;
        }
        self.check_after(&scratch, checks)?;
        let mut appended = Vec::new();
        for mut entry in log {
            if !is_new(&entry) {
                continue;
            }
            for delta in std::mem::take(&mut entry.rollups) {
                let row = tables::RollupRow {
                    key: delta.key,
                    count: delta.add,
                };
                let grow = vec![("count", ColumnOp::Add(delta.add))];
                let write = Write::Upsert(row.key(), row.to_values(), grow);
                self.write(&mut scratch, write)?;
            }
            // Times are kept to the millisecond, as every store does.
            entry.at = from_millis(to_millis(entry.at));
            appended.push(entry);
        }
        if self.now.is_empty() {
            self.now = scratch;
        } else {
            self.now.extend(scratch);
        }
        Ok(appended)
    }

    /// The rows that differ from what was read, as they are now; `None`: deleted.
    pub fn changes(&self) -> impl Iterator<Item = (&Key, Option<&Row>)> {
        self.now
            .iter()
            .filter(|(key, row)| self.before.row(key).as_ref() != row.as_ref())
            .map(|(key, row)| (key, row.as_ref()))
    }

    /// Every row that was written, as it is now; `None`: deleted.
    pub fn into_changes(self) -> BTreeMap<Key, Option<Row>> {
        self.now
    }

    fn version(&self, key: &Key) -> Option<Version> {
        match self.now.get(key) {
            Some(row) => row.as_ref().map(|row| row.version),
            None => self.before.version(key),
        }
    }

    fn row(&self, scratch: &Rows, key: &Key) -> Option<Row> {
        match scratch.get(key).or_else(|| self.now.get(key)) {
            Some(row) => row.clone(),
            None => self.before.row(key),
        }
    }

    fn cell(&self, scratch: &Rows, key: &Key, position: usize) -> Option<Value> {
        match scratch.get(key).or_else(|| self.now.get(key)) {
            Some(row) => row.as_ref().map(|row| row.values[position].clone()),
            None => self.before.cell(key, position),
        }
    }

    fn check_before(&self, checks: &[Check]) -> Result<(), StoreError> {
        let nothing = Rows::new();
        for (at, check) in checks.iter().enumerate() {
            let conflict = |what| Err(StoreError::Conflict { check: at, what });
            match check {
                Check::Absent(key) if self.version(key).is_some() => return conflict("absent"),
                Check::Version(key, version) if self.version(key) != Some(*version) => {
                    return conflict("version");
                }
                Check::Fence(key, token) => {
                    let claim = key.table().claimable()?;
                    let fence = key.table().known(claim.fence)?;
                    if self.cell(&nothing, key, fence) != Some(Value::Int(*token)) {
                        return Err(StoreError::FenceLost);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_after(&self, scratch: &Rows, checks: &[Check]) -> Result<(), StoreError> {
        for (at, check) in checks.iter().enumerate() {
            let Check::AtMost(key, column, most) = check else {
                continue;
            };
            let position = key.table().known(column)?;
            let count = match self.cell(scratch, key, position) {
                Some(Value::Int(count)) => count,
                _ => 0,
            };
            if count > *most {
                return Err(StoreError::Conflict {
                    check: at,
                    what: "at most",
                });
            }
        }
        Ok(())
    }

    fn write(&self, scratch: &mut Rows, write: Write) -> Result<(), StoreError> {
        let (key, row) = match write {
            Write::Delete(key) => (key, None),
            Write::Put(key, values) => {
                let stored = match scratch.get(&key) {
                    Some(row) => row.as_ref().map(|row| row.version),
                    None => self.version(&key),
                };
                let version = stored.unwrap_or(0) + 1;
                (key, Some(Row { values, version }))
            }
            Write::Patch(key, ops) => {
                let row = self.row(scratch, &key);
                let row = row.map(|row| changed(&key, row, ops)).transpose()?;
                (key, row)
            }
            Write::Upsert(key, values, ops) => {
                let row = match self.row(scratch, &key) {
                    Some(row) => changed(&key, row, ops)?,
                    None => Row { values, version: 1 },
                };
                (key, Some(row))
            }
        };
        scratch.insert(key, row);
        Ok(())
    }
}

fn changed(key: &Key, mut row: Row, ops: Vec<(&'static str, ColumnOp)>) -> Result<Row, StoreError> {
    for (column, op) in ops {
        let at = key.table().known(column)?;
        row.values[at] = op.applied(&row.values[at]);
    }
    row.version += 1;
    Ok(row)
}

impl ColumnOp {
    /// What a cell becomes. Additions saturate.
    pub fn applied(&self, value: &Value) -> Value {
        let current = match value {
            Value::Int(n) => Some(*n),
            _ => None,
        };
        match self {
            Self::Set(value) => value.clone(),
            Self::Add(n) => Value::Int(current.unwrap_or(0).saturating_add(*n)),
            Self::Min(n) => Value::Int(current.map_or(*n, |current| current.min(*n))),
            Self::Max(n) => Value::Int(current.map_or(*n, |current| current.max(*n))),
        }
    }
}

#[cfg(test)]
mod tests;
