//! The workspace's dictionary of custom fields: their names are typed by people, hence sealed.

use std::collections::BTreeSet;

use jooper_core::{Origin, WorkspaceId};
use jooper_storage::tables::{NAME, Name, NameRow};
use jooper_storage::{Column, Scan, Storage, StorageExt, Value};
use jooper_vault::{Place, VaultError, WorkspaceVault};
use uuid::Uuid;

use crate::error::LeadsError;

/// The number of custom fields among the kinds of names.
const FIELD: i64 = 1;

/// Fields that every template may name.
pub(crate) const STANDARD: &[&str] = &[
    "company",
    "email",
    "first_name",
    "last_name",
    "phone",
    "title",
];

fn place(id: Uuid) -> Place {
    Place::new(&NAME, "name", &[Value::Id(id)])
}

/// The row that remembers a custom field.
pub(crate) fn field_row(
    vault: &WorkspaceVault,
    id: Uuid,
    field: &str,
) -> Result<NameRow, VaultError> {
    let name = Name(field.to_owned());
    Ok(NameRow {
        id,
        kind: FIELD,
        name_index: vault.index("field", field),
        name: vault.own().seal(&place(id), Origin::Customer, &name)?,
    })
}

/// The custom fields that any lead of the workspace has or had.
pub(crate) async fn custom_fields(
    storage: &dyn Storage,
    vault: &WorkspaceVault,
    ws: WorkspaceId,
) -> Result<BTreeSet<String>, LeadsError> {
    let scan = Scan::table(&NAME)
        .by("by_name")
        .prefix(vec![FIELD.to_value()]);
    let mut fields = BTreeSet::new();
    for row in storage.collect::<NameRow>(ws, scan).await? {
        let row = row.record;
        fields.insert(vault.own().open(&place(row.id), &row.name)?.0);
    }
    Ok(fields)
}
