//! What the platform's tables say about one workspace.

use jooper_core::WorkspaceId;

use super::{TransferError, line};
use crate::tables::{DO_NOT_CONTACT, MAILBOX_OWNER, SIGN_IN, WORKSPACE_DIRECTORY};
use crate::{Column, Scan, Scope, Storage, TableDef, Value};

/// The tables whose rows travel, in the order of the export.
const TABLES: [&TableDef; 4] = [
    &DO_NOT_CONTACT,
    &MAILBOX_OWNER,
    &SIGN_IN,
    &WORKSPACE_DIRECTORY,
];

/// The table of this name, if its rows travel.
pub(super) fn table(name: &str) -> Option<&'static TableDef> {
    TABLES.into_iter().find(|table| table.name == name)
}

/// The column that says whose row it is; none where every workspace is meant.
fn owner(table: &TableDef) -> Option<usize> {
    let name = if table.name == WORKSPACE_DIRECTORY.name {
        "id"
    } else {
        "workspace"
    };
    table.position(name)
}

/// Whether a row is about this workspace or about all.
pub(super) fn concerns(table: &TableDef, values: &[Value], workspace: WorkspaceId) -> bool {
    owner(table).is_none_or(|at| values.get(at) == Some(&workspace.to_value()))
}

pub(super) async fn export<S: Storage + ?Sized>(
    store: &S,
    workspace: WorkspaceId,
    sink: &mut (impl FnMut(&[u8]) -> std::io::Result<()> + Send),
) -> Result<u64, TransferError> {
    let mut rows = 0;
    for table in TABLES {
        let mut scan = Scan::table(table);
        loop {
            let page = store.scan(Scope::Platform, scan.clone()).await?;
            for row in page.rows {
                if concerns(table, &row.values, workspace) {
                    sink(&line::row(table, &row.values).write())?;
                    rows += 1;
                }
            }
            match page.next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
    }
    Ok(rows)
}
