//! Ending an epoch: fresh workspace keys, every living data key wrapped anew, the old key destroyed.
//!
//! Wrapping the *same* workspace key anew would not do: a backup from before an erasure holds the
//! erased person's data key under that workspace key, and the living system could still open it.

use jooper_core::WorkspaceId;
use jooper_storage::tables::{
    SUBJECT_KEY, SubjectKeyRow, WORKSPACE_DIRECTORY, WORKSPACE_KEY, WorkspaceDirectoryRow,
    WorkspaceKeyRow,
};
use jooper_storage::{
    Batch, Column, Record, Scan, Scope, Storage, StorageExt, StoreError, Versioned, Write,
};

use crate::error::VaultError;
use crate::vault::Vault;
use crate::workspace::{Ring, RingKey};
use crate::wrapped::{loaded, stored};

/// Keys that one batch wraps anew.
const PAGE: usize = 500;
/// How often losing a race against writers is taken for chance, per page.
const ATTEMPTS: usize = 64;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Rotation {
    /// The epoch that keys are wrapped under now.
    pub epoch: u64,
    /// Data keys wrapped anew.
    pub rewrapped: u64,
    /// Epochs whose keys were destroyed: whatever was erased under them is gone from every backup.
    pub destroyed: Vec<u64>,
    /// Rows that do not open, so that their epoch had to be kept: look at them, restore or erase.
    pub unreadable: Vec<(WorkspaceId, jooper_core::SubjectId)>,
}

impl Vault {
    /// Begins a new epoch, wraps every living key under it, and destroys the old epochs' keys once
    /// nothing refers to them. Run it weekly (the period is the E in certificates).
    ///
    /// Safe to stop anywhere and to run again: an unfinished rotation is finished instead of
    /// beginning another. Runs beside readers and writers, and beside another rotation.
    ///
    /// # Errors
    /// [`VaultError::Store`], [`VaultError::Kms`]; run it again.
    pub async fn rotate_epoch(&self) -> Result<Rotation, VaultError> {
        let epochs = self.kms().epochs().await?;
        if epochs.len() == 1 {
            self.kms().new_epoch().await?;
        }
        let epoch = self.kms().current_epoch().await?;
        let mut done = Rotation {
            epoch,
            ..Rotation::default()
        };
        for workspace in self.workspaces().await? {
            self.rotate_workspace(workspace, epoch, &mut done).await?;
        }
        for old in self.kms().epochs().await? {
            if old < epoch && !self.is_used(old).await? {
                self.kms().destroy_epoch(old).await?;
                done.destroyed.push(old);
            }
        }
        Ok(done)
    }

    async fn workspaces(&self) -> Result<Vec<WorkspaceId>, VaultError> {
        let rows: Vec<Versioned<WorkspaceDirectoryRow>> = self
            .storage()
            .collect(Scope::Platform, Scan::table(&WORKSPACE_DIRECTORY))
            .await?;
        Ok(rows.into_iter().map(|row| row.record.id).collect())
    }

    async fn rotate_workspace(
        &self,
        workspace: WorkspaceId,
        epoch: u64,
        done: &mut Rotation,
    ) -> Result<(), VaultError> {
        let ring = self.ring(workspace).await?;
        // Rows of epochs that this key store does not have are left alone: they may be another key
        // store's, opened by mistake.
        let old: Vec<_> = key_rows(self, workspace)
            .await?
            .into_iter()
            .filter(|row| loaded(row.record.epoch) < epoch)
            .filter(|row| ring.key(loaded(row.record.epoch)).is_some())
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        ring.add_epoch(epoch).await?;
        for row in &old {
            close(self, workspace, row).await?;
        }
        ring.refresh().await?;
        for row in &old {
            let from = loaded(row.record.epoch);
            if rewrap_all(self, &ring, from, epoch, done).await? {
                let batch = Batch::new(workspace).write(Write::Delete(row.record.key()));
                self.storage().commit(batch).await?;
            }
        }
        Ok(())
    }

    /// Whether any row of any workspace still needs the key of an epoch.
    async fn is_used(&self, epoch: u64) -> Result<bool, VaultError> {
        for workspace in self.workspaces().await? {
            let keys = key_rows(self, workspace).await?;
            let used = keys.iter().any(|row| loaded(row.record.epoch) == epoch)
                || !page_of(self, workspace, epoch, 1, None).await?.0.is_empty();
            if used {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

async fn key_rows(
    vault: &Vault,
    workspace: WorkspaceId,
) -> Result<Vec<Versioned<WorkspaceKeyRow>>, VaultError> {
    Ok(vault
        .storage()
        .collect(workspace, Scan::table(&WORKSPACE_KEY))
        .await?)
}

/// Touches an old key row: whoever made a data key under it and has not committed yet fails.
async fn close(
    vault: &Vault,
    workspace: WorkspaceId,
    row: &Versioned<WorkspaceKeyRow>,
) -> Result<(), VaultError> {
    let batch = Batch::new(workspace).update(&row.record, row.version);
    match vault.storage().commit(batch).await {
        // Another rotation closed or ended it.
        Err(error) if !error.is_conflict() => Err(error.into()),
        _ => Ok(()),
    }
}

type SubjectKeys = Vec<Versioned<SubjectKeyRow>>;

async fn page_of(
    vault: &Vault,
    workspace: WorkspaceId,
    epoch: u64,
    limit: usize,
    after: Option<Vec<jooper_storage::Value>>,
) -> Result<(SubjectKeys, Option<Vec<jooper_storage::Value>>), VaultError> {
    let scan = Scan::table(&SUBJECT_KEY)
        .by("by_epoch")
        .prefix(vec![stored(epoch).to_value()])
        .limit(limit)
        .after(after);
    let page = vault.storage().page(workspace, scan).await?;
    Ok((page.records, page.next))
}

/// Wraps every data key of an epoch anew. `false`: some do not open and keep their epoch alive.
async fn rewrap_all(
    vault: &Vault,
    ring: &Ring,
    from: u64,
    to: u64,
    done: &mut Rotation,
) -> Result<bool, VaultError> {
    let (mut after, mut attempts, mut complete) = (None, 0, true);
    loop {
        let (rows, next) = page_of(vault, ring.workspace, from, PAGE, after.clone()).await?;
        if rows.is_empty() {
            return Ok(complete);
        }
        let (old, new) = match (ring.key(from), ring.key(to)) {
            (Some(old), Some(new)) => (old, new),
            (None, _) => return Err(ring.missing(from).await?),
            (_, None) => return Err(ring.missing(to).await?),
        };
        let mut batch = Batch::new(ring.workspace).check(new.guard()).bulk();
        let mut count = 0;
        for row in &rows {
            match rewrapped(&old, &new, row) {
                Ok(record) => {
                    batch = batch.update(&record, row.version);
                    count += 1;
                }
                Err(VaultError::WrongKey { subject }) => {
                    complete = false;
                    done.unreadable.push((ring.workspace, subject));
                }
                Err(error) => return Err(error),
            }
        }
        match vault.storage().commit(batch).await {
            Ok(()) => {
                done.rewrapped += count;
                // Wrapped rows left this order; only those that do not open are still ahead.
                match next {
                    Some(next) => after = Some(next),
                    None => return Ok(complete),
                }
                attempts = 0;
            }
            // Somebody was erased, or another rotation is at work: read the page again.
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {
                attempts += 1;
                done.unreadable.retain(|(ws, _)| *ws != ring.workspace);
                ring.refresh().await?;
            }
            Err(StoreError::Conflict { .. }) => return Err(StoreError::Busy(None).into()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn rewrapped(
    old: &RingKey,
    new: &RingKey,
    row: &Versioned<SubjectKeyRow>,
) -> Result<SubjectKeyRow, VaultError> {
    let key = old.key.unwrap(&row.record)?;
    Ok(new
        .key
        .wrap(row.record.subject, row.record.generation, &key)?)
}

#[cfg(test)]
mod tests;
