//! Names of columns and indexes, as SQL writes them.

use jooper_storage::{TableDef, TableScope};

pub(crate) fn scope_columns(table: &TableDef) -> &'static [&'static str] {
    match table.scope {
        TableScope::Tenant => &["bucket", "workspace_id"],
        TableScope::Platform => &[],
    }
}

#[cfg(test)]
pub(crate) fn index_name(table: &TableDef, index: &str) -> String {
    format!("{}_{index}", table.name)
}

pub(crate) fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}
