//! One URL of Google's, which must be private on the way.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use url::{Host, Url};

/// A URL that tokens and mail may be sent to: `https`, or `http` on the loopback interface.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Endpoint(Url);

/// Why a text is no endpoint. The text is not repeated: it may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It is not a URL with a host.
    #[error("an endpoint must be an absolute http(s) URL")]
    NotUrl,
    /// It would send tokens in the clear.
    #[error("an endpoint must begin with https://, or be http:// on the loopback interface")]
    NotPrivate,
    /// It has a user, a query or a fragment.
    #[error("an endpoint must have no user name, query or fragment")]
    Extra,
}

impl Endpoint {
    /// Checks a URL.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] unless it is `https`, or `http` on the loopback interface.
    pub fn new(url: Url) -> Result<Self, InvalidEndpoint> {
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return Err(InvalidEndpoint::NotUrl),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(InvalidEndpoint::NotPrivate),
            _ => return Err(InvalidEndpoint::NotUrl),
        }
        let extra = !url.username().is_empty() || url.password().is_some();
        if extra || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidEndpoint::Extra);
        }
        Ok(Self(url))
    }

    /// The URL.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// The URL with path segments behind it, each percent-encoded.
    pub(crate) fn join<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        Self::new(Url::parse(text).map_err(|_| InvalidEndpoint::NotUrl)?)
    }
}

impl TryFrom<String> for Endpoint {
    type Error = InvalidEndpoint;

    fn try_from(text: String) -> Result<Self, InvalidEndpoint> {
        text.parse()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.0)
    }
}
