//! The vocabulary of verdicts.

use super::auto_reply::Return;

use super::authenticity::{Origin, Trust};
use super::dsn::{FailedRecipient, Original};
use super::evidence::Evidence;

/// What an inbound mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A person answers an earlier mail.
    Reply,
    /// A person wrote it, but nothing in it says that it answers: matching may tell.
    Personal,
    /// A machine answered for a person.
    AutoReply(AutoReply),
    /// A mail server tells what became of a mail.
    DeliveryReport(ReportKind),
    /// The recipient or their provider complained (ARF, RFC 5965, or a provider's own form).
    Complaint {
        /// `abuse`, `fraud`, `virus`, `auth-failure`, ... as the report states it.
        feedback_type: String,
    },
    /// A request to be left alone.
    Unsubscribe(UnsubscribeBy),
    /// An answer to an invitation, or an invitation (RFC 5546).
    Calendar(CalendarMethod),
    /// Mail of a list or a newsletter.
    List,
    /// Mail of a system that answers nobody: notices, receipts, alerts.
    System,
}

impl Kind {
    /// Returns whether a person acted: wrote the mail, or asked to be left alone.
    #[must_use]
    pub fn is_human(&self) -> bool {
        match self {
            Self::Reply | Self::Personal => true,
            Self::Unsubscribe(by) => *by != UnsubscribeBy::Report,
            _ => false,
        }
    }

    /// Returns whether somebody complained: a feedback report may also say that a mail was no
    /// spam after all (RFC 6430), or tell of its authentication (RFC 6591).
    #[must_use]
    pub fn complains(&self) -> bool {
        match self {
            Self::Complaint { feedback_type } => {
                !["not-spam", "auth-failure", "dmarc"].contains(&feedback_type.as_str())
            }
            _ => false,
        }
    }
}

/// How a machine answered for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AutoReply {
    /// Away; the day of return, if stated.
    OutOfOffice {
        /// The day as stated, and whether it is the last one away.
        returns: Option<Return>,
    },
    /// "We got your mail": ticket systems, shared mailboxes.
    Acknowledgement,
    /// The person is gone or the mailbox is no longer read.
    LeftCompany,
    /// The sender must prove to be a person first.
    ChallengeResponse,
}

/// What a delivery report amounts to, as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ReportKind {
    /// At least one address is dead.
    HardBounce,
    /// Not delivered, for trouble on the recipient's side or for unknown reasons.
    SoftBounce,
    /// Our sending is refused; the address may be fine.
    PolicyBlock,
    /// The sending account reached its limit; the recipient has nothing to do with it.
    SendingLimit,
    /// Still being tried.
    Delayed,
    /// Delivered, relayed or expanded.
    Delivered,
}

/// How an unsubscribe request was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsubscribeBy {
    /// A mail to the List-Unsubscribe address, or the mail client's own (RFC 2369, RFC 8058): its
    /// title is the request, and it has no text but a token.
    Mailto,
    /// A feedback report says so (RFC 6449 section 5.4): anybody can write one.
    Report,
    /// Words in the new text, or a title above one; provisional until a person confirms.
    Words {
        /// Language of the words, as a BCP 47 tag; `und` where they are of none or of several.
        language: String,
    },
}

/// What a calendar mail does (RFC 5546 section 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CalendarMethod {
    /// The invitation was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// It was accepted tentatively.
    Tentative,
    /// An answer whose kind is not stated, or a delegation.
    Answered,
    /// The sender invites.
    Request,
    /// Another time is proposed.
    Counter,
    /// The meeting is cancelled.
    Cancel,
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Confidence {
    /// Words only.
    Low,
    /// Headers or several agreeing words.
    Medium,
    /// Standardised structure.
    High,
}

/// A verdict about one mail, with what it rests on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Classification {
    /// What it is.
    pub kind: Kind,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Recipients of a delivery report.
    pub recipients: Vec<FailedRecipient>,
    /// The host that sent a delivery report.
    pub reporting_mta: Option<String>,
    /// The mail that a report or complaint is about.
    pub original: Original,
    /// Whether the mail's origin may be believed.
    pub trust: Trust,
    /// The new text, without quotes.
    pub visible_text: String,
    /// What an automatic answer, or mail that looks like a list's or a system's, asks for beside what it is: "I am
    /// away; remove me from your lists".
    pub also_asks: Option<UnsubscribeBy>,
}

impl Classification {
    /// Returns whether the mail claims something about somebody: such a claim is worth what its
    /// origin is.
    #[must_use]
    pub fn is_claim(&self) -> bool {
        matches!(
            self.kind,
            Kind::DeliveryReport(_)
                | Kind::Complaint { .. }
                | Kind::Unsubscribe(UnsubscribeBy::Report)
        )
    }

    /// Returns whom a feedback report is about: the mail went to one address, any further one is
    /// anybody's. What [`Trust::origin`] says of a feedback report, it says of this address.
    #[must_use]
    pub fn complained_of(&self) -> Option<&str> {
        self.original.to.first().map(String::as_str)
    }

    /// Returns whether a stop may follow from this verdict without a person: a hard bounce, a
    /// complaint or an objection in a report suppresses nobody by itself where its origin is unproven,
    /// or is neither the recipient's mail system nor our provider. An automatic answer that objects
    /// as well says so for whoever set it up, and so does a person who writes through a list.
    #[must_use]
    pub fn may_suppress(&self) -> bool {
        let stops = matches!(
            self.kind,
            Kind::DeliveryReport(ReportKind::HardBounce) | Kind::Unsubscribe(_)
        ) || self.kind.complains();
        let proven = || self.trust.is_trusted() && self.trust.origin != Origin::Elsewhere;
        stops && (!self.is_claim() || proven()) || self.also_asks.is_some()
    }
}
