//! The content of a memory store, and its rules, without any waiting.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jooper_core::WorkspaceId;

use crate::{
    Batch, Bytes, Claim, Claimed, ColumnOp, Erase, Erased, Key, Label, LogCursor, LogPage,
    LogRecord, OnErase, Overlay, Page, Row, Scan, Scope, StoreError, TableDef, Value, tables,
};

type Rows = BTreeMap<Vec<Value>, Row>;

/// One table of one scope, with its indexes.
#[derive(Debug, Clone, Default)]
struct Table {
    rows: Rows,
    indexes: BTreeMap<&'static str, Index>,
}

/// The places of rows in one order. The key's columns are part of every order.
#[derive(Debug, Clone)]
struct Index {
    /// Which column stands where.
    order: Vec<usize>,
    /// Where the key's columns stand.
    key: Vec<usize>,
    places: BTreeSet<Vec<Value>>,
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

impl Index {
    fn new(def: &TableDef, name: &'static str) -> Self {
        let order = Scan::table_order(def, Some(name)).unwrap_or_default();
        let place = |column| order.iter().position(|at| *at == column);
        Self {
            key: (0..def.key_len).filter_map(place).collect(),
            order,
            places: BTreeSet::new(),
        }
    }

    fn place(&self, values: &[Value]) -> Vec<Value> {
        self.order.iter().map(|at| values[*at].clone()).collect()
    }
}

impl Table {
    fn put(&mut self, def: &'static TableDef, key: &[Value], values: Vec<Value>) {
        let version = self.rows.get(key).map_or(0, |row| row.version) + 1;
        self.set(def, key, Row { values, version });
    }

    fn set(&mut self, def: &'static TableDef, key: &[Value], row: Row) {
        self.remove(key);
        for index in def.indexes {
            let new = || Index::new(def, index.name);
            let index = self.indexes.entry(index.name).or_insert_with(new);
            let place = index.place(&row.values);
            index.places.insert(place);
        }
        self.rows.insert(key.to_vec(), row);
    }

    fn remove(&mut self, key: &[Value]) -> bool {
        let Some(row) = self.rows.remove(key) else {
            return false;
        };
        for index in self.indexes.values_mut() {
            let place = index.place(&row.values);
            index.places.remove(&place);
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
            values[at] = op.applied(&values[at]);
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

    pub(super) fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        batch.validate()?;
        let scope = batch.scope;
        let touched = batch.touched().into_iter();
        let mut overlay = Overlay::new(touched.map(|key| {
            let row = self.row(scope, &key).cloned();
            (key, row)
        }));
        let logged = batch.workspace().filter(|_| !batch.log.is_empty());
        let mut log = logged.map(|workspace| self.logs.entry(workspace).or_default());
        let appended = overlay.apply(batch, |entry| {
            let identity = (entry.at.as_millisecond(), *entry.id.as_bytes());
            log.as_mut().is_some_and(|log| log.known.insert(identity))
        })?;
        if let Some(log) = log {
            for entry in appended {
                let seq = log.records.len() as u64 + 1;
                log.records.push(LogRecord { seq, entry });
            }
        }
        for (key, row) in overlay.changes() {
            let table = self.table(scope, key.table());
            match row {
                Some(row) => table.set(key.table(), key.values(), row.clone()),
                None => {
                    table.remove(key.values());
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
                let Some(index) = table.indexes.get(name) else {
                    return Ok(page);
                };
                for at in index.places.range(range) {
                    let key: Vec<Value> = index.key.iter().map(|i| at[*i].clone()).collect();
                    let Some(row) = table.rows.get(&key) else {
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
                let free = int(row, lease) <= now && int(row, fence) < i64::MAX;
                if int(row, due) <= claim.due_before && free {
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
            bytes: Bytes::Gone,
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
                    OnErase::Delete => done.deleted += u64::from(table.remove(&key)),
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
    match scrubbed(def, &row.values) {
        Some(values) => {
            table.put(def, key, values);
            true
        }
        None => false,
    }
}

/// A row without what is personal in it; `None` when nothing is.
pub(crate) fn scrubbed(def: &TableDef, values: &[Value]) -> Option<Vec<Value>> {
    let mut scrubbed = values.to_vec();
    for (at, column) in def.columns.iter().enumerate().skip(def.key_len) {
        if matches!(column.label, Label::Personal(_) | Label::Pseudonym) {
            scrubbed[at] = Value::Null;
        }
    }
    (scrubbed != values).then_some(scrubbed)
}
