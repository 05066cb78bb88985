//! Erasure: stop, tell, erase, prove.
//!
//! ```text
//! Received   the request is written down; from here on resume() finishes it
//! Stopped    every form of every address is in the witness and on the list; no send starts
//! Witnessed  the witness knows of the erasure: a restored backup will repeat it
//! Erased     rows, log payloads and the wrapped key are gone, the files cleaned
//! Done       the event is in the log, the certificate signed
//! ```
//!
//! Tombstone first, data second: a crash leaves more blocked, never less. Each step is safe to
//! repeat, and what a later step needs is written down before its rows go.

mod job;
mod steps;

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{EnrollmentId, LeadId, MailboxId, RequestId, WorkspaceId};

use crate::certificate::Certificate;

pub use job::{ERASURE_DONE, ERASURE_RUNNING};

/// A person's wish to be erased, after their identity was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasureRequest {
    /// The request.
    pub id: RequestId,
    /// When it came in.
    pub received_at: Timestamp,
}

/// A finished erasure.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Erasure {
    /// What proves it.
    pub certificate: Certificate,
    /// For the person alone: with it and their address they can show that it is about them.
    pub salt: [u8; 32],
    /// Other leads under the same address: most likely the same person. They are suppressed; whether
    /// they are erased too is the caller's decision.
    pub also_recorded_as: Vec<LeadId>,
}

/// Told of an erasure after the stop and before anything is removed, and of the end of a restriction;
/// perhaps more than once.
///
/// For ending enrollments in their lanes or letting them go on, and for telling whoever received the
/// data (GDPR Art. 19).
#[async_trait]
pub trait OnErasure: Debug + Send + Sync + 'static {
    /// Called with the enrollments that the lead has. An error stops the erasure until it is
    /// called again.
    ///
    /// # Errors
    /// Any; it must not name the person.
    async fn stopped(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
        enrollments: &[(EnrollmentId, MailboxId)],
    ) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// Called when a restriction of the lead has ended: what waited for that may go on. Does nothing
    /// unless it is written.
    ///
    /// # Errors
    /// Any; it must not name the person. The restriction has ended all the same.
    async fn unrestricted(
        &self,
        _: WorkspaceId,
        _: LeadId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}
