//! Every row of one lead, found by walking the declarations of all tables.

use jooper_core::{LeadId, WorkspaceId};
use jooper_storage::{
    Column, ColumnKind, Row, Scan, Storage, StoreError, TableDef, TableScope, tables,
};

/// A row with its table.
pub(crate) struct OwnedRow {
    pub(crate) table: &'static TableDef,
    pub(crate) row: Row,
}

/// The column that names the lead: the declared subject, or a column `lead` in a table whose rows
/// have no subject because they must outlive it.
pub(crate) fn lead_column(table: &'static TableDef) -> Option<&'static str> {
    if table.scope != TableScope::Tenant {
        return None;
    }
    let named_lead = |name: &&str| {
        table
            .columns
            .iter()
            .any(|column| column.name == *name && column.kind == ColumnKind::Id)
    };
    table.subject.or_else(|| Some("lead").filter(named_lead))
}

/// Reads every row of a lead, table by table.
///
/// Walks an index that begins with the lead where there is one, else the whole table: an export
/// must be complete, and is rare.
pub(crate) async fn rows_of(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    lead: LeadId,
) -> Result<Vec<OwnedRow>, StoreError> {
    let mut found = Vec::new();
    for table in tables::all() {
        let Some((column, at)) =
            lead_column(table).and_then(|column| table.position(column).map(|at| (column, at)))
        else {
            continue;
        };
        let mut scan = scan_of(table, column, lead);
        loop {
            let page = storage.scan(workspace.into(), scan.clone()).await?;
            let theirs = page
                .rows
                .into_iter()
                .filter(|row| row.values[at] == lead.to_value());
            found.extend(theirs.map(|row| OwnedRow { table, row }));
            match page.next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
    }
    Ok(found)
}

fn scan_of(table: &'static TableDef, column: &str, lead: LeadId) -> Scan {
    let scan = Scan::table(table).limit(Scan::MAX_LIMIT);
    if table.columns[0].name == column {
        return scan.prefix(vec![lead.to_value()]);
    }
    match table
        .indexes
        .iter()
        .find(|index| index.columns[0] == column)
    {
        Some(index) => scan.by(index.name).prefix(vec![lead.to_value()]),
        None => scan,
    }
}
