//! The key store: the only thing that lives apart from the data.

mod error;
mod file;
mod format;
mod memory;

use std::fmt::Debug;

use async_trait::async_trait;
use jooper_core::InstallationId;

use crate::key::KeyBytes;

pub use error::KmsError;
pub use file::FileKms;
pub use format::FileKmsSettings;
pub use memory::MemoryKms;

/// Keeps the epoch keys, the index root and the installation's identity.
///
/// Epochs are counted from 1; a number is never used twice. Asked once per process, workspace and
/// epoch, never per lead, so a remote key store may be slow.
#[async_trait]
pub trait Kms: Debug + Send + Sync + 'static {
    /// Which installation this is. Read from here, not from the data, so that a copy of the data
    /// alone is not the installation (law L13).
    fn installation(&self) -> InstallationId;

    /// The epoch that new keys are wrapped under: the highest one.
    ///
    /// # Errors
    /// [`KmsError::Unavailable`] and what else keeps the key store from answering.
    async fn current_epoch(&self) -> Result<u64, KmsError>;

    /// Every epoch whose key still exists, ascending.
    ///
    /// # Errors
    /// As [`Kms::current_epoch`].
    async fn epochs(&self) -> Result<Vec<u64>, KmsError>;

    /// Begins an epoch with a fresh key and returns its number, durable on `Ok`.
    ///
    /// # Errors
    /// As [`Kms::current_epoch`].
    async fn new_epoch(&self) -> Result<u64, KmsError>;

    /// Destroys an epoch's key for good: whatever it wraps is lost. Idempotent.
    ///
    /// # Errors
    /// [`KmsError::CurrentEpoch`] for the current one; else as [`Kms::current_epoch`].
    async fn destroy_epoch(&self, epoch: u64) -> Result<(), KmsError>;

    /// Wraps a key under an epoch's key; it unwraps only with the same context.
    ///
    /// # Errors
    /// [`KmsError::UnknownEpoch`] when there is no such key.
    async fn wrap(&self, epoch: u64, context: &[u8], key: &KeyBytes) -> Result<Vec<u8>, KmsError>;

    /// Unwraps what [`Kms::wrap`] wrapped.
    ///
    /// # Errors
    /// [`KmsError::UnknownEpoch`] when there is no such key any more, [`KmsError::NotAuthentic`]
    /// when it was not wrapped here under this epoch for this context.
    async fn unwrap(
        &self,
        epoch: u64,
        context: &[u8],
        wrapped: &[u8],
    ) -> Result<KeyBytes, KmsError>;

    /// Derives a key from the index root, which never rotates with epochs.
    ///
    /// # Errors
    /// As [`Kms::current_epoch`].
    async fn mac(&self, label: &str, data: &[u8]) -> Result<KeyBytes, KmsError>;
}

const _OBJECT_SAFE: Option<&dyn Kms> = None;
