//! The order of the questions: complaint, report, button, receipt, calendar, machine, words, noise,
//! person; an objection in words is heard before a calendar answer and an unsure machine. Structure is asked before language, and no question sees quoted text.

use std::cell::OnceCell;

use super::authenticity::{self, Authority};
use super::dsn::{self, DeliveryReport, Original};
use super::evidence::{Evidence, Source};
use super::mail::InboundMail;
use super::reply_text::{self, Whole};
use super::verdict::{Classification, Confidence, Kind, ReportKind};
use super::{auto_reply, calendar, complaint, letter, noise, unsubscribe};
use crate::inbound::dsn::Action;
use crate::inbound::dsn::reason::{Class, Reason};

/// What the caller knows about the receiving side.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Context {
    /// Who may vouch for a mail's origin.
    pub authority: Authority,
}

impl Context {
    /// Makes a context whose mail is vouched for by `authority`.
    #[must_use]
    pub fn new(authority: Authority) -> Self {
        Self { authority }
    }
}

/// Says what `mail` is, how sure that is, and why.
///
/// Pure: the same mail and context give the same verdict. Mail of the user's own (SENT,
/// DRAFT, aliases) must be left out before; see [`super::matching`].
#[must_use]
pub fn classify(mail: &InboundMail<'_>, context: &Context) -> Classification {
    let trust = authenticity::judge(mail, &context.authority);
    let base = Classification {
        kind: Kind::Reply,
        confidence: Confidence::Medium,
        evidence: Vec::new(),
        recipients: Vec::new(),
        reporting_mta: None,
        original: Original::default(),
        trust,
        visible_text: String::new(),
        also_asks: None,
    };
    if let Some(found) = complaint::read(mail) {
        let mut result = complained(base, found);
        let about = result.complained_of();
        result.trust.origin = authenticity::origin(
            mail,
            &result.trust,
            &context.authority,
            about,
            complaint::is_feedback_mailbox,
        );
        return result;
    }
    // What may be a report is asked for its text; the questions behind it ask for the same.
    let new_text = OnceCell::new();
    if let Some(report) = dsn::read_with(mail, || new_text.get_or_init(|| self::new_text(mail))) {
        let mut result = reported(base, report);
        let hard = |one: &&dsn::FailedRecipient| one.is_hard();
        let about = result.recipients.iter().filter(hard);
        // Whoever reports must be of all: of the address the mail was first sent to, too.
        let about = about.flat_map(dsn::FailedRecipient::addresses);
        result.trust.origin = authenticity::origin(
            mail,
            &result.trust,
            &context.authority,
            about,
            dsn::is_postmaster,
        );
        return result;
    }
    let new_text = new_text
        .into_inner()
        .unwrap_or_else(|| self::new_text(mail));
    let mut result = by_text(mail, &new_text, base);
    result.visible_text = new_text.visible;
    result
}

/// Judges a mail that reports nothing; of `base` only the kind and what it rests on change.
fn by_text(
    mail: &InboundMail<'_>,
    new_text: &reply_text::ReplyText,
    base: Classification,
) -> Classification {
    if let Some((by, confidence, evidence)) = unsubscribe::by_mailto(mail, &new_text.visible) {
        return Classification {
            kind: Kind::Unsubscribe(by),
            confidence,
            evidence: vec![evidence],
            ..base
        };
    }
    let noticed = noise::receipt(mail).or_else(|| noise::recall(mail, &new_text.visible));
    if let Some((kind, evidence)) = noticed {
        return Classification {
            kind,
            confidence: Confidence::High,
            evidence: vec![evidence],
            ..base
        };
    }
    let asks_to_stop = |beside: Vec<Evidence>| {
        let (by, confidence, evidence) = unsubscribe::by_words(new_text)?;
        let found = std::iter::once(evidence).chain(beside);
        Some((by, confidence, found.collect()))
    };
    if let Some((method, evidence)) = calendar::read(mail) {
        // Who declines a meeting may say more than that.
        if let Some((by, confidence, evidence)) = asks_to_stop(vec![evidence.clone()]) {
            return Classification {
                kind: Kind::Unsubscribe(by),
                confidence,
                evidence,
                ..base
            };
        }
        return Classification {
            kind: Kind::Calendar(method),
            confidence: Confidence::High,
            evidence: vec![evidence],
            ..base
        };
    }
    if let Some(found) = auto_reply::read(mail, new_text) {
        // Where words or a help desk's marks make a machine of it, an objection is heard first; a notice
        // that surely is one may object for whoever set it up.
        if !found.settled
            && let Some((by, confidence, evidence)) = asks_to_stop(Vec::new())
        {
            return Classification {
                kind: Kind::Unsubscribe(by),
                confidence,
                evidence,
                ..base
            };
        }
        let asks = found
            .settled
            .then(|| unsubscribe::by_notice(&new_text.visible))
            .flatten();
        let mut evidence = found.evidence;
        let also_asks = asks.map(|(by, _, asked)| {
            evidence.push(asked);
            by
        });
        return Classification {
            kind: Kind::AutoReply(found.kind),
            confidence: found.confidence,
            evidence,
            also_asks,
            ..base
        };
    }
    let answers_us = mail.has_header("in-reply-to") || mail.has_header("references");
    let titled = mail.title().answers;
    let noise = noise::read(mail, answers_us, titled || new_text.quotes);
    if noise.is_none()
        && let Some((by, confidence, evidence)) = unsubscribe::by_words(new_text)
            .or_else(|| unsubscribe::by_subject(mail, new_text, answers_us))
    {
        return Classification {
            kind: Kind::Unsubscribe(by),
            confidence,
            evidence: vec![evidence],
            ..base
        };
    }
    if let Some((kind, evidence)) = noise {
        // A person may write through a list or a help desk.
        let asks = unsubscribe::by_mass_mail(mail, &new_text.visible, kind == Kind::System);
        let mut evidence = vec![evidence];
        let also_asks = asks.map(|(by, _, asked)| {
            evidence.push(asked);
            by
        });
        return Classification {
            kind,
            confidence: Confidence::Medium,
            evidence,
            also_asks,
            ..base
        };
    }
    let (kind, evidence) = if answers_us {
        (
            Kind::Reply,
            Evidence::new(
                Source::Header,
                "it answers an earlier mail (In-Reply-To or References)",
            ),
        )
    } else if new_text.quotes {
        (
            Kind::Reply,
            Evidence::new(Source::Text, "it quotes an earlier mail"),
        )
    } else if titled {
        (
            Kind::Reply,
            Evidence::new(Source::Subject, "its title is an answer's"),
        )
    } else {
        (
            Kind::Personal,
            Evidence::new(
                Source::Structure,
                "nothing marks it as a machine's or as an answer",
            ),
        )
    };
    Classification {
        kind,
        evidence: vec![evidence],
        ..base
    }
}

/// Returns the new text of `mail`: from its plain text, from its HTML where that is all, or from both where
/// neither is another form of the other.
#[must_use]
pub fn new_text(mail: &InboundMail<'_>) -> reply_text::ReplyText {
    let new = text_of_parts(mail);
    // Where nothing is left, the header block that opens it may be its writer's own.
    if new.quotes && new.with_signature.is_empty() {
        return letter::new_text(mail).unwrap_or(new);
    }
    new
}

fn text_of_parts(mail: &InboundMail<'_>) -> reply_text::ReplyText {
    let leads = mail.leads_with_html();
    // HTML beside a plain text is never decoded.
    let plain = (!leads).then(|| mail.plain_text());
    if let Some(plain) = plain.filter(|plain| !plain.trim_start().is_empty()) {
        let new = reply_text::visible_text(&plain);
        let below = mail.goes_on_in_html().then(|| mail.first_html()).flatten();
        let Some(below) = below.map(|html| reply_text::visible_html(&html)) else {
            return new;
        };
        return match reply_text::whole(&new.with_signature, &below.with_signature) {
            Whole::Above => reply_text::ReplyText {
                quotes: new.quotes || below.quotes,
                ..new
            },
            Whole::Below => below,
            Whole::Both => both(&new, &below),
        };
    }
    let Some(html) = mail.first_html() else {
        return reply_text::ReplyText::default();
    };
    let new = reply_text::visible_html(&html);
    let below = mail.plain_text();
    if !leads || below.trim_start().is_empty() {
        return new;
    }
    let below = reply_text::visible_text(&below);
    both(&new, &below)
}

/// What two parts of a mail say, one below the other.
fn both(above: &reply_text::ReplyText, below: &reply_text::ReplyText) -> reply_text::ReplyText {
    let joined = |above: &str, below: &str| {
        let apart = if above.is_empty() || below.is_empty() {
            ""
        } else {
            "\n\n"
        };
        [above, apart, below].concat()
    };
    reply_text::ReplyText {
        visible: joined(&above.visible, &below.visible),
        with_signature: joined(&above.with_signature, &below.with_signature),
        quotes: above.quotes || below.quotes,
    }
}

fn complained(base: Classification, found: complaint::Complaint) -> Classification {
    let confidence = if found.standard {
        Confidence::High
    } else {
        Confidence::Medium
    };
    let mut result = Classification {
        confidence,
        evidence: found.evidence,
        original: found.original,
        ..base
    };
    // Some providers report a press on "unsubscribe" this way (RFC 6449 section 5.4).
    result.kind = if found.feedback_type == "opt-out" || found.feedback_type == "opt-out-list" {
        Kind::Unsubscribe(super::verdict::UnsubscribeBy::Report)
    } else {
        Kind::Complaint {
            feedback_type: found.feedback_type,
        }
    };
    result
}

fn reported(base: Classification, report: DeliveryReport) -> Classification {
    let kind = overall(&report);
    Classification {
        kind: Kind::DeliveryReport(kind),
        confidence: if report.settled {
            Confidence::High
        } else {
            Confidence::Medium
        },
        evidence: report.evidence,
        recipients: report.recipients,
        reporting_mta: report.reporting_mta,
        original: report.original,
        ..base
    }
}

/// Sums a report up: one dead address makes it hard; all must be delayed to make it a delay.
fn overall(report: &DeliveryReport) -> ReportKind {
    let recipients = &report.recipients;
    if recipients.is_empty() {
        return ReportKind::SoftBounce;
    }
    if recipients.iter().any(super::dsn::FailedRecipient::is_hard) {
        return ReportKind::HardBounce;
    }
    let failed: Vec<_> = recipients
        .iter()
        .filter(|recipient| recipient.action == Action::Failed)
        .collect();
    if failed.is_empty() {
        let delayed = recipients
            .iter()
            .any(|recipient| recipient.action == Action::Delayed);
        return if delayed {
            ReportKind::Delayed
        } else {
            ReportKind::Delivered
        };
    }
    if failed
        .iter()
        .any(|recipient| recipient.reason == Reason::SendingLimit)
    {
        return ReportKind::SendingLimit;
    }
    if failed
        .iter()
        .all(|recipient| recipient.class == Class::Policy)
    {
        ReportKind::PolicyBlock
    } else {
        ReportKind::SoftBounce
    }
}
