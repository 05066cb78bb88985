//! A want of interest, beside which a bare "stop" is a request.

use std::ops::Range;
use std::sync::LazyLock;

use crate::inbound::phrases::{Book, Hit, Tokens};

/// In any language.
#[rustfmt::skip]
const WANTING: &[&str] = &[
    "not interested", "no interest", "uninterested", "kein interesse", "keinen bedarf", "kein bedarf", "nicht interessiert",
    "pas intéressé*", "aucun intérêt", "no me interesa", "no nos interesa", "no estoy interesad*", "no estamos interesad*",
    "sin interés", "não me interessa", "não tenho interesse", "não temos interesse", "sem interesse", "non sono interessat*",
    "non siamo interessati", "non mi interessa", "nessun interesse", "geen interesse", "niet geïnteresseerd", "inte intresserad*",
    "inget intresse", "ikke interesseret", "ikke interessert", "ingen interesse", "ei kiinnosta", "nie jestem zainteresowan*",
    "nie jesteśmy zainteresowani", "nemám zájem", "nemáme zájem", "nemám záujem", "nemáme záujem", "не интересно",
    "не интересует", "не цікаво", "не цікавить", "nem érdekel", "nu sunt interesat*", "nu mă interesează", "ilgilenmiyorum",
    "ilgilenmiyoruz", "興味ありません", "興味がありません", "不感兴趣", "没兴趣", "沒興趣", "관심 없습니다", "관심없습니다",
];

/// Words around it, whose interest that is; folded.
#[rustfmt::skip]
const WHOSE: &[&str] = &["i", "i'm", "im", "we", "we're", "are", "am", "have", "really", "and", "so", "ich", "wir", "habe", "haben",
    "und", "je", "nous", "ne", "suis", "sommes", "et", "yo", "y", "ik", "heb", "hebben", "wij", "en", "jag", "jeg", "vi", "er",
    "ar", "och", "og", "i", "a", "и", "мне", "нам", "нас", "это"];

static WANTING_BOOK: LazyLock<Book<()>> =
    LazyLock::new(|| Book::new(WANTING.iter().map(|words| (*words, ()))));

/// Where among these words somebody says that they are not interested.
pub(super) fn wanting(tokens: &Tokens, words: Range<usize>) -> Vec<Hit<()>> {
    WANTING_BOOK.find_in(tokens, words)
}

/// Whether a word is part of such a statement.
pub(super) fn tells(tokens: &Tokens, wanting: &[Hit<()>], word: usize) -> bool {
    let said = wanting
        .iter()
        .any(|hit| (hit.start..hit.end).contains(&word));
    said || !wanting.is_empty() && WHOSE.contains(&tokens.word(word))
}
