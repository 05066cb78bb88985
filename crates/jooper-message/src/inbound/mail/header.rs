//! Header blocks, found by position and decoded only when asked for.

use std::borrow::Cow;
use std::ops::Range;

use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, HeaderValue};

use super::Limits;

/// One mailbox of an address header.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Display name, decoded; empty if there is none.
    pub name: String,
    /// Address in lower case.
    pub address: String,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(..)")
    }
}

/// Where a field stands; small, because a mail has dozens.
#[derive(Debug, Clone)]
struct Field {
    /// Tells most other names apart without a look at their bytes; see [`name_key`].
    key: u32,
    name: Range<u32>,
    value: Range<u32>,
}

/// Room for the fields of a usual header, in a block of memory that is cheap to get.
const USUAL_FIELDS: usize = 48;

fn cut<'r>(raw: &'r [u8], range: &Range<u32>) -> &'r [u8] {
    raw.get(range.start as usize..range.end as usize)
        .unwrap_or_default()
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The header fields of one entity, as positions in the mail's bytes.
#[derive(Debug, Clone, Default)]
pub struct HeaderBlock {
    fields: Vec<Field>,
    /// A bit for each name's key, so that most names that are not there are not looked for.
    seen: [u64; 4],
    truncated: bool,
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
            ..Self::default()
        };
        let mut at = range.start;
        let mut ends = memchr::memchr_iter(b'\n', &raw[range.clone()]);
        while at < range.end {
            let line_end = ends.next().map_or(range.end, |n| range.start + n);
            let next = (line_end + 1).min(range.end);
            let line = &raw[at..line_end];
            if line.len() < 3 && line.iter().all(u8::is_ascii_whitespace) {
                return (block, next);
            }
            if line[0] == b' ' || line[0] == b'\t' {
                block.extend_last(line_end, limits);
            } else if let Some(colon) = field_name_end(line) {
                block.push(raw, at, colon, line_end, limits);
            } else if is_lost_parameter(line) && !block.fields.is_empty() {
                block.extend_last(line_end, limits);
            } else {
                return (block, at);
            }
            at = next;
        }
        (block, range.end)
    }

    fn push(&mut self, raw: &[u8], at: usize, colon: usize, line_end: usize, limits: &Limits) {
        if self.fields.len() >= limits.max_headers {
            self.truncated = true;
            return;
        }
        let start = at + colon + 1;
        let end = line_end.min(start.saturating_add(limits.max_header_value));
        self.truncated |= end < line_end;
        let name = raw[at..at + colon].trim_ascii_end();
        let key = name_key(name);
        let (word, bit) = seen_bit(key);
        self.seen[word] |= bit;
        self.fields.push(Field {
            key,
            name: small(at)..small(at + name.len()),
            value: small(start)..small(end),
        });
    }

    fn extend_last(&mut self, line_end: usize, limits: &Limits) {
        if let Some(field) = self.fields.last_mut() {
            let end =
                line_end.min((field.value.start as usize).saturating_add(limits.max_header_value));
            self.truncated |= end < line_end;
            field.value.end = small(end).max(field.value.end);
        }
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    // Inlined, so that the key of a name that stands in the code is no work.
    #[inline(always)]
    fn find<'r>(&self, raw: &'r [u8], name: &str) -> impl Iterator<Item = &'r [u8]> {
        let key = name_key(name.as_bytes());
        let (word, bit) = seen_bit(key);
        let fields = if self.seen[word] & bit == 0 {
            &[][..]
        } else {
            &self.fields[..]
        };
        Self::among(fields, key, raw, name)
    }

    fn among<'r>(
        fields: &[Field],
        key: u32,
        raw: &'r [u8],
        name: &str,
    ) -> impl Iterator<Item = &'r [u8]> {
        fields.iter().filter_map(move |field| {
            if field.key != key {
                return None;
            }
            cut(raw, &field.name)
                .eq_ignore_ascii_case(name.as_bytes())
                .then(|| cut(raw, &field.value))
        })
    }

    pub(super) fn names(&self, raw: &[u8]) -> impl Iterator<Item = String> {
        self.fields
            .iter()
            .map(|field| String::from_utf8_lossy(cut(raw, &field.name)).to_ascii_lowercase())
    }

    #[inline]
    pub(super) fn has(&self, raw: &[u8], name: &str) -> bool {
        self.find(raw, name).next().is_some()
    }

    #[inline]
    pub(super) fn raw<'r>(&self, raw: &'r [u8], name: &str) -> Option<Cow<'r, str>> {
        self.find(raw, name).next().map(unfold)
    }

    #[inline]
    pub(super) fn all_raw<'r>(&self, raw: &'r [u8], name: &str) -> Vec<Cow<'r, str>> {
        self.find(raw, name).map(unfold).collect()
    }

    #[inline]
    pub(super) fn text(&self, raw: &[u8], name: &str) -> Option<String> {
        self.find(raw, name).next().map(Self::decoded)
    }

    fn decoded(value: &[u8]) -> String {
        if !memchr::memchr_iter(b'=', value).any(|at| value.get(at + 1) == Some(&b'?')) {
            return unfold(value).into_owned();
        }
        let line = terminated(value);
        match MessageStream::new(&line).parse_unstructured() {
            HeaderValue::Text(text) => text.trim().to_owned(),
            _ => String::new(),
        }
    }

    pub(super) fn addresses(&self, raw: &[u8], name: &str) -> Vec<Address> {
        let mut out = Vec::new();
        for value in self.find(raw, name).take(8) {
            if let Some(one) = plain_address(value) {
                out.push(one);
                continue;
            }
            let line = terminated(value);
            if let HeaderValue::Address(list) = MessageStream::new(&line).parse_address() {
                out.extend(list.iter().take(2_000).filter_map(address));
            }
        }
        out
    }

    pub(super) fn message_ids(&self, raw: &[u8], name: &str) -> Vec<String> {
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

    pub(super) fn civil_date(&self, raw: &[u8]) -> Option<jiff::civil::Date> {
        let value = self.raw(raw, "date")?;
        let mut line = value.into_owned().into_bytes();
        line.push(b'\n');
        let parsed = MessageStream::new(&line).parse_date();
        let date = parsed.as_datetime()?;
        let year = i16::try_from(date.year).ok()?;
        let month = i8::try_from(date.month).ok()?;
        jiff::civil::Date::new(year, month, i8::try_from(date.day).ok()?).ok()
    }
}

/// Length and three letters of a field's name, the same for capitals.
fn name_key(name: &[u8]) -> u32 {
    let letter = |at: usize| name.get(at).map_or(0, |byte| u32::from(byte | 0x20));
    let last = name.len().saturating_sub(1);
    (name.len() as u32) << 24 | letter(0) << 16 | letter(name.len() / 2) << 8 | letter(last)
}

/// Which bit stands for a key (Fibonacci hashing).
fn seen_bit(key: u32) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9E37_79B1) >> 24;
    ((hash / 64) as usize, 1 << (hash % 64))
}

/// Reads a lone `Name <local@domain>` or `local@domain` of letters, figures and the commonest
/// signs as the library does; `None` leaves the value to the library.
fn plain_address(value: &[u8]) -> Option<Address> {
    let value = trim(std::str::from_utf8(value).ok()?);
    let (name, address) = match value.strip_suffix('>') {
        Some(value) => value.split_once(" <")?,
        None => ("", value),
    };
    let is_address = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    let (local, domain) = address.split_once('@')?;
    let of_words = !name.contains("  ")
        && !name.ends_with(' ')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
    let plain = of_words
        && !local.is_empty()
        && !domain.is_empty()
        && address.len() <= 320
        && local.bytes().chain(domain.bytes()).all(is_address);
    plain.then(|| Address {
        name: name.to_owned(),
        address: address.to_ascii_lowercase(),
    })
}

fn address(found: &Addr<'_>) -> Option<Address> {
    let text = found
        .address
        .as_deref()?
        .trim()
        .trim_matches(['<', '>', '\'', '"'])
        .trim();
    if text.is_empty() || text.len() > 320 {
        return None;
    }
    let name = found.name.as_deref().unwrap_or_default().trim().to_owned();
    Some(Address {
        name,
        address: text.to_lowercase(),
    })
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

/// Returns where the colon of a field is.
fn field_name_end(line: &[u8]) -> Option<usize> {
    let line = &line[..line.len().min(120)];
    let end = line.iter().position(|&byte| NAME_ENDS[usize::from(byte)])?;
    // White space before the colon is obsolete syntax (RFC 5322 section 4.5.8).
    let gap = line[end..].iter().position(|b| !b.is_ascii_whitespace())?;
    (end > 0 && line[end + gap] == b':').then_some(end + gap)
}

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

fn unfold(value: &[u8]) -> Cow<'_, str> {
    let text = match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(value),
    };
    if memchr::memchr(b'\n', value).is_none() {
        return match text {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
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
fn trim(text: &str) -> &str {
    let text = text.strip_prefix(' ').unwrap_or(text);
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The library's field parsers want a line that ends.
fn terminated(value: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(value.len() + 2);
    // Lone line ends inside a value stay folds: each must be followed by white space.
    line.extend_from_slice(value);
    for at in memchr::memchr_iter(b'\n', value) {
        if !matches!(value.get(at + 1), Some(b' ' | b'\t')) {
            line[at] = b' ';
        }
    }
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_lone_plain_address_is_read_without_the_library() {
        let read = |value: &str| plain_address(value.as_bytes()).map(|one| (one.name, one.address));
        let ada = |name: &str| Some((name.to_owned(), "ada@x.example".to_owned()));
        assert_eq!(read(" Ada L <Ada@X.example>"), ada("Ada L"));
        assert_eq!(read("ada@x.example"), ada(""));
        for value in [
            "Ada  <ada@x.example>",
            "Ada  L <ada@x.example>",
            "\"Ada\" <ada@x.example>",
            "ada@x.example, bob@x.example",
            "Ada L. <ada@x.example>",
            "<ada@>",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }

    proptest! {
        /// What is read without the library is what the library reads.
        #[test]
        fn a_plain_address_is_the_librarys(value in " ?([A-Z][a-z0-9. ]{0,3} )?<?[a-zA-Z0-9._+-]{0,4}@[a-zA-Z0-9._+@-]{0,4}>? ?") {
            if let Some(plain) = plain_address(value.as_bytes()) {
                let line = format!("{value}\n");
                let HeaderValue::Address(list) = MessageStream::new(line.as_bytes()).parse_address() else {
                    panic!("the library reads {value:?}");
                };
                let all: Vec<Address> = list.iter().filter_map(address).collect();
                prop_assert!(all == [plain], "{value:?}");
            }
        }
    }
}
