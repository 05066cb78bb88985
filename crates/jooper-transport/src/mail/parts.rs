//! The parts of a mail that are text, as a reader gets them.
//!
//! Enough of MIME (RFC 2045, RFC 2046) to look at what composers write. Text of an unknown charset is
//! read as UTF-8: hosts and styles are ASCII in all that mails are written in.

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
            let Some(boundary) = boundary(content).filter(|_| deeper > 0) else {
                return;
            };
            for part in parts(body, &boundary) {
                let (section, body) = split(part);
                let section = String::from_utf8_lossy(section);
                self.collect(&super::headers(&section), body, deeper - 1);
            }
        } else if kind == "text/html" {
            let html = self.html.get_or_insert_default();
            html.push_str(&decoded(headers, body));
        } else if kind.starts_with("text/") {
            self.plain.push_str(&decoded(headers, body));
        }
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
    let mut parameters = content.split(';').skip(1);
    parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is = name.trim().eq_ignore_ascii_case("boundary");
        let value = value.trim().trim_matches('"');
        (is && !value.is_empty()).then(|| format!("--{value}"))
    })
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
        None => (part, &[]),
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
        BASE64.decode(text).unwrap_or_default().into()
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
        let unread = (String::new(), None);
        assert_eq!(texts("Content-Type: multipart/mixed\r\n\r\nhi"), unread);
    }
}
