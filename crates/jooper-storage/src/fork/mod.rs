//! A store over a store: reads fall through, writes stay here.
//!
//! A forecast runs the production engine over one, and nothing of it is ever stored: the store
//! beneath is only read. Rows are kept as bytes, and indexes are made when a scan first asks for
//! them, so that the sends of a hundred thousand leads fit into some hundred megabytes.

mod bytes;
mod log;
mod slots;
mod state;
mod table;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Clock, WorkspaceId};

use crate::{
    Batch, Capabilities, Check, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row,
    Scan, Scope, Storage, StoreError, TableDef, tables,
};
use log::Log;
use state::State;
use table::{Known, Scanned};

/// What a [`ForkStore`] keeps and what it lets go.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForkSettings {
    /// Tables of at most so many rows are read as a whole when they are first touched; of larger
    /// ones the rows that are asked for.
    pub whole: usize,
    /// Tables whose writes are dropped: whoever forks will not read them.
    pub dropped: Vec<&'static TableDef>,
    /// Tables that begin empty, whatever stands beneath.
    pub emptied: Vec<&'static TableDef>,
}

impl Default for ForkSettings {
    fn default() -> Self {
        Self {
            whole: 250_000,
            dropped: Vec::new(),
            emptied: Vec::new(),
        }
    }
}

/// A [`Storage`] over another one, which it never writes to. Clones share their content.
///
/// What is committed beneath after a row was first read here is not seen any more. Claims see the
/// workspaces that this fork has touched. Identities of log entries are compared with those that
/// were appended here.
#[derive(Debug, Clone)]
pub struct ForkStore {
    base: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    settings: Arc<ForkSettings>,
    state: Arc<Mutex<State>>,
}

impl ForkStore {
    /// A fork of this store, whose leases end by this clock.
    pub fn new(base: Arc<dyn Storage>, clock: Arc<dyn Clock>, settings: ForkSettings) -> Self {
        Self {
            base,
            clock,
            settings: Arc::new(settings),
            state: Arc::default(),
        }
    }

    /// Forgets the log up to this place: everybody who follows it has read it.
    pub fn forget_log(&self, workspace: WorkspaceId, until: u64) {
        self.lock().log(workspace).forget(until);
    }

    /// Never poisoned in a harmful way: the state changes by whole rows only.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drops(&self, table: &'static TableDef) -> bool {
        self.settings
            .dropped
            .iter()
            .any(|def| std::ptr::eq(*def, table) || def.name == table.name)
    }

    /// Reads a table that nobody has touched: all of it, or enough to know that it is large.
    async fn look(
        &self,
        scope: Scope,
        def: &'static TableDef,
        most: usize,
    ) -> Result<(), StoreError> {
        {
            let mut state = self.lock();
            let table = state.table(scope, def);
            if self.settings.emptied.iter().any(|one| one.name == def.name) {
                table.known = Known::Whole;
            }
            if table.known == Known::Whole {
                return Ok(());
            }
        }
        let mut scan = Scan::table(def).limit(most.clamp(1, Scan::MAX_LIMIT));
        let mut read = 0;
        loop {
            let page = self.base.scan(scope, scan.clone()).await?;
            read += page.rows.len();
            let mut state = self.lock();
            let table = state.table(scope, def);
            for row in &page.rows {
                table.learn_row(row);
            }
            match page.next {
                None => {
                    table.known = Known::Whole;
                    return Ok(());
                }
                Some(_) if read >= most => {
                    if table.known == Known::Nothing {
                        table.known = Known::Parts;
                    }
                    return Ok(());
                }
                next => scan.after = next,
            }
        }
    }

    async fn ready(&self, scope: Scope, def: &'static TableDef) -> Result<Known, StoreError> {
        let known = self.lock().table(scope, def).known;
        if known == Known::Nothing {
            self.look(scope, def, self.settings.whole).await?;
            return Ok(self.lock().table(scope, def).known);
        }
        Ok(known)
    }

    /// Makes sure that these rows, or their absence, are known here.
    async fn fetch<'k>(
        &self,
        scope: Scope,
        keys: impl Iterator<Item = &'k Key> + Send + Clone,
    ) -> Result<(), StoreError> {
        let mut untouched: Vec<&'static TableDef> = Vec::new();
        let mut missing: Vec<Key> = Vec::new();
        {
            let state = self.lock();
            if state.are_whole(scope, keys.clone()) {
                return Ok(());
            }
            for key in keys.clone() {
                match state.find(scope, key) {
                    state::Found::Known(_) => {}
                    state::Found::Beneath => missing.push(key.clone()),
                    state::Found::Untouched => untouched.push(key.table()),
                }
            }
        }
        if !untouched.is_empty() {
            for def in untouched {
                self.ready(scope, def).await?;
            }
            let state = self.lock();
            let beneath = |key: &&Key| matches!(state.find(scope, key), state::Found::Beneath);
            missing = keys.filter(beneath).cloned().collect();
        }
        if missing.is_empty() {
            return Ok(());
        }
        let rows = self.base.get(scope, &missing).await?;
        let mut state = self.lock();
        for (key, row) in missing.iter().zip(rows) {
            state
                .table(scope, key.table())
                .learn(key.values(), row.as_ref());
        }
        Ok(())
    }

    /// Where the log beneath ends, found by halving: no store is asked for its end.
    async fn log_head(&self, workspace: WorkspaceId) -> Result<(), StoreError> {
        if self.lock().log(workspace).base.is_some() {
            return Ok(());
        }
        let beyond = async |after: u64| -> Result<bool, StoreError> {
            let cursor = LogCursor { after, limit: 1 };
            let page = self.base.read_log(workspace, cursor).await?;
            Ok(page.records.is_empty())
        };
        let (mut low, mut high) = (0, 1);
        while !beyond(high).await? {
            low = high;
            high *= 2;
        }
        if beyond(0).await? {
            high = 0;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if beyond(middle).await? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.lock().log(workspace).base.get_or_insert(high);
        Ok(())
    }
}

fn keys(batch: &Batch) -> impl Iterator<Item = &Key> + Send + Clone {
    let checked = batch.checks.iter().map(|check| match check {
        Check::Absent(key)
        | Check::Version(key, _)
        | Check::Fence(key, _)
        | Check::AtMost(key, _, _) => key,
    });
    checked.chain(batch.writes.iter().map(crate::Write::key))
}

/// What a scan found, and where it goes on.
fn page(found: Scanned) -> Page {
    let rows: Vec<Row> = found.rows.into_iter().map(|(_, row)| row).collect();
    let last = rows.last().filter(|_| found.more);
    let next = last.map(|row| {
        let values = found.order.iter().map(|at| row.values[*at].clone());
        values.collect()
    });
    Page { rows, next }
}

#[async_trait]
impl Storage for ForkStore {
    async fn commit(&self, mut batch: Batch) -> Result<(), StoreError> {
        batch.validate()?;
        batch
            .writes
            .retain(|write| !self.drops(write.key().table()));
        if self.drops(&tables::ROLLUP) {
            for entry in &mut batch.log {
                entry.rollups.clear();
            }
        }
        self.fetch(batch.scope, keys(&batch)).await?;
        if let Some(workspace) = batch.workspace().filter(|_| !batch.log.is_empty()) {
            self.log_head(workspace).await?;
            let rollups: Vec<Key> = Log::rollups(&batch).collect();
            self.fetch(batch.scope, rollups.iter()).await?;
        }
        self.lock().commit(batch)
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        for key in keys {
            key.validate(scope)?;
        }
        if let Some(rows) = self.lock().rows(scope, keys) {
            return Ok(rows);
        }
        self.fetch(scope, keys.iter()).await?;
        let state = self.lock();
        Ok(keys.iter().map(|key| state.row(scope, key)).collect())
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        scan.table.in_scope(scope)?;
        if let Some(here) = self.lock().scan(scope, &scan)? {
            return Ok(page(here));
        }
        let order = scan.order()?;
        let merged = self.ready(scope, scan.table).await? != Known::Whole;
        let mut found = Vec::new();
        if merged {
            // The rows beneath that nothing here stands over, until there are enough.
            let mut beneath = scan.clone();
            loop {
                let page = self.base.scan(scope, beneath.clone()).await?;
                let mut state = self.lock();
                let table = state.table(scope, scan.table);
                let fresh = page.rows.into_iter().filter(|row| !table.covers(row));
                found.extend(fresh.map(|row| {
                    let place = bytes::ordered(order.iter().map(|at| &row.values[*at]));
                    (Some(place), row)
                }));
                match page.next {
                    Some(next) if found.len() <= scan.limit => beneath.after = Some(next),
                    _ => break,
                }
            }
        }
        let mut here = self.lock().table(scope, scan.table).scan(&scan, merged)?;
        if merged {
            here.rows.append(&mut found);
            here.rows
                .sort_by(|(one, _), (other, _)| one.as_deref().cmp(&other.as_deref()));
            here.more |= here.rows.len() > scan.limit;
            here.rows.truncate(scan.limit);
            here.order = order;
        }
        Ok(page(here))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        claim.validate()?;
        let touched = self.lock().workspaces();
        for workspace in touched {
            if workspace.bucket() == claim.bucket {
                self.look(workspace.into(), claim.table, usize::MAX).await?;
            }
        }
        let now = self.clock.now().as_millisecond();
        self.lock().claim(&claim, now)
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        cursor.validate()?;
        self.log_head(workspace).await?;
        let head = self.lock().log(workspace).base.unwrap_or(0);
        if cursor.after < head {
            // Read before the fork began, or it would have gone on.
            let mut page = self.base.read_log(workspace, cursor).await?;
            page.records.retain(|record| record.seq <= head);
            page.next = page.records.last().map_or(cursor.after, |last| last.seq);
            return Ok(page);
        }
        Ok(self.lock().log(workspace).read(cursor))
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        for def in tables::all().iter().filter(|def| def.subject.is_some()) {
            self.look(erase.workspace.into(), def, usize::MAX).await?;
        }
        Ok(self.lock().erase(erase))
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.clock.now())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            durable: false,
            multi_process: false,
            serializable: true,
            snapshot_get: true,
        }
    }
}

#[cfg(test)]
mod tests;
