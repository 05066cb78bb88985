//! Rewrites HTML so that every tag is closed where it was opened, before the sanitizer builds a tree.
//!
//! A tree builder repairs misnested formatting by copying it into every block that follows (HTML, section
//! 13.2.6.4.7, the adoption agency), so a few hundred kilobytes can become gigabytes. Balanced input of a bounded
//! depth gives it nothing to repair. What is safe is still the sanitizer's verdict: it reads what this writes.

use super::super::reply_text::html::{Piece, Tag, Tokenizer};
use super::{ATTRIBUTES, TAGS};

/// Open tags beyond this depth are left out, their text is not (bad input B-53).
const MAX_DEPTH: usize = 128;

/// Elements whose content is not shown, and is no markup.
const RAW: &[&str] = &[
    "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp",
];

/// Elements whose content is not shown.
const HIDDEN: &[&str] = &["svg", "math", "template", "noscript", "object", "select"];

/// Blocks that end an open paragraph (HTML, section 13.1.2.4, `p`).
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "table",
    "ul",
    "ol",
    "dl",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "hr",
    "li",
    "dd",
    "dt",
];

/// Rewrites `html`; returns it and whether tags were left out for their depth.
pub(super) fn balance(html: &str) -> (String, bool) {
    let mut writer = Writer {
        out: String::with_capacity(html.len()),
        open: Vec::new(),
        is_cut: false,
    };
    let mut pieces = Tokenizer::new(html);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(text) => writer.text(text),
            Piece::Open(tag) => {
                if let Some(name) = known(tag.name, RAW) {
                    pieces.skip_raw(name);
                } else if let Some(name) = known(tag.name, HIDDEN) {
                    skip(&mut pieces, name);
                } else if let Some(name) = known(tag.name, TAGS) {
                    writer.open(name, &tag);
                }
            }
            Piece::Close(name) => {
                if let Some(name) = known(name, TAGS) {
                    writer.close(name, is_wall(name));
                }
            }
        }
    }
    writer.close_to(0);
    (writer.out, writer.is_cut)
}

/// Skips to the end of a hidden element, which may hold more of its kind.
fn skip(pieces: &mut Tokenizer<'_>, name: &'static str) {
    let mut depth = 1_usize;
    while depth > 0 {
        match pieces.next() {
            Some(Piece::Open(tag)) if tag.name.eq_ignore_ascii_case(name) => depth += 1,
            Some(Piece::Open(tag)) => {
                if let Some(raw) = known(tag.name, RAW) {
                    pieces.skip_raw(raw);
                }
            }
            Some(Piece::Close(other)) if other.eq_ignore_ascii_case(name) => depth -= 1,
            None => return,
            Some(_) => {}
        }
    }
}

fn known(name: &str, list: &[&'static str]) -> Option<&'static str> {
    list.iter()
        .copied()
        .find(|one| one.eq_ignore_ascii_case(name))
}

/// Parts of a table are closed from within; nothing else is closed through them.
fn is_wall(name: &str) -> bool {
    matches!(
        name,
        "table" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th"
    )
}

struct Writer {
    out: String,
    open: Vec<&'static str>,
    is_cut: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        // A `<` that opens nothing here must open nothing for the next reader.
        for (number, piece) in text.split('<').enumerate() {
            if number > 0 {
                self.out.push_str("&lt;");
            }
            self.out.push_str(piece);
        }
    }

    fn open(&mut self, name: &'static str, tag: &Tag<'_>) {
        self.imply_ends(name);
        if !self.fits(name) {
            return;
        }
        let is_empty = matches!(name, "br" | "hr");
        if self.open.len() >= MAX_DEPTH && !is_empty {
            self.is_cut = true;
            return;
        }
        self.out.push('<');
        self.out.push_str(name);
        self.attributes(tag);
        self.out.push('>');
        if !is_empty {
            self.open.push(name);
        }
    }

    /// Whether `name` may stand where the text is. What is misplaced in a table would be moved out of it, with a
    /// copy of all formatting around (HTML, section 13.2.6.1, foster parenting).
    fn fits(&self, name: &str) -> bool {
        let inside = self.open.last().copied().unwrap_or_default();
        match name {
            "td" | "th" => matches!(inside, "table" | "tbody" | "thead" | "tfoot" | "tr"),
            "tr" => matches!(inside, "table" | "tbody" | "thead" | "tfoot"),
            "tbody" | "thead" | "tfoot" => inside == "table",
            _ => !matches!(inside, "table" | "tbody" | "thead" | "tfoot" | "tr"),
        }
    }

    /// Writes the first of each attribute that may stay.
    fn attributes(&mut self, tag: &Tag<'_>) {
        let mut written = [false; ATTRIBUTES.len()];
        for (name, value) in tag.attributes() {
            let Some(at) = ATTRIBUTES
                .iter()
                .position(|one| one.eq_ignore_ascii_case(name))
            else {
                continue;
            };
            if std::mem::replace(&mut written[at], true) {
                continue;
            }
            self.out.push(' ');
            self.out.push_str(ATTRIBUTES[at]);
            self.out.push_str("=\"");
            self.out
                .push_str(&value.replace('"', "&quot;").replace('<', "&lt;"));
            self.out.push('"');
        }
    }

    /// Closes what the start of `name` ends (HTML, section 13.1.2.4).
    fn imply_ends(&mut self, name: &'static str) {
        if BLOCKS.contains(&name) {
            self.close("p", false);
        }
        match name {
            "a" => self.close("a", false),
            "li" => self.close_inside(&["li"], &["ul", "ol"]),
            "dd" | "dt" => self.close_inside(&["dd", "dt"], &["dl"]),
            "td" | "th" => self.close_inside(&["td", "th"], &["table"]),
            "tr" => self.close_inside(&["tr"], &["table"]),
            "tbody" | "thead" | "tfoot" => {
                self.close_inside(&["tbody", "thead", "tfoot"], &["table"])
            }
            _ => {}
        }
    }

    /// Closes the innermost `name` with all in it, if one is open here.
    fn close(&mut self, name: &'static str, through_walls: bool) {
        let wall = |one: &str| {
            if through_walls {
                one == "table"
            } else {
                is_wall(one)
            }
        };
        for at in (0..self.open.len()).rev() {
            if self.open[at] == name {
                return self.close_to(at);
            }
            if wall(self.open[at]) {
                return;
            }
        }
    }

    fn close_inside(&mut self, names: &[&str], limits: &[&str]) {
        for at in (0..self.open.len()).rev() {
            if names.contains(&self.open[at]) {
                return self.close_to(at);
            }
            if limits.contains(&self.open[at]) || self.open[at] == "table" {
                return;
            }
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some(name) = self.open.pop() {
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misnested_and_unclosed_tags_are_closed_where_they_were_opened() {
        for (html, balanced) in [
            ("<b>x<p>y</b>z", "<b>x<p>y</p></b>z"),
            ("<p>a<p><i>b<p>c", "<p>a</p><p><i>b</i></p><p>c</p>"),
            (
                "<ul><li>a<li>b<ul><li>c</ul></ul>",
                "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
            ),
            (
                "<a href=x>a<a href=y>b",
                "<a href=\"x\">a</a><a href=\"y\">b</a>",
            ),
            (
                "<table><tr><td>a<td>b<tr><td></b>c</table>d",
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d",
            ),
            (
                "<b><table><a href=x>y<tr><p>z<td>w</b>",
                "<b><table>y<tr>z<td>w</td></tr></table></b>",
            ),
            ("<td>x</td><tr>y", "xy"),
            ("</div>x</x>", "x"),
            ("a < b <br/>c", "a &lt; b <br>c"),
            (
                "<div onclick=x dir=rtl dir=ltr>x",
                "<div dir=\"rtl\">x</div>",
            ),
            ("<A TITLE='\"<x'>t", "<a title=\"&quot;&lt;x\">t</a>"),
        ] {
            assert_eq!(balance(html), (balanced.to_owned(), false), "{html}");
        }
    }

    #[test]
    fn hidden_content_is_skipped_to_its_own_end() {
        for html in [
            "a<script>if (x < y) '</b>'</script>b",
            "a<svg><svg></svg><p>x</svg>b",
            "a<template><style></template></style></template>b",
            "a<STYLE>x</STYLE>b",
        ] {
            assert_eq!(balance(html).0, "ab", "{html}");
        }
    }

    #[test]
    fn tags_beyond_the_depth_are_left_out_and_their_text_is_not() {
        let (out, is_cut) = balance(&format!("{}deep", "<div>".repeat(10_000)));
        assert!(is_cut && out.contains("deep"));
        assert_eq!(out.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(out.matches("</div>").count(), MAX_DEPTH);
    }
}
