//! Reads: a few threads with a connection each, so that a page never waits for the writer.

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

use crate::catalog::{self, READ_LOG};
use crate::cell::{self, Param, Params};
use crate::error::store_error;
use crate::queue::Queue;
use crate::session::Session;
use crate::spawn;

/// A read, ready to run.
pub(crate) type Read = Box<dyn FnOnce(&Session) + Send>;

/// Starts a reader that works until the queue is closed and empty.
pub(crate) fn start(
    session: Session,
    queue: std::sync::Arc<Queue<Read>>,
) -> std::io::Result<JoinHandle<()>> {
    spawn::thread("jooper-sqlite-reader", move || {
        while let Some(read) = queue.wait() {
            read(&session);
        }
    })
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
            let text = catalog::scan(scan, segment);
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
