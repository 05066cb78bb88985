//! What makes a found phrase mean something else.

use std::cell::LazyCell;
use std::ops::Range;

use super::asides::Asides;
use super::questions::{Question, question};
use super::{Ask, Language, Meaning, footers, houses, interest, limits, objects};
use crate::inbound::phrases::{Tokens, fold};

/// How many words before a request a negation reaches.
const NEGATION_REACH: usize = 4;
/// How many words a message, or its sentence, may have for a word of unsubscribing to be the request.
const BARE_SENTENCE: usize = 4;
/// How many words of a name a greeting or a signature may have around a bare word.
const NAME: usize = 3;
/// How many words before and behind an unfinished request its object stands.
const OBJECT: (usize, usize) = (3, 6);
/// How many of these words a thing must be among to be the object.
const THING: usize = 4;

/// Words before "to stop …" that make a tale of it: "we decided to stop mailing by hand".
#[rustfmt::skip]
const TALES: &[&str] = &[
    "had", "decided", "plan", "plans", "planned", "planning", "trying", "tried", "able", "how", "way", "ways", "best",
    "reason", "ability", "help", "helps", "helped", "began", "started", "goal", "aim", "us",
];

/// Words before "to stop …ing" by which somebody wants to stop that themselves.
const WISHED: &[&str] = &["want", "like", "wish", "need", "hope", "love", "prefer"];

/// Stems of words that are about a subscription and little else; folded.
#[rustfmt::skip]
const OF_SUBSCRIPTIONS: &[&str] = &[
    "unsub", "opt out", "opt-out", "optout", "abmeld", "austragen", "abbestell", "uitschrijv", "afmeld", "avregistrer",
    "avprenumer", "avanmal", "frameld", "avmeld", "meld av", "desabonn", "desinscri", "se desabonn", "se desinscri",
    "darse de baja", "dar de baja", "desuscrib", "cancelar suscripcion", "cancelar inscricao", "cancelar subscricao",
    "descadastr", "sair da lista", "disiscri", "cancellami", "dezabon", "donar de baixa", "donar se de baixa", "wypis",
    "odhlas", "odjav", "одјав", "отпис", "отпиш", "відпис", "відпиш", "leiratkoz", "peruuta tilaus", "peru tilaus",
    "atrakst", "απεγγραφ", "abonelikten", "listeden", "הסרה מרשימת", "الغاء الاشتراك", "إلغاء الاشتراك", "لغو اشتراک",
    "配信停止", "登録解除", "配信解除", "購読解除", "退订", "退訂", "取消订阅", "取消訂閱", "수신거부", "수신 거부", "구독", "huy dang ky", "batal langganan",
    "ยกเลิกรับข่าวสาร", "अनसब्सक्राइब", "सदस्यता",
];

/// Words of courtesy around a bare word, in any language; folded.
#[rustfmt::skip]
const COURTESY: &[&str] = &[
    "please", "pls", "plz", "thanks", "thank", "you", "thx", "kindly", "now", "immediately", "sir", "madam", "all", "no",
    "bitte", "danke", "vielen", "dank", "sofort", "merci", "svp", "stp", "s'il", "vous", "te", "plait", "de", "me", "je",
    "por", "favor", "porfavor", "gracias", "porfa", "obrigado", "obrigada", "per", "favore", "grazie", "prego", "graag",
    "alstublieft", "aub", "u", "bedankt", "tack", "snalla", "takk", "tak", "venligst", "vennligst", "kiitos", "prosze",
    "dziekuje", "prosim", "dekuji", "diky", "dakujem", "hvala", "molim", "kerem", "koszonom", "va", "rog", "multumesc",
    "palun", "aitah", "prasau", "aciu", "ludzu", "paldies", "παρακαλω", "ευχαριστω", "lutfen", "tesekkurler",
    "пожалуйста", "спасибо", "прошу", "моля", "благодаря", "молим", "хвала", "будь", "ласка", "дякую", "בבקשה", "תודה",
    "شكرا", "من", "فضلك", "الرجاء", "لطفا", "を", "お", "願", "い", "し", "ま", "す", "く", "だ", "さ", "て", "请", "請", "谢", "謝",
    "해", "주세요", "부탁드립니다", "vui", "long", "xin", "cam", "on", "tolong", "mohon", "terima", "kasih", "कृपया", "धन्यवाद",
];

/// Words that greet; the name of whoever is greeted may follow.
#[rustfmt::skip]
const GREETINGS: &[&str] = &[
    "hi", "hello", "hey", "dear", "hallo", "hola", "bonjour", "salut", "ciao", "buongiorno", "ola", "hej", "hei", "moi",
    "czesc", "ahoj", "dobry", "zdravo", "szia", "buna", "tere", "sveiki", "labas", "merhaba", "привет", "здравствуйте",
    "guten", "good", "goedendag", "beste", "shalom", "yo",
];

/// Words with which a new statement begins, without a comma: "not interested please remove me".
#[rustfmt::skip]
const BEGINNINGS: &[&str] = &[
    "please", "pls", "plz", "kindly", "so", "and", "but", "interested", "bitte", "und", "interessiert", "merci", "svp",
    "et", "interesse", "interesado", "interesada", "interessato", "interessata", "por", "per",
];

/// Others than whoever writes, of whom a statement tells.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "they", "they'd", "who", "he", "she", "people", "customers", "clients", "users", "subscribers", "recipients", "contacts",
    "everybody", "everyone", "someone", "somebody", "these", "those", "it", "which", "mails", "emails", "messages",
    "newsletters", "offers", "letters", "calls",
];

/// Judges a phrase where it stands: how sure it is meant, or that it is not.
///
/// `text` is what the words were cut from.
pub(super) fn confidence(
    asides: &mut Asides<'_>,
    hit: Range<usize>,
    meaning: &Meaning,
    text: &str,
) -> Option<u16> {
    let tokens = asides.tokens;
    let Meaning {
        language,
        phrase,
        ask,
    } = *meaning;
    let sentence = tokens.sentence_range(hit.start);
    let others = sentence.len() - hit.len();
    let requests = !matches!(ask, Ask::Refusal | Ask::Wish);
    if requests && is_negated(tokens, sentence.start, hit.start, language, text) {
        return None;
    }
    if !requests && is_condition(tokens, &hit, text) {
        return None;
    }
    if requests && ask != Ask::Bare && is_turned_within(tokens, hit.clone(), phrase, language) {
        return None;
    }
    if is_of_others(tokens, sentence.start, hit.start)
        || asides.hold(&sentence, &hit, ask)
        || !is_about_mail(tokens, ask, &sentence, &hit, text)
    {
        return None;
    }
    let refuses = matches!(ask, Ask::Refusal | Ask::Wish);
    let question = question(tokens, &sentence, &hit, text, refuses);
    if question == Question::Inquiry {
        return None;
    }
    let question = question == Question::Polite;
    match ask {
        Ask::Request | Ask::Unfinished | Ask::Place | Ask::Refusal | Ask::Wish if question => {
            Some(800)
        }
        Ask::Request | Ask::Unfinished | Ask::Place => Some(950),
        Ask::Refusal | Ask::Wish => Some(930),
        Ask::Bare if question => None,
        Ask::Bare => {
            let of_subscriptions = || {
                let word = fold(phrase);
                OF_SUBSCRIPTIONS.iter().any(|stem| word.starts_with(stem))
            };
            let short = others + hit.len() <= BARE_SENTENCE;
            let of_a_thing = || objects::thing(tokens, sentence.clone());
            let meant = short && of_subscriptions() && !of_a_thing()
                || is_all(tokens, &sentence, &hit, text);
            let only = tokens.len() <= BARE_SENTENCE && sentence.len() == tokens.len();
            let meant = meant && (only || !footers::is_in_one(tokens, &hit, text));
            meant.then_some(if only { 970 } else { 850 })
        }
    }
}

/// Whether a phrase is about mail and whoever gets it, and not about a line of an offer, a list of
/// prices or a call on Monday.
fn is_about_mail(
    tokens: &Tokens,
    ask: Ask,
    sentence: &Range<usize>,
    hit: &Range<usize>,
    text: &str,
) -> bool {
    let behind = |words: usize| hit.end..sentence.end.min(hit.end + words);
    let before = sentence.start.max(hit.start.saturating_sub(OBJECT.0))..hit.start;
    match ask {
        Ask::Bare => true,
        Ask::Request => {
            let missed = || is_denial(tokens, hit) && limits::missed(tokens, behind(OBJECT.1));
            !objects::thing(tokens, behind(1))
                && !limits::an_office(tokens, sentence, hit)
                && !missed()
                && !limits::another_address(tokens, hit)
                && !is_tale(tokens, sentence.start, hit.start)
                && !is_of_anybody(tokens, hit)
                && !limits::another_place(tokens, sentence, hit)
                && !limits::another_channel(tokens, hit)
        }
        // "Stop sending me" has its object; "remove our" has not.
        Ask::Unfinished => {
            let ends = || is_end(tokens, sentence, hit, text);
            let at = |i: usize| tokens.word(i).contains('@');
            let comma = |i: &usize| has_comma(tokens, hit.end - 1..*i + 1, text);
            let clause = (hit.end..sentence.end).find(comma).unwrap_or(sentence.end);
            // "Please remove" says little, and then an address.
            let named = || tokens.word(hit.end.max(1) - 1) != "remove" || behind(1).any(at);
            !objects::thing(tokens, behind(THING))
                && named()
                && !houses::others(tokens, hit.end - 1, sentence)
                && !objects::deletes_a_mail(tokens, hit, clause)
                && !limits::another_address(tokens, hit)
                && !limits::another_place(tokens, sentence, hit)
                && !objects::thing(tokens, before.clone())
                && (objects::address(tokens, behind(OBJECT.1))
                    || behind(1).any(at)
                    || objects::address(tokens, before.clone())
                    || ends())
        }
        Ask::Place => objects::removal(tokens, sentence.clone()),
        Ask::Refusal | Ask::Wish => {
            let commas = |words| has_comma(tokens, words, text);
            // "I do not want to wait any more, call me": what follows a comma is another matter.
            let clause = || {
                let words = behind(2 * OBJECT.1);
                let end = words.clone().find(|i| commas(hit.end - 1..i + 1));
                words.start..end.unwrap_or(words.end)
            };
            let written = || {
                ask == Ask::Refusal
                    || objects::writing(tokens, clause())
                    || is_end(tokens, sentence, hit, text)
            };
            !objects::thing(tokens, behind(1))
                && !houses::another(tokens, sentence, hit)
                && !is_of_a_removal(tokens, hit)
                && !limits::some_days(tokens, sentence, hit, commas)
                && !limits::another_way(tokens, sentence, hit, commas)
                && !limits::a_seat(tokens, sentence, hit)
                && !is_of_their_way(tokens, sentence, hit, commas)
                && !limits::another_channel(tokens, hit)
                && !limits::another_address(tokens, hit)
                && !limits::missed(tokens, hit.start..clause().end)
                && written()
        }
    }
}

/// Whether a request begins with a denial: "no more emails", "keine weiteren Mails".
pub(super) fn is_denial(tokens: &Tokens, hit: &Range<usize>) -> bool {
    matches!(
        tokens.word(hit.start),
        "no" | "keine" | "geen" | "plus" | "inga" | "ingen"
    )
}

/// "We had to stop mailing", "if they stop writing": somebody else stops.
fn is_tale(tokens: &Tokens, sentence: usize, start: usize) -> bool {
    let back = |words: usize| {
        let at = start.checked_sub(words).filter(|at| *at >= sentence);
        at.map_or("", |at| tokens.word(at))
    };
    let stops = matches!(tokens.word(start), "stop" | "quit" | "cease");
    let others = matches!(back(1), "we" | "they")
        && matches!(
            back(2),
            "if" | "when" | "once" | "before" | "after" | "until"
        );
    let of_oneself = || WISHED.contains(&back(2)) && tokens.word(start + 1).ends_with("ing");
    let tale = || back(1) == "to" && (TALES.contains(&back(2)) || of_oneself());
    stops && (others || tale())
}

/// "We do not want emails to land in spam": mail is wanted, and what becomes of it is not.
fn is_of_their_way(
    tokens: &Tokens,
    sentence: &Range<usize>,
    hit: &Range<usize>,
    commas: impl Fn(Range<usize>) -> bool,
) -> bool {
    let mails = matches!(tokens.word(hit.end.max(1) - 1), "emails" | "mails");
    let wanted = hit.clone().any(|i| tokens.word(i) == "want");
    if !mails || !wanted || hit.end >= sentence.end || commas(hit.end - 1..hit.end + 1) {
        return false;
    }
    let next = tokens.word(hit.end + 1);
    match tokens.word(hit.end) {
        "to" => !matches!(next, "me" | "us" | "my" | "our" | "this" | "the"),
        "that" | "which" => !matches!(next, "i" | "we" | "you"),
        word => matches!(
            word,
            "going" | "landing" | "ending" | "bouncing" | "getting" | "being"
        ),
    }
}

/// "They want to unsubscribe", "your mails do not bother me": somebody else is spoken of.
fn is_of_others(tokens: &Tokens, sentence: usize, start: usize) -> bool {
    let back = |from: usize| from.checked_sub(1).filter(|at| *at >= sentence);
    let word = |at: Option<usize>| at.map_or("", |at| tokens.word(at));
    // "You asked to be removed": who asks stands before that.
    let to_be = || (tokens.word(start) == "be" && word(back(start)) == "to").then(|| start - 1);
    let start = to_be().and_then(back).unwrap_or(start);
    let first = tokens.word(start);
    let wishes = matches!(
        first,
        "want" | "wish" | "like" | "need" | "tried" | "trying" | "asked"
    );
    if !wishes && !matches!(first, "do" | "don't" | "dont" | "not" | "never") {
        return false;
    }
    let mut at = back(start);
    if matches!(word(at), "would" | "will" | "may" | "might" | "have") {
        at = at.and_then(back);
    }
    let subject = word(at);
    let bothers = |words: usize| matches!(tokens.word(start + words), "bother" | "disturb");
    if wishes || bothers(1) || bothers(2) {
        return OTHERS.contains(&subject) || matches!(subject, "you" | "you'd");
    }
    // "I hate it do not contact me again" has lost its full stop.
    matches!(
        subject,
        "they" | "who" | "which" | "people" | "customers" | "clients" | "users" | "subscribers"
    )
}

/// "How do I unsubscribe a user": whoever may want it one day.
fn is_of_anybody(tokens: &Tokens, hit: &Range<usize>) -> bool {
    let object = tokens.word(hit.end);
    tokens.word(hit.end.max(1) - 1).starts_with("unsub")
        && matches!(
            object,
            "a" | "an"
                | "some"
                | "someone"
                | "somebody"
                | "anyone"
                | "people"
                | "users"
                | "customers"
                | "contacts"
                | "clients"
                | "recipients"
                | "subscribers"
                | "others"
                | "them"
                | "him"
                | "her"
        )
}

/// "I do not wish to be removed" is the contrary of a refusal.
fn is_of_a_removal(tokens: &Tokens, hit: &Range<usize>) -> bool {
    let last = tokens.word(hit.end.max(1) - 1);
    matches!(last, "be" | "etre" | "essere" | "ser" | "bli" | "blive")
        && objects::removal(tokens, hit.end..hit.end + 1)
}

/// Whether nothing but courtesies, and a name on another line, stands behind a phrase.
fn is_end(tokens: &Tokens, sentence: &Range<usize>, hit: &Range<usize>, text: &str) -> bool {
    let rest = (hit.end..sentence.end).find(|i| !COURTESY.contains(&tokens.word(*i)));
    rest.is_none_or(|i| sentence.end - i <= NAME && is_line_below(tokens, i, text))
}

/// Whether a word begins a line.
fn is_line_below(tokens: &Tokens, word: usize, text: &str) -> bool {
    let before = word.checked_sub(1).and_then(|before| tokens.get(before));
    before.zip(tokens.get(word)).is_some_and(|(from, to)| {
        text.get(from.end as usize..to.start as usize)
            .is_some_and(|gap| gap.contains('\n'))
    })
}

/// Whether a comma stands among these words.
pub(super) fn has_comma(tokens: &Tokens, words: Range<usize>, text: &str) -> bool {
    let ends = tokens
        .get(words.start)
        .zip(tokens.get(words.end.max(1) - 1));
    ends.is_some_and(|(first, last)| {
        text.get(first.start as usize..last.start as usize)
            .is_some_and(|between| between.contains([',', '，', '،']))
    })
}

/// Whether a word greets.
pub(super) fn is_greeting(tokens: &Tokens, word: usize) -> bool {
    GREETINGS.contains(&tokens.word(word))
}

/// Whether a word is one of courtesy or greeting.
pub(super) fn is_polite(tokens: &Tokens, word: usize) -> bool {
    let word = tokens.word(word);
    COURTESY.contains(&word) || GREETINGS.contains(&word)
}

/// Whether a bare word is all its sentence says beside courtesies, a want of interest, a greeting and a name on
/// another line.
fn is_all(tokens: &Tokens, sentence: &Range<usize>, hit: &Range<usize>, text: &str) -> bool {
    let uninterested = LazyCell::new(|| interest::wanting(tokens, sentence.clone()));
    let polite = |i: usize| is_polite(tokens, i) || interest::tells(tokens, &uninterested, i);
    let greeted =
        |i: usize| i == sentence.start + 1 && GREETINGS.contains(&tokens.word(sentence.start));
    let before = sentence.start..hit.start;
    let above = before.len() <= NAME && is_line_below(tokens, hit.start, text);
    if !(above || before.clone().all(|i| polite(i) || greeted(i))) {
        return false;
    }
    // Below the request stands who asks for it.
    let rest = (hit.end..sentence.end).find(|i| !polite(*i));
    rest.is_none_or(|i| sentence.end - i <= NAME && is_line_below(tokens, i, text))
}

/// "Not interested, remove me" turns nothing round: a negation reaches to the next comma, or to a word
/// with which another statement begins.
fn is_negated(
    tokens: &Tokens,
    sentence: usize,
    start: usize,
    language: &Language,
    text: &str,
) -> bool {
    let from = sentence.max(start.saturating_sub(NEGATION_REACH));
    let request = tokens.get(start).map_or(0, |token| token.start as usize);
    let reaches = |i: usize| {
        let end = tokens.get(i).map_or(0, |token| token.end as usize);
        let between = text.get(end..request).unwrap_or_default();
        let ended = || (i + 1..start).any(|i| BEGINNINGS.contains(&tokens.word(i)));
        !between.contains([',', '，', '،']) && !ended()
    };
    // The English word stands in other languages' tables, too.
    let english = tokens.word(start).starts_with("unsub");
    let negates = |word: &str| {
        language.negations.contains(&word)
            || english && super::languages::ENGLISH.negations.contains(&word)
    };
    (from..start).any(|i| negates(tokens.word(i)) && reaches(i))
}

/// Germanic languages put "not" into the middle or behind: "tragen Sie mich nicht aus".
fn is_turned_within(tokens: &Tokens, hit: Range<usize>, phrase: &str, language: &Language) -> bool {
    let negates = |i: usize| language.negations.contains(&tokens.word(i));
    let behind = matches!(
        tokens.word(hit.end),
        "nicht" | "niet" | "inte" | "ikke" | "ej"
    ) && tokens.sentence(hit.end) == tokens.sentence(hit.start)
        && !matches!(
            tokens.word(hit.end + 1),
            "mehr" | "meer" | "langer" | "weiter"
        );
    // "Put me on your do not contact list" has one of its own.
    let own = || {
        let words = phrase.split(' ').map(fold);
        words
            .filter(|word| language.negations.contains(&word.as_str()))
            .count()
    };
    let within = || hit.clone().filter(|i| negates(*i)).count();
    behind || phrase.contains('~') && within() > own()
}

/// Korean ends a condition with its verb: "수신을 원하지 않으시면", unless thanks follow.
fn is_condition(tokens: &Tokens, hit: &Range<usize>, text: &str) -> bool {
    let Some(last) = tokens.get(hit.end.max(1) - 1) else {
        return false;
    };
    let behind = text[last.end as usize..].trim_start();
    text[last.start as usize..last.end as usize].ends_with("시면")
        && !["좋", "감사", "고맙"]
            .iter()
            .any(|thanks| behind.starts_with(thanks))
}
