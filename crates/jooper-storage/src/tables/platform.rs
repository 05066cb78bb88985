//! The closed list of tables that no workspace owns.

use jiff::Timestamp;
use jooper_core::{KeyedIndex, MailboxId, StopReason, UserId, WorkspaceId};
use uuid::Uuid;

use crate::record::table;

table! {
    /// The installation: one row.
    pub struct InstallationRow / INSTALLATION "installation" platform key 1 {
        /// Always 1.
        id: i64 = clear,
        /// Which installation wrote this data.
        installation: Uuid = clear,
        /// The epoch of the data: one more with every restore.
        epoch: i64 = clear,
        /// How much of the witness this data knows.
        witness_position: i64 = clear,
        /// The high-water mark: the witness never knows a higher one than the newest data. 0 in a
        /// copy.
        mark: i64 = clear,
    }
}

table! {
    /// Which workspaces there are.
    pub struct WorkspaceDirectoryRow / WORKSPACE_DIRECTORY "workspace_directory" platform key 1 {
        /// The workspace.
        id: WorkspaceId = clear,
        /// When it was made.
        created_at: Timestamp = clear,
    }
}

table! {
    /// Somebody whom no workspace may mail. Answers nothing but "not sendable".
    pub struct DoNotContactRow / DO_NOT_CONTACT "do_not_contact" platform key 1 {
        /// An address's variant, under the platform's own key.
        index: KeyedIndex = pseudonym,
        /// Why.
        reason: StopReason = clear,
        /// Since when.
        since: Timestamp = clear,
    }
}

table! {
    /// Which workspace a provider account is connected to: at most one.
    pub struct MailboxOwnerRow / MAILBOX_OWNER "mailbox_owner" platform key 1 {
        /// The provider's account id, under the platform's own key.
        sub_index: KeyedIndex = pseudonym,
        /// The workspace.
        workspace: WorkspaceId = clear,
        /// The mailbox there.
        mailbox: MailboxId = clear,
    }
}

table! {
    /// Which user signs in under a provider account or an address.
    pub struct SignInRow / SIGN_IN "sign_in" platform key 1 {
        /// The account id or address, under the platform's own key.
        sub_index: KeyedIndex = pseudonym,
        /// The workspace.
        workspace: WorkspaceId = clear,
        /// The user there.
        user: UserId = clear,
    }
}
