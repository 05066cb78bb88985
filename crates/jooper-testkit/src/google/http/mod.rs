//! Requests and answers as plain values, so that a batch part, a test and a socket go the same way.

mod gzip;
mod mask;
mod multipart;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::gzip::gzip_stored;
pub(crate) use self::mask::apply_mask;
pub(crate) use self::multipart::{boundary_of, parts_of};

/// A request whose body has arrived.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SimRequest {
    pub(crate) method: String,
    /// Decoded, without the query.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    #[serde(with = "body_text")]
    pub(crate) body: Bytes,
}

impl SimRequest {
    /// Splits a request target and keeps the rest.
    pub(crate) fn new(
        method: &str,
        target: &str,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: percent_decode(path),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers,
            body,
        }
    }

    /// The first query value of that name.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every query value of that name, comma-separated lists taken apart.
    pub(crate) fn query_all(&self, name: &str) -> Vec<String> {
        self.query
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, value)| value.split(','))
            .filter(|v| !v.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The bearer token, if the request carries one.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header("Authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::trim)
    }

    /// The body as an HTML form.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }
}

/// A stored body: text as it is, anything else in base64url.
mod body_text {
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use super::super::mime::{base64url, decode_base64url};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Stored {
        Text(String),
        Bytes(String),
    }

    pub(super) fn serialize<S: Serializer>(body: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        let stored = match std::str::from_utf8(body) {
            Ok(text) => Stored::Text(text.to_owned()),
            Err(_) => Stored::Bytes(base64url(body)),
        };
        stored.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        match Stored::deserialize(from)? {
            Stored::Text(text) => Ok(text.into()),
            Stored::Bytes(text) => decode_base64url(&text)
                .map(Into::into)
                .ok_or_else(|| de::Error::custom("not base64url")),
        }
    }
}

/// An answer before it becomes bytes on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SimResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl SimResponse {
    /// An empty answer.
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A JSON answer.
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::new(status)
            .header("Content-Type", "application/json; charset=UTF-8")
            .body(value.to_string().into_bytes())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// Whether the body says it is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type") && value.starts_with("application/json")
        })
    }

    /// The JSON body, where there is one.
    pub(crate) fn value(&self) -> Option<Value> {
        if self.is_json() {
            serde_json::from_slice(&self.body).ok()
        } else {
            None
        }
    }

    /// The same answer with another JSON body.
    pub(crate) fn with_value(mut self, value: &Value) -> Self {
        self.body = value.to_string().into_bytes();
        self
    }
}

/// Takes `%41` apart; a stray percent sign stays.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match pair {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
