//! An OAuth client as it is registered at Google.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

/// The secret of an OAuth client. Printed by nothing.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for ClientSecret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(***)")
    }
}

/// Id, secret and redirect URI of an OAuth client.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OAuthClient {
    /// The public id.
    pub id: String,
    /// The secret.
    pub secret: ClientSecret,
    /// Where Google sends the browser back to: byte for byte as registered.
    pub redirect_uri: Url,
}

impl OAuthClient {
    /// A client.
    pub fn new(id: impl Into<String>, secret: ClientSecret, redirect_uri: Url) -> Self {
        Self {
            id: id.into(),
            secret,
            redirect_uri,
        }
    }
}
