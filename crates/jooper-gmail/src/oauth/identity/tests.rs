use std::sync::Mutex;

use async_trait::async_trait;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jooper_core::ManualClock;
use jooper_transport::{HttpError, HttpRequest};
use serde_json::{Value, json};

use super::*;
use crate::settings::{ClientSecret, OAuthClient};

/// A key server that serves what it is told to and counts.
#[derive(Debug)]
struct KeyServer {
    answer: Mutex<Option<String>>,
    asked: Mutex<u32>,
}

#[async_trait]
impl HttpClient for KeyServer {
    async fn execute(&self, _: HttpRequest) -> Result<http::Response<Bytes>, HttpError> {
        *self.asked.lock().unwrap() += 1;
        // It takes its time, so that others come meanwhile.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let body = self
            .answer
            .lock()
            .unwrap()
            .clone()
            .ok_or(HttpError::NotConnected)?;
        let answer = http::Response::builder().header("cache-control", "public, max-age=3600");
        Ok(answer.body(body.into()).unwrap())
    }
}

struct World {
    keys: Arc<KeyServer>,
    clock: Arc<ManualClock>,
    verifier: IdentityVerifier,
    pair: KeyPair,
}

const NOW: i64 = 1_800_000_000;

fn world() -> World {
    let client = OAuthClient::new(
        "client",
        ClientSecret::new("secret"),
        "https://a.example/cb".parse().unwrap(),
    );
    let settings = Arc::new(GmailSettings::new(client));
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let keys = Arc::new(KeyServer {
        answer: Mutex::new(None),
        asked: Mutex::new(0),
    });
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
    let verifier = IdentityVerifier::new(settings, keys.clone(), clock.clone());
    let world = World {
        keys,
        clock,
        verifier,
        pair,
    };
    world.publish(&["k1"]);
    world
}

impl World {
    fn publish(&self, ids: &[&str]) {
        let public = self.pair.public_key();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (n, e) = components(public.as_der().unwrap().as_ref());
        let keys: Vec<Value> = ids
            .iter()
            .map(|id| json!({"kid": id, "kty": "RSA", "use": "sig", "alg": "RS256", "n": encode(&n), "e": encode(&e)}))
            .collect();
        *self.keys.answer.lock().unwrap() = Some(json!({"keys": keys}).to_string());
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn token(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({
            "iss": "https://accounts.google.com", "aud": "client", "sub": "42", "nonce": "n",
            "exp": NOW + 3600, "iat": NOW, "email": "Ada@Example.com", "email_verified": true,
        });
        change(&mut claims);
        self.sign(&json!({"alg": "RS256", "kid": "k1", "typ": "JWT"}), &claims)
    }

    async fn verdict(&self, token: &str) -> Result<Identity, IdTokenError> {
        let expected = Expected {
            audience: "client",
            nonce: Some("n"),
        };
        self.verifier.verify(token, &expected).await
    }

    /// A token signed with the key of this id, as it says.
    fn rotated(&self, id: &str) -> String {
        let claims = json!({"iss": "accounts.google.com", "aud": "client", "sub": "1", "nonce": "n", "exp": NOW + 99_999});
        self.sign(&json!({"alg": "RS256", "kid": id}), &claims)
    }

    /// The errors of tokens that come at the same time.
    async fn together(&self, tokens: &[String]) -> Vec<Option<IdTokenError>> {
        let verdicts = tokens.iter().map(|token| self.verdict(token));
        let verdicts = futures_util::future::join_all(verdicts).await;
        verdicts.into_iter().map(Result::err).collect()
    }

    fn asked(&self) -> u32 {
        *self.keys.asked.lock().unwrap()
    }
}

/// Modulus and exponent of a SubjectPublicKeyInfo: its two last INTEGERs.
fn components(der: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = der
        .windows(4)
        .position(|w| w == [0x02, 0x82, 0x01, 0x01])
        .unwrap()
        + 4;
    let (modulus, rest) = der[at..].split_at(257);
    assert_eq!(rest[..2], [0x02, 0x03]);
    (modulus[1..].to_vec(), rest[2..5].to_vec())
}

#[tokio::test]
async fn a_good_token_names_its_owner_in_either_issuers_spelling() {
    let world = world();
    let identity = world.verdict(&world.token(|_| {})).await.unwrap();
    assert_eq!(
        (identity.sub.as_str(), identity.email_verified),
        ("42", true)
    );
    assert_eq!(identity.email.unwrap().as_str(), "ada@example.com");
    let bare = world.token(|claims| claims["iss"] = json!("accounts.google.com"));
    assert!(world.verdict(&bare).await.is_ok());
    let text = world.token(|claims| claims["email_verified"] = json!("true"));
    assert!(world.verdict(&text).await.unwrap().email_verified);
    assert_eq!(world.asked(), 1, "the keys are kept");
}

#[tokio::test]
async fn every_wrong_claim_is_refused_by_its_name() {
    let world = world();
    type Change = fn(&mut Value);
    let cases: [(Change, IdTokenError); 10] = [
        (
            |c| c["iss"] = json!("https://evil.example"),
            IdTokenError::Issuer,
        ),
        (|c| c["aud"] = json!("another"), IdTokenError::Audience),
        (
            |c| c["aud"] = json!(["client", "another"]),
            IdTokenError::Audience,
        ),
        (|c| c["aud"] = json!([]), IdTokenError::Audience),
        (|c| c["exp"] = json!(NOW - 121), IdTokenError::Time),
        (|c| c["exp"] = json!(0), IdTokenError::Time),
        (|c| c["iat"] = json!(NOW + 121), IdTokenError::Time),
        (|c| c["nonce"] = json!("another"), IdTokenError::Nonce),
        (|c| c["nonce"] = Value::Null, IdTokenError::Nonce),
        (|c| c["sub"] = json!(""), IdTokenError::Subject),
    ];
    for (change, error) in cases {
        let verdict = world.verdict(&world.token(change)).await;
        assert_eq!(verdict.err(), Some(error));
    }
    let late = world.token(|claims| claims["exp"] = json!(NOW - 119));
    assert!(world.verdict(&late).await.is_ok(), "clocks differ a little");
}

#[tokio::test]
async fn an_unsigned_or_forged_token_is_refused() {
    let world = world();
    let claims = json!({"iss": "accounts.google.com", "aud": "client", "sub": "1", "nonce": "n", "exp": NOW + 9});
    let none = world.sign(&json!({"alg": "none", "kid": "k1"}), &claims);
    assert_eq!(
        world.verdict(&none).await.err(),
        Some(IdTokenError::Algorithm)
    );
    let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
    assert_eq!(
        world.verdict(&unsigned).await.err(),
        Some(IdTokenError::Algorithm)
    );
    let symmetric = world.sign(&json!({"alg": "HS256", "kid": "k1"}), &claims);
    assert_eq!(
        world.verdict(&symmetric).await.err(),
        Some(IdTokenError::Algorithm)
    );
    let critical = world.sign(
        &json!({"alg": "RS256", "kid": "k1", "crit": ["x"]}),
        &claims,
    );
    assert_eq!(
        world.verdict(&critical).await.err(),
        Some(IdTokenError::Algorithm)
    );

    let good = world.token(|_| {});
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let other = URL_SAFE_NO_PAD.encode(claims.to_string());
    let swapped = format!("{header}.{other}.{signature}");
    assert_eq!(
        world.verdict(&swapped).await.err(),
        Some(IdTokenError::Signature)
    );
    let cut = format!("{signed}.{}", &signature[..signature.len() - 2]);
    assert_eq!(
        world.verdict(&cut).await.err(),
        Some(IdTokenError::Signature)
    );
    for malformed in [
        "",
        ".",
        "a.b",
        "a.b.c",
        &format!("{good}.x"),
        &"x".repeat(20_000),
    ] {
        assert_eq!(
            world.verdict(malformed).await.err(),
            Some(IdTokenError::Malformed)
        );
    }
}

#[tokio::test]
async fn keys_rotate_and_unknown_ones_make_us_ask_once_a_minute() {
    let world = world();
    assert!(world.verdict(&world.token(|_| {})).await.is_ok());
    world.publish(&["k1", "k2"]);
    let second = world.rotated("k2");
    let unknown = Some(IdTokenError::UnknownKey);
    assert_eq!(world.verdict(&second).await.err(), unknown, "just asked");
    world.clock.advance_millis(61_000);
    assert!(world.verdict(&second).await.is_ok());
    assert_eq!(world.asked(), 2);
    for n in 0..50 {
        let forged = world.rotated(&format!("x{n}"));
        assert_eq!(world.verdict(&forged).await.err(), unknown);
    }
    assert_eq!(world.asked(), 2, "forged key ids do not make us ask");
    world.clock.advance_millis(61_000);
    assert_eq!(world.verdict(&world.rotated("x")).await.err(), unknown);
    assert_eq!(world.asked(), 3);
    world.publish(&["k2"]);
    world.clock.advance_millis(3_600_000);
    assert_eq!(
        world.verdict(&world.rotated("k1")).await.err(),
        unknown,
        "withdrawn"
    );
}

#[tokio::test]
async fn tokens_that_come_together_make_us_ask_once() {
    let world = world();
    let good = vec![world.token(|_| {}); 20];
    assert_eq!(world.together(&good).await, vec![None; 20]);
    assert_eq!(world.asked(), 1, "the first fetch of all");
    world.clock.advance_millis(61_000);
    let forged: Vec<_> = (0..50).map(|n| world.rotated(&format!("x{n}"))).collect();
    let unknown = vec![Some(IdTokenError::UnknownKey); 50];
    assert_eq!(world.together(&forged).await, unknown);
    assert_eq!(world.asked(), 2, "unknown keys");
    world.publish(&["k1", "k2"]);
    world.clock.advance_millis(61_000);
    let rotated = vec![world.rotated("k2"); 20];
    assert_eq!(world.together(&rotated).await, vec![None; 20]);
    assert_eq!(world.asked(), 3, "a rotation");
    *world.keys.answer.lock().unwrap() = None;
    world.clock.advance_millis(3_600_000);
    let away = vec![Some(IdTokenError::Keys); 50];
    assert_eq!(world.together(&forged).await, away);
    assert_eq!(world.asked(), 4, "a server that is away");
}

#[tokio::test]
async fn a_flood_of_unknown_keys_asks_once_a_minute_by_our_clock() {
    let world = world();
    for second in 0..600 {
        let flood: Vec<_> = (0..3)
            .map(|n| format!("{}.eyJ9.AAAA", header(&format!("x{second}-{n}"))))
            .collect();
        let errors = world.together(&flood).await;
        assert_eq!(errors, vec![Some(IdTokenError::UnknownKey); 3]);
        world.clock.advance_millis(1000);
    }
    assert_eq!(world.asked(), 10);
}

/// The header of a token that names this key.
fn header(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": id}).to_string())
}

#[tokio::test]
async fn a_key_server_that_is_away_is_told_apart_from_a_bad_token() {
    let world = world();
    *world.keys.answer.lock().unwrap() = None;
    let token = world.token(|_| {});
    assert_eq!(world.verdict(&token).await.err(), Some(IdTokenError::Keys));
    world.publish(&["k1"]);
    let rests = world.verdict(&token).await.err();
    assert_eq!(rests, Some(IdTokenError::Keys), "not asked at will");
    world.clock.advance_millis(5_000);
    assert!(world.verdict(&token).await.is_ok());
    *world.keys.answer.lock().unwrap() = Some("<html>".to_owned());
    world.clock.advance_millis(3_500_000);
    assert!(
        world.verdict(&token).await.is_ok(),
        "a known key outlives a short outage"
    );
    world.clock.advance_millis(-7_200_000);
    assert_eq!(
        world.verdict(&token).await.err(),
        Some(IdTokenError::Time),
        "the clock was set back"
    );
}
