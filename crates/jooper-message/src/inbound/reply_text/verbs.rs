//! Verbs of writing and the words that open an attribution line, by language.

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{fold, is_letter_or_figure};

/// Whole words, any case and accents.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    // English, German, Dutch, Nordic
    "wrote", "writes", "quoting", "schrieb", "schreibt", "geschrieben", "zitat", "schreef", "geschreven", "skrev",
    "skrifaði", "kirjoitti", "kirjutas", "skreiv",
    // Romance
    "écrit", "écrivait", "escribió", "escreveu", "escreve", "scritto", "scrisse", "scrive", "scris", "escrigué",
    "escrit", "escribiu",
    // Slavic and Baltic
    "napisał", "napisała", "napísal", "napsal", "napsala", "píše", "pise", "piše", "пишет", "написал", "написала",
    "написав", "пише", "написа", "напиша", "писал", "писала", "napisao", "napisala", "rašė", "parašė", "rakstīja",
    // Others
    "yazdı", "yazmış", "írta", "έγραψε", "shkroi", "viết", "menulis", "sumulat", "idatzi", "scríobh", "كتب", "كتبت",
    "نوشت", "כתב", "כתבה", "כתב/ה", "लिखा",
];

/// Words of scripts without spaces (and Korean, which glues its verb to the name).
#[rustfmt::skip]
const GLUED: &[&str] = &[
    "写道", "寫道", "写到", "写信", "のメール", "書きました", "さんから", "からのメール", "님이", "작성", "썼습니다", "쓴 글", "보낸 메일", "เขียนว่า",
    "เขียน", "ได้เขียน", "が書いた",
];

/// What opens an attribution line, beside a date.
#[rustfmt::skip]
const STARTERS: &[&str] = &[
    "on", "le", "am", "el", "il", "em", "op", "den", "dne", "w", "dnia", "la", "in", "at", "pada", "στις", "την",
    "в", "на", "dana", "dňa", "kl", "fecha", "a", "ma", "ti", "ke", "to", "pe", "su", "ngày", "vào", "lúc",
    "wednesday", "monday", "tuesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri",
    "sat", "sun", "no", "data", "od", "dhe", "në", "po", "út", "st", "čt", "pá", "so", "ne", "вт", "ср", "чт", "пт",
    "сб", "вс", "пн", "нд", "fre", "lør", "søn", "man", "tir", "ons", "tor", "mån", "tis", "lör", "sön", "mar",
    "mer", "jeu", "ven", "sam", "dim", "lun", "mié", "jue", "vie", "sáb", "dom", "seg", "ter", "qua", "qui", "sex",
    "في", "بتاريخ", "בתאריך", "ב", "在", "于", "เมื่อ", "ใน", "quoting", "zitat",
];

static WORDS: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(VERBS.iter().map(|v| fold(v))));
static PARTS: LazyLock<Vec<String>> = LazyLock::new(|| GLUED.iter().map(|v| fold(v)).collect());
static FIRST: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(STARTERS.iter().map(|v| fold(v))));

/// Reports whether a folded text holds a verb of writing.
pub(super) fn is_verb(folded: &str) -> bool {
    words(folded).any(|w| WORDS.holds(w))
        || !folded.is_ascii() && PARTS.iter().any(|p| folded.contains(p.as_str()))
}

/// Reports whether the last word of a folded text is a verb of writing.
pub(super) fn ends_in_verb(folded: &str) -> bool {
    let last = folded
        .rsplit(|c: char| !is_letter_or_figure(c))
        .find(|w| !w.is_empty());
    last.is_some_and(|w| WORDS.holds(w))
        || !folded.is_ascii() && PARTS.iter().any(|p| folded.ends_with(p.as_str()))
}

/// Reports whether a folded text begins as attribution lines do.
pub(super) fn starts_like_attribution(folded: &str) -> bool {
    folded.starts_with(|c: char| c.is_ascii_digit())
        || words(folded).next().is_some_and(|w| FIRST.holds(w))
        || folded.starts_with(['在', '于', '於'])
        || folded.starts_with("เมื่อ")
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !is_letter_or_figure(c))
        .filter(|w| !w.is_empty())
}
