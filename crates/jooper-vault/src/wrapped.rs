//! Wrapped keys: what stands in the rows of `workspace_key` and `subject_key`.

use jooper_core::{SubjectId, WorkspaceId};
use jooper_storage::tables::SubjectKeyRow;

use crate::aad::Fields;
use crate::error::VaultError;
use crate::key::{Cipher, Failed, KeyBytes};

/// The first generation of a data key.
pub(crate) const FIRST_GENERATION: u16 = 1;

/// What a workspace key is wrapped for.
pub(crate) fn workspace_context(workspace: WorkspaceId, epoch: u64) -> Vec<u8> {
    Fields::of("jooper workspace key v1")
        .field(workspace.uuid().as_bytes())
        .field(&epoch.to_be_bytes())
        .bytes()
        .to_vec()
}

fn subject_context(workspace: WorkspaceId, subject: SubjectId, epoch: u64, gen_: u16) -> Fields {
    Fields::of("jooper subject key v1")
        .field(workspace.uuid().as_bytes())
        .field(subject.uuid().as_bytes())
        .field(&epoch.to_be_bytes())
        .field(&gen_.to_be_bytes())
}

/// A workspace's key of one epoch: wraps data keys, seals nothing else.
pub(crate) struct WorkspaceKey {
    pub(crate) workspace: WorkspaceId,
    pub(crate) epoch: u64,
    cipher: Cipher,
}

impl WorkspaceKey {
    pub(crate) fn new(workspace: WorkspaceId, epoch: u64, key: &KeyBytes) -> Self {
        Self {
            workspace,
            epoch,
            cipher: key.cipher(),
        }
    }

    pub(crate) fn wrap(
        &self,
        subject: SubjectId,
        generation: u16,
        key: &KeyBytes,
    ) -> Result<SubjectKeyRow, Failed> {
        let context = subject_context(self.workspace, subject, self.epoch, generation);
        let mut wrapped = Vec::new();
        self.cipher
            .seal(context.bytes(), key.expose(), &mut wrapped)?;
        Ok(SubjectKeyRow {
            subject,
            epoch: stored(self.epoch),
            generation,
            wrapped,
            check_value: key.check_value().to_vec(),
        })
    }

    /// Unwraps a data key and compares it with its check value: AES-GCM-SIV does not commit to its
    /// key, so a ciphertext can be made that opens under two.
    pub(crate) fn unwrap(&self, row: &SubjectKeyRow) -> Result<KeyBytes, VaultError> {
        let wrong = || VaultError::WrongKey {
            subject: row.subject,
        };
        let context = subject_context(self.workspace, row.subject, self.epoch, row.generation);
        let plain = self
            .cipher
            .open(context.bytes(), &row.wrapped)
            .map_err(|_| wrong())?;
        KeyBytes::from_slice(&plain)
            .filter(|key| key.is_checked_by(&row.check_value))
            .ok_or_else(wrong)
    }
}

/// An epoch as a column keeps it. Epochs are counted, one per rotation.
pub(crate) fn stored(epoch: u64) -> i64 {
    i64::try_from(epoch).unwrap_or(i64::MAX)
}

/// An epoch as a column kept it.
pub(crate) fn loaded(epoch: i64) -> u64 {
    u64::try_from(epoch).unwrap_or(0)
}
