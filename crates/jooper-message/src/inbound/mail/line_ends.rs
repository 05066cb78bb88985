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
    /// The ends in it that were not told yet.
    ends: u64,
}

impl<'b> LineEnds<'b> {
    /// Looks for line ends from `from` on.
    #[inline]
    pub(super) fn new(bytes: &'b [u8], from: usize) -> Self {
        Self {
            bytes,
            block: from,
            next: from,
            ends: 0,
        }
    }

    /// Returns the last byte of the next line end; the end of the bytes where there is none.
    #[inline]
    pub(super) fn next(&mut self) -> usize {
        while self.ends == 0 {
            if self.next >= self.bytes.len() {
                return self.bytes.len();
            }
            self.block = self.next;
            self.next += BLOCK;
            self.ends = ends(self.bytes, self.block);
        }
        let at = self.block + self.ends.trailing_zeros() as usize;
        self.ends &= self.ends - 1;
        at
    }
}

/// Which bytes of a block are the last of a line end: each LF, and each CR before no LF.
#[inline]
fn ends(bytes: &[u8], block: usize) -> u64 {
    let feeds = which(bytes, block, |byte| byte == b'\n');
    let returns = which(bytes, block, |byte| byte == b'\r');
    let behind = u64::from(bytes.get(block + BLOCK) == Some(&b'\n'));
    feeds | returns & !(feeds >> 1 | behind << (BLOCK - 1))
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
    fn a_line_end_across_two_blocks_is_one() {
        for len in 60..70 {
            let text = ["a".repeat(len), "b\r".to_owned()].join("\r\n");
            let mut ends = super::LineEnds::new(text.as_bytes(), 0);
            assert_eq!([ends.next(), ends.next()], [len + 1, len + 3]);
            assert_eq!(ends.next(), text.len());
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
