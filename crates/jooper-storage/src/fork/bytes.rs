//! Cells and rows as compact bytes: a fork keeps millions of them.
//!
//! Keys and places in an index are written so that their bytes sort as the values do; rows are
//! written to be short.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ops::Deref;

use crate::{Row, Value};

const NULL: u8 = 0;
const INT: u8 = 1;
const ID: u8 = 2;
const TEXT: u8 = 3;
const BYTES: u8 = 4;

/// Larger than what may follow a value: the end of everything that begins with it.
pub(super) const BEHIND: u8 = 0xff;

/// Ordered bytes, kept in place unless they are longer than `N`: a tree of them is searched without
/// following a pointer for every comparison.
#[derive(Debug, Clone)]
pub(super) enum Packed<const N: usize> {
    Short(u8, [u8; N]),
    Long(Box<[u8]>),
}

/// The place of a row in an index: the index's columns and the key.
pub(super) type PackedPlace = Packed<78>;

/// Bytes that are being written: in place as long as they are few, as those of most keys are.
#[derive(Debug, Clone)]
pub(super) struct Buffer {
    length: usize,
    short: [u8; Self::SHORT],
    long: Vec<u8>,
}

impl Buffer {
    const SHORT: usize = 120;

    pub(super) const fn new() -> Self {
        Self {
            length: 0,
            short: [0; Self::SHORT],
            long: Vec::new(),
        }
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut buffer = Self::new();
        buffer.extend_from_slice(bytes);
        buffer
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.extend_from_slice(&[byte]);
    }

    #[inline]
    fn extend_from_slice(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(short) = self.short.get_mut(self.length..end) {
            short.copy_from_slice(bytes);
            self.length = end;
            return;
        }
        self.extend_long(bytes);
    }

    #[cold]
    fn extend_long(&mut self, bytes: &[u8]) {
        if self.long.is_empty() {
            self.long.reserve(Self::SHORT * 2 + bytes.len());
            self.long.extend_from_slice(&self.short[..self.length]);
            // From here on nothing fits in place.
            self.length = Self::SHORT;
        }
        self.long.extend_from_slice(bytes);
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.long.is_empty() {
            &self.short[..self.length]
        } else {
            &self.long
        }
    }
}

impl<const N: usize> Packed<N> {
    pub(super) fn of(bytes: &[u8]) -> Self {
        match u8::try_from(bytes.len()) {
            Ok(length) if bytes.len() <= N => {
                let mut short = [0; N];
                short[..bytes.len()].copy_from_slice(bytes);
                Self::Short(length, short)
            }
            _ => Self::Long(bytes.into()),
        }
    }
}

impl<const N: usize> Deref for Packed<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(length, bytes) => &bytes[..usize::from(*length)],
            Self::Long(bytes) => bytes,
        }
    }
}

impl<const N: usize> Borrow<[u8]> for Packed<N> {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl<const N: usize> PartialEq for Packed<N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<const N: usize> Eq for Packed<N> {}

impl<const N: usize> PartialOrd for Packed<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Packed<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(other)
    }
}

/// Appends a value so that bytes compare as values do, and no value is the beginning of another.
pub(super) fn order(value: &Value, out: &mut Buffer) {
    let cell = match value {
        Value::Null => Cell::Null,
        Value::Int(n) => Cell::Int(*n),
        Value::Id(id) => Cell::Id(id.as_bytes()),
        Value::Text(text) => Cell::Sized(TEXT, text.as_bytes()),
        Value::Bytes(bytes) => Cell::Sized(BYTES, bytes),
    };
    cell.order(out);
}

/// A value where it stands.
#[derive(Clone, Copy)]
enum Cell<'a> {
    Null,
    Int(i64),
    Id(&'a [u8; 16]),
    Sized(u8, &'a [u8]),
}

impl Cell<'_> {
    fn order(self, out: &mut Buffer) {
        match self {
            Self::Null => out.push(NULL),
            Self::Int(n) => {
                out.push(INT);
                out.extend_from_slice(&(n.cast_unsigned() ^ (1 << 63)).to_be_bytes());
            }
            Self::Id(id) => {
                out.push(ID);
                out.extend_from_slice(id);
            }
            Self::Sized(tag, bytes) => escaped(tag, bytes, out),
        }
    }

    #[inline(always)]
    fn value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Int(n) => Value::Int(n),
            Self::Id(id) => Value::Id(uuid::Uuid::from_bytes(*id)),
            Self::Sized(TEXT, text) => Value::Text(match std::str::from_utf8(text) {
                Ok(text) => text.to_owned(),
                Err(_) => String::from_utf8_lossy(text).into_owned(),
            }),
            Self::Sized(_, bytes) => Value::Bytes(bytes.to_vec()),
        }
    }

    fn is(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Int(n), Value::Int(other)) => n == *other,
            (Self::Id(id), Value::Id(other)) => id == other.as_bytes(),
            (Self::Sized(TEXT, text), Value::Text(other)) => text == other.as_bytes(),
            (Self::Sized(BYTES, bytes), Value::Bytes(other)) => bytes == other,
            _ => false,
        }
    }
}

/// A zero byte becomes two; one zero byte and a one end the value.
fn escaped(tag: u8, bytes: &[u8], out: &mut Buffer) {
    out.push(tag);
    if !bytes.iter().fold(false, |zero, byte| zero | (*byte == 0)) {
        // As most are: taken over as a whole.
        out.extend_from_slice(bytes);
        out.extend_from_slice(&[0, 1]);
        return;
    }
    for part in bytes.split_inclusive(|byte| *byte == 0) {
        out.extend_from_slice(part);
        if part.ends_with(&[0]) {
            out.push(BEHIND);
        }
    }
    out.extend_from_slice(&[0, 1]);
}

/// The bytes of these values, in order.
pub(super) fn ordered<'a>(values: impl IntoIterator<Item = &'a Value>) -> Buffer {
    let mut out = Buffer::new();
    for value in values {
        order(value, &mut out);
    }
    out
}

fn number(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

#[inline]
fn take_number(bytes: &mut &[u8]) -> u64 {
    // Most are short.
    if let [byte @ ..=0x7f, rest @ ..] = *bytes {
        *bytes = rest;
        return u64::from(*byte);
    }
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

/// The version of no row: where it stands, nothing but the key follows.
const ABSENT: u64 = 0;

/// A row with this key, its version first; or that there is none.
pub(super) fn row(key: &[Value], row: Option<&Row>, out: &mut Vec<u8>) {
    out.clear();
    number(row.map_or(ABSENT, |row| row.version), out);
    for value in row.map_or(key, |row| &row.values) {
        match value {
            Value::Null => out.push(NULL),
            Value::Int(n) => {
                out.push(INT);
                // Small numbers of either sign stay short.
                number((n << 1).cast_unsigned() ^ (n >> 63).cast_unsigned(), out);
            }
            Value::Id(id) => {
                out.push(ID);
                out.extend_from_slice(id.as_bytes());
            }
            Value::Text(text) => sized(TEXT, text.as_bytes(), out),
            Value::Bytes(bytes) => sized(BYTES, bytes, out),
        }
    }
}

/// Whether these bytes say that there is no row.
pub(super) fn is_absent(bytes: &[u8]) -> bool {
    bytes
        .first()
        .is_some_and(|first| u64::from(*first) == ABSENT)
}

/// Whether what [`row`] wrote begins with this key.
pub(super) fn has_key(mut bytes: &[u8], key: &[Value]) -> bool {
    take_number(&mut bytes);
    key.iter()
        .all(|value| !bytes.is_empty() && take_cell(&mut bytes).is(value))
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

/// Takes the next cell of a row that [`row`] wrote.
#[inline(always)]
fn take_cell<'a>(bytes: &mut &'a [u8]) -> Cell<'a> {
    let (tag, rest) = bytes.split_first().expect("a row has all its cells");
    *bytes = rest;
    match *tag {
        NULL => Cell::Null,
        INT => {
            let n = take_number(bytes);
            Cell::Int((n >> 1).cast_signed() ^ -((n & 1).cast_signed()))
        }
        ID => {
            let (id, rest) = bytes.split_first_chunk().expect("an id has 16 bytes");
            *bytes = rest;
            Cell::Id(id)
        }
        tag => {
            let length = take_number(bytes) as usize;
            Cell::Sized(tag, take(bytes, length))
        }
    }
}

/// Reads back what [`row`] wrote.
pub(super) fn read(mut bytes: &[u8], columns: usize) -> Row {
    let version = take_number(&mut bytes);
    let mut values = Vec::with_capacity(columns);
    while !bytes.is_empty() {
        values.push(take_cell(&mut bytes).value());
    }
    Row { values, version }
}

/// The cells of a row that [`row`] wrote.
pub(super) struct Cells<'a>(Vec<Cell<'a>>);

impl<'a> Cells<'a> {
    pub(super) fn of(mut bytes: &'a [u8], columns: usize) -> Self {
        take_number(&mut bytes);
        let mut cells = Vec::with_capacity(columns);
        while !bytes.is_empty() {
            cells.push(take_cell(&mut bytes));
        }
        Self(cells)
    }

    /// These columns as a place in an index.
    pub(super) fn place(&self, order: &[usize]) -> Buffer {
        let mut out = Buffer::new();
        for at in order {
            self.0[*at].order(&mut out);
        }
        out
    }

    /// Whether these columns hold what they hold in another state of the row.
    pub(super) fn same(&self, values: &[Value], order: &[usize]) -> bool {
        order.iter().all(|at| self.0[*at].is(&values[*at]))
    }
}

/// One cell of a row that [`row`] wrote.
pub(super) fn cell(mut bytes: &[u8], at: usize) -> Value {
    take_number(&mut bytes);
    for _ in 0..at {
        take_cell(&mut bytes);
    }
    take_cell(&mut bytes).value()
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
            }
        }
    }

    #[test]
    fn a_row_is_read_back() {
        let written = Row {
            values: values(),
            version: 77_000,
        };
        let (key, mut bytes) = (&written.values[..3], Vec::new());
        row(key, None, &mut bytes);
        assert!(is_absent(&bytes) && has_key(&bytes, key));
        assert!(!has_key(&bytes, &written.values[1..3]));
        assert!(!has_key(&bytes, &written.values[..4]));
        row(key, Some(&written), &mut bytes);
        assert!(!is_absent(&bytes) && has_key(&bytes, key));
        assert_eq!(version(&bytes), 77_000);
        assert_eq!(read(&bytes, written.values.len()), written);
        let order: Vec<usize> = (0..written.values.len()).rev().collect();
        let reversed = written.values.iter().rev();
        let cells = Cells::of(&bytes, order.len());
        assert_eq!(*cells.place(&order), *ordered(reversed));
        for (at, value) in written.values.iter().enumerate() {
            assert_eq!(cell(&bytes, at), *value);
            for (other_at, other) in written.values.iter().enumerate() {
                let mut others = written.values.clone();
                others[at] = other.clone();
                assert_eq!(
                    cells.same(&others, &[at]),
                    at == other_at,
                    "{value:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn packed_bytes_are_the_same_in_place_and_apart() {
        for length in [0, 1, 3, 4, 5, 300] {
            let bytes = vec![7; length];
            let packed = Packed::<4>::of(&bytes);
            assert_eq!(*packed, *bytes);
            assert_eq!(matches!(packed, Packed::Short(..)), length <= 4);
            assert_eq!(packed.cmp(&Packed::of(&[7, 7])), (*bytes).cmp(&[7, 7]));
        }
    }

    #[test]
    fn what_is_written_is_the_same_in_place_and_beyond() {
        for length in [0, 1, 119, 120, 121, 500] {
            let (mut buffer, mut plain) = (Buffer::new(), Vec::new());
            for part in [&b"ab"[..], b"", &vec![7; length], b"c"] {
                buffer.extend_from_slice(part);
                plain.extend_from_slice(part);
                assert_eq!(*buffer, *plain);
            }
        }
    }
}
