//! A small storage in one file, written from `docs/write-a-storage.md`.
//!
//! Everything lives in memory. Each commit is one line of a journal, synced before it is
//! acknowledged and played again when the store is opened; an erasure writes the journal anew.
//! `cargo test --example custom_storage` runs the conformance suite on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Clock, SystemClock, WorkspaceId, to_millis};
use jooper_storage::{
    Batch, Bytes, Capabilities, Claim, Claimed, ColumnOp, Condition, Erase, Erased, Key, Label,
    LogCursor, LogEntry, LogPage, LogRecord, OnErase, Overlay, Page, Row, Scan, Scope, Storage,
    StoreError, Value, Write, tables,
};
use serde::{Deserialize, Serialize};

/// One line of the journal: rows as they became (`None`: deleted), and facts.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Change {
    workspace: Option<WorkspaceId>,
    rows: Vec<(String, Vec<Value>, Option<Row>)>,
    log: Vec<LogEntry>,
}

#[derive(Debug, Default, Clone)]
struct State {
    rows: BTreeMap<(Scope, Key), Row>,
    logs: BTreeMap<WorkspaceId, Vec<LogEntry>>,
    known: BTreeSet<(WorkspaceId, i64, [u8; 16])>,
    clock: i64,
}

/// A [`Storage`] in one file.
#[derive(Debug)]
pub struct JournalStorage {
    path: PathBuf,
    /// One lock for everything, so that no other batch comes in between.
    inner: Mutex<(State, Journal)>,
}

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable(Some(error.into()))
}

impl State {
    fn play(&mut self, change: Change) -> Option<()> {
        let scope = change.workspace.map_or(Scope::Platform, Scope::Workspace);
        for (table, key, row) in change.rows {
            let table = tables::all().iter().find(|def| def.name == table)?;
            let place = (scope, Key::new(table, key));
            match row {
                Some(row) => drop(self.rows.insert(place, row)),
                None => drop(self.rows.remove(&place)),
            }
        }
        for entry in change.log {
            let workspace = change.workspace?;
            self.known
                .insert((workspace, to_millis(entry.at), *entry.id.as_bytes()));
            self.logs.entry(workspace).or_default().push(entry);
        }
        Some(())
    }

    /// Everything, as the fewest changes that make it.
    fn changes(&self) -> Vec<Change> {
        let mut changes: BTreeMap<Scope, Change> = BTreeMap::new();
        for ((scope, key), row) in &self.rows {
            let change = changes.entry(*scope).or_default();
            let table = key.table().name.to_owned();
            change
                .rows
                .push((table, key.values().to_vec(), Some(row.clone())));
        }
        for (workspace, log) in &self.logs {
            changes
                .entry((*workspace).into())
                .or_default()
                .log
                .clone_from(log);
        }
        let changes = changes.into_iter().map(|(scope, mut change)| {
            if let Scope::Workspace(workspace) = scope {
                change.workspace = Some(workspace);
            }
            change
        });
        changes.collect()
    }

    fn now(&mut self) -> i64 {
        self.clock = self.clock.max(to_millis(SystemClock.now()));
        self.clock
    }
}

/// The file, and how long what was acknowledged of it is.
#[derive(Debug)]
struct Journal {
    file: File,
    end: u64,
}

impl Journal {
    /// Writes a change behind the others and waits for the disk.
    fn append(&mut self, change: &Change) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(change).map_err(unavailable)?;
        line.push(b'\n');
        // Half a line that an earlier failure left must not stay in front of this one. Where it
        // cannot be cut off, nothing more is written.
        if self.file.metadata().map_err(unavailable)?.len() != self.end {
            self.file.set_len(self.end).map_err(unavailable)?;
        }
        let written = self.file.write_all(&line);
        written
            .and_then(|()| self.file.sync_data())
            .map_err(|error| {
                // Tried at once; if it fails, the next append tries again.
                let _ = self.file.set_len(self.end);
                match error.kind() {
                    io::ErrorKind::StorageFull => StoreError::Full(Some(error.into())),
                    _ => StoreError::Unknown(Some(error.into())),
                }
            })?;
        self.end += line.len() as u64;
        Ok(())
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl JournalStorage {
    /// Opens the journal, or makes a new one.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a line before the last does not read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let mut options = OpenOptions::new();
        let file = options
            .create(true)
            .append(true)
            .open(&path)
            .map_err(unavailable)?;
        file.try_lock().map_err(|_| StoreError::InUse)?;
        // A new file is on the disk when its folder is.
        sync_folder(&path).map_err(unavailable)?;
        let bytes = fs::read(&path).map_err(unavailable)?;
        let mut state = State::default();
        let mut good = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let last = good + line.len() == bytes.len();
            if !line.ends_with(b"\n") || last && line.contains(&0) {
                // Torn by a crash, so never acknowledged: its end did not reach the disk, or pages
                // before it, which read as zeros. JSON has none.
                break;
            }
            let change = serde_json::from_slice(line).ok();
            change
                .and_then(|change| state.play(change))
                .ok_or_else(|| StoreError::Corrupt {
                    place: format!("the journal at byte {good}"),
                    source: None,
                })?;
            good += line.len();
        }
        let end = good as u64;
        file.set_len(end).map_err(unavailable)?;
        Ok(Self {
            path,
            inner: Mutex::new((state, Journal { file, end })),
        })
    }

    fn lock(&self) -> MutexGuard<'_, (State, Journal)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a row meets a condition, as SQL does: nothing compares with `Null`.
fn meets(values: &[Value], condition: &Condition) -> bool {
    let known = |at: &usize| values[*at] != Value::Null;
    match condition {
        Condition::Equal(at, value) => values[*at] == *value,
        Condition::IsNull(at) => !known(at),
        Condition::NotNull(at) => known(at),
        Condition::Above(at, value) => known(at) && values[*at] > *value,
        Condition::AtLeast(at, value) => known(at) && values[*at] >= *value,
        Condition::Below(at, value) => known(at) && values[*at] < *value,
        Condition::AtMost(at, value) => known(at) && values[*at] <= *value,
        Condition::Behind(pairs) => {
            let row: Vec<&Value> = pairs.iter().map(|(at, _)| &values[*at]).collect();
            let than: Vec<&Value> = pairs.iter().map(|(_, value)| value).collect();
            row > than
        }
        _ => false,
    }
}

#[async_trait]
impl Storage for JournalStorage {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.validate()?;
        let (state, journal) = &mut *self.lock();
        let touched = batch.touched().into_iter();
        let mut overlay = Overlay::new(touched.map(|key| {
            let place = (batch.scope, key);
            let row = state.rows.get(&place).cloned();
            (place.1, row)
        }));
        let mut fresh = BTreeSet::new();
        let log = overlay.apply(&batch, |entry| {
            let Some(workspace) = batch.workspace() else {
                return false;
            };
            let identity = (workspace, to_millis(entry.at), *entry.id.as_bytes());
            !state.known.contains(&identity) && fresh.insert(identity)
        })?;
        let rows = overlay.changes().map(|(key, row)| {
            (
                key.table().name.to_owned(),
                key.values().to_vec(),
                row.cloned(),
            )
        });
        let change = Change {
            workspace: batch.workspace(),
            rows: rows.collect(),
            log,
        };
        journal.append(&change)?;
        state.play(change);
        Ok(())
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        keys.iter().try_for_each(|key| key.validate(scope))?;
        let (state, _) = &*self.lock();
        Ok(keys
            .iter()
            .map(|key| state.rows.get(&(scope, key.clone())).cloned())
            .collect())
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        scan.table.in_scope(scope)?;
        let order = scan.order()?;
        let place =
            |row: &Row| -> Vec<Value> { order.iter().map(|at| row.values[*at].clone()).collect() };
        let (state, _) = &*self.lock();
        let mut rows: Vec<Row> = Vec::new();
        // A small store reads the whole table; a real one walks an index for each segment.
        for segment in scan.segments()? {
            let table = state
                .rows
                .range((scope, Key::new(scan.table, Vec::new()))..);
            let table =
                table.take_while(|((of, key), _)| *of == scope && key.table() == scan.table);
            let mut part: Vec<Row> = table
                .map(|(_, row)| row)
                .filter(|row| segment.conditions.iter().all(|it| meets(&row.values, it)))
                .cloned()
                .collect();
            part.sort_by_cached_key(place);
            rows.extend(part);
        }
        let more = rows.len() > scan.limit;
        rows.truncate(scan.limit);
        let next = rows.last().filter(|_| more).map(place);
        Ok(Page { rows, next })
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        let how = claim.validate()?;
        let (state, journal) = &mut *self.lock();
        let now = state.now();
        let int = |row: &Row, name| match claim.table.position(name).map(|at| &row.values[at]) {
            Some(Value::Int(n)) => *n,
            _ => i64::MAX,
        };
        let mut due: Vec<(i64, WorkspaceId, Key)> = Vec::new();
        for ((scope, key), row) in &state.rows {
            if let Scope::Workspace(workspace) = scope
                && workspace.bucket() == claim.bucket
                && key.table() == claim.table
                && int(row, how.due) <= claim.due_before
                && int(row, how.lease) <= now
                && int(row, how.fence) < i64::MAX
            {
                due.push((int(row, how.due), *workspace, key.clone()));
            }
        }
        due.sort();
        due.truncate(claim.limit);
        let mut claimed = Vec::with_capacity(due.len());
        for (_, workspace, key) in due {
            let until = Value::Int(now.saturating_add(claim.lease_millis));
            let lease = vec![
                (how.lease, ColumnOp::Set(until)),
                (how.fence, ColumnOp::Add(1)),
            ];
            let row = state.rows.get(&(workspace.into(), key.clone())).cloned();
            let mut overlay = Overlay::new([(key.clone(), row)]);
            let patch = Write::Patch(key.clone(), lease);
            overlay.apply(&Batch::new(workspace).write(patch), |_| false)?;
            for (_, row) in overlay.changes() {
                let Some(row) = row.cloned() else { continue };
                let change = Change {
                    workspace: Some(workspace),
                    rows: vec![(
                        claim.table.name.to_owned(),
                        key.values().to_vec(),
                        Some(row.clone()),
                    )],
                    log: Vec::new(),
                };
                journal.append(&change)?;
                state.play(change);
                claimed.push(Claimed { workspace, row });
            }
        }
        Ok(claimed)
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        cursor.validate()?;
        let (state, _) = &*self.lock();
        let log = state.logs.get(&workspace).map_or(&[][..], Vec::as_slice);
        let after = usize::try_from(cursor.after).unwrap_or(usize::MAX);
        let records = (1..).zip(log).skip(after).take(cursor.limit);
        let records: Vec<_> = records
            .map(|(seq, entry)| LogRecord {
                seq,
                entry: entry.clone(),
            })
            .collect();
        let next = records.last().map_or(cursor.after, |record| record.seq);
        Ok(LogPage { records, next })
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        let (state, journal) = &mut *self.lock();
        // Nothing is gone before the disk says so.
        let mut left = state.clone();
        let mut done = Erased::default();
        let subject = Value::Id(erase.subject.uuid());
        left.rows.retain(|(scope, key), row| {
            let table = key.table();
            let about = table.subject.and_then(|name| table.position(name));
            if *scope != Scope::Workspace(erase.workspace)
                || about.is_none_or(|at| row.values[at] != subject)
            {
                return true;
            }
            if table.on_erase == OnErase::Scrub {
                let personal = |label| matches!(label, Label::Personal(_) | Label::Pseudonym);
                let cells = row.values.iter_mut().zip(table.columns).skip(table.key_len);
                let cells =
                    cells.filter(|(cell, column)| personal(column.label) && **cell != Value::Null);
                let emptied = cells.map(|(cell, _)| *cell = Value::Null).count();
                done.scrubbed += u64::from(emptied > 0);
                row.version += u64::from(emptied > 0);
            }
            done.deleted += u64::from(table.on_erase == OnErase::Delete);
            table.on_erase != OnErase::Delete
        });
        for entry in left.logs.get_mut(&erase.workspace).into_iter().flatten() {
            if entry.subject == Some(erase.subject) && entry.payload.take().is_some() {
                done.payloads += 1;
            }
        }
        // The old journal still holds the bytes: write a new one, then let it take the old one's place.
        let anew = self.path.with_extension("new");
        let _ = fs::remove_file(&anew);
        let mut options = OpenOptions::new();
        let fresh = options.create_new(true).append(true).open(&anew);
        let fresh = fresh.map_err(unavailable)?;
        fresh.try_lock().map_err(|_| StoreError::InUse)?;
        let mut fresh = Journal {
            file: fresh,
            end: 0,
        };
        for change in left.changes() {
            fresh.append(&change)?;
        }
        fs::rename(&anew, &self.path).map_err(unavailable)?;
        (*journal, *state) = (fresh, left);
        // A rename is on the disk when its folder is.
        sync_folder(&self.path).map_err(unavailable)?;
        done.bytes = Bytes::Gone;
        Ok(done)
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(jooper_core::from_millis(self.lock().0.now()))
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.durable = true;
        capabilities.serializable = true;
        capabilities.snapshot_get = true;
        capabilities
    }
}

#[cfg(test)]
jooper_conformance::storage_suite!(journal, || async {
    let dir = tempfile::tempdir().unwrap();
    let store = JournalStorage::open(dir.path().join("journal")).unwrap();
    (dir, store)
});

#[cfg(test)]
#[tokio::test]
async fn a_torn_last_line_is_cut_off_whatever_is_left_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let counter = |n: u8| tables::CounterRow {
        key: vec![n],
        count: 1,
        expires_at: i64::MAX,
    };
    let batch = |n| Batch::new(WorkspaceId::from_uuid(uuid::Uuid::nil())).put(&counter(n));
    let store = JournalStorage::open(&path).unwrap();
    store.commit(batch(1)).await.unwrap();
    drop(store);
    let whole = fs::read(&path).unwrap();
    let half = whole.len() / 2;
    let with = |end: &[u8]| [&whole[..], end].concat();
    let (begun, ended) = whole.split_at(half);
    let torn = [
        with(begun),
        with(&[0; 40]),
        with(b"\0\0\0\0\n"),
        with(&[begun, &[0; 40], b"\n"].concat()),
        with(&[&[0; 40], ended].concat()),
    ];
    for bytes in torn {
        fs::write(&path, bytes).unwrap();
        let store = JournalStorage::open(&path).unwrap();
        store.commit(batch(2)).await.unwrap();
        drop(store);
        let found = fs::read(&path).unwrap();
        assert!(found.starts_with(&whole) && !found.contains(&0));
        drop(JournalStorage::open(&path).unwrap());
    }
    // Half a line that a failed write left is not in front of the next one.
    fs::write(&path, &whole).unwrap();
    let store = JournalStorage::open(&path).unwrap();
    let other = OpenOptions::new().append(true).open(&path);
    other.unwrap().write_all(begun).unwrap();
    store.commit(batch(2)).await.unwrap();
    drop(store);
    let store = JournalStorage::open(&path).unwrap();
    let keys = [batch(2).writes[0].key().clone()];
    let rows = store.get(batch(2).scope, &keys).await.unwrap();
    assert!(rows[0].is_some(), "what was acknowledged is there");
    drop(store);
    // What was changed behind its write is no torn end.
    for damaged in [with(b"{}}\n"), [b"\0\n", &whole[..]].concat()] {
        fs::write(&path, damaged).unwrap();
        let refused = JournalStorage::open(&path);
        assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
    }
}

/// Counts how often it was started.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: custom_storage FILE")?;
    let store = JournalStorage::open(path)?;
    let workspace = WorkspaceId::from_uuid(uuid::Uuid::nil());
    let starts = tables::CounterRow {
        key: b"starts".to_vec(),
        count: 1,
        expires_at: i64::MAX,
    };
    let key = jooper_storage::Record::key(&starts);
    let values = jooper_storage::Record::to_values(&starts);
    let count = Write::Upsert(key.clone(), values, vec![("count", ColumnOp::Add(1))]);
    store.commit(Batch::new(workspace).write(count)).await?;
    let rows = store.get(workspace.into(), &[key]).await?;
    writeln!(io::stdout(), "{:?}", rows.first())?;
    Ok(())
}
