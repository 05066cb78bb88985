//! Whose token it is.

use std::sync::Arc;

use jiff::Timestamp;
use jooper_core::{Clock, EmailAddress};
use jooper_transport::HttpClient;

use super::jwks::KeySet;
use super::jwt::{Claims, IdTokenError, Unverified};
use crate::settings::GmailSettings;

/// How far our clock and Google's may differ.
const LEEWAY_SECONDS: f64 = 120.0;

/// What a token must say.
pub(crate) struct Expected<'a> {
    /// Its audience.
    pub(crate) audience: &'a str,
    /// The nonce of the request it answers.
    pub(crate) nonce: Option<&'a str>,
}

/// Whom a trusted token names.
pub(crate) struct Identity {
    pub(crate) sub: String,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) email_verified: bool,
    pub(crate) hosted_domain: Option<String>,
    pub(crate) name: Option<String>,
}

/// Checks tokens that Google signed (OpenID Connect Core section 3.1.3.7).
#[derive(Debug, Clone)]
pub(crate) struct IdentityVerifier {
    settings: Arc<GmailSettings>,
    clock: Arc<dyn Clock>,
    keys: KeySet,
}

impl IdentityVerifier {
    pub(crate) fn new(
        settings: Arc<GmailSettings>,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let keys = KeySet::new(Arc::clone(&settings), http, Arc::clone(&clock));
        Self {
            settings,
            clock,
            keys,
        }
    }

    /// Checks a token and tells whom it names.
    pub(crate) async fn verify(
        &self,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<Identity, IdTokenError> {
        let unverified = Unverified::parse(token)?;
        let key_id = unverified
            .key_id
            .as_deref()
            .ok_or(IdTokenError::UnknownKey)?;
        let key = self.keys.key(key_id).await?;
        let claims = unverified.verify(&key)?;
        check(
            &claims,
            expected,
            &self.settings.endpoints.issuers,
            self.clock.now(),
        )?;
        Ok(Identity {
            email: claims
                .email
                .as_deref()
                .and_then(|text| EmailAddress::parse(text).ok()),
            sub: claims.sub,
            email_verified: claims.email_verified.0,
            hosted_domain: claims.hd,
            name: claims.name,
        })
    }
}

fn check(
    claims: &Claims,
    expected: &Expected<'_>,
    issuers: &[String],
    now: Timestamp,
) -> Result<(), IdTokenError> {
    if !issuers.contains(&claims.iss) {
        return Err(IdTokenError::Issuer);
    }
    if !claims.aud.is_only(expected.audience) {
        return Err(IdTokenError::Audience);
    }
    let now = now.as_second() as f64;
    let ended = now > claims.exp + LEEWAY_SECONDS;
    let early = claims.iat.is_some_and(|iat| iat > now + LEEWAY_SECONDS);
    // A token without an end has ended.
    if ended || early || claims.exp <= 0.0 {
        return Err(IdTokenError::Time);
    }
    if expected.nonce.is_some() && claims.nonce.as_deref() != expected.nonce {
        return Err(IdTokenError::Nonce);
    }
    if claims.sub.is_empty() {
        return Err(IdTokenError::Subject);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
