//! Header blocks, found by position and decoded only when asked for.

use std::borrow::Cow;
use std::ops::Range;

use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

use super::Limits;
use super::line_ends::LineEnds;
use super::mailboxes::{Address, holds_encoded, lone, read};
use super::raw::{self, Raw};
use crate::inbound::blocks::{HALF, which_half};

/// Where a field stands; small, because a mail has dozens.
#[derive(Debug, Clone)]
struct Field {
    /// Tells most other names apart without a look at their bytes; see [`name_key`].
    key: u32,
    name: Range<u32>,
    value: Range<u32>,
    /// Whether the value may go on over several lines; most stand on one.
    folded: bool,
}

/// What stands behind a field's name.
#[derive(Clone, Copy)]
struct Value<'r> {
    bytes: &'r [u8],
    /// The same as text, where that is known.
    text: Option<&'r str>,
    folded: bool,
}

impl<'r> Value<'r> {
    fn of(raw: &'r Raw<'_>, field: &Field) -> Self {
        let range = place(&field.value);
        Self {
            bytes: raw.cut(range.clone()),
            text: raw.text(range),
            folded: field.folded,
        }
    }

    fn text(self) -> Cow<'r, str> {
        let checked = || simdutf8::basic::from_utf8(self.bytes).ok();
        let lossy = || String::from_utf8_lossy(self.bytes);
        self.text.or_else(checked).map_or_else(lossy, Cow::Borrowed)
    }
}

/// Room for the fields of a usual header, in a block of memory that is cheap to get.
const USUAL_FIELDS: usize = 40;

fn place(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// A place in the bytes of a mail, of which no more are read than have such a place.
#[inline]
fn small(at: usize) -> u32 {
    at as u32
}

/// The header fields of one entity, as positions in the mail's bytes.
#[derive(Debug, Clone, Default)]
pub struct HeaderBlock {
    fields: Vec<Field>,
    /// Behind which fields, counted from one, those stand whose name has a place here; most names that
    /// are not there have none.
    first: Places,
    /// Which keys there are, by other bits of them: where a name shares its place with another.
    known: [u64; 8],
    /// How many bytes more the value of the last field may have, once a lost line was added to it.
    room: Option<usize>,
    truncated: bool,
}

/// See [`HeaderBlock`]; zero is no field.
#[derive(Debug, Clone)]
struct Places([u8; 256]);

impl Default for Places {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl HeaderBlock {
    /// Finds the fields at the start of `range`; returns them and where the body starts.
    ///
    /// A line that is neither a field nor a continuation ends the block, as it does for the
    /// mail library, unless it is one stray parameter line (seen in the wild after a fold
    /// that lost its space).
    pub(super) fn scan(raw: &[u8], range: Range<usize>, limits: &Limits) -> (Self, usize) {
        let mut block = Self {
            fields: Vec::with_capacity(USUAL_FIELDS.min(range.len() / 8)),
            first: Places::default(),
            known: [0; 8],
            room: None,
            truncated: false,
        };
        let raw = &raw[..range.end];
        let mut ends = LineEnds::new(raw, range.start);
        let mut at = range.start;
        // How the first line of a field ends; the folded lines below belong to it.
        let mut first = None;
        while at < raw.len() {
            let end = ends.next();
            let first_end = *first.get_or_insert(end);
            if goes_on_behind(raw, end.last) {
                continue;
            }
            let line = &raw[at..first_end.text];
            if is_end(line) {
                return (block, (first_end.last + 1).min(raw.len()));
            }
            if let Some(colon) = field_name_end(&raw[at..], line.len()) {
                block.push(raw, at..end.text, colon, first_end.last < end.last, limits);
            } else if is_folded(line) || !block.fields.is_empty() && is_lost_parameter(line) {
                block.extend_last(raw, end.text, limits);
            } else {
                return (block, at);
            }
            at = end.last + 1;
            first = None;
        }
        (block, raw.len())
    }

    fn push(
        &mut self,
        raw: &[u8],
        Range {
            start: at,
            end: line_end,
        }: Range<usize>,
        colon: usize,
        folded: bool,
        limits: &Limits,
    ) {
        if self.fields.len() >= limits.max_headers {
            self.truncated = true;
            return;
        }
        let start = at + colon + 1;
        let end = start + bounded(&raw[start..line_end], limits.max_header_value);
        self.truncated |= end < line_end;
        let mut name = &raw[at..at + colon];
        if name.last().is_some_and(u8::is_ascii_whitespace) {
            name = name.trim_ascii_end();
        }
        let key = name_key(name);
        let place = &mut self.first.0[place_of(key)];
        if *place == 0 {
            *place = u8::try_from(self.fields.len() + 1).unwrap_or(u8::MAX);
        }
        let (word, bit) = known_at(key);
        self.known[word] |= bit;
        self.room = None;
        self.fields.push(Field {
            key,
            name: small(at)..small(at + name.len()),
            value: small(start)..small(end),
            folded,
        });
    }

    #[cold]
    fn extend_last(&mut self, raw: &[u8], line_end: usize, limits: &Limits) {
        if let Some(field) = self.fields.last_mut() {
            let value = &raw[place(&field.value)];
            let all = limits.max_header_value;
            let room = self
                .room
                .unwrap_or_else(|| all.saturating_sub(counted(value)));
            let more = &raw[field.value.end as usize..line_end];
            let taken = bounded(more, room);
            self.truncated |= taken < more.len();
            self.room = Some(room.saturating_sub(counted(&more[..taken])));
            field.value.end += small(taken);
            field.folded = true;
        }
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields of a name, in order.
    #[inline]
    fn find(&self, raw: &Raw<'_>, name: FieldName<'_>) -> impl Iterator<Item = &Field> {
        let first = match self.first.0[place_of(name.key)] {
            0 => self.fields.len(),
            place => usize::from(place) - 1,
        };
        let fields = self.fields.get(first..).unwrap_or_default();
        let bytes = raw.bytes();
        fields.iter().filter(move |field| {
            field.key == name.key
                && bytes
                    .get(place(&field.name))
                    .is_some_and(|own| own.eq_ignore_ascii_case(name.text.as_bytes()))
        })
    }

    #[inline]
    fn may_have(&self, name: FieldName<'_>) -> bool {
        let (word, bit) = known_at(name.key);
        self.first.0[place_of(name.key)] != 0 && self.known[word] & bit != 0
    }

    #[inline]
    fn first<'r>(&self, raw: &'r Raw<'_>, name: FieldName<'_>) -> Option<Value<'r>> {
        let field = self.look_for(raw, name)?;
        Some(Value::of(raw, field))
    }

    #[inline]
    fn look_for(&self, raw: &Raw<'_>, name: FieldName<'_>) -> Option<&Field> {
        if self.may_have(name) {
            self.seek(raw, name)
        } else {
            None
        }
    }

    #[inline(never)]
    fn seek(&self, raw: &Raw<'_>, name: FieldName<'_>) -> Option<&Field> {
        self.find(raw, name).next()
    }

    pub(super) fn names(&self, raw: &Raw<'_>) -> impl Iterator<Item = String> {
        self.fields
            .iter()
            .map(|field| String::from_utf8_lossy(raw.cut(place(&field.name))).to_ascii_lowercase())
    }

    #[inline]
    pub(super) fn has(&self, raw: &Raw<'_>, name: FieldName<'_>) -> bool {
        self.look_for(raw, name).is_some()
    }

    #[inline]
    pub(super) fn raw<'r>(&self, raw: &'r Raw<'_>, name: FieldName<'_>) -> Option<Cow<'r, str>> {
        self.first(raw, name).map(unfold)
    }

    /// The first value of a field as it stands, folds and all.
    pub(super) fn folded<'r>(&self, raw: &'r Raw<'_>, name: FieldName<'_>) -> Option<Cow<'r, str>> {
        self.first(raw, name).map(Value::text)
    }

    pub(super) fn each_raw<'r>(
        &'r self,
        raw: &'r Raw<'_>,
        name: FieldName<'r>,
    ) -> impl Iterator<Item = Cow<'r, str>> {
        let fields = self.find(raw, name);
        fields.map(|field| unfold(Value::of(raw, field)))
    }

    pub(super) fn text<'r>(&self, raw: &'r Raw<'_>, name: FieldName<'_>) -> Option<Cow<'r, str>> {
        self.first(raw, name).map(Self::decoded)
    }

    fn decoded(value: Value<'_>) -> Cow<'_, str> {
        let bytes = value.bytes;
        if !holds_encoded(bytes) {
            return unfold(value);
        }
        let line = terminated(bytes);
        Cow::Owned(match MessageStream::new(&line).parse_unstructured() {
            HeaderValue::Text(text) => text.trim().to_owned(),
            _ => String::new(),
        })
    }

    pub(super) fn addresses(&self, raw: &Raw<'_>, name: FieldName<'_>) -> Vec<Address> {
        let mut out = Vec::new();
        for field in self.find(raw, name).take(8) {
            let value = Value::of(raw, field);
            if let Some(one) = lone(&value.text()) {
                // Most fields name one: no room is made for more.
                if out.is_empty() {
                    out = vec![one];
                } else {
                    out.push(one);
                }
                continue;
            }
            read(&terminated(value.bytes), &mut out);
        }
        out
    }

    pub(super) fn message_ids(&self, raw: &Raw<'_>, name: FieldName<'_>) -> Vec<String> {
        let Some(value) = self.raw(raw, name) else {
            return Vec::new();
        };
        value
            .split(|c: char| c.is_whitespace() || c == ',' || c == '<' || c == '>')
            .filter(|id| id.contains('@') && id.len() < 998)
            .take(200)
            .map(str::to_owned)
            .collect()
    }

    pub(super) fn civil_date(&self, raw: &Raw<'_>) -> Option<jiff::civil::Date> {
        let value = self.raw(raw, FieldName::new("date"))?;
        let line = [value.as_bytes(), b"\n"].concat();
        let parsed = MessageStream::new(&line).parse_date();
        let date = parsed.as_datetime()?;
        let year = i16::try_from(date.year).ok()?;
        let month = i8::try_from(date.month).ok()?;
        jiff::civil::Date::new(year, month, i8::try_from(date.day).ok()?).ok()
    }
}

/// A field's name in lower case with its key, which is no work for a name that stands in the code.
#[derive(Debug, Clone, Copy)]
pub(in crate::inbound) struct FieldName<'n> {
    pub(in crate::inbound) text: &'n str,
    key: u32,
}

impl<'n> FieldName<'n> {
    #[inline]
    pub(in crate::inbound) const fn new(text: &'n str) -> Self {
        let key = name_key(text.as_bytes());
        Self { text, key }
    }

    /// Makes a list of names.
    pub(in crate::inbound) const fn all<const COUNT: usize>(
        texts: [&'n str; COUNT],
    ) -> [Self; COUNT] {
        let mut names = [Self { text: "", key: 0 }; COUNT];
        let mut at = 0;
        while at < COUNT {
            names[at] = Self::new(texts[at]);
            at += 1;
        }
        names
    }
}

/// Length and three letters of a field's name, the same for capitals.
#[inline]
const fn name_key(name: &[u8]) -> u32 {
    let [first, .., last] = name else {
        return name.len() as u32;
    };
    let middle = name[name.len() / 2];
    (name.len() as u32) << 24
        | ((*first as u32) << 16 | (middle as u32) << 8 | *last as u32)
        | 0x20_2020
}

/// The place of a key (Fibonacci hashing).
#[inline]
const fn place_of(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> 24) as usize
}

/// Where a key stands among the known ones.
#[inline]
const fn known_at(key: u32) -> (usize, u64) {
    let hash = key.wrapping_mul(0x85EB_CA6B) >> 23;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// The bytes that end a field's name: RFC 5322 section 2.2 allows printable ASCII in it.
const NAME_ENDS: [bool; 256] = {
    let mut ends = [true; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        ends[byte as usize] = matches!(byte, b':' | b'<' | b'"' | b'(' | b'@');
        byte += 1;
    }
    ends
};

/// Whether a line ends a header.
#[inline]
fn is_end(line: &[u8]) -> bool {
    line.len() < 3 && line.iter().all(u8::is_ascii_whitespace)
}

/// Whether the line behind the one that ends at `end` is folded, and no end of the header.
#[inline]
fn goes_on_behind(raw: &[u8], end: usize) -> bool {
    matches!(raw.get(end + 1..), Some(below @ [b' ' | b'\t', ..]) if !begins_with_an_end(below))
}

/// Whether the line that `below` begins with, of which the first byte is a blank, ends a header.
#[inline]
fn begins_with_an_end(below: &[u8]) -> bool {
    match below {
        // Most lines have more.
        [_, second, third, ..] if *second > b'\r' && *third > b'\r' => false,
        [_] | [_, b'\n' | b'\r', ..] => true,
        [_, second] | [_, second, b'\n' | b'\r', ..] => second.is_ascii_whitespace(),
        _ => false,
    }
}

/// How many bytes a value has, a CRLF counted as one.
fn counted(value: &[u8]) -> usize {
    value.len() - value.windows(2).filter(|two| two == b"\r\n").count()
}

/// How many bytes of a value are within `limit`, a CRLF counted as one.
#[inline]
fn bounded(value: &[u8], limit: usize) -> usize {
    if value.len() <= limit {
        value.len()
    } else {
        bounded_long(value, limit)
    }
}

#[cold]
fn bounded_long(value: &[u8], limit: usize) -> usize {
    let counted = |at: &usize| value[*at] != b'\n' || *at == 0 || value[at - 1] != b'\r';
    let mut counted = (0..value.len()).filter(counted);
    counted.nth(limit).unwrap_or(value.len())
}

fn is_folded(line: &[u8]) -> bool {
    matches!(line, [b' ' | b'\t', ..])
}

/// Returns where the colon of the field is whose first line is the first `len` bytes.
#[inline]
fn field_name_end(bytes: &[u8], len: usize) -> Option<usize> {
    let plain = plain_name(bytes);
    let line = &bytes[..len.min(120)];
    let end = plain
        + line
            .get(plain..)?
            .iter()
            .position(|&byte| NAME_ENDS[usize::from(byte)])?;
    if line[end] == b':' && end > 0 {
        return Some(end);
    }
    // White space before the colon is obsolete syntax (RFC 5322 section 4.5.8).
    let gap = line[end..].iter().position(|b| !b.is_ascii_whitespace())?;
    (end > 0 && line[end + gap] == b':').then_some(end + gap)
}

/// How many of the bytes come before the first one that is no letter, figure, hyphen or the like: none that
/// ends a name or a line is among them. As many as hardly any name is longer than are looked at together,
/// without a branch for each length.
#[inline]
fn plain_name(bytes: &[u8]) -> usize {
    let is_odd =
        |byte: u8| (byte.wrapping_sub(b'-') >= 13) & ((byte | 0x20).wrapping_sub(b'a') >= 26);
    bytes.first_chunk().map_or(0, |half: &[u8; HALF]| {
        which_half(half, is_odd).trailing_zeros() as usize
    })
}

#[cold]
fn is_lost_parameter(line: &[u8]) -> bool {
    let key = line.split(|&b| b == b'=').next().unwrap_or_default();
    [
        &b"boundary"[..],
        b"charset",
        b"report-type",
        b"name",
        b"filename",
        b"format",
    ]
    .iter()
    .any(|known| key.trim_ascii().eq_ignore_ascii_case(known))
}

fn unfold(value: Value<'_>) -> Cow<'_, str> {
    let text = value.text();
    if !value.folded {
        return match text {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    // A CRLF has an empty piece in its midst.
    for end in memchr::memchr2_iter(b'\n', b'\r', text.as_bytes()).chain([text.len()]) {
        let piece = trim(&text[at..end]);
        if !out.is_empty() && !piece.is_empty() {
            out.push(' ');
        }
        out.push_str(piece);
        at = end + 1;
    }
    Cow::Owned(out)
}

/// Trims white space; a blank before the text is all that most values have.
#[inline]
pub(in crate::inbound) fn trim(text: &str) -> &str {
    let text = text.strip_prefix(' ').unwrap_or(text);
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The library's field parsers want a line that ends.
fn terminated(value: &[u8]) -> Vec<u8> {
    let mut line = raw::plain_line_ends(value);
    // Lone line ends inside a value stay folds: each must be followed by white space.
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\n', &line[from..]) {
        from += found + 1;
        if !matches!(line.get(from), Some(b' ' | b'\t')) {
            line[from - 1] = b' ';
        }
    }
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Looking at sixteen bytes together finds what looking at each finds.
        #[test]
        fn a_fields_name_ends_where_its_bytes_say(line in "[A-Za-z0-9.:;<>@\"(\u{7f}\u{e9} \t!,/~^_-]{0,40}") {
            let bytes = line.as_bytes();
            let ends = |byte: &u8| NAME_ENDS[usize::from(*byte)];
            prop_assert!(!bytes[..plain_name(bytes).min(bytes.len())].iter().any(ends));
            let end = bytes.iter().position(ends).filter(|end| *end > 0);
            let gap = |end: usize| bytes[end..].iter().position(|byte| !byte.is_ascii_whitespace());
            let colon = end.and_then(|end| Some(end + gap(end)?));
            let colon = colon.filter(|at| bytes[*at] == b':');
            prop_assert_eq!(field_name_end(bytes, bytes.len()), colon);
            let more = [bytes, b"\r\n", bytes, b"\r\n", &[b'a'; HALF]].concat();
            prop_assert_eq!(field_name_end(&more, bytes.len()), colon);
        }
    }
}
