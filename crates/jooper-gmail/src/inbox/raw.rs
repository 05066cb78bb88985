//! The raw text of a message: what a server leaves out elsewhere stands here.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jooper_transport::TransportError;

use crate::api::{Header, Message, Method, Request};
use crate::call::Manner;
use crate::gmail::Inner;
use crate::session::Session;

impl Inner {
    /// The bytes of a message (`users.messages.get`, `format=raw`).
    pub(crate) async fn raw(
        &self,
        session: &Session,
        id: &str,
        manner: Manner,
    ) -> Result<Vec<u8>, TransportError> {
        let request = Request::new(&self.settings.endpoints, Method::GetMessage, Some(id))
            .with("format", "raw");
        let message: Message = self.call(session, &request, manner).await?;
        decode(&message.raw).ok_or(TransportError::Protocol("a message without its raw text"))
    }

    /// Some headers of one message (`users.messages.get`, `format=metadata`).
    ///
    /// `payload.headers` may hold a part of the header only: where a field is not in it that the
    /// message must have, the raw text is read for all of them.
    pub(crate) async fn metadata(
        &self,
        session: &Session,
        id: &str,
        (headers, must): (&[&str], &str),
        manner: Manner,
    ) -> Result<Message, TransportError> {
        let request = Request::new(&self.settings.endpoints, Method::GetMessage, Some(id))
            .with("format", "metadata")
            .with_all("metadataHeaders", headers);
        let mut message: Message = self.call(session, &request, manner).await?;
        if message.header(must).is_none() {
            let manner = Manner {
                prepaid: false,
                ..manner
            };
            match self.raw(session, id, manner).await {
                Ok(raw) => message.payload.headers = fields(&raw),
                // As good as it gets: what is known decides.
                Err(TransportError::Protocol(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(message)
    }
}

/// Reads base64 in either alphabet, padded or not: servers differ.
fn decode(text: &str) -> Option<Vec<u8>> {
    const ANY: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let alphabet = if text.contains(['+', '/']) {
        &STANDARD
    } else {
        &URL_SAFE
    };
    let bytes = GeneralPurpose::new(alphabet, ANY).decode(text).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// The header fields of a mail, unfolded (RFC 5322 section 2.2).
fn fields(raw: &[u8]) -> Vec<Header> {
    let mut fields: Vec<Header> = Vec::new();
    for line in raw.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            if let Some(field) = fields.last_mut() {
                field.value.push_str(&line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push(Header {
                name: name.trim_end().to_owned(),
                value: value.trim().to_owned(),
            });
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_mail_is_read_in_any_base64() {
        let mail = vec![0xfb, 0xff, 0xfe, b'a'];
        for text in ["-__-YQ", "-__-YQ==", "+//+YQ==", "+//+\r\nYQ"] {
            assert_eq!(decode(text), Some(mail.clone()), "{text}");
        }
        assert_eq!(decode(""), None);
        assert_eq!(decode("*"), None);
    }

    #[test]
    fn the_header_ends_at_the_first_empty_line_and_its_fields_are_unfolded() {
        let raw = b"From: A <a@b.example>\r\nReferences: <one@x>\r\n\t<two@x>\r\nno field\nTo :\xff\r\n\r\nBcc: text";
        let fields: Vec<_> = fields(raw).into_iter().map(|h| (h.name, h.value)).collect();
        let told: Vec<_> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("From", "A <a@b.example>"),
                ("References", "<one@x>\t<two@x>"),
                ("To", "\u{fffd}"),
            ]
        );
        assert!(super::fields(b"\r\nFrom: x").is_empty());
    }
}
