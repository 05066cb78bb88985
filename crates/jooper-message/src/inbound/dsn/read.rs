//! Puts the pieces of a report together.

use std::borrow::Cow;
use std::cell::{LazyCell, OnceCell};

use super::command;
use super::fields::{self, Action, MAX_RECIPIENTS, RecipientFields, ReportFields};
use super::prose::Prose;
use super::reason::{Class, Known, Reason, is_of_address, is_temporary, judge_with, says_missing};
use super::recipients::TextRecipient;
use super::signals::{self, Signals, Words, squeeze_lower};
use crate::inbound::address;
use crate::inbound::auto_reply::answers_by_itself;
use crate::inbound::classify;
use crate::inbound::evidence::{Evidence, Source};
use crate::inbound::lower::{lower, lowered};
use crate::inbound::mail::{EmbeddedHeaders, InboundMail, PartKind, lines};
use crate::inbound::reply_text::ReplyText;
use crate::inbound::status::{EnhancedStatus, best_status, heaviest, reply_code, statuses};

/// One recipient of a report.
#[derive(Clone)]
#[non_exhaustive]
pub struct FailedRecipient {
    /// The address the report names, in lower case.
    pub address: String,
    /// The address the mail was first sent to, where the report tells (RFC 3464 section 2.3.1).
    pub original_address: Option<String>,
    /// What happened, as the report states it or as its words say.
    pub action: Action,
    /// Whether the report states the action itself.
    pub action_stated: bool,
    /// Enhanced status (RFC 3463); never invented.
    pub status: Option<EnhancedStatus>,
    /// SMTP reply code.
    pub code: Option<u16>,
    /// Why.
    pub reason: Reason,
    /// Whose problem it is.
    pub class: Class,
    /// The host that refused, where the report names it.
    pub remote_mta: Option<String>,
    /// What settled the reason.
    pub settled_by: String,
}

impl FailedRecipient {
    /// Returns the addresses the report names for this recipient.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.address.as_str()).chain(self.original_address.as_deref())
    }

    /// Returns whether the address or its domain is dead for good: stop mailing it.
    #[must_use]
    pub fn is_hard(&self) -> bool {
        self.action == Action::Failed
            && self.class == Class::Hard
            && self.status.is_none_or(|status| status.class == 5)
            && !is_temporary(self.status, self.code)
    }
}

impl std::fmt::Debug for FailedRecipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FailedRecipient")
            .field("action", &self.action)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("reason", &self.reason)
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}

/// The mail a report is about, from its returned header.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Original {
    /// Its Message-ID, without `<>`.
    pub message_id: Option<String>,
    /// Its References, without `<>`; jooper's token is among them.
    pub references: Vec<String>,
    /// Its To addresses, in lower case.
    pub to: Vec<String>,
    /// Its Cc addresses, in lower case.
    pub cc: Vec<String>,
    /// Its sender, in lower case.
    pub from: Option<String>,
}

impl std::fmt::Debug for Original {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Original")
            .field("message_id", &self.message_id.is_some())
            .field("references", &self.references.len())
            .finish_non_exhaustive()
    }
}

/// A delivery report, read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// Its recipients; empty where the report names none.
    pub recipients: Vec<FailedRecipient>,
    /// The host that reports.
    pub reporting_mta: Option<String>,
    /// The mail it is about.
    pub original: Original,
    /// What made it a report.
    pub evidence: Vec<Evidence>,
    /// Whether its structure settles that it is a report.
    pub settled: bool,
}

/// Reads `mail` as a delivery report; `None` if it is none.
#[must_use]
pub fn read(mail: &InboundMail<'_>) -> Option<DeliveryReport> {
    let new_text = OnceCell::new();
    read_with(mail, || new_text.get_or_init(|| classify::new_text(mail)))
}

/// Reads `mail` as [`read`] does; `new_text` is asked for its new text where that is needed.
pub(in crate::inbound) fn read_with<'m>(
    mail: &'m InboundMail<'_>,
    new_text: impl FnOnce() -> &'m ReplyText,
) -> Option<DeliveryReport> {
    let mut signals = signals::from_structure(mail);
    // TMDA calls itself delivery software where it asks for a proof.
    let asks =
        || mail.has_header("x-tmda-fingerprint") && answers_by_itself(mail, &mail.plain_text());
    if signals.is_hopeless() || !signals.settled && asks() {
        return None;
    }
    let disposition = disposition(mail);
    if disposition == Some(Disposition::Read) {
        return None;
    }
    // Only its words could make a report of it, or say which: those of its writer.
    let own = !(signals.settled || signals.titled && signals.by_machine && !signals.named);
    let own = own.then(|| new_text().with_signature.as_str());
    let own = own.filter(|own| {
        let coded = || reply_code(own).is_some();
        let failed = signals.by_system && signals::says_failed(own);
        !(failed && (!signals.answered || coded()))
    });
    let prose = Prose::new(mail, own, signals.settled || signals.by_machine);
    let machine = machine_fields(mail);
    // Where the machine-readable part settles it and names somebody, no words are evidence.
    let named = machine.recipients.iter().any(|one| one.address().is_some());
    let words = (!signals.settled || !named).then(|| {
        let listed = prose.listed();
        // A system's own mailbox needs no proof, a person's name beside it does.
        let asked = signals.carries && (!signals.by_machine || signals.named);
        let attached = asked.then(|| Attached::of(mail)).flatten();
        Words {
            delayed: prose.is_delay(),
            has_entry: !listed.is_empty(),
            lists: listed.iter().any(TextRecipient::is_entry),
            has_code: prose.has_code(),
            refused: (signals.unreturnable || signals.carries)
                && listed.iter().any(TextRecipient::is_refused),
            returns: attached.as_ref().is_some_and(|mail| mail.returns(listed)),
            ours_back: attached.is_some_and(|mail| mail.by_us),
            has_original: prose.quoted().is_some(),
        }
    });
    if let Some(words) = &words {
        // Most mail without a way back is somebody's absence.
        if disposition.is_none() && signals.falls_short(words) {
            return None;
        }
        signals::from_text(mail, &mut signals, words, prose.squeezed());
    }
    if disposition == Some(Disposition::Refused) {
        signals.points += 3;
        signals.evidence.push(Evidence::new(
            Source::Report,
            "disposition is a refusal (RFC 5429)",
        ));
        signals.by_machine = true;
        signals.told = true;
    }
    if words.is_some_and(|words| !signals.suffices(&words)) {
        return None;
    }
    let original = original_of(mail, &prose, &machine);
    let machine = if machine.recipients.is_empty() {
        fields::parse(lines(prose.said()).map(without_quote)).or_keep(machine)
    } else {
        machine
    };
    let recipients = collect(mail, &machine, &original, &prose);
    Some(finish(recipients, machine, original, signals))
}

/// What tells whether an attached mail is one that a server brings back.
struct Attached {
    /// Whether whom the report went to wrote it.
    by_us: bool,
    went_to: Vec<String>,
}

impl Attached {
    fn of(mail: &InboundMail<'_>) -> Option<Self> {
        let attached = mail.embedded().find(|headers| !headers.is_empty())?;
        let from = attached.addresses("from").into_iter().next();
        let is_ours = |from: &str| {
            ["to", "delivered-to", "x-original-to"]
                .iter()
                .flat_map(|name| mail.addresses(name))
                .any(|one| one.address == from)
        };
        let went_to = ["to", "cc", "x-original-to"]
            .iter()
            .flat_map(|name| attached.addresses(name))
            .map(|one| one.address);
        Some(Self {
            by_us: from.is_some_and(|from| is_ours(&from.address)),
            went_to: went_to.collect(),
        })
    }

    /// Whether we wrote it and it went to somebody listed, or one of both where that entry says what a
    /// server answered.
    fn returns(&self, listed: &[TextRecipient]) -> bool {
        let mut entries = listed.iter().filter(|one| one.is_entry());
        entries.any(|one| {
            let mut went_to = self.went_to.iter();
            let to_them = went_to.any(|to| to.eq_ignore_ascii_case(&one.address));
            self.by_us && to_them || (self.by_us || to_them) && one.is_refused()
        })
    }
}

fn finish(
    recipients: Vec<FailedRecipient>,
    machine: ReportFields,
    original: Original,
    signals: Signals,
) -> DeliveryReport {
    DeliveryReport {
        recipients,
        reporting_mta: machine.reporting_mta,
        original,
        evidence: signals.evidence,
        settled: signals.settled,
    }
}

impl ReportFields {
    fn or_keep(self, earlier: Self) -> Self {
        if self
            .recipients
            .iter()
            .any(|fields| fields.address().is_some())
        {
            Self {
                reporting_mta: self.reporting_mta.or(earlier.reporting_mta),
                ..self
            }
        } else {
            earlier
        }
    }
}

fn machine_fields(mail: &InboundMail<'_>) -> ReportFields {
    let mut all = ReportFields::default();
    for part in mail
        .parts()
        .iter()
        .filter(|part| part.kind == PartKind::DeliveryStatus)
        .take(8)
    {
        let read = fields::parse(lines(&mail.decoded(part)));
        all.reporting_mta = all.reporting_mta.or(read.reporting_mta);
        all.original_message_id = all.original_message_id.or(read.original_message_id);
        all.recipients.extend(read.recipients);
    }
    all.recipients.truncate(MAX_RECIPIENTS);
    all
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Disposition {
    /// A read receipt or another harmless notice.
    Read,
    /// Refused by a filter of the recipient (RFC 5429 section 2.1.2).
    Refused,
}

fn disposition(mail: &InboundMail<'_>) -> Option<Disposition> {
    let part = mail
        .parts()
        .iter()
        .find(|part| part.kind == PartKind::Disposition)?;
    let fields = lower(&mail.decoded(part));
    let subject = mail.subject_lower();
    let refused = ["rejected", "deleted", "failed", "denied"]
        .iter()
        .any(|word| fields.contains(word))
        && !fields.contains("manual-action/mdn-sent-manually; deleted")
        || subject.contains("automatically rejected");
    Some(if refused && !fields.contains("displayed") {
        Disposition::Refused
    } else {
        Disposition::Read
    })
}

/// A line without the one blank that some servers quote with.
fn without_quote(line: &str) -> &str {
    line.strip_prefix(' ')
        .filter(|rest| !rest.starts_with(' '))
        .unwrap_or(line)
}

fn original_of(mail: &InboundMail<'_>, prose: &Prose<'_>, machine: &ReportFields) -> Original {
    let attached = mail.embedded().find(|headers| !headers.is_empty());
    let quoted = || {
        let quoted = prose.quoted()?.trim_start();
        Some(EmbeddedHeaders::parse(quoted.as_bytes()))
    };
    let headers = attached.or_else(quoted);
    let mut original = Original {
        message_id: machine.original_message_id.clone(),
        ..Original::default()
    };
    if let Some(headers) = headers {
        original.message_id = headers
            .message_ids("message-id")
            .into_iter()
            .next()
            .or(original.message_id);
        original.references = headers.message_ids("references");
        original
            .references
            .extend(headers.message_ids("in-reply-to"));
        original.to = headers
            .addresses("to")
            .into_iter()
            .chain(headers.addresses("x-original-to"))
            .map(|to| to.address)
            .filter(|to| to.contains('@'))
            .collect();
        original.to.dedup();
        let cc = headers.addresses("cc").into_iter();
        original.cc = cc.map(|cc| cc.address).collect();
        original.from = headers
            .addresses("from")
            .into_iter()
            .next()
            .map(|from| from.address);
    }
    original
}

fn collect(
    mail: &InboundMail<'_>,
    machine: &ReportFields,
    original: &Original,
    prose: &Prose<'_>,
) -> Vec<FailedRecipient> {
    let mut out: Vec<FailedRecipient> = Vec::new();
    let with_address: Vec<&RecipientFields> = machine
        .recipients
        .iter()
        .filter(|fields| fields.address().is_some())
        .collect();
    if !with_address.is_empty() {
        for fields in &with_address {
            let address = fields.address().unwrap_or_default();
            let section = || section_for(prose, address, with_address.len());
            push(&mut out, recipient(address, Some(fields), section, prose));
        }
        return out;
    }
    let loose = machine.recipients.first();
    let failed = failed_header(mail, original, prose);
    if !failed.is_empty() {
        for address in &failed {
            let section = || section_for(prose, address, failed.len());
            push(&mut out, recipient(address, loose, section, prose));
        }
        return out;
    }
    for listed in prose.listed() {
        let own = listed.section.as_str();
        let whole = if prose.listed().len() == 1 {
            prose.said()
        } else {
            own
        };
        push(
            &mut out,
            recipient(&listed.address, loose, || (own, whole), prose),
        );
    }
    if out.is_empty() {
        // The report names nobody: the returned mail's only recipient is the one.
        if let [only] = original.to.as_slice() {
            push(
                &mut out,
                recipient(only, loose, || (prose.said(), prose.said()), prose),
            );
        }
    }
    out
}

/// Returns the recipients of `X-Failed-Recipients` (Exim, Gmail).
///
/// An address the original was not sent to and the text does not name is the far end of a
/// forward; what we sent to is then the original's only To.
fn failed_header(mail: &InboundMail<'_>, original: &Original, prose: &Prose<'_>) -> Vec<String> {
    let failed: Vec<String> = mail
        .headers_raw("x-failed-recipients")
        .iter()
        .flat_map(|value| address::addresses(value))
        .map(|found| found.text)
        .take(MAX_RECIPIENTS)
        .collect();
    if let ([one], [only]) = (failed.as_slice(), original.to.as_slice()) {
        let known = one.eq_ignore_ascii_case(only) || prose.lower().contains(&*lowered(one));
        if !known {
            return vec![only.clone()];
        }
    }
    failed
}

/// Returns the lines about `address` and the whole text behind them.
fn section_for<'t>(prose: &'t Prose<'_>, address: &str, count: usize) -> (&'t str, &'t str) {
    let mut listed = prose.listed().iter();
    let own = listed
        .find(|listed| listed.address.eq_ignore_ascii_case(address))
        .map(|listed| listed.section.as_str());
    match own {
        Some(own) if count > 1 => (own, own),
        Some(own) => (own, prose.said()),
        None if count > 1 => ("", ""),
        None => (prose.said(), prose.said()),
    }
}

fn push(out: &mut Vec<FailedRecipient>, next: FailedRecipient) {
    match out.iter_mut().find(|known| known.address == next.address) {
        // The same recipient twice: a failure outweighs a delay, a code outweighs none.
        Some(known)
            if known.status.is_none() && next.status.is_some()
                || known.action != Action::Failed && next.action == Action::Failed =>
        {
            *known = next
        }
        Some(_) => {}
        None => out.push(next),
    }
}

/// `section` finds the lines about the recipient and the whole text behind them, where they are needed.
fn recipient<'t>(
    address: &str,
    fields: Option<&RecipientFields>,
    section: impl FnOnce() -> (&'t str, &'t str),
    prose: &Prose<'_>,
) -> FailedRecipient {
    let section = LazyCell::new(section);
    let own = || section.0;
    // Most reports have one recipient, whose lines are the whole text.
    let around = || Some(section.1).filter(|whole| *whole != section.0);
    let diagnostic = fields
        .and_then(|fields| fields.diagnostic.as_deref())
        .unwrap_or_default();
    let comment = fields
        .and_then(|fields| fields.status_comment.as_deref())
        .unwrap_or_default();
    let status = status_of(fields, diagnostic, || *section);
    let code = reply_code(diagnostic)
        .or_else(|| reply_code(own()))
        .or_else(|| reply_code(around()?));
    // What a server said of the address needs no prose around it.
    let told = !diagnostic.is_empty() && status.is_some_and(is_of_address);
    let command = LazyCell::new(|| {
        let in_prose = |text: &str| {
            let squeezed = (text == prose.said()).then(|| prose.squeezed());
            command::command(text, squeezed)
        };
        let beside = || in_prose(own()).or_else(|| in_prose(around()?));
        let said = command::command(diagnostic, None);
        said.or_else(|| if told { None } else { beside() })
    });
    let diagnosed = if !diagnostic.is_empty() {
        Cow::Borrowed(diagnostic)
    } else if comment.is_empty() {
        Cow::Borrowed(until_answered(own()))
    } else {
        Cow::Owned([comment, own()].join(" "))
    };
    let known = Known {
        status,
        code,
        command: &|| *command,
        quotes_only_us: &|| quotes_only(prose.ours(), address, &diagnosed),
        names_our_domain: &|| names_domain(prose.domains_told(), address, &diagnosed),
        lost_domain: &|| lost_domain(address, &diagnosed),
    };
    let words = || {
        let (own, whole) = *section;
        Cow::Owned(if own.trim().is_empty() {
            [comment, whole].join(APART)
        } else if own == whole {
            [comment, own, prose.subject()].join(APART)
        } else {
            [comment, own, whole, prose.subject()].join(APART)
        })
    };
    let (reason, settled_by) = judge_with(&diagnosed, &known, words);
    let stated = fields.and_then(|fields| fields.action);
    let guessed = || {
        if prose.is_delay() {
            Action::Delayed
        } else {
            Action::Failed
        }
    };
    let action = stated.unwrap_or_else(guessed);
    FailedRecipient {
        address: lower(address),
        original_address: fields
            .and_then(|fields| fields.original_recipient.clone())
            .map(|original| lower(&original)),
        action,
        action_stated: stated.is_some(),
        status,
        code,
        reason,
        class: reason.class(),
        remote_mta: fields.and_then(|fields| fields.remote_mta.clone()),
        settled_by,
    }
}

/// Parts texts that follow each other as sentences do.
const APART: &str = " . ";

/// Whether all addresses in what a server said are `ours`, and none the failed one.
fn quotes_only(ours: &[String], failed: &str, said: &str) -> bool {
    let mut found = lines(said).flat_map(address::addresses).peekable();
    found.peek().is_some()
        && found.all(|one| {
            let text = lowered(&one.text);
            !text.eq_ignore_ascii_case(failed) && ours.iter().any(|own| *own == *text)
        })
}

/// How much of what a server said is asked for domains, each of them on its own, in bytes.
const SAID: usize = 8 * 1024;

/// Whether what a server said names one of the domains that are `ours`, on its own and not as the failed one's.
fn names_domain(ours: &[String], failed: &str, said: &str) -> bool {
    let Some((_, failed)) = failed.rsplit_once('@') else {
        return false;
    };
    let failed = lower(failed);
    let said = lower(&said[..said.floor_char_boundary(SAID)]);
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '@' | '_');
    ours.iter().any(|own| {
        own.contains('.')
            && *own != failed
            && !failed.ends_with(&format!(".{own}"))
            && said.match_indices(own.as_str()).any(|(at, _)| {
                !said[..at].ends_with(inside)
                    && !said[at + own.len()..]
                        .trim_start_matches('.')
                        .starts_with(inside)
            })
    })
}

/// Whether what is `said` tells that the domain of the `failed` address does not exist.
fn lost_domain(failed: &str, said: &str) -> bool {
    let said = squeeze_lower(&said[..said.floor_char_boundary(SAID)]);
    let domain = lower(address::domain(failed));
    !domain.is_empty() && says_missing(&said, &domain)
}

/// Returns the lines about a recipient down to the paragraph with the server's answer: what stands
/// below it are notes of gateways.
fn until_answered(own: &str) -> &str {
    let mut end = 0;
    let mut answered = false;
    for line in own.split_inclusive('\n') {
        if answered && line.trim().is_empty() {
            return &own[..end];
        }
        answered |= reply_code(line).is_some() || !statuses(line).is_empty();
        end += line.len();
    }
    own
}

/// Chooses the status: what the refusing server said beats what the reporting server made of
/// it, and a retry timer (`4.4.7`) only stands where nobody says more.
fn status_of<'t>(
    fields: Option<&RecipientFields>,
    diagnostic: &str,
    section: impl FnOnce() -> (&'t str, &'t str),
) -> Option<EnhancedStatus> {
    let stated = fields.and_then(|fields| fields.status);
    let first = heaviest(statuses(diagnostic).into_iter().chain(stated));
    let wanting = first.is_none_or(|status| status.weight() == 2)
        || diagnostic.is_empty() && first.is_some_and(|status| status.weight() < 2);
    if !wanting {
        return first;
    }
    let (own, whole) = section();
    heaviest(
        first
            .into_iter()
            .chain(best_status(own))
            .chain(best_status(whole)),
    )
}
