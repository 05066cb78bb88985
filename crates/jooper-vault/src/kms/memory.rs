//! A key store that a seed determines: for tests and simulation.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jooper_core::InstallationId;

use super::{Kms, KmsError, file};
use crate::aad::Fields;
use crate::key::KeyBytes;

/// A [`Kms`] in memory, with keys from a seed. Protects nothing.
///
/// Two of the same seed and history hold the same keys: a test may "restart" by making another.
pub struct MemoryKms {
    root: KeyBytes,
    installation: InstallationId,
    epochs: Mutex<BTreeSet<u64>>,
}

impl MemoryKms {
    /// A key store for this seed, at epoch 1.
    #[allow(
        clippy::disallowed_methods,
        reason = "from derived bytes, not from a source of chance"
    )]
    pub fn from_seed(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let root = KeyBytes::from_bytes(bytes).derive(b"jooper memory key store v1");
        let id = root.derive(b"installation");
        let mut uuid = [0; 16];
        uuid.copy_from_slice(&id.expose()[..16]);
        Self {
            installation: InstallationId::from_uuid(
                uuid::Builder::from_random_bytes(uuid).into_uuid(),
            ),
            root,
            epochs: Mutex::new([1].into()),
        }
    }

    /// Changes by whole values only, so a panic elsewhere cannot leave it half-done.
    fn lock(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.epochs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn epoch_key(&self, epoch: u64) -> Option<KeyBytes> {
        let info = Fields::of("epoch").field(&epoch.to_be_bytes());
        self.lock()
            .contains(&epoch)
            .then(|| self.root.derive(info.bytes()))
    }
}

impl std::fmt::Debug for MemoryKms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryKms")
            .field("installation", &self.installation)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Kms for MemoryKms {
    fn installation(&self) -> InstallationId {
        self.installation
    }

    async fn current_epoch(&self) -> Result<u64, KmsError> {
        Ok(self.lock().last().copied().unwrap_or(0))
    }

    async fn epochs(&self) -> Result<Vec<u64>, KmsError> {
        Ok(self.lock().iter().copied().collect())
    }

    async fn new_epoch(&self) -> Result<u64, KmsError> {
        let mut epochs = self.lock();
        let epoch = epochs.last().copied().unwrap_or(0) + 1;
        epochs.insert(epoch);
        Ok(epoch)
    }

    async fn destroy_epoch(&self, epoch: u64) -> Result<(), KmsError> {
        let mut epochs = self.lock();
        if epochs.last() == Some(&epoch) {
            return Err(KmsError::CurrentEpoch { epoch });
        }
        epochs.remove(&epoch);
        Ok(())
    }

    async fn wrap(&self, epoch: u64, context: &[u8], key: &KeyBytes) -> Result<Vec<u8>, KmsError> {
        file::wrap(self.epoch_key(epoch).as_ref(), epoch, context, key)
    }

    async fn unwrap(
        &self,
        epoch: u64,
        context: &[u8],
        wrapped: &[u8],
    ) -> Result<KeyBytes, KmsError> {
        file::unwrap(self.epoch_key(epoch).as_ref(), epoch, context, wrapped)
    }

    async fn mac(&self, label: &str, data: &[u8]) -> Result<KeyBytes, KmsError> {
        Ok(file::mac(&self.root, label, data))
    }
}
