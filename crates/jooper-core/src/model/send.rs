//! Words of the ledger.

use super::codes;

codes! {
    /// What a send is for.
    pub enum SendKind {
        /// A step of a sequence.
        Step = 1,
        /// A person's reply in the campaign inbox.
        Reply = 2,
        /// A test to oneself.
        Test = 3,
        /// A service mail.
        Service = 4,
    }
}

codes! {
    /// Where a send stands.
    pub enum SendState {
        /// Intended; nothing has happened.
        Planned = 1,
        /// A permit is held under a fence; the provider knows nothing.
        Reserved = 2,
        /// The second fenced commit, immediately before the POST.
        Posting = 3,
        /// Accepted by the provider.
        Sent = 4,
        /// Not accepted, for sure.
        NotSent = 5,
        /// Nobody knows yet.
        Unknown = 6,
        /// A person gave up on an unknown one: counted, never resent.
        Abandoned = 7,
        /// Will not be sent, for a reason that will not change.
        Skipped = 8,
    }
}

codes! {
    /// Why a mail was not accepted.
    pub enum NotSentReason {
        /// No connection was made.
        Unreachable = 1,
        /// The credentials were refused.
        Unauthorized = 2,
        /// A scope is missing or an administrator forbids it.
        Forbidden = 3,
        /// Too fast; the provider says when to come back.
        RateLimited = 4,
        /// The account has sent too much for today.
        SendingLimit = 5,
        /// The provider calls the mail itself invalid.
        Invalid = 6,
        /// The permit's lease ran out before the last byte.
        LeaseExpired = 7,
        /// The mail is larger than the provider takes.
        TooLarge = 8,
        /// The account has no mail service.
        NoMailService = 9,
        /// The short-lived token was refused; the next attempt begins with a new one.
        TokenRefused = 10,
        /// The conversation it answers is no longer in the mailbox; the next attempt begins a new
        /// one there.
        ThreadGone = 11,
        /// The permit was another installation's, transport's or mailbox's: it was not used.
        ForeignPermit = 12,
        /// The mail is not the one that its permit allows: another recipient, or no way out, no notice,
        /// a subject that pretends to answer.
        NotAsPermitted = 13,
        /// The mail's own bytes hold what no mail may hold.
        Content = 14,
    }
}

impl NotSentReason {
    /// Whether the same mail would be refused again, so that nobody tries it.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Invalid
                | Self::TooLarge
                | Self::ForeignPermit
                | Self::NotAsPermitted
                | Self::Content
        )
    }
}

codes! {
    /// Why a step is never sent to a lead.
    pub enum SkipReason {
        /// The enrollment ended before this step.
        Ended = 1,
        /// A condition led another way.
        Branch = 2,
        /// A person skipped it.
        ByPerson = 3,
        /// The gate refused for good: no basis.
        NoBasis = 4,
        /// The gate refused for good: suppressed.
        Suppressed = 5,
        /// The lead was erased.
        Erased = 6,
        /// The gate refused for good for another reason.
        Refused = 7,
        /// The campaign was stopped.
        Stopped = 8,
        /// The template cannot be rendered for this lead.
        Unrenderable = 9,
    }
}

codes! {
    /// What the last search for the evidence of an unknown send came to.
    pub enum SearchResult {
        /// No trace of it in everything that could hold one.
        Nowhere = 1,
        /// No trace of it, but not everything could be looked at.
        Incomplete = 2,
        /// It cannot be told: several mails look like it, or the mailbox may not be read.
        Inconclusive = 3,
        /// The mailbox could not be asked.
        Failed = 4,
    }
}
