//! Values into PostgreSQL and back.

use jooper_core::WorkspaceId;
use jooper_storage::{ColumnKind, Key, Row, Scope, StoreError, TableDef, Value};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::error::store_error;

/// A parameter of a statement, with its type: nothing is left to the server to guess.
#[derive(Debug)]
pub(crate) enum Param<'a> {
    Bucket(i32),
    Int(i64),
    Id(Uuid),
    Text(&'a str),
    Bytes(&'a [u8]),
    Ints(Vec<Option<i64>>),
    Ids(Vec<Option<Uuid>>),
    Texts(Vec<Option<&'a str>>),
    Blobs(Vec<Option<&'a [u8]>>),
}

impl<'a> Param<'a> {
    fn sql(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Bucket(n) => (n, Type::INT4),
            Self::Int(n) => (n, Type::INT8),
            Self::Id(id) => (id, Type::UUID),
            Self::Text(text) => (text, Type::TEXT),
            Self::Bytes(bytes) => (bytes, Type::BYTEA),
            Self::Ints(all) => (all, Type::INT8_ARRAY),
            Self::Ids(all) => (all, Type::UUID_ARRAY),
            Self::Texts(all) => (all, Type::TEXT_ARRAY),
            Self::Blobs(all) => (all, Type::BYTEA_ARRAY),
        }
    }

    /// One column of many rows.
    pub(crate) fn column(kind: ColumnKind, cells: impl Iterator<Item = &'a Value>) -> Self {
        match kind {
            ColumnKind::Int => Self::Ints(cells.map(int).collect()),
            ColumnKind::Id => Self::Ids(cells.map(id).collect()),
            ColumnKind::Text => Self::Texts(cells.map(text).collect()),
            _ => Self::Blobs(cells.map(bytes).collect()),
        }
    }

    /// One cell that is not null.
    pub(crate) fn cell(value: &'a Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Int(n) => Self::Int(*n),
            Value::Id(id) => Self::Id(*id),
            Value::Text(text) => Self::Text(text),
            Value::Bytes(bytes) => Self::Bytes(bytes),
        })
    }
}

const fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) => Some(*n),
        _ => None,
    }
}

const fn id(value: &Value) -> Option<Uuid> {
    match value {
        Value::Id(id) => Some(*id),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// The parameters of one statement, in order.
#[derive(Debug, Default)]
pub(crate) struct Params<'a>(Vec<Param<'a>>);

impl<'a> Params<'a> {
    /// Bucket and workspace, or nothing for the platform.
    pub(crate) fn of(scope: Scope) -> Self {
        let mut params = Self::default();
        if let Scope::Workspace(workspace) = scope {
            params.workspace(workspace);
        }
        params
    }

    fn workspace(&mut self, workspace: WorkspaceId) {
        self.push(Param::Bucket(i32::from(workspace.bucket().bits())));
        self.push(Param::Id(workspace.uuid()));
    }

    /// The scope, then one array for each key column.
    pub(crate) fn keys(scope: Scope, table: &TableDef, keys: &[&'a Key]) -> Self {
        let mut params = Self::of(scope);
        for (at, column) in table.key_columns().iter().enumerate() {
            let cells = keys.iter().map(|key| &key.values()[at]);
            params.push(Param::column(column.kind, cells));
        }
        params
    }

    pub(crate) fn push(&mut self, param: Param<'a>) {
        self.0.push(param);
    }

    pub(crate) fn sql(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.0.iter().map(Param::sql).collect()
    }
}

/// Reads a row whose first columns are the table's, then the version.
pub(crate) fn row(
    table: &TableDef,
    found: &tokio_postgres::Row,
    from: usize,
) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(table.columns.len());
    for (position, column) in table.columns.iter().enumerate() {
        let at = from + position;
        let value = match column.kind {
            ColumnKind::Int => found.try_get(at).map(|n: Option<i64>| n.map(Value::Int)),
            ColumnKind::Id => found.try_get(at).map(|id: Option<Uuid>| id.map(Value::Id)),
            ColumnKind::Text => found
                .try_get(at)
                .map(|text: Option<String>| text.map(Value::Text)),
            _ => found
                .try_get(at)
                .map(|bytes: Option<Vec<u8>>| bytes.map(Value::Bytes)),
        };
        let value = value.map_err(|_| StoreError::Corrupt {
            place: format!("{}.{}", table.name, column.name),
            source: None,
        })?;
        values.push(value.unwrap_or(Value::Null));
    }
    let version: i64 = found
        .try_get(from + table.columns.len())
        .map_err(store_error)?;
    Ok(Row {
        values,
        version: version.unsigned_abs(),
    })
}
