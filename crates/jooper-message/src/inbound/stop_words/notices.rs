//! Which requests of an automatic answer are its owner's, and which are a notice's housekeeping.

use super::{Ask, Meaning, asides, objects};
use crate::inbound::phrases::{Hit, Tokens};

/// How many words behind a request name whom or what it removes.
const OBJECT: usize = 4;

/// Words that open the name of a right, which a privacy notice grants; folded.
#[rustfmt::skip]
const RIGHTS: &[&str] = &["right", "recht", "droit", "derecho", "direito", "diritto", "prawo", "pravo", "dreptul", "ratten"];

/// Stems of taking out, beside those of [`objects::removal`]; folded.
#[rustfmt::skip]
const REMOVES: &[&str] = &["take", "taking", "strike", "drop", "eras", "opt", "exclu", "losch", "gelosch", "entfern", "streich",
    "gestrich", "nehm", "nimm", "trag", "austrag", "ausgetrag", "abmeld", "abzumeld", "abgemeld", "abbestell", "schliess",
    "sluit", "wis", "saque", "saca", "quit", "borr", "baja", "退", "删", "移"];

/// Words of the house that answers; folded.
#[rustfmt::skip]
const OURS: &[&str] = &["our", "unser", "unsere", "unserer", "unserem", "notre", "nos", "nuestra", "nuestras", "nossa", "nostra",
    "onze", "var", "vores", "naszej", "нашей"];

/// Beginnings of words for a list; folded.
const LISTS: &[&str] = &[
    "list",
    "mail",
    "verteil",
    "datenb",
    "datab",
    "newsl",
    "bas",
    "bestand",
    "lijst",
    "рассыл",
    "баз",
];

/// Whether a phrase may be such a request.
pub(super) fn may_remove(meaning: &Meaning) -> bool {
    let Meaning { language, ask, .. } = *meaning;
    let first = meaning.phrase.split(' ').next().unwrap_or_default();
    !matches!(ask, Ask::Refusal | Ask::Wish) && !language.negations.contains(&first)
}

/// Whether a request takes its writer off a list, or has their data deleted: refusals ("send no attachments")
/// and rights ("you have the right to erasure") are what notices are made of.
pub(super) fn is_removal(tokens: &Tokens, hit: &Hit<Meaning>) -> bool {
    let Meaning { language, ask, .. } = hit.meaning;
    let first = tokens.word(hit.start);
    if matches!(ask, Ask::Refusal | Ask::Wish)
        || language.negations.contains(&first)
        || RIGHTS.contains(&first)
    {
        return false;
    }
    let end = tokens.sentence_range(hit.start).end;
    let near = hit.start..end.min(hit.end + OBJECT);
    let begins = |word: &str, stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    let removes = ask == Ask::Place
        || objects::removal(tokens, hit.start..hit.end)
        || (hit.start..hit.end).any(|i| begins(tokens.word(i), REMOVES));
    let named = || {
        near.clone().any(|i| asides::is_of_oneself(tokens.word(i)))
            || objects::address(tokens, near.clone())
    };
    let ours = || {
        near.clone().any(|i| {
            OURS.contains(&tokens.word(i))
                && (i + 1..i + 3).any(|next| begins(tokens.word(next), LISTS))
        })
    };
    removes && named() && !ours()
}
