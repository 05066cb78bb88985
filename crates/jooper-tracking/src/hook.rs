//! Who else wants to know that somebody stopped.

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use jooper_core::{LeadId, RequestId, WorkspaceId};

/// Told after a stop was acknowledged: the person's enrollments can end at once.
///
/// The stop holds whether or not this works.
#[async_trait]
pub trait OnStop: Debug + Send + Sync + 'static {
    /// A person asked for no more mail.
    ///
    /// # Errors
    /// Any; it is logged and changes nothing for the person.
    async fn stopped(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// Somebody asked for mail on the sign-up page: one service mail to the address itself asks
    /// for the confirmation ([`Tracking::opt_in_request`](crate::Tracking::opt_in_request)).
    ///
    /// # Errors
    /// Any; it is logged, and the person can ask again once the request has expired.
    async fn asked_for_mail(
        &self,
        _workspace: WorkspaceId,
        _request: RequestId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

const _OBJECT_SAFE: Option<&dyn OnStop> = None;
