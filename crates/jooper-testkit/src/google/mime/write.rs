//! Writes the mail that the population sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::codec::{encode_base64_lines, encode_quoted};

/// A message under construction: headers in order, then one body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    head: String,
}

impl Draft {
    /// Appends a header whose value is ASCII already.
    pub(crate) fn raw(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(name);
        self.head.push_str(": ");
        self.head.push_str(value);
        self.head.push_str("\r\n");
        self
    }

    /// Appends a header of free text.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        let coded = encode_word(value);
        self.raw(name, &coded)
    }

    /// Appends an address header.
    pub(crate) fn address(self, name: &str, display: &str, email: &str) -> Self {
        let value = mailbox(display, email);
        self.raw(name, &value)
    }

    /// Ends with a body entity, as [`text_entity`] and [`multipart`] write it.
    pub(crate) fn body(self, entity: &str) -> Vec<u8> {
        let mut out = self.head.into_bytes();
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        out.extend_from_slice(entity.as_bytes());
        out
    }

    /// Ends with raw bytes that carry their own content headers.
    pub(crate) fn bytes(self, entity: &[u8]) -> Vec<u8> {
        let mut out = self.head.into_bytes();
        out.extend_from_slice(entity);
        out
    }
}

/// `Name <address>`, the name quoted or encoded as needed.
pub(crate) fn mailbox(display: &str, email: &str) -> String {
    if display.is_empty() {
        return email.to_owned();
    }
    if display.is_ascii() {
        format!("\"{}\" <{email}>", display.replace('"', "'"))
    } else {
        format!("{} <{email}>", encode_word(display))
    }
}

/// RFC 2047 when needed; words are cut at character borders so that none exceeds 75.
pub(crate) fn encode_word(value: &str) -> String {
    if value.is_ascii() {
        return value.to_owned();
    }
    let mut words = Vec::new();
    let mut piece = String::new();
    for c in value.chars() {
        if piece.len() + c.len_utf8() > 42 {
            words.push(std::mem::take(&mut piece));
        }
        piece.push(c);
    }
    words.push(piece);
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    words.join("\r\n ")
}

/// A text entity with its headers, in quoted-printable UTF-8.
pub(crate) fn text_entity(mime_type: &str, text: &str) -> String {
    format!(
        "Content-Type: {mime_type}; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
        encode_quoted(text)
    )
}

/// An entity of bytes in base64.
pub(crate) fn binary_entity(content_type: &str, bytes: &[u8]) -> String {
    format!(
        "Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        encode_base64_lines(bytes)
    )
}

/// A multipart entity; `kind` is the subtype with any parameters but the boundary.
pub(crate) fn multipart(kind: &str, boundary: &str, parts: &[String]) -> String {
    let mut out = format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n\r\n");
    for part in parts {
        out.push_str(&format!(
            "--{boundary}\r\n{}\r\n",
            part.strip_suffix("\r\n").unwrap_or(part)
        ));
    }
    out.push_str(&format!("--{boundary}--\r\n"));
    out
}

/// A date as mail writes it (RFC 5322 section 3.3), in UTC.
pub(crate) fn date(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::{Mail, Part, decode_words};
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let subject = "Antwort: Größenordnung für die nächste Lieferung aus Österreich";
        let entity = multipart(
            "alternative",
            "b1",
            &[
                text_entity("text/plain", "Grüße\r\n"),
                text_entity("text/html", "<b>Grüße</b>"),
            ],
        );
        let bytes = Draft::default()
            .address("From", "Jörg", "j@example.com")
            .text("Subject", subject)
            .raw("Date", &date(0))
            .body(&entity);
        let mail = Mail::parse(&bytes);
        assert_eq!(mail.text("Subject").unwrap(), subject);
        assert_eq!(
            mail.header("Date").unwrap(),
            "Thu, 01 Jan 1970 00:00:00 +0000"
        );
        assert_eq!(Part::parse(&bytes).readable(), "Grüße");
        assert_eq!(decode_words(&encode_word("plain")), "plain");
    }
}
