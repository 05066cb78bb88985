//! Which requests below a signature are their writer's, and which tell its readers how to stop mail.

use super::{Ask, Meaning, asides, guards};
use crate::inbound::phrases::{Hit, Tokens};
use crate::inbound::reply_text::speaks_of_oneself;

/// Words of answering, by which a footer tells what to write: "reply REMOVE ME"; stems, folded.
#[rustfmt::skip] // A table is read in rows.
const ANSWERS: &[&str] = &[
    "reply", "replies", "respond", "answer", "type", "texting", "antwort", "repond", "rispond", "antwoord", "svar", "odpow",
    "odpov", "ответ", "відпов",
];

/// Those of whom a request may be, behind it: a house names itself so; folded.
const HOUSE: &[&str] = &[
    "us", "uns", "nous", "nos", "ci", "ons", "oss", "os", "nas", "нас",
];

/// Words with which a notice names another way to reach its house: "do not contact us by phone".
const WAYS: &[&str] = &[
    "by", "via", "per", "using", "through", "par", "por", "tramite", "op",
];

/// Words of a condition, and whom it is for; folded.
const IF: &[&str] = &[
    "if", "should", "wenn", "falls", "sollten", "si", "se", "caso", "als", "indien", "hvis", "om",
];
const YOU: &[&str] = &[
    "you", "sie", "du", "ihr", "vous", "tu", "usted", "ustedes", "lei", "voce", "u", "je", "ni",
    "i", "de",
];

/// Whether a request below a signature is no footer's: it is no bare word, speaks of whoever writes, and is
/// not what somebody is told to answer.
pub(super) fn is_of_whoever_writes(tokens: &Tokens, hit: &Hit<Meaning>, text: &str) -> bool {
    let sentence = tokens.sentence_range(hit.start);
    let bounds = tokens.get(hit.start).zip(tokens.get(hit.end.max(1) - 1));
    let Some((first, last)) = bounds.filter(|_| hit.meaning.ask != Ask::Bare) else {
        return false;
    };
    let words = text
        .get(first.start as usize..last.end as usize)
        .unwrap_or_default();
    let quoted = text[..first.start as usize]
        .ends_with(['"', '\'', '\u{201c}', '\u{201e}', '«', '\u{2018}']);
    let answers = |i: usize| ANSWERS.iter().any(|stem| tokens.word(i).starts_with(stem));
    // "If you want me to stop": what a reader may wish.
    let wished = |i: usize| {
        IF.contains(&tokens.word(i))
            && YOU.contains(&tokens.word(i + 1))
            && !guards::has_comma(tokens, i..hit.start + 1, text)
    };
    // "No more mails from me?"
    let refuses = matches!(hit.meaning.ask, Ask::Refusal | Ask::Wish)
        || guards::is_denial(tokens, &(hit.start..hit.end));
    let asks = tokens
        .sentence(hit.start)
        .is_some_and(|s| tokens.is_question(s));
    let told = (sentence.start..hit.start).any(|i| answers(i) || wished(i))
        || matches!(tokens.word(hit.end), "you" | "your");
    let mut near = hit.start.saturating_sub(2).max(sentence.start)..sentence.end.min(hit.end + 2);
    let named = |i: usize| {
        let word = tokens.word(i);
        matches!(
            word,
            "i" | "ich" | "je" | "ik" | "jag" | "jeg" | "yo" | "io" | "eu" | "we" | "wir" | "я"
        ) || asides::is_of_oneself(word) && !is_of_a_house(word)
                // "My newsletter, no more mails than one a week."
                && (i >= hit.start || !word.starts_with("my") && !word.starts_with("mein") && word != "mijn")
    };
    let of_a_house = || {
        let mut object = hit.end.max(1) - 1..sentence.end.min(hit.end + 1);
        object.any(|i| HOUSE.contains(&tokens.word(i)) && !WAYS.contains(&tokens.word(i + 1)))
    };
    let oneself = near.any(named)
        || speaks_of_oneself(words)
        || asides::glues_oneself(tokens, hit.start..hit.end)
        || of_a_house();
    let told = told || refuses && asks;
    !quoted && !told && oneself
}

/// Whether a word names a house and what is its own: "our newsletter".
fn is_of_a_house(word: &str) -> bool {
    HOUSE.contains(&word)
        || matches!(
            word,
            "our" | "unsere" | "onze" | "nuestra" | "nous" | "mina" | "min"
        )
}
