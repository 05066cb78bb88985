//! Connected accounts.

use jiff::Timestamp;
use jooper_core::{KeyedIndex, MailboxId, MailboxState, ParkReason, Sealed, UserId};

use super::contents::{Credential, MailboxProfile};
use crate::record::table;

table! {
    /// A sender account.
    pub struct MailboxRow / MAILBOX "mailbox" tenant key 1 subject "id" on_erase Delete {
        /// The mailbox.
        id: MailboxId = clear,
        /// Who owns it.
        owner: UserId = clear,
        /// The provider's account id.
        sub_index: KeyedIndex = pseudonym,
        /// The domain it sends from.
        domain_index: KeyedIndex = pseudonym,
        /// What it can do now.
        state: MailboxState = clear,
        /// Until when it is parked, if it is.
        parked_until: Option<Timestamp> = clear,
        /// Why it is parked; unknown for what earlier versions parked.
        park_reason: Option<ParkReason> = clear,
        /// How far its changes were read: the provider's opaque cursor.
        cursor: Option<String> = clear,
        /// When its changes were read last.
        synced_at: Option<Timestamp> = clear,
        /// When it was connected.
        connected_at: Timestamp = clear,
        /// Address, name and aliases.
        profile: Sealed<MailboxProfile> = personal(Account, Account, WithMailbox, "mailbox"),
    }
}

table! {
    /// The tokens of a mailbox. Written by compare-and-swap on the version.
    pub struct CredentialRow / CREDENTIAL "credential" tenant key 1
        subject "mailbox" on_erase Delete
    {
        /// Whose.
        mailbox: MailboxId = clear,
        /// When it was written.
        updated_at: Timestamp = clear,
        /// The tokens.
        tokens: Sealed<Credential> = personal(Credential, Account, WithMailbox, "credential"),
    }
}
