//! Google's signing keys, which change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{AGE, CACHE_CONTROL};
use http::{HeaderMap, Request};
use jooper_core::{Clock, to_millis};
use jooper_transport::{HttpClient, HttpRequest};
use serde::Deserialize;

use super::jwt::{IdTokenError, RsaKey};
use crate::settings::GmailSettings;

/// How long keys are kept when the answer does not say.
const UNSAID_AGE_SECONDS: i64 = 3600;
/// How long they are kept at most, whatever the answer says.
const MAX_AGE_SECONDS: i64 = 24 * 3600;
/// How long after one fetch the next is made for an unknown key: forged tokens must not make us
/// ask Google at will.
const REFETCH_SECONDS: i64 = 60;
/// How long after a failed fetch the next is made: then twice as long, and so on, up to the most.
const FAILED_SECONDS: i64 = 5;
/// The longest of these pauses.
const MAX_FAILED_SECONDS: i64 = 320;

#[derive(Debug, Default)]
struct Cache {
    keys: BTreeMap<String, RsaKey>,
    fetched_at: Option<i64>,
    fresh_until: i64,
    /// When the last fetch failed, and how many failed in a row.
    failed: Option<(i64, u32)>,
}

impl Cache {
    /// Whether a fetch failed so shortly ago that another one is not made.
    fn rests(&self, now: i64) -> bool {
        let Some((at, times)) = self.failed else {
            return false;
        };
        let pause = (FAILED_SECONDS << times.saturating_sub(1).min(6)).min(MAX_FAILED_SECONDS);
        // A clock that was set back must not keep it resting for ever.
        (0..pause).contains(&(now - at))
    }
}

/// Google's key set, cached as its `Cache-Control` says.
#[derive(Debug, Clone)]
pub(super) struct KeySet {
    settings: Arc<GmailSettings>,
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    cache: Arc<Mutex<Cache>>,
    /// Held during a fetch, so that tokens which come together cause one.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

/// What the cache says about a key.
enum Found {
    Key(RsaKey),
    Refused(IdTokenError),
    /// Ask; this key stands in where nobody answers.
    Ask(Option<RsaKey>),
}

impl Cache {
    fn find(&self, id: &str, now: i64) -> Found {
        let known = self.keys.get(id);
        // A clock that was set back must not keep old keys for ever: stale, too.
        let fetched = self.fetched_at.filter(|at| *at <= now);
        let fresh = fetched.is_some() && now < self.fresh_until;
        match known {
            Some(key) if fresh => Found::Key(key.clone()),
            None if fetched.is_some_and(|at| now - at < REFETCH_SECONDS) => {
                Found::Refused(IdTokenError::UnknownKey)
            }
            Some(key) if self.rests(now) => Found::Key(key.clone()),
            None if self.rests(now) => Found::Refused(IdTokenError::Keys),
            _ => Found::Ask(known.cloned()),
        }
    }
}

impl KeySet {
    pub(super) fn new(
        settings: Arc<GmailSettings>,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            http,
            clock,
            cache: Arc::default(),
            fetching: Arc::default(),
        }
    }

    fn now(&self) -> i64 {
        to_millis(self.clock.now()) / 1000
    }

    fn find(&self, id: &str, now: i64) -> Found {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.find(id, now)
    }

    /// The key of this id.
    ///
    /// A stale cache is renewed; an unknown id renews it too, at most once a minute. After a
    /// failed renewal the next one waits. Whoever comes during a renewal waits for its end and
    /// makes none of their own.
    pub(super) async fn key(&self, id: &str) -> Result<RsaKey, IdTokenError> {
        match self.find(id, self.now()) {
            Found::Key(key) => return Ok(key),
            Found::Refused(error) => return Err(error),
            Found::Ask(_) => {}
        }
        let _only_one = self.fetching.lock().await;
        let now = self.now();
        let stale = match self.find(id, now) {
            Found::Key(key) => return Ok(key),
            Found::Refused(error) => return Err(error),
            Found::Ask(stale) => stale,
        };
        match self.fetch(now).await {
            Ok(()) => {
                let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
                cache.keys.get(id).cloned().ok_or(IdTokenError::UnknownKey)
            }
            // Keys just past their age are better than locking everybody out of a sign-in while
            // Google's key server is away; a revoked key disappears with the next answer.
            Err(error) => {
                let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
                let times = cache.failed.map_or(0, |(_, times)| times);
                cache.failed = Some((now, times.saturating_add(1)));
                stale.ok_or(error)
            }
        }
    }

    async fn fetch(&self, now: i64) -> Result<(), IdTokenError> {
        let request = Request::get(self.settings.endpoints.jwks.url().as_str())
            .body(Bytes::new())
            .map_err(|_| IdTokenError::Keys)?;
        let timeout = self.settings.timeouts.oauth();
        let request = HttpRequest {
            request,
            last_byte_before: None,
            timeout,
        };
        let answer = self
            .http
            .execute(request)
            .await
            .map_err(|_| IdTokenError::Keys)?;
        if !answer.status().is_success() {
            return Err(IdTokenError::Keys);
        }
        let keys = read(answer.body()).ok_or(IdTokenError::Keys)?;
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        *cache = Cache {
            keys,
            fetched_at: Some(now),
            fresh_until: now.saturating_add(max_age(answer.headers())),
            failed: None,
        };
        Ok(())
    }
}

/// How long an answer may be kept (RFC 9111 section 5.2.2.1).
fn max_age(headers: &HeaderMap) -> i64 {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let said = text(CACHE_CONTROL).and_then(|value| {
        let mut parts = value.split(',').map(str::trim);
        parts.find_map(|part| part.strip_prefix("max-age=")?.parse::<i64>().ok())
    });
    let age = text(AGE)
        .and_then(|value| value.trim().parse::<i64>().ok())
        .unwrap_or(0);
    (said.unwrap_or(UNSAID_AGE_SECONDS) - age.max(0)).clamp(0, MAX_AGE_SECONDS)
}

/// The RSA signing keys of a key set (RFC 7517); others are passed over.
fn read(body: &[u8]) -> Option<BTreeMap<String, RsaKey>> {
    #[derive(Deserialize)]
    struct Set {
        #[serde(default)]
        keys: Vec<Key>,
    }
    #[derive(Deserialize)]
    struct Key {
        #[serde(default)]
        kid: String,
        #[serde(default)]
        kty: String,
        #[serde(default, rename = "use")]
        purpose: Option<String>,
        #[serde(default)]
        n: String,
        #[serde(default)]
        e: String,
    }
    let decode = |text: &str| {
        URL_SAFE_NO_PAD
            .decode(text)
            .or_else(|_| URL_SAFE.decode(text))
            .ok()
            .filter(|b| !b.is_empty())
    };
    let set: Set = serde_json::from_slice(body).ok()?;
    let keys = set.keys.into_iter().filter_map(|key| {
        let signs = key
            .purpose
            .as_deref()
            .is_none_or(|purpose| purpose == "sig");
        if key.kty != "RSA" || !signs {
            return None;
        }
        Some((
            key.kid,
            RsaKey {
                n: decode(&key.n)?,
                e: decode(&key.e)?,
            },
        ))
    });
    let keys: BTreeMap<_, _> = keys.collect();
    (!keys.is_empty()).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_keys_is_what_the_answer_says_within_a_day() {
        let age = |cache: &str, age: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, cache.parse().unwrap());
            headers.insert(AGE, age.parse().unwrap());
            max_age(&headers)
        };
        assert_eq!(age("public, max-age=23474, must-revalidate", "0"), 23474);
        assert_eq!(age("public, max-age=23474", "474"), 23000);
        assert_eq!(age("max-age=100000000", "0"), MAX_AGE_SECONDS);
        assert_eq!(age("max-age=10", "60"), 0);
        assert_eq!(age("public", "0"), UNSAID_AGE_SECONDS);
    }

    #[test]
    fn only_rsa_signing_keys_are_taken() {
        let set = br#"{"keys":[
            {"kid":"a","kty":"RSA","use":"sig","n":"AQAB","e":"AQAB","x5t":"?"},
            {"kid":"b","kty":"EC","crv":"P-256"},
            {"kid":"c","kty":"RSA","use":"enc","n":"AQAB","e":"AQAB"}]}"#;
        assert_eq!(read(set).unwrap().into_keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(read(b"<html>"), None);
    }
}
