//! Values into SQLite and back.

use jooper_core::WorkspaceId;
use jooper_storage::{ColumnKind, Key, Row, Scope, StoreError, TableDef, Value};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::error::store_error;

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Id(Uuid),
    Bytes(&'a [u8]),
    Cell(&'a Value),
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null | Self::Cell(Value::Null) => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(n) | Self::Cell(Value::Int(n)) => {
                ToSqlOutput::Borrowed(ValueRef::Integer(*n))
            }
            Self::Id(id) | Self::Cell(Value::Id(id)) => {
                ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes()))
            }
            Self::Cell(Value::Text(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Cell(Value::Bytes(bytes)) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// The parameters of one statement, in order.
#[derive(Debug)]
pub(crate) struct Params<'a>(Vec<Param<'a>>);

impl<'a> Params<'a> {
    /// Bucket and workspace, or nothing for the platform.
    pub(crate) fn of(scope: Scope) -> Self {
        let mut params = Self(Vec::with_capacity(24));
        if let Scope::Workspace(workspace) = scope {
            params.workspace(workspace);
        }
        params
    }

    /// No parameter.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The scope, then the key.
    pub(crate) fn key(scope: Scope, key: &'a Key) -> Self {
        let mut params = Self::of(scope);
        params.cells(key.values());
        params
    }

    pub(crate) fn workspace(&mut self, workspace: WorkspaceId) {
        self.0
            .push(Param::Int(i64::from(workspace.bucket().bits())));
        self.0.push(Param::Id(workspace.uuid()));
    }

    pub(crate) fn cells(&mut self, values: &'a [Value]) {
        self.0.extend(values.iter().map(Param::Cell));
    }

    pub(crate) fn push(&mut self, param: Param<'a>) {
        self.0.push(param);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Binds every parameter to a statement that was just reset.
    pub(crate) fn bind(&self, statement: &mut rusqlite::Statement<'_>) -> Result<(), StoreError> {
        for (position, param) in self.0.iter().enumerate() {
            statement
                .raw_bind_parameter(position + 1, param)
                .map_err(store_error)?;
        }
        Ok(())
    }
}

/// Reads one cell of the declared kind.
pub(crate) fn cell(kind: ColumnKind, found: ValueRef<'_>) -> Option<Value> {
    Some(match (found, kind) {
        (ValueRef::Null, _) => Value::Null,
        (ValueRef::Integer(n), ColumnKind::Int) => Value::Int(n),
        (ValueRef::Blob(bytes), ColumnKind::Id) => Value::Id(Uuid::from_slice(bytes).ok()?),
        (ValueRef::Text(text), ColumnKind::Text) => {
            Value::Text(std::str::from_utf8(text).ok()?.to_owned())
        }
        (ValueRef::Blob(bytes), ColumnKind::Bytes | ColumnKind::Index | ColumnKind::Sealed) => {
            Value::Bytes(bytes.to_vec())
        }
        _ => return None,
    })
}

/// Reads a row whose first columns are the table's, then the version.
pub(crate) fn row(
    table: &TableDef,
    found: &rusqlite::Row<'_>,
    from: usize,
) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(table.columns.len());
    for (position, column) in table.columns.iter().enumerate() {
        let raw = found.get_ref(from + position).map_err(store_error)?;
        let value = cell(column.kind, raw).ok_or_else(|| StoreError::Corrupt {
            place: format!("{}.{}", table.name, column.name),
            source: None,
        })?;
        values.push(value);
    }
    let version: i64 = found.get(from + table.columns.len()).map_err(store_error)?;
    Ok(Row {
        values,
        version: version.unsigned_abs(),
    })
}
