//! What a person asks for beside the stop, kept until somebody answers.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{ACCESS_REQUESTED, ERASURE_REQUESTED, ServiceRequest};
use jooper_core::{LeadId, Origin, RequestId, WorkspaceId};
use jooper_storage::tables::{Name, PENDING, PendingRow};
use jooper_storage::{Batch, Column, Key, Scan, Storage, StorageExt, Write};
use jooper_vault::Place;
use serde::{Deserialize, Serialize};

use crate::error::TrackingError;
use crate::token::Ticket;
use crate::tracking::Tracking;

/// A request is answered within a month (GDPR Art. 12(3)); the shortest one has 28 days.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 28);

/// What a person may ask for beside the stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// See their data (GDPR Art. 15).
    See,
    /// Have it erased (GDPR Art. 17).
    Erase,
}

/// A request that nobody has answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RightsRequest {
    /// The request.
    pub id: RequestId,
    /// Whose.
    pub lead: LeadId,
    /// What they want.
    pub wish: Wish,
    /// When they asked.
    pub asked_at: Timestamp,
    /// When it must be answered at the latest.
    pub answer_by: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Content {
    lead: LeadId,
    asked_at: Timestamp,
    answer_by: Timestamp,
}

const fn kind(wish: Wish) -> i64 {
    match wish {
        Wish::See => ACCESS_REQUESTED,
        Wish::Erase => ERASURE_REQUESTED,
    }
}

fn id(lead: LeadId, wish: Wish) -> RequestId {
    let kind = kind(wish);
    ServiceRequest::Rights { lead, kind }.id()
}

fn place(id: RequestId) -> Place {
    Place::new(&PENDING, "content", &[id.to_value()])
}

impl Tracking {
    /// Records a wish. An open one stays as it is.
    pub(crate) async fn request(&self, ticket: &Ticket, wish: Wish) -> Result<(), TrackingError> {
        if wish == Wish::Erase {
            self.stop(ticket).await?;
        }
        let asked_at = self.clock.now();
        let content = Content {
            lead: ticket.lead,
            asked_at,
            answer_by: asked_at.checked_add(ANSWER_WITHIN).unwrap_or(asked_at),
        };
        let text = serde_json::to_string(&content).map_err(|_| TrackingError::Request)?;
        let vault = self.vault.workspace(ticket.workspace).await?;
        let id = id(ticket.lead, wish);
        let row = PendingRow {
            id,
            kind: kind(wish),
            // A request does not become void; `answer_by` says when it is due.
            expires_at: Timestamp::MAX,
            content: Some(vault.own().seal(&place(id), Origin::System, &Name(text))?),
        };
        let batch = Batch::new(ticket.workspace).insert(&row);
        match self.storage.commit(batch).await {
            Err(error) if error.is_conflict() => Ok(()),
            result => Ok(result?),
        }
    }

    /// The requests of a workspace that wait for an answer, longest waiting first.
    ///
    /// # Errors
    /// [`TrackingError::Store`], [`TrackingError::Vault`], [`TrackingError::Request`].
    pub async fn requests(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<RightsRequest>, TrackingError> {
        let vault = self.vault.workspace(workspace).await?;
        let mut found = Vec::new();
        for wish in [Wish::See, Wish::Erase] {
            let scan = Scan::table(&PENDING)
                .by("by_kind")
                .prefix(vec![kind(wish).to_value()]);
            for row in self.storage.collect::<PendingRow>(workspace, scan).await? {
                let id = row.record.id;
                let content = row.record.content.ok_or(TrackingError::Request)?;
                let Name(text) = vault.own().open(&place(id), &content)?;
                let content: Content =
                    serde_json::from_str(&text).map_err(|_| TrackingError::Request)?;
                found.push(RightsRequest {
                    id,
                    lead: content.lead,
                    wish,
                    asked_at: content.asked_at,
                    answer_by: content.answer_by,
                });
            }
        }
        found.sort_by_key(|request| (request.asked_at, request.id));
        Ok(found)
    }

    /// Takes a request off the list, once it was answered. Idempotent.
    ///
    /// # Errors
    /// [`TrackingError::Store`].
    pub async fn answered(
        &self,
        workspace: WorkspaceId,
        request: &RightsRequest,
    ) -> Result<(), TrackingError> {
        let key = Key::new(&PENDING, vec![request.id.to_value()]);
        let batch = Batch::new(workspace).write(Write::Delete(key));
        Ok(self.storage.commit(batch).await?)
    }
}
