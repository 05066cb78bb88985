//! Media type and parameters of a Content-Type or Content-Disposition (RFC 2045, 2231).

use std::borrow::Cow;

use super::header::trim;

/// Returns the media type in lower case, `text/plain` if there is none (RFC 2045 section 5.2).
pub(super) fn media_type(value: &str) -> String {
    let end = memchr::memchr(b';', value.as_bytes()).unwrap_or(value.len());
    let kind = &value[..end];
    let bytes = kind.as_bytes();
    if let Some(slash) = bytes.iter().position(|byte| *byte == b'/')
        && slash + 1 < bytes.len()
        && bytes.iter().all(u8::is_ascii_graphic)
    {
        return kind.to_ascii_lowercase();
    }
    // A lost semicolon leaves a parameter behind the type: `text/plain charset=x`.
    let first = kind.split_whitespace().next().unwrap_or_default();
    let whole = first.split_once('/');
    let kind = if whole.is_some_and(|(_, sub)| !sub.is_empty()) {
        Cow::Borrowed(first)
    } else {
        Cow::Owned(kind.chars().filter(|c| !c.is_whitespace()).collect())
    };
    if kind.contains('/') {
        kind.to_ascii_lowercase()
    } else {
        "text/plain".to_owned()
    }
}

/// Returns the parameter `name`, unquoted; understands `name*` and `name*0` (RFC 2231).
pub(super) fn param(value: &str, name: &str) -> Option<String> {
    mentions(value.as_bytes(), name.as_bytes()).then(|| Params::read(value).get(name))?
}

/// Parameters read of one value; no honest one has so many.
const MAX_PARAMS: usize = 512;

/// A charset, and a format or a boundary: room for them is made at once.
const USUAL_PARAMS: usize = 2;

/// The parameters of one value, read once: a part is asked for several.
pub(super) struct Params<'v>(Vec<Param<'v>>);

struct Param<'v> {
    name: &'v str,
    /// Which piece of the value it is (RFC 2231 section 3).
    section: Option<u32>,
    /// Whether it is percent-encoded (RFC 2231 section 4).
    encoded: bool,
    text: Cow<'v, str>,
}

impl<'v> Params<'v> {
    pub(super) fn read(value: &'v str) -> Self {
        let mut list = Vec::with_capacity(USUAL_PARAMS);
        let bytes = value.as_bytes();
        let mut rest = memchr::memchr3(b';', b' ', b'\t', bytes).map_or("", |at| &value[at + 1..]);
        while list.len() < MAX_PARAMS
            && let Some(equals) = memchr::memchr(b'=', rest.as_bytes())
        {
            let mut key = trim(&rest[..equals]);
            if key.starts_with(';') || key.ends_with(';') {
                key = key.trim_matches(|c: char| c.is_whitespace() || c == ';');
            }
            let (name, section) = split_key(key);
            let (text, next) = take_value(&rest[equals + 1..]);
            rest = next;
            list.push(Param {
                name,
                section,
                encoded: key.ends_with('*'),
                text,
            });
        }
        Self(list)
    }

    /// Returns the parameter `name`, unquoted and put together.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut pieces: Vec<(u32, String)> = Vec::new();
        for param in &self.0 {
            if !param.name.eq_ignore_ascii_case(name) {
                continue;
            }
            let text = if param.encoded {
                percent_decode(&param.text)
            } else {
                param.text.clone().into_owned()
            };
            match param.section {
                None => return Some(text),
                Some(section) if pieces.len() < 64 => pieces.push((section, text)),
                Some(_) => {}
            }
        }
        pieces.sort_by_key(|(section, _)| *section);
        (!pieces.is_empty()).then(|| pieces.into_iter().map(|(_, text)| text).collect())
    }
}

/// Whether `name` stands anywhere in `value`, in any case; most parameters are in no header.
fn mentions(value: &[u8], name: &[u8]) -> bool {
    let first = name.first().copied().unwrap_or_default();
    memchr::memchr2_iter(
        first.to_ascii_lowercase(),
        first.to_ascii_uppercase(),
        value,
    )
    .any(|at| {
        let found = value.get(at..at + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    })
}

fn split_key(key: &str) -> (&str, Option<u32>) {
    let bare = key.strip_suffix('*').unwrap_or(key);
    match bare.bytes().position(|byte| byte == b'*') {
        Some(star) => (&bare[..star], bare[star + 1..].parse().ok()),
        None => (bare, None),
    }
}

/// Takes one possibly quoted value; returns it and what follows its `;`.
fn take_value(after: &str) -> (Cow<'_, str>, &str) {
    let after = after.trim_start();
    let Some(quoted) = after.strip_prefix('"') else {
        let end = memchr::memchr(b';', after.as_bytes()).unwrap_or(after.len());
        return (Cow::Borrowed(trim(&after[..end])), &after[end..]);
    };
    // Hardly any value has an escape in it.
    if let Some(end) = memchr::memchr2(b'"', b'\\', quoted.as_bytes())
        && quoted.as_bytes()[end] == b'"'
    {
        return (Cow::Borrowed(&quoted[..end]), &quoted[end + 1..]);
    }
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (Cow::Owned(text), &quoted[at + 1..]),
            '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => text.push(c),
        }
    }
    (Cow::Owned(text), "")
}

fn percent_decode(text: &str) -> String {
    // charset'language'value; only the value is wanted, and UTF-8 is by far the usual charset.
    let value = text.splitn(3, '\'').last().unwrap_or(text).as_bytes();
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        let hex = |index: usize| {
            value
                .get(index)
                .and_then(|&byte| char::from(byte).to_digit(16))
        };
        match (value[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'_'));
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
