//! Where the link that stops comes from.

use std::fmt::Debug;

use async_trait::async_trait;
use jooper_core::{EmailAddress, LeadId, SendKey, WorkspaceId};

/// Makes the unsubscribe link of one mail. Tracking implements it; the engine only prints it.
#[async_trait]
pub trait UnsubscribeLinks: Debug + Send + Sync + 'static {
    /// The link for this person and mail: valid for years, opaque, without personal data.
    ///
    /// # Errors
    /// An error means that the mail cannot be sent now: no outreach mail goes without its link.
    async fn unsubscribe_url(
        &self,
        workspace: WorkspaceId,
        address: &EmailAddress,
        lead: LeadId,
        send_key: &SendKey,
    ) -> Result<String, LinkError>;
}

/// Why there is no link now.
#[derive(Debug, thiserror::Error)]
#[error("the unsubscribe link cannot be made")]
pub struct LinkError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

const _OBJECT_SAFE: Option<&dyn UnsubscribeLinks> = None;
