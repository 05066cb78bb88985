//! Making a subject disappear from the rows and from the files.

use jooper_storage::{Erase, Erased, OnErase, StoreError, tables};

use crate::catalog::ERASE_PAYLOADS;
use crate::cell::{Param, Params};
use crate::session::Session;

/// Deletes and scrubs as each table declares. `secure_delete` overwrites what goes.
pub(super) fn erase(session: &Session, erase: Erase) -> Result<Erased, StoreError> {
    let mut done = Erased::default();
    let mut params = Params::of(erase.workspace.into());
    params.push(Param::Id(erase.subject.uuid()));
    for table in tables::all() {
        let Some(text) = &session.catalog.of(table)?.erase else {
            continue;
        };
        let rows = session.execute(text, &params)? as u64;
        match table.on_erase {
            OnErase::Delete => done.deleted += rows,
            OnErase::Scrub => done.scrubbed += rows,
            OnErase::Keep => {}
        }
    }
    done.payloads = session.execute(ERASE_PAYLOADS, &params)? as u64;
    Ok(done)
}

/// Empties the write-ahead log, which still holds what was overwritten; `false` while a reader
/// needs an old page of it.
pub(super) fn truncate_log(session: &Session) -> bool {
    session
        .connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .is_ok_and(|busy: i64| busy == 0)
}
