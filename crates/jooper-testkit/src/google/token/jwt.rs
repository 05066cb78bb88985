//! Signed tokens (RS256) and the keys behind them, with rotation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::error::SimulatorError;
use super::super::knobs::{IssuerForm, SECOND};
use super::super::world::World;
use super::grants::Refresh;

/// Making an RSA key takes a tenth of a second, so the simulators of one process share a row of them.
static POOL: Mutex<Vec<Arc<RsaKeyPair>>> = Mutex::new(Vec::new());
/// The key of somebody who only claims to be Google.
static FORGER: OnceLock<Option<RsaKeyPair>> = OnceLock::new();

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredKey {
    kid: String,
    pkcs8: String,
}

/// The keys in the published set; the last one signs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SigningKeys {
    published: Vec<StoredKey>,
    made: usize,
    #[serde(skip)]
    open: BTreeMap<String, Arc<RsaKeyPair>>,
}

impl SigningKeys {
    /// Two keys, as Google usually publishes.
    pub(crate) fn generate() -> Result<Self, SimulatorError> {
        let mut keys = Self::default();
        keys.add()?;
        keys.add()?;
        Ok(keys)
    }

    /// Opens the keys of a stored state again.
    pub(crate) fn reopen(&mut self) -> Result<(), SimulatorError> {
        for key in &self.published {
            let der = URL_SAFE_NO_PAD
                .decode(&key.pkcs8)
                .map_err(|_| SimulatorError::Key)?;
            let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| SimulatorError::Key)?;
            self.open.insert(key.kid.clone(), Arc::new(pair));
        }
        Ok(())
    }

    /// Publishes a new signing key and withdraws the oldest.
    pub(crate) fn rotate(&mut self) -> Result<(), SimulatorError> {
        self.add()?;
        let gone = self.published.remove(0);
        self.open.remove(&gone.kid);
        Ok(())
    }

    fn add(&mut self) -> Result<(), SimulatorError> {
        let pair = pooled(self.made)?;
        self.made += 1;
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&*pair).map_err(|_| SimulatorError::Key)?;
        let kid = format!(
            "{:x}",
            Hex(&digest(&SHA256, pair.public_key().as_ref()).as_ref()[..20])
        );
        self.published.push(StoredKey {
            kid: kid.clone(),
            pkcs8: URL_SAFE_NO_PAD.encode(der.as_ref()),
        });
        self.open.insert(kid, pair);
        Ok(())
    }

    /// The key set as JWKs (RFC 7517).
    pub(crate) fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .published
            .iter()
            .filter_map(|key| {
                let (n, e) = public_numbers(self.open.get(&key.kid)?.public_key().as_ref())?;
                Some(json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": key.kid, "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)}))
            })
            .collect();
        json!({"keys": keys})
    }

    /// Signs claims with the current key.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let key = self.published.last()?;
        signed(self.open.get(&key.kid)?, &key.kid, claims)
    }

    /// Signs claims with a key that was never published, under the current key's name or a stale one.
    pub(crate) fn forge(&self, claims: &Value, stale_kid: bool) -> Option<String> {
        let pair = FORGER
            .get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).ok())
            .as_ref()?;
        let kid = if stale_kid {
            "0000000000000000000000000000000000000000"
        } else {
            &self.published.last()?.kid
        };
        signed(pair, kid, claims)
    }
}

/// An ID token as OpenID Connect Core section 2 and Google's guide describe it.
pub(super) fn id_token(
    world: &World,
    token: &Refresh,
    scopes: &[String],
    access: &str,
    nonce: Option<&str>,
) -> Option<String> {
    let user = world.directory.users.get(&token.sub)?;
    let issuer = match world.knobs.issuer {
        IssuerForm::WithScheme => "https://accounts.google.com",
        IssuerForm::Bare => "accounts.google.com",
    };
    let now = world.now / SECOND;
    let half = &digest(&SHA256, access.as_bytes()).as_ref()[..16].to_vec();
    let mut claims = json!({
        "iss": issuer, "azp": token.client_id, "aud": token.client_id, "sub": user.sub,
        "at_hash": URL_SAFE_NO_PAD.encode(half), "iat": now, "exp": now + world.knobs.id_token_seconds,
    });
    if let Some(hd) = &user.hd {
        claims["hd"] = json!(hd);
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    if scopes.iter().any(|scope| scope == super::EMAIL_URL) {
        claims["email"] = json!(user.email);
        claims["email_verified"] = json!(user.email_verified);
    }
    if scopes.iter().any(|scope| scope == super::PROFILE_URL) {
        claims["name"] = json!(user.name);
    }
    world.keys.sign(&claims)
}

fn pooled(index: usize) -> Result<Arc<RsaKeyPair>, SimulatorError> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    while pool.len() <= index {
        pool.push(Arc::new(
            RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| SimulatorError::Key)?,
        ));
    }
    Ok(Arc::clone(&pool[index]))
}

fn signed(pair: &RsaKeyPair, kid: &str, claims: &Value) -> Option<String> {
    let header = json!({"alg": "RS256", "kid": kid, "typ": "JWT"});
    let input = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        input.as_bytes(),
        &mut signature,
    )
    .ok()?;
    Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Modulus and exponent out of a DER `RSAPublicKey` (RFC 8017 appendix A.1.1).
fn public_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_value(der, 0x30)?;
    let (n, rest) = der_value(sequence, 0x02)?;
    let (e, _) = der_value(rest, 0x02)?;
    Some((n.strip_prefix(&[0]).unwrap_or(n), e))
}

fn der_value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    if *length < 0x80 {
        return rest.split_at_checked(usize::from(*length));
    }
    let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
    rest.split_at_checked(
        bytes
            .iter()
            .fold(0usize, |sum, b| (sum << 8) | usize::from(*b)),
    )
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::LowerHex for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    fn verify(keys: &SigningKeys, token: &str) -> bool {
        let (input, signature) = token.rsplit_once('.').unwrap();
        let header: Value = serde_json::from_slice(
            &URL_SAFE_NO_PAD
                .decode(input.split('.').next().unwrap())
                .unwrap(),
        )
        .unwrap();
        let set = keys.jwks();
        let Some(key) = set["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == header["kid"])
        else {
            return false;
        };
        let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let public = RsaPublicKeyComponents {
            n: number("n"),
            e: number("e"),
        };
        public
            .verify(
                &RSA_PKCS1_2048_8192_SHA256,
                input.as_bytes(),
                &URL_SAFE_NO_PAD.decode(signature).unwrap(),
            )
            .is_ok()
    }

    #[test]
    fn tokens_verify_against_the_published_set_until_the_key_is_gone() {
        let mut keys = SigningKeys::generate().unwrap();
        let token = keys.sign(&json!({"sub": "1"})).unwrap();
        assert!(verify(&keys, &token));
        assert!(!verify(
            &keys,
            &keys.forge(&json!({"sub": "1"}), false).unwrap()
        ));
        let mut again: SigningKeys =
            serde_json::from_str(&serde_json::to_string(&keys).unwrap()).unwrap();
        again.reopen().unwrap();
        assert!(verify(&again, &token));
        keys.rotate().unwrap();
        assert!(verify(&keys, &token));
        keys.rotate().unwrap();
        assert!(!verify(&keys, &token));
    }
}
