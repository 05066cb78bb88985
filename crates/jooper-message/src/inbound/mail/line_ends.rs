//! Finds line ends: a mail has a hundred lines of header, each too short for a search that is chosen while
//! the program runs.

use crate::inbound::blocks::{BLOCK, which};

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

/// Where lines end, one after the other: with LF, CRLF or a bare CR.
pub(super) struct LineEnds<'b> {
    bytes: &'b [u8],
    /// Where the block begins that is looked at, and the next one.
    block: usize,
    next: usize,
    /// The LFs and CRs in it that were not told yet.
    breaks: u64,
}

/// How a line ends.
#[derive(Clone, Copy)]
pub(super) struct LineEnd {
    /// Where its text ends.
    pub(super) text: usize,
    /// The last byte of its line end; the end of the bytes where it has none.
    pub(super) last: usize,
}

impl<'b> LineEnds<'b> {
    /// Looks for line ends from `from` on.
    #[inline]
    pub(super) fn new(bytes: &'b [u8], from: usize) -> Self {
        Self {
            bytes,
            block: from,
            next: from,
            breaks: 0,
        }
    }

    /// Returns the next line end.
    #[inline]
    pub(super) fn next(&mut self) -> LineEnd {
        while self.breaks == 0 {
            if self.next >= self.bytes.len() {
                let end = self.bytes.len();
                return LineEnd {
                    text: end,
                    last: end,
                };
            }
            self.block = self.next;
            self.next += BLOCK;
            let is_break = |byte| (byte == b'\n') | (byte == b'\r');
            self.breaks = which(self.bytes, self.block, is_break);
        }
        let text = self.block + self.breaks.trailing_zeros() as usize;
        self.breaks &= self.breaks - 1;
        let mut last = text;
        if self.bytes[text] == b'\r' && self.bytes.get(text + 1) == Some(&b'\n') {
            last += 1;
            if last == self.next {
                self.next += 1;
            } else {
                self.breaks &= self.breaks - 1;
            }
        }
        LineEnd { text, last }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn a_line_end_across_two_blocks_is_one() {
        for len in 60..70 {
            let text = ["a".repeat(len), "b\r".to_owned()].join("\r\n");
            let mut ends = super::LineEnds::new(text.as_bytes(), 0);
            let mut next = || {
                let end = ends.next();
                (end.text, end.last)
            };
            assert_eq!([next(), next()], [(len, len + 1), (len + 3, len + 3)]);
            assert_eq!(next(), (text.len(), text.len()));
        }
    }

    #[test]
    fn every_kind_of_line_end_ends_one_line() {
        let text = b"a\nb\r\nc\rd\r\r\n\xe9";
        let mut lines = Vec::new();
        let mut at = 0;
        let mut ends = super::LineEnds::new(text, 0);
        while at < text.len() {
            let end = ends.next();
            lines.push(&text[at..end.text]);
            at = end.last + 1;
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
