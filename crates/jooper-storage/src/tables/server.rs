//! Workspaces, users and settings.

use jiff::Timestamp;
use jooper_core::{RequestId, Sealed, UserId, WorkspaceId, WorkspaceState};

use super::contents::{Name, UserProfile, WorkspaceIdentity};
use crate::record::table;

table! {
    /// The workspace itself.
    pub struct WorkspaceRow / WORKSPACE "workspace" tenant key 1 subject "id" on_erase Delete {
        /// The workspace.
        id: WorkspaceId = clear,
        /// Whether it may send.
        state: WorkspaceState = clear,
        /// Who sends, as the law wants it told.
        identity: Option<Sealed<WorkspaceIdentity>>
            = personal(Account, Account, WithWorkspace, "identity"),
        /// When it was made.
        created_at: Timestamp = clear,
    }
}

table! {
    /// A person who signs in.
    pub struct UserRow / USER "account" tenant key 1 subject "id" on_erase Delete {
        /// The user.
        id: UserId = clear,
        /// A name for what they may do: `owner`, `member`, `viewer`.
        role: String = clear,
        /// Address, name and password hash.
        profile: Sealed<UserProfile> = personal(Account, Account, WithUser, "account"),
        /// When it was made.
        created_at: Timestamp = clear,
    }
}

/// The name of the setting that holds the bases that a workspace refuses, one bit each: of its
/// [code](jooper_core::Code::code).
pub const REFUSED_BASES: &str = "consent.refused_bases";

table! {
    /// A setting, or the state of a background job.
    pub struct SettingRow / SETTING "setting" tenant key 1 {
        /// A machine-made name.
        name: String = clear,
        /// A number.
        number: i64 = clear,
        /// A sealed value.
        value: Option<Sealed<Name>> = personal(Naming, Account, WithWorkspace, "setting"),
    }
}

table! {
    /// Something half-done that waits for its other half: an OAuth state, a session, a request.
    pub struct PendingRow / PENDING "pending" tenant key 1 {
        /// The request.
        id: RequestId = clear,
        /// What it is for, by its owner's own numbers.
        kind: i64 = clear,
        /// When it is void.
        expires_at: Timestamp = clear,
        /// Sealed details.
        content: Option<Sealed<Name>> = personal(Account, Account, WithWorkspace, "pending"),
    }
    index "by_kind" ["kind", "expires_at"]
}
