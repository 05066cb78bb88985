//! A key store in one small file, for whoever has no key management service.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use aws_lc_rs::rand;
use jooper_core::InstallationId;

use super::format::{self, FileKmsSettings, Header, Secrets};
use super::{Kms, KmsError};
use crate::aad::Fields;
use crate::key::{Failed, KeyBytes};

/// A [`Kms`] in one file, sealed under a passphrase by Argon2id (RFC 9106).
///
/// Keep it outside the data directory, and its backups shorter than the data's: as long as a copy
/// of an old key file exists *and* its passphrase is known, an old backup can be read. The file is
/// read anew for every call and replaced as a whole (written aside, synced, renamed), so that
/// several processes may share it. What was replaced is overwritten before it is released; a
/// journaling file system or a flash disk may still hold copies, which the passphrase protects.
///
/// Calls read a few hundred bytes from a local disk without leaving the caller's thread.
pub struct FileKms {
    path: PathBuf,
    header: Header,
    key: KeyBytes,
}

impl FileKms {
    /// Creates the file, with epoch 1 and a new installation id.
    ///
    /// # Errors
    /// [`KmsError::Exists`] when there is one, [`KmsError::EmptyPassphrase`], [`KmsError::Io`].
    pub fn create(path: impl AsRef<Path>, passphrase: &str) -> Result<Self, KmsError> {
        Self::create_with(path, passphrase, FileKmsSettings::default())
    }

    /// As [`FileKms::create`], with other costs of guessing.
    ///
    /// # Errors
    /// As [`FileKms::create`], and [`KmsError::Settings`].
    #[allow(
        clippy::disallowed_methods,
        reason = "a new installation and its salt are made here"
    )]
    pub fn create_with(
        path: impl AsRef<Path>,
        passphrase: &str,
        settings: FileKmsSettings,
    ) -> Result<Self, KmsError> {
        let path = path.as_ref().to_owned();
        if passphrase.is_empty() {
            return Err(KmsError::EmptyPassphrase { path });
        }
        let _lock = Lock::take(&path)?;
        if path.exists() {
            return Err(KmsError::Exists { path });
        }
        let (mut id, mut salt) = ([0; 16], [0; 16]);
        rand::fill(&mut id).map_err(|_| Failed)?;
        rand::fill(&mut salt).map_err(|_| Failed)?;
        let installation =
            InstallationId::from_uuid(uuid::Builder::from_random_bytes(id).into_uuid());
        let header = Header::new(installation, settings, salt);
        let key = header.derive(&path, passphrase)?;
        let kms = Self { path, header, key };
        kms.save(&Secrets {
            index_root: KeyBytes::random()?,
            epochs: [(1, KeyBytes::random()?)].into(),
        })?;
        Ok(kms)
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`KmsError::Missing`], [`KmsError::WrongPassphrase`], [`KmsError::Damaged`],
    /// [`KmsError::Io`]; each names the file.
    pub fn open(path: impl AsRef<Path>, passphrase: &str) -> Result<Self, KmsError> {
        let path = path.as_ref().to_owned();
        let (header, sealed) = format::read(&path, &read(&path)?)?;
        let key = header.derive(&path, passphrase)?;
        format::open(&path, &header, &key, &sealed)?;
        Ok(Self { path, header, key })
    }

    /// Opens the file, or creates it where there is none.
    ///
    /// # Errors
    /// As [`FileKms::open`] and [`FileKms::create`].
    pub fn open_or_create(path: impl AsRef<Path>, passphrase: &str) -> Result<Self, KmsError> {
        Self::open_or_create_with(path, passphrase, FileKmsSettings::default())
    }

    /// As [`FileKms::open_or_create`], with other costs of guessing for a new file.
    ///
    /// # Errors
    /// As [`FileKms::open`] and [`FileKms::create_with`].
    pub fn open_or_create_with(
        path: impl AsRef<Path>,
        passphrase: &str,
        settings: FileKmsSettings,
    ) -> Result<Self, KmsError> {
        match Self::open(&path, passphrase) {
            Err(KmsError::Missing { .. }) => Self::create_with(path, passphrase, settings),
            other => other,
        }
    }

    /// Seals the file under another passphrase. Processes that have it open must be restarted with
    /// the new one.
    ///
    /// # Errors
    /// As [`FileKms::open`] and [`FileKms::create_with`].
    #[allow(
        clippy::disallowed_methods,
        reason = "a new installation and its salt are made here"
    )]
    pub fn change_passphrase(
        path: impl AsRef<Path>,
        old: &str,
        new: &str,
        settings: FileKmsSettings,
    ) -> Result<Self, KmsError> {
        let path = path.as_ref().to_owned();
        if new.is_empty() {
            return Err(KmsError::EmptyPassphrase { path });
        }
        let _lock = Lock::take(&path)?;
        let before = Self::open(&path, old)?;
        let mut salt = [0; 16];
        rand::fill(&mut salt).map_err(|_| Failed)?;
        let header = Header::new(before.header.installation, settings, salt);
        let key = header.derive(&path, new)?;
        let after = Self { path, header, key };
        after.save(&before.load()?)?;
        Ok(after)
    }

    /// Which installation a key file says it belongs to, without its passphrase: enough to keep two
    /// files apart, and no proof.
    ///
    /// # Errors
    /// [`KmsError::Missing`], [`KmsError::Damaged`], [`KmsError::Io`].
    pub fn installation_of(path: impl AsRef<Path>) -> Result<InstallationId, KmsError> {
        let path = path.as_ref();
        Ok(format::read(path, &read(path)?)?.0.installation)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file as it is now. Another process may replace and overwrite it in between: then
    /// the second reading differs from the first and is tried instead.
    fn load(&self) -> Result<Secrets, KmsError> {
        let mut seen = read(&self.path)?;
        loop {
            let attempt = format::read(&self.path, &seen)
                .and_then(|(header, sealed)| format::open(&self.path, &header, &self.key, &sealed));
            if attempt.is_ok() {
                return attempt;
            }
            let again = read(&self.path)?;
            if again == seen {
                return attempt;
            }
            seen = again;
        }
    }

    fn save(&self, secrets: &Secrets) -> Result<(), KmsError> {
        let text = format::write(&self.header, &self.key, secrets)?;
        replace(&self.path, &text).map_err(|source| self.io(source))
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Secrets) -> Result<u64, KmsError>,
    ) -> Result<u64, KmsError> {
        let _lock = Lock::take(&self.path)?;
        let mut secrets = self.load()?;
        let before = secrets.epochs.len();
        let result = change(&mut secrets)?;
        if secrets.epochs.len() != before {
            self.save(&secrets)?;
        }
        Ok(result)
    }

    fn io(&self, source: io::Error) -> KmsError {
        KmsError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

impl std::fmt::Debug for FileKms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileKms")
            .field("path", &self.path)
            .field("installation", &self.header.installation)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Kms for FileKms {
    fn installation(&self) -> InstallationId {
        self.header.installation
    }

    async fn current_epoch(&self) -> Result<u64, KmsError> {
        Ok(current(&self.load()?))
    }

    async fn epochs(&self) -> Result<Vec<u64>, KmsError> {
        Ok(self.load()?.epochs.into_keys().collect())
    }

    async fn new_epoch(&self) -> Result<u64, KmsError> {
        self.change(|secrets| {
            let epoch = current(secrets) + 1;
            secrets.epochs.insert(epoch, KeyBytes::random()?);
            Ok(epoch)
        })
    }

    async fn destroy_epoch(&self, epoch: u64) -> Result<(), KmsError> {
        self.change(|secrets| {
            if epoch == current(secrets) {
                return Err(KmsError::CurrentEpoch { epoch });
            }
            secrets.epochs.remove(&epoch);
            Ok(epoch)
        })?;
        Ok(())
    }

    async fn wrap(&self, epoch: u64, context: &[u8], key: &KeyBytes) -> Result<Vec<u8>, KmsError> {
        let secrets = self.load()?;
        wrap(secrets.epochs.get(&epoch), epoch, context, key)
    }

    async fn unwrap(
        &self,
        epoch: u64,
        context: &[u8],
        wrapped: &[u8],
    ) -> Result<KeyBytes, KmsError> {
        let secrets = self.load()?;
        unwrap(secrets.epochs.get(&epoch), epoch, context, wrapped)
    }

    async fn mac(&self, label: &str, data: &[u8]) -> Result<KeyBytes, KmsError> {
        Ok(mac(&self.load()?.index_root, label, data))
    }
}

/// The highest epoch. A file without epochs is not read.
fn current(secrets: &Secrets) -> u64 {
    secrets.epochs.keys().next_back().copied().unwrap_or(0)
}

fn wrap_context(epoch: u64, context: &[u8]) -> Fields {
    Fields::of("jooper key store wrap v1")
        .field(&epoch.to_be_bytes())
        .field(context)
}

/// Wraps under an epoch's key, if it exists.
pub(super) fn wrap(
    epoch_key: Option<&KeyBytes>,
    epoch: u64,
    context: &[u8],
    key: &KeyBytes,
) -> Result<Vec<u8>, KmsError> {
    let epoch_key = epoch_key.ok_or(KmsError::UnknownEpoch { epoch })?;
    let mut out = Vec::new();
    epoch_key
        .cipher()
        .seal(wrap_context(epoch, context).bytes(), key.expose(), &mut out)?;
    Ok(out)
}

/// Unwraps what [`wrap`] wrapped.
pub(super) fn unwrap(
    epoch_key: Option<&KeyBytes>,
    epoch: u64,
    context: &[u8],
    wrapped: &[u8],
) -> Result<KeyBytes, KmsError> {
    let epoch_key = epoch_key.ok_or(KmsError::UnknownEpoch { epoch })?;
    let plain = epoch_key
        .cipher()
        .open(wrap_context(epoch, context).bytes(), wrapped)
        .map_err(|_| KmsError::NotAuthentic)?;
    KeyBytes::from_slice(&plain).ok_or(KmsError::NotAuthentic)
}

/// A key for a label and some data, from the index root.
pub(super) fn mac(root: &KeyBytes, label: &str, data: &[u8]) -> KeyBytes {
    let info = Fields::of("jooper key store mac v1")
        .field(label.as_bytes())
        .field(data);
    root.derive(info.bytes())
}

fn read(path: &Path) -> Result<Vec<u8>, KmsError> {
    fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KmsError::Missing {
            path: path.to_owned(),
        },
        _ => KmsError::Io {
            path: path.to_owned(),
            source,
        },
    })
}

/// Holds other processes off while the file changes. Readers need no lock.
struct Lock(#[expect(dead_code, reason = "held for its lock, which ends with it")] File);

impl Lock {
    fn take(path: &Path) -> Result<Self, KmsError> {
        let io = |source| KmsError::Io {
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(path, "lock"))
            .map_err(io)?;
        file.lock().map_err(io)?;
        Ok(Self(file))
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Puts new content in a file's place: written aside, synced, renamed, folder synced; then the old
/// bytes are overwritten. A crash leaves the old file or the new one, whole.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let aside = beside(path, "new");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut new = options.open(&aside)?;
    new.write_all(text)?;
    new.sync_all()?;
    drop(new);
    let old = OpenOptions::new().read(true).write(true).open(path);
    fs::rename(&aside, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    if let Ok(old) = old {
        overwrite(old)?;
    }
    Ok(())
}

fn overwrite(mut file: File) -> io::Result<()> {
    let len = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    io::copy(&mut io::repeat(0).take(len), &mut file)?;
    file.sync_all()
}
