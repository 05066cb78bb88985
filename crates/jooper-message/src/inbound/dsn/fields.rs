//! The machine-readable half of a report (RFC 3464 section 2), as servers really write it:
//! fields in any order, blank lines in the wrong places, continuation lines without a space,
//! a status with a comment, an address with brackets or without a type.

use std::borrow::Cow;

use crate::inbound::mail::trim;
use crate::inbound::status::{EnhancedStatus, statuses};

/// What happened to one recipient (RFC 3464 section 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Given up.
    Failed,
    /// Still being tried.
    Delayed,
    /// Delivered.
    Delivered,
    /// Handed to a system that does not report.
    Relayed,
    /// Delivered to a list.
    Expanded,
}

impl Action {
    fn parse(value: &str) -> Option<Self> {
        let word: String = value
            .trim()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        match word.to_ascii_lowercase().as_str() {
            // `expired` is what some relays write for a failure after retries.
            "failed" | "failure" | "expired" | "error" | "undeliverable" | "bounced" => {
                Some(Self::Failed)
            }
            "delayed" | "deferred" | "delay" => Some(Self::Delayed),
            "delivered" | "deliverable" => Some(Self::Delivered),
            "relayed" => Some(Self::Relayed),
            "expanded" => Some(Self::Expanded),
            _ => None,
        }
    }

    /// Returns the word RFC 3464 has for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
        }
    }
}

/// The fields about one recipient.
#[derive(Debug, Clone, Default)]
pub(super) struct RecipientFields {
    pub(super) final_recipient: Option<String>,
    pub(super) original_recipient: Option<String>,
    pub(super) action: Option<Action>,
    pub(super) status: Option<EnhancedStatus>,
    pub(super) diagnostic: Option<String>,
    pub(super) remote_mta: Option<String>,
    /// The comment after the status: some servers put the diagnostic there.
    pub(super) status_comment: Option<String>,
}

impl RecipientFields {
    pub(super) fn address(&self) -> Option<&str> {
        self.final_recipient
            .as_deref()
            .or(self.original_recipient.as_deref())
    }
}

/// Everything the machine-readable part says.
#[derive(Debug, Clone, Default)]
pub(super) struct ReportFields {
    pub(super) reporting_mta: Option<String>,
    pub(super) original_message_id: Option<String>,
    pub(super) recipients: Vec<RecipientFields>,
}

/// Recipients read from one report, wherever it names them (bad input B-60).
pub(super) const MAX_RECIPIENTS: usize = 200;

/// Most bytes of a field's value: a report without addresses has one diagnostic for all recipients that its header
/// names, and each of them is judged by it.
const MAX_VALUE: usize = 4_000;

/// Reads the fields in `lines`; those that are no field of RFC 3464 are skipped or continue one.
pub(super) fn parse<'t>(lines: impl Iterator<Item = &'t str>) -> ReportFields {
    let mut reader = Reader::default();
    for line in lines {
        reader.line(line);
    }
    reader.finish()
}

/// The fields that are read; the names of others are nothing here.
#[rustfmt::skip] // A table is read in rows.
const NAMES: &[&str] = &[
    "reporting-mta", "x-original-message-id", "original-message-id", "final-recipient", "original-recipient",
    "action", "status", "diagnostic-code", "remote-mta",
];

#[derive(Default)]
struct Reader<'t> {
    report: ReportFields,
    current: RecipientFields,
    field: Option<(&'static str, Cow<'t, str>)>,
    after_blank: bool,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t str) {
        let shows = line.bytes().any(|byte| byte.is_ascii_graphic());
        if !shows && line.trim().is_empty() {
            self.flush();
            self.after_blank = true;
            return;
        }
        let folded = line.starts_with([' ', '\t']);
        let colon = memchr::memchr(b':', line.as_bytes());
        match colon.map(|colon| (&line[..colon], &line[colon + 1..])) {
            Some((name, value)) if !folded && is_field(name) => {
                self.flush();
                let name = name.trim_end();
                let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
                let value = &value[..value.floor_char_boundary(MAX_VALUE)];
                self.field = Some((known.unwrap_or(&""), Cow::Borrowed(trim(value))));
            }
            _ => match &mut self.field {
                Some((_, value)) if value.len() < MAX_VALUE => go_on(value.to_mut(), line),
                Some(_) => {}
                None => self.orphan(line),
            },
        }
    }

    /// A diagnostic cut in two by a blank line goes on with its own reply code.
    fn orphan(&mut self, line: &str) {
        if let Some(diagnostic) = &mut self.current.diagnostic
            && line.trim_start().starts_with(['4', '5'])
            && diagnostic.len() < MAX_VALUE
        {
            go_on(diagnostic, line);
        }
    }

    fn flush(&mut self) {
        let Some((name, value)) = self.field.take() else {
            return;
        };
        let is_recipient_field = matches!(
            name,
            "final-recipient" | "original-recipient" | "action" | "status" | "diagnostic-code"
        );
        if is_recipient_field && self.starts_new_group(name) {
            self.close();
        }
        if is_recipient_field {
            self.after_blank = false;
        }
        let current = &mut self.current;
        match name {
            "reporting-mta" => self.report.reporting_mta = Some(typed(&value).to_owned()),
            "x-original-message-id" | "original-message-id" => {
                self.report.original_message_id =
                    Some(value.trim_matches(['<', '>', ' ']).to_owned());
            }
            "final-recipient" => current.final_recipient = recipient(&value),
            "original-recipient" => current.original_recipient = recipient(&value),
            "action" => current.action = Action::parse(&value).or(current.action),
            "status" => {
                current.status = statuses(&value).into_iter().next();
                current.status_comment = value
                    .split_once('(')
                    .map(|(_, rest)| rest.trim_end_matches(')').to_owned());
            }
            "diagnostic-code" => {
                // An exit code of a local program is only told from an SMTP code by its type.
                let keep_type = value
                    .get(..6)
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("x-unix"));
                let text = if keep_type {
                    value.trim()
                } else {
                    typed(&value)
                };
                current.diagnostic = Some(text.to_owned()).filter(|text| !text.is_empty());
            }
            "remote-mta" => {
                current.remote_mta = Some(typed(&value).to_owned()).filter(|text| !text.is_empty())
            }
            _ => {}
        }
    }

    /// A group ends at a blank line once it names a recipient, or where a field repeats.
    fn starts_new_group(&self, name: &str) -> bool {
        let current = &self.current;
        let repeats = match name {
            "final-recipient" => current.final_recipient.is_some(),
            "original-recipient" => {
                current.original_recipient.is_some() && current.final_recipient.is_some()
            }
            "action" => current.action.is_some(),
            "status" => {
                current.status.is_some() && current.address().is_some() && current.action.is_some()
            }
            _ => false,
        };
        repeats || (self.after_blank && current.address().is_some())
    }

    fn close(&mut self) {
        let done = std::mem::take(&mut self.current);
        let says_something =
            done.address().is_some() || done.action.is_some() || done.status.is_some();
        if says_something && self.report.recipients.len() < MAX_RECIPIENTS {
            self.report.recipients.push(done);
        }
    }

    fn finish(mut self) -> ReportFields {
        self.flush();
        self.close();
        self.report
    }
}

fn is_field(name: &str) -> bool {
    let name = name.trim_end();
    let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() < 60
        && name.bytes().all(letters)
}

/// Lets a value go on with `line`.
fn go_on(value: &mut String, line: &str) {
    let line = line.trim();
    value.push(' ');
    let room = MAX_VALUE.saturating_sub(value.len());
    value.push_str(&line[..line.floor_char_boundary(room)]);
}

/// Strips the `type;` in front of a value.
fn typed(value: &str) -> &str {
    match value.split_once(';') {
        Some((kind, rest))
            if kind.len() < 40
                && kind
                    .trim()
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
        {
            trim(rest)
        }
        _ => trim(value),
    }
}

fn recipient(value: &str) -> Option<String> {
    let text = typed(value).trim_matches(['<', '>', ' ', '\'', ';']).trim();
    let one = text
        .split([' ', '\t'])
        .next()
        .unwrap_or(text)
        .trim_matches(['<', '>']);
    (one.contains('@') && one.len() <= 320 && !one.starts_with('|')).then(|| one.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ReportFields {
        super::parse(text.lines())
    }

    #[test]
    fn fields_come_in_any_order_and_groups_end_where_they_must() {
        let report = parse(
            "Reporting-MTA: dns; mx.example\n\nAction: failed\nStatus: 5.1.1 (no such mailbox)\n\
             Final-Recipient: rfc822;<ada@x.example>\nDiagnostic-Code: smtp; 550 5.1.1 no\n   such one\n\n\
             Final-Recipient: RFC822; bob@x.example\nAction: delayed\nStatus: 4.4.1\n",
        );
        assert_eq!(report.reporting_mta.as_deref(), Some("mx.example"));
        assert_eq!(report.recipients.len(), 2);
        assert_eq!(report.recipients[0].address(), Some("ada@x.example"));
        assert_eq!(
            report.recipients[0].diagnostic.as_deref(),
            Some("550 5.1.1 no such one")
        );
        assert_eq!(report.recipients[1].action, Some(Action::Delayed));
    }

    #[test]
    fn one_block_without_blank_lines_still_has_its_groups() {
        let report = parse(
            "Reporting-MTA: dns;m.example\nFinal-Recipient: rfc822;a@x.example\nOriginal-Recipient: rfc822;a@x.example\n\
             Action: failed\nStatus: 5.2.2\nFinal-Recipient: rfc822;b@x.example\nAction: failed\nStatus: 5.1.1\n",
        );
        let addresses: Vec<_> = report
            .recipients
            .iter()
            .filter_map(RecipientFields::address)
            .collect();
        assert_eq!(addresses, ["a@x.example", "b@x.example"]);
    }

    #[test]
    fn an_empty_part_has_no_recipients() {
        assert!(parse("").recipients.is_empty());
        assert!(
            parse("Reporting-MTA: dns; mx.example\n")
                .recipients
                .is_empty()
        );
    }

    #[test]
    fn a_thousand_recipients_are_read_up_to_the_limit() {
        let many: String = (0..1_000)
            .map(|n| format!("Final-Recipient: rfc822;u{n}@x.example\nAction: failed\n\n"))
            .collect();
        assert_eq!(parse(&many).recipients.len(), MAX_RECIPIENTS);
    }
}
