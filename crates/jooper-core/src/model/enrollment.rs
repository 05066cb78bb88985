//! Campaigns and the leads in them.

use super::codes;

codes! {
    /// Where a campaign stands.
    pub enum CampaignState {
        /// Being written; nothing is sent.
        Draft = 1,
        /// Sending.
        Active = 2,
        /// A person paused it.
        Paused = 3,
        /// A circuit breaker paused it; a person must look.
        Tripped = 4,
        /// Every enrollment has ended.
        Finished = 5,
        /// Ended for good before it was finished.
        Stopped = 6,
    }
}

codes! {
    /// Where a lead stands in a campaign.
    pub enum EnrollmentState {
        /// Waits for its next step to become due.
        Active = 1,
        /// Does nothing until resumed, by a person or at a time.
        Paused = 2,
        /// A send is unknown or a decision is needed: a person must look.
        Parked = 3,
        /// Ended; the reason says how.
        Finished = 4,
    }
}

codes! {
    /// How an enrollment ended.
    pub enum FinishReason {
        /// Every step was done.
        Completed = 1,
        /// The person answered.
        Replied = 2,
        /// The address does not exist.
        Bounced = 3,
        /// The person asked for no more mail.
        Unsubscribed = 4,
        /// The person, or a provider for them, complained.
        Complained = 5,
        /// The lead was erased.
        Erased = 6,
        /// A person removed the lead from the campaign.
        Removed = 7,
        /// The campaign, workspace or company was stopped for good.
        Stopped = 8,
        /// A goal of the sequence was reached.
        Goal = 9,
        /// A colleague at the same company answered.
        CompanyReplied = 10,
        /// The gate will never allow it (no basis, suppressed).
        Refused = 11,
        /// The person has left the organization.
        LeftCompany = 12,
        /// An exit rule of the sequence held.
        Exit = 13,
        /// The person is away, and the sequence stops at an absence.
        Away = 14,
    }
}

codes! {
    /// Why an enrollment is paused or parked.
    pub enum WaitReason {
        /// A person paused it.
        ByPerson = 1,
        /// An absence notice, at which the sequence pauses until a person resumes.
        OutOfOffice = 2,
        /// The owner wrote in the thread by hand.
        OwnerWrote = 3,
        /// A send is unknown.
        SendUnknown = 4,
        /// The mailbox cannot send.
        MailboxDown = 5,
        /// A manual task of the sequence waits for a person.
        ManualTask = 6,
        /// Overdue beyond the threshold; asks first.
        Overdue = 7,
        /// The mail was refused; a person should look.
        SendRefused = 8,
        /// Restored from a backup; sends cannot be rebuilt from this mailbox.
        Restored = 9,
        /// A mail that arrived in their conversation cannot be read; a person should look.
        Unread = 10,
        /// The person answered; somebody reads it first.
        Answered = 11,
        /// Something stored about the lead does not open; a person should look.
        Unreadable = 12,
        /// Their mailbox was taken out of the campaign, and nobody else goes on in its conversation.
        MailboxRemoved = 13,
        /// Their campaign, or the version of its sequence that they are in, is not there; a person should
        /// look.
        CampaignMissing = 14,
    }
}
