//! Answers that a machine gave for a person (RFC 3834 and what products add to it).
//!
//! Headers decide first; subjects come second, because Exchange and others set nothing that
//! RFC 3834 asks for; words of the new text only decide together with a weak header, or where
//! they say of themselves that they are automatic. A person who writes "I am away until
//! Monday" stays a person.

mod headers;
mod kinds;
mod return_date;
mod subjects;
mod words;

use super::evidence::{Evidence, Source};
use super::mail::InboundMail;
use super::verdict::{AutoReply, Confidence};

pub(super) use self::headers::sender_answers_nobody as answers_nobody;
pub use self::return_date::{Return, Stated, return_date};

/// An automatic answer, read.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) kind: AutoReply,
    pub(super) confidence: Confidence,
    pub(super) evidence: Vec<Evidence>,
}

/// Returns what kind of automatic answer `mail` is; `None` if it is none.
///
/// `visible` is the new text with its signature, without quotes.
pub(super) fn read(mail: &InboundMail, visible: &str) -> Option<Found> {
    let mut evidence = Vec::new();
    let headers = headers::read(mail, &mut evidence);
    let subject = words::fold(&mail.subject());
    let subject_kind = subjects::find(&subject);
    if let Some((words, _)) = subject_kind {
        evidence.push(Evidence::new(Source::Subject, format!("subject says \"{words}\"")));
    }
    let text = words::fold(visible);
    let declared = kinds::declares_itself(&text);
    if let Some(words) = declared {
        evidence.push(Evidence::new(Source::Text, format!("new text says \"{words}\"")));
    }
    let kind = kinds::find(&subject, &text);
    if let Some((words, _)) = kind {
        evidence.push(Evidence::new(Source::Text, format!("new text says \"{words}\"")));
    }
    let confidence = match (headers, subject_kind.is_some(), declared.is_some(), kind.is_some()) {
        (headers::Strength::Strong, ..) => Confidence::High,
        (_, true, ..) => Confidence::Medium,
        (headers::Strength::Weak, _, true, _) | (headers::Strength::Weak, _, _, true) => Confidence::Medium,
        (_, _, true, _) => Confidence::Low,
        _ => return None,
    };
    let kind = kinds::choose(mail, kind.map(|(_, kind)| kind), subject_kind.and_then(|(_, kind)| kind), &text);
    let kind = match kind {
        kinds::Sub::Away => AutoReply::OutOfOffice { returns: mail.civil_date().and_then(|date| return_date(&format!("{}\n{visible}", mail.subject()), date)) },
        kinds::Sub::Received => AutoReply::Acknowledgement,
        kinds::Sub::Gone => AutoReply::LeftCompany,
        kinds::Sub::Challenge => AutoReply::ChallengeResponse,
    };
    Some(Found { kind, confidence, evidence })
}

#[cfg(test)]
mod tests;
