//! A tolerant HTML tokenizer: text, opening and closing tags, no tree, no allocation.

/// How far a quoted value may go on behind a `>`, in bytes.
const VALUE: usize = 1024;

/// One piece of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inbound) enum Piece<'a> {
    /// Text with entities as written.
    Text(&'a str),
    /// An opening tag.
    Open(Tag<'a>),
    /// A closing tag's name.
    Close(&'a str),
}

/// An opening tag's name and attributes as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inbound) struct Tag<'a> {
    pub(in crate::inbound) name: &'a str,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// Iterates over names and values of the attributes.
    pub(in crate::inbound) fn attributes(&self) -> Attributes<'a> {
        Attributes {
            rest: self.attributes,
        }
    }
}

/// Cuts HTML into pieces, in linear time on any input.
#[derive(Debug)]
pub(in crate::inbound) struct Tokenizer<'a> {
    rest: &'a str,
    /// No `>` is left, so no `<` opens a tag any more.
    only_text: bool,
}

impl<'a> Tokenizer<'a> {
    pub(in crate::inbound) fn new(html: &'a str) -> Self {
        Self {
            rest: html,
            only_text: false,
        }
    }

    /// What has not been read yet.
    pub(in crate::inbound) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Skips the raw text of `script`, `style` and the like, up to its closing tag.
    pub(in crate::inbound) fn skip_raw(&mut self, name: &str) {
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</").map(|i| i + from) {
            let after = &self.rest.as_bytes()[at + 2..];
            if after.len() >= name.len()
                && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            {
                self.rest = &self.rest[at..];
                return;
            }
            from = at + 2;
        }
        self.rest = "";
    }

    fn text(&mut self, end: usize) -> Option<Piece<'a>> {
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Piece::Text(text))
    }

    fn markup(&mut self) -> Option<Piece<'a>> {
        let body = &self.rest[1..];
        let Some(end) = Self::tag_end(body) else {
            self.only_text = true;
            return self.text(self.rest.len());
        };
        let inner = &body[..end];
        self.rest = &body[end + 1..];
        if let Some(name) = inner.strip_prefix('/') {
            return Some(Piece::Close(name_of(name)));
        }
        let name = name_of(inner);
        Some(Piece::Open(Tag {
            name,
            attributes: &inner[name.len()..],
        }))
    }

    /// The `>` that ends a tag, outside quoted values where they are closed.
    fn tag_end(body: &str) -> Option<usize> {
        let plain = memchr::memchr(b'>', body.as_bytes())?;
        let bytes = body.as_bytes();
        // Most tags hold no `>` in a value, and then both ways agree.
        if bytes[..plain].iter().filter(|&&b| b == b'"').count() % 2 == 0 {
            return Some(plain);
        }
        // An unclosed quote must not swallow the mail, nor cost more than a few steps.
        let reach = &body[plain..body.floor_char_boundary(plain + VALUE)];
        let end = reach
            .find('"')
            .and_then(|close| reach[close..].find('>').map(|i| plain + close + i));
        Some(end.unwrap_or(plain))
    }
}

impl<'a> Iterator for Tokenizer<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if self.only_text {
                return self.text(self.rest.len());
            }
            if !self.rest.starts_with('<') {
                let end = memchr::memchr(b'<', self.rest.as_bytes());
                let end = end.unwrap_or(self.rest.len());
                return self.text(end);
            }
            let second = self.rest.as_bytes().get(1).copied().unwrap_or(b' ');
            if !(second.is_ascii_alphabetic() || matches!(second, b'/' | b'!' | b'?')) {
                return self.text(1);
            }
            if let Some(after) = self.rest.strip_prefix("<!--") {
                self.rest = after.find("-->").map_or("", |i| &after[i + 3..]);
                continue;
            }
            if matches!(second, b'!' | b'?') {
                self.rest = self.rest.find('>').map_or("", |i| &self.rest[i + 1..]);
                continue;
            }
            return self.markup();
        }
    }
}

fn name_of(inner: &str) -> &str {
    let end = inner
        .find(|c: char| c.is_whitespace() || c == '/' || c == '>')
        .unwrap_or(inner.len());
    &inner[..end]
}

/// Attributes of one tag.
#[derive(Debug)]
pub(in crate::inbound) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self
            .rest
            .trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let value = after.trim_start();
        let Some(value) = value.strip_prefix('=') else {
            // A name of no length is a stray sign; step over it.
            self.rest = if end == 0 {
                &rest[rest.chars().next().map_or(0, char::len_utf8)..]
            } else {
                after
            };
            return Some((name, ""));
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, rest) = match quote {
            Some(q) => value[1..].split_once(q).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_tags_and_attributes_are_read() {
        let mut t = Tokenizer::new("a<b class='x y' id=q hidden>c</B >< d<!-- <i> --><?x?><br/>");
        assert_eq!(t.next(), Some(Piece::Text("a")));
        let Some(Piece::Open(tag)) = t.next() else {
            panic!("a tag")
        };
        assert_eq!(
            (tag.name, tag.attributes().collect::<Vec<_>>()),
            ("b", vec![("class", "x y"), ("id", "q"), ("hidden", "")])
        );
        assert_eq!(t.next(), Some(Piece::Text("c")));
        assert_eq!(t.next(), Some(Piece::Close("B")));
        assert_eq!(t.next(), Some(Piece::Text("<")));
        assert_eq!(t.next(), Some(Piece::Text(" d")));
        assert!(matches!(
            t.next(),
            Some(Piece::Open(Tag { name: "br", .. }))
        ));
        assert_eq!(t.next(), None);
    }

    #[test]
    fn an_arrow_in_a_value_does_not_end_the_tag() {
        let mut t = Tokenizer::new("<a title=\"x > y\">z");
        assert!(matches!(t.next(), Some(Piece::Open(Tag { name: "a", .. }))));
        assert_eq!(t.next(), Some(Piece::Text("z")));
    }

    #[test]
    fn broken_markup_stays_text() {
        assert_eq!(
            Tokenizer::new("a <b and no end").collect::<Vec<_>>(),
            [Piece::Text("a "), Piece::Text("<b and no end")]
        );
    }
}
