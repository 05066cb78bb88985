//! Where the server's own words end and the returned mail begins.
//!
//! Nothing behind that line counts for any verdict: the original is ours or the attacker's.

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;
use crate::inbound::lower::{lower, lowered};
use crate::inbound::mail::trim;

/// Words that announce the original, in lower case. Each is what one or more servers print.
const MARKERS: &[&str] = &[
    "this line is a copy of the message",
    "this is a copy of the message",
    "this is a copy of your message",
    "copy of the message, including all the headers",
    "here is a copy of the first part",
    "original message follows",
    "message header follows",
    "- original message -",
    "-original message-",
    "---original message",
    "original mail info",
    "start of returned message",
    "returned mail follows",
    "returned message ---",
    "unsent message follows",
    "message text follows",
    "header of the original message",
    "headers of the original message",
    "header of the source mail",
    "copy of the original message",
    "copy of your original message",
    "original message headers",
    "original message header",
    "original message attached",
    "original message as received",
    "original message is attached",
    "copy of the message header",
    "enclosed is a copy of the message",
    "attachment is a copy of the message",
    "first 50 lines of your original message",
    "lines of your original message follow",
    "- forwarded message -",
    "begin forwarded message",
    "mensaje original",
    "message d'origine",
    "ursprüngliche nachricht",
    "urspr\u{fc}ngliche kopfzeilen",
    "en-têtes du message d'origine",
    "encabezados de mensajes originales",
    "cabeçalhos de mensagem original",
    "заголовки исходного сообщения",
    "原始邮件",
    "元のメッセージ",
    "копия сообщения",
    "original message:",
];

/// Header names that only a returned mail begins with; a report quotes the others itself.
#[rustfmt::skip] // A table is read in rows.
const FIRST_HEADERS: &[&str] = &[
    "return-path:", "received:", "delivered-to:", "dkim-signature:", "x-received:", "arc-seal:",
    "domainkey-signature:", "arc-message-signature:",
    "x-google-smtp-source:", "x-google-dkim-signature:", "authentication-results:", "x-originating-ip:",
];

static MARKER_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(MARKERS.iter().copied()));

/// Splits a report's text at the original: what the server says, the original if any, and what the
/// server says in lower case.
pub(super) fn split(text: &str) -> (&str, Option<&str>, String) {
    let mut small = lower(text);
    let (end, original) = end_of_report(text, &small);
    let said = &text[..end];
    if said.is_ascii() {
        small.truncate(end);
    } else if end < text.len() {
        small = lower(said);
    }
    (said, original, small)
}

/// Returns where the server's own words end, and the original behind them.
fn end_of_report<'t>(text: &'t str, lower: &str) -> (usize, Option<&'t str>) {
    let marked = MARKER_BOOK.any(lower);
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
    let mut at = 0;
    for next in ends.chain([text.len()]) {
        let line = &text[at..next];
        // A header begins at the very start of its line.
        if starts_header(line) {
            return (at, Some(&text[at..]));
        }
        let line = trim(line);
        let may_announce = marked || line.eq_ignore_ascii_case(BODY);
        if at > 0 && may_announce && line.len() < 120 && announces(line) {
            return (at, Some(&text[next..]));
        }
        at = next;
    }
    (text.len(), None)
}

/// A whole line that announces the original.
const BODY: &str = "body:";

/// Whether a line announces the original.
fn announces(line: &str) -> bool {
    let lower = lowered(line);
    // "The original message was received at ..." belongs to the report.
    lower == BODY || MARKER_BOOK.any(&lower) && !lower.contains("was received")
}

fn starts_header(line: &str) -> bool {
    let bytes = line.as_bytes();
    let may = bytes.first().map(u8::to_ascii_lowercase);
    may.is_some_and(|first| matches!(first, b'r' | b'd' | b'x' | b'a'))
        && FIRST_HEADERS.iter().any(|name| {
            bytes.len() >= name.len() && bytes[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_cut_off_at_a_marker_or_at_its_header() {
        let (report, original, _) = split(
            "could not be delivered\n--- Below this line is a copy of the message.\nReturn-Path: <a@b>\n",
        );
        assert_eq!(report, "could not be delivered\n");
        assert!(original.is_some_and(|original| original.starts_with("Return-Path")));
        let (report, original, _) =
            split("failed: x@y.example\n\nReceived: from a\n by b\nTo: z@y.example\n");
        assert_eq!(report, "failed: x@y.example\n\n");
        assert!(original.is_some());
    }

    #[test]
    fn a_report_that_quotes_fields_is_not_cut() {
        let text = "Your message\n  To: x@y.example\n  Subject: hi\ndid not reach x@y.example\n";
        assert_eq!(split(text), (text, None, text.to_lowercase()));
        let text = "The original message was received at noon\nuser unknown\n";
        assert_eq!(split(text).0, text);
    }
}
