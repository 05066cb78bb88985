//! One workspace's keys: its indexes, and the way to its subjects.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jooper_core::{EmailAddress, KeyedIndex, SubjectId, WorkspaceId};
use jooper_storage::tables::{SUBJECT_KEY, SubjectKeyRow, WORKSPACE_KEY, WorkspaceKeyRow};
use jooper_storage::{
    Batch, Check, Column, Key, Record, Row, Scan, Storage, StorageExt, Version, Versioned,
};

use crate::error::VaultError;
use crate::index::{IndexKeys, Tag};
use crate::key::KeyBytes;
use crate::kms::{Kms, KmsError};
use crate::subject::SubjectVault;
use crate::wrapped::{FIRST_GENERATION, WorkspaceKey, loaded, workspace_context};

/// The most keys asked of the store at once.
const PAGE: usize = 1000;

/// Indexes, tags and subjects of one workspace. Cheap to clone; clones share what they learn.
#[derive(Clone)]
pub struct WorkspaceVault {
    ring: Arc<Ring>,
    own: SubjectVault,
}

/// The data key of a new subject, for the batch that writes its first rows.
#[must_use = "without its key row nothing sealed for the subject can ever be opened"]
#[derive(Debug, Clone)]
pub struct NewSubjectKey {
    row: SubjectKeyRow,
    guard: Check,
}

impl NewSubjectKey {
    /// Adds the key row to the batch, and the check that the workspace's key was not retired.
    ///
    /// When that check fails with a conflict, an epoch ended in between: call
    /// [`WorkspaceVault::refresh`] and seal anew.
    #[must_use]
    pub fn add_to(self, batch: Batch) -> Batch {
        let batch = if batch.checks.contains(&self.guard) {
            batch
        } else {
            batch.check(self.guard)
        };
        batch.insert(&self.row)
    }

    /// The key row.
    pub const fn row(&self) -> &SubjectKeyRow {
        &self.row
    }
}

impl WorkspaceVault {
    pub(crate) const fn new(ring: Arc<Ring>, own: SubjectVault) -> Self {
        Self { ring, own }
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.ring.workspace
    }

    /// The index of the exact address.
    pub fn email_index(&self, address: &EmailAddress) -> KeyedIndex {
        self.ring.indexes.address(address)
    }

    /// The index of the widest form of the address: one per person, as far as addresses tell.
    pub fn contact_index(&self, address: &EmailAddress) -> KeyedIndex {
        self.ring.indexes.address(&address.widest())
    }

    /// The indexes under which the person may be filed: [`WorkspaceVault::contact_index`] first, and behind
    /// it those of earlier versions, which knew a mailbox at each domain of its provider apart.
    pub fn contact_indexes(&self, address: &EmailAddress) -> Vec<KeyedIndex> {
        let forms = address.filed_under();
        forms
            .iter()
            .map(|form| self.ring.indexes.address(form))
            .collect()
    }

    /// The index of every form under which the person may have objected: exact first (equal to
    /// [`WorkspaceVault::email_index`]), widest among them (equal to
    /// [`WorkspaceVault::contact_index`]), and those at other domains of the same provider.
    pub fn variant_indexes(&self, address: &EmailAddress) -> Vec<KeyedIndex> {
        self.ring.indexes.variants(address)
    }

    /// The index of a domain (A-labels), without regard to case.
    pub fn domain_index(&self, domain: &str) -> KeyedIndex {
        self.ring.indexes.domain(domain)
    }

    /// The index of any other value under a label: Message-IDs, names, account ids. The caller
    /// normalizes the value.
    pub fn index(&self, label: &str, value: &str) -> KeyedIndex {
        self.ring.indexes.index(label, value)
    }

    /// Signs bytes for this workspace and purpose: links, tokens.
    pub fn tag(&self, label: &str, data: &[u8]) -> Tag {
        self.ring.indexes.tag(label, data)
    }

    /// Makes a fresh random key for a new subject.
    ///
    /// # Errors
    /// [`VaultError::Cipher`] without randomness.
    pub fn new_subject(
        &self,
        subject: impl Into<SubjectId>,
    ) -> Result<(SubjectVault, NewSubjectKey), VaultError> {
        self.ring.new_subject(subject.into())
    }

    /// Reads a subject's key.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when it was erased or never existed; [`VaultError::DataOlder`] in a
    /// restored backup whose epoch has ended; [`VaultError::KeysOlder`] with a restored key store; [`VaultError::WrongKey`]; [`VaultError::Store`].
    pub async fn subject(
        &self,
        subject: impl Into<SubjectId> + Send,
    ) -> Result<SubjectVault, VaultError> {
        let subject = subject.into();
        self.subjects(&[subject])
            .await?
            .remove(&subject)
            .ok_or(VaultError::NoKey { subject })
    }

    /// Reads many subjects' keys. Those who have none are absent from the answer.
    ///
    /// Always from the store: a key that was kept would outlive its erasure.
    ///
    /// # Errors
    /// As [`WorkspaceVault::subject`], without [`VaultError::NoKey`].
    pub async fn subjects(
        &self,
        subjects: &[SubjectId],
    ) -> Result<BTreeMap<SubjectId, SubjectVault>, VaultError> {
        let mut found = BTreeMap::new();
        for page in subjects.chunks(PAGE) {
            for row in self.ring.rows(page).await?.into_iter().flatten() {
                let row = versioned::<SubjectKeyRow>(row)?;
                let vault = self.ring.open_row(&row).await?;
                found.insert(row.record.subject, vault);
            }
        }
        Ok(found)
    }

    /// The key for what belongs to the workspace itself: names, campaigns, sequences.
    pub const fn own(&self) -> &SubjectVault {
        &self.own
    }

    /// Learns of epochs that began or ended since. [`Vault::workspace`](crate::Vault::workspace)
    /// does so every time.
    ///
    /// # Errors
    /// [`VaultError::Store`], [`VaultError::Kms`], [`VaultError::WrongKey`].
    pub async fn refresh(&self) -> Result<(), VaultError> {
        self.ring.refresh().await
    }
}

impl std::fmt::Debug for WorkspaceVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkspaceVault")
            .field("workspace", &self.ring.workspace)
            .finish_non_exhaustive()
    }
}

/// The workspace keys that this process has unwrapped, by epoch.
pub(crate) struct Ring {
    pub(crate) workspace: WorkspaceId,
    pub(crate) region: Arc<str>,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) kms: Arc<dyn Kms>,
    pub(crate) indexes: IndexKeys,
    keys: RwLock<BTreeMap<u64, RingKey>>,
}

/// A workspace key and the version of its row when it was read.
#[derive(Clone)]
pub(crate) struct RingKey {
    pub(crate) key: Arc<WorkspaceKey>,
    pub(crate) version: Version,
}

impl RingKey {
    /// Holds while the row is untouched: retiring an epoch begins by touching it.
    pub(crate) fn guard(&self) -> Check {
        Check::Version(row_key(self.key.epoch), self.version)
    }
}

fn row_key(epoch: u64) -> Key {
    Key::new(
        &WORKSPACE_KEY,
        vec![crate::wrapped::stored(epoch).to_value()],
    )
}

impl Ring {
    pub(crate) fn new(
        workspace: WorkspaceId,
        region: Arc<str>,
        storage: Arc<dyn Storage>,
        kms: Arc<dyn Kms>,
        indexes: IndexKeys,
    ) -> Self {
        Self {
            workspace,
            region,
            storage,
            kms,
            indexes,
            keys: RwLock::default(),
        }
    }

    /// The key of an epoch, if it was unwrapped.
    pub(crate) fn key(&self, epoch: u64) -> Option<RingKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(&epoch).cloned()
    }

    /// The key that new keys are wrapped under.
    pub(crate) fn newest(&self) -> Option<RingKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.last_key_value().map(|(_, key)| key.clone())
    }

    /// Reads which epochs the workspace has, unwraps the new ones, forgets those that are gone.
    pub(crate) async fn refresh(&self) -> Result<(), VaultError> {
        let scan = Scan::table(&WORKSPACE_KEY);
        let rows: Vec<Versioned<WorkspaceKeyRow>> =
            self.storage.collect(self.workspace, scan).await?;
        let mut keys = BTreeMap::new();
        for Versioned { record, version } in rows {
            let epoch = loaded(record.epoch);
            let key = match self.key(epoch) {
                Some(known) => known.key,
                None => match self.unwrap(&record).await {
                    Ok(key) => Arc::new(key),
                    // Left behind by a process that lost a race with the end of an epoch, or
                    // restored: whatever it wraps says so itself.
                    Err(VaultError::Kms(KmsError::UnknownEpoch { .. })) => {
                        match self.missing(epoch).await? {
                            VaultError::DataOlder { .. } => continue,
                            older => return Err(older),
                        }
                    }
                    Err(error) => return Err(error),
                },
            };
            keys.insert(epoch, RingKey { key, version });
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Which of the two is older when an epoch has no key: epochs are numbered upwards, and a
    /// number is never used twice.
    pub(crate) async fn missing(&self, epoch: u64) -> Result<VaultError, VaultError> {
        let newest = self.kms.current_epoch().await?;
        Ok(if epoch > newest {
            VaultError::KeysOlder { epoch, newest }
        } else {
            VaultError::DataOlder { epoch }
        })
    }

    async fn unwrap(&self, row: &WorkspaceKeyRow) -> Result<WorkspaceKey, VaultError> {
        let epoch = loaded(row.epoch);
        let wrong = VaultError::WrongKey {
            subject: self.workspace.into(),
        };
        let context = workspace_context(self.workspace, epoch);
        match self.kms.unwrap(epoch, &context, &row.wrapped).await {
            Ok(key) if key.is_checked_by(&row.check_value) => {
                Ok(WorkspaceKey::new(self.workspace, epoch, &key))
            }
            Ok(_) | Err(KmsError::NotAuthentic) => Err(wrong),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the workspace a fresh key for an epoch, unless it has one.
    pub(crate) async fn add_epoch(&self, epoch: u64) -> Result<(), VaultError> {
        if self.key(epoch).is_none() {
            let key = KeyBytes::random()?;
            let context = workspace_context(self.workspace, epoch);
            let row = WorkspaceKeyRow {
                epoch: crate::wrapped::stored(epoch),
                wrapped: self.kms.wrap(epoch, &context, &key).await?,
                check_value: key.check_value().to_vec(),
            };
            let batch = Batch::new(self.workspace).insert(&row);
            match self.storage.commit(batch).await {
                Err(error) if !error.is_conflict() => return Err(error.into()),
                _ => self.refresh().await?,
            }
        }
        Ok(())
    }

    pub(crate) fn new_subject(
        &self,
        subject: SubjectId,
    ) -> Result<(SubjectVault, NewSubjectKey), VaultError> {
        let ring_key = self.newest().ok_or(VaultError::NoKey {
            subject: self.workspace.into(),
        })?;
        let key = KeyBytes::random()?;
        let new = NewSubjectKey {
            row: ring_key.key.wrap(subject, FIRST_GENERATION, &key)?,
            guard: ring_key.guard(),
        };
        Ok((self.vault(subject, FIRST_GENERATION, &key, None), new))
    }

    pub(crate) async fn rows(
        &self,
        subjects: &[SubjectId],
    ) -> Result<Vec<Option<Row>>, VaultError> {
        let keys: Vec<_> = subjects
            .iter()
            .map(|subject| Key::new(&SUBJECT_KEY, vec![subject.to_value()]))
            .collect();
        Ok(self.storage.get(self.workspace.into(), &keys).await?)
    }

    /// Opens a subject's key row; looks once for epochs that this process does not know yet.
    pub(crate) async fn open_row(
        &self,
        row: &Versioned<SubjectKeyRow>,
    ) -> Result<SubjectVault, VaultError> {
        let epoch = loaded(row.record.epoch);
        let ring_key = match self.key(epoch) {
            Some(key) => key,
            None => {
                self.refresh().await?;
                match self.key(epoch) {
                    Some(key) => key,
                    None => return Err(self.missing(epoch).await?),
                }
            }
        };
        let key = ring_key.key.unwrap(&row.record)?;
        let guard = Check::Version(row.record.key(), row.version);
        let SubjectKeyRow {
            subject,
            generation,
            ..
        } = row.record;
        Ok(self.vault(subject, generation, &key, Some(guard)))
    }

    fn vault(
        &self,
        subject: SubjectId,
        generation: u16,
        key: &KeyBytes,
        guard: Option<Check>,
    ) -> SubjectVault {
        let region = Arc::clone(&self.region);
        SubjectVault::new(region, self.workspace, subject, generation, key, guard)
    }
}

/// Reads a raw row as a record with its version.
pub(crate) fn versioned<R: Record>(row: Row) -> Result<Versioned<R>, VaultError> {
    Ok(Versioned {
        version: row.version,
        record: R::from_values(row.values)?,
    })
}
