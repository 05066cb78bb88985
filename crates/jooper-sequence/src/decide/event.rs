//! What can happen to an enrollment.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use jooper_core::{FinishReason, NotSentReason, SkipReason, StepIndex, UserId, WaitReason};

use crate::model::ReplyIntent;

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
    SendUnknown {
        /// When it was handed over.
        at: Timestamp,
    },
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
    /// The gate says not now, to everybody who waits like this: the place among them is kept.
    Held {
        /// The reason's stable name: the same reason again is no news.
        reason: String,
        /// Why, in the gate's own words.
        why: String,
    },
    /// What the gate refused for the time being may be gone: it is asked again now.
    AskedAgain,
    /// The gate says never.
    Refused {
        /// What the mails that are still open count as.
        skip: SkipReason,
        /// Why, in the gate's own words.
        why: String,
    },
    /// The template cannot be rendered for this lead.
    Unrenderable {
        /// The field that is missing.
        field: String,
    },
    /// With this lead's fields, the mail is none.
    Unwritable {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The person answered.
    Replied {
        /// In which sense, if the classifier says so.
        intent: Option<ReplyIntent>,
    },
    /// The person followed a link of a mail. Only clicks that were judged human arrive here.
    Clicked {
        /// The mail.
        step: StepIndex,
    },
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
    /// The owner of the mailbox wrote in the thread by hand. Told again, it is no news.
    OwnerWrote {
        /// When.
        at: Timestamp,
    },
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
    /// It was moved to another version of its sequence. Told, not decided: `migrate` decides.
    Moved {
        /// The version.
        version: u32,
    },
    /// A person changed the campaign's settings: what is not due yet is planned anew.
    SettingsChanged {
        /// Who.
        by: UserId,
    },
    /// A named person said that the clock is right, and that its mailbox saw a later time by mistake.
    ClockTrusted,
    /// Its mailbox sends nothing for the campaign any more.
    SenderTakenOut,
    /// Its mailbox sends for the campaign again.
    SenderBack,
    /// A person did the current task.
    TaskDone,
    /// A person wants the next mail to go at once.
    SendNow,
    /// A long downtime or a restore has made it late, and a person is asked first.
    Overdue {
        /// How late it is.
        late: SignedDuration,
    },
    /// It was due when a copy was put back, and its mailbox cannot be read: it may have gone.
    Restored,
    /// A person found that the words that ended it were no objection.
    NoObjection,
    /// It was ended from outside.
    Ended(FinishReason),
}

/// Why a mail waits for a budget of its campaign: reasons of [`Event::Deferred`], beside the gate's.
pub(crate) const BUDGET: &str = "budget";
/// The same, of the budget of its recipient's domain.
pub(crate) const RECIPIENT_DOMAIN: &str = "recipient_domain";
