//! One batch inside the open transaction.

use jooper_core::{WorkspaceId, to_millis};
use jooper_storage::{Batch, Check, Key, LogEntry, Scope, StoreError, Write};

use super::bulk::Patience;
use super::heads::Heads;
use crate::catalog::{ADD_ROLLUP, APPEND, op_value};
use crate::cell::{Param, Params};
use crate::desk::Versions;
use crate::session::{Session, execute};

/// Whether the batch is one statement at most, which SQLite undoes as a whole when it fails: such a
/// batch needs no savepoint.
pub(super) fn is_one_statement(batch: &Batch) -> bool {
    let facts = batch.log.iter().map(|entry| 1 + entry.rollups.len());
    let judged_behind = |check: &Check| matches!(check, Check::AtMost(..));
    batch.writes.len() + facts.sum::<usize>() <= 1 && !batch.checks.iter().any(judged_behind)
}

/// Checks what must hold before the writes. Reads only.
pub(super) fn check_before(
    session: &Session,
    versions: &Versions,
    batch: &Batch,
) -> Result<(), StoreError> {
    for (at, check) in batch.checks.iter().enumerate() {
        let conflict = |what| Err(StoreError::Conflict { check: at, what });
        match check {
            Check::Absent(key) if version(session, versions, batch.scope, key)?.is_some() => {
                return conflict("absent");
            }
            Check::Version(key, wanted) => {
                let found = version(session, versions, batch.scope, key)?;
                if found != i64::try_from(*wanted).ok() {
                    return conflict("version");
                }
            }
            Check::Fence(key, token) => {
                let sql = session.catalog.of(key.table())?;
                let fence = match &sql.fence {
                    Some(text) => session.integer(text, &Params::key(batch.scope, key))?,
                    None => None,
                };
                if fence != Some(*token) {
                    return Err(StoreError::FenceLost);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes, checks what must hold after the writes, and appends to the log. Asks between any two
/// statements whether to go on.
pub(super) fn apply(
    session: &Session,
    versions: &mut Versions,
    heads: &mut Heads,
    batch: &Batch,
    patience: Option<&Patience<'_>>,
) -> Result<(), StoreError> {
    for write in &batch.writes {
        patience.map_or(Ok(()), Patience::last)?;
        versions.forget(batch.scope, write.key());
        apply_write(session, batch.scope, write)?;
    }
    for (at, check) in batch.checks.iter().enumerate() {
        let Check::AtMost(key, column, most) = check else {
            continue;
        };
        if versions.get(batch.scope, key) == Some(None) && *most >= 0 {
            // No such row was there, and none was written.
            continue;
        }
        let text = session.texts.column(key.table(), column);
        let found = session.integer(&text, &Params::key(batch.scope, key))?;
        if found.unwrap_or(0) > *most {
            return Err(StoreError::Conflict {
                check: at,
                what: "at most",
            });
        }
    }
    if batch.log.iter().any(|entry| !entry.rollups.is_empty()) {
        versions.forget_all();
    }
    match batch.workspace() {
        Some(workspace) if !batch.log.is_empty() => {
            append(session, heads, workspace, &batch.log, patience)
        }
        _ => Ok(()),
    }
}

fn version(
    session: &Session,
    versions: &Versions,
    scope: Scope,
    key: &Key,
) -> Result<Option<i64>, StoreError> {
    if let Some(known) = versions.get(scope, key) {
        return Ok(known);
    }
    let sql = session.catalog.of(key.table())?;
    session.integer(&sql.version, &Params::key(scope, key))
}

fn apply_write(session: &Session, scope: Scope, write: &Write) -> Result<(), StoreError> {
    let table = write.key().table();
    let sql = session.catalog.of(table)?;
    match write {
        Write::Put(_, values) => {
            let mut params = Params::of(scope);
            params.cells(values);
            session.execute(&sql.put, &params)?;
        }
        Write::Delete(key) => {
            session.execute(&sql.delete, &Params::key(scope, key))?;
        }
        Write::Patch(key, ops) => {
            let mut params = Params::key(scope, key);
            ops.iter().for_each(|(_, op)| params.push(op_value(op)));
            session.execute(&session.texts.patch(table, ops), &params)?;
        }
        Write::Upsert(_, values, ops) => {
            let mut params = Params::of(scope);
            params.cells(values);
            ops.iter().for_each(|(_, op)| params.push(op_value(op)));
            let text = session.texts.upsert(&session.catalog, table, ops)?;
            session.execute(&text, &params)?;
        }
        _ => return Err(StoreError::Invalid("a write of a newer kind".to_owned())),
    }
    Ok(())
}

/// Appends entries that are new, and their rollups; the places have no gaps. Moves the head last:
/// whatever fails before leaves it where it was.
fn append(
    session: &Session,
    heads: &mut Heads,
    workspace: WorkspaceId,
    entries: &[LogEntry],
    patience: Option<&Patience<'_>>,
) -> Result<(), StoreError> {
    let before = heads.last(session, workspace)?;
    let mut last = before;
    let mut insert = session.prepare(APPEND)?;
    let mut params = Params::of(workspace.into());
    for entry in entries {
        patience.map_or(Ok(()), Patience::last)?;
        params.clear();
        bind_entry(&mut params, workspace, last + 1, entry);
        if execute(&mut insert, &params)? == 0 {
            continue;
        }
        last += 1;
        for delta in &entry.rollups {
            let mut params = Params::of(workspace.into());
            params.push(Param::Bytes(&delta.key));
            params.push(Param::Int(delta.add));
            session.execute(ADD_ROLLUP, &params)?;
        }
    }
    if last > before {
        heads.advance(workspace, last);
    }
    Ok(())
}

fn bind_entry<'a>(params: &mut Params<'a>, workspace: WorkspaceId, seq: i64, entry: &'a LogEntry) {
    let dimensions = &entry.dimensions;
    let id = |uuid: Option<uuid::Uuid>| uuid.map_or(Param::Null, Param::Id);
    let int = |n: Option<i64>| n.map_or(Param::Null, Param::Int);
    let bytes = |bytes: Option<&'a [u8]>| bytes.map_or(Param::Null, Param::Bytes);
    params.workspace(workspace);
    params.push(Param::Int(seq));
    params.push(Param::Int(to_millis(entry.at)));
    params.push(Param::Bytes(entry.id.as_bytes()));
    params.push(Param::Int(entry.kind.code()));
    params.push(id(dimensions.campaign.map(|campaign| campaign.uuid())));
    params.push(int(dimensions.step.map(|step| i64::from(step.0))));
    params.push(int(dimensions.variant.map(i64::from)));
    params.push(id(dimensions.mailbox.map(|mailbox| mailbox.uuid())));
    params.push(bytes(
        dimensions
            .domain
            .as_ref()
            .map(|domain| domain.as_bytes().as_slice()),
    ));
    params.push(int(dimensions.reason));
    params.push(id(entry.lead.map(|lead| lead.uuid())));
    params.push(id(entry.subject.map(|subject| subject.uuid())));
    params.push(bytes(entry.payload.as_deref()));
}
