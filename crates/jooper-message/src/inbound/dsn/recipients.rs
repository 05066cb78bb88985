//! Failed recipients from running text, by the shape of the line they stand in.
//!
//! Servers agree on few words but on shapes: an address at the start of a line with the
//! diagnostic behind it, an address behind a label, an address in a transcript. The best
//! shape found decides; addresses in weaker places are then mere mentions.

use crate::inbound::address::{self, Found, addresses};
use crate::inbound::lower::{lower, lowered};
use crate::inbound::mail::lines;
use crate::inbound::status::{reply_code, statuses};

/// An address and the lines that speak about it.
#[derive(Debug, Clone)]
pub(super) struct TextRecipient {
    pub(super) address: String,
    pub(super) section: String,
    /// Whether it stands as an entry of its own.
    entry: bool,
}

impl TextRecipient {
    /// Whether its own entry says what a server answered: a reply code in its line, or one with an
    /// enhanced status below. Figures in the next line may be somebody's street, telephone or day of return.
    pub(super) fn is_refused(&self) -> bool {
        let line = lines(&self.section).next().unwrap_or_default();
        let behind = line.rsplit_once(&self.address).map_or("", |(_, rest)| rest);
        let told = |word: &str| word.starts_with(char::is_alphabetic) || is_status(word);
        self.entry
            && (behind_code(behind).is_some_and(told)
                || lines(&self.section).filter_map(behind_code).any(is_status))
    }
}

/// Returns the word behind the reply code of a line.
fn behind_code(line: &str) -> Option<&str> {
    let code = reply_code(line)?.to_string();
    let (_, behind) = line.split_once(&code)?;
    let behind = behind.trim_start_matches([' ', '\t', '-', '#', ':']);
    behind.split_whitespace().next()
}

fn is_status(word: &str) -> bool {
    word.starts_with(['4', '5']) && !statuses(word).is_empty()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// Somewhere in a sentence.
    Mention,
    /// The To line of the quoted original.
    QuotedTo,
    /// `RCPT TO:<addr>`.
    Rcpt,
    /// `554 <addr>... text`, the verdict line of a transcript.
    Verdict,
    /// `<addr>: text`, `addr`, or behind a label.
    Listed,
}

struct Candidate {
    address: String,
    line: usize,
    shape: Shape,
}

/// Recipients taken from one text.
const MAX: usize = 100;

/// Returns the failed recipients in `report`; `ours` are addresses that cannot be among them (the
/// report's own sender and receiver), in lower case, but where `or_ours` and nothing else is.
pub(super) fn find<'o>(
    report: &str,
    ours: impl FnOnce() -> &'o [String],
    or_ours: bool,
) -> Vec<TextRecipient> {
    let lines: Vec<&str> = lines(report).take(2_000).collect();
    let mut candidates = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if memchr::memchr(b'@', line.as_bytes()).is_none() {
            continue;
        }
        let led_elsewhere = lines
            .get(..index)
            .and_then(|before| before.iter().rev().find(|line| !line.trim().is_empty()))
            .is_some_and(|before| points_elsewhere(before));
        if !led_elsewhere {
            scan_line(line, index, &mut candidates);
        }
        if candidates.len() >= MAX * 4 {
            break;
        }
    }
    if candidates.is_empty() {
        return Vec::new();
    }
    let ours = ours();
    let foreign = |candidate: &Candidate| {
        let address = lowered(&candidate.address);
        !ours.iter().any(|own| *own == *address)
    };
    let any_foreign = candidates.iter().any(foreign);
    let may_be = |candidate: &Candidate| or_ours && !any_foreign || foreign(candidate);
    let best = candidates
        .iter()
        .filter(|candidate| may_be(candidate))
        .map(|candidate| candidate.shape)
        .max();
    let Some(best) = best else {
        return Vec::new();
    };
    let mut chosen: Vec<&Candidate> = Vec::new();
    for candidate in &candidates {
        let wanted = candidate.shape >= best && may_be(candidate);
        let known = chosen
            .iter()
            .any(|kept| kept.address.eq_ignore_ascii_case(&candidate.address));
        if wanted && !known && chosen.len() < MAX {
            chosen.push(candidate);
        }
    }
    if best == Shape::Mention {
        chosen.truncate(1);
    }
    sections(&lines, &candidates, &chosen, best)
}

fn sections(
    lines: &[&str],
    all: &[Candidate],
    chosen: &[&Candidate],
    best: Shape,
) -> Vec<TextRecipient> {
    let starts: Vec<usize> = chosen.iter().map(|candidate| candidate.line).collect();
    let next_entry = |own: &Candidate| {
        all.iter()
            .filter(|other| {
                other.shape == Shape::Listed
                    && other.line > own.line
                    && !other.address.eq_ignore_ascii_case(&own.address)
            })
            .map(|other| other.line)
            .min()
    };
    chosen
        .iter()
        .enumerate()
        .map(|(at, candidate)| {
            let range = if chosen.len() == 1 && best != Shape::Listed {
                0..lines.len()
            } else if best == Shape::Verdict {
                // A transcript tells what happened before it gives the verdict.
                let from = at
                    .checked_sub(1)
                    .and_then(|before| starts.get(before))
                    .map_or(0, |line| line + 1);
                let talk = (from..candidate.line).rev().find(|line| {
                    lines
                        .get(*line)
                        .is_some_and(|line| line.to_ascii_lowercase().contains("while talking to"))
                });
                talk.unwrap_or(from)..candidate.line + 1
            } else {
                let to = next_entry(candidate)
                    .filter(|_| chosen.len() > 1)
                    .unwrap_or(lines.len());
                candidate.line..to.max(candidate.line + 1)
            };
            let section = lines.get(range).unwrap_or_default().join("\n");
            TextRecipient {
                address: candidate.address.clone(),
                section,
                entry: candidate.shape >= Shape::Verdict,
            }
        })
        .collect()
}

/// Whether a line sends its reader to the address on the next one.
fn points_elsewhere(line: &str) -> bool {
    let line = line.trim_end();
    // What it ends in is a letter or a colon of ASCII.
    if !line.ends_with([':', 's', 't', 'o']) && line.is_ascii() && !line.ends_with(['S', 'T', 'O'])
    {
        return false;
    }
    let line = lowered(line);
    [
        "to the address",
        "contact",
        "contact:",
        "write to",
        "send mail to",
        "reply to",
        "e-mail to",
    ]
    .iter()
    .any(|words| ends_as_word(&line, words))
}

fn scan_line(line: &str, index: usize, out: &mut Vec<Candidate>) {
    let found = addresses(line);
    if found.is_empty() || line.trim_start().starts_with("<<<") {
        return;
    }
    let label = line_label(line);
    for (nth, one) in found.iter().enumerate() {
        if is_service(&one.text)
            || !address::domain(&one.text).contains(|c: char| c.is_alphanumeric())
        {
            continue;
        }
        if let Some(shape) = shape_of(line, one, nth, &label) {
            out.push(Candidate {
                address: one.text.clone(),
                line: index,
                shape,
            });
        }
    }
}

/// Addresses of the postal service itself are never the failed ones.
fn is_service(text: &str) -> bool {
    let local = address::local(text).to_ascii_lowercase();
    [
        "postmaster",
        "mailer-daemon",
        "mailerdaemon",
        "hostmaster",
        "abuse",
    ]
    .contains(&local.as_str())
}

/// Returns the lower-case `name` of a line such as `Name: value`, empty if it has none.
fn line_label(line: &str) -> String {
    let head = line.trim_start_matches([' ', '\t', '>', '-', '*', '|']);
    match head.split_once(':') {
        Some((name, _)) if name.len() < 40 && !name.contains(['@', '<']) => lower(name.trim()),
        _ => String::new(),
    }
}

fn shape_of(line: &str, one: &Found, nth: usize, label: &str) -> Option<Shape> {
    let before = line
        .get(..one.at.start)
        .unwrap_or_default()
        .trim_end_matches([
            '<', '"', '\'', '(', '[', '=', ' ', '\t', '\u{201c}', '\u{ab}',
        ]);
    let after = line.get(one.at.end..).unwrap_or_default();
    let lower = lowered(before);
    let lower = lower.trim_end();
    if label == "rcpt to" || lower.ends_with("rcpt to:") || lower.ends_with("rcpt:") {
        return Some(Shape::Rcpt);
    }
    if matches!(
        label,
        "from"
            | "return-path"
            | "sender"
            | "reply-to"
            | "mail from"
            | "message-id"
            | "in-reply-to"
            | "references"
            | "original sender"
            | "x-postfix-sender"
            | "errors-to"
            | "von"
            | "de"
    ) || lower.ends_with("mail from:")
        || [
            "from",
            "from:",
            "by",
            "contact",
            "reply to",
            "mail to",
            "write to",
            "e-mail",
            "envelope-from",
            "mailto:",
            "sender",
            "sender:",
            "subject:",
            "hello",
            "dear",
            "hola,",
            "hallo",
        ]
        .iter()
        .any(|word| ends_as_word(lower, word))
    {
        return None;
    }
    if matches!(label, "to" | "cc" | "an" | "para" | "à" | "кому")
        && nth == 0
        && lower.ends_with(':')
    {
        return Some(Shape::QuotedTo);
    }
    let bare = before.trim_start_matches([' ', '\t', '>', '*', '-', '\u{2022}', '\u{b7}', '|']);
    if bare.is_empty() {
        return Some(if ends_entry(after) {
            Shape::Listed
        } else {
            Shape::Mention
        });
    }
    // `554 <addr>... text` and `550 5.1.1 <addr>... text`.
    if bare.starts_with(['4', '5'])
        && bare.split_whitespace().all(|word| {
            word.bytes()
                .all(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
        })
    {
        return Some(Shape::Verdict);
    }
    // `user:queue-id:<addr> : text`.
    if !bare.contains(' ')
        && bare.ends_with(':')
        && after.trim_start_matches('>').trim_start().starts_with(':')
    {
        return Some(Shape::Listed);
    }
    // X.400 spells it `c=us;a= ;p=org;dda:SMTP=addr;` (RFC 2157).
    if line
        .get(..one.at.start)
        .is_some_and(|head| head.to_ascii_lowercase().ends_with("smtp="))
    {
        return Some(Shape::Listed);
    }
    if LABELS.iter().any(|label| ends_as_word(lower, label)) {
        return Some(Shape::Listed);
    }
    Some(Shape::Mention)
}

/// What may stand before a failed address, in lower case, at the end of its line's beginning.
#[rustfmt::skip] // A table is read in rows.
const LABELS: &[&str] = &[
    "recipient:", "recipients:", "recipient", "recipients", "recipient address:", "original address:",
    "addressed to:", "addressed to", "error-for:", "undeliverable to", "undeliverable:", "deliver message to",
    "deliver message to:", "deliver mail to", "deliver the message to", "deliver your message to",
    "your message to", "your message to:", "message to:", "message to", "attempts:", "address:", "addresses:",
    "user:", "userid:", "mailbox:", "mailbox is full:", "full:", "delivered to", "delivered to:", "delivery to",
    "delivery to:", "delivered to address", "quota violation for", "reach", "errors:", "affected:", "failed:",
    "failed for", "delivery failed to", "failed to deliver to", "email address", "e-mail address",
    "following address", "following address:", "the user", "the mailbox", "account=",
    "the address", "mailing list", "was addressed,", "receiver address:", "account", "to the recipient",
    "zustellung an", "empfänger:", "empfänger", "nachricht an", "destinataire :", "destinataire:", "message à",
    "adresse", "adresse :", "destinatario:", "destinatario", "mensaje a", "messaggio a", "mensagem para",
    "destinatário:", "получатель:", "получателю", "адресу", "收件人", "收件人：", "宛先", "宛先：", "alıcı:", "ontvanger:",
    "mottagare:", "adresat:", "sent to", "sending to", "email to", "mail for", "message for", "messages to",
    "mail to the following",
];

fn ends_as_word(text: &str, word: &str) -> bool {
    // Most of a list ends in another letter.
    text.as_bytes().last() == word.as_bytes().last()
        && text
            .strip_suffix(word)
            .is_some_and(|head| !head.ends_with(|c: char| c.is_alphanumeric()))
}

/// Whether an address at the start of a line stands there as an entry, not as a subject of a sentence.
fn ends_entry(after: &str) -> bool {
    let rest = after.trim_start_matches(['>', '"', '\'', ' ', '\t', '\u{201d}']);
    let glued = after.trim_start_matches(['>', '"', '\'']);
    rest.is_empty()
        || rest.starts_with([
            ':', '(', '[', '.', '-', ';', ',', '<', '\u{2014}', '\u{2013}', '\u{ff1a}', '#',
        ])
        || glued.starts_with(':')
        || rest.starts_with("on ")
        || rest.starts_with("Invalid")
        || rest.starts_with("delivery ")
        || rest.starts_with(|c: char| c.is_ascii_digit())
        || rest.to_ascii_lowercase().starts_with("is not")
        || rest.to_ascii_lowercase().starts_with("was not")
        || rest.to_ascii_lowercase().starts_with("does not")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(report: &str) -> Vec<String> {
        let ours = ["me@our.example".to_owned()];
        find(report, || &ours, true)
            .into_iter()
            .map(|found| found.address)
            .collect()
    }

    #[test]
    fn an_entry_beats_a_mention() {
        let report = "Hi me@our.example.\nWrite to help@y.example if lost.\n\n<ada@x.example>:\nhost said 550 <bob@z.example> no\n";
        assert_eq!(all(report), ["ada@x.example"]);
    }

    #[test]
    fn labels_and_transcripts_name_recipients() {
        assert_eq!(
            all("Undeliverable Address: ada@x.example\nReason: full"),
            ["ada@x.example"]
        );
        assert_eq!(
            all("Delivery failed 20 attempts: ada@x.example"),
            ["ada@x.example"]
        );
        assert_eq!(
            all(">>> RCPT TO:<ada@x.example>\n<<< 550 <ada@x.example>: User unknown"),
            ["ada@x.example"]
        );
        assert_eq!(
            all("550 h (smtp)... 550 Host unknown\n554 <ada@h.example>... 550 Host unknown"),
            ["ada@h.example"]
        );
        assert_eq!(
            all(
                "Your message\n To: list@x.example\ndid not reach:\nada@x.example on Fri, 1 Mar\n The name is unknown"
            ),
            ["ada@x.example"]
        );
    }

    #[test]
    fn each_recipient_has_its_own_lines() {
        let found = find(
            "<a@x.example>:\nfull\n<b@x.example>:\nunknown\n",
            || &[],
            true,
        );
        assert_eq!(found[0].section, "<a@x.example>:\nfull");
        assert_eq!(found[1].section, "<b@x.example>:\nunknown");
    }

    #[test]
    fn the_service_and_the_sender_are_never_recipients() {
        assert!(all("Please contact postmaster@x.example").is_empty());
        assert!(all("From: ada@x.example\nMAIL FROM:<bob@x.example>").is_empty());
    }
}
