//! Failed recipients from running text, by the shape of the line they stand in.
//!
//! Servers agree on few words but on shapes: an address at the start of a line with the
//! diagnostic behind it, an address behind a label, an address in a transcript. The best
//! shape found decides; addresses in weaker places are then mere mentions.

use std::collections::VecDeque;

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
    /// Whether it stands as an entry of its own.
    pub(super) fn is_entry(&self) -> bool {
        self.entry
    }

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

/// Bytes kept of the lines about one recipient of several.
const MAX_SECTION: usize = 8 * 1024;

/// Returns the failed recipients in `report`; `ours` are addresses that cannot be among them (the
/// report's own sender and receiver), in lower case, but where `or_ours` and nothing else is.
pub(super) fn find<'o>(
    report: &str,
    ours: impl FnOnce() -> &'o [String],
    or_ours: bool,
) -> Vec<TextRecipient> {
    if memchr::memchr(b'@', report.as_bytes()).is_none() {
        return Vec::new();
    }
    let lines: Vec<&str> = lines(report).take(2_000).collect();
    let mut candidates = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if memchr::memchr(b'@', line.as_bytes()).is_none() {
            continue;
        }
        let led_elsewhere = lines
            .get(..index)
            .and_then(|before| {
                before
                    .iter()
                    .rev()
                    .find(|line| !line.trim_start().is_empty())
            })
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
    let sections = match chosen {
        [only] => {
            let from = if best == Shape::Listed { only.line } else { 0 };
            vec![lines.get(from..).unwrap_or_default().join("\n")]
        }
        _ if best == Shape::Verdict => above_verdicts(lines, chosen),
        _ => told_of_each(lines, all, chosen, best),
    };
    let with_section = |(candidate, section): (&&Candidate, String)| TextRecipient {
        address: candidate.address.clone(),
        section,
        entry: candidate.shape >= Shape::Verdict,
    };
    let mut found: Vec<_> = chosen.iter().zip(sections).map(with_section).collect();
    if best == Shape::Rcpt {
        leave_accepted(&mut found);
    }
    found
}

/// Leaves out whom a transcript shows to be accepted beside others that were refused. What is refused behind
/// that, the mail itself, fails for all.
fn leave_accepted(found: &mut Vec<TextRecipient>) {
    let is_accepted = |one: &TextRecipient| lines(&one.section).any(|line| answers(line, "25"));
    let is_refused = |one: &TextRecipient| reply_code(&one.section).is_some();
    let refused_behind = found.iter().any(|one| is_accepted(one) && is_refused(one));
    if !refused_behind && found.iter().any(is_refused) {
        found.retain(|one| is_refused(one) || !is_accepted(one));
    }
}

/// Whether a line of a transcript is an answer whose code begins so.
fn answers(line: &str, code: &str) -> bool {
    let said = line.rsplit_once("<-- ").map_or(line, |(_, said)| said);
    let said = said.trim_start_matches([' ', '\t', '<', '>', '-', '.']);
    let said = said.strip_prefix("Received >>> ").unwrap_or(said);
    said.starts_with(code) && said.as_bytes().get(2).is_some_and(u8::is_ascii_digit)
}

/// The lines up to each verdict: a transcript tells what happened before it gives one.
fn above_verdicts(lines: &[&str], chosen: &[&Candidate]) -> Vec<String> {
    let mut from = 0;
    let section = |candidate: &&Candidate| {
        let to = candidate.line + 1;
        let told = lines.get(from..to).unwrap_or_default();
        from = to;
        let talk = told
            .iter()
            .rposition(|line| line.to_ascii_lowercase().contains("while talking to"));
        let told = told.get(talk.unwrap_or(0)..).unwrap_or_default();
        // Of several verdicts in one line each has it.
        let told = if told.is_empty() {
            lines.get(candidate.line..to).unwrap_or_default()
        } else {
            told
        };
        let told = told.join("\n");
        let cut = told.len().saturating_sub(MAX_SECTION);
        told[told.ceil_char_boundary(cut)..].to_owned()
    };
    chosen.iter().map(section).collect()
}

/// The lines about each: from where it is named up to where another one is, wherever that happens. Entries
/// without a word of their own share what stands below them.
fn told_of_each(
    lines: &[&str],
    all: &[Candidate],
    chosen: &[&Candidate],
    best: Shape,
) -> Vec<String> {
    let mut sections = vec![String::new(); chosen.len()];
    let index_of = |address: &str| {
        let same = |one: &&Candidate| one.address.eq_ignore_ascii_case(address);
        chosen.iter().position(same)
    };
    let begins = |candidate: &&Candidate| candidate.shape >= best.min(Shape::Rcpt);
    let mut marks = all.iter().filter(begins).peekable();
    let mut about: Vec<usize> = Vec::new();
    let mut shared = false;
    let mut asked = Asked::default();
    for (index, line) in lines.iter().enumerate() {
        let mut named: Vec<usize> = Vec::new();
        let mut listed = true;
        while let Some(mark) = marks.next_if(|mark| mark.line <= index) {
            listed &= mark.shape == Shape::Listed;
            let one = index_of(&mark.address);
            if mark.shape == Shape::Rcpt {
                asked.ask(one, index);
            }
            match one {
                Some(one) if named.contains(&one) => {}
                Some(one) => named.push(one),
                // Below an entry it may be where the mail was handed on to.
                None if best == Shape::Listed => {}
                None => about.clear(),
            }
        }
        if named.is_empty() {
            shared &= line.trim_ascii().is_empty();
            let in_turn = asked.answer(line);
            let by_name = answer_names(line).and_then(|address| index_of(&address));
            if let Some(one) = by_name.map(Some).or(in_turn) {
                about = Vec::from_iter(one);
            } else if asks_for_sender(line) {
                asked.ask(None, index);
            }
            for one in &about {
                keep(&mut sections, *one, line);
            }
            continue;
        }
        for one in &named {
            keep(&mut sections, *one, line);
        }
        let bare = listed && ends_in_address(line);
        if !(bare && shared) {
            about.clear();
        }
        shared = bare;
        // In any other line the last one is spoken of.
        let spoken_of = if listed { 0 } else { named.len() - 1 };
        about.extend(named.drain(spoken_of..));
    }
    sections
}

/// Whether a line of a transcript is the command that names the sender.
fn asks_for_sender(line: &str) -> bool {
    const MAIL: &str = "mail from:";
    let command = line.trim_start_matches([' ', '\t', '<', '>', '-', '.']);
    let head = command.as_bytes().get(..MAIL.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(MAIL.as_bytes()))
}

/// Whether nothing is said behind the last address of a line.
fn ends_in_address(line: &str) -> bool {
    let last = addresses(line).pop().map_or(0, |found| found.at.end);
    !line[last..].contains(char::is_alphanumeric)
}

/// Adds a line to a section, as far as it goes.
fn keep(sections: &mut [String], about: usize, line: &str) {
    let Some(section) = sections.get_mut(about) else {
        return;
    };
    if section.len() < MAX_SECTION {
        if !section.is_empty() {
            section.push('\n');
        }
        section.push_str(&line[..line.floor_char_boundary(MAX_SECTION)]);
    }
}

/// Returns whom the line of a server's answer names.
fn answer_names(line: &str) -> Option<String> {
    let answer = line.trim_start().strip_prefix("<<<")?;
    memchr::memchr(b'@', answer.as_bytes())?;
    let first = addresses(answer).into_iter().next();
    first.map(|found| found.text)
}

/// Commands that were sent in one go, and are answered in the same order (RFC 2920).
#[derive(Default)]
struct Asked {
    /// Whom each asks about; nobody of the failed where it names another.
    waiting: VecDeque<Option<usize>>,
    several: bool,
    last_line: usize,
    /// What is answered, where the answer goes on in the next line.
    answered: Option<Option<usize>>,
}

impl Asked {
    fn ask(&mut self, about: Option<usize>, line: usize) {
        if self.last_line + 1 != line {
            self.waiting.clear();
        }
        self.waiting.push_back(about);
        self.several = self.waiting.len() > 1;
        self.answered = None;
        self.last_line = line;
    }

    /// Returns whom a line answers about, if it answers one of several commands.
    fn answer(&mut self, line: &str) -> Option<Option<usize>> {
        if !self.several {
            return None;
        }
        let said = line.trim_start_matches([' ', '\t', '<', '>', '-', '.']);
        let (code, behind) = said.split_at_checked(3)?;
        let is_code = code.starts_with(['2', '3', '4', '5'])
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && !behind.starts_with(|c: char| c.is_alphanumeric());
        if !is_code {
            return None;
        }
        // What is answered behind the last of them was not asked here.
        let about = self.answered.or_else(|| self.waiting.pop_front());
        let about = about.unwrap_or_default();
        self.answered = behind.starts_with('-').then_some(about);
        Some(about)
    }
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
    // Where the last entry of this line ends: others may follow it in a row.
    let mut entry_end = None;
    for (nth, one) in found.iter().enumerate() {
        if is_service(&one.text)
            || !address::domain(&one.text).contains(|c: char| c.is_alphanumeric())
        {
            continue;
        }
        let in_a_row = entry_end
            .and_then(|end| line.get(end..one.at.start))
            .is_some_and(parts_entries);
        let shape = if in_a_row {
            Some(Shape::Listed)
        } else {
            shape_of(line, one, nth, &label)
        };
        entry_end = (shape == Some(Shape::Listed)).then_some(one.at.end);
        if let Some(shape) = shape {
            out.push(Candidate {
                address: one.text.clone(),
                line: index,
                shape,
            });
        }
    }
}

/// Whether what stands between two addresses parts entries of one list.
fn parts_entries(between: &str) -> bool {
    between.contains([',', ';', '、', '，'])
        && between.chars().all(|c| {
            c.is_whitespace() || matches!(c, ',' | ';' | '、' | '，' | '<' | '>' | '"' | '\'')
        })
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
    // "Write mail to" points elsewhere.
    if ends_as_word(lower, "your mail to") {
        return Some(Shape::Listed);
    }
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
    fn entries_may_stand_in_a_row() {
        assert_eq!(
            all("Your message to: ada@x.example, <bea@x.example>; cleo@x.example\nwas blocked"),
            ["ada@x.example", "bea@x.example", "cleo@x.example"]
        );
        assert_eq!(
            all("Your message to ada@x.example, sent by bea@x.example, was blocked"),
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
    fn entries_without_a_word_share_what_stands_below_them() {
        let section = |report: &str| -> Vec<String> {
            let found = find(report, || &[], true).into_iter();
            found.map(|one| one.section.replace('\n', "|")).collect()
        };
        assert_eq!(
            section("<a@x.example>\n\n<b@x.example>\n\nno such host\n<c@y.example>\nfull"),
            [
                "<a@x.example>|||no such host",
                "<b@x.example>||no such host",
                "<c@y.example>|full"
            ]
        );
        assert_eq!(
            section("<a@x.example>: unknown\n<b@x.example>: over\n its quota"),
            ["<a@x.example>: unknown", "<b@x.example>: over| its quota"]
        );
        assert_eq!(
            section("<a@x.example>\n<b@x.example>: over\n its quota"),
            ["<a@x.example>", "<b@x.example>: over| its quota"]
        );
    }

    #[test]
    fn the_service_and_the_sender_are_never_recipients() {
        assert!(all("Please contact postmaster@x.example").is_empty());
        assert!(all("From: ada@x.example\nMAIL FROM:<bob@x.example>").is_empty());
    }
}
