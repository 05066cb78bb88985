//! Signed tokens: read, and trusted only as far as their signature (RFC 7515, RFC 7519).

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

/// Why a token is not to be trusted. It says nothing of what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// It is not a signed token.
    #[error("it is not a signed token")]
    Malformed,
    /// It is not signed with RS256: `none` and symmetric keys are never accepted (RFC 8725
    /// section 3.1).
    #[error("its algorithm is not RS256")]
    Algorithm,
    /// None of Google's present keys has its id.
    #[error("it is signed with an unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("its signature is wrong")]
    Signature,
    /// Somebody else issued it.
    #[error("it comes from another issuer")]
    Issuer,
    /// It is meant for somebody else.
    #[error("it is meant for another client")]
    Audience,
    /// It has ended, or begins in the future.
    #[error("it has ended or is not valid yet; check this machine's clock")]
    Time,
    /// It answers another request.
    #[error("it answers another request")]
    Nonce,
    /// It names nobody, or an unverified address.
    #[error("it names nobody, or an address that is not verified")]
    Subject,
    /// The keys could not be fetched.
    #[error("the keys to check it could not be fetched")]
    Keys,
}

/// A token taken apart, not yet trusted.
pub(super) struct Unverified<'a> {
    signed: &'a [u8],
    claims: &'a str,
    signature: Vec<u8>,
    /// Which key is said to have signed it.
    pub(super) key_id: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// The longest token that is looked at.
const MAX_TOKEN: usize = 16 * 1024;

impl<'a> Unverified<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, IdTokenError> {
        if token.len() > MAX_TOKEN {
            return Err(IdTokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(IdTokenError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(IdTokenError::Malformed)?;
        let header: Header = decode_json(header)?;
        if header.alg != "RS256" || header.crit.is_some() {
            return Err(IdTokenError::Algorithm);
        }
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| IdTokenError::Malformed)?;
        Ok(Self {
            signed: signed.as_bytes(),
            claims,
            signature,
            key_id: header.kid,
        })
    }

    /// The claims, if this key has signed them.
    pub(super) fn verify(&self, key: &RsaKey) -> Result<Claims, IdTokenError> {
        RsaPublicKeyComponents {
            n: &key.n,
            e: &key.e,
        }
        .verify(&RSA_PKCS1_2048_8192_SHA256, self.signed, &self.signature)
        .map_err(|_| IdTokenError::Signature)?;
        decode_json(self.claims)
    }
}

fn decode_json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, IdTokenError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| IdTokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| IdTokenError::Malformed)
}

/// An RSA public key: modulus and exponent, big-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RsaKey {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
}

/// What an ID token or push token says (OpenID Connect Core section 2).
#[derive(Deserialize)]
pub(super) struct Claims {
    #[serde(default)]
    pub(super) iss: String,
    #[serde(default)]
    pub(super) sub: String,
    #[serde(default)]
    pub(super) aud: Audience,
    #[serde(default)]
    pub(super) exp: f64,
    #[serde(default)]
    pub(super) iat: Option<f64>,
    #[serde(default)]
    pub(super) nonce: Option<String>,
    #[serde(default)]
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) email_verified: Flag,
    #[serde(default)]
    pub(super) hd: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
}

/// One audience or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Audience {
    /// Whether it is meant for this one, and nobody else.
    pub(super) fn is_only(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => !many.is_empty() && many.iter().all(|one| one == wanted),
        }
    }
}

/// A boolean that some servers write as text.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(from = "Value")]
pub(super) struct Flag(pub(super) bool);

impl From<Value> for Flag {
    fn from(value: Value) -> Self {
        Self(value == Value::Bool(true) || value == Value::String("true".to_owned()))
    }
}
