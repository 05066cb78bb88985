//! Finds line ends: a mail has a hundred lines of header, each too short for a search that is chosen while
//! the program runs.

/// Returns the lines of `text` as [`str::lines`] does.
pub(in crate::inbound) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, below) = match next(rest.as_bytes()) {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => return Some(std::mem::take(&mut rest)),
        };
        rest = below;
        Some(line.strip_suffix('\r').unwrap_or(line))
    })
}

/// Returns where the first LF in `bytes` is.
#[inline]
fn next(bytes: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    // Every processor of this kind has it, so that it is built into the caller.
    if let Some(search) = memchr::arch::x86_64::sse2::memchr::One::new(b'\n') {
        return search.find(bytes);
    }
    memchr::memchr(b'\n', bytes)
}

/// Returns where the first CR in `bytes` is.
#[inline]
pub(super) fn next_return(bytes: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(search) = memchr::arch::x86_64::sse2::memchr::One::new(b'\r') {
        return search.find(bytes);
    }
    memchr::memchr(b'\r', bytes)
}

/// Returns the last byte of the line end that ends the line at `from`, of LF, CRLF or a bare CR; the end of
/// `bytes` where none does.
#[inline]
pub(super) fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let Some(found) = next_of_either(rest) else {
        return bytes.len();
    };
    let crlf = matches!(rest.get(found..found + 2), Some(b"\r\n"));
    from + found + usize::from(crlf)
}

/// Returns where the first LF or CR in `bytes` is.
#[inline]
fn next_of_either(bytes: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(search) = memchr::arch::x86_64::sse2::memchr::Two::new(b'\n', b'\r') {
        return search.find(bytes);
    }
    memchr::memchr2(b'\n', b'\r', bytes)
}

/// Returns where the text of a line ends whose line end ends at `end`: before both bytes of a CRLF.
#[inline]
pub(super) fn before(bytes: &[u8], start: usize, end: usize) -> usize {
    let crlf = bytes.get(end) == Some(&b'\n') && end > start && bytes[end - 1] == b'\r';
    end - usize::from(crlf)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_line_end_ends_one_line() {
        let text = b"a\nb\r\nc\rd\r\r\n\xe9";
        let mut lines = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let end = super::end_of_line(text, at);
            lines.push(&text[at..super::before(text, at, end)]);
            at = end + 1;
        }
        assert_eq!(lines, [&b"a"[..], b"b", b"c", b"d", b"", b"\xe9"]);
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_library(text in "[ab\r\n]{0,40}") {
            let library: Vec<&str> = text.lines().collect();
            prop_assert_eq!(super::lines(&text).collect::<Vec<_>>(), library);
        }
    }
}
