//! The parts of a mail that are text, as a reader gets them.
//!
//! Enough of MIME (RFC 2045, RFC 2046) to look at what composers write. What cannot be taken apart is
//! looked at as it stands, and told: some reader may show more of it.

use std::borrow::Cow;

use base64::Engine as _;
use jooper_consent::MailPart;
use memchr::memmem;

use super::Header;
use super::carries::{BASE64, without_quoted_printable};
use super::charset;

/// How deep multiparts are opened.
const DEEPEST: u8 = 8;

/// What stands in a mail.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// All of its plain text.
    pub(super) plain: String,
    /// All of its HTML, if there is any.
    pub(super) html: Option<String>,
    /// Where it is not sure that readers get just that.
    pub(super) unsure: Vec<MailPart>,
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
        let (boundary, charset) = (
            parameter(content, "boundary"),
            parameter(content, "charset"),
        );
        let mut sure = ["Content-Type", "Content-Transfer-Encoding"]
            .into_iter()
            .all(|name| stands_once(headers, name));
        sure &= boundary.sure && charset.sure;
        let mut part = MailPart::Text;
        if kind.starts_with("multipart/") {
            let boundary = boundary.value.filter(|_| deeper > 0);
            let parts = boundary.map_or_else(Vec::new, |boundary| parts(body, &boundary));
            sure &= !parts.is_empty() && Encoding::of(headers) == Some(Encoding::None);
            if parts.is_empty() {
                self.plain.push_str(&String::from_utf8_lossy(body));
            }
            for part in parts {
                self.open(part, deeper - 1);
            }
        } else if kind == "message/rfc822" && deeper > 0 {
            // RFC 2046 section 5.2.1 allows no encoding here; readers take one away all the same.
            let inner = decoded(headers, body).0;
            self.open(&inner, deeper - 1);
        } else if kind == "message/rfc822" {
            self.plain.push_str(&String::from_utf8_lossy(body));
            sure = false;
        } else if kind.starts_with("text/") || is_html(&kind) {
            let (bytes, encoded) = decoded(headers, body);
            let (text, read) = charset::decode(charset.value.as_deref(), bytes);
            sure &= encoded && read;
            if is_html(&kind) {
                part = MailPart::Html;
                self.html.get_or_insert_default().push_str(&text);
            } else {
                self.plain.push_str(&text);
            }
        } else {
            // No text: how it is stated matters to nobody here, unless it is stated twice.
            sure = stands_once(headers, "Content-Type");
        }
        if !sure && !self.unsure.contains(&part) {
            self.unsure.push(part);
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

fn stands_once(headers: &[Header<'_>], name: &str) -> bool {
    let same = headers
        .iter()
        .filter(|(header, _)| header.eq_ignore_ascii_case(name));
    same.count() <= 1
}

/// HTML, AMP's (`text/x-amp-html`) and XHTML.
fn is_html(kind: &str) -> bool {
    kind.contains("html") && (kind.starts_with("text/") || kind.starts_with("application/"))
}

/// A parameter of a type, and whether it is stated in the one way that is read here: RFC 2231 knows
/// others.
struct Parameter {
    value: Option<String>,
    sure: bool,
}

/// What the parts of a multipart are told apart by (RFC 2046 section 5.1.1), or what text is written in.
fn parameter(content: &str, wanted: &str) -> Parameter {
    let mut found = Parameter {
        value: None,
        sure: true,
    };
    if !content.contains(';') {
        return found;
    }
    for parameter in parameters(content) {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let name = name.trim();
        let (name, more) = name
            .split_once('*')
            .map_or((name, ""), |(name, _)| (name, "*"));
        let value = value.trim_matches([' ', '\t']);
        if !name.eq_ignore_ascii_case(wanted) || value.is_empty() {
            continue;
        }
        found.sure &= found.value.is_none() && more.is_empty();
        found.value.get_or_insert_with(|| value.to_owned());
    }
    found
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
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}");
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

#[derive(PartialEq, Eq)]
enum Encoding {
    None,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    /// The transfer encoding of a part, if it is known (RFC 2045 section 6.1).
    fn of(headers: &[Header<'_>]) -> Option<Self> {
        let stated = value(headers, "Content-Transfer-Encoding").unwrap_or("7bit");
        match &*stated.to_ascii_lowercase() {
            "" | "7bit" | "8bit" | "binary" => Some(Self::None),
            "quoted-printable" => Some(Self::QuotedPrintable),
            "base64" => Some(Self::Base64),
            _ => None,
        }
    }
}

/// A part without its transfer encoding (RFC 2045 section 6), and whether it is taken away.
fn decoded<'a>(headers: &[Header<'_>], body: &'a [u8]) -> (Cow<'a, [u8]>, bool) {
    let body = body.strip_prefix(b"\r\n\r\n").unwrap_or(body);
    match Encoding::of(headers) {
        Some(Encoding::None) => (body.into(), true),
        Some(Encoding::QuotedPrintable) => (without_quoted_printable(body).into(), true),
        Some(Encoding::Base64) => {
            let text = body.iter().copied();
            let text: Vec<u8> = text.filter(|byte| !byte.is_ascii_whitespace()).collect();
            let read = BASE64.decode(text);
            read.map_or_else(|_| (body.into(), false), |read| (read.into(), true))
        }
        None => (body.into(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mail: &[u8]) -> Texts {
        let (section, body) = split(mail);
        let section = std::str::from_utf8(section).unwrap();
        Texts::of(&super::super::headers(section), body)
    }

    fn texts(mail: &str) -> (String, Option<String>) {
        let texts = read(mail.as_bytes());
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
            let told = read(mail.as_bytes()).unsure;
            let want: &[MailPart] = match case {
                "no header section" => &[],
                _ => &[MailPart::Text],
            };
            assert_eq!(told, want, "{case}");
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
    fn what_readers_may_read_in_two_ways_is_told_with_its_place() {
        let html = "Content-Type: text/html";
        let clean: &[&[u8]] = &[
            b"Content-Type: text/html; charset=\"UTF-8\"\r\n\r\nGr\xc3\xbc\xc3\x9fe",
            b"Content-Type: text/html; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe",
            b"Content-Type: text/html; charset=us-ascii\r\nContent-Transfer-Encoding: 7BIT\r\n\r\nhi",
            b"Content-Type: text/html; charset=ISO-2022-JP\r\n\r\n\x1b$B$3\x1b(B",
            b"Content-Type: text/html; charset=koi8-r\r\n\r\n\xc1",
        ];
        for mail in clean {
            assert_eq!(read(mail).unsure, [], "{}", mail.escape_ascii());
        }
        assert!(read(clean[1]).html.unwrap().contains("Gr\u{fc}\u{df}e"));
        let fullwidth = b"Content-Type: text/html; charset=gbk\r\n\r\n\xa3\xe2it.ly/x";
        assert!(read(fullwidth).html.unwrap().contains("\u{ff42}it.ly/x"));

        let dirty: &[&[u8]] = &[
            b"; charset=utf-8\r\n\r\nGr\xfc\xdfe",
            b"\r\n\r\nGr\xfc\xdfe",
            b"; charset=utf-7\r\n\r\n+AGIAaQB0",
            b"; charset=utf-16\r\n\r\nb\0i\0",
            b"; charset=hz-gb-2312\r\n\r\nhi",
            b"; charset=cp037\r\n\r\nhi",
            b"; charset=iso-8859-1\r\n\r\n\xef\xbb\xbfhi",
            b"; charset=utf-8; charset=koi8-r\r\n\r\nhi",
            b"; charset*=utf-8\r\n\r\nhi",
            b"\r\nContent-Type: text/plain\r\n\r\nhi",
            b"\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nhi",
            b"\r\nContent-Transfer-Encoding: base64\r\n\r\nhi there!",
            b"\r\nContent-Transfer-Encoding: 7bit\r\ncontent-transfer-encoding: base64\r\n\r\naGk=",
        ];
        for rest in dirty {
            let mail = [html.as_bytes(), rest].concat();
            assert_eq!(
                read(&mail).unsure,
                [MailPart::Html],
                "{}",
                rest.escape_ascii()
            );
        }
        let encoded = "Content-Type: multipart/mixed; boundary=b\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n--b\r\n\r\nhi\r\n--b--";
        assert_eq!(read(encoded.as_bytes()).unsure, [MailPart::Text]);
        let amp = "Content-Type: text/x-amp-html\r\n\r\n<b>hi</b>";
        assert!(read(amp.as_bytes()).html.is_some());
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
