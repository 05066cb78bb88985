//! A message as an ordered list of headers and a body, so that one header can be changed and every
//! other byte stays.

use super::word::decode_words;

/// One header field with its bytes as they stood, folding included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// After the colon, folds kept, without the closing line break.
    pub(crate) raw: Vec<u8>,
}

impl Field {
    /// The value on one line, encoded words untouched.
    pub(crate) fn value(&self) -> String {
        let text = String::from_utf8_lossy(&self.raw);
        text.replace("\r\n", "")
            .replace(['\r', '\n'], "")
            .trim()
            .to_owned()
    }
}

/// A parsed message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mail {
    pub(crate) fields: Vec<Field>,
    pub(crate) body: Vec<u8>,
}

impl Mail {
    /// Reads a message; lines that are no header and no fold are dropped.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = rest
                .iter()
                .position(|b| *b == b'\n')
                .map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            rest = after;
            let line = trim_line_end(line);
            if line.is_empty() {
                break;
            }
            if line[0] == b' ' || line[0] == b'\t' {
                if let Some(field) = fields.last_mut() {
                    field.raw.extend_from_slice(b"\r\n");
                    field.raw.extend_from_slice(line);
                }
            } else if let Some(colon) = line.iter().position(|b| *b == b':') {
                let name = String::from_utf8_lossy(&line[..colon]).trim().to_owned();
                if !name.is_empty() && !name.contains(' ') {
                    fields.push(Field {
                        name,
                        raw: line[colon + 1..].to_vec(),
                    });
                }
            }
        }
        Self {
            fields,
            body: rest.to_vec(),
        }
    }

    /// The first field of that name, on one line.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.fields
            .iter()
            .find(|f| f.name.eq_ignore_ascii_case(name))
            .map(Field::value)
    }

    /// Every field of that name, on one line each.
    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        self.fields
            .iter()
            .filter(|f| f.name.eq_ignore_ascii_case(name))
            .map(Field::value)
            .collect()
    }

    /// The first field of that name with RFC 2047 words decoded.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.header(name).map(|value| decode_words(&value))
    }

    /// Removes every field of that name; returns the first value.
    pub(crate) fn remove(&mut self, name: &str) -> Option<String> {
        let old = self.header(name);
        self.fields.retain(|f| !f.name.eq_ignore_ascii_case(name));
        old
    }

    /// Replaces a field in its place, or appends it.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let raw = format!(" {value}").into_bytes();
        let mut seen = false;
        self.fields.retain_mut(|f| {
            if !f.name.eq_ignore_ascii_case(name) {
                return true;
            }
            let first = !seen;
            seen = true;
            if first {
                f.raw.clone_from(&raw);
            }
            first
        });
        if !seen {
            self.fields.push(Field {
                name: name.to_owned(),
                raw,
            });
        }
    }

    /// Puts a field before all others, as a receiving server does.
    pub(crate) fn prepend(&mut self, name: &str, value: &str) {
        self.fields.insert(
            0,
            Field {
                name: name.to_owned(),
                raw: format!(" {value}").into_bytes(),
            },
        );
    }

    /// The `<…>` ids of a field such as `References`.
    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        self.headers(name)
            .iter()
            .flat_map(|value| message_ids(value))
            .collect()
    }

    /// The message in wire form.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() + 1024);
        for field in &self.fields {
            out.extend_from_slice(field.name.as_bytes());
            out.push(b':');
            out.extend_from_slice(&field.raw);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
        out
    }
}

/// The `<…>` tokens in a header value, brackets kept.
fn message_ids(value: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let Some(length) = rest[open..].find('>') else {
            break;
        };
        ids.push(rest[open..=open + length].to_owned());
        rest = &rest[open + length + 1..];
    }
    ids
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"From: a@example.com\r\nSubject: long\r\n folded\r\nReferences: <x@y>\r\n\t<z@y>\r\n\r\nHello\r\n";

    #[test]
    fn untouched_fields_keep_their_bytes() {
        let mail = Mail::parse(MAIL);
        assert_eq!(mail.to_bytes(), MAIL);
        assert_eq!(mail.header("subject").unwrap(), "long folded");
        assert_eq!(mail.ids("References"), ["<x@y>", "<z@y>"]);
    }

    #[test]
    fn a_field_is_replaced_in_place_and_its_doubles_go() {
        let mut mail = Mail::parse(b"A: 1\nB: 2\na: 3\n\nbody");
        mail.set("A", "9");
        assert_eq!(mail.to_bytes(), b"A: 9\r\nB: 2\r\n\r\nbody");
    }

    #[test]
    fn rubbish_lines_do_not_end_the_headers() {
        let mail = Mail::parse(b"not a header\nA: 1\n\nx");
        assert_eq!(mail.header("A").unwrap(), "1");
        assert_eq!(mail.body, b"x");
    }
}
