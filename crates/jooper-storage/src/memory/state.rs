//! The content of a memory store, and its rules, without any waiting.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jooper_core::{WorkspaceId, from_millis, to_millis};

use crate::{
    Batch, Check, Claim, Claimed, ColumnOp, Erase, Erased, Key, Label, LogCursor, LogEntry,
    LogPage, LogRecord, OnErase, Page, Record, Row, Scan, Scope, StoreError, TableDef, Value,
    Write, tables,
};

type Rows = BTreeMap<Vec<Value>, Row>;

/// One table of one scope, with its indexes: order values → primary key.
#[derive(Debug, Clone, Default)]
struct Table {
    rows: Rows,
    indexes: BTreeMap<&'static str, BTreeMap<Vec<Value>, Vec<Value>>>,
}

#[derive(Debug, Clone, Default)]
struct Log {
    records: Vec<LogRecord>,
    known: BTreeSet<(i64, [u8; 16])>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    tables: BTreeMap<(Scope, &'static str), Table>,
    logs: BTreeMap<WorkspaceId, Log>,
}

fn column(table: &TableDef, name: &str) -> Result<usize, StoreError> {
    table
        .position(name)
        .ok_or_else(|| StoreError::Invalid(format!("{} has no column {name}", table.name)))
}

fn applied(value: &Value, op: &ColumnOp) -> Value {
    let current = match value {
        Value::Int(n) => Some(*n),
        _ => None,
    };
    match op {
        ColumnOp::Set(value) => value.clone(),
        ColumnOp::Add(n) => Value::Int(current.unwrap_or(0).saturating_add(*n)),
        ColumnOp::Min(n) => Value::Int(current.map_or(*n, |current| current.min(*n))),
        ColumnOp::Max(n) => Value::Int(current.map_or(*n, |current| current.max(*n))),
    }
}

fn order_of(def: &TableDef, index: &'static str) -> Vec<usize> {
    Scan::table_order(def, Some(index)).unwrap_or_default()
}

impl Table {
    fn put(&mut self, def: &'static TableDef, key: &[Value], values: Vec<Value>) {
        let version = self.rows.get(key).map_or(0, |row| row.version);
        self.remove(def, key);
        for index in def.indexes {
            let at = order_of(def, index.name)
                .into_iter()
                .map(|i| values[i].clone())
                .collect();
            self.indexes
                .entry(index.name)
                .or_default()
                .insert(at, key.to_vec());
        }
        self.rows.insert(
            key.to_vec(),
            Row {
                values,
                version: version + 1,
            },
        );
    }

    fn remove(&mut self, def: &'static TableDef, key: &[Value]) -> bool {
        let Some(row) = self.rows.remove(key) else {
            return false;
        };
        for index in def.indexes {
            let at: Vec<Value> = order_of(def, index.name)
                .into_iter()
                .map(|i| row.values[i].clone())
                .collect();
            if let Some(entries) = self.indexes.get_mut(index.name) {
                entries.remove(&at);
            }
        }
        true
    }

    fn patch(
        &mut self,
        def: &'static TableDef,
        key: &[Value],
        ops: &[(&'static str, ColumnOp)],
    ) -> Result<(), StoreError> {
        let Some(row) = self.rows.get(key) else {
            return Ok(());
        };
        let mut values = row.values.clone();
        for (name, op) in ops {
            let at = column(def, name)?;
            values[at] = applied(&values[at], op);
        }
        self.put(def, key, values);
        Ok(())
    }
}

impl State {
    fn table(&mut self, scope: Scope, def: &'static TableDef) -> &mut Table {
        self.tables.entry((scope, def.name)).or_default()
    }

    fn row(&self, scope: Scope, key: &Key) -> Option<&Row> {
        self.tables
            .get(&(scope, key.table().name))?
            .rows
            .get(key.values())
    }

    pub(super) fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        batch.validate()?;
        self.check_before(&batch)?;
        let undo = self.undo_for(&batch);
        let applied = self
            .apply(&batch)
            .and_then(|()| self.check_after(&batch))
            .and_then(|()| self.append(&batch));
        if applied.is_err() {
            self.restore(batch.scope, undo);
        }
        applied
    }

    fn check_before(&self, batch: &Batch) -> Result<(), StoreError> {
        for (at, check) in batch.checks.iter().enumerate() {
            match check {
                Check::Absent(key) if self.row(batch.scope, key).is_some() => {
                    return Err(StoreError::Conflict {
                        check: at,
                        what: "absent",
                    });
                }
                Check::Version(key, version)
                    if self.row(batch.scope, key).map(|row| row.version) != Some(*version) =>
                {
                    return Err(StoreError::Conflict {
                        check: at,
                        what: "version",
                    });
                }
                Check::Fence(key, token) => {
                    let claim = key.table().claimable()?;
                    let fence = column(key.table(), claim.fence)?;
                    let held = self.row(batch.scope, key).map(|row| &row.values[fence]);
                    if held != Some(&Value::Int(*token)) {
                        return Err(StoreError::FenceLost);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_after(&self, batch: &Batch) -> Result<(), StoreError> {
        for (at, check) in batch.checks.iter().enumerate() {
            let Check::AtMost(key, name, most) = check else {
                continue;
            };
            let position = column(key.table(), name)?;
            let count = match self.row(batch.scope, key).map(|row| &row.values[position]) {
                Some(Value::Int(count)) => *count,
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

    fn undo_for(&self, batch: &Batch) -> Vec<(Key, Option<Row>)> {
        let keys = batch.writes.iter().map(|write| write.key().clone());
        keys.map(|key| (key.clone(), self.row(batch.scope, &key).cloned()))
            .collect()
    }

    fn restore(&mut self, scope: Scope, undo: Vec<(Key, Option<Row>)>) {
        for (key, before) in undo.into_iter().rev() {
            let table = self.table(scope, key.table());
            table.remove(key.table(), key.values());
            if let Some(Row { values, version }) = before {
                table.put(key.table(), key.values(), values);
                if let Some(row) = table.rows.get_mut(key.values()) {
                    row.version = version;
                }
            }
        }
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        for write in &batch.writes {
            let def = write.key().table();
            let table = self.table(batch.scope, def);
            match write {
                Write::Put(key, values) => table.put(def, key.values(), values.clone()),
                Write::Delete(key) => {
                    table.remove(def, key.values());
                }
                Write::Patch(key, ops) => table.patch(def, key.values(), ops)?,
                Write::Upsert(key, values, ops) => {
                    if table.rows.contains_key(key.values()) {
                        table.patch(def, key.values(), ops)?;
                    } else {
                        table.put(def, key.values(), values.clone());
                    }
                }
            }
        }
        Ok(())
    }

    fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        if batch.log.is_empty() {
            return Ok(());
        }
        let workspace = batch
            .workspace()
            .ok_or_else(|| StoreError::Invalid("the platform has no log".to_owned()))?;
        for entry in &batch.log {
            let log = self.logs.entry(workspace).or_default();
            if !log
                .known
                .insert((entry.at.as_millisecond(), *entry.id.as_bytes()))
            {
                continue;
            }
            let seq = log.records.len() as u64 + 1;
            // Times are kept to the millisecond, as every store does.
            let stored = LogEntry {
                at: from_millis(to_millis(entry.at)),
                rollups: Vec::new(),
                ..entry.clone()
            };
            log.records.push(LogRecord { seq, entry: stored });
            for delta in &entry.rollups {
                let row = tables::RollupRow {
                    key: delta.key.clone(),
                    count: delta.add,
                };
                let table = self.table(batch.scope, &tables::ROLLUP);
                let key = row.key();
                if table.rows.contains_key(key.values()) {
                    let grow = [("count", ColumnOp::Add(delta.add))];
                    table.patch(&tables::ROLLUP, key.values(), &grow)?;
                } else {
                    table.put(&tables::ROLLUP, key.values(), row.to_values());
                }
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        keys.iter()
            .map(|key| {
                key.validate(scope)?;
                Ok(self.row(scope, key).cloned())
            })
            .collect()
    }

    pub(super) fn scan(&self, scope: Scope, scan: &Scan) -> Result<Page, StoreError> {
        scan.table.in_scope(scope)?;
        let order = scan.order()?;
        let Some(table) = self.tables.get(&(scope, scan.table.name)) else {
            return Ok(Page::default());
        };
        let depth = scan.prefix.len();
        let mut start = Bound::Included(scan.prefix.clone());
        if let Bound::Included(from) | Bound::Excluded(from) = &scan.range.0 {
            let mut at = scan.prefix.clone();
            at.push(from.clone());
            start = Bound::Included(at);
        }
        if let Some(after) = &scan.after {
            start = Bound::Excluded(after.clone());
        }
        let matches = |at: &[Value]| -> Option<bool> {
            if at[..depth] != scan.prefix[..] {
                return None;
            }
            let Some(next) = at.get(depth) else {
                return Some(true);
            };
            match &scan.range.1 {
                Bound::Included(to) if next > to => return None,
                Bound::Excluded(to) if next >= to => return None,
                _ => {}
            }
            Some(match &scan.range.0 {
                Bound::Included(from) => next >= from,
                Bound::Excluded(from) => next > from,
                Bound::Unbounded => true,
            })
        };
        let mut page = Page::default();
        let mut take = |at: &[Value], row: &Row| -> bool {
            match matches(at) {
                None => false,
                Some(false) => true,
                Some(true) if page.rows.len() == scan.limit => {
                    page.next = page
                        .rows
                        .last()
                        .map(|row: &Row| order.iter().map(|i| row.values[*i].clone()).collect());
                    false
                }
                Some(true) => {
                    page.rows.push(row.clone());
                    true
                }
            }
        };
        let range = (start, Bound::Unbounded);
        match scan.index {
            None => {
                for (at, row) in table.rows.range(range) {
                    if !take(at, row) {
                        break;
                    }
                }
            }
            Some(name) => {
                let Some(entries) = table.indexes.get(name) else {
                    return Ok(page);
                };
                for (at, key) in entries.range(range) {
                    let Some(row) = table.rows.get(key) else {
                        continue;
                    };
                    if !take(at, row) {
                        break;
                    }
                }
            }
        }
        Ok(page)
    }

    pub(super) fn claim(&mut self, claim: &Claim, now: i64) -> Result<Vec<Claimed>, StoreError> {
        let def = claim.table;
        let how = claim.validate()?;
        let (due, lease, fence) = (
            column(def, how.due)?,
            column(def, how.lease)?,
            column(def, how.fence)?,
        );
        let int = |row: &Row, at: usize| match row.values[at] {
            Value::Int(n) => n,
            _ => i64::MAX,
        };
        let mut ready: Vec<(i64, WorkspaceId, Vec<Value>)> = Vec::new();
        for ((scope, name), table) in &self.tables {
            let Scope::Workspace(workspace) = scope else {
                continue;
            };
            if *name != def.name || workspace.bucket() != claim.bucket {
                continue;
            }
            for (key, row) in &table.rows {
                if int(row, due) <= claim.due_before && int(row, lease) <= now {
                    ready.push((int(row, due), *workspace, key.clone()));
                }
            }
        }
        ready.sort();
        ready.truncate(claim.limit);
        let mut claimed = Vec::with_capacity(ready.len());
        for (_, workspace, key) in ready {
            let table = self.table(Scope::Workspace(workspace), def);
            let until = now.saturating_add(claim.lease_millis);
            let ops = [
                (how.lease, ColumnOp::Set(Value::Int(until))),
                (how.fence, ColumnOp::Add(1)),
            ];
            table.patch(def, &key, &ops)?;
            if let Some(row) = table.rows.get(&key) {
                debug_assert!(matches!(row.values[fence], Value::Int(_)));
                claimed.push(Claimed {
                    workspace,
                    row: row.clone(),
                });
            }
        }
        Ok(claimed)
    }

    pub(super) fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        cursor.validate()?;
        let Some(log) = self.logs.get(&workspace) else {
            return Ok(LogPage {
                records: Vec::new(),
                next: cursor.after,
            });
        };
        let from = usize::try_from(cursor.after)
            .unwrap_or(usize::MAX)
            .min(log.records.len());
        let to = from.saturating_add(cursor.limit).min(log.records.len());
        let records = log.records[from..to].to_vec();
        let next = records.last().map_or(cursor.after, |record| record.seq);
        Ok(LogPage { records, next })
    }

    pub(super) fn erase(&mut self, erase: Erase) -> Erased {
        let mut done = Erased {
            physical: true,
            ..Erased::default()
        };
        let scope = Scope::Workspace(erase.workspace);
        for def in tables::all() {
            let Some(at) = def.subject.and_then(|name| def.position(name)) else {
                continue;
            };
            let Some(table) = self.tables.get_mut(&(scope, def.name)) else {
                continue;
            };
            let subject = Value::Id(erase.subject.uuid());
            let keys: Vec<_> = table
                .rows
                .iter()
                .filter(|(_, row)| row.values[at] == subject)
                .map(|(key, _)| key.clone())
                .collect();
            for key in keys {
                match def.on_erase {
                    OnErase::Keep => {}
                    OnErase::Delete => done.deleted += u64::from(table.remove(def, &key)),
                    OnErase::Scrub => done.scrubbed += u64::from(scrub(table, def, &key)),
                }
            }
        }
        if let Some(log) = self.logs.get_mut(&erase.workspace) {
            for record in &mut log.records {
                if record.entry.subject == Some(erase.subject)
                    && record.entry.payload.take().is_some()
                {
                    done.payloads += 1;
                }
            }
        }
        done
    }
}

fn scrub(table: &mut Table, def: &'static TableDef, key: &[Value]) -> bool {
    let Some(row) = table.rows.get(key) else {
        return false;
    };
    let mut values = row.values.clone();
    let mut changed = false;
    for (at, column) in def.columns.iter().enumerate().skip(def.key_len) {
        let personal = matches!(column.label, Label::Personal(_) | Label::Pseudonym);
        if personal && values[at] != Value::Null {
            values[at] = Value::Null;
            changed = true;
        }
    }
    if changed {
        table.put(def, key, values);
    }
    changed
}
