//! Everything that can come back for a mail.

use serde::{Deserialize, Serialize};

/// What the writer of a reply has in mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mood {
    /// Wants to talk.
    Interested,
    /// Asks something back.
    Question,
    /// Later, perhaps.
    NotNow,
    /// No, but politely.
    No,
}

/// How a reply is written and addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReplyForm {
    /// Plain text above the quoted mail.
    TopPost,
    /// Plain text below the quoted mail.
    BottomPost,
    /// Plain and HTML alternatives with a quote block.
    Html,
    /// From another address of the same person.
    Alias,
    /// From a colleague the mail was passed on to, in the same thread.
    Colleague,
    /// `Re:` in the subject, but in a thread of its own: no reference headers.
    NoReferences,
    /// A new mail with its own subject, written to the sender.
    NewThread,
    /// Reference headers, but another subject.
    SubjectEdited,
    /// Signed with S/MIME, the text inside.
    Smime,
    /// Eight-bit ISO 8859-1.
    Latin1,
}

/// Which program says that somebody is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AwayStyle {
    /// Gmail's vacation responder.
    Gmail,
    /// Exchange's automatic reply.
    Exchange,
    /// An old program that shows it in the subject alone.
    SubjectOnly,
}

/// Which server writes a bounce, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BounceStyle {
    /// Gmail today: a localised report with references.
    GmailModern,
    /// Gmail long ago: plain text, no references.
    GmailOld,
    /// Postfix.
    Postfix,
    /// Exchange.
    Exchange,
    /// Gmail with a report whose status part is empty.
    EmptyStatus,
    /// Postfix, with a second recipient that the mail did reach.
    Partial,
}

/// One thing that a recipient, or a server on the way, does about a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Inbound {
    /// A person answers.
    Reply {
        /// What they think.
        mood: Mood,
        /// How they write it.
        form: ReplyForm,
    },
    /// The mail is passed on, and the new reader writes in a thread of their own.
    ForwardThenReply,
    /// An automatic notice of absence.
    Away(AwayStyle),
    /// Delivery failed for good.
    Bounce(BounceStyle),
    /// Delivery is being retried: no bounce.
    Delay,
    /// The recipient's server refuses the sender (5.7.x), not the recipient.
    PolicyBlock,
    /// Gmail throws the mail back because the sender is over the limit.
    SendingLimit,
    /// The one-click button: a POST to the link in the mail.
    OneClick,
    /// A mail to the unsubscribe address.
    UnsubscribeMail,
    /// A reply that asks to be taken off the list.
    UnsubscribeText,
    /// A friendly reply that merely quotes our own footer with its unsubscribe words.
    QuotesFooter,
    /// An objection to processing (GDPR article 21).
    Objection,
    /// The spam button: nothing comes back.
    Complaint,
    /// An invitation to a meeting.
    CalendarRequest,
    /// An answer to an invitation.
    CalendarReply {
        /// Whether they will come.
        accepted: bool,
    },
    /// A meeting called off.
    CalendarCancel,
    /// A filter that asks the sender to prove being human.
    Challenge,
    /// A digest of some mailing list.
    ListDigest,
    /// A bounce that somebody else made up.
    ForgedBounce,
    /// A reply that lands in spam.
    JunkedReply,
    /// A reply of several megabytes.
    Oversized,
    /// Nesting without end.
    MimeBomb,
}

impl Inbound {
    /// A short name, for the ledger.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Reply { .. } => "reply",
            Self::ForwardThenReply => "forward_then_reply",
            Self::Away(_) => "away",
            Self::Bounce(_) => "bounce",
            Self::Delay => "delay",
            Self::PolicyBlock => "policy_block",
            Self::SendingLimit => "sending_limit",
            Self::OneClick => "one_click",
            Self::UnsubscribeMail => "unsubscribe_mail",
            Self::UnsubscribeText => "unsubscribe_text",
            Self::QuotesFooter => "quotes_footer",
            Self::Objection => "objection",
            Self::Complaint => "complaint",
            Self::CalendarRequest => "calendar_request",
            Self::CalendarReply { .. } => "calendar_reply",
            Self::CalendarCancel => "calendar_cancel",
            Self::Challenge => "challenge",
            Self::ListDigest => "list_digest",
            Self::ForgedBounce => "forged_bounce",
            Self::JunkedReply => "junked_reply",
            Self::Oversized => "oversized",
            Self::MimeBomb => "mime_bomb",
        }
    }
}
