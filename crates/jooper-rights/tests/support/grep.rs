//! Looks for words in everything that a store keeps, in the usual encodings.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jooper_storage::{LogCursor, MemoryStore, Scan, Scope, Storage, TableScope, Value, tables};

use super::ws;

/// One stored cell, with its place.
pub(crate) type Cell = (String, Vec<u8>);

/// Every cell of every table and every log payload.
pub(crate) async fn dump(store: &MemoryStore) -> Vec<Cell> {
    let mut cells = Vec::new();
    for table in tables::all() {
        let scope = match table.scope {
            TableScope::Tenant => Scope::Workspace(ws()),
            TableScope::Platform => Scope::Platform,
        };
        let mut scan = Scan::table(table);
        loop {
            let page = store.scan(scope, scan.clone()).await.unwrap();
            for row in page.rows {
                for (column, value) in table.columns.iter().zip(row.values) {
                    let bytes = match value {
                        Value::Null => Vec::new(),
                        Value::Int(number) => number.to_string().into_bytes(),
                        Value::Id(id) => id.as_bytes().to_vec(),
                        Value::Text(text) => text.into_bytes(),
                        Value::Bytes(bytes) => bytes,
                    };
                    cells.push((format!("{}.{}", table.name, column.name), bytes));
                }
            }
            match page.next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
    }
    let log = store.read_log(ws(), LogCursor::start()).await.unwrap();
    for record in log.records {
        let payload = record.entry.payload.unwrap_or_default();
        cells.push((format!("log.{}", record.entry.kind.name()), payload));
    }
    cells
}

/// The places that hold these bytes.
pub(crate) fn holding(cells: &[Cell], needle: &[u8]) -> Vec<String> {
    let held = |cell: &&Cell| cell.1.windows(needle.len()).any(|window| window == needle);
    cells
        .iter()
        .filter(held)
        .map(|cell| cell.0.clone())
        .collect()
}

/// The places that hold this word in any encoding.
pub(crate) fn telling(cells: &[Cell], word: &str) -> Vec<String> {
    let mut found: Vec<String> = encodings(word)
        .iter()
        .flat_map(|needle| holding(cells, needle))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Raw, upper case, hexadecimal, UTF-16, percent, reversed, and base64 at its three alignments
/// (without the characters that depend on what stands next to the word).
pub(crate) fn encodings(word: &str) -> Vec<Vec<u8>> {
    let bytes = word.as_bytes();
    let hex = |upper: bool| -> String {
        bytes
            .iter()
            .map(|byte| {
                if upper {
                    format!("{byte:02X}")
                } else {
                    format!("{byte:02x}")
                }
            })
            .collect()
    };
    let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    let mut all = vec![
        bytes.to_vec(),
        word.to_uppercase().into_bytes(),
        hex(false).into_bytes(),
        hex(true).into_bytes(),
        percent.into_bytes(),
        word.replace('@', "%40").into_bytes(),
        bytes.iter().rev().copied().collect(),
        word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        word.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    for lead in 0..3 {
        let mut shifted = vec![0; lead];
        shifted.extend_from_slice(bytes);
        let (skip, keep) = ((lead * 8).div_ceil(6), shifted.len() * 8 / 6);
        for text in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            all.push(text.as_bytes()[skip..keep].to_vec());
        }
    }
    all
}
