//! What proves an erasure to the person and to an authority, without this system.
//!
//! A JSON text: the statement, the public key and an Ed25519 signature (RFC 8032) over the
//! statement in canonical form (objects sorted by key, no white space), so that formatting may
//! change on the way and content may not.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use jooper_core::{EmailAddress, InstallationId, LeadId, RequestId, WorkspaceId};
use jooper_vault::KeyBytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The `format` of every statement.
const FORMAT: &str = "jooper erasure certificate";
/// The `version` of a statement. Readers take higher ones and ignore what they do not know.
const VERSION: u32 = 1;

/// What was done, in a form that a person can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statement {
    /// Always `jooper erasure certificate`.
    pub format: String,
    /// The version of this form.
    pub version: u32,
    /// The version of jooper.
    pub software: String,
    /// Which installation erased.
    pub installation: InstallationId,
    /// On whose behalf.
    pub workspace: WorkspaceId,
    /// The request.
    pub request: RequestId,
    /// Whom: a random id.
    pub subject: LeadId,
    /// The erased addresses, each hidden under a salt that only the person is given.
    pub addresses: Vec<String>,
    /// When the request came in.
    pub received_at: Timestamp,
    /// From when on no mail started any more.
    pub stopped_at: Timestamp,
    /// When the data was gone from the live system.
    pub erased_at: Timestamp,
    /// What was done where.
    pub results: Vec<StoreResult>,
    /// From when on no backup can be read either.
    pub backups: Backups,
    /// What is kept, and why.
    pub kept: Vec<Kept>,
    /// What this system cannot reach.
    pub out_of_scope: Vec<String>,
}

/// What was done in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreResult {
    /// The place.
    pub store: String,
    /// How far the erasure reaches there.
    pub level: Level,
    /// The same in words.
    pub what: String,
}

/// How far an erasure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// The rows and their bytes are gone.
    Absent,
    /// The rows are gone and nothing reads them any more; their bytes, sealed under a destroyed
    /// key, leave the files with the database's own housekeeping.
    Unreachable,
    /// The key is destroyed: what it sealed is noise.
    KeyDestroyed,
    /// Gone from backups by the date under `backups`.
    AbsentFromBackups,
}

/// From when on no backup can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backups {
    /// The date: erasure, plus the length of a key epoch, plus the age of the oldest backup of the
    /// key store.
    pub unreadable_from: Timestamp,
    /// The epoch whose end it is.
    pub epoch: u64,
    /// The length of an epoch, in days.
    pub epoch_days: u32,
    /// How long backups of the key store are kept, in days.
    pub key_backup_days: u32,
    /// What remains in them.
    pub remains: String,
}

/// Something that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// A signed [`Statement`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    statement: Value,
    public_key: [u8; 32],
    signature: Vec<u8>,
}

/// Why a certificate proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCertificate {
    /// It is not the JSON of a certificate.
    #[error("this is not an erasure certificate")]
    Form,
    /// It was signed by somebody else.
    #[error("the certificate was signed with another key than the one expected")]
    OtherKey,
    /// It was changed after it was signed.
    #[error("the certificate was changed after it was signed")]
    Signature,
}

impl Certificate {
    /// Signs a statement.
    pub(crate) fn sign(statement: &Statement, seed: &KeyBytes) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose())
            .expect("every 32 bytes are an Ed25519 seed");
        let statement = serde_json::to_value(statement)
            .expect("a struct of strings, numbers and times is always valid JSON");
        let mut public_key = [0; 32];
        public_key.copy_from_slice(pair.public_key().as_ref());
        let signature = pair
            .sign(canonical(&statement).as_bytes())
            .as_ref()
            .to_vec();
        Self {
            statement,
            public_key,
            signature,
        }
    }

    /// Reads a certificate. It proves nothing before [`Certificate::verify`].
    ///
    /// # Errors
    /// [`InvalidCertificate::Form`].
    pub fn parse(text: &str) -> Result<Self, InvalidCertificate> {
        let form = InvalidCertificate::Form;
        let mut whole: Map<String, Value> = serde_json::from_str(text).map_err(|_| form)?;
        let bytes =
            |value: Option<Value>| -> Option<Vec<u8>> { BASE64.decode(value?.as_str()?).ok() };
        let public_key = bytes(whole.remove("public_key")).ok_or(form)?;
        let signature = bytes(whole.remove("signature")).ok_or(form)?;
        let statement = whole.remove("statement").ok_or(form)?;
        if !whole.is_empty() {
            return Err(form);
        }
        Ok(Self {
            statement,
            public_key: public_key.try_into().map_err(|_| form)?,
            signature,
        })
    }

    /// The statement, if the certificate was signed with this key and not changed since.
    ///
    /// Needs neither network nor clock. Where the expected key comes from decides what this
    /// proves: from the installation's own page, not from the certificate.
    ///
    /// # Errors
    /// [`InvalidCertificate`] says what is wrong.
    pub fn verify(&self, expected_key: &[u8; 32]) -> Result<Statement, InvalidCertificate> {
        if self.public_key != *expected_key {
            return Err(InvalidCertificate::OtherKey);
        }
        UnparsedPublicKey::new(&ED25519, &self.public_key)
            .verify(canonical(&self.statement).as_bytes(), &self.signature)
            .map_err(|_| InvalidCertificate::Signature)?;
        let statement: Statement =
            serde_json::from_value(self.statement.clone()).map_err(|_| InvalidCertificate::Form)?;
        if statement.format == FORMAT {
            Ok(statement)
        } else {
            Err(InvalidCertificate::Form)
        }
    }

    /// The key that it says it was signed with.
    pub const fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// The text to hand over.
    pub fn to_json(&self) -> String {
        let whole = json!({
            "statement": self.statement,
            "public_key": BASE64.encode(self.public_key),
            "signature": BASE64.encode(&self.signature),
        });
        format!("{whole:#}\n")
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl Statement {
    pub(crate) fn form() -> (String, u32) {
        (FORMAT.to_owned(), VERSION)
    }

    /// Whether this is about the person with this address, as whoever holds the salt can show.
    pub fn is_about(&self, salt: &[u8; 32], address: &EmailAddress) -> bool {
        let commitment = commitment(salt, address);
        self.addresses.contains(&commitment)
    }
}

/// HMAC-SHA256 of an address under the person's salt: without the salt, candidates cannot be tried.
pub(crate) fn commitment(salt: &[u8; 32], address: &EmailAddress) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, salt);
    let text = format!("{FORMAT}\0{}", address.as_str());
    BASE64.encode(hmac::sign(&key, text.as_bytes()))
}

/// JSON with sorted keys and no white space. Statements hold no fractions, whose text could vary.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
