//! Where Google is: every URL a setting of its own, since compatible servers differ in each.

use serde::Deserialize;
use url::Url;

use super::endpoint::{Endpoint, InvalidEndpoint};

/// The URLs of Google's services (OpenID discovery document and Gmail discovery document,
/// revision 20261005).
///
/// The batch endpoint is not among them: a few parallel reads do the same with less.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Endpoints {
    /// The consent screen, which the owner's browser opens.
    pub authorize: Endpoint,
    /// Where codes and refresh tokens are exchanged.
    pub token: Endpoint,
    /// Where grants end, on the owner's explicit wish only.
    pub revoke: Endpoint,
    /// The keys that ID tokens are signed with.
    pub jwks: Endpoint,
    /// Who the owner of an access token is.
    pub userinfo: Endpoint,
    /// The Gmail API; `users/me/…` follows.
    pub gmail: Endpoint,
    /// The Gmail API for uploads; `users/me/messages/send` follows.
    pub upload: Endpoint,
    /// The accepted issuers of ID tokens: Google documents two spellings.
    pub issuers: Vec<String>,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            authorize: google("https://accounts.google.com/o/oauth2/v2/auth"),
            token: google("https://oauth2.googleapis.com/token"),
            revoke: google("https://oauth2.googleapis.com/revoke"),
            jwks: google("https://www.googleapis.com/oauth2/v3/certs"),
            userinfo: google("https://openidconnect.googleapis.com/v1/userinfo"),
            gmail: google("https://gmail.googleapis.com/gmail/v1"),
            upload: google("https://gmail.googleapis.com/upload/gmail/v1"),
            issuers: vec![
                "https://accounts.google.com".to_owned(),
                "accounts.google.com".to_owned(),
            ],
        }
    }
}

impl Endpoints {
    /// Google's paths below another root: the simulator, or a compatible server.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] when the root is neither `https` nor loopback.
    pub fn below(root: &Url) -> Result<Self, InvalidEndpoint> {
        let root = Endpoint::new(root.clone())?;
        let at = |path: &str| Endpoint::new(root.join(path.split('/')));
        Ok(Self {
            authorize: at("o/oauth2/v2/auth")?,
            token: at("token")?,
            revoke: at("revoke")?,
            jwks: at("oauth2/v3/certs")?,
            userinfo: at("v1/userinfo")?,
            gmail: at("gmail/v1")?,
            upload: at("upload/gmail/v1")?,
            ..Self::default()
        })
    }
}

fn google(url: &'static str) -> Endpoint {
    url.parse()
        .expect("a constant https URL, which a test parses")
}
