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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn workspace_key(workspace: u128, epoch: u64, key: u8) -> WorkspaceKey {
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(workspace));
        WorkspaceKey::new(workspace, epoch, &KeyBytes::from_bytes([key; 32]))
    }

    #[test]
    fn a_wrapped_key_opens_only_as_what_it_was_wrapped_for() {
        let subject = SubjectId::from_uuid(Uuid::from_u128(5));
        let other = SubjectId::from_uuid(Uuid::from_u128(6));
        let key = KeyBytes::from_bytes([3; 32]);
        let row = workspace_key(1, 1, 9).wrap(subject, 1, &key).unwrap();
        let open = |by: WorkspaceKey, row: &SubjectKeyRow| by.unwrap(row);

        let back = open(workspace_key(1, 1, 9), &row).unwrap();
        assert_eq!(back.expose(), key.expose());
        let moved = SubjectKeyRow {
            subject: other,
            ..row.clone()
        };
        let aged = SubjectKeyRow {
            generation: 2,
            ..row.clone()
        };
        let unchecked = SubjectKeyRow {
            check_value: vec![0; 16],
            ..row.clone()
        };
        for (by, row) in [
            (workspace_key(2, 1, 9), &row),
            (workspace_key(1, 2, 9), &row),
            (workspace_key(1, 1, 8), &row),
            (workspace_key(1, 1, 9), &moved),
            (workspace_key(1, 1, 9), &aged),
            (workspace_key(1, 1, 9), &unchecked),
        ] {
            assert!(matches!(open(by, row), Err(VaultError::WrongKey { .. })));
        }
    }
}
