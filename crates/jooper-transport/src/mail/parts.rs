//! The parts of a mail that are text, as a reader gets them.
//!
//! Enough of MIME (RFC 2045, RFC 2046) to look at what composers write. Text of an unknown charset is
//! read as UTF-8: hosts and styles are ASCII in all that mails are written in. What cannot be taken apart
//! is looked at as it stands: some reader may show more of it.

use std::borrow::Cow;

use base64::Engine as _;
use memchr::memmem;

use super::Header;
use super::carries::{BASE64, without_quoted_printable};

/// How deep multiparts are opened.
const DEEPEST: u8 = 8;

/// What stands in a mail.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// All of its plain text.
    pub(super) plain: String,
    /// All of its HTML, if there is any.
    pub(super) html: Option<String>,
}

impl Texts {
    /// Reads a mail.
    pub(super) fn of(headers: &[Header<'_>], body: &[u8]) -> Self {
        let mut texts = Self::default();
        texts.collect(headers, body, DEEPEST);
        texts
    }

    fn collect(&mut self, headers: &[Header<'_>], body: &[u8], deeper: u8) {
        let content = value(headers, "Content-Type").unwrap_or("text/plain");
        let kind = content.split(';').next().unwrap_or_default().trim();
        let kind = kind.to_ascii_lowercase();
        if kind.starts_with("multipart/") {
            let boundary = boundary(content).filter(|_| deeper > 0);
            let parts = boundary.map_or_else(Vec::new, |boundary| parts(body, &boundary));
            if parts.is_empty() {
                self.plain.push_str(&String::from_utf8_lossy(body));
            }
            for part in parts {
                self.open(part, deeper - 1);
            }
        } else if kind == "message/rfc822" && deeper > 0 {
            // RFC 2046 section 5.2.1 allows no encoding here; readers take one away all the same.
            let inner = decoded(headers, body);
            let inner = inner.strip_prefix("\r\n\r\n").unwrap_or(&inner);
            self.open(inner.as_bytes(), deeper - 1);
        } else if kind == "message/rfc822" {
            self.plain.push_str(&String::from_utf8_lossy(body));
        } else if kind == "text/html" {
            let html = self.html.get_or_insert_default();
            html.push_str(&decoded(headers, body));
        } else if kind.starts_with("text/") {
            self.plain.push_str(&decoded(headers, body));
        }
    }

    fn open(&mut self, part: &[u8], deeper: u8) {
        let (section, body) = split(part);
        let section = String::from_utf8_lossy(section);
        self.collect(&super::headers(&section), body, deeper);
    }
}

fn value<'a>(headers: &'a [Header<'_>], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(header, _)| header.eq_ignore_ascii_case(name));
    found.map(|(_, value)| &**value)
}

/// What the parts of a multipart are told apart by (RFC 2046 section 5.1.1).
fn boundary(content: &str) -> Option<String> {
    parameters(content).into_iter().find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is = name.trim().eq_ignore_ascii_case("boundary");
        let value = value.trim_matches([' ', '\t']);
        (is && !value.is_empty()).then(|| format!("--{value}"))
    })
}

/// What stands behind the type, without quotes: in them a `;` ends nothing, and a backslash stands
/// before the character that is meant (RFC 2045 section 5.1, RFC 822 section 3.3).
fn parameters(content: &str) -> Vec<String> {
    let (mut all, mut last, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = content.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            ';' if !quoted => all.push(std::mem::take(&mut last)),
            '\\' if quoted => last.extend(characters.next()),
            _ => last.push(character),
        }
    }
    all.push(last);
    all.split_off(1)
}

/// What stands between the lines that begin with the delimiter. Behind the last one nothing stands.
fn parts<'a>(body: &'a [u8], delimiter: &str) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut begins = None;
    for at in memmem::find_iter(body, delimiter.as_bytes()) {
        if at > 0 && body[at - 1] != b'\n' {
            continue;
        }
        if let Some(begins) = begins {
            parts.push(&body[begins..at]);
        }
        if body[at + delimiter.len()..].starts_with(b"--") {
            return parts;
        }
        let line = memchr::memchr(b'\n', &body[at..]);
        begins = Some(line.map_or(body.len(), |end| at + end + 1));
    }
    if let Some(begins) = begins {
        // Nobody closed it: a reader is shown the rest.
        parts.push(&body[begins..]);
    }
    parts
}

/// A part's header section and what stands below it.
fn split(part: &[u8]) -> (&[u8], &[u8]) {
    if part.starts_with(b"\r\n") {
        return (&[], part);
    }
    match memmem::find(part, b"\r\n\r\n") {
        Some(end) => (&part[..end], &part[end..]),
        // No header section that ends: all of it is looked at.
        None => (&[], part),
    }
}

/// The text of a part without its transfer encoding (RFC 2045 section 6).
fn decoded<'a>(headers: &[Header<'_>], body: &'a [u8]) -> Cow<'a, str> {
    let encoding = value(headers, "Content-Transfer-Encoding").unwrap_or_default();
    let bytes: Cow<'_, [u8]> = if encoding.eq_ignore_ascii_case("quoted-printable") {
        without_quoted_printable(body).into()
    } else if encoding.eq_ignore_ascii_case("base64") {
        let text: Vec<u8> = body
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let text = BASE64.decode(text);
        text.map_or_else(|_| Cow::from(body), Cow::from)
    } else {
        body.into()
    };
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(mail: &str) -> (String, Option<String>) {
        let (section, body) = mail.split_once("\r\n\r\n").unwrap();
        let body = format!("\r\n\r\n{body}");
        let texts = Texts::of(&super::super::headers(section), body.as_bytes());
        let html = texts.html.map(|html| html.trim().to_owned());
        (texts.plain.trim().to_owned(), html)
    }

    #[test]
    fn parts_are_found_however_they_are_nested_and_encoded() {
        let inner = "Content-Type: multipart/alternative; boundary=in\r\n\r\n\
            --in\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            Gr=C3=BC=C3=9Fe\r\n\
            --in\r\nContent-type: TEXT/HTML; charset=utf-8\r\ncontent-transfer-encoding: BASE64\r\n\r\n\
            PGI+\r\naGk8L2I+\r\n\
            --in--\r\nnobody reads this";
        let mail = format!(
            "Subject: x\r\nContent-Type: multipart/mixed;\r\n boundary=\"out er\"\r\n\r\n\
             preamble\r\n--out er\r\n{inner}\r\n--out er\r\n\r\nno header --out er\r\n\
             --out er\r\nContent-Type: image/png\r\n\r\nbit.ly/x\r\n--out er--\r\n"
        );
        let (plain, html) = texts(&mail);
        assert_eq!(html.as_deref(), Some("<b>hi</b>"));
        assert!(plain.starts_with("Gr\u{fc}\u{df}e"), "{plain}");
        assert!(plain.contains("no header --out er"), "{plain}");
        assert!(!plain.contains("bit.ly"), "a picture is no text: {plain}");
    }

    #[test]
    fn a_mail_without_parts_is_text_or_html() {
        let plain = ("hi".to_owned(), None);
        assert_eq!(texts("Subject: x\r\n\r\nhi"), plain);
        let html = (String::new(), Some("hi".to_owned()));
        assert_eq!(texts("Content-Type: text/html\r\n\r\nhi"), html);
    }

    #[test]
    fn what_cannot_be_taken_apart_is_looked_at_as_it_stands() {
        for (case, mail) in [
            (
                "no boundary",
                "Content-Type: multipart/mixed\r\n\r\nbit.ly/x",
            ),
            (
                "another boundary",
                "Content-Type: multipart/mixed; boundary=a\r\n\r\n--b\r\n\r\nbit.ly/x\r\n--b--",
            ),
            (
                "no header section",
                "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nX: bit.ly/x\r\n--a--",
            ),
            (
                "broken base64",
                "Content-Transfer-Encoding: base64\r\n\r\nbit.ly/x #",
            ),
        ] {
            let (plain, _) = texts(mail);
            assert!(plain.contains("bit.ly/x"), "{case}: {plain}");
        }
        let deep = (0..=u32::from(DEEPEST)).fold("\r\n\r\nbit.ly/x".to_owned(), |inner, n| {
            format!(
                "Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n{inner}\r\n--b{n}--"
            )
        });
        assert!(texts(&deep).0.contains("bit.ly/x"), "{deep}");
        let deep = (0..=DEEPEST).fold("\r\n\r\nbit.ly/x".to_owned(), |inner, _| {
            format!("Content-Type: message/rfc822\r\n\r\n{inner}")
        });
        assert!(texts(&deep).0.contains("bit.ly/x"), "{deep}");
    }

    #[test]
    fn a_quoted_boundary_may_hold_anything_and_a_mail_another_mail() {
        let mail = "Content-Type: multipart/mixed; x=\"a;boundary=no\"; boundary=\"a;b\\\"c\"\r\n\r\n\
             --a;b\"c\r\nContent-Type: message/rfc822\r\n\r\n\
             Subject: inner\r\nContent-Type: text/html\r\n\r\n<b>hi</b>\r\n--a;b\"c--\r\n";
        let (plain, html) = texts(mail);
        assert_eq!((plain.as_str(), html.as_deref()), ("", Some("<b>hi</b>")));
    }
}
