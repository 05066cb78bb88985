//! Cells as JSON and back: numbers, texts, ids as text, bytes in hex.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::{ColumnKind, TableDef, Value};

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(n) => (*n).into(),
        Value::Id(id) => id.simple().to_string().into(),
        Value::Text(text) => text.as_str().into(),
        Value::Bytes(bytes) => hex(bytes).into(),
    }
}

fn value(kind: ColumnKind, cell: &Json) -> Option<Value> {
    Some(match (cell, kind) {
        (Json::Null, _) => Value::Null,
        (Json::Number(n), ColumnKind::Int) => Value::Int(n.as_i64()?),
        (Json::String(text), ColumnKind::Id) => Value::Id(Uuid::try_parse(text).ok()?),
        (Json::String(text), ColumnKind::Text) => Value::Text(text.clone()),
        (Json::String(text), _) if kind != ColumnKind::Int => Value::Bytes(unhex(text)?),
        _ => return None,
    })
}

/// The values of a row; `None` when they do not fit its table.
pub(super) fn values(table: &TableDef, cells: &[Json]) -> Option<Vec<Value>> {
    if cells.len() != table.columns.len() {
        return None;
    }
    let columns = table.columns.iter().zip(cells);
    let values: Option<Vec<Value>> = columns
        .map(|(column, cell)| value(column.kind, cell))
        .collect();
    values.filter(|values| {
        let mut pairs = values.iter().zip(table.columns);
        pairs.all(|(value, column)| value.fits(column))
    })
}
