//! The vault of one process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jooper_core::{InstallationId, WorkspaceId};
use jooper_storage::tables::{SubjectKeyRow, WorkspaceDirectoryRow};
use jooper_storage::{Batch, Record, Scope, Storage, Write};

use crate::aad::Fields;
use crate::error::VaultError;
use crate::index::{IndexKeys, PlatformVault};
use crate::key::KeyBytes;
use crate::kms::{Kms, KmsError};
use crate::subject::SubjectVault;
use crate::workspace::{Ring, WorkspaceVault, versioned};

/// How often losing a race against another process is taken for chance.
const ATTEMPTS: usize = 16;

/// Keys of one installation. One per process; cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    storage: Arc<dyn Storage>,
    kms: Arc<dyn Kms>,
    region: Arc<str>,
    /// Never held across a suspension point.
    open: Mutex<BTreeMap<WorkspaceId, WorkspaceVault>>,
    platform: Mutex<Option<PlatformVault>>,
}

impl Vault {
    /// A vault over a store and a key store, for the region `default`.
    pub fn new(storage: Arc<dyn Storage>, kms: Arc<dyn Kms>) -> Self {
        Self::in_region(storage, kms, "default")
    }

    /// A vault whose envelopes open in one region only.
    pub fn in_region(storage: Arc<dyn Storage>, kms: Arc<dyn Kms>, region: &str) -> Self {
        Self(Arc::new(Inner {
            storage,
            kms,
            region: region.into(),
            open: Mutex::default(),
            platform: Mutex::default(),
        }))
    }

    /// The same keys over another store: a forecast's fork, which opens what this one opens.
    #[must_use]
    pub fn over(&self, storage: Arc<dyn Storage>) -> Self {
        Self::in_region(storage, Arc::clone(self.kms()), &self.0.region)
    }

    /// Which installation this is, by its key store.
    pub fn installation(&self) -> InstallationId {
        self.0.kms.installation()
    }

    /// The keys of one workspace.
    ///
    /// Unwraps the workspace's key once per process and epoch; later calls read its few key rows to
    /// learn of epochs that began or ended. A new workspace gets its keys here, and its entry in
    /// the workspace directory, by which rotations find it.
    ///
    /// # Errors
    /// [`VaultError::DataOlder`], [`VaultError::KeysOlder`] and [`VaultError::WrongKey`] when data
    /// and key store do not belong together; [`VaultError::Kms`]; [`VaultError::Store`].
    pub async fn workspace(&self, workspace: WorkspaceId) -> Result<WorkspaceVault, VaultError> {
        let known = self.open().get(&workspace).cloned();
        if let Some(vault) = known {
            vault.refresh().await?;
            return Ok(vault);
        }
        let vault = self.load(workspace).await?;
        Ok(self.open().entry(workspace).or_insert(vault).clone())
    }

    /// The indexes that all workspaces share.
    ///
    /// # Errors
    /// [`VaultError::Kms`].
    pub async fn platform(&self) -> Result<PlatformVault, VaultError> {
        let known = self.platform_slot().clone();
        if let Some(platform) = known {
            return Ok(platform);
        }
        let root = self.kms().mac("platform index root", &[]).await?;
        let platform = PlatformVault::new(root);
        Ok(self.platform_slot().get_or_insert(platform).clone())
    }

    /// A key of the installation for one purpose, the same every time: to sign certificates.
    ///
    /// # Errors
    /// [`VaultError::Kms`].
    pub async fn secret(&self, label: &str) -> Result<KeyBytes, VaultError> {
        let root = self.kms().mac("secret root", &[]).await?;
        Ok(root.derive(
            Fields::of("jooper secret v1")
                .field(label.as_bytes())
                .bytes(),
        ))
    }

    /// The epoch that keys are wrapped under now.
    ///
    /// # Errors
    /// [`VaultError::Kms`].
    pub async fn epoch(&self) -> Result<u64, VaultError> {
        Ok(self.kms().current_epoch().await?)
    }

    pub(crate) fn storage(&self) -> &Arc<dyn Storage> {
        &self.0.storage
    }

    pub(crate) fn kms(&self) -> &Arc<dyn Kms> {
        &self.0.kms
    }

    /// The workspace's ring with every epoch that it has, unwrapped.
    pub(crate) async fn ring(&self, workspace: WorkspaceId) -> Result<Arc<Ring>, VaultError> {
        let root = self
            .kms()
            .mac("workspace index root", workspace.uuid().as_bytes())
            .await?;
        let ring = Arc::new(Ring::new(
            workspace,
            Arc::clone(&self.0.region),
            Arc::clone(self.storage()),
            Arc::clone(self.kms()),
            IndexKeys::new(root),
        ));
        ring.refresh().await?;
        Ok(ring)
    }

    async fn load(&self, workspace: WorkspaceId) -> Result<WorkspaceVault, VaultError> {
        let ring = self.ring(workspace).await?;
        for _ in 0..ATTEMPTS {
            // First, so that a key store of other data is told before anything is written.
            let own = find_own(&ring).await?;
            let epoch = self.kms().current_epoch().await?;
            if ring.key(epoch).is_none() {
                self.register(workspace).await?;
                match ring.add_epoch(epoch).await {
                    // The epoch ended since it was read.
                    Err(VaultError::Kms(KmsError::UnknownEpoch { .. })) => continue,
                    other => other?,
                }
                // An epoch that began in between does not know of the row just written.
                if self.kms().current_epoch().await? != epoch {
                    continue;
                }
            }
            if let Some(own) = own {
                return Ok(WorkspaceVault::new(ring, own));
            }
            let (own, key) = ring.new_subject(workspace.into())?;
            match self
                .storage()
                .commit(key.add_to(Batch::new(workspace)))
                .await
            {
                Ok(()) => return Ok(WorkspaceVault::new(ring, own)),
                Err(error) if error.is_conflict() => ring.refresh().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(jooper_storage::StoreError::Busy(None).into())
    }

    /// Puts the workspace into the directory before it has keys, so that no rotation misses it.
    async fn register(&self, workspace: WorkspaceId) -> Result<(), VaultError> {
        let row = WorkspaceDirectoryRow {
            id: workspace,
            created_at: self.storage().now().await?,
        };
        let write = Write::Upsert(row.key(), row.to_values(), Vec::new());
        let batch = Batch::new(Scope::Platform).write(write);
        Ok(self.storage().commit(batch).await?)
    }

    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<WorkspaceId, WorkspaceVault>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn platform_slot(&self) -> std::sync::MutexGuard<'_, Option<PlatformVault>> {
        self.0
            .platform
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn find_own(ring: &Ring) -> Result<Option<SubjectVault>, VaultError> {
    let rows = ring.rows(&[ring.workspace.into()]).await?;
    match rows.into_iter().flatten().next() {
        Some(row) => {
            let row = versioned::<SubjectKeyRow>(row)?;
            Ok(Some(ring.open_row(&row).await?))
        }
        None => Ok(None),
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault")
            .field("installation", &self.installation())
            .finish_non_exhaustive()
    }
}
