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

/// Entries to append, and rows as they are behind a batch.
type Applied = (Vec<LogEntry>, Vec<(Key, Option<Row>)>);

/// The rows of a batch that writes no more than this are looked through one by one.
const FEW: usize = 24;

/// What a batch has written so far.
struct Scratch {
    rows: Vec<(Key, Option<Row>)>,
    /// Where each row stands, if there may be many.
    places: Option<BTreeMap<Key, usize>>,
}

impl Scratch {
    fn of(batch: &Batch) -> Self {
        let rollups = batch.log.iter().map(|entry| entry.rollups.len());
        let most = batch.writes.len() + rollups.sum::<usize>();
        Self {
            rows: Vec::with_capacity(most.min(FEW)),
            places: (most > FEW).then(BTreeMap::new),
        }
    }

    fn place(&self, key: &Key) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(key).copied(),
            None => self.rows.iter().position(|(known, _)| known == key),
        }
    }

    fn get(&self, key: &Key) -> Option<&Option<Row>> {
        self.place(key).map(|at| &self.rows[at].1)
    }

    /// Writes a row at its place, where it has one.
    fn insert(&mut self, at: Option<usize>, key: Key, row: Option<Row>) {
        if let Some(at) = at {
            self.rows[at].1 = row;
            return;
        }
        if let Some(places) = &mut self.places {
            places.insert(key.clone(), self.rows.len());
        }
        self.rows.push((key, row));
    }
}

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
        let scratch = Scratch::of(batch);
        let (writes, log) = (batch.writes.iter().cloned(), batch.log.iter().cloned());
        let applied = self.apply_parts(&batch.checks, writes, log, scratch, is_new);
        let (appended, rows) = applied?;
        self.now.extend(rows);
        Ok(appended)
    }

    /// Like [`Overlay::apply`], for one batch alone that nobody needs any more; every row that it
    /// wrote comes with the entries.
    pub(crate) fn apply_once(
        self,
        batch: Batch,
        is_new: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Applied, StoreError> {
        let scratch = Scratch::of(&batch);
        self.apply_parts(&batch.checks, batch.writes, batch.log, scratch, is_new)
    }

    fn apply_parts(
        &self,
        checks: &[Check],
        writes: impl IntoIterator<Item = Write>,
        log: impl IntoIterator<Item = LogEntry>,
        mut scratch: Scratch,
        mut is_new: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Applied, StoreError> {
        self.check_before(checks)?;
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
        Ok((appended, scratch.rows))
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

    fn row(&self, written: Option<&Option<Row>>, key: &Key) -> Option<Row> {
        match written.or_else(|| self.now.get(key)) {
            Some(row) => row.clone(),
            None => self.before.row(key),
        }
    }

    fn cell(&self, scratch: Option<&Scratch>, key: &Key, position: usize) -> Option<Value> {
        let written = scratch.and_then(|scratch| scratch.get(key));
        match written.or_else(|| self.now.get(key)) {
            Some(row) => row.as_ref().map(|row| row.values[position].clone()),
            None => self.before.cell(key, position),
        }
    }

    fn check_before(&self, checks: &[Check]) -> Result<(), StoreError> {
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
                    if self.cell(None, key, fence) != Some(Value::Int(*token)) {
                        return Err(StoreError::FenceLost);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_after(&self, scratch: &Scratch, checks: &[Check]) -> Result<(), StoreError> {
        for (at, check) in checks.iter().enumerate() {
            let Check::AtMost(key, column, most) = check else {
                continue;
            };
            let position = key.table().known(column)?;
            let count = match self.cell(Some(scratch), key, position) {
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

    fn write(&self, scratch: &mut Scratch, write: Write) -> Result<(), StoreError> {
        let at = scratch.place(write.key());
        let written = at.map(|at| &scratch.rows[at].1);
        let (key, row) = match write {
            Write::Delete(key) => (key, None),
            Write::Put(key, values) => {
                let stored = match written {
                    Some(row) => row.as_ref().map(|row| row.version),
                    None => self.version(&key),
                };
                let version = stored.unwrap_or(0) + 1;
                (key, Some(Row { values, version }))
            }
            Write::Patch(key, ops) => {
                let row = self.row(written, &key);
                let row = row.map(|row| changed(&key, row, ops)).transpose()?;
                (key, row)
            }
            Write::Upsert(key, values, ops) => {
                let row = match self.row(written, &key) {
                    Some(row) => changed(&key, row, ops)?,
                    None => Row { values, version: 1 },
                };
                (key, Some(row))
            }
        };
        scratch.insert(at, key, row);
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
