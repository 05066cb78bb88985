//! Who else wants to know that somebody stopped.

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use jooper_core::{LeadId, WorkspaceId};

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
}

const _OBJECT_SAFE: Option<&dyn OnStop> = None;
