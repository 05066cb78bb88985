//! Cells and rows as compact bytes: a fork keeps millions of them.
//!
//! Keys and places in an index are written so that their bytes sort as the values do; rows are
//! written to be short.

use crate::{Row, Value};

const NULL: u8 = 0;
const INT: u8 = 1;
const ID: u8 = 2;
const TEXT: u8 = 3;
const BYTES: u8 = 4;

/// Larger than what may follow a value: the end of everything that begins with it.
pub(super) const BEHIND: u8 = 0xff;

/// Appends a value so that bytes compare as values do, and no value is the beginning of another.
pub(super) fn order(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Int(n) => {
            out.push(INT);
            out.extend_from_slice(&(n.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        }
        Value::Id(id) => {
            out.push(ID);
            out.extend_from_slice(id.as_bytes());
        }
        Value::Text(text) => escaped(TEXT, text.as_bytes(), out),
        Value::Bytes(bytes) => escaped(BYTES, bytes, out),
    }
}

/// A zero byte becomes two; one zero byte and a one end the value.
fn escaped(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    for part in bytes.split_inclusive(|byte| *byte == 0) {
        out.extend_from_slice(part);
        if part.ends_with(&[0]) {
            out.push(BEHIND);
        }
    }
    out.extend_from_slice(&[0, 1]);
}

/// The bytes of these values, in order.
pub(super) fn ordered<'a>(values: impl IntoIterator<Item = &'a Value>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    for value in values {
        order(value, &mut out);
    }
    out
}

/// Where the value that begins at `at` ends.
fn end(bytes: &[u8], at: usize) -> usize {
    match bytes[at] {
        NULL => at + 1,
        INT => at + 9,
        ID => at + 17,
        _ => {
            let mut end = at + 1;
            while bytes[end..end + 2] != [0, 1] {
                end += if bytes[end] == 0 { 2 } else { 1 };
            }
            end + 2
        }
    }
}

/// Picks whole values out of ordered bytes, by their places.
pub(super) fn pick(bytes: &[u8], places: &[usize]) -> Vec<u8> {
    let mut spans = Vec::with_capacity(8);
    let mut at = 0;
    while at < bytes.len() {
        let end = end(bytes, at);
        spans.push(at..end);
        at = end;
    }
    places
        .iter()
        .flat_map(|place| &bytes[spans[*place].clone()])
        .copied()
        .collect()
}

fn number(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn take_number(bytes: &mut &[u8]) -> u64 {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        n |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    n
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

/// A row, its version first.
pub(super) fn row(row: &Row) -> Box<[u8]> {
    let mut out = Vec::with_capacity(256);
    number(row.version, &mut out);
    for value in &row.values {
        match value {
            Value::Null => out.push(NULL),
            Value::Int(n) => {
                out.push(INT);
                // Small numbers of either sign stay short.
                number(
                    (n << 1).cast_unsigned() ^ (n >> 63).cast_unsigned(),
                    &mut out,
                );
            }
            Value::Id(id) => {
                out.push(ID);
                out.extend_from_slice(id.as_bytes());
            }
            Value::Text(text) => sized(TEXT, text.as_bytes(), &mut out),
            Value::Bytes(bytes) => sized(BYTES, bytes, &mut out),
        }
    }
    out.into_boxed_slice()
}

fn sized(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    number(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// The version of a row that [`row`] wrote.
pub(super) fn version(mut bytes: &[u8]) -> u64 {
    take_number(&mut bytes)
}

/// Reads back what [`row`] wrote.
pub(super) fn read(mut bytes: &[u8], columns: usize) -> Row {
    let version = take_number(&mut bytes);
    let mut values = Vec::with_capacity(columns);
    while !bytes.is_empty() {
        let tag = take(&mut bytes, 1)[0];
        values.push(match tag {
            NULL => Value::Null,
            INT => {
                let n = take_number(&mut bytes);
                Value::Int((n >> 1).cast_signed() ^ -((n & 1).cast_signed()))
            }
            ID => {
                let mut id = [0; 16];
                id.copy_from_slice(take(&mut bytes, 16));
                Value::Id(uuid::Uuid::from_bytes(id))
            }
            _ => {
                let length = take_number(&mut bytes) as usize;
                let content = take(&mut bytes, length);
                if tag == TEXT {
                    Value::Text(String::from_utf8_lossy(content).into_owned())
                } else {
                    Value::Bytes(content.to_vec())
                }
            }
        });
    }
    Row { values, version }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn values() -> Vec<Value> {
        let mut all = vec![Value::Null];
        all.extend([i64::MIN, -300, -1, 0, 1, 127, 128, i64::MAX].map(Value::Int));
        all.extend([0, 1, u128::MAX].map(|n| Value::Id(Uuid::from_u128(n))));
        all.extend(["", "a", "a b", "ab", "z\u{e9}"].map(|text| Value::Text(text.to_owned())));
        let bytes: [&[u8]; 7] = [
            b"",
            b"\0",
            b"\0\0",
            b"\0\x01",
            b"\0\xff",
            b"\x01",
            b"\xff\xff",
        ];
        all.extend(bytes.map(|bytes| Value::Bytes(bytes.to_vec())));
        all
    }

    #[test]
    fn bytes_sort_as_values_do_and_none_begins_another() {
        for a in &values() {
            for b in &values() {
                let (one, other) = (ordered([a]), ordered([b]));
                assert_eq!(one.cmp(&other), a.cmp(b), "{a:?} {b:?}");
                assert_eq!(one.starts_with(&other), a == b, "{a:?} {b:?}");
                let pair = ordered([a, b]);
                assert_eq!(pick(&pair, &[1, 0]), ordered([b, a]));
            }
        }
    }

    #[test]
    fn a_row_is_read_back() {
        let written = Row {
            values: values(),
            version: 77_000,
        };
        let bytes = row(&written);
        assert_eq!(version(&bytes), 77_000);
        assert_eq!(read(&bytes, written.values.len()), written);
    }
}
