//! The audit chain: out of the store for others to check, and checked where it lies.

use std::io::Write;
use std::sync::Arc;

use jooper_consent::{AuditKey, AuditReport, AuditWriter, Exporter, PolicySet};
use jooper_core::WorkspaceId;

use crate::jooper::{Jooper, RunError};

impl Jooper {
    /// Writes a workspace's whole audit chain, one line of JSON for each leaf and head, with a
    /// fresh head over everything so far. Returns the public key that an auditor needs; give it to
    /// them by another way than the export.
    ///
    /// # Errors
    /// [`RunError::Audit`], [`RunError::Store`], [`RunError::Keys`].
    pub async fn audit_export<W: Write + Send>(
        &self,
        workspace: WorkspaceId,
        out: &mut W,
    ) -> Result<[u8; 32], RunError> {
        let key = Arc::new(self.audit_key().await?);
        let exporter = self.sealed(workspace, &key).await?;
        exporter.write(workspace, out).await?;
        Ok(key.public())
    }

    /// Checks a workspace's audit chain where it lies: whether anything was changed, removed or
    /// put elsewhere, and whether any mail began behind an acknowledged stop (law L4).
    ///
    /// # Errors
    /// As [`Jooper::audit_export`]; what is wrong with the chain is in the report.
    pub async fn audit_verify(&self, workspace: WorkspaceId) -> Result<AuditReport, RunError> {
        let key = Arc::new(self.audit_key().await?);
        Ok(self.sealed(workspace, &key).await?.check(workspace).await?)
    }

    async fn sealed(
        &self,
        workspace: WorkspaceId,
        key: &Arc<AuditKey>,
    ) -> Result<Exporter, RunError> {
        let writer = AuditWriter::new(self.storage.clone(), Arc::clone(key), self.clock.clone());
        writer.seal(workspace).await?;
        let exporter = Exporter::new(self.storage.clone(), Arc::clone(key));
        Ok(exporter.sealed_by(writer))
    }

    /// The policy tables in force.
    pub const fn policies(&self) -> &PolicySet {
        self.gate.policies()
    }
}
