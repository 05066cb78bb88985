//! Whether a refusal speaks of who sent the mail, not of whom it was for.

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;
use crate::inbound::status::statuses;

/// What servers call the sender's side of a mail, in lower case.
#[rustfmt::skip] // A table is read in rows.
const NAMES: &[&str] = &[
    "sender", "originator", "originating", "from address", "from domain", "from header",
    "return address", "return path", "return-path", "reverse path", "reverse-path", "bounce address", "helo", "ehlo",
    "client host", "client ip", "client hostname", "sending host", "sending server", "sending ip", "connecting host",
    "your from", "your domain", "your host", "your hostname", "your ip", "your server", "your mail server",
    "your sender", "your envelope",
    "absender", "expéditeur", "remitente", "remetente", "mittente", "afzender", "avsändare", "avsändaren", "avsender",
    "avsenderen", "afsender", "afsenderen", "lähettäjä", "lähettäjää", "nadawca", "nadawcy", "nadawcę", "odesílatel",
    "odesílatele", "odosielateľ", "odosielateľa", "feladó", "expeditor", "expeditorul", "expeditorului", "gönderici",
    "gönderen", "gönderenin", "αποστολέας", "αποστολέα", "отправитель", "отправителя", "відправник", "відправника",
    "người gửi", "pengirim",
];

/// The same where words are written without blanks, or take what belongs to them.
#[rustfmt::skip] // A table is read in rows.
const GLUED_NAMES: &[&str] = &["发件人", "发送者", "寄件者", "寄件人", "送信者", "差出人", "発信者", "発信元", "送信元", "보낸 사람",
    "보낸사람", "발신자", "송신자", "השולח", "שולח", "المرسل", "ผู้ส่ง"];

static NAME_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(NAMES.iter().chain(GLUED_NAMES).copied()));

/// Words before the sender that make somebody of it whom the refusal is told to.
#[rustfmt::skip] // A table is read in rows.
const TOLD: &[&str] = &["to", "by", "tell", "ask", "inform", "notify", "contact", "informieren",
    "benachrichtigen", "an", "prévenez", "informez", "prévenir", "informer", "informe", "avise", "al"];

/// Words behind the sender that make somebody of it who is to do something.
#[rustfmt::skip] // A table is read in rows.
const ASKED: &[&str] = &["should", "must", "may", "can", "could", "might", "please", "to"];

/// Words that name the other side.
const RECIPIENTS: &[&str] = &[
    "recipient",
    "rcpt",
    "receiver",
    "addressee",
    "empfänger",
    "destinataire",
    "destinatari",
    "destinatár",
    "ontvanger",
    "mottagar",
    "modtager",
    "odbiorc",
    "příjemc",
    "címzett",
    "получател",
    "收件人",
    "受信者",
    "宛先",
];

/// Whether `words` name somebody who may be told of a refusal as well as be refused.
pub(super) fn may_be_told(words: &str) -> bool {
    matches!(words, "absender" | "expéditeur" | "remitente")
}

/// Whether the sentence of `text` (folded) with `words` in it names the sender and no recipient.
pub(super) fn is_refused(text: &str, words: &str) -> bool {
    let text = answer(text);
    if !NAME_BOOK.any(text) {
        return false;
    }
    text.find(words)
        .is_some_and(|at| speaks_of_sender(sentence(text, at)))
}

/// Whether a sentence of `text` (folded), whose words no table knows, names the sender and no recipient.
pub(super) fn is_named(text: &str) -> bool {
    answer(text).split(". ").any(speaks_of_sender)
}

fn speaks_of_sender(sentence: &str) -> bool {
    let named = NAME_BOOK.hits(sentence).into_iter().any(|(at, index)| {
        let name = NAME_BOOK.phrase(index);
        if index < NAMES.len() {
            names(sentence, at, name)
        } else {
            !is_told_glued(&sentence[..at])
        }
    });
    named && !RECIPIENTS.iter().any(|name| sentence.contains(name))
}

/// Whether the sentence of `text` (folded) with `words` in it tells us that it is our domain or host that it
/// does not know: it calls it ours, or looked up an address of a host.
pub(super) fn is_of_our_host(text: &str, words: &str) -> bool {
    let text = answer(text);
    text.find(words).is_some_and(|at| {
        let sentence = sentence(text, at);
        is_called_ours(sentence)
            || has_ip(sentence)
            || sentence.contains("reverse")
            || sentence.starts_with("mail from")
            || sentence.contains(" mail from ")
    })
}

/// Whether what a server said to a recipient, in words that no table knows, speaks of who sends, or of the mail
/// itself as what it refuses.
pub(super) fn is_about_us(text: &str) -> bool {
    let text = answer(text);
    has_ip(text)
        || words(text).any(|word| ABOUT_US.contains(&word))
        || REFUSED.iter().any(|words| text.contains(words))
}

/// Whether a server that was told a recipient speaks of a machine, which may be ours.
pub(super) fn is_about_a_host(text: &str) -> bool {
    words(answer(text)).any(|word| matches!(word, "server" | "servers" | "host"))
}

/// Words of a refusal that are none of an address.
#[rustfmt::skip] // A table is read in rows.
const ABOUT_US: &[&str] = &["your", "client", "ip", "blocked", "refused", "dkim", "spf", "dmarc", "ptr", "helo", "ehlo"];

/// What is refused where it is no address.
const REFUSED: &[&str] = &[
    "mail from",
    "message rejected",
    "mail rejected",
    "message not accepted",
    "mail not accepted",
    "message could not be accepted",
    "message was not accepted",
];

/// What is ours where a server says "your".
const OURS: &[&str] = &[
    "domain",
    "host",
    "hostname",
    "ip",
    "server",
    "mailserver",
    "client",
    "helo",
    "ehlo",
    "dns",
    "mx",
    "ptr",
    "sender",
    "from",
    "return",
    "envelope",
    "reverse",
    "sending",
];

fn is_called_ours(sentence: &str) -> bool {
    let mut latest = usize::MAX;
    words(sentence).any(|word| {
        latest = if word == "your" {
            0
        } else {
            latest.saturating_add(1)
        };
        (1..=2).contains(&latest) && OURS.contains(&word)
    })
}

/// Whether a text has an address of a host (RFC 791) in it.
fn has_ip(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .any(|word| {
            let mut labels = word.trim_matches('.').split('.');
            labels.clone().count() == 4
                && labels.all(|label| label.len() <= 3 && label.parse::<u8>().is_ok())
        })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The sentence of `text` around a place.
fn sentence(text: &str, at: usize) -> &str {
    let (before, behind) = text.split_at(at);
    let start = before.rfind(". ").map_or(0, |end| end + 2);
    let end = behind.find(". ").map_or(text.len(), |end| at + end);
    &text[start..end]
}

/// What a server said in a text (folded) that reports it: from its reply code on, and without the command that
/// was answered.
pub(super) fn answer(text: &str) -> &str {
    let said = &text[reply_at(text).unwrap_or(0)..];
    let mut brackets = memchr::memchr_iter(b'(', said.as_bytes());
    let replies = |at: &usize| said[*at..].starts_with("(in reply to ");
    brackets.find(replies).map_or(said, |end| &said[..end])
}

/// Whether a text (folded) has a server's answer in it.
pub(super) fn is_answered(text: &str) -> bool {
    reply_at(text).is_some() || !statuses(text).is_empty()
}

/// Where a reply code stands in a text (folded), as a word of its own or with a sign of a line that goes on.
fn reply_at(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'4', b'5', bytes).find(|&at| {
        let begins = at == 0 || bytes[at - 1] == b' ';
        begins
            && matches!(&bytes[at + 1..], [a, b, rest @ ..]
                if a.is_ascii_digit() && b.is_ascii_digit() && matches!(rest, [] | [b' ' | b'-', ..]))
    })
}

/// Whether what stands before the sender's name, written without blanks, makes it who is to be told.
fn is_told_glued(before: &str) -> bool {
    ["通知", "联系", "聯繫", "告知"]
        .iter()
        .any(|told| before.ends_with(told))
}

/// Whether the name at a place of a sentence is a word, and nobody's who is told or to do something.
fn names(sentence: &str, at: usize, name: &str) -> bool {
    let before = &sentence[..at];
    let behind = &sentence[at + name.len()..];
    let apart =
        !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric);
    let mut earlier = before.split_whitespace().rev();
    let told = earlier.find(|word| {
        !matches!(
            *word,
            "the" | "original" | "your" | "sie" | "bitte" | "den" | "l'"
        )
    });
    let asked = behind.split_whitespace().next();
    apart
        && !told.is_some_and(|word| TOLD.contains(&word))
        && !asked.is_some_and(|word| ASKED.contains(&word))
}
