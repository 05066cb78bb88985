//! Whether a refusal speaks of who sent the mail, not of whom it was for.

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;

/// What servers call the sender's side of a mail, in lower case.
const NAMES: &[&str] = &[
    "sender",
    "originator",
    "originating",
    "from address",
    "from domain",
    "absender",
    "expéditeur",
    "remitente",
];

static NAME_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(NAMES.iter().copied()));

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
];

/// Whether `words` name somebody who may be told of a refusal as well as be refused.
pub(super) fn may_be_told(words: &str) -> bool {
    matches!(words, "absender" | "expéditeur" | "remitente")
}

/// Whether the sentence of `text` (folded) with `words` in it names the sender and no recipient.
pub(super) fn is_refused(text: &str, words: &str) -> bool {
    if !NAME_BOOK.any(text) {
        return false;
    }
    let Some(at) = text.find(words) else {
        return false;
    };
    let (before, behind) = text.split_at(at);
    let start = before.rfind(". ").map_or(0, |end| end + 2);
    let end = behind.find(". ").map_or(text.len(), |end| at + end);
    let sentence = &text[start..end];
    NAMES.iter().any(|name| names(sentence, name))
        && !RECIPIENTS.iter().any(|name| sentence.contains(name))
}

fn names(sentence: &str, name: &str) -> bool {
    sentence.match_indices(name).any(|(at, _)| {
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
    })
}
