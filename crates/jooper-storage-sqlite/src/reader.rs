//! Reads: a few threads with a connection each, so that a page never waits for the writer.
//!
//! A small read is not worth the way to another thread and back. It runs where it was called, over
//! the connection of a reader that has nothing to do; if all are at work it waits like any other.

use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::thread::JoinHandle;

use jooper_core::{
    CampaignId, Code, Dimensions, EventId, EventKind, KeyedIndex, LeadId, MailboxId, StepIndex,
    SubjectId, WorkspaceId, from_millis,
};
use jooper_storage::sql::condition_values;
use jooper_storage::{
    Key, LogCursor, LogEntry, LogPage, LogRecord, Page, Row, Scan, Scope, StoreError,
};
use uuid::Uuid;

use crate::catalog::READ_LOG;
use crate::cell::{self, Param, Params};
use crate::desk::Versions;
use crate::error::store_error;
use crate::queue::Queue;
use crate::session::Session;
use crate::spawn;

/// A read, ready to run.
pub(crate) type Read = Box<dyn FnOnce(&Session) + Send>;

/// How many rows a read by keys names at most to run on the thread that asks.
const FEW_KEYS: usize = 64;
/// How many rows a scan returns at most to run there.
const FEW_ROWS: usize = 16;

/// A reader's connection, shared with callers of small reads. Empty once the reader has ended.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<Option<Session>>>);

impl Shared {
    pub(crate) fn new(session: Session) -> Self {
        Self(Arc::new(Mutex::new(Some(session))))
    }

    /// Runs a read now if the connection is idle, and gives it back if not.
    fn now<T, R: FnOnce(&Session, Option<&mut Versions>) -> T>(&self, read: R) -> Result<T, R> {
        let idle = match self.0.try_lock() {
            Ok(idle) => idle,
            Err(TryLockError::Poisoned(left)) => self.cleared(left.into_inner()),
            Err(TryLockError::WouldBlock) => return Err(read),
        };
        match idle.as_ref() {
            Some(session) => Ok(read(session, None)),
            None => Err(read),
        }
    }

    fn take(&self) -> MutexGuard<'_, Option<Session>> {
        match self.0.lock() {
            Ok(session) => session,
            Err(left) => self.cleared(left.into_inner()),
        }
    }

    /// A read panicked over this connection: ends the snapshot that it may have left open, at which
    /// all later reads would look.
    fn cleared<'a>(
        &self,
        session: MutexGuard<'a, Option<Session>>,
    ) -> MutexGuard<'a, Option<Session>> {
        self.0.clear_poison();
        if let Some(session) = session.as_ref()
            && !session.connection.is_autocommit()
        {
            // If it fails, so does the next BEGIN, whose caller is told.
            let _ = session.control("ROLLBACK");
        }
        session
    }
}

/// Runs a read on this thread over the first idle connection; `None` if there is none.
pub(crate) fn now<T>(
    readers: &[Shared],
    read: impl FnOnce(&Session, Option<&mut Versions>) -> T,
) -> Option<T> {
    let mut read = read;
    for reader in readers {
        match reader.now(read) {
            Ok(done) => return Some(done),
            Err(back) => read = back,
        }
    }
    None
}

/// Starts a reader that works until the queue is closed and empty.
pub(crate) fn start(shared: Shared, queue: Arc<Queue<Read>>) -> std::io::Result<JoinHandle<()>> {
    spawn::thread("jooper-sqlite-reader", move || {
        while let Some(read) = queue.wait() {
            // One that panics takes its own answer along: the reads behind it would otherwise wait
            // for ever.
            if spawn::survives(|| shared.take().as_ref().map(read)).is_none() {
                // Ends what it left open.
                drop(shared.take());
            }
        }
        // The file is closed when its last connection is.
        *shared.take() = None;
    })
}

/// Whether a read of so many keys runs where it is asked for.
pub(crate) const fn is_small(keys: &[Key]) -> bool {
    keys.len() <= FEW_KEYS
}

/// Whether a page may have few rows. One that follows another of many rows comes of a long scan, which
/// would fill the writer's cache with rows that nobody writes.
pub(crate) const fn may_be_few(scan: &Scan) -> bool {
    scan.limit <= FEW_ROWS || scan.after.is_none()
}

/// The page, if it has few rows; `None` when there are more.
pub(crate) fn scan_few(
    session: &Session,
    scope: Scope,
    whole: &Scan,
) -> Result<Option<Page>, StoreError> {
    if whole.limit <= FEW_ROWS {
        return scan(session, scope, whole).map(Some);
    }
    let few = whole.clone().limit(FEW_ROWS);
    let page = scan(session, scope, &few)?;
    Ok(page.next.is_none().then_some(page))
}

/// Runs several statements on one snapshot.
fn snapshot<T>(
    session: &Session,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    session.control("BEGIN").map_err(store_error)?;
    let result = work();
    // A read transaction has nothing to lose; only the snapshot is given back.
    session.control("ROLLBACK").map_err(store_error)?;
    result
}

pub(crate) fn get(
    session: &Session,
    scope: Scope,
    keys: &[Key],
) -> Result<Vec<Option<Row>>, StoreError> {
    let one = |key: &Key| {
        let sql = session.catalog.of(key.table())?;
        session.first(&sql.get, &Params::key(scope, key), |row| {
            cell::row(key.table(), row, 0)
        })
    };
    match keys {
        [key] => Ok(vec![one(key)?]),
        keys => snapshot(session, || keys.iter().map(one).collect()),
    }
}

pub(crate) fn scan(session: &Session, scope: Scope, scan: &Scan) -> Result<Page, StoreError> {
    let segments = scan.segments()?;
    let table = scan.table;
    session.catalog.of(table)?;
    let read = || {
        // One row more than asked tells whether there is a next page.
        let wanted = scan.limit + 1;
        let mut rows: Vec<Row> = Vec::new();
        for segment in &segments {
            let mut params = Params::of(scope);
            for value in condition_values(segment) {
                params.push(Param::Cell(value));
            }
            let left = i64::try_from(wanted - rows.len()).unwrap_or(i64::MAX);
            params.push(Param::Int(left));
            let text = session.texts.scan(scan, segment);
            rows.extend(session.all(&text, &params, |row| cell::row(table, row, 0))?);
            if rows.len() == wanted {
                break;
            }
        }
        Ok(rows)
    };
    let mut rows = if segments.len() == 1 {
        read()?
    } else {
        snapshot(session, read)?
    };
    let mut next = None;
    if rows.len() > scan.limit {
        rows.truncate(scan.limit);
        let order = scan.order()?;
        next = rows
            .last()
            .map(|row| order.iter().map(|at| row.values[*at].clone()).collect());
    }
    Ok(Page { rows, next })
}

pub(crate) fn read_log(
    session: &Session,
    workspace: WorkspaceId,
    cursor: LogCursor,
) -> Result<LogPage, StoreError> {
    let mut params = Params::of(workspace.into());
    params.push(Param::Int(i64::try_from(cursor.after).unwrap_or(i64::MAX)));
    params.push(Param::Int(i64::try_from(cursor.limit).unwrap_or(i64::MAX)));
    let records = session.all(READ_LOG, &params, |row| {
        record(row).ok_or_else(|| StoreError::Corrupt {
            place: "event_log".to_owned(),
            source: None,
        })
    })?;
    let next = records.last().map_or(cursor.after, |record| record.seq);
    Ok(LogPage { records, next })
}

/// Reads a fact; `None` when a cell is not what the log writes.
fn record(row: &rusqlite::Row<'_>) -> Option<LogRecord> {
    // seq, ts, event_id, kind, campaign, step, variant, mailbox, domain, reason, lead, subject, payload
    let int = |at: usize| row.get::<_, Option<i64>>(at).ok();
    let id = |at: usize| -> Option<Option<Uuid>> {
        let bytes = row.get::<_, Option<[u8; 16]>>(at).ok()?;
        Some(bytes.map(Uuid::from_bytes))
    };
    let step = int(5)?.map(u16::try_from).transpose().ok()?;
    let variant = int(6)?.map(u8::try_from).transpose().ok()?;
    let domain = row.get::<_, Option<Vec<u8>>>(8).ok()?;
    let domain = domain.map(TryInto::try_into).transpose().ok()?;
    Some(LogRecord {
        seq: u64::try_from(int(0)??).ok()?,
        entry: LogEntry {
            at: from_millis(int(1)??),
            id: EventId::from_bytes(row.get(2).ok()?),
            kind: EventKind::from_code(int(3)??).ok()?,
            dimensions: Dimensions {
                campaign: id(4)?.map(CampaignId::from_uuid),
                step: step.map(StepIndex),
                variant,
                mailbox: id(7)?.map(MailboxId::from_uuid),
                domain: domain.map(KeyedIndex::from_bytes),
                reason: int(9)?,
            },
            lead: id(10)?.map(LeadId::from_uuid),
            subject: id(11)?.map(SubjectId::from_uuid),
            payload: row.get(12).ok()?,
            rollups: Vec::new(),
        },
    })
}

#[cfg(test)]
mod tests;
