//! Where the link that stops comes from.

use std::fmt::Debug;

use async_trait::async_trait;
use jooper_core::{EmailAddress, LeadId, RequestId, SendKey, WorkspaceId};

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

    /// Whom a service mail goes to and what it links to; `None` when the request is not open any
    /// more, or not one of these links.
    ///
    /// # Errors
    /// An error means that the mail cannot be sent now.
    async fn service_mail(
        &self,
        _workspace: WorkspaceId,
        _request: RequestId,
        _kind: u8,
    ) -> Result<Option<ServiceMail>, LinkError> {
        Ok(None)
    }
}

/// A mail that answers a person's own request.
#[derive(Clone)]
pub struct ServiceMail {
    /// The address that the request came from or is about.
    pub to: EmailAddress,
    /// Where the person goes on.
    pub url: String,
}

impl std::fmt::Debug for ServiceMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServiceMail(***)")
    }
}

/// Why there is no link now.
#[derive(Debug, thiserror::Error)]
#[error("the unsubscribe link cannot be made")]
pub struct LinkError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

const _OBJECT_SAFE: Option<&dyn UnsubscribeLinks> = None;
