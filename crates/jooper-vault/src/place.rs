//! Where an envelope belongs. Part of what is authenticated, so that it opens nowhere else.

use jooper_core::EventId;
use jooper_storage::{Key, TableDef, Value};

use crate::aad::Fields;

/// One cell: table, column and row. Together with region, workspace, subject, key generation and
/// origin label it is the associated data of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    table: &'static str,
    column: &'static str,
    row: Vec<u8>,
}

impl Place {
    /// The cell of `column` in the row of `table` that has this key.
    pub fn new(table: &'static TableDef, column: &'static str, key: &[Value]) -> Self {
        debug_assert!(
            table.position(column).is_some(),
            "{} has no column {column}",
            table.name
        );
        debug_assert_eq!(key.len(), table.key_len, "the key of {}", table.name);
        Self {
            table: table.name,
            column,
            row: row_bytes(key),
        }
    }

    /// The cell of `column` in the row that this key names.
    pub fn of(key: &Key, column: &'static str) -> Self {
        Self::new(key.table(), column, key.values())
    }

    /// The payload of a log entry.
    pub fn log(event: &EventId) -> Self {
        Self {
            table: "log",
            column: "payload",
            row: row_bytes(&[Value::Bytes(event.as_bytes().to_vec())]),
        }
    }

    /// The table's name.
    pub const fn table(&self) -> &'static str {
        self.table
    }

    /// The column's name.
    pub const fn column(&self) -> &'static str {
        self.column
    }

    pub(crate) fn add_to(&self, fields: Fields) -> Fields {
        fields
            .field(self.table.as_bytes())
            .field(self.column.as_bytes())
            .field(&self.row)
    }
}

/// A row's key, each value behind its kind and length.
fn row_bytes(key: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    for value in key {
        let (kind, bytes): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Int(n) => (1, &n.to_be_bytes()),
            Value::Id(id) => (2, id.as_bytes()),
            Value::Text(text) => (3, text.as_bytes()),
            Value::Bytes(bytes) => (4, bytes),
        };
        out.push(kind);
        out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        out.extend_from_slice(bytes);
    }
    out
}
