//! The content of a fork, without any waiting.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::WorkspaceId;

use super::bytes;
use super::log::Log;
use super::table::{Known, Scanned, Table};
use crate::memory::scrubbed;
use crate::overlay::Before;
use crate::{
    Batch, Bytes, Claim, Claimed, ColumnOp, Erase, Erased, Key, OnErase, Overlay, Row, Scan, Scope,
    StoreError, TableDef, Value, Version, tables,
};

#[derive(Debug, Default)]
pub(super) struct State {
    tables: BTreeMap<Scope, Tables>,
    logs: BTreeMap<WorkspaceId, Log>,
}

/// The tables of one scope: a few dozen, mostly found by the address of their declaration.
#[derive(Debug, Default)]
struct Tables {
    defs: Vec<&'static TableDef>,
    tables: Vec<Table>,
}

/// What is known of one row.
pub(super) enum Found<'a> {
    /// Its bytes, or that there is none.
    Known(Option<(&'a Table, &'a [u8])>),
    /// The store beneath knows.
    Beneath,
    /// Nobody has looked at the table.
    Untouched,
}

/// The rows before a batch.
struct Rows<'a>(Option<&'a Tables>);

impl<'a> Rows<'a> {
    fn find(&self, key: &Key) -> Option<(&'a Table, &'a [u8])> {
        let table = self.0?.get(key.table())?;
        Some((table, table.find(key)??))
    }
}

impl Before for Rows<'_> {
    fn version(&self, key: &Key) -> Option<Version> {
        self.find(key).map(|(_, row)| bytes::version(row))
    }

    fn row(&self, key: &Key) -> Option<Row> {
        self.find(key).map(|(table, row)| table.read(row))
    }

    fn cell(&self, key: &Key, position: usize) -> Option<Value> {
        self.find(key).map(|(_, row)| bytes::cell(row, position))
    }
}

impl Tables {
    fn place_of(&self, def: &'static TableDef) -> Option<usize> {
        let same = self.defs.iter().position(|known| std::ptr::eq(*known, def));
        same.or_else(|| self.defs.iter().position(|known| known.name == def.name))
    }

    fn get(&self, def: &'static TableDef) -> Option<&Table> {
        self.place_of(def).map(|at| &self.tables[at])
    }

    fn get_mut(&mut self, def: &'static TableDef) -> Option<&mut Table> {
        self.place_of(def).map(|at| &mut self.tables[at])
    }

    fn entry(&mut self, def: &'static TableDef) -> &mut Table {
        let at = self.place_of(def).unwrap_or_else(|| {
            self.defs.push(def);
            self.tables.push(Table::new(def));
            self.tables.len() - 1
        });
        &mut self.tables[at]
    }
}

impl State {
    pub(super) fn table(&mut self, scope: Scope, def: &'static TableDef) -> &mut Table {
        self.tables.entry(scope).or_default().entry(def)
    }

    fn known_table(&self, scope: Scope, def: &'static TableDef) -> Option<&Table> {
        self.tables.get(&scope)?.get(def)
    }

    /// Whether nothing of these keys' tables needs to be asked for beneath.
    pub(super) fn are_whole<'k>(
        &self,
        scope: Scope,
        mut keys: impl Iterator<Item = &'k Key>,
    ) -> bool {
        let tables = self.tables.get(&scope);
        keys.all(|key| {
            let table = tables.and_then(|tables| tables.get(key.table()));
            table.is_some_and(|table| table.known == Known::Whole)
        })
    }

    pub(super) fn log(&mut self, workspace: WorkspaceId) -> &mut Log {
        self.logs.entry(workspace).or_default()
    }

    pub(super) fn find(&self, scope: Scope, key: &Key) -> Found<'_> {
        let Some(table) = self.known_table(scope, key.table()) else {
            return Found::Untouched;
        };
        match table.find(key) {
            Some(row) => Found::Known(row.map(|row| (table, row))),
            None if table.known == Known::Nothing => Found::Untouched,
            None => Found::Beneath,
        }
    }

    pub(super) fn row(&self, scope: Scope, key: &Key) -> Option<Row> {
        match self.find(scope, key) {
            Found::Known(Some((table, row))) => Some(table.read(row)),
            _ => None,
        }
    }

    /// The rows of these keys, if all of them, or their absence, are known here.
    pub(super) fn rows(&self, scope: Scope, keys: &[Key]) -> Option<Vec<Option<Row>>> {
        let tables = self.tables.get(&scope)?;
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            let table = tables.get(key.table())?;
            rows.push(table.find(key)?.map(|row| table.read(row)));
        }
        Some(rows)
    }

    /// What a scan finds of a table that is known as a whole; `None` of another.
    pub(super) fn scan(
        &mut self,
        scope: Scope,
        scan: &Scan,
    ) -> Result<Option<Scanned>, StoreError> {
        let table = self.tables.get_mut(&scope);
        let table = table.and_then(|tables| tables.get_mut(scan.table));
        match table.filter(|table| table.known == Known::Whole) {
            Some(table) => table.scan(scan, false).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn workspaces(&self) -> BTreeSet<WorkspaceId> {
        let scopes = self.tables.keys().filter_map(|scope| match scope {
            Scope::Workspace(workspace) => Some(*workspace),
            Scope::Platform => None,
        });
        scopes.collect()
    }

    pub(super) fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        let (scope, workspace) = (batch.scope, batch.workspace());
        let mut log = batch
            .workspace()
            .filter(|_| !batch.log.is_empty())
            .map(|workspace| std::mem::take(self.log(workspace)));
        let overlay = Overlay::over(Rows(self.tables.get(&scope)));
        let applied = overlay.apply_once(batch, |entry| {
            log.as_mut().is_some_and(|log| log.is_new(entry))
        });
        let (appended, changes, done) = match applied {
            Ok((appended, changes)) => (appended, changes, Ok(())),
            Err(error) => (Vec::new(), Vec::new(), Err(error)),
        };
        if let (Some(mut log), Some(workspace)) = (log, workspace) {
            for entry in appended {
                log.append(entry);
            }
            *self.log(workspace) = log;
        }
        let tables = self.tables.entry(scope).or_default();
        for (key, row) in changes {
            let table = tables.entry(key.table());
            table.set(key.values(), row.as_ref());
        }
        done
    }

    pub(super) fn claim(&mut self, claim: &Claim, now: i64) -> Result<Vec<Claimed>, StoreError> {
        let def = claim.table;
        let how = claim.validate()?;
        let (due, lease, fence) = (
            def.known(how.due)?,
            def.known(how.lease)?,
            def.known(how.fence)?,
        );
        let int = |row: &Row, at: usize| match row.values[at] {
            Value::Int(n) => n,
            _ => i64::MAX,
        };
        let mut ready: Vec<(i64, WorkspaceId, Row)> = Vec::new();
        for (scope, tables) in &self.tables {
            let Scope::Workspace(workspace) = scope else {
                continue;
            };
            let Some(table) = tables.get(def) else {
                continue;
            };
            if workspace.bucket() == claim.bucket {
                let is_due = |row: &Row| {
                    int(row, due) <= claim.due_before
                        && int(row, lease) <= now
                        && int(row, fence) < i64::MAX
                };
                let rows = table.all().filter(is_due);
                ready.extend(rows.map(|row| (int(&row, due), *workspace, row)));
            }
        }
        ready.sort_by(|one, other| {
            let place = |(due, workspace, row): &(i64, WorkspaceId, Row)| {
                (*due, *workspace, row.values[0].clone())
            };
            place(one).cmp(&place(other))
        });
        ready.truncate(claim.limit);
        let mut claimed = Vec::with_capacity(ready.len());
        for (_, workspace, mut row) in ready {
            row.values[lease] = Value::Int(now.saturating_add(claim.lease_millis));
            row.values[fence] = ColumnOp::Add(1).applied(&row.values[fence]);
            row.version += 1;
            let key = row.values[..def.key_len].to_vec();
            self.table(workspace.into(), def).set(&key, Some(&row));
            claimed.push(Claimed { workspace, row });
        }
        Ok(claimed)
    }

    pub(super) fn erase(&mut self, erase: Erase) -> Erased {
        let mut done = Erased {
            bytes: Bytes::Gone,
            ..Erased::default()
        };
        let scope = Scope::Workspace(erase.workspace);
        let subject = Value::Id(erase.subject.uuid());
        for def in tables::all() {
            let Some(at) = def.subject.and_then(|name| def.position(name)) else {
                continue;
            };
            let table = self.table(scope, def);
            let rows: Vec<Row> = table
                .all()
                .filter(|row| row.values[at] == subject)
                .collect();
            for row in rows {
                let key = row.values[..def.key_len].to_vec();
                match def.on_erase {
                    OnErase::Keep => {}
                    OnErase::Delete => {
                        table.set(&key, None);
                        done.deleted += 1;
                    }
                    OnErase::Scrub => {
                        if let Some(values) = scrubbed(def, &row.values) {
                            let version = row.version + 1;
                            table.set(&key, Some(&Row { values, version }));
                            done.scrubbed += 1;
                        }
                    }
                }
            }
        }
        done.payloads = self.log(erase.workspace).erase(erase.subject);
        done
    }
}
