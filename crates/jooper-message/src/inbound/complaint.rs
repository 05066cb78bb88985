//! Complaints: feedback reports (RFC 5965, 6591) and providers' own forms.

use std::sync::LazyLock;

use super::address;
use super::dsn::Original;
use super::evidence::{Evidence, Source};
use super::lookup::Lookup;
use super::lower::lower;
use super::mail::{EmbeddedHeaders, InboundMail, PartKind};

/// A complaint, read.
#[derive(Debug, Clone)]
pub(super) struct Complaint {
    pub(super) feedback_type: String,
    pub(super) original: Original,
    pub(super) evidence: Vec<Evidence>,
    pub(super) standard: bool,
}

/// Subjects of providers that complain without RFC 5965, in lower case. They count only with a
/// returned mail attached and a sender that calls itself a feedback loop.
#[rustfmt::skip] // A table is read in rows.
const SUBJECTS: &[&str] = &["email feedback report", "abuse report", "spam report", "complaint about message",
    "complaint notification", "complaint from", "feedback loop", "client tos notification", "junk mail report",
    "staff.hotmail.com complaint", "spam complaint", "[spamcop ("];

/// What SpamCop puts above the mail that it complains of, as text.
const SPAMCOP_ORIGINAL: &str = "[ offending message ]";

static SUBJECT_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(SUBJECTS.iter().copied()));

/// Reads `mail` as a complaint; `None` if it is none.
pub(super) fn read(mail: &InboundMail<'_>) -> Option<Complaint> {
    let mut evidence = Vec::new();
    // RFC 5965 section 2: the second part of its own report. Anybody may attach one to a mail.
    let report = mail
        .parts()
        .iter()
        .find(|part| part.kind == PartKind::FeedbackReport && part.in_report == Some(2))
        .filter(|_| !mail.hands_on(PartKind::FeedbackReport));
    let declared = mail.reports("feedback-report");
    if report.is_some() {
        evidence.push(Evidence::new(
            Source::Structure,
            "message/feedback-report part (RFC 5965)",
        ));
    }
    if declared {
        evidence.push(Evidence::new(
            Source::Structure,
            "multipart/report of type feedback-report",
        ));
    }
    if evidence.is_empty() && !is_proprietary(mail, &mut evidence) {
        return None;
    }
    let fields = report.map(|part| mail.decode(part)).unwrap_or_default();
    let feedback_type = field(&fields, "feedback-type")
        .unwrap_or_else(|| "abuse".to_owned())
        .to_lowercase();
    let original = original(mail, &fields);
    Some(Complaint {
        feedback_type,
        original,
        evidence,
        standard: report.is_some() || declared,
    })
}

/// Whether the title and the sender of a mail are those of a provider that complains without RFC
/// 5965: its text is worth a look. `from` is the From header as it came, or an address.
#[must_use]
pub fn may_complain(subject: &str, from: &str) -> bool {
    SUBJECT_BOOK.first(&subject.to_lowercase()).is_some() && is_feedback_sender(from)
}

/// What senders of complaints call themselves.
#[rustfmt::skip] // A table is read in rows.
const SENDERS: &[&str] = &["feedback", "fbl", "abuse", "scomp", "complaint", "staff", "postmaster", "noreply"];

fn is_feedback_sender(from: &str) -> bool {
    let from = lower(from);
    let address = from
        .rsplit_once('<')
        .map_or(from.as_str(), |(_, rest)| rest);
    let local = address::local(address);
    SENDERS.iter().any(|word| local.contains(word))
        || from.contains("feedback loop")
        || from.contains("spamcop")
}

/// Whether the local part of an address is a provider's own feedback loop wherever people choose
/// theirs: all of it, as "Stafford" is a person.
pub(super) fn is_feedback_mailbox(local: &str) -> bool {
    [
        "feedback",
        "feedbackloop",
        "feedback-loop",
        "fbl",
        "abuse",
        "scomp",
        "staff",
        "postmaster",
    ]
    .iter()
    .any(|name| local.eq_ignore_ascii_case(name))
}

fn is_proprietary(mail: &InboundMail<'_>, evidence: &mut Vec<Evidence>) -> bool {
    let attached = mail
        .parts()
        .iter()
        .any(|part| part.kind == PartKind::Embedded)
        || mail.has_header("x-hmxmroriginalrecipient")
        || mail.has_header("x-originating-abuse-report");
    // Only SpamCop's titles, which begin with a bracket, stand above a mail returned as text.
    if !attached && memchr::memchr(b'[', mail.subject_ref().as_bytes()).is_none() {
        return false;
    }
    let Some((_, words)) = SUBJECT_BOOK.first(mail.subject_lower()) else {
        return false;
    };
    let system = is_feedback_sender(&mail.header("from").unwrap_or_default());
    let returned =
        attached || words.contains("spamcop") && lower(&mail.text()).contains(SPAMCOP_ORIGINAL);
    if system && returned {
        evidence.push(Evidence::new(
            Source::Subject,
            format!("subject says \"{words}\""),
        ));
        evidence.push(Evidence::new(
            Source::Sender,
            "sent by a feedback address, with the mail attached",
        ));
    }
    system && returned
}

fn field(fields: &str, name: &str) -> Option<String> {
    fields.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

fn original(mail: &InboundMail<'_>, fields: &str) -> Original {
    let mut original = Original::default();
    if let Some(headers) = mail
        .embedded()
        .find(|headers: &EmbeddedHeaders| !headers.is_empty())
    {
        original.message_id = headers.message_ids("message-id").into_iter().next();
        original.references = headers.message_ids("references");
        original.to = headers
            .addresses("to")
            .into_iter()
            .map(|to| to.address)
            .collect();
        original.from = headers
            .addresses("from")
            .into_iter()
            .next()
            .map(|from| from.address);
    }
    if let Some(recipient) =
        field(fields, "original-rcpt-to").or_else(|| field(fields, "removal-recipient"))
    {
        let found = address::addresses(&recipient)
            .into_iter()
            .map(|found| found.text.to_lowercase());
        original.to = found.chain(original.to).collect();
        original.to.dedup();
    }
    original
}
