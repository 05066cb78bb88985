//! Why a delivery failed, in one vocabulary for every mail server.
//!
//! [`judge`] looks at the words of the diagnostic first (`table`), then at the enhanced
//! status (`by_status`), then at the SMTP code and the command it answered. The reason
//! decides the [`Class`]: whose problem it is, and what the sender does about it.

mod by_status;
mod directory;
mod domains;
mod judge;
mod sender;
mod table;

pub(super) use self::domains::says_missing;
pub use self::judge::{Clues, Command, judge};
pub(super) use self::judge::{Known, is_of_address, is_temporary, judge_with};

/// Why a recipient was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No such mailbox.
    AddressUnknown,
    /// No such domain, or it names no mail host.
    DomainUnknown,
    /// The person moved to another address.
    AddressMoved,
    /// The domain or host states that it takes no mail (RFC 7504, RFC 7505).
    NoMailService,
    /// The mailbox is over its quota.
    MailboxFull,
    /// Retries ran out, or connections timed out.
    RetriesExhausted,
    /// "Unknown user", said after the address had been accepted or by a filter: no proof.
    RecipientDoubtful,
    /// The recipient's delivery program or forward failed.
    DeliveryProgram,
    /// DNS, routing or connection trouble, including mail loops.
    Network,
    /// No encrypted connection could be agreed (RFC 3207).
    Encryption,
    /// The receiving system has trouble of its own.
    ServerTrouble,
    /// The receiving system is out of space.
    ServerFull,
    /// The mailbox is disabled, locked or inactive.
    MailboxDisabled,
    /// A provider's own suppression list stopped the mail.
    ProviderSuppressed,
    /// A protocol exchange went wrong.
    Protocol,
    /// SPF, DKIM or DMARC failed.
    Authentication,
    /// Bad reputation of the sending host or domain.
    Reputation,
    /// The sending host or network is blocked.
    SenderBlocked,
    /// Malformed headers or content.
    Content,
    /// The mail is over the recipient's own limit.
    OverRecipientLimit,
    /// The mail is too big for the server.
    TooBig,
    /// The server does not relay for us.
    RelayDenied,
    /// The mail breaks an RFC in the receiver's eyes.
    NotCompliant,
    /// A policy of the receiver.
    Policy,
    /// The envelope sender or From address is refused.
    SenderRejected,
    /// The sending host has no valid reverse DNS.
    ReverseDns,
    /// Access is denied for lack of permission.
    AccessDenied,
    /// Taken for spam.
    Spam,
    /// Taken for malware.
    Virus,
    /// We send too fast or too much; includes the sender's own quota.
    TooFast,
    /// Too many connections or recipients at once.
    TooManyConnections,
    /// The sending account reached its provider's limit (Gmail: "You have reached a limit").
    SendingLimit,
    /// Nothing could be read out of it.
    Unclear,
}

/// Whose problem a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The address or domain is dead: stop mailing it.
    Hard,
    /// Trouble on the recipient's side: retry later, pause the address.
    Soft,
    /// Our sending is refused: slow down or fix the sender; the address may be fine.
    Policy,
    /// Not known.
    Unclear,
}

impl Reason {
    /// Returns whose problem this reason is.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::AddressUnknown
            | Self::DomainUnknown
            | Self::AddressMoved
            | Self::NoMailService => Class::Hard,
            Self::MailboxFull
            | Self::RetriesExhausted
            | Self::RecipientDoubtful
            | Self::DeliveryProgram
            | Self::Network
            | Self::Encryption
            | Self::ServerTrouble
            | Self::ServerFull
            | Self::MailboxDisabled
            | Self::ProviderSuppressed
            | Self::Protocol => Class::Soft,
            Self::Unclear => Class::Unclear,
            _ => Class::Policy,
        }
    }

    /// Returns the name of this reason in logs, the API and the documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AddressUnknown => "address_unknown",
            Self::DomainUnknown => "domain_unknown",
            Self::AddressMoved => "address_moved",
            Self::NoMailService => "no_mail_service",
            Self::MailboxFull => "mailbox_full",
            Self::RetriesExhausted => "retries_exhausted",
            Self::RecipientDoubtful => "recipient_doubtful",
            Self::DeliveryProgram => "delivery_program",
            Self::Network => "network",
            Self::Encryption => "encryption",
            Self::ServerTrouble => "server_trouble",
            Self::ServerFull => "server_full",
            Self::MailboxDisabled => "mailbox_disabled",
            Self::ProviderSuppressed => "provider_suppressed",
            Self::Protocol => "protocol",
            Self::Authentication => "authentication",
            Self::Reputation => "reputation",
            Self::SenderBlocked => "sender_blocked",
            Self::Content => "content",
            Self::OverRecipientLimit => "over_recipient_limit",
            Self::TooBig => "too_big",
            Self::RelayDenied => "relay_denied",
            Self::NotCompliant => "not_compliant",
            Self::Policy => "policy",
            Self::SenderRejected => "sender_rejected",
            Self::ReverseDns => "reverse_dns",
            Self::AccessDenied => "access_denied",
            Self::Spam => "spam",
            Self::Virus => "virus",
            Self::TooFast => "too_fast",
            Self::TooManyConnections => "too_many_connections",
            Self::SendingLimit => "sending_limit",
            Self::Unclear => "unclear",
        }
    }
}
