//! Reads HTML as far as it says what its reader sees and where its links lead.
//!
//! Attributes and inline styles are read, style sheets are not: the text counts, not the tag, so that
//! an empty box without size is nothing. Where a style sheet speaks of backgrounds, nobody knows what
//! letters stand on that no attribute and no inline style gives a ground.

use std::borrow::Cow;

use super::color::Color;
use super::finding::{ContentFinding, Hiding, MailPart};
use super::invisible::is_stuffed;
use super::style::Look;
use super::{ContentRules, links};
use crate::subject::is_unseen;

/// Elements without an end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Elements whose contents are no text of the mail.
const NO_TEXT: &[&str] = &["script", "style", "template", "textarea", "title"];

/// Elements that end a paragraph which nobody has ended (HTML, section 13.1.2.4).
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "center",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// Elements that lie no deeper are told apart; what lies deeper has the look of the deepest.
const DEEPEST: usize = 512;

struct Open {
    name: String,
    look: Look,
}

/// What no mail may hold of this HTML: the first of each kind.
pub(super) fn findings(rules: &ContentRules, html: &str) -> Vec<ContentFinding> {
    let for_outlook = for_outlook(html);
    let reader = |unstated| {
        let mut reader = Reader {
            rules,
            open: Vec::new(),
            host: None,
            how: None,
            unstated,
            for_outlook: &for_outlook,
        };
        reader.read(html);
        reader
    };
    let reader = match reader(Color::WHITE) {
        // A style sheet speaks for what stands before it, too.
        read if read.unstated != Color::WHITE => reader(read.unstated),
        read => read,
    };
    let part = MailPart::Html;
    let link = reader
        .host
        .map(|host| ContentFinding::Shortener { host, part });
    let hidden = reader
        .how
        .map(|how| ContentFinding::HiddenText { how, part });
    link.into_iter().chain(hidden).collect()
}

struct Reader<'r> {
    rules: &'r ContentRules,
    open: Vec<Open>,
    host: Option<String>,
    how: Option<Hiding>,
    /// What text stands on where nothing is stated.
    unstated: Color,
    /// What Outlook alone is shown.
    for_outlook: &'r str,
}

impl Reader<'_> {
    fn read(&mut self, html: &str) {
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            self.text(&rest[..at]);
            let tag = &rest[at..];
            rest = if let Some(comment) = tag.strip_prefix("<!--") {
                let (inside, rest) = comment.split_once("-->").unwrap_or((comment, ""));
                // Outlook shows what stands in `<!--[if mso]>`.
                if inside.starts_with('[') && self.host.is_none() {
                    self.host = links::shortened(self.rules, &decoded(inside));
                }
                rest
            } else if let Some(end) = tag.strip_prefix("</") {
                let (inside, rest) = end.split_once('>').unwrap_or((end, ""));
                self.close(&name_of(inside));
                rest
            } else if tag[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.tag(&tag[1..])
            } else if tag.starts_with("<!") || tag.starts_with("<?") {
                tag.split_once('>').map_or("", |(_, rest)| rest)
            } else {
                // A bracket of the text.
                self.text("<");
                &tag[1..]
            };
        }
        self.text(rest);
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = decoded(text);
        if self.host.is_none() {
            self.host = links::shortened(self.rules, &text);
        }
        if self.how.is_some() {
            return;
        }
        let mut hides = self.look().hides(self.unstated);
        // The same words stand in what Outlook is shown in its place: a button that is drawn for it.
        if hides == Some(Hiding::Outlook) && self.for_outlook.contains(&between_spaces(&text)) {
            hides = None;
        }
        if hides.is_some() && text.chars().any(|c| !is_unseen(c)) {
            self.how = hides;
        } else if is_stuffed(&text) {
            self.how = Some(Hiding::Characters);
        }
    }

    fn look(&self) -> Look {
        self.open.last().map(|open| open.look).unwrap_or_default()
    }

    /// Reads a tag behind its bracket; returns what follows it.
    fn tag<'h>(&mut self, tag: &'h str) -> &'h str {
        let name = name_of(tag);
        self.end_implied(&name);
        let mut look = self.look();
        if name == "a" {
            look.link();
        }
        let mut rest = &tag[name.len()..];
        let (mut style, mut ground, mut picture) = (None, None, false);
        while let Some(attribute) = Attribute::next(&mut rest) {
            let value = decoded(attribute.value);
            let known = attribute.name.to_ascii_lowercase();
            match &*known {
                "style" if style.is_none() => style = Some(value),
                "bgcolor" if ground.is_none() => ground = Some(value),
                "hidden" => look.hide_by_attribute(),
                "color" => look.color(&value),
                _ => {
                    picture |= known == "background";
                    self.link(&value);
                }
            }
        }
        match ground {
            Some(color) => look.ground(&color),
            None if picture => look.picture(),
            None => {}
        }
        if let Some(style) = style {
            look.style(&style, matches!(&*name, "td" | "th"));
            self.link(&style);
        }
        if NO_TEXT.contains(&&*name) {
            let behind = behind_end(rest, &name);
            let inside = &rest[..rest.len() - behind.len()];
            if name == "style" && inside.to_ascii_lowercase().contains("background") {
                self.unstated = Color::Unknown;
            }
            return behind;
        }
        // They stand beside the line, and are seen without a height of their own (normalize.css has them so).
        if matches!(&*name, "sup" | "sub") {
            look.own_line();
        }
        if !VOID.contains(&&*name) && self.open.len() < DEEPEST {
            self.open.push(Open { name, look });
        }
        rest
    }

    /// A link as a browser reads it: without tabs and line breaks, with either slash and any number.
    fn link(&mut self, value: &str) {
        if self.host.is_some() || !links::may_have_one(value) {
            return;
        }
        let value = value.replace(['\t', '\n', '\r'], "").replace('\\', "/");
        let value = value.trim();
        let scheme = ["https:", "http:"].into_iter().find(|scheme| {
            let begins = value.get(..scheme.len());
            begins.is_some_and(|begins| begins.eq_ignore_ascii_case(scheme))
        });
        let value = match scheme {
            Some(scheme) => format!("//{}", value[scheme.len()..].trim_start_matches('/')),
            None => value.to_owned(),
        };
        self.host = links::shortened(self.rules, &value);
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.open.truncate(at);
        }
    }

    /// Ends what the next element ends without saying so.
    fn end_implied(&mut self, next: &str) {
        let ends = |open: &str| match next {
            "li" => open == "li",
            "td" | "th" => matches!(open, "td" | "th"),
            "tr" => matches!(open, "td" | "th" | "tr"),
            "dd" | "dt" => matches!(open, "dd" | "dt"),
            _ => open == "p" && BLOCKS.contains(&next),
        };
        while self.open.last().is_some_and(|open| ends(&open.name)) {
            self.open.pop();
        }
    }
}

/// The words in comments that Outlook reads as HTML, on one line.
fn for_outlook(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some((_, comment)) = rest.split_once("<!--[if") {
        let (inside, behind) = comment.split_once("-->").unwrap_or((comment, ""));
        let mut shown = inside.split_once('>').map_or("", |(_, shown)| shown);
        while let Some((text, tag)) = shown.split_once('<') {
            words.push_str(&decoded(text));
            words.push(' ');
            shown = tag.split_once('>').map_or("", |(_, shown)| shown);
        }
        rest = behind;
    }
    between_spaces(&words)
}

/// Words on one line, with a space at each end, so that no part of a word is taken for one.
fn between_spaces(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    format!(" {} ", words.join(" "))
}

/// The name that a tag begins with, in lower case.
fn name_of(tag: &str) -> String {
    let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'));
    tag[..end.unwrap_or(tag.len())].to_ascii_lowercase()
}

/// What follows the end of an element whose contents are not read.
fn behind_end<'h>(html: &'h str, name: &str) -> &'h str {
    let mut rest = html;
    while let Some((_, behind)) = rest.split_once("</") {
        let is = behind.get(..name.len());
        if is.is_some_and(|is| is.eq_ignore_ascii_case(name)) {
            return behind.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = behind;
    }
    ""
}

struct Attribute<'h> {
    name: &'h str,
    value: &'h str,
}

impl<'h> Attribute<'h> {
    /// The next attribute of a tag; at its end, leaves what follows the tag.
    fn next(rest: &mut &'h str) -> Option<Self> {
        let text = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if text.is_empty() {
            *rest = text;
            return None;
        }
        if let Some(behind) = text.strip_prefix('>') {
            *rest = behind;
            return None;
        }
        // A name may begin with `=`, which makes no sense but moves on.
        let first = text.chars().next().map_or(0, char::len_utf8);
        let end = text[first..].find(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '='));
        let (name, behind) = text.split_at(end.map_or(text.len(), |end| first + end));
        let Some(value) = behind.trim_start().strip_prefix('=') else {
            *rest = behind;
            return Some(Self { name, value: "" });
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, behind) = match quote {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => {
                let end = value.find(|c: char| c.is_whitespace() || c == '>');
                value.split_at(end.unwrap_or(value.len()))
            }
        };
        *rest = behind;
        Some(Self { name, value })
    }
}

/// Named references that hide something or stand in links; the others do not matter here.
const NAMED: &[(&str, char)] = &[
    ("NewLine", '\n'),
    ("NoBreak", '\u{2060}'),
    ("Tab", '\t'),
    ("ZeroWidthSpace", '\u{200b}'),
    ("amp", '&'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("commat", '@'),
    ("gt", '>'),
    ("lt", '<'),
    ("nbsp", '\u{a0}'),
    ("percnt", '%'),
    ("period", '.'),
    ("quot", '"'),
    ("shy", '\u{ad}'),
    ("sol", '/'),
    ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
];

/// The text with its character references read.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let (c, after) = reference(behind).unwrap_or(('&', behind));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out.into()
}

/// The character that a reference behind its `&` names, and what follows it.
fn reference(text: &str) -> Option<(char, &str)> {
    if let Some(number) = text.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let (digits, radix) = hex.map_or((number, 10), |hex| (hex, 16));
        let end = digits.find(|c: char| !c.is_digit(radix));
        let (digits, rest) = digits.split_at(end.unwrap_or(digits.len()));
        let c = u32::from_str_radix(digits, radix)
            .ok()
            .and_then(char::from_u32)?;
        return Some((c, rest.strip_prefix(';').unwrap_or(rest)));
    }
    NAMED.iter().find_map(|(name, c)| {
        let rest = text.strip_prefix(name)?.strip_prefix(';')?;
        Some((*c, rest))
    })
}
