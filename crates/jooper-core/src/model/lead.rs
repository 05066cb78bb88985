//! Workspaces, leads and their addresses.

use super::codes;

codes! {
    /// Whether a workspace may send at all.
    pub enum WorkspaceState {
        /// Ordinary operation.
        Active = 1,
        /// Nobody is mailed until a person resumes it.
        Paused = 2,
        /// The client is leaving: export only.
        Leaving = 3,
    }
}

codes! {
    /// What may be done with a lead's data.
    pub enum LeadState {
        /// Ordinary use.
        Active = 1,
        /// Kept, but read only for rights, law and security (GDPR Art. 18).
        Restricted = 2,
        /// Kept because a law says so, without any product access.
        Held = 3,
    }
}
