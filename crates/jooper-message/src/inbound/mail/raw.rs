//! The bytes of a mail, looked at once for whether all of them are text: most are, and then no value has to be
//! looked at again.

use std::borrow::Cow;
use std::ops::Range;

use crate::inbound::blocks::Places;

/// Bytes, as text where they are known to be UTF-8.
#[derive(Clone)]
pub(super) enum Raw<'r> {
    Text(Cow<'r, str>),
    Other(Cow<'r, [u8]>),
}

impl<'r> Raw<'r> {
    pub(super) fn of(bytes: &'r [u8]) -> Self {
        // `basic` tells whether, and not where not.
        simdutf8::basic::from_utf8(bytes).map_or_else(
            |_| Self::Other(Cow::Borrowed(bytes)),
            |text| Self::Text(Cow::Borrowed(text)),
        )
    }

    pub(super) fn into_owned(self) -> Raw<'static> {
        match self {
            Self::Text(text) => Raw::Text(Cow::Owned(text.into_owned())),
            Self::Other(bytes) => Raw::Other(Cow::Owned(bytes.into_owned())),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Other(bytes) => bytes,
        }
    }

    /// The bytes at `range`; none where it ends past the end.
    #[inline]
    pub(super) fn cut(&self, range: Range<usize>) -> &[u8] {
        self.bytes().get(range).unwrap_or_default()
    }

    /// What stands at `range`, where that is known to be text without a look at it.
    #[inline]
    pub(super) fn text(&self, range: Range<usize>) -> Option<&str> {
        match self {
            Self::Text(text) => text.get(range),
            Self::Other(_) => None,
        }
    }
}

/// Returns `bytes` with every CRLF and bare CR turned into LF.
pub(super) fn plain_line_ends(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + ROW);
    let mut from = 0;
    for at in Places::new(bytes, |byte| byte == b'\r') {
        push_run(&mut out, &bytes[from..], at - from);
        // The LF of a CRLF begins the next piece.
        if bytes.get(at + 1) != Some(&b'\n') {
            out.push(b'\n');
        }
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    out
}

/// Does for a text what [`plain_line_ends`] does.
pub(super) fn plain_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + ROW);
    let mut from = 0;
    for at in Places::new(text.as_bytes(), |byte| byte == b'\r') {
        let end = out.len() + at - from;
        match text.get(from..from + ROW) {
            Some(row) if at - from <= ROW => {
                out.push_str(row);
                out.truncate(end);
            }
            _ => out.push_str(&text[from..at]),
        }
        if text.as_bytes().get(at + 1) != Some(&b'\n') {
            out.push('\n');
        }
        from = at + 1;
    }
    out.push_str(&text[from..]);
    out
}

/// As long as most lines are: mail programs break them at 72 to 78 bytes.
pub(super) const ROW: usize = 80;

/// Appends `bytes` up to `end`: a whole row is copied faster than what is wanted of it, where `out` has room.
#[inline]
pub(super) fn push_run(out: &mut Vec<u8>, bytes: &[u8], end: usize) {
    match bytes.first_chunk::<ROW>() {
        Some(row) if end <= ROW => {
            let end = out.len() + end;
            out.extend_from_slice(row);
            out.truncate(end);
        }
        _ => out.extend_from_slice(&bytes[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Raw, plain_line_ends, plain_text};

    #[test]
    fn every_line_end_becomes_one() {
        for (from, to) in [
            ("a\r\nb\rc\nd\r", "a\nb\nc\nd\n"),
            ("\r\r\n", "\n\n"),
            ("\u{e9}\r\n\u{e9}", "\u{e9}\n\u{e9}"),
            (
                &["a".repeat(200), "b".repeat(63), "c".repeat(70)].join("\r\n"),
                &["a".repeat(200), "b".repeat(63), "c".repeat(70)].join("\n"),
            ),
            (
                &["a", &"\u{e9}".repeat(70)].join("\r\n"),
                &["a", &"\u{e9}".repeat(70)].join("\n"),
            ),
            ("", ""),
        ] {
            assert_eq!(plain_text(from), to);
            let bytes = |text: &str| [b"\xff", text.as_bytes()].concat();
            assert_eq!(plain_line_ends(&bytes(from)), bytes(to));
        }
    }

    #[test]
    fn text_is_known_where_all_bytes_are_and_a_cut_falls_between_letters() {
        let raw = Raw::of("a: é\n".as_bytes());
        assert_eq!(raw.text(3..5), Some("é"));
        assert_eq!(raw.text(3..4), None);
        assert_eq!((raw.cut(3..4), raw.cut(5..9)), (&b"\xc3"[..], &b""[..]));
        let raw = Raw::of(b"a: b\xe9\n");
        assert_eq!((raw.text(0..1), raw.cut(3..5)), (None, &b"b\xe9"[..]));
    }
}
