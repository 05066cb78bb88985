//! The send ledger, lanes and decision traces.

use jiff::Timestamp;
use jooper_core::{
    CampaignId, CommandId, EnrollmentId, KeyedIndex, LeadId, MailboxId, NotSentReason, PermitId,
    Sealed, SearchResult, SendKey, SendKind, SendState, SkipReason, StepIndex, UserId,
};

use super::contents::DecisionTrace;
use crate::record::table;

table! {
    /// One send, for ever (law L1).
    pub struct SendRow / SEND "send" tenant key 1 subject "lead" on_erase Scrub {
        /// What makes it this send.
        key: SendKey = clear,
        /// What it is for.
        kind: SendKind = clear,
        /// Where it stands.
        state: SendState = clear,
        /// The enrollment, for steps.
        enrollment: Option<EnrollmentId> = clear,
        /// The step, for steps.
        step: Option<StepIndex> = clear,
        /// The campaign, for steps.
        campaign: Option<CampaignId> = clear,
        /// The lead, if it goes to one.
        lead: Option<LeadId> = clear,
        /// The mailbox it goes from.
        mailbox: MailboxId = clear,
        /// The variant, for steps.
        variant: u8 = clear,
        /// How often it was handed to the provider or was about to be: 0 before the first.
        attempt: u16 = clear,
        /// The fence under which it was reserved last.
        fence: i64 = clear,
        /// The permit under which it was reserved last.
        permit: Option<PermitId> = clear,
        /// What the provider's cursor was just before the POST.
        evidence_base: Option<String> = clear,
        /// When it is planned for.
        planned_at: Timestamp = clear,
        /// When the second fenced commit was made.
        posting_at: Option<Timestamp> = clear,
        /// The same by the store's clock, which leases and acknowledged stops go by.
        posted_at: Option<Timestamp> = clear,
        /// When it was settled.
        settled_at: Option<Timestamp> = clear,
        /// Why it was not accepted, if it was not.
        not_sent: Option<NotSentReason> = clear,
        /// Why it is never sent, if it is not.
        skip: Option<SkipReason> = clear,
        /// The provider's id of the mail.
        provider_id: Option<String> = clear,
        /// The provider's id of the thread.
        provider_thread: Option<String> = clear,
        /// The Message-ID on the wire, for matching replies and reports.
        message_index: Option<KeyedIndex> = pseudonym,
        /// Whom it went to: the exact address.
        email_index: Option<KeyedIndex> = pseudonym,
        /// Which domain it went to.
        domain_index: Option<KeyedIndex> = pseudonym,
        /// How many times a named person released it for one further attempt.
        released: u16 = clear,
        /// Who released it.
        released_by: Option<UserId> = clear,
        /// What the last search for its evidence came to, while it is unknown.
        searched: Option<SearchResult> = clear,
        /// When that search was made (wall clock).
        searched_at: Option<Timestamp> = clear,
    }
    index "by_campaign" ["campaign", "state"]
    index "by_mailbox" ["mailbox", "state", "planned_at"]
    index "by_thread" ["mailbox", "provider_thread"]
    index "by_message" ["message_index"]
}

table! {
    /// One mailbox's single writer.
    pub struct LaneRow / LANE "lane" tenant key 1 claim "wake_at" "lease_until" "fence" {
        /// The mailbox.
        mailbox: MailboxId = clear,
        /// When it wants attention (wall clock).
        wake_at: Timestamp = clear,
        /// Until when it is held (store clock).
        lease_until: Timestamp = clear,
        /// The fencing token: grows with every claim.
        fence: i64 = clear,
        /// The earliest instant of the next send: the gap after the last one (wall clock).
        next_slot: Timestamp = clear,
        /// The highest wall-clock time this lane has seen; days and windows never run backwards.
        high_water: Timestamp = clear,
        /// What it sent in the last hours, for its budgets: times and short tags of campaigns.
        recent: Option<Vec<u8>> = clear,
    }
}

table! {
    /// A mailbox whose sends are being rebuilt after a restore; it sends nothing while this is here.
    pub struct RebuildRow / REBUILD "rebuild" tenant key 1 {
        /// The mailbox.
        mailbox: MailboxId = clear,
        /// The epoch that began with the restore.
        epoch: i64 = clear,
        /// When the restored data was started (wall clock): own mails of later times that the
        /// ledger lacks are a second copy's.
        since: Timestamp = clear,
    }
}

table! {
    /// A command that waits for the lane's holder.
    pub struct LaneCommandRow / LANE_COMMAND "lane_command" tenant key 2 {
        /// The lane.
        mailbox: MailboxId = clear,
        /// The command; ids grow with time.
        id: CommandId = clear,
        /// The engine's encoding: ids and numbers only.
        command: Vec<u8> = clear,
    }
}

table! {
    /// What was decided about a lead in a campaign, and why; written when a verdict changes.
    pub struct TraceRow / TRACE "trace" tenant key 2 subject "lead" on_erase Delete {
        /// The enrollment.
        enrollment: EnrollmentId = clear,
        /// Its number, among those of the enrollment. Numbers of earlier versions are times, in
        /// milliseconds: order by the time first.
        number: i64 = clear,
        /// When.
        at: Timestamp = clear,
        /// Whom it is about.
        lead: LeadId = clear,
        /// Each gate, its input, its verdict.
        trace: Sealed<DecisionTrace> = personal(Decision, Outreach, WithLead, "decision"),
    }
    index "by_lead" ["lead", "at"]
}
