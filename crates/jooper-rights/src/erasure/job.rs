//! How far an erasure has come, as a row that survives a crash.

use jiff::Timestamp;
use jooper_core::{LeadId, Origin, RequestId, WorkspaceId};
use jooper_storage::tables::{Name, PendingRow};
use jooper_storage::{Column, Record, StorageExt, Version, Versioned};
use jooper_vault::{Place, WorkspaceVault};
use serde::{Deserialize, Serialize};

use super::ErasureRequest;
use crate::error::RightsError;
use crate::rights::Rights;

/// The `kind` of a [`PendingRow`] that is an unfinished erasure. Never swept.
pub const ERASURE_RUNNING: i64 = 17_001;
/// The `kind` of a [`PendingRow`] that is a finished erasure's record.
pub const ERASURE_DONE: i64 = 17_002;

/// How far it has come. Later steps compare greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Received,
    Stopped,
    Witnessed,
    Erased,
    Done,
}

/// What must outlive the lead's own rows. Holds no personal data: commitments are salted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) stage: Stage,
    pub(crate) request: RequestId,
    pub(crate) received_at: Timestamp,
    pub(crate) stopped_at: Option<Timestamp>,
    pub(crate) commitments: Vec<String>,
    pub(crate) also: Vec<LeadId>,
    pub(crate) epoch: u64,
    pub(crate) erased_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) bytes_later: bool,
    pub(crate) certificate: Option<String>,
}

impl Job {
    pub(crate) const fn new(request: ErasureRequest) -> Self {
        Self {
            stage: Stage::Received,
            request: request.id,
            received_at: request.received_at,
            stopped_at: None,
            commitments: Vec::new(),
            also: Vec::new(),
            epoch: 0,
            erased_at: None,
            bytes_later: false,
            certificate: None,
        }
    }
}

/// One erasure per lead, for ever: the row is named after the lead.
pub(crate) const fn row_id(lead: LeadId) -> RequestId {
    RequestId::from_uuid(lead.uuid())
}

fn place(lead: LeadId) -> Place {
    Place::new(
        &jooper_storage::tables::PENDING,
        "content",
        &[row_id(lead).to_value()],
    )
}

impl Rights {
    /// The erasure of a lead, if one was begun, with the version of its row.
    pub(crate) async fn job(
        &self,
        ours: &WorkspaceVault,
        lead: LeadId,
    ) -> Result<Option<(Job, Version)>, RightsError> {
        let row: Option<Versioned<PendingRow>> = self
            .storage
            .find(ours.workspace(), vec![row_id(lead).to_value()])
            .await?;
        let Some(Versioned { record, version }) = row else {
            return Ok(None);
        };
        if ![ERASURE_RUNNING, ERASURE_DONE].contains(&record.kind) {
            return Err(RightsError::Record { lead });
        }
        let sealed = record.content.ok_or(RightsError::Record { lead })?;
        let Name(text) = ours.own().open(&place(lead), &sealed)?;
        let job = serde_json::from_str(&text).map_err(|_| RightsError::Record { lead })?;
        Ok(Some((job, version)))
    }

    /// The row that keeps a job.
    pub(crate) fn job_row(
        &self,
        ours: &WorkspaceVault,
        lead: LeadId,
        job: &Job,
    ) -> Result<PendingRow, RightsError> {
        let text = serde_json::to_string(job).map_err(|_| RightsError::Record { lead })?;
        let sealed = ours.own().seal(&place(lead), Origin::System, &Name(text))?;
        let (kind, expires_at) = if job.stage == Stage::Done {
            let kept = jiff::SignedDuration::from_hours(24 * i64::from(self.settings.proof_days));
            let until = self.clock.now().checked_add(kept);
            (ERASURE_DONE, until.unwrap_or(Timestamp::MAX))
        } else {
            (ERASURE_RUNNING, Timestamp::MAX)
        };
        Ok(PendingRow {
            id: row_id(lead),
            kind,
            expires_at,
            content: Some(sealed),
        })
    }

    /// The leads of a workspace whose erasure has not finished.
    pub(crate) async fn unfinished(&self, ws: WorkspaceId) -> Result<Vec<LeadId>, RightsError> {
        let scan = jooper_storage::Scan::table(PendingRow::TABLE)
            .by("by_kind")
            .prefix(vec![ERASURE_RUNNING.to_value()]);
        let rows: Vec<Versioned<PendingRow>> = self.storage.collect(ws, scan).await?;
        Ok(rows
            .into_iter()
            .map(|row| LeadId::from_uuid(row.record.id.uuid()))
            .collect())
    }
}
