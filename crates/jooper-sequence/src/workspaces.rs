//! Workspaces: making one, and saying who sends.

use jooper_consent::StopScope;
use jooper_core::{Bucket, Origin, StopReason, UserId, WorkspaceId, WorkspaceState};
use jooper_storage::tables::{WORKSPACE, WorkspaceDirectoryRow, WorkspaceIdentity, WorkspaceRow};
use jooper_storage::{Batch, Column, Scan, Scope, StorageExt};
use jooper_vault::{Place, WorkspaceVault};

use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Makes a workspace.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn create_workspace(
        &self,
        identity: &WorkspaceIdentity,
    ) -> Result<WorkspaceId, EngineError> {
        let now = self.now();
        let ids = &self.parts.ids;
        let random = ids.uuid(now).as_u64_pair().1;
        let id = WorkspaceId::in_bucket(ids.uuid(now), Bucket::ordinary(random));
        let row = WorkspaceRow {
            id,
            state: WorkspaceState::Active,
            identity: None,
            created_at: now,
        };
        // The row first: its keys, made next, list it in the directory, and whatever is listed must be
        // there.
        self.storage().commit(Batch::new(id).insert(&row)).await?;
        self.set_identity(id, identity).await?;
        Ok(id)
    }

    /// Stops every campaign of a workspace until it is resumed. Acknowledged: no send starts any
    /// more.
    ///
    /// # Errors
    /// [`EngineError::Stop`]: not acknowledged; call again.
    pub async fn pause_workspace(&self, workspace: WorkspaceId) -> Result<(), EngineError> {
        self.stop(workspace, StopScope::Workspace, StopReason::Paused)
            .await
    }

    /// Goes on after a pause of the whole workspace, at once: its lanes look again.
    ///
    /// # Errors
    /// [`EngineError::Stop`].
    pub async fn resume_workspace(
        &self,
        workspace: WorkspaceId,
        by: UserId,
    ) -> Result<(), EngineError> {
        let goes_on = || async { Ok(Batch::new(workspace)) };
        self.resume(workspace, &StopScope::Workspace, by, goes_on)
            .await?;
        let mailboxes = self.mailbox_ids(workspace).await?;
        self.wake_lanes(workspace, mailboxes).await
    }

    /// Whether a person paused the whole workspace.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn is_workspace_paused(&self, workspace: WorkspaceId) -> Result<bool, EngineError> {
        self.is_paused(workspace, &StopScope::Workspace).await
    }

    /// Every workspace of the installation.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn workspaces(&self) -> Result<Vec<WorkspaceId>, EngineError> {
        let scan = Scan::table(&jooper_storage::tables::WORKSPACE_DIRECTORY);
        let rows = self
            .storage()
            .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
            .await?;
        Ok(rows.into_iter().map(|row| row.record.id).collect())
    }

    /// Says who sends: legal name, postal address, privacy notice. Nothing is sent without. The domains
    /// that were named as its own stay: see [`Engine::set_own_domains`].
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn set_identity(
        &self,
        workspace: WorkspaceId,
        identity: &WorkspaceIdentity,
    ) -> Result<(), EngineError> {
        let key = vec![workspace.to_value()];
        let found = self
            .storage()
            .find::<WorkspaceRow>(workspace, key.clone())
            .await?
            .ok_or(EngineError::NotFound("workspace"))?;
        let vault = self.parts.vault.workspace(workspace).await?;
        let place = Place::new(&WORKSPACE, "identity", &key);
        // Those have an act of their own.
        let identity = WorkspaceIdentity {
            own_domains: open_identity(&vault, &found.record)?.own_domains,
            ..identity.clone()
        };
        let sealed = vault.own().seal(&place, Origin::Customer, &identity)?;
        let row = WorkspaceRow {
            identity: Some(sealed),
            ..found.record
        };
        Ok(self
            .storage()
            .commit(Batch::new(workspace).update(&row, found.version))
            .await?)
    }

    /// Who sends.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn identity(&self, workspace: WorkspaceId) -> Result<WorkspaceIdentity, EngineError> {
        let key = vec![workspace.to_value()];
        let found = self
            .storage()
            .find::<WorkspaceRow>(workspace, key)
            .await?
            .ok_or(EngineError::NotFound("workspace"))?;
        if found.record.identity.is_none() {
            return Ok(WorkspaceIdentity::default());
        }
        let vault = self.parts.vault.workspace(workspace).await?;
        open_identity(&vault, &found.record)
    }
}

/// Who a workspace is, from its row.
pub(crate) fn open_identity(
    vault: &WorkspaceVault,
    row: &WorkspaceRow,
) -> Result<WorkspaceIdentity, EngineError> {
    let Some(sealed) = &row.identity else {
        return Ok(WorkspaceIdentity::default());
    };
    let key = [row.id.to_value()];
    let place = Place::new(&WORKSPACE, "identity", &key);
    Ok(vault.own().open(&place, sealed)?)
}
