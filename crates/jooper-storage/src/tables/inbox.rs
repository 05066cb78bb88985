//! The campaign inbox.

use jiff::Timestamp;
use jooper_core::{
    CampaignId, EnrollmentId, InboundKind, LeadId, MailboxId, MessageId, Origin, Sealed, SendKey,
    ThreadId,
};

use super::contents::MessageContent;
use crate::record::table;

table! {
    /// A conversation that a campaign began.
    pub struct ThreadRow / THREAD "thread" tenant key 1 subject "lead" on_erase Delete {
        /// The conversation.
        id: ThreadId = clear,
        /// Whose mailbox.
        mailbox: MailboxId = clear,
        /// The provider's thread.
        provider_thread: String = clear,
        /// With whom.
        lead: LeadId = clear,
        /// In which campaign, if any.
        campaign: Option<CampaignId> = clear,
        /// In which enrollment, if any.
        enrollment: Option<EnrollmentId> = clear,
        /// When the last mail came or went.
        last_at: Timestamp = clear,
        /// What arrived last, if something did.
        last_kind: Option<InboundKind> = clear,
        /// Whether nobody has looked since.
        unread: bool = clear,
    }
    index "by_time" ["last_at"]
    index "by_provider" ["mailbox", "provider_thread"]
    index "by_lead" ["lead"]
}

table! {
    /// A mail in a conversation.
    pub struct MessageRow / MESSAGE "message" tenant key 1 subject "lead" on_erase Delete {
        /// The mail.
        id: MessageId = clear,
        /// The conversation.
        thread: ThreadId = clear,
        /// Whose mailbox.
        mailbox: MailboxId = clear,
        /// With whom.
        lead: LeadId = clear,
        /// The provider's id of the mail.
        provider_id: String = clear,
        /// When it was accepted or received.
        at: Timestamp = clear,
        /// What it is; empty for our own.
        kind: Option<InboundKind> = clear,
        /// The send it is, or answers.
        send_key: Option<SendKey> = clear,
        /// Where the content came from: decides which sinks it may reach.
        origin: Origin = clear,
        /// The content.
        content: Sealed<MessageContent> = personal(Correspondence, Outreach, WithLead, "message"),
    }
    index "by_thread" ["thread", "at"]
    index "by_provider" ["mailbox", "provider_id"]
    index "by_lead" ["lead", "at"]
}
