//! One call, ready to be made.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::method::Method;
use crate::settings::Endpoints;

/// A call of the Gmail API without its token.
pub(crate) struct Request {
    pub(crate) method: Method,
    url: Url,
    content_type: Option<HeaderValue>,
    body: Bytes,
}

impl Request {
    /// A call without a body. `tail` follows the method's path: an id.
    pub(crate) fn new(endpoints: &Endpoints, method: Method, tail: Option<&str>) -> Self {
        let root = match method {
            Method::UploadSend => &endpoints.upload,
            _ => &endpoints.gmail,
        };
        let path = ["users", "me"]
            .into_iter()
            .chain(method.path().iter().copied())
            .chain(tail);
        Self {
            method,
            url: root.join(path),
            content_type: None,
            body: Bytes::new(),
        }
    }

    /// Adds a parameter; an empty value adds nothing.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.url.query_pairs_mut().append_pair(name, value);
        }
        self
    }

    /// Adds the same parameter several times.
    pub(crate) fn with_all(mut self, name: &str, values: &[&str]) -> Self {
        self.url
            .query_pairs_mut()
            .extend_pairs(values.iter().map(|value| (name, value)));
        self
    }

    /// Sets the body.
    pub(crate) fn body(mut self, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.content_type = Some(content_type);
        self.body = body.into();
        self
    }

    /// The call with its token, or nothing where the token cannot stand in a header.
    pub(crate) fn authorized(&self, token: &SecretString) -> Option<http::Request<Bytes>> {
        let bearer = bearer(token)?;
        let mut request = http::Request::new(self.body.clone());
        *request.method_mut() = self.method.verb();
        *request.uri_mut() = self.url.as_str().parse().ok()?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(content_type) = &self.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        Some(request)
    }
}

/// The header that carries a token, marked so that nothing prints it; nothing where it cannot stand
/// in a header.
pub(crate) fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).ok()?;
    bearer.set_sensitive(true);
    Some(bearer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_header_prints_its_token() {
        let header = bearer(&"ya29.secret".into()).unwrap();
        assert_eq!(header, "Bearer ya29.secret");
        assert_eq!(format!("{header:?}"), "Sensitive");
        assert!(bearer(&"a\nb".into()).is_none());
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        let endpoints = Endpoints::default();
        let request = Request::new(&endpoints, Method::GetMessage, Some("../../x?y#z"))
            .with("format", "raw")
            .with("pageToken", "")
            .with_all("metadataHeaders", &["To", "In-Reply-To"]);
        assert_eq!(
            request.url.as_str(),
            "https://gmail.googleapis.com/gmail/v1/users/me/messages/..%2F..%2Fx%3Fy%23z\
             ?format=raw&metadataHeaders=To&metadataHeaders=In-Reply-To"
        );
    }
}
