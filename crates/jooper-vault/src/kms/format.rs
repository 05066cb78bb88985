//! The key file: a small JSON text whose one secret part is sealed under the passphrase.
//!
//! The header (installation, Argon2id settings, salt) is authenticated with the sealed part.

use std::collections::BTreeMap;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jooper_core::InstallationId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::aad::Fields;
use crate::key::KeyBytes;
use crate::kms::KmsError;

const FORMAT: &str = "jooper key file";
const VERSION: u32 = 1;

/// How dear one guess of the passphrase is (Argon2id, RFC 9106).
///
/// The default is the RFC's second recommended option (section 4): 64 MiB, 3 passes, 4 lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FileKmsSettings {
    /// Memory in KiB, 8 to 2,097,152.
    pub memory_kib: u32,
    /// Passes over the memory, 1 to 64.
    pub iterations: u32,
    /// Lanes, 1 to 16.
    pub lanes: u32,
}

impl Default for FileKmsSettings {
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            iterations: 3,
            lanes: 4,
        }
    }
}

impl FileKmsSettings {
    /// The cheapest settings that Argon2 allows. For tests only: they protect nothing.
    pub const fn cheap() -> Self {
        Self {
            memory_kib: 8,
            iterations: 1,
            lanes: 1,
        }
    }

    /// Bounds keep a damaged file from asking for all memory.
    fn params(self) -> Result<Params, KmsError> {
        let sound = (8..=2 * 1024 * 1024).contains(&self.memory_kib)
            && (1..=64).contains(&self.iterations)
            && (1..=16).contains(&self.lanes);
        if !sound {
            return Err(KmsError::Settings(
                "8 KiB to 2 GiB of memory, 1 to 64 passes, 1 to 16 lanes",
            ));
        }
        Params::new(self.memory_kib, self.iterations, self.lanes, Some(32))
            .map_err(|_| KmsError::Settings("at least 8 KiB of memory per lane"))
    }
}

/// What the file tells without the passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    format: String,
    version: u32,
    pub(super) installation: InstallationId,
    argon2id: FileKmsSettings,
    salt: String,
}

#[derive(Serialize, Deserialize)]
struct Text {
    #[serde(flatten)]
    header: Header,
    sealed: String,
}

/// What the passphrase protects.
pub(super) struct Secrets {
    pub(super) index_root: KeyBytes,
    pub(super) epochs: BTreeMap<u64, KeyBytes>,
}

impl Header {
    pub(super) fn new(
        installation: InstallationId,
        settings: FileKmsSettings,
        salt: [u8; 16],
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            installation,
            argon2id: settings,
            salt: BASE64.encode(salt),
        }
    }

    /// The key that the passphrase gives.
    pub(super) fn derive(&self, path: &Path, passphrase: &str) -> Result<KeyBytes, KmsError> {
        let salt = BASE64
            .decode(&self.salt)
            .map_err(|_| damaged(path, "the salt"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.argon2id.params()?);
        let mut out = Zeroizing::new([0; 32]);
        argon2
            .hash_password_into(passphrase.as_bytes(), &salt, out.as_mut())
            .map_err(|_| damaged(path, "the salt"))?;
        Ok(KeyBytes::from_bytes(*out))
    }

    fn aad(&self) -> Fields {
        let FileKmsSettings {
            memory_kib,
            iterations,
            lanes,
        } = self.argon2id;
        Fields::of(FORMAT)
            .field(&self.version.to_be_bytes())
            .field(self.installation.uuid().as_bytes())
            .field(&memory_kib.to_be_bytes())
            .field(&iterations.to_be_bytes())
            .field(&lanes.to_be_bytes())
            .field(self.salt.as_bytes())
    }
}

/// Reads a file's text: the header, and the sealed part for [`open`].
pub(super) fn read(path: &Path, text: &[u8]) -> Result<(Header, Vec<u8>), KmsError> {
    let text: Text =
        serde_json::from_slice(text).map_err(|_| damaged(path, "not the JSON of a key file"))?;
    if text.header.format != FORMAT {
        return Err(damaged(path, "another format"));
    }
    if text.header.version != VERSION {
        return Err(damaged(path, "written by a newer version of jooper"));
    }
    let sealed = BASE64
        .decode(&text.sealed)
        .map_err(|_| damaged(path, "the sealed part"))?;
    Ok((text.header, sealed))
}

/// Opens the sealed part.
pub(super) fn open(
    path: &Path,
    header: &Header,
    key: &KeyBytes,
    sealed: &[u8],
) -> Result<Secrets, KmsError> {
    let plain = key
        .cipher()
        .open(header.aad().bytes(), sealed)
        .map_err(|_| KmsError::WrongPassphrase {
            path: path.to_owned(),
        })?;
    secrets(&plain).ok_or_else(|| damaged(path, "the sealed part"))
}

/// The file's text.
pub(super) fn write(
    header: &Header,
    key: &KeyBytes,
    secrets: &Secrets,
) -> Result<Vec<u8>, KmsError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(40 + 40 * secrets.epochs.len()));
    plain.extend_from_slice(secrets.index_root.expose());
    for (epoch, key) in &secrets.epochs {
        plain.extend_from_slice(&epoch.to_be_bytes());
        plain.extend_from_slice(key.expose());
    }
    let mut sealed = Vec::new();
    key.cipher()
        .seal(header.aad().bytes(), &plain, &mut sealed)?;
    let text = Text {
        header: header.clone(),
        sealed: BASE64.encode(sealed),
    };
    let mut bytes = serde_json::to_vec_pretty(&text)
        .expect("a struct of strings and numbers is always valid JSON");
    bytes.push(b'\n');
    Ok(bytes)
}

fn secrets(plain: &[u8]) -> Option<Secrets> {
    let (root, rest) = plain.split_at_checked(32)?;
    let mut epochs = BTreeMap::new();
    for entry in rest.chunks(40) {
        let (epoch, key) = entry.split_first_chunk::<8>()?;
        epochs.insert(u64::from_be_bytes(*epoch), KeyBytes::from_slice(key)?);
    }
    (!epochs.is_empty()).then_some(())?;
    Some(Secrets {
        index_root: KeyBytes::from_slice(root)?,
        epochs,
    })
}

fn damaged(path: &Path, what: &'static str) -> KmsError {
    KmsError::Damaged {
        path: path.to_owned(),
        what,
    }
}
