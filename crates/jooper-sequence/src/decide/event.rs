//! What can happen to an enrollment.

use jiff::Timestamp;
use jiff::civil::Date;
use jooper_core::{FinishReason, NotSentReason, WaitReason};

/// A fact that a decision is made about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The lead was enrolled.
    Enrolled,
    /// Its time has come.
    Due,
    /// The current step was accepted.
    Sent {
        /// When.
        at: Timestamp,
        /// The provider's thread.
        thread: String,
    },
    /// The current step was certainly not accepted.
    NotSent {
        /// Why.
        reason: NotSentReason,
        /// Not before this time, when the provider said so.
        retry_at: Option<Timestamp>,
    },
    /// Nobody knows whether the current step was accepted.
    SendUnknown,
    /// An unknown step was given up by a person: it counts, it is never resent.
    SendAbandoned,
    /// An unknown step was released by a named person for one further attempt.
    SendReleased,
    /// The gate says not now.
    Deferred {
        /// When to ask again.
        until: Timestamp,
        /// The reason's stable name: the same reason again is no news.
        reason: String,
        /// Why, in the gate's own words.
        why: String,
    },
    /// The gate says never.
    Refused {
        /// Whether the person is suppressed (else: no basis, or another lasting reason).
        suppressed: bool,
        /// Why, in the gate's own words.
        why: String,
    },
    /// The template cannot be rendered for this lead.
    Unrenderable {
        /// The field that is missing.
        field: String,
    },
    /// The person answered.
    Replied,
    /// An absence notice.
    OutOfOffice {
        /// The first day back, if it says so.
        back_on: Option<Date>,
    },
    /// The person has left the organization.
    LeftCompany,
    /// The address does not exist.
    HardBounce,
    /// The person asked for no more mail, or objected.
    Unsubscribed,
    /// The person, or a provider for them, complained.
    Complained,
    /// The owner of the mailbox wrote in the thread by hand.
    OwnerWrote,
    /// A colleague of the lead answered.
    ColleagueReplied,
    /// A person paused it, or something did on a person's behalf.
    Paused(WaitReason),
    /// A person resumed it.
    Resumed,
    /// The mailbox cannot send until a person connects it again.
    MailboxDown,
    /// The mailbox can send again.
    MailboxUp,
    /// Something that belongs to this lead alone cannot be read.
    Unreadable {
        /// What.
        what: &'static str,
    },
    /// A person skipped the current step.
    SkippedByPerson,
    /// It was ended from outside.
    Ended(FinishReason),
}
