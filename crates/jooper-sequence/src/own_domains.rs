//! Domains that a workspace names as its own beside those of its mailboxes.

use jooper_consent::{ContentRules, Note, OwnDomains};
use jooper_core::{Dimensions, EventKind, Origin, UserId, WorkspaceId};
use jooper_storage::tables::{WORKSPACE, WorkspaceIdentity, WorkspaceRow};
use jooper_storage::{Batch, Column, LogEntry, StorageExt};
use jooper_vault::Place;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::workspaces::open_identity;

impl Engine {
    /// The domains that a workspace named as its own.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn own_domains(&self, workspace: WorkspaceId) -> Result<OwnDomains, EngineError> {
        Ok(named(&self.identity(workspace).await?))
    }

    /// Names the domains that are a workspace's own, in place of those that were named before: the
    /// sender's name of its mails may show them. No other workspace's may.
    ///
    /// A person answers for it: the audit chain has who named which, under keyed indexes.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Store`]: a conflict says that somebody else changed the
    /// workspace meanwhile.
    pub async fn set_own_domains(
        &self,
        workspace: WorkspaceId,
        domains: &OwnDomains,
        by: UserId,
    ) -> Result<(), EngineError> {
        let key = vec![workspace.to_value()];
        let storage = self.storage();
        let found = storage.find::<WorkspaceRow>(workspace, key.clone()).await?;
        let found = found.ok_or(EngineError::NotFound("workspace"))?;
        let vault = self.parts.vault.workspace(workspace).await?;
        let identity = WorkspaceIdentity {
            own_domains: domains.names().map(str::to_owned).collect(),
            ..open_identity(&vault, &found.record)?
        };
        let place = Place::new(&WORKSPACE, "identity", &key);
        let row = WorkspaceRow {
            identity: Some(vault.own().seal(&place, Origin::Customer, &identity)?),
            ..found.record
        };
        let now = self.now();
        let millis = now.as_millisecond().to_be_bytes();
        let source: &[&[u8]] = &[b"own domains", &millis, &found.version.to_be_bytes()];
        let kind = EventKind::PolicyInstalled;
        let mut fact = LogEntry::new(kind, now, source, Dimensions::default());
        let indexes = domains.names().map(|name| vault.domain_index(name));
        let note = Note::OwnDomains {
            domains: indexes.collect(),
            by,
        };
        fact.payload = Some(note.to_payload());
        let batch = Batch::new(workspace).update(&row, found.version);
        Ok(storage.commit(batch.append(fact)).await?)
    }

    /// What the mails of a workspace are held to.
    pub(crate) fn rules_of(&self, identity: &WorkspaceIdentity) -> ContentRules {
        let rules = self.parts.gate.content_rules().clone();
        rules.with_own_domains(named(identity))
    }
}

/// The domains that a workspace named as its own, as its identity has them.
pub(crate) fn named(identity: &WorkspaceIdentity) -> OwnDomains {
    OwnDomains::known(&identity.own_domains)
}
