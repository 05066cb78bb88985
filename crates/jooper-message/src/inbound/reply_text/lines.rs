//! A body as lines, whatever ends them, without copying it.

use std::borrow::Cow;

use crate::inbound::blocks::Places;
use crate::inbound::phrases::{fold, fold_into, is_invisible};

/// Longest body looked at, in bytes; Gmail delivers nothing near this size.
const MAX_BODY: usize = 32 << 20;

/// The lines of a body. LF, CRLF and a bare CR end a line (RFC 5322 2.3 knows only CRLF; mail does not).
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    spans: Vec<Span>,
    /// The lines folded, with a space behind each; most of them are asked for more than once.
    folded: String,
}

/// Where a line stands, as written and without padding.
#[derive(Debug, Clone, Copy)]
struct Span {
    raw: (u32, u32),
    bare: (u32, u32),
    /// Where it stands among the folded lines; [`UNFOLDED`] for a quoted line.
    folded: (u32, u32),
}

/// The place of a line that is not among the folded ones.
const UNFOLDED: (u32, u32) = (u32::MAX, u32::MAX);

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let text = &text[..text.floor_char_boundary(MAX_BODY)];
        let bytes = text.as_bytes();
        let ends = || {
            let crlf = |i: usize| bytes[i] == b'\r' && bytes.get(i + 1) == Some(&b'\n');
            let is_end = |byte| (byte == b'\n') | (byte == b'\r');
            Places::new(bytes, is_end).filter(move |i| !crlf(*i))
        };
        let mut spans = Vec::with_capacity(text.len() / 32 + 4);
        let mut folded = String::with_capacity(text.len() + 1);
        let plain = text.is_ascii();
        let mut start = 0;
        for i in ends() {
            let crlf = i > start && bytes[i] == b'\n' && bytes[i - 1] == b'\r';
            let end = i - usize::from(crlf);
            spans.push(Span::new(text, start, end, plain, &mut folded));
            start = i + 1;
        }
        spans.push(Span::new(text, start, bytes.len(), plain, &mut folded));
        if plain {
            folded.make_ascii_lowercase();
        }
        Self {
            text,
            spans,
            folded,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Room that is enough for any lines of the body, and no more than most replies need.
    pub(super) fn room(&self) -> usize {
        self.text.len().min(4_096)
    }

    /// Line `i` as written; empty past the end.
    pub(super) fn raw(&self, i: usize) -> &'a str {
        self.spans.get(i).map_or("", |span| self.cut(span.raw))
    }

    /// Line `i` without white space and invisible controls around it.
    pub(super) fn get(&self, i: usize) -> &'a str {
        self.spans.get(i).map_or("", |span| self.cut(span.bare))
    }

    /// Line `i` as [`Self::get`] gives it, folded.
    pub(super) fn folded(&self, i: usize) -> Cow<'_, str> {
        match self.spans.get(i) {
            Some(span) if span.folded != UNFOLDED => Cow::Borrowed(self.folded_at(span.folded)),
            _ => Cow::Owned(fold(self.get(i))),
        }
    }

    /// Lines `first` to `last` folded, with a space behind each; `None` where the last is quoted
    /// or longer than `longest`. The others must have been asked for before.
    pub(super) fn folded_through(&self, first: usize, last: usize, longest: usize) -> Option<&str> {
        let (first, last) = (self.spans.get(first)?, self.spans.get(last)?);
        let fits = last.folded != UNFOLDED && (last.bare.1 - last.bare.0) as usize <= longest;
        fits.then(|| self.folded_at((first.folded.0, last.folded.1 + 1)))
    }

    fn folded_at(&self, (start, end): (u32, u32)) -> &str {
        self.folded
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    fn cut(&self, (start, end): (u32, u32)) -> &'a str {
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    pub(super) fn is_blank(&self, i: usize) -> bool {
        self.spans
            .get(i)
            .is_none_or(|span| span.bare.0 == span.bare.1)
    }

    /// The first line at or after `i` that is not blank; the number of lines when there is none.
    ///
    /// Looks at most at `reach` lines, so that a body of blank lines costs linear time.
    pub(super) fn next_filled(&self, i: usize, reach: usize) -> Option<usize> {
        (i..self.len().min(i.saturating_add(reach))).find(|&j| !self.is_blank(j))
    }
}

impl Span {
    /// Reads a line of `text`, which is `plain` where all of it is ASCII: that is folded by the caller.
    fn new(text: &str, start: usize, end: usize, plain: bool, folded: &mut String) -> Self {
        let line = text.get(start..end).unwrap_or_default();
        let (padding, bare) = trimmed(line);
        let from = start + padding;
        let begin = folded.len();
        let place = if bare.starts_with('>') {
            UNFOLDED
        } else {
            if plain {
                folded.push_str(bare);
            } else {
                fold_into(bare, folded);
            }
            folded.push(' ');
            (small(begin), small(folded.len() - 1))
        };
        Self {
            raw: (small(start), small(end)),
            bare: (small(from), small(from + bare.len())),
            folded: place,
        }
    }
}

/// How much padding stands before a line, and the line without any; most have none.
fn trimmed(line: &str) -> (usize, &str) {
    match line.as_bytes() {
        [] => (0, line),
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => (0, line),
        _ => {
            let bare = line.trim_start_matches(is_padding);
            let padding = line.len() - bare.len();
            (padding, bare.trim_end_matches(is_padding))
        }
    }
}

/// White space, and what right-to-left mail puts around its lines.
pub(super) fn is_padding(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || c == '\u{0}'
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn every_line_end_gives_the_same_lines() {
        for text in ["a\nb\n\nc", "a\r\nb\r\n\r\nc", "a\rb\r\rc", "a\rb\r\n\nc"] {
            let lines = Lines::new(text);
            assert_eq!(
                (0..lines.len()).map(|i| lines.raw(i)).collect::<Vec<_>>(),
                ["a", "b", "", "c"],
                "{text:?}"
            );
        }
        assert_eq!(Lines::new("").len(), 1);
    }

    #[test]
    fn lines_are_folded_together() {
        let lines = Lines::new("Ä\n B c \n> D\nE");
        assert_eq!(lines.folded_through(0, 1, 80), Some("a b c "));
        assert_eq!(lines.folded_through(0, 1, 2), None);
        assert_eq!(lines.folded_through(0, 2, 80), None);
        assert_eq!(lines.folded(2), "> d");
        assert_eq!(lines.folded(9), "");
    }

    #[test]
    fn invisible_controls_do_not_hide_a_line() {
        let lines = Lines::new("\u{202b}\u{a0}> x \u{202c}\n\u{200f}");
        assert_eq!(lines.get(0), "> x");
        assert!(lines.is_blank(1));
    }
}
