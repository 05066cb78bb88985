//! No mbox line before a mail, before anything else looks at the bytes.

/// Takes at most `limit` bytes of `raw`, without a byte order mark, a leading mbox `From ` line and
/// leading blank lines; tells whether bytes were left out.
pub(super) fn bounded(raw: &[u8], limit: usize) -> (&[u8], bool) {
    let kept = &raw[..raw.len().min(limit)];
    let kept = skip_mbox_line(kept.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(kept));
    (kept, raw.len() > limit)
}

/// Skips blank lines and mbox separators (RFC 4155, and `>From ` as some stores leave it).
fn skip_mbox_line(mut raw: &[u8]) -> &[u8] {
    loop {
        let blank = raw
            .iter()
            .take_while(|&&byte| byte == b'\r' || byte == b'\n')
            .count();
        raw = &raw[blank..];
        if !(raw.starts_with(b"From ") || raw.starts_with(b">From ")) {
            return raw;
        }
        match raw.iter().position(|&byte| byte == b'\r' || byte == b'\n') {
            Some(at) => raw = &raw[at..],
            None => return &[],
        }
    }
}
