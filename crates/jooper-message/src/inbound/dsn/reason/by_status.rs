//! What an enhanced status means when the words say nothing
//! (RFC 3463, 4954, 5248 registry, 7372, 7504, 7505, and Microsoft's and Google's own details).

use super::Reason;
use crate::inbound::status::EnhancedStatus;

/// Returns the reason a status stands for; `None` where it is too general to tell.
pub(super) fn by_status(status: EnhancedStatus) -> Option<Reason> {
    let reason = match (status.subject, status.detail) {
        (0, _) => return None,
        (1, 2 | 11) => Reason::DomainUnknown,
        (1, 4) => Reason::RecipientDoubtful,
        (1, 5) => return None,
        (1, 6) => Reason::AddressMoved,
        (1, 7 | 8) => Reason::SenderRejected,
        (1, 9) => Reason::ServerTrouble,
        (1, 10) => Reason::NoMailService,
        (1, _) => Reason::AddressUnknown,
        (2, 1) => Reason::MailboxDisabled,
        (2, 2) => Reason::MailboxFull,
        (2, 121) => Reason::TooManyConnections,
        (2, 122) => Reason::TooFast,
        (2, 3) => Reason::OverRecipientLimit,
        (2, _) => Reason::RecipientDoubtful,
        (3, 1) => Reason::ServerFull,
        (3, 4) => Reason::TooBig,
        (3, _) => Reason::ServerTrouble,
        (4, 1 | 2 | 7 | 316) => Reason::RetriesExhausted,
        (4, 4 | 310) => Reason::DomainUnknown,
        (4, 5) => Reason::ServerFull,
        (4, _) => Reason::Network,
        (5, 3) => Reason::TooManyConnections,
        (5, 0) => return None,
        (5, _) => Reason::Protocol,
        (6, 7) => Reason::NotCompliant,
        (6, _) => Reason::Content,
        (7, 4 | 10 | 11 | 30) => Reason::Encryption,
        (7, 13) => Reason::MailboxDisabled,
        (7, 20..=24 | 26 | 29 | 509) => Reason::Authentication,
        (7, 25) => Reason::ReverseDns,
        (7, 27) => Reason::SenderRejected,
        (7, 28) => Reason::TooFast,
        (7, 501..=508 | 510..=750) => Reason::SenderBlocked,
        (7, _) => Reason::AccessDenied,
        _ => return None,
    };
    Some(reason)
}
