//! Sequences, campaigns and the leads in them.

use jiff::Timestamp;
use jooper_core::{
    CampaignId, CampaignState, EnrollmentId, EnrollmentState, FinishReason, LeadId, MailboxId,
    Sealed, SequenceId, StepIndex, WaitReason,
};

use super::contents::{CampaignContent, SequenceContent};
use crate::record::table;

table! {
    /// One immutable version of a sequence.
    pub struct SequenceRow / SEQUENCE "sequence" tenant key 2 {
        /// The sequence.
        id: SequenceId = clear,
        /// The version, from 1.
        version: u32 = clear,
        /// When it was saved.
        created_at: Timestamp = clear,
        /// How many steps it has.
        steps: u16 = clear,
        /// Steps, texts and conditions.
        content: Sealed<SequenceContent> = personal(Naming, Outreach, WithWorkspace, "sequence"),
    }
}

table! {
    /// A campaign.
    pub struct CampaignRow / CAMPAIGN "campaign" tenant key 1 {
        /// The campaign.
        id: CampaignId = clear,
        /// Where it stands.
        state: CampaignState = clear,
        /// Its sequence.
        sequence: SequenceId = clear,
        /// The version that new enrollments get.
        sequence_version: u32 = clear,
        /// The seed of every draw.
        seed: i64 = clear,
        /// When it was made.
        created_at: Timestamp = clear,
        /// When it was activated first.
        activated_at: Option<Timestamp> = clear,
        /// Name, mailboxes, schedule and policy.
        content: Sealed<CampaignContent> = personal(Naming, Outreach, WithWorkspace, "campaign"),
    }
    index "by_created" ["created_at"]
}

table! {
    /// One lead in one campaign. Written only by the holder of its mailbox's lane.
    pub struct EnrollmentRow / ENROLLMENT "enrollment" tenant key 1 {
        /// The enrollment.
        id: EnrollmentId = clear,
        /// The campaign.
        campaign: CampaignId = clear,
        /// The lead.
        lead: LeadId = clear,
        /// The one mailbox that writes to this lead.
        mailbox: MailboxId = clear,
        /// The version of the sequence it runs.
        sequence_version: u32 = clear,
        /// Where it stands.
        state: EnrollmentState = clear,
        /// The next step.
        step: StepIndex = clear,
        /// The number of steps that were sent.
        sent: u16 = clear,
        /// When it wants attention next.
        due_at: Option<Timestamp> = clear,
        /// Why it waits, if it does.
        wait: Option<WaitReason> = clear,
        /// How it ended, if it did.
        finish: Option<FinishReason> = clear,
        /// The provider's thread, once there is one.
        thread: Option<String> = clear,
        /// When the last mail was accepted.
        last_sent_at: Option<Timestamp> = clear,
        /// The engine's own small state (waits, branches), without personal data.
        memory: Option<Vec<u8>> = clear,
        /// When the lead was enrolled.
        created_at: Timestamp = clear,
        /// The mails that are settled (sent, skipped, given up), a bit for each number. A row of
        /// before this column has settled every mail before `step`.
        settled: Option<i64> = clear,
    }
    index "by_due" ["mailbox", "state", "due_at"]
    index "by_turn" ["mailbox", "state", "sent", "campaign", "due_at"]
    index "by_campaign" ["campaign", "state"]
    index "by_lead" ["lead"]
}

impl EnrollmentRow {
    /// An enrollment before anything has happened to it, made at `now`.
    pub const fn fresh(
        id: EnrollmentId,
        campaign: CampaignId,
        lead: LeadId,
        mailbox: MailboxId,
        sequence_version: u32,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            campaign,
            lead,
            mailbox,
            sequence_version,
            state: EnrollmentState::Active,
            step: StepIndex(0),
            sent: 0,
            due_at: None,
            wait: None,
            finish: None,
            thread: None,
            last_sent_at: None,
            memory: None,
            created_at: now,
            settled: None,
        }
    }

    /// The mails that are settled, a bit for each number.
    pub const fn settled_mails(&self) -> u64 {
        match self.settled {
            Some(bits) => bits as u64,
            None if self.step.0 >= 64 => u64::MAX,
            None => (1 << self.step.0) - 1,
        }
    }
}
