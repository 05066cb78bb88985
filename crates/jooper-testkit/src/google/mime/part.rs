//! The tree of parts that `format=full` shows.

use super::codec::{decode_base64, decode_quoted};
use super::message::Mail;
use super::word::{decode_charset, decode_words};

/// Deeper nesting is shown as one opaque part, as a mime bomb deserves.
const DEPTH: usize = 20;

/// One part with its transfer encoding already removed.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// `""` for the message itself, then `0`, `1`, `1.0`, ….
    pub(crate) id: String,
    pub(crate) mail: Mail,
    /// Lower case, `text/plain` when the message does not say.
    pub(crate) mime_type: String,
    pub(crate) charset: String,
    pub(crate) filename: String,
    /// Decoded content; empty for multiparts.
    pub(crate) content: Vec<u8>,
    pub(crate) parts: Vec<Self>,
}

impl Part {
    /// Reads a whole message.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self::read(bytes, String::new(), 0)
    }

    fn read(bytes: &[u8], id: String, depth: usize) -> Self {
        let mail = Mail::parse(bytes);
        let content_type = mail
            .header("Content-Type")
            .unwrap_or_else(|| "text/plain".to_owned());
        let mime_type = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        let mime_type = if mime_type.contains('/') {
            mime_type
        } else {
            "text/plain".to_owned()
        };
        let charset = parameter(&content_type, "charset").unwrap_or_else(|| "utf-8".to_owned());
        let disposition = mail.header("Content-Disposition").unwrap_or_default();
        let filename = parameter(&disposition, "filename")
            .or_else(|| parameter(&content_type, "name"))
            .map(|n| decode_words(&n))
            .unwrap_or_default();
        let mut part = Self {
            id,
            mime_type,
            charset,
            filename,
            content: Vec::new(),
            parts: Vec::new(),
            mail,
        };
        let boundary = parameter(&content_type, "boundary")
            .filter(|_| part.mime_type.starts_with("multipart/"));
        let nested: Vec<Vec<u8>> = match boundary {
            Some(boundary) if depth < DEPTH => split(&part.mail.body, &boundary),
            _ if part.mime_type == "message/rfc822" && depth < DEPTH => {
                vec![part.mail.body.clone()]
            }
            _ => {
                part.content = decode_transfer(&part.mail);
                return part;
            }
        };
        for (index, piece) in nested.iter().enumerate() {
            let id = if part.id.is_empty() {
                index.to_string()
            } else {
                format!("{}.{index}", part.id)
            };
            part.parts.push(Self::read(piece, id, depth + 1));
        }
        part
    }

    /// The part with that id, here or below.
    pub(crate) fn find(&self, id: &str) -> Option<&Self> {
        if self.id == id {
            Some(self)
        } else {
            self.parts.iter().find_map(|part| part.find(id))
        }
    }

    /// The first text of that type, decoded to UTF-8.
    pub(crate) fn body_text(&self, mime_type: &str) -> Option<String> {
        if self.mime_type == mime_type && self.filename.is_empty() {
            return Some(decode_charset(&self.content, &self.charset));
        }
        self.parts
            .iter()
            .filter(|_| self.mime_type != "message/rfc822")
            .find_map(|part| part.body_text(mime_type))
    }

    /// Whether any part has a file name.
    pub(crate) fn has_attachment(&self) -> bool {
        !self.filename.is_empty() || self.parts.iter().any(Self::has_attachment)
    }

    /// Readable text of the message: the plain part, or the HTML one without its tags.
    pub(crate) fn readable(&self) -> String {
        self.body_text("text/plain")
            .or_else(|| self.body_text("text/html").map(|html| strip_tags(&html)))
            .unwrap_or_default()
    }
}

fn decode_transfer(mail: &Mail) -> Vec<u8> {
    match mail
        .header("Content-Transfer-Encoding")
        .unwrap_or_default()
        .to_lowercase()
        .as_str()
    {
        "base64" => decode_base64(&mail.body),
        "quoted-printable" => decode_quoted(&mail.body),
        _ => mail.body.clone(),
    }
}

/// A parameter of a structured header, RFC 2231's simple `name*=` form included.
pub(crate) fn parameter(value: &str, name: &str) -> Option<String> {
    for piece in split_parameters(value).iter().skip(1) {
        let Some((key, text)) = piece.split_once('=') else {
            continue;
        };
        let (key, text) = (key.trim(), text.trim().trim_matches('"'));
        if key.eq_ignore_ascii_case(name) {
            return Some(text.to_owned());
        }
        if key
            .strip_suffix('*')
            .is_some_and(|key| key.eq_ignore_ascii_case(name))
        {
            let coded = text.rsplit('\'').next().unwrap_or(text).replace('%', "=");
            return Some(String::from_utf8_lossy(&decode_quoted(coded.as_bytes())).into_owned());
        }
    }
    None
}

fn split_parameters(value: &str) -> Vec<String> {
    let (mut out, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for c in value.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                current.push(c);
            }
            ';' if !quoted => out.push(std::mem::take(&mut current)),
            _ => current.push(c),
        }
    }
    out.push(current);
    out
}

/// The bodies between boundary lines (RFC 2046 section 5.1.1); a missing end is forgiven.
pub(crate) fn split(body: &[u8], boundary: &str) -> Vec<Vec<u8>> {
    let open = format!("--{boundary}");
    let close = format!("--{boundary}--");
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut current: Option<Vec<u8>> = None;
    for line in body.split_inclusive(|b| *b == b'\n') {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        if text == open || text == close {
            if let Some(mut done) = current.take() {
                let keep = done.len()
                    - if done.ends_with(b"\r\n") {
                        2
                    } else {
                        usize::from(done.ends_with(b"\n"))
                    };
                done.truncate(keep);
                parts.push(done);
            }
            if text == close {
                return parts;
            }
            current = Some(Vec::new());
        } else if let Some(part) = &mut current {
            part.extend_from_slice(line);
        }
    }
    parts.extend(current);
    parts
}

/// Text of an HTML document, roughly: tags out, the commonest entities resolved.
pub(crate) fn strip_tags(html: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    let out = out
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NESTED: &str = "Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\npreamble\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n\
        --i\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n--i\r\n\
        Content-Type: text/html\r\n\r\n<p>Gr\u{fc}&amp;</p>\r\n--i--\r\n--o\r\nContent-Type: application/pdf; name=a.pdf\r\n\
        Content-Disposition: attachment; filename*=utf-8''%C3%84.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nSGk=\r\n--o--\r\n";

    #[test]
    fn a_tree_is_numbered_and_decoded() {
        let root = Part::parse(NESTED.as_bytes());
        assert_eq!(root.parts.len(), 2);
        assert_eq!(root.find("0.0").unwrap().mime_type, "text/plain");
        assert_eq!(root.readable(), "Grüße");
        assert_eq!(root.body_text("text/html").unwrap(), "<p>Grü&amp;</p>");
        let file = root.find("1").unwrap();
        assert_eq!(
            (file.filename.as_str(), file.content.as_slice()),
            ("Ä.pdf", &b"Hi"[..])
        );
        assert!(root.has_attachment());
    }

    #[test]
    fn a_bomb_stops_at_a_depth() {
        let bomb = "Content-Type: message/rfc822\r\n\r\n".repeat(1000);
        let mut part = &Part::parse(bomb.as_bytes());
        let mut depth = 0;
        while let Some(next) = part.parts.first() {
            part = next;
            depth += 1;
        }
        assert_eq!(depth, DEPTH);
    }
}
