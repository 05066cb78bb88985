//! From pieces of HTML to lines of text, with signs where quotes were.

use super::super::cut::sign;
use super::containers::{Role, draws_outlook_line, gives_size, role};
use super::entities::decode;
use super::sizes::Sizes;
use super::tokenizer::{Piece, Tokenizer};

/// Deepest quote that is still shown deeper.
const DEEPEST: usize = 5;
/// How far behind Outlook's line its header block begins, in bytes.
const OUTLOOK_HEAD: usize = 1600;

/// How an element sets its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Inline,
    Block,
    Paragraph,
    Item,
    Cell,
    Break,
    Rule,
    /// Its content is no text.
    Raw,
    Pre,
    Quote,
}

pub(super) fn layout(name: &str) -> Layout {
    let mut buffer = [0_u8; 12];
    let Some(lower) = buffer.get_mut(..name.len()) else {
        return Layout::Inline;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"br" => Layout::Break,
        b"div" | b"tr" | b"table" | b"section" | b"article" | b"header" | b"footer" | b"center"
        | b"dt" | b"dd" | b"form" | b"body" | b"address" | b"main" | b"includetail" => {
            Layout::Block
        }
        b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" => {
            Layout::Paragraph
        }
        b"li" => Layout::Item,
        b"td" | b"th" => Layout::Cell,
        b"hr" => Layout::Rule,
        b"style" | b"script" | b"head" | b"title" | b"svg" | b"noscript" | b"template"
        | b"object" | b"textarea" => Layout::Raw,
        b"pre" => Layout::Pre,
        b"blockquote" => Layout::Quote,
        _ => Layout::Inline,
    }
}

/// An element whose end matters, found by counting elements of its name.
#[derive(Debug)]
struct Region<'a> {
    name: &'a str,
    depth: usize,
}

impl<'a> Region<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, depth: 1 }
    }

    /// Counts a tag; reports whether the region ended.
    fn ends(&mut self, piece: &Piece<'_>) -> bool {
        match piece {
            Piece::Open(tag) if tag.name.eq_ignore_ascii_case(self.name) => self.depth += 1,
            Piece::Close(name) if name.eq_ignore_ascii_case(self.name) => self.depth -= 1,
            _ => {}
        }
        self.depth == 0
    }
}

/// Renders HTML; with `cut`, known quotes become signs and signatures are marked.
///
/// Also returns whether text was left out because it has no size, as is done where `sized` says so.
pub(super) fn render(html: &str, cut: bool, sized: bool) -> (String, bool) {
    let mut out = Out::new(html.len().min(1 << 20) / 3);
    let mut pieces = Tokenizer::new(html);
    let mut quotes: Vec<bool> = Vec::new();
    let mut skipped: Option<Region<'_>> = None;
    let mut signature: Option<Region<'_>> = None;
    let mut sizes = Sizes::default();
    let mut hid = false;
    while let Some(piece) = pieces.next() {
        if sizes.is_minded() {
            match &piece {
                Piece::Open(tag) => sizes.end_before(tag.name),
                Piece::Close(name) => sizes.close(name),
                Piece::Text(_) => {}
            }
        }
        if let Some(region) = &mut skipped {
            if region.ends(&piece) {
                skipped = None;
            } else if let Piece::Open(tag) = piece
                && layout(tag.name) == Layout::Raw
                && !tag.name.eq_ignore_ascii_case(region.name)
            {
                pieces.skip_raw(tag.name);
            } else if let Piece::Open(tag) = piece
                && sizes.is_minded()
                && !is_void(tag.name)
            {
                sizes.open(tag.name, None);
            }
            continue;
        }
        if signature.as_mut().is_some_and(|s| s.ends(&piece)) {
            signature = None;
            out.sign(sign::SIGNATURE_END);
        }
        match piece {
            Piece::Text(text) if sizes.hide() => hid |= !text.trim_ascii().is_empty(),
            Piece::Text(text) => out.text(text),
            Piece::Close(name) => close(layout(name), &mut out, &mut quotes),
            Piece::Open(tag) => {
                let kind = layout(tag.name);
                if kind == Layout::Raw {
                    pieces.skip_raw(tag.name);
                    continue;
                }
                let what = role(&tag, kind == Layout::Quote);
                let what = if cut
                    && kind == Layout::Block
                    && draws_outlook_line(&tag)
                    && head_follows(pieces.rest())
                {
                    Role::Rest
                } else {
                    what
                };
                let sizeless = sized && what == Role::Sizeless;
                if (sizeless || sizes.is_minded()) && !is_void(tag.name) {
                    let size = if sizeless {
                        Some(false)
                    } else {
                        gives_size(&tag).then_some(true)
                    };
                    sizes.open(tag.name, size);
                }
                match what {
                    Role::Hidden if !is_void(tag.name) => skipped = Some(Region::new(tag.name)),
                    Role::Rest if cut => {
                        out.sign(sign::REST);
                        break;
                    }
                    Role::Quote if cut && !is_void(tag.name) => {
                        out.sign(sign::QUOTE);
                        skipped = Some(Region::new(tag.name));
                    }
                    Role::Attribution if cut => {
                        // Gmail's forwards carry the same mark, and their text has no container.
                        let forward = pieces.rest().trim_start().starts_with("---");
                        out.sign(if forward {
                            sign::REST
                        } else {
                            sign::ATTRIBUTION
                        });
                        skipped = Some(Region::new(tag.name));
                    }
                    Role::Signature if cut && signature.is_none() && !is_void(tag.name) => {
                        out.sign(sign::SIGNATURE);
                        signature = Some(Region::new(tag.name));
                    }
                    _ => open(kind, what, &mut out, &mut quotes),
                }
            }
        }
    }
    (out.text, hid)
}

fn open(kind: Layout, what: Role, out: &mut Out, quotes: &mut Vec<bool>) {
    match kind {
        Layout::Break => out.newline(),
        Layout::Block => out.block(1),
        Layout::Paragraph => out.block(2),
        Layout::Item => {
            out.block(1);
            out.raw("- ");
        }
        Layout::Cell => out.space = true,
        Layout::Rule => {
            out.block(1);
            out.raw("------------------------------");
            out.block(1);
        }
        Layout::Pre => {
            out.block(1);
            out.pre += 1;
        }
        Layout::Quote => {
            out.block(1);
            let shown = what != Role::Plain;
            if quotes.len() < 1024 {
                quotes.push(shown);
                out.depth += usize::from(shown);
            }
        }
        Layout::Inline | Layout::Raw => {}
    }
}

fn close(kind: Layout, out: &mut Out, quotes: &mut Vec<bool>) {
    match kind {
        Layout::Block | Layout::Item => out.block(1),
        Layout::Paragraph => out.block(2),
        Layout::Pre => {
            out.block(1);
            out.pre = out.pre.saturating_sub(1);
        }
        Layout::Quote => {
            out.block(1);
            if quotes.pop() == Some(true) {
                out.depth -= 1;
            }
        }
        // Mail has `</br>`, which browsers read as a break.
        Layout::Break => out.newline(),
        _ => {}
    }
}

fn is_void(name: &str) -> bool {
    [
        "img", "input", "br", "hr", "meta", "link", "area", "col", "wbr",
    ]
    .iter()
    .any(|v| v.eq_ignore_ascii_case(name))
}

/// Whether several bold labels follow, as in Outlook's header block.
fn head_follows(rest: &str) -> bool {
    let head = &rest.as_bytes()[..rest.len().min(OUTLOOK_HEAD)];
    head.windows(4)
        .filter(|w| w.eq_ignore_ascii_case(b"</b>"))
        .take(3)
        .count()
        == 3
}

/// The text so far, with white space pending.
#[derive(Debug)]
struct Out {
    text: String,
    /// Line ends owed before the next word.
    breaks: usize,
    space: bool,
    pre: usize,
    depth: usize,
}

impl Out {
    fn new(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            breaks: 0,
            space: false,
            pre: 0,
            depth: 0,
        }
    }

    fn newline(&mut self) {
        self.breaks = (self.breaks + 1).min(3);
        self.space = false;
    }

    /// A block needs its own line, or an empty one before it.
    fn block(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    fn sign(&mut self, sign: &str) {
        self.text.push('\n');
        self.text.push_str(sign);
        self.breaks = self.breaks.max(1);
        self.space = false;
    }

    fn raw(&mut self, text: &str) {
        self.settle();
        self.text.push_str(text);
    }

    fn settle(&mut self) {
        let fresh = self.text.is_empty();
        if self.breaks > 0 || fresh {
            for _ in 0..if fresh { 0 } else { self.breaks } {
                self.text.push('\n');
            }
            for _ in 0..self.depth.min(DEEPEST) {
                self.text.push_str("> ");
            }
        } else if self.space {
            self.text.push(' ');
        }
        self.breaks = 0;
        self.space = false;
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        loop {
            // A run of plain characters is copied whole; this is where the time goes.
            let end = rest
                .bytes()
                .position(|b| b == b'&' || b <= b' ' || b == 0xC2)
                .unwrap_or(rest.len());
            if end > 0 {
                self.settle();
                self.text.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            let Some(c) = rest.chars().next() else { return };
            rest = &rest[c.len_utf8()..];
            match c {
                '&' => match decode(rest) {
                    Some((decoded, len)) => {
                        rest = &rest[len..];
                        self.char(decoded);
                    }
                    None => self.char('&'),
                },
                '\n' if self.pre > 0 => self.newline(),
                c if c.is_whitespace() => self.space = true,
                c => self.char(c),
            }
        }
    }

    fn char(&mut self, c: char) {
        if c == ' ' || c == '\u{A0}' {
            self.space = true;
        } else if !c.is_control() {
            self.settle();
            self.text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    fn render(html: &str, cut: bool) -> String {
        super::render(html, cut, true).0
    }

    #[test]
    fn text_is_set_in_lines_and_entities_are_decoded() {
        assert_eq!(
            render(
                "<p>One &amp;&nbsp;<b>two</b></p><p>Three<br>four</p><ul><li>a<li>b</ul>",
                false
            )
            .trim(),
            "One & two\n\nThree\nfour\n\n- a\n- b"
        );
        assert_eq!(render("<pre>a\n  b</pre>", false), "a\nb");
        assert_eq!(
            render(
                "<style>p{}</style><script>x<y</script>hi<span style='display:none'>secret</span>",
                false
            ),
            "hi"
        );
    }

    #[test]
    fn text_without_a_size_is_not_shown_and_what_has_one_in_it_is() {
        for (html, shown) in [
            ("a<span style='font-size:0'>b</span>c", "ac"),
            ("a<div style='FONT-SIZE: 0px'>b<div>c</div>d</div>e", "a\ne"),
            (
                "a<div style='font-size:0'>b<div style='font-size:14px'>c</div>d</div>e",
                "a\nc\ne",
            ),
            (
                "<td style='font-size:0'><table><td style='font-size:9pt'>a</td></table></td>b",
                "a\nb",
            ),
            (
                "<div style='font-size:0'>a<div style='display:none'>b</div>c</div>d",
                "d",
            ),
            ("<p style='font-size:0'>a<p>b", "b"),
            (
                "<span style='font-size:0.9em'>a</span><font style='font-size:10pt'>b</font>",
                "ab",
            ),
            ("<br style='font-size:0'>a", "a"),
            // Whatever may give a size does.
            ("<td style='font-size:0'><font size=3>a</font>b</td>", "a"),
            ("<div style='font-size:0'><font>a</font>b</div>c", "c"),
            (
                "<div style='font-size:0'><p style='font:14px/1.5 Arial'>a</p>b</div>",
                "a",
            ),
            (
                "<div style='font-size:0'><p style='font:0/0 a'>a</p></div>b",
                "b",
            ),
            ("<p style='font-size:0;font:bold 9pt Arial'>a</p>", "a"),
            ("<p style='font:9pt Arial;font-size:0'>a</p>b", "b"),
            (
                "<div style='font-size:0'><p class=t>a</p><p id=t>b</p>c</div>",
                "a\n\nb",
            ),
            // Elements end where a browser ends them.
            ("<td style='font-size:0'>&nbsp;<tr><td>a", "a"),
            (
                "<td style='font-size:0'>&nbsp;<td>a<th style='font-size:0'>b<td>c",
                "a c",
            ),
            ("<table><tr><td style='font-size:0'>b</tr></table><p>a", "a"),
            ("<table><td style='font-size:0'>b</table>a", "a"),
            (
                "<table><tr style='font-size:0'><td>b<td>c<tr><td>a</table>",
                "a",
            ),
            (
                "<table><td style='font-size:0'>b<table><tr><td>c</td></tr></table>d</td><td>a</table>",
                "c\na",
            ),
            ("<p style='font-size:0'><b>b</b><div>a", "a"),
            ("<p style='font-size:0'>b<ul><li>a</ul>", "- a"),
            ("<p style='font-size:0'><span>b<table><td>a</table>", "a"),
            (
                "<ul><li style='font-size:0'>b<ul><li>c</ul>d<li>a</ul>",
                "- \n\n- \n\n- a",
            ),
            ("<div><span style='font-size:0'>b</div>a", "a"),
            ("<div style='font-size:0'><span>b</div>a", "a"),
            ("<div style='font-size:0'>b</p></span></b>c</div>a", "a"),
            (
                "<div style='font-size:0'><div style='display:none'>b<p>c</div>d</div>a",
                "a",
            ),
        ] {
            assert_eq!(render(html, false).trim(), shown, "{html}");
        }
    }

    #[test]
    fn quoted_blocks_are_marked() {
        assert_eq!(
            render(
                "a<blockquote>b<blockquote>c</blockquote></blockquote>d",
                false
            ),
            "a\n> b\n> > c\nd"
        );
    }

    #[test]
    fn no_sign_can_be_smuggled_in() {
        assert_eq!(render("a<br>\u{1}E<br>&#1;E<br>b", true), "a\nE\nE\nb");
    }
}
