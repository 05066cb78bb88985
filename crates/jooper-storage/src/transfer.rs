//! Moving house: a workspace out of one store and into another.
//!
//! The form is lines of JSON: a header, what the platform knows about the workspace (its place in
//! the directory, who owns its mailboxes, who signs in), the platform's list of whom nobody may
//! mail, every row of every table in the order of names and keys, every fact of the log in order,
//! and an end that counts them. It is canonical: two stores that
//! hold the same workspace write the same bytes. Row versions stay behind; they begin anew.
//! Sealed cells travel sealed: whoever reads them needs the same key store.
//!
//! Suppressions always travel, whatever else is left out, and importing never lifts or weakens one
//! (law L5).

mod cell;
mod line;
mod platform;
mod target;

use std::collections::BTreeMap;

use jooper_core::WorkspaceId;

use crate::tables::{self, SUPPRESSION};
use crate::{LogCursor, Scan, Storage, StoreError, TableDef, TableScope};
use line::Line;
use target::Target;

/// Why a workspace could not be moved. The source is never changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A store failed.
    #[error("a store failed while a workspace was moved")]
    Store(#[from] StoreError),
    /// The lines could not be written or read.
    #[error("the export cannot be written or read")]
    Io(#[from] std::io::Error),
    /// A line is not what an export holds. What was imported before it stays; import again into an
    /// empty workspace.
    #[error("line {line} of the export does not read: {what}")]
    Malformed {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The workspace has rows already. Nothing was imported.
    #[error("the workspace is not empty (table {0}); import into an empty one")]
    NotEmpty(&'static str),
    /// Another workspace of this installation has the same account, or another user signs in
    /// under it (table). No row of the workspace was imported.
    #[error("another workspace has an account of this one already (table {0})")]
    Taken(&'static str),
}

/// What was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Transferred {
    /// Rows of tables.
    pub rows: u64,
    /// Facts of the log.
    pub facts: u64,
}

fn tenant_tables() -> BTreeMap<&'static str, &'static TableDef> {
    let tenant = tables::all()
        .iter()
        .filter(|table| table.scope == TableScope::Tenant);
    tenant.map(|table| (table.name, *table)).collect()
}

/// Writes a workspace as lines, each with its newline. Tables in `without` stay behind, but for
/// the suppressions.
///
/// Reads page by page, so memory stays flat. Pause the workspace first: what changes meanwhile may
/// or may not be in it.
///
/// # Errors
/// [`TransferError::Store`] and [`TransferError::Io`], from the store and from `sink`.
pub async fn export_workspace<S: Storage + ?Sized>(
    store: &S,
    workspace: WorkspaceId,
    without: &[&TableDef],
    mut sink: impl FnMut(&[u8]) -> std::io::Result<()> + Send,
) -> Result<Transferred, TransferError> {
    let mut done = Transferred::default();
    sink(&line::header(workspace).write())?;
    done.rows += platform::export(store, workspace, &mut sink).await?;
    for table in tenant_tables().into_values() {
        let left_out = without.iter().any(|other| other.name == table.name);
        if left_out && table.name != SUPPRESSION.name {
            continue;
        }
        let mut scan = Scan::table(table);
        loop {
            let page = store.scan(workspace.into(), scan.clone()).await?;
            for row in page.rows {
                sink(&line::row(table, &row.values).write())?;
                done.rows += 1;
            }
            match page.next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
    }
    let mut cursor = LogCursor::start();
    loop {
        let page = store.read_log(workspace, cursor).await?;
        if page.records.is_empty() {
            break;
        }
        for record in page.records {
            sink(&line::fact(&record.entry).write())?;
            done.facts += 1;
        }
        cursor.after = page.next;
    }
    sink(&line::end(&done).write())?;
    Ok(done)
}

/// Reads what [`export_workspace`] wrote into the same workspace of another store.
///
/// The workspace must be empty there, but for suppressions: of two for one person the stronger
/// stands. It enters the directory before its first row, so that no rotation of keys misses it.
///
/// # Errors
/// [`TransferError::NotEmpty`] before anything is written; [`TransferError::Taken`] before any row
/// of the workspace is; [`TransferError::Malformed`] names the
/// first line that does not read, a missing end included.
pub async fn import_workspace<S: Storage + ?Sized>(
    store: &S,
    lines: impl IntoIterator<Item = std::io::Result<String>, IntoIter: Send>,
) -> Result<Transferred, TransferError> {
    let tables = tenant_tables();
    let mut lines = lines.into_iter().zip(1..);
    let malformed = |line, what| TransferError::Malformed { line, what };
    let first = lines.next().ok_or_else(|| malformed(1, "it is empty"))?.0?;
    let workspace = Line::read(&first)
        .and_then(|line| line.workspace())
        .ok_or_else(|| malformed(1, "it is not the header of an export"))?;
    refuse_rows(store, workspace, &tables).await?;
    let mut target = Target::new(store, workspace).await?;
    for (text, number) in lines {
        let line =
            Line::read(&text?).ok_or_else(|| malformed(number, "it is no line of an export"))?;
        match line {
            Line::Row { table, cells } => {
                let name = table.as_str();
                let table = tables.get(name).copied().or_else(|| platform::table(name));
                let table = table.ok_or_else(|| malformed(number, "an unknown table"))?;
                let values = cell::values(table, &cells);
                let values = values.ok_or_else(|| malformed(number, "a cell does not fit"))?;
                target.row(table, values).await?;
            }
            Line::Fact(fact) => {
                let entry = fact
                    .entry()
                    .ok_or_else(|| malformed(number, "a fact does not read"))?;
                target.fact(entry).await?;
            }
            Line::End { rows, facts } if (rows, facts) == (target.done.rows, target.done.facts) => {
                return target.finish().await;
            }
            Line::End { .. } => return Err(malformed(number, "the end counts other lines")),
            Line::Header { .. } => return Err(malformed(number, "a second header")),
        }
    }
    let read = target.done;
    Err(malformed(read.rows + read.facts + 2, "the end is missing"))
}

async fn refuse_rows<S: Storage + ?Sized>(
    store: &S,
    workspace: WorkspaceId,
    tables: &BTreeMap<&'static str, &'static TableDef>,
) -> Result<(), TransferError> {
    for table in tables
        .values()
        .filter(|table| table.name != SUPPRESSION.name)
    {
        let page = store
            .scan(workspace.into(), Scan::table(table).limit(1))
            .await?;
        if !page.rows.is_empty() {
            return Err(TransferError::NotEmpty(table.name));
        }
    }
    let log = store
        .read_log(workspace, LogCursor { after: 0, limit: 1 })
        .await?;
    if log.records.is_empty() {
        Ok(())
    } else {
        Err(TransferError::NotEmpty("event_log"))
    }
}

#[cfg(test)]
mod tests;
