//! What a question makes of the request or the refusal that stands in it.

use std::ops::Range;
use std::sync::LazyLock;

use super::guards::has_comma;
use crate::inbound::phrases::{Book, Tokens};

/// How a sentence asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// It does not: "do not write to me, ok?" asks behind a comma.
    None,
    /// "Could you not write to me again?"
    Polite,
    /// "Why did you stop writing?" wants to know something.
    Inquiry,
}

/// How many words behind a comma only ask for a nod.
const TAG: usize = 3;
/// How many words of greeting or joining may stand before the word that opens a question.
const LEAD: usize = 2;

/// Words that ask for a reason, of every language.
#[rustfmt::skip]
const WHY: &[&str] = &[
    "why", "how come", "what reason", "warum", "wieso", "weshalb", "weswegen", "waarom", "varför", "hvorfor", "pourquoi",
    "por qué", "por que", "porque", "porquê", "perché", "per què", "de ce", "dlaczego", "czemu", "proč", "prečo", "zašto",
    "zakaj", "защо", "зашто", "почему", "зачем", "чому", "навіщо", "miksi", "miks", "miért", "kodėl", "kāpēc", "γιατί",
    "neden", "niye", "niçin", "למה", "מדוע", "لماذا", "چرا", "なぜ", "どうして", "为什么", "為什麼", "왜", "tại sao", "vì sao",
    "mengapa", "kenapa", "ทำไม", "क्यों",
];

/// Words that open a question about what happened; folded.
#[rustfmt::skip]
const PAST: &[&str] = &[
    "did", "didn't", "have", "haven't", "has", "hasn't", "had", "was", "wasn't", "were", "haben", "hast", "habt", "hatten",
    "hat", "avez", "as", "aviez", "han", "ha", "has", "habeis", "avete", "hai", "heeft", "hebben", "heb",
    "har", "hade", "havde", "hadde", "ati", "ai",
];

/// Whoever asks about their own deeds asks again: "Did I not tell you to stop?"; folded.
const ONESELF: &[&str] = &[
    "i", "we", "ich", "wir", "je", "nous", "ik", "wij", "jag", "jeg", "vi",
];

/// Words with which somebody asks what they may do, or what a product does.
#[rustfmt::skip]
const MAY: &[&str] = &[
    "can i", "can we", "may i", "may we", "could i", "could we", "does", "do you", "do they", "how do you", "how does",
    "how do they", "kann ich", "können wir", "darf ich", "dürfen wir", "kann man", "puis-je", "pouvons-nous", "peut-on",
    "est-ce que je peux", "est-ce qu'on peut", "puedo", "podemos", "se puede", "posso", "possiamo", "si può", "kan ik",
    "kunnen we", "kunnen wij", "kan jag", "kan vi", "kan jeg", "kan man", "czy mogę", "czy możemy", "czy można", "mohu",
    "můžu", "můžeme", "môžem", "могу ли", "можем ли", "можно ли", "чи можу", "чи можна", "voinko", "voimmeko", "pot să",
    "putem", "μπορώ", "mogu li",
];

/// What one may do oneself with a product: stems of subscriptions and data; folded.
#[rustfmt::skip]
const OWN: &[&str] = &["subscri", "abonn", "baja", "cancel", "unsub", "inscri", "iscri", "descadastr", "abmeld", "abbestell",
    "data", "daten", "donnees", "datos", "dados", "dati", "gegevens", "dane", "udaje", "forgotten", "erasure", "подпис", "отпис",
    "відпис", "данные", "дані"];

/// Words by which others are asked all the same: "may I ask you to delete my data?"; folded.
#[rustfmt::skip]
const REQUESTED: &[&str] = &["ask", "request", "bitten", "demander", "pedir", "pedirle", "pedirles", "chiedere", "chiedervi", "vragen",
    "verzoeken", "be", "bitte", "prosic", "попросить"];

/// Words before the one that opens a question; folded.
#[rustfmt::skip]
const LEADS: &[&str] = &["and", "but", "so", "also", "then", "und", "aber", "et", "mais", "y", "pero", "e", "ma", "en", "maar",
    "och", "men", "og", "a", "и", "а", "но"];

/// English words of wishing: an order has none, and whoever wishes is named.
const WISHES: &[&str] = &[
    "want",
    "wish",
    "receive",
    "hear",
    "prefer",
    "consent",
    "subscribe",
    "sign",
];

static WHY_BOOK: LazyLock<Book<()>> = LazyLock::new(|| Book::new(WHY.iter().map(|why| (*why, ()))));
static MAY_BOOK: LazyLock<Book<()>> = LazyLock::new(|| Book::new(MAY.iter().map(|may| (*may, ()))));

/// Says what the question is in which a phrase stands.
pub(super) fn question(
    tokens: &Tokens,
    sentence: &Range<usize>,
    hit: &Range<usize>,
    text: &str,
    refuses: bool,
) -> Question {
    let asks = tokens
        .sentence(hit.start)
        .is_some_and(|s| tokens.is_question(s));
    let comma_before = |word: usize| has_comma(tokens, word - 1..word + 1, text);
    let tag = || {
        let last = (hit.end..sentence.end).rfind(|word| comma_before(*word));
        last.is_some_and(|word| sentence.end - word <= TAG)
    };
    if !asks || tag() {
        return Question::None;
    }
    let start = (sentence.start + 1..=hit.start)
        .rfind(|word| comma_before(*word))
        .unwrap_or(sentence.start);
    let leads = (start..start + LEAD).take_while(|word| LEADS.contains(&tokens.word(*word)));
    let opening = start + leads.count();
    let why = WHY_BOOK.any_in(tokens, opening..(opening + LEAD).min(hit.start));
    if why && refuses {
        return Question::Inquiry;
    }
    let verb = if why {
        opening + 1..opening + 4
    } else {
        opening..opening + 1
    };
    let past = verb
        .take_while(|word| *word < hit.start || refuses && *word == hit.start)
        .find(|word| PAST.contains(&tokens.word(*word)));
    // "Did I unsubscribe?" is no request, though "did I not tell you to stop?" is one.
    let inquires = past.is_some_and(|verb| {
        !ONESELF.contains(&tokens.word(verb + 1)) || !refuses && hit.start == verb + 1
    });
    // "No longer wish to get these?" is a footer's question.
    let wished = || {
        let of_oneself = (start..hit.start).any(|word| ONESELF.contains(&tokens.word(word)));
        refuses && !of_oneself && hit.clone().any(|word| WISHES.contains(&tokens.word(word)))
    };
    // "Can I cancel my subscription monthly?" asks about a product.
    let of_a_product = || {
        let asked = |word: usize| REQUESTED.contains(&tokens.word(word));
        let own = |word: usize| OWN.iter().any(|stem| tokens.word(word).contains(stem));
        !refuses
            && opening < hit.start
            && hit.clone().any(own)
            && !(opening..hit.start).any(asked)
            && MAY_BOOK.any_in(tokens, opening..opening + 1)
    };
    if inquires || wished() || of_a_product() {
        Question::Inquiry
    } else {
        Question::Polite
    }
}
